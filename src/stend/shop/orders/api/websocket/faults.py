"""Every error of the service as an `error` frame: the same codes as everywhere."""

from collections.abc import Mapping
from enum import StrEnum

from stend.kit.errors import EdgeErrorCode, StendError, error_to_json
from stend.kit.json import JsonObject
from stend.shop.orders.domain import OrderErrorCode

# A frame has no status line: who has to change something stands beside the code.
CLIENT, SERVER = "client", "server"
FAULTS: Mapping[StrEnum, str] = {
    EdgeErrorCode.MALFORMED_MESSAGE: CLIENT,
    EdgeErrorCode.INVALID_ARGUMENT: CLIENT,
    EdgeErrorCode.MESSAGE_TOO_LARGE: CLIENT,
    EdgeErrorCode.UNSUPPORTED_MEDIA_TYPE: CLIENT,
    EdgeErrorCode.NO_SUCH_OPERATION: CLIENT,
    EdgeErrorCode.METHOD_NOT_ALLOWED: CLIENT,
    EdgeErrorCode.UNAUTHENTICATED: CLIENT,
    EdgeErrorCode.FORBIDDEN: CLIENT,
    EdgeErrorCode.OVERLOADED: SERVER,
    EdgeErrorCode.DEADLINE_EXCEEDED: SERVER,
    EdgeErrorCode.UNAVAILABLE: SERVER,
    EdgeErrorCode.INTERNAL: SERVER,
    OrderErrorCode.INVALID_ORDER: CLIENT,
    OrderErrorCode.SKU_UNKNOWN: CLIENT,
    OrderErrorCode.SLOT_UNAVAILABLE: CLIENT,
    OrderErrorCode.ORDER_NOT_FOUND: CLIENT,
    OrderErrorCode.TRANSITION_FORBIDDEN: CLIENT,
    OrderErrorCode.VERSION_CONFLICT: CLIENT,
    OrderErrorCode.IDEMPOTENCY_KEY_REUSED: CLIENT,
}


def fault_of(error: StendError) -> JsonObject:
    """The member `error` of a frame."""
    return {**error_to_json(error), "side": FAULTS[error.code]}
