"""Every error of the service as an HTTP status and the title of a problem (RFC 9457)."""

from collections.abc import Mapping
from enum import StrEnum

from stend.kit.problems import EDGE_PROBLEMS, ProblemKind
from stend.shop.notifications.domain import NotificationErrorCode

FAULTS: Mapping[StrEnum, ProblemKind] = {
    **EDGE_PROBLEMS,
    NotificationErrorCode.WEBHOOK_NOT_FOUND: ProblemKind(404, "Webhook not found"),
    NotificationErrorCode.WEBHOOK_DISABLED: ProblemKind(409, "Webhook disabled"),
    NotificationErrorCode.WEBHOOK_LIMIT_REACHED: ProblemKind(409, "Webhook limit reached"),
    NotificationErrorCode.URL_FORBIDDEN: ProblemKind(422, "URL forbidden"),
    NotificationErrorCode.DELIVERY_NOT_FOUND: ProblemKind(404, "Delivery not found"),
    NotificationErrorCode.DELIVERY_NOT_DEAD: ProblemKind(409, "Delivery not dead"),
    NotificationErrorCode.ORDER_NOT_FOUND: ProblemKind(404, "Order not found"),
    NotificationErrorCode.IDEMPOTENCY_KEY_REUSED: ProblemKind(409, "Idempotency key reused"),
}
