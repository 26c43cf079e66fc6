"""google.rpc.Status: errors of gRPC with details (google.aip.dev/193). Pure, for both sides."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.message import Message
from google.rpc import code_pb2, error_details_pb2, status_pb2

from stend.kit.errors import EdgeErrorCode, StendError, Violation

ERROR_DOMAIN = "lavka"

# Numbers and meanings: google/rpc/code.proto.
EDGE_FAULTS: Mapping[StrEnum, "code_pb2.Code.ValueType"] = {
    EdgeErrorCode.MALFORMED_MESSAGE: code_pb2.INVALID_ARGUMENT,
    EdgeErrorCode.INVALID_ARGUMENT: code_pb2.INVALID_ARGUMENT,
    EdgeErrorCode.MESSAGE_TOO_LARGE: code_pb2.RESOURCE_EXHAUSTED,
    EdgeErrorCode.UNSUPPORTED_MEDIA_TYPE: code_pb2.INVALID_ARGUMENT,
    EdgeErrorCode.NO_SUCH_OPERATION: code_pb2.UNIMPLEMENTED,
    EdgeErrorCode.METHOD_NOT_ALLOWED: code_pb2.UNIMPLEMENTED,
    EdgeErrorCode.UNAUTHENTICATED: code_pb2.UNAUTHENTICATED,
    EdgeErrorCode.FORBIDDEN: code_pb2.PERMISSION_DENIED,
    EdgeErrorCode.OVERLOADED: code_pb2.RESOURCE_EXHAUSTED,
    EdgeErrorCode.DEADLINE_EXCEEDED: code_pb2.DEADLINE_EXCEEDED,
    EdgeErrorCode.UNAVAILABLE: code_pb2.UNAVAILABLE,
    EdgeErrorCode.INTERNAL: code_pb2.INTERNAL,
}


@dataclass(frozen=True, slots=True)
class RichError:
    """What a client reads out of a status: the stable code and the broken fields."""

    code: str
    violations: tuple[Violation, ...]


def status_of(
    error: StendError, faults: Mapping[StrEnum, "code_pb2.Code.ValueType"]
) -> status_pb2.Status:
    """The status with an ErrorInfo and, for broken fields, a BadRequest."""
    details: list[Message] = [_error_info(error)]
    if error.violations:
        details.append(_bad_request(error))
    return status_pb2.Status(
        code=faults[error.code],
        message=error.detail,
        details=[_packed(detail) for detail in details],
    )


def read(status: status_pb2.Status) -> RichError | None:
    """Back from `status_of`; None when the status carries no ErrorInfo of the shop."""
    info, request = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
    for detail in status.details:
        detail.Unpack(info)
        detail.Unpack(request)
    if info.domain != ERROR_DOMAIN:
        return None
    violations = tuple(Violation(one.field, one.description) for one in request.field_violations)
    return RichError(code_of(info.reason), violations)


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
