"""SOAP 1.1 and 1.2 over HTTP: binds the use cases to bank.wsdl. The only file with I/O."""

from starlette.types import ASGIApp

from stend.chassis.intake import Intake
from stend.chassis.soap.contract import Contract
from stend.chassis.soap.security import UsernameTokens
from stend.chassis.soap.server import SoapApp, SoapCall
from stend.shop.payments.api.soap import translate
from stend.shop.payments.api.soap.faults import FAULTS
from stend.shop.payments.usecases import (
    Authorise,
    Capture,
    GetPayment,
    ListPayments,
    Operation,
    OperationInput,
    Payments,
    Refund,
    Void,
)

PACKAGE = "stend.shop.payments.api.soap"
_READS = frozenset({Operation.GET_PAYMENT, Operation.LIST_PAYMENTS, Operation.GET_BALANCES})


def contract() -> Contract:
    return Contract(PACKAGE, "bank.wsdl", "bank.xsd")


def create_app(
    path: str, payments: Payments, intake: Intake, tokens: UsernameTokens, body_limit_bytes: int
) -> ASGIApp:
    async def perform(call: SoapCall) -> str:
        operation = Operation(call.operation.name)
        user = tokens.user(call.security)
        scope = "payments:read" if operation in _READS else "payments:write"

        async def work() -> str:
            request = translate.input_from(operation, call.message())
            return await _act(payments, operation, request)

        return await intake.perform(operation, scope, user, lambda _: work())

    return SoapApp(path, contract(), FAULTS, body_limit_bytes, perform)


async def _act(payments: Payments, operation: Operation, request: OperationInput) -> str:
    match request:
        case Authorise():
            return translate.authorised_to(await payments.authorise(request))
        case Capture():
            payment = await payments.capture(request)
        case Void():
            payment = await payments.void(request)
        case Refund():
            payment = await payments.refund(request)
        case GetPayment():
            payment = await payments.get_payment(request)
        case ListPayments():
            return translate.statement_to(await payments.list_payments(request))
        case _:
            return translate.balances_to(await payments.get_balances())
    return translate.payment_to(operation, payment)
