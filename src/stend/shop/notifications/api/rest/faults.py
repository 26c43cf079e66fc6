"""Every error of the service as an HTTP status and a Problem Details object (RFC 9457)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from stend.kit.errors import EdgeErrorCode, StendError
from stend.kit.json import JsonObject
from stend.shop.notifications.api.messages import error_to_json
from stend.shop.notifications.domain import NotificationErrorCode

PROBLEM_MEDIA_TYPE = "application/problem+json"
PROBLEM_TYPE_ROOT = "/errors/"
RETRY_AFTER_S = 1
_COME_BACK = frozenset({EdgeErrorCode.UNAVAILABLE, EdgeErrorCode.OVERLOADED})


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """`title` is the same for every occurrence of the problem (RFC 9457, section 3.1.3)."""

    status: int
    title: str


FAULTS: Mapping[StrEnum, ProblemKind] = {
    EdgeErrorCode.MALFORMED_MESSAGE: ProblemKind(400, "Malformed message"),
    EdgeErrorCode.INVALID_ARGUMENT: ProblemKind(422, "Invalid argument"),
    EdgeErrorCode.MESSAGE_TOO_LARGE: ProblemKind(413, "Message too large"),
    EdgeErrorCode.UNSUPPORTED_MEDIA_TYPE: ProblemKind(415, "Unsupported media type"),
    EdgeErrorCode.NO_SUCH_OPERATION: ProblemKind(404, "No such resource"),
    EdgeErrorCode.METHOD_NOT_ALLOWED: ProblemKind(405, "Method not allowed"),
    EdgeErrorCode.UNAUTHENTICATED: ProblemKind(401, "Unauthenticated"),
    EdgeErrorCode.FORBIDDEN: ProblemKind(403, "Forbidden"),
    EdgeErrorCode.OVERLOADED: ProblemKind(429, "Overloaded"),
    EdgeErrorCode.DEADLINE_EXCEEDED: ProblemKind(504, "Deadline exceeded"),
    EdgeErrorCode.UNAVAILABLE: ProblemKind(503, "Unavailable"),
    EdgeErrorCode.INTERNAL: ProblemKind(500, "Internal error"),
    NotificationErrorCode.WEBHOOK_NOT_FOUND: ProblemKind(404, "Webhook not found"),
    NotificationErrorCode.WEBHOOK_DISABLED: ProblemKind(409, "Webhook disabled"),
    NotificationErrorCode.WEBHOOK_LIMIT_REACHED: ProblemKind(409, "Webhook limit reached"),
    NotificationErrorCode.URL_FORBIDDEN: ProblemKind(422, "URL forbidden"),
    NotificationErrorCode.DELIVERY_NOT_FOUND: ProblemKind(404, "Delivery not found"),
    NotificationErrorCode.DELIVERY_NOT_DEAD: ProblemKind(409, "Delivery not dead"),
    NotificationErrorCode.ORDER_NOT_FOUND: ProblemKind(404, "Order not found"),
    NotificationErrorCode.IDEMPOTENCY_KEY_REUSED: ProblemKind(409, "Idempotency key reused"),
}


def status_of(error: StendError) -> int:
    return FAULTS[error.code].status


def problem_of(error: StendError) -> JsonObject:
    kind = FAULTS[error.code]
    return {
        "type": PROBLEM_TYPE_ROOT + error.code.value,
        "title": kind.title,
        "status": kind.status,
        **error_to_json(error),
    }


def headers_of(error: StendError) -> Mapping[str, str]:
    if error.code in _COME_BACK:
        return {"Retry-After": str(RETRY_AFTER_S)}
    if error.code is EdgeErrorCode.UNAUTHENTICATED:
        # RFC 9110, section 11.6.1: a 401 names the schemes that would do.
        return {"WWW-Authenticate": 'Bearer realm="lavka"'}
    return {}
