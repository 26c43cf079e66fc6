"""JSON-RPC: binds the use cases to the methods of openrpc.json. The only file with I/O."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from importlib.resources import files
from typing import Any

from pydantic_core import from_json
from starlette.types import ASGIApp

from stend.chassis.access import Caller
from stend.chassis.intake import Intake
from stend.chassis.jsonrpc.dispatching import Call, Dispatcher, Feed, JsonRpcLimits, Method
from stend.chassis.jsonrpc.serving import jsonrpc_app
from stend.kit.errors import EdgeErrorCode, StendError
from stend.kit.json import JsonObject, JsonValue
from stend.shop.orders.api.jsonrpc import translate
from stend.shop.orders.api.jsonrpc.faults import FAULTS
from stend.shop.orders.api.jsonrpc.translate import MethodName, NotificationName
from stend.shop.orders.api.messages import Result, event_to_json, input_from_json, result_to_json
from stend.shop.orders.usecases import GetOrder, Operation, Orders, OrdersOf, TrackOrder

# Where the runtime sends HTTP requests and WebSockets to this service.
PATH = translate.PATH
_READ, _WRITE = "orders:read", "orders:write"
_Act = Callable[[Orders, Any], Awaitable[Result]]


def contract() -> str:
    """The text of openrpc.json."""
    package = files("stend.shop.orders.api.jsonrpc")
    return package.joinpath("contract/openrpc.json").read_text("utf-8")


def create_app(orders: OrdersOf, intake: Intake, limits: JsonRpcLimits) -> ASGIApp:
    return jsonrpc_app(PATH, Dispatcher(methods_of(orders, intake), FAULTS, limits))


def methods_of(orders_of: OrdersOf, intake: Intake) -> dict[str, Method]:
    # The use case of an operation takes that operation's input; mypy cannot know the pairs.
    acts: list[tuple[Operation, str, _Act]] = [
        (Operation.PLACE_ORDER, _WRITE, Orders.place_order),
        (Operation.GET_ORDER, _READ, Orders.get_order),
        (Operation.LIST_ORDERS, _READ, Orders.list_orders),
        (Operation.CANCEL_ORDER, _WRITE, Orders.cancel_order),
    ]
    methods: dict[str, Method] = {
        translate.METHOD_OF[operation]: _unary(orders_of, intake, operation, scope, act)
        for operation, scope, act in acts
    }
    document: JsonObject = from_json(contract())

    async def discover(params: JsonObject, _: Call) -> JsonValue:
        translate.check_discover(params)
        return document

    methods[MethodName.TRACK] = _tracking(orders_of, intake)
    methods[MethodName.UNTRACK] = _untrack
    methods[MethodName.DISCOVER] = discover
    return methods


def _unary(
    orders_of: OrdersOf, intake: Intake, operation: Operation, scope: str, act: _Act
) -> Method:
    async def perform(params: JsonObject, call: Call) -> JsonValue:
        async def work(caller: Caller) -> JsonValue:
            request = input_from_json(operation, params)
            return result_to_json(await act(orders_of(caller), request))

        return await intake.perform(operation, scope, call.credential, work)

    return perform


def _tracking(orders_of: OrdersOf, intake: Intake) -> Method:
    async def track(params: JsonObject, call: Call) -> JsonValue:
        async def work(caller: Caller) -> tuple[Orders, TrackOrder]:
            request = input_from_json(Operation.TRACK_ORDER, params)
            if not isinstance(request, TrackOrder):
                raise TypeError(f"the input of TrackOrder is {type(request).__name__}")
            # Unknown orders are refused in the answer and not in the stream.
            orders = orders_of(caller)
            await orders.get_order(GetOrder(request.order_id))
            return orders, request

        if call.subscriptions is None:
            raise _needs_websocket(MethodName.TRACK)
        orders, request = await intake.perform(Operation.TRACK_ORDER, _READ, call.credential, work)
        feed = Feed(_events(orders, request), NotificationName.EVENT, NotificationName.END)
        return {"subscription": call.subscriptions.add(feed)}

    return track


async def _events(orders: Orders, request: TrackOrder) -> AsyncGenerator[JsonObject, None]:
    async with aclosing(orders.track_order(request)) as events:
        async for event in events:
            yield event_to_json(event)


async def _untrack(params: JsonObject, call: Call) -> JsonValue:
    subscription = translate.untrack_from(params)
    if call.subscriptions is None:
        raise _needs_websocket(MethodName.UNTRACK)
    return {"ended": call.subscriptions.end(subscription)}


def _needs_websocket(method: MethodName) -> StendError:
    return StendError(
        EdgeErrorCode.METHOD_NOT_ALLOWED,
        "Over HTTP nothing can be sent to you but the answer.",
        value=method,
        expected=f"a WebSocket at {PATH}",
        next_step=f"Open a WebSocket at {PATH} and call {method} there.",
    )
