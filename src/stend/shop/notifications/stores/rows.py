"""Rows to what they mean, and the statements that select them."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, select

from stend.kit.languages import Text
from stend.shop.notifications.domain import (
    Answer,
    Attempt,
    Delivery,
    DeliveryStatus,
    EventType,
    Notification,
    OrderEvent,
    Outcome,
    Webhook,
    WebhookStatus,
)
from stend.shop.notifications.stores.tables import deliveries, inbox

select_deliveries: Select[Any] = select(
    deliveries,
    inbox.c.type,
    inbox.c.status.label("order_status"),
    inbox.c.occurred_at,
    inbox.c.reason,
    inbox.c.customer_id,
    inbox.c.payload,
    inbox.c.trace_context,
).join(inbox, inbox.c.event_id == deliveries.c.event_id)


def notification_of(row: Row[Any]) -> Notification:
    event = _event_of(row, row.status)
    return Notification(event, row.number, Text(ru=row.text_ru, en=row.text_en))


def webhook_of(row: Row[Any]) -> Webhook:
    return Webhook(
        webhook_id=row.webhook_id,
        url=row.url,
        secret=row.secret,
        created_at=row.created_at,
        order_id=row.order_id,
        customer_id=row.customer_id,
        event_types=frozenset(EventType(one) for one in row.event_types),
        status=WebhookStatus(row.status),
        disabled_reason=row.disabled_reason,
        owner_id=row.owner_id,
    )


def delivery_of(row: Row[Any]) -> Delivery:
    return Delivery(
        message_id=row.message_id,
        webhook_id=row.webhook_id,
        event=_event_of(row, row.order_status),
        status=DeliveryStatus(row.status),
        attempts=row.attempts,
        round_attempts=row.round_attempts,
        due_at=row.due_at,
        created_at=row.created_at,
        last_error=row.last_error,
    )


def attempt_of(row: Row[Any]) -> Attempt:
    answer = Answer(Outcome(row.outcome), row.http_status, row.detail, row.duration_ms)
    return Attempt(row.message_id, row.number, row.started_at, answer)


def new_delivery(
    message_id: str, webhook_id: str, event: OrderEvent, now: datetime
) -> dict[str, Any]:
    return {
        "message_id": message_id,
        "webhook_id": webhook_id,
        "event_id": event.event_id,
        "order_id": event.order_id,
        "version": event.version,
        "status": DeliveryStatus.PENDING,
        "attempts": 0,
        "round_attempts": 0,
        "due_at": now,
        "created_at": now,
    }


def _event_of(row: Row[Any], status: str) -> OrderEvent:
    return OrderEvent(
        order_id=row.order_id,
        version=row.version,
        type=EventType(row.type),
        status=status,
        occurred_at=row.occurred_at,
        payload=row.payload,
        reason=row.reason,
        customer_id=row.customer_id,
        trace_context=row.trace_context,
    )
