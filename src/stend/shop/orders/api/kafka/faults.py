"""Every error of the service as the error of a reply record, and what becomes of the command.

Kafka knows no errors of applications: a reply says `"ok": false` in its body. What breaks the
protocol itself (a request, a record that is too large) never comes here; the broker answers it.
"""

from collections.abc import Mapping
from enum import StrEnum

from stend.kit.errors import EdgeErrorCode
from stend.shop.orders.api.commands import Fault, Retry
from stend.shop.orders.domain import OrderErrorCode

# Copied to the topic `orders.commands.dead` after its reply.
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
    OrderErrorCode.INVALID_ORDER: Fault(Retry.NEVER),
    OrderErrorCode.SKU_UNKNOWN: Fault(Retry.NEVER),
    OrderErrorCode.SLOT_UNAVAILABLE: Fault(Retry.ANEW),
    OrderErrorCode.ORDER_NOT_FOUND: Fault(Retry.NEVER),
    OrderErrorCode.TRANSITION_FORBIDDEN: Fault(Retry.ANEW),
    OrderErrorCode.VERSION_CONFLICT: Fault(Retry.ANEW),
    OrderErrorCode.IDEMPOTENCY_KEY_REUSED: Fault(Retry.NEVER),
}
