"""Every error of the service as a gRPC status (google/rpc/code.proto)."""

from collections.abc import Mapping
from enum import StrEnum

from google.rpc import code_pb2

from stend.chassis.rich_errors import EDGE_FAULTS
from stend.shop.delivery.domain.delivery import DeliveryErrorCode

FAULTS: Mapping[StrEnum, "code_pb2.Code.ValueType"] = {
    **EDGE_FAULTS,
    DeliveryErrorCode.DELIVERY_NOT_FOUND: code_pb2.NOT_FOUND,
    DeliveryErrorCode.DELIVERY_STATE_FORBIDDEN: code_pb2.FAILED_PRECONDITION,
    DeliveryErrorCode.ASSIGNMENT_CONFLICT: code_pb2.ALREADY_EXISTS,
    DeliveryErrorCode.NO_COURIER_AVAILABLE: code_pb2.RESOURCE_EXHAUSTED,
    DeliveryErrorCode.STORE_UNKNOWN: code_pb2.FAILED_PRECONDITION,
    DeliveryErrorCode.COURIER_UNKNOWN: code_pb2.NOT_FOUND,
    # The range that can be read has moved on (code.proto, OUT_OF_RANGE).
    DeliveryErrorCode.CURSOR_TOO_OLD: code_pb2.OUT_OF_RANGE,
    DeliveryErrorCode.CURSOR_UNKNOWN: code_pb2.OUT_OF_RANGE,
    DeliveryErrorCode.OFFER_GONE: code_pb2.FAILED_PRECONDITION,
    DeliveryErrorCode.SESSION_REPLACED: code_pb2.ABORTED,
}
