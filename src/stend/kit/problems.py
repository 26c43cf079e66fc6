"""Errors as Problem Details (RFC 9457), the same in every REST API of the shop."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from stend.kit.errors import EdgeErrorCode, StendError, error_to_json
from stend.kit.json import JsonObject

# RFC 9457, section 3.1.1, allows a relative reference; the portal serves a page at this path.
_TYPE_ROOT = "/errors/"


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """`title` is the same for every occurrence of the problem (RFC 9457, section 3.1.3)."""

    status: int
    title: str


# What may befall a request to any service, before it is understood and behind it.
EDGE_PROBLEMS: Mapping[StrEnum, ProblemKind] = {
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
}


def problem_to_json(error: StendError, kind: ProblemKind) -> JsonObject:
    """The Problem Details object."""
    return {
        "type": _TYPE_ROOT + error.code.value,
        "title": kind.title,
        "status": kind.status,
        **error_to_json(error),
    }
