"""Every error of the service as a gRPC status (google/rpc/code.proto)."""

from collections.abc import Mapping
from enum import StrEnum

from google.rpc import code_pb2

from stend.chassis.rich_errors import EDGE_FAULTS
from stend.shop.orders.domain import OrderErrorCode

FAULTS: Mapping[StrEnum, "code_pb2.Code.ValueType"] = {
    **EDGE_FAULTS,
    OrderErrorCode.INVALID_ORDER: code_pb2.INVALID_ARGUMENT,
    OrderErrorCode.SKU_UNKNOWN: code_pb2.FAILED_PRECONDITION,
    OrderErrorCode.SLOT_UNAVAILABLE: code_pb2.FAILED_PRECONDITION,
    OrderErrorCode.ORDER_NOT_FOUND: code_pb2.NOT_FOUND,
    OrderErrorCode.TRANSITION_FORBIDDEN: code_pb2.FAILED_PRECONDITION,
    # ABORTED is the code for a failed read-modify-write (code.proto, litmus test (b)).
    OrderErrorCode.VERSION_CONFLICT: code_pb2.ABORTED,
    OrderErrorCode.IDEMPOTENCY_KEY_REUSED: code_pb2.ALREADY_EXISTS,
}
