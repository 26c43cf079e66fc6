"""Every error of the service as an entry of `errors`, and the HTTP status where there is no data.

A field that failed keeps the status 200: its answer is partial (GraphQL over HTTP, section "Status
Codes"). The statuses below are for requests that were not executed at all.
"""

from collections.abc import Mapping
from enum import StrEnum

from stend.kit.errors import EdgeErrorCode, StendError, error_to_json
from stend.kit.json import JsonObject
from stend.shop.catalog.domain import CatalogErrorCode

FAULTS: Mapping[StrEnum, int] = {
    EdgeErrorCode.MALFORMED_MESSAGE: 400,
    # Not 422: the draft asks for 400 where a document or its variables are refused.
    EdgeErrorCode.INVALID_ARGUMENT: 400,
    EdgeErrorCode.MESSAGE_TOO_LARGE: 413,
    EdgeErrorCode.UNSUPPORTED_MEDIA_TYPE: 415,
    EdgeErrorCode.NO_SUCH_OPERATION: 400,
    EdgeErrorCode.METHOD_NOT_ALLOWED: 405,
    EdgeErrorCode.UNAUTHENTICATED: 401,
    EdgeErrorCode.FORBIDDEN: 403,
    # Of this one service and not of the caller, so not 429 (RFC 6585, section 4).
    EdgeErrorCode.OVERLOADED: 503,
    EdgeErrorCode.DEADLINE_EXCEEDED: 504,
    EdgeErrorCode.UNAVAILABLE: 503,
    EdgeErrorCode.INTERNAL: 500,
    CatalogErrorCode.PRODUCT_NOT_FOUND: 404,
    CatalogErrorCode.CATEGORY_NOT_FOUND: 404,
    CatalogErrorCode.INVALID_PRICE: 422,
    CatalogErrorCode.VERSION_CONFLICT: 412,
}


class CatalogFaults:
    def status_of(self, error: StendError) -> int:
        return FAULTS[error.code]

    def extensions_of(self, error: StendError) -> JsonObject:
        """`{code, detail, value, expected, next_step, violations}`, without what says nothing."""
        return error_to_json(error)
