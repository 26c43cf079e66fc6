"""Every error of the service as the number of a JSON-RPC error object. Pure."""

from collections.abc import Mapping
from enum import StrEnum

from stend.chassis.jsonrpc.messages import EDGE_FAULTS
from stend.shop.orders.domain import OrderErrorCode

# Section 5.1 of JSON-RPC 2.0 leaves what is outside of -32768 to -32000 to the application.
FAULTS: Mapping[StrEnum, int] = {
    **EDGE_FAULTS,
    OrderErrorCode.INVALID_ORDER: 1001,
    OrderErrorCode.SKU_UNKNOWN: 1002,
    OrderErrorCode.SLOT_UNAVAILABLE: 1003,
    OrderErrorCode.ORDER_NOT_FOUND: 1004,
    OrderErrorCode.TRANSITION_FORBIDDEN: 1005,
    OrderErrorCode.VERSION_CONFLICT: 1006,
    OrderErrorCode.IDEMPOTENCY_KEY_REUSED: 1007,
}
