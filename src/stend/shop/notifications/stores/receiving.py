"""The inbox: each event once, with its notification and its deliveries in one transaction."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, delete, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from stend.shop.notifications.domain import (
    DeliveryStatus,
    Notification,
    OrderEvent,
    Target,
    WebhookStatus,
    text_for,
)
from stend.shop.notifications.ports import MessageIds
from stend.shop.notifications.stores.database import Database, lock_orders
from stend.shop.notifications.stores.rows import new_delivery, notification_of, webhook_of
from stend.shop.notifications.stores.tables import customers, deliveries, inbox, webhooks

_FORGET_AT_ONCE = 1000


class Inbox(Database):
    async def receive(
        self, events: Sequence[OrderEvent], message_ids: MessageIds, now: datetime
    ) -> Sequence[Notification]:
        async with self.transaction() as connection:
            await lock_orders(connection, {event.order_id for event in events})
            new = await _new_among(connection, events)
            if not new:
                return []
            notifications = await _numbered(connection, new)
            rows = [_row(notification, now) for notification in notifications]
            await connection.execute(insert(inbox), rows)
            found = await connection.execute(select(webhooks).where(_may_want(new)))
            registered = [webhook_of(row) for row in found]
            wanted = [
                new_delivery(message_ids(), webhook.webhook_id, event, now)
                for event in new
                for webhook in registered
                if webhook.wants(event)
            ]
            if wanted:
                await connection.execute(insert(deliveries), wanted)
        return notifications

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
        async with self.statement() as connection:
            return [notification_of(row) for row in await connection.execute(waiting)]

    async def mark_announced(self, event_ids: Sequence[str], now: datetime) -> None:
        marked = update(inbox).where(inbox.c.event_id.in_(event_ids)).values(announced_at=now)
        async with self.transaction() as connection:
            await connection.execute(marked)

    async def forget(self, before: datetime) -> int:
        """Events that were received earlier and that nothing waits for, with their deliveries.

        In batches: what a long absence has left is too much for one statement.

        Returns:
            How many events were deleted.
        """
        total = 0
        while True:
            async with self.transaction() as connection:
                rows = (await connection.execute(_old(before))).all()
                # Nobody registers a webhook for the past of these orders meanwhile.
                await lock_orders(connection, {row.order_id for row in rows})
                event_ids = [row.event_id for row in rows]
                gone = deliveries.c.event_id.in_(event_ids)
                await connection.execute(delete(deliveries).where(gone))
                await connection.execute(delete(inbox).where(inbox.c.event_id.in_(event_ids)))
            total += len(rows)
            if len(rows) < _FORGET_AT_ONCE:
                return total


def _old(before: datetime) -> Select[Any]:
    is_awaited = (
        select(deliveries.c.message_id)
        .where(
            deliveries.c.event_id == inbox.c.event_id,
            deliveries.c.status == DeliveryStatus.PENDING,
        )
        .exists()
    )
    return (
        select(inbox.c.event_id, inbox.c.order_id)
        .where(inbox.c.received_at < before, inbox.c.announced_at.is_not(None), ~is_awaited)
        .order_by(inbox.c.received_at)
        .limit(_FORGET_AT_ONCE)
    )


async def _new_among(
    connection: AsyncConnection, events: Sequence[OrderEvent]
) -> Sequence[OrderEvent]:
    """Without copies, and each with its customer, as far as somebody has told."""
    order_ids = {event.order_id for event in events}
    past = select(inbox.c.event_id, inbox.c.order_id, inbox.c.customer_id)
    rows = await connection.execute(past.where(inbox.c.order_id.in_(order_ids)))
    known, customer_of = set(), dict[str, str]()
    for event_id, order_id, customer_id in rows:
        known.add(event_id)
        if customer_id is not None:
            customer_of[order_id] = customer_id
    new = []
    for event in events:
        if event.event_id in known:
            continue
        known.add(event.event_id)
        if event.customer_id is not None:
            customer_of[event.order_id] = event.customer_id
        new.append(replace(event, customer_id=customer_of.get(event.order_id)))
    return new


async def _numbered(
    connection: AsyncConnection, events: Sequence[OrderEvent]
) -> Sequence[Notification]:
    counts = Counter(event.customer_id for event in events if event.customer_id is not None)
    next_of = await _first_numbers(connection, counts) if counts else {}
    notifications = []
    for event in events:
        number = None
        if event.customer_id is not None:
            number = next_of[event.customer_id]
            next_of[event.customer_id] += 1
        notifications.append(Notification(event, number, text_for(event)))
    return notifications


async def _first_numbers(connection: AsyncConnection, counts: Mapping[str, int]) -> dict[str, int]:
    # The rows stay locked until the commit, so numbers appear in their order; and they are locked
    # in one order, so that no two transactions wait for each other.
    rows = [{"customer_id": one, "last_number": counts[one]} for one in sorted(counts)]
    counted = postgresql_insert(customers).values(rows)
    added = customers.c.last_number + counted.excluded.last_number
    taken = await connection.execute(
        counted.on_conflict_do_update(
            index_elements=[customers.c.customer_id], set_={"last_number": added}
        ).returning(customers.c.customer_id, customers.c.last_number)
    )
    return {customer_id: last - counts[customer_id] + 1 for customer_id, last in taken}


def _row(notification: Notification, now: datetime) -> dict[str, Any]:
    event = notification.event
    return {
        "event_id": event.event_id,
        "order_id": event.order_id,
        "version": event.version,
        "type": event.type,
        "status": event.status,
        "occurred_at": event.occurred_at,
        "reason": event.reason,
        "customer_id": event.customer_id,
        "number": notification.number,
        "text_ru": notification.text.ru,
        "text_en": notification.text.en,
        "payload": event.payload,
        "received_at": now,
        "trace_context": event.trace_context,
    }


def _may_want(events: Sequence[OrderEvent]) -> ColumnElement[bool]:
    """What the indexes can tell; the rest is `Webhook.wants`."""
    order_ids = {event.order_id for event in events}
    customer_ids = {event.customer_id for event in events if event.customer_id is not None}
    return and_(
        webhooks.c.status == WebhookStatus.ACTIVE,
        or_(
            webhooks.c.order_id.in_(order_ids),
            webhooks.c.customer_id.in_(customer_ids),
            and_(webhooks.c.order_id.is_(None), webhooks.c.customer_id.is_(None)),
        ),
    )
