"""Every error of the service as an entry of `errors`, and the HTTP status where there is no data.

A field that failed keeps the status 200: its answer is partial (GraphQL over HTTP, section "Status
Codes"). The statuses below are for requests that were not executed at all, and for operations of
the shop that say the same over REST.
"""

from collections.abc import Mapping
from enum import StrEnum

from stend.kit.errors import EdgeErrorCode, StendError, error_to_json
from stend.kit.json import JsonObject
from stend.shop.orders.domain import OrderErrorCode

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
    OrderErrorCode.INVALID_ORDER: 422,
    OrderErrorCode.SKU_UNKNOWN: 409,
    OrderErrorCode.SLOT_UNAVAILABLE: 409,
    OrderErrorCode.ORDER_NOT_FOUND: 404,
    OrderErrorCode.TRANSITION_FORBIDDEN: 409,
    OrderErrorCode.VERSION_CONFLICT: 412,
    OrderErrorCode.IDEMPOTENCY_KEY_REUSED: 409,
}


class OrderFaults:
    def status_of(self, error: StendError) -> int:
        return FAULTS[error.code]

    def extensions_of(self, error: StendError) -> JsonObject:
        """`{code, detail, value, expected, next_step, violations}`, without what says nothing."""
        return error_to_json(error)
