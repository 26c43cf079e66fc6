"""Every error of the service as an HTTP status and a Problem Details object (RFC 9457)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from stend.chassis.access import www_authenticate
from stend.kit.errors import EdgeErrorCode, StendError
from stend.kit.json import JsonObject
from stend.shop.analytics.domain import AnalyticsErrorCode

PROBLEM_MEDIA_TYPE = "application/problem+json"
# RFC 9457, section 3.1.1, allows a relative reference; the portal serves a page at this path.
PROBLEM_TYPE_ROOT = "/errors/"
_RETRY_AFTER_S = 1


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
    # Of this one service and not of the caller, so not 429 (RFC 6585, section 4).
    EdgeErrorCode.OVERLOADED: ProblemKind(503, "Overloaded"),
    EdgeErrorCode.DEADLINE_EXCEEDED: ProblemKind(504, "Deadline exceeded"),
    EdgeErrorCode.UNAVAILABLE: ProblemKind(503, "Unavailable"),
    EdgeErrorCode.INTERNAL: ProblemKind(500, "Internal error"),
    AnalyticsErrorCode.MART_UNKNOWN: ProblemKind(404, "Unknown mart"),
}


def status_of(error: StendError) -> int:
    return FAULTS[error.code].status


def problem_of(error: StendError) -> JsonObject:
    """The Problem Details object. Members that say nothing are left out."""
    kind = FAULTS[error.code]
    problem: JsonObject = {
        "type": PROBLEM_TYPE_ROOT + error.code.value,
        "title": kind.title,
        "status": kind.status,
        "detail": error.detail,
        "code": error.code.value,
        "value": error.value,
        "expected": error.expected,
        "next_step": error.next_step,
        "violations": [
            {"where": violation.where, "rule": violation.rule} for violation in error.violations
        ],
    }
    return {name: member for name, member in problem.items() if member not in (None, "", [])}


def headers_of(error: StendError) -> Mapping[str, str]:
    if error.code in {EdgeErrorCode.UNAVAILABLE, EdgeErrorCode.OVERLOADED}:
        return {"Retry-After": str(_RETRY_AFTER_S)}
    challenge = www_authenticate(error)
    return {"WWW-Authenticate": challenge} if challenge else {}
