"""Every error of the service as an HTTP status and the title of a problem (RFC 9457)."""

from collections.abc import Mapping
from enum import StrEnum

from stend.kit.problems import EDGE_PROBLEMS, ProblemKind
from stend.shop.orders.domain import OrderErrorCode

FAULTS: Mapping[StrEnum, ProblemKind] = {
    **EDGE_PROBLEMS,
    OrderErrorCode.INVALID_ORDER: ProblemKind(422, "Invalid order"),
    # The message is right and only the shop's state is against it, so these are conflicts
    # (RFC 9110, section 15.5.10) and not 422: the same bytes may succeed tomorrow.
    OrderErrorCode.SKU_UNKNOWN: ProblemKind(409, "Unknown product"),
    OrderErrorCode.SLOT_UNAVAILABLE: ProblemKind(409, "Slot unavailable"),
    OrderErrorCode.ORDER_NOT_FOUND: ProblemKind(404, "Order not found"),
    OrderErrorCode.TRANSITION_FORBIDDEN: ProblemKind(409, "Transition forbidden"),
    OrderErrorCode.VERSION_CONFLICT: ProblemKind(412, "Version conflict"),
    OrderErrorCode.IDEMPOTENCY_KEY_REUSED: ProblemKind(409, "Idempotency key reused"),
}
