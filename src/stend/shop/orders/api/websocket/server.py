"""WebSocket: binds the use cases to frames. The connection itself is `stend.chassis.websocket`."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from importlib.resources import files

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


def create_app(orders: Orders, limits: SocketLimits, intake: Intake) -> FrameServer:
    def begin(kind: str, params: JsonObject, credential: str | None) -> Unary | Stream:
        return _operation(orders, intake, translate.operation_from(kind, params), credential)

    return FrameServer(translate.SUBPROTOCOL, limits, begin, faults.fault_of)


def _operation(
    orders: Orders, intake: Intake, request: OperationInput, credential: str | None
) -> Unary | Stream:
    caller = (intake, credential)
    match request:
        case PlaceOrder():
            placing = Operation.PLACE_ORDER
            return _unary(caller, placing, _WRITE, lambda: orders.place_order(request))
        case GetOrder():
            return _unary(caller, Operation.GET_ORDER, _READ, lambda: orders.get_order(request))
        case ListOrders():
            return _unary(caller, Operation.LIST_ORDERS, _READ, lambda: orders.list_orders(request))
        case CancelOrder():
            cancelling = Operation.CANCEL_ORDER
            return _unary(caller, cancelling, _WRITE, lambda: orders.cancel_order(request))
        case TrackOrder():
            intake.open(Operation.TRACK_ORDER, _READ, credential)
            return Stream(_events(orders.track_order(request)))


def _unary(
    caller: tuple[Intake, str | None],
    operation: Operation,
    scope: str,
    work: Callable[[], Awaitable[Result]],
) -> Unary:
    intake, credential = caller

    async def perform() -> JsonObject:
        return result_to_json(await intake.perform(operation, scope, credential, work))

    return Unary(perform)


async def _events(
    events: AsyncGenerator[OrderEvent, None],
) -> AsyncGenerator[JsonObject, None]:
    async with aclosing(events):
        async for event in events:
            yield event_to_json(event)
