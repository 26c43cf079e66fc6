"""JSON-RPC: binds the use cases to the methods of openrpc.json. The only file with I/O."""

from collections.abc import Awaitable, Callable
from importlib.resources import files
from typing import TypeVar

from pydantic_core import from_json
from starlette.types import ASGIApp

from stend.chassis.intake import Intake
from stend.chassis.jsonrpc.dispatching import Call, Dispatcher, JsonRpcLimits, Method
from stend.chassis.jsonrpc.serving import jsonrpc_app
from stend.kit.json import JsonObject, JsonValue
from stend.shop.loyalty.api.jsonrpc import translate
from stend.shop.loyalty.api.jsonrpc.faults import FAULTS
from stend.shop.loyalty.api.jsonrpc.translate import MethodName
from stend.shop.loyalty.usecases import Loyalty, Operation

PATH = "/rpc/loyalty"
READ, WRITE = "loyalty:read", "loyalty:write"

_RequestT = TypeVar("_RequestT")
_ResultT = TypeVar("_ResultT")


def contract() -> str:
    """The text of openrpc.json."""
    package = files("stend.shop.loyalty.api.jsonrpc")
    return package.joinpath("contract/openrpc.json").read_text("utf-8")


def create_app(loyalty: Loyalty, intake: Intake, limits: JsonRpcLimits) -> ASGIApp:
    return jsonrpc_app(PATH, Dispatcher(methods_of(loyalty, intake), FAULTS, limits))


def methods_of(loyalty: Loyalty, intake: Intake) -> dict[str, Method]:
    def method(
        operation: Operation,
        scope: str,
        read: Callable[[JsonObject], _RequestT],
        act: Callable[[_RequestT], Awaitable[_ResultT]],
        written: Callable[[_ResultT], JsonObject],
    ) -> Method:
        async def perform(params: JsonObject, call: Call) -> JsonValue:
            async def work() -> JsonValue:
                return written(await act(read(params)))

            return await intake.perform(operation, scope, call.credential, work)

        return perform

    document: JsonObject = from_json(contract())

    async def discover(params: JsonObject, call: Call) -> JsonValue:
        translate.parsed(translate.DiscoverParams, params)
        return document

    return {
        MethodName.ACCRUE: method(
            Operation.ACCRUE, WRITE, translate.accrue_from, loyalty.accrue, translate.booked_to_json
        ),
        MethodName.REVERSE: method(
            Operation.REVERSE,
            WRITE,
            translate.reverse_from,
            loyalty.reverse,
            translate.booked_to_json,
        ),
        MethodName.BALANCE: method(
            Operation.GET_BALANCE,
            READ,
            translate.balance_from,
            loyalty.get_balance,
            translate.account_to_json,
        ),
        MethodName.HISTORY: method(
            Operation.LIST_HISTORY,
            READ,
            translate.history_from,
            loyalty.list_history,
            translate.page_to_json,
        ),
        MethodName.DISCOVER: discover,
    }
