"""Frames to operations and results to frames, for both sides of the wire. Pure."""

from collections.abc import Iterable

from stend.kit.errors import EdgeErrorCode, StendError
from stend.kit.json import JsonObject
from stend.shop.orders.api.messages import dump, input_from_json, input_to_json
from stend.shop.orders.usecases import (
    CancelOrder,
    GetOrder,
    ListOrders,
    Operation,
    OperationInput,
    PlaceOrder,
    TrackOrder,
)

PATH = "/ws/orders"
SUBPROTOCOL = "lavka.orders.v1"
_OPERATION_OF = {
    PlaceOrder: Operation.PLACE_ORDER,
    GetOrder: Operation.GET_ORDER,
    ListOrders: Operation.LIST_ORDERS,
    CancelOrder: Operation.CANCEL_ORDER,
    TrackOrder: Operation.TRACK_ORDER,
}
_OPERATION_NAMED = {operation.value: operation for operation in Operation}


def operation_from(kind: str, params: JsonObject) -> OperationInput:
    """
    Raises:
        StendError: NO_SUCH_OPERATION, INVALID_ARGUMENT.
    """
    operation = _OPERATION_NAMED.get(kind)
    if operation is None:
        raise StendError(
            EdgeErrorCode.NO_SUCH_OPERATION,
            "A frame of this type means nothing here.",
            value=kind,
            expected=f"{', '.join(Operation)}, cancel or ping",
            next_step="The AsyncAPI document lists the frames.",
        )
    return input_from_json(operation, params)


def request_frame(
    frame_id: str, request: OperationInput, context: Iterable[tuple[str, str]] = ()
) -> str:
    """The frame that performs an operation.

    Args:
        context: of the trace that it belongs to.
    """
    members: JsonObject = {
        "id": frame_id,
        "type": type_of(request),
        "params": input_to_json(request),
        **dict(context),
    }
    return dump(members).decode()


def type_of(request: OperationInput) -> str:
    return _OPERATION_OF[type(request)].value


def cancel_frame(frame_id: str) -> str:
    return dump({"id": frame_id, "type": "cancel"}).decode()
