"""JSON-RPC: binds the use cases to the methods of openrpc.json. The only file with I/O."""

from collections.abc import Awaitable, Callable
from importlib.resources import files
from typing import TypeVar

from pydantic_core import from_json
from starlette.types import ASGIApp

from stend.chassis.access import Caller
from stend.chassis.intake import Intake
from stend.chassis.jsonrpc.dispatching import Call, Dispatcher, JsonRpcLimits, Method
from stend.chassis.jsonrpc.serving import jsonrpc_app
from stend.kit.json import JsonObject, JsonValue
from stend.shop.loyalty.api.jsonrpc import translate
from stend.shop.loyalty.api.jsonrpc.faults import FAULTS
from stend.shop.loyalty.api.jsonrpc.translate import MethodName
from stend.shop.loyalty.usecases import Loyalty, LoyaltyOf, Operation

PATH = "/rpc/loyalty"
READ, WRITE = "loyalty:read", "loyalty:write"

_RequestT = TypeVar("_RequestT")
_ResultT = TypeVar("_ResultT")


def contract() -> str:
    """The text of openrpc.json."""
    package = files("stend.shop.loyalty.api.jsonrpc")
    return package.joinpath("contract/openrpc.json").read_text("utf-8")


def create_app(loyalty: LoyaltyOf, intake: Intake, limits: JsonRpcLimits) -> ASGIApp:
    return jsonrpc_app(PATH, Dispatcher(methods_of(loyalty, intake), FAULTS, limits))


def methods_of(loyalty_of: LoyaltyOf, intake: Intake) -> dict[str, Method]:
    def method(
        operation: Operation,
        scope: str,
        read: Callable[[JsonObject], _RequestT],
        act: Callable[[Loyalty, _RequestT], Awaitable[_ResultT]],
        written: Callable[[_ResultT], JsonObject],
    ) -> Method:
        async def perform(params: JsonObject, call: Call) -> JsonValue:
            async def work(caller: Caller) -> JsonValue:
                return written(await act(loyalty_of(caller), read(params)))

            return await intake.perform(operation, scope, call.credential, work)

        return perform

    document: JsonObject = from_json(contract())

    async def discover(params: JsonObject, call: Call) -> JsonValue:
        translate.parsed(translate.DiscoverParams, params)
        return document

    return {
        MethodName.ACCRUE: method(
            Operation.ACCRUE, WRITE, translate.accrue_from, Loyalty.accrue, translate.booked_to_json
        ),
        MethodName.REVERSE: method(
            Operation.REVERSE,
            WRITE,
            translate.reverse_from,
            Loyalty.reverse,
            translate.booked_to_json,
        ),
        MethodName.BALANCE: method(
            Operation.GET_BALANCE,
            READ,
            translate.balance_from,
            Loyalty.get_balance,
            translate.account_to_json,
        ),
        MethodName.HISTORY: method(
            Operation.LIST_HISTORY,
            READ,
            translate.history_from,
            Loyalty.list_history,
            translate.page_to_json,
        ),
        MethodName.DISCOVER: discover,
    }
