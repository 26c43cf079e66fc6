"""The inbox: each event once, with its notification and its deliveries in one transaction."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, and_, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from stend.shop.notifications.domain import (
    Notification,
    OrderEvent,
    Target,
    WebhookStatus,
    text_for,
)
from stend.shop.notifications.ports import MessageIds
from stend.shop.notifications.stores.database import Database, lock_order
from stend.shop.notifications.stores.rows import add_delivery, notification_of, webhook_of
from stend.shop.notifications.stores.tables import customers, inbox, webhooks


class Inbox(Database):
    async def receive(
        self, event: OrderEvent, message_ids: MessageIds, now: datetime
    ) -> Notification | None:
        async with self.transaction() as connection:
            await lock_order(connection, event.order_id)
            if await _is_known(connection, event):
                return None
            event = replace(event, customer_id=await _customer_of(connection, event))
            number = await _next_number(connection, event.customer_id)
            notification = Notification(event, number, text_for(event))
            await _add(connection, notification, now)
            rows = await connection.execute(select(webhooks).where(_may_want(event)))
            for webhook in map(webhook_of, rows):
                if webhook.wants(event):
                    await add_delivery(connection, message_ids(), webhook.webhook_id, event, now)
        return notification

    async def notifications(self, target: Target, after: int, limit: int) -> Sequence[Notification]:
        if target.order_id is not None:
            position, whose = inbox.c.version, inbox.c.order_id == target.order_id
        else:
            position, whose = inbox.c.number, inbox.c.customer_id == target.customer_id
        wanted = select(inbox).where(whose, position > after).order_by(position).limit(limit)
        async with self.transaction() as connection:
            return [notification_of(row) for row in await connection.execute(wanted)]

    async def unannounced(self, limit: int) -> Sequence[Notification]:
        waiting = (
            select(inbox).where(inbox.c.announced_at.is_(None)).order_by(inbox.c.place).limit(limit)
        )
        async with self.transaction() as connection:
            return [notification_of(row) for row in await connection.execute(waiting)]

    async def mark_announced(self, event_ids: Sequence[str], now: datetime) -> None:
        marked = update(inbox).where(inbox.c.event_id.in_(event_ids)).values(announced_at=now)
        async with self.transaction() as connection:
            await connection.execute(marked)


async def _is_known(connection: AsyncConnection, event: OrderEvent) -> bool:
    known = select(inbox.c.event_id).where(inbox.c.event_id == event.event_id)
    return await connection.scalar(known) is not None


async def _customer_of(connection: AsyncConnection, event: OrderEvent) -> str | None:
    if event.customer_id is not None:
        return event.customer_id
    known: str | None = await connection.scalar(
        select(inbox.c.customer_id)
        .where(inbox.c.order_id == event.order_id, inbox.c.customer_id.is_not(None))
        .limit(1)
    )
    return known


async def _next_number(connection: AsyncConnection, customer_id: str | None) -> int | None:
    # The row stays locked until the commit, so numbers appear in their order.
    if customer_id is None:
        return None
    counted = (
        postgresql_insert(customers)
        .values(customer_id=customer_id, last_number=1)
        .on_conflict_do_update(
            index_elements=[customers.c.customer_id],
            set_={"last_number": customers.c.last_number + 1},
        )
        .returning(customers.c.last_number)
    )
    number: int | None = await connection.scalar(counted)
    return number


async def _add(connection: AsyncConnection, notification: Notification, now: datetime) -> None:
    event = notification.event
    await connection.execute(
        insert(inbox).values(
            event_id=event.event_id,
            order_id=event.order_id,
            version=event.version,
            type=event.type,
            status=event.status,
            occurred_at=event.occurred_at,
            reason=event.reason,
            customer_id=event.customer_id,
            number=notification.number,
            text_ru=notification.text.ru,
            text_en=notification.text.en,
            payload=event.payload,
            received_at=now,
        )
    )


def _may_want(event: OrderEvent) -> ColumnElement[bool]:
    """What the indexes can tell; the rest is `Webhook.wants`."""
    return and_(
        webhooks.c.status == WebhookStatus.ACTIVE,
        or_(
            webhooks.c.order_id == event.order_id,
            webhooks.c.customer_id == event.customer_id,
            and_(webhooks.c.order_id.is_(None), webhooks.c.customer_id.is_(None)),
        ),
    )
