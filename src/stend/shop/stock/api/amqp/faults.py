"""Every error of the service as the error of a reply, and what becomes of its command.

AMQP knows no errors of applications: a reply says `"ok": false` in its body. What breaks the
protocol itself (a frame, a channel) never comes here; the broker answers it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from stend.kit.errors import EdgeErrorCode, StendError, error_to_json
from stend.kit.json import JsonObject
from stend.shop.stock.domain import StockErrorCode


class Retry(StrEnum):
    """What the sender may do; a body has no status code from which he could guess it."""

    # The very same message, a moment later: nothing was done.
    SAME = "same"
    # A new command under a new message id, when the state has changed: this refusal is kept.
    ANEW = "anew"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Fault:
    """`dead_letter`: the command goes to `stock.commands.dead`, where somebody looks at it."""

    retry: Retry
    dead_letter: bool = False


_UNREADABLE = Fault(Retry.NEVER, dead_letter=True)

FAULTS: Mapping[StrEnum, Fault] = {
    EdgeErrorCode.MALFORMED_MESSAGE: _UNREADABLE,
    EdgeErrorCode.INVALID_ARGUMENT: _UNREADABLE,
    EdgeErrorCode.MESSAGE_TOO_LARGE: _UNREADABLE,
    EdgeErrorCode.UNSUPPORTED_MEDIA_TYPE: _UNREADABLE,
    EdgeErrorCode.NO_SUCH_OPERATION: _UNREADABLE,
    EdgeErrorCode.METHOD_NOT_ALLOWED: _UNREADABLE,
    EdgeErrorCode.UNAUTHENTICATED: Fault(Retry.NEVER),
    EdgeErrorCode.FORBIDDEN: Fault(Retry.NEVER),
    EdgeErrorCode.OVERLOADED: Fault(Retry.SAME),
    EdgeErrorCode.DEADLINE_EXCEEDED: Fault(Retry.SAME),
    EdgeErrorCode.UNAVAILABLE: Fault(Retry.SAME),
    EdgeErrorCode.INTERNAL: _UNREADABLE,
    StockErrorCode.INVALID_RESERVATION: Fault(Retry.NEVER),
    StockErrorCode.INVALID_RESTOCK: Fault(Retry.NEVER),
    StockErrorCode.OUT_OF_STOCK: Fault(Retry.ANEW),
    StockErrorCode.SKU_UNKNOWN: Fault(Retry.NEVER),
    StockErrorCode.RESERVATION_NOT_FOUND: Fault(Retry.ANEW),
    StockErrorCode.RESERVATION_RELEASED: Fault(Retry.NEVER),
    StockErrorCode.RESERVATION_COMMITTED: Fault(Retry.NEVER),
    StockErrorCode.RESERVATION_ID_REUSED: Fault(Retry.NEVER),
    StockErrorCode.RESTOCK_ID_REUSED: Fault(Retry.NEVER),
    StockErrorCode.MESSAGE_ID_REUSED: Fault(Retry.NEVER),
}


def is_dead(error: StendError) -> bool:
    return FAULTS[error.code].dead_letter


def refusal_to_json(error: StendError) -> JsonObject:
    """The body of a reply that refuses."""
    retry = FAULTS[error.code].retry.value
    return {"ok": False, "error": {**error_to_json(error), "retry": retry}}
