"""WebSocket: binds the use cases to frames. The connection itself is `stend.chassis.websocket`."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from importlib.resources import files

from stend.chassis.intake import Intake
from stend.chassis.websocket import FrameServer, SocketLimits, Stream, Unary
from stend.kit.json import JsonObject
from stend.shop.orders.api.dispatch import result_of
from stend.shop.orders.api.messages import event_to_json, result_to_json
from stend.shop.orders.api.websocket import faults, translate
from stend.shop.orders.domain import OrderEvent
from stend.shop.orders.usecases import (
    CancelOrder,
    GetOrder,
    ListOrders,
    Operation,
    OperationInput,
    OrdersOf,
    PlaceOrder,
    TrackOrder,
)

# Where the runtime sends connections to this service.
PATH = translate.PATH
_READ = "orders:read"
_WRITE = "orders:write"
_UNARY: Mapping[type[OperationInput], tuple[Operation, str]] = {
    PlaceOrder: (Operation.PLACE_ORDER, _WRITE),
    GetOrder: (Operation.GET_ORDER, _READ),
    ListOrders: (Operation.LIST_ORDERS, _READ),
    CancelOrder: (Operation.CANCEL_ORDER, _WRITE),
}


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
    if isinstance(request, TrackOrder):
        caller = intake.open(Operation.TRACK_ORDER, _READ, credential)
        return Stream(_events(orders_of(caller).track_order(request)))
    operation, scope = _UNARY[type(request)]

    async def perform() -> JsonObject:
        result = await intake.perform(
            operation, scope, credential, lambda caller: result_of(orders_of(caller), request)
        )
        return result_to_json(result)

    return Unary(perform)


async def _events(
    events: AsyncGenerator[OrderEvent, None],
) -> AsyncGenerator[JsonObject, None]:
    async with aclosing(events):
        async for event in events:
            yield event_to_json(event)
