"""Every error of the service as an HTTP status and a Problem Details object (RFC 9457)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from stend.kit.errors import EdgeErrorCode, StendError
from stend.kit.json import JsonObject
from stend.shop.catalog.api.messages import error_to_json
from stend.shop.catalog.domain import CatalogErrorCode

PROBLEM_MEDIA_TYPE = "application/problem+json"
# RFC 9457, section 3.1.1, allows a relative reference; the portal serves a page at this path.
PROBLEM_TYPE_ROOT = "/errors/"
RETRY_AFTER_S = 1


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
    CatalogErrorCode.PRODUCT_NOT_FOUND: ProblemKind(404, "Product not found"),
    CatalogErrorCode.CATEGORY_NOT_FOUND: ProblemKind(404, "Category not found"),
    CatalogErrorCode.INVALID_PRICE: ProblemKind(422, "Invalid price"),
    CatalogErrorCode.VERSION_CONFLICT: ProblemKind(412, "Version conflict"),
}


def status_of(error: StendError) -> int:
    return FAULTS[error.code].status


def problem_of(error: StendError, status: int) -> JsonObject:
    """The Problem Details object. Members that say nothing are left out."""
    return {
        "type": PROBLEM_TYPE_ROOT + error.code.value,
        "title": FAULTS[error.code].title,
        "status": status,
        **error_to_json(error),
    }


def headers_of(error: StendError) -> dict[str, str]:
    match error.code:
        case EdgeErrorCode.UNAVAILABLE | EdgeErrorCode.OVERLOADED:
            return {"Retry-After": str(RETRY_AFTER_S)}
        case EdgeErrorCode.UNAUTHENTICATED:
            # A 401 has to say how (RFC 9110, section 11.6.1).
            return {"WWW-Authenticate": 'Bearer realm="lavka"'}
        case _:
            return {}
