"""Every error of the service as the side of a fault: who has to act. Pure."""

from collections.abc import Mapping
from enum import StrEnum

from stend.chassis.soap.faults import Side
from stend.kit.errors import EdgeErrorCode
from stend.shop.orders.domain import OrderErrorCode

FAULTS: Mapping[StrEnum, Side] = {
    EdgeErrorCode.MALFORMED_MESSAGE: Side.CLIENT,
    EdgeErrorCode.INVALID_ARGUMENT: Side.CLIENT,
    EdgeErrorCode.MESSAGE_TOO_LARGE: Side.CLIENT,
    EdgeErrorCode.UNSUPPORTED_MEDIA_TYPE: Side.CLIENT,
    EdgeErrorCode.NO_SUCH_OPERATION: Side.CLIENT,
    EdgeErrorCode.METHOD_NOT_ALLOWED: Side.CLIENT,
    EdgeErrorCode.UNAUTHENTICATED: Side.CLIENT,
    EdgeErrorCode.FORBIDDEN: Side.CLIENT,
    # The same bytes may succeed in a moment (SOAP 1.1, section 4.4.1): that is Server.
    EdgeErrorCode.OVERLOADED: Side.SERVER,
    EdgeErrorCode.DEADLINE_EXCEEDED: Side.SERVER,
    EdgeErrorCode.UNAVAILABLE: Side.SERVER,
    EdgeErrorCode.INTERNAL: Side.SERVER,
    OrderErrorCode.INVALID_ORDER: Side.CLIENT,
    OrderErrorCode.SKU_UNKNOWN: Side.CLIENT,
    OrderErrorCode.SLOT_UNAVAILABLE: Side.CLIENT,
    OrderErrorCode.ORDER_NOT_FOUND: Side.CLIENT,
    OrderErrorCode.TRANSITION_FORBIDDEN: Side.CLIENT,
    OrderErrorCode.VERSION_CONFLICT: Side.CLIENT,
    OrderErrorCode.IDEMPOTENCY_KEY_REUSED: Side.CLIENT,
}
