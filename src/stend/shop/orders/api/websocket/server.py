"""WebSocket: binds the use cases to frames. The connection itself is `stend.chassis.websocket`."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from importlib.resources import files

from stend.chassis.access import Caller
from stend.chassis.intake import Intake
from stend.chassis.websocket import FrameServer, SocketLimits, Stream, Unary
from stend.kit.json import JsonObject
from stend.shop.orders.api.messages import Result, event_to_json, result_to_json
from stend.shop.orders.api.websocket import faults, translate
from stend.shop.orders.domain import OrderEvent
from stend.shop.orders.usecases import (
    CancelOrder,
    GetOrder,
    ListOrders,
    Operation,
    OperationInput,
    Orders,
    OrdersOf,
    PlaceOrder,
    TrackOrder,
)

# Where the runtime sends connections to this service.
PATH = translate.PATH
_READ = "orders:read"
_WRITE = "orders:write"


def contract() -> str:
    """The text of asyncapi.yaml."""
    folder = files("stend.shop.orders.api.websocket")
    return folder.joinpath("contract/asyncapi.yaml").read_text("utf-8")


def create_app(orders: OrdersOf, limits: SocketLimits, intake: Intake) -> FrameServer:
    def begin(kind: str, params: JsonObject, credential: str | None) -> Unary | Stream:
        return _operation(orders, intake, translate.operation_from(kind, params), credential)

    return FrameServer(translate.SUBPROTOCOL, limits, begin, faults.fault_of)


def _operation(
    orders_of: OrdersOf, intake: Intake, request: OperationInput, credential: str | None
) -> Unary | Stream:
    asked = (orders_of, intake, credential)
    match request:
        case PlaceOrder():
            placing = Operation.PLACE_ORDER
            return _unary(asked, placing, _WRITE, lambda orders: orders.place_order(request))
        case GetOrder():
            reading = Operation.GET_ORDER
            return _unary(asked, reading, _READ, lambda orders: orders.get_order(request))
        case ListOrders():
            listing = Operation.LIST_ORDERS
            return _unary(asked, listing, _READ, lambda orders: orders.list_orders(request))
        case CancelOrder():
            cancelling = Operation.CANCEL_ORDER
            return _unary(asked, cancelling, _WRITE, lambda orders: orders.cancel_order(request))
        case TrackOrder():
            caller = intake.open(Operation.TRACK_ORDER, _READ, credential)
            return Stream(_events(orders_of(caller).track_order(request)))


def _unary(
    asked: tuple[OrdersOf, Intake, str | None],
    operation: Operation,
    scope: str,
    act: Callable[[Orders], Awaitable[Result]],
) -> Unary:
    orders_of, intake, credential = asked

    async def work(caller: Caller) -> Result:
        return await act(orders_of(caller))

    async def perform() -> JsonObject:
        return result_to_json(await intake.perform(operation, scope, credential, work))

    return Unary(perform)


async def _events(
    events: AsyncGenerator[OrderEvent, None],
) -> AsyncGenerator[JsonObject, None]:
    async with aclosing(events):
        async for event in events:
            yield event_to_json(event)
