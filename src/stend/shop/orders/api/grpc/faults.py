"""Every error of the service as a gRPC status with rich details (google.rpc.Status)."""

from collections.abc import Mapping
from enum import StrEnum

from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.message import Message
from google.rpc import code_pb2, error_details_pb2, status_pb2

from stend.kit.errors import EdgeErrorCode, StendError
from stend.shop.orders.domain import OrderErrorCode

ERROR_DOMAIN = "lavka"

# Numbers and meanings: google/rpc/code.proto.
FAULTS: Mapping[StrEnum, "code_pb2.Code.ValueType"] = {
    EdgeErrorCode.MALFORMED_MESSAGE: code_pb2.INVALID_ARGUMENT,
    EdgeErrorCode.INVALID_ARGUMENT: code_pb2.INVALID_ARGUMENT,
    EdgeErrorCode.MESSAGE_TOO_LARGE: code_pb2.RESOURCE_EXHAUSTED,
    EdgeErrorCode.UNSUPPORTED_MEDIA_TYPE: code_pb2.INVALID_ARGUMENT,
    EdgeErrorCode.NO_SUCH_OPERATION: code_pb2.UNIMPLEMENTED,
    EdgeErrorCode.METHOD_NOT_ALLOWED: code_pb2.UNIMPLEMENTED,
    EdgeErrorCode.FORBIDDEN: code_pb2.PERMISSION_DENIED,
    EdgeErrorCode.DEADLINE_EXCEEDED: code_pb2.DEADLINE_EXCEEDED,
    EdgeErrorCode.UNAVAILABLE: code_pb2.UNAVAILABLE,
    EdgeErrorCode.INTERNAL: code_pb2.INTERNAL,
    OrderErrorCode.INVALID_ORDER: code_pb2.INVALID_ARGUMENT,
    OrderErrorCode.SKU_UNKNOWN: code_pb2.FAILED_PRECONDITION,
    OrderErrorCode.SLOT_UNAVAILABLE: code_pb2.FAILED_PRECONDITION,
    OrderErrorCode.ORDER_NOT_FOUND: code_pb2.NOT_FOUND,
    OrderErrorCode.TRANSITION_FORBIDDEN: code_pb2.FAILED_PRECONDITION,
    # ABORTED is the code for a failed read-modify-write (code.proto, litmus test (b)).
    OrderErrorCode.VERSION_CONFLICT: code_pb2.ABORTED,
    OrderErrorCode.IDEMPOTENCY_KEY_REUSED: code_pb2.ALREADY_EXISTS,
}


def status_of(error: StendError) -> status_pb2.Status:
    """The status with an ErrorInfo and, for broken fields, a BadRequest."""
    details: list[Message] = [_error_info(error)]
    if error.violations:
        details.append(_bad_request(error))
    return status_pb2.Status(
        code=FAULTS[error.code],
        message=error.detail,
        details=[_packed(detail) for detail in details],
    )


def reason_of(code: str) -> str:
    """`order-not-found` as ErrorInfo writes it: UPPER_SNAKE_CASE (error_details.proto)."""
    return code.upper().replace("-", "_")


def code_of(reason: str) -> str:
    return reason.lower().replace("_", "-")


def _error_info(error: StendError) -> error_details_pb2.ErrorInfo:
    metadata = {
        "value": error.value or "",
        "expected": error.expected,
        "next_step": error.next_step,
    }
    return error_details_pb2.ErrorInfo(
        reason=reason_of(error.code),
        domain=ERROR_DOMAIN,
        metadata={name: text for name, text in metadata.items() if text},
    )


def _bad_request(error: StendError) -> error_details_pb2.BadRequest:
    return error_details_pb2.BadRequest(
        field_violations=[
            error_details_pb2.BadRequest.FieldViolation(
                field=violation.where.strip("/").replace("/", "."), description=violation.rule
            )
            for violation in error.violations
        ]
    )


def _packed(message: Message) -> AnyMessage:
    packed = AnyMessage()
    packed.Pack(message)
    return packed
