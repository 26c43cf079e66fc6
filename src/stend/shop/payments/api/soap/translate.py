"""Elements of bank.xsd <-> inputs and results of the use cases. Pure."""

from collections.abc import Mapping
from typing import Any, cast

from lxml import etree

from stend.chassis.soap.members import Shape
from stend.kit.clock import rfc3339
from stend.kit.json import JsonObject
from stend.kit.money import Currency, Money
from stend.shop.payments.domain import Account, Payment
from stend.shop.payments.usecases import (
    PAGE_LIMIT_DEFAULT,
    Authorise,
    Capture,
    GetBalances,
    GetPayment,
    ListPayments,
    Operation,
    OperationInput,
    Refund,
    Statement,
    Void,
)

NAMESPACE = "urn:lavka:bank:v1"
_SHAPE = Shape(
    NAMESPACE,
    items={"payments": "payment", "balances": "balance"},
    integers=frozenset({"amount_minor", "limit"}),
)


def input_from(operation: Operation, message: etree._Element) -> OperationInput:
    """Of a message that is valid against the contract."""
    members = cast("dict[str, Any]", _SHAPE.members(message))
    match operation:
        case Operation.AUTHORISE:
            amount = Money(members["amount_minor"], Currency(members["currency"]))
            return Authorise(members["payment_ref"], members["customer_id"], amount)
        case Operation.CAPTURE:
            return Capture(members["payment_ref"])
        case Operation.VOID:
            return Void(members["payment_ref"])
        case Operation.REFUND:
            minor = members.get("amount_minor")
            return Refund(members["payment_ref"], None if minor is None else Money(minor))
        case Operation.GET_PAYMENT:
            return GetPayment(members["payment_ref"])
        case Operation.LIST_PAYMENTS:
            return ListPayments(members.get("after"), members.get("limit", PAGE_LIMIT_DEFAULT))
        case Operation.GET_BALANCES:
            return GetBalances()


def authorised_to(payment: Payment) -> str:
    members: JsonObject = {
        "authorisation_id": payment.authorisation_id or "",
        "status": payment.status.value,
    }
    return _SHAPE.markup("AuthoriseResponse", members)


def payment_to(operation: Operation, payment: Payment) -> str:
    return _SHAPE.markup(f"{operation}Response", {"payment": _payment_members(payment)})


def statement_to(statement: Statement) -> str:
    members: JsonObject = {"payments": [_payment_members(one) for one in statement.payments]}
    if statement.next_after is not None:
        members["next_after"] = statement.next_after
    return _SHAPE.markup("ListPaymentsResponse", members)


def balances_to(balances: Mapping[Account, Money]) -> str:
    members: JsonObject = {
        "balances": [
            {
                "account": account.value,
                "amount_minor": balances[account].amount_minor,
                "currency": balances[account].currency.value,
            }
            for account in Account
        ]
    }
    return _SHAPE.markup("GetBalancesResponse", members)


def _payment_members(payment: Payment) -> JsonObject:
    members: JsonObject = {
        "payment_ref": payment.payment_ref,
        "status": payment.status.value,
        "amount_minor": payment.amount.amount_minor,
        "refunded_minor": payment.refunded.amount_minor,
        "currency": payment.amount.currency.value,
        "opened_at": rfc3339(payment.opened_at),
        "updated_at": rfc3339(payment.updated_at),
        "customer_id": payment.customer_id,
        "authorisation_id": payment.authorisation_id,
        "decline_reason": payment.decline_reason and payment.decline_reason.value,
    }
    return {name: member for name, member in members.items() if member is not None}
