"""Webhooks, their deliveries, and who may work on which of them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from stend.kit.errors import StendError
from stend.shop.notifications.domain import (
    Attempt,
    Delivery,
    DeliveryStatus,
    NotificationErrorCode,
    Webhook,
    WebhookStatus,
)
from stend.shop.notifications.ports import KeyedRegistration, MessageIds, Registered
from stend.shop.notifications.stores.database import Database, lock_orders
from stend.shop.notifications.stores.rows import (
    attempt_of,
    delivery_of,
    new_delivery,
    notification_of,
    select_deliveries,
    webhook_of,
)
from stend.shop.notifications.stores.tables import attempts, deliveries, inbox, webhooks

# Registrations are rare, and counting them right needs them one after the other.
_REGISTRATION_LOCK = 7_461_003

_CLAIM = text("""
WITH under_way AS (
    SELECT webhook_id, count(*) AS claims
    FROM notifications.deliveries
    WHERE status = 'pending' AND leased_until > :now
    GROUP BY webhook_id
), due AS (
    SELECT d.message_id,
           coalesce(u.claims, 0)
           + row_number() OVER (PARTITION BY d.webhook_id ORDER BY d.due_at, d.message_id) AS place
    FROM notifications.deliveries d LEFT JOIN under_way u ON u.webhook_id = d.webhook_id
    WHERE d.status = 'pending' AND d.due_at <= :now
      AND (d.leased_until IS NULL OR d.leased_until <= :now)
      AND NOT EXISTS (
          SELECT 1 FROM notifications.deliveries earlier
          WHERE earlier.webhook_id = d.webhook_id AND earlier.order_id = d.order_id
            AND earlier.status = 'pending' AND earlier.version < d.version)
), taken AS (
    SELECT d.message_id
    FROM notifications.deliveries d JOIN due ON due.message_id = d.message_id
    WHERE due.place <= :most_per_webhook
      AND d.status = 'pending' AND (d.leased_until IS NULL OR d.leased_until <= :now)
    ORDER BY d.due_at, d.message_id
    LIMIT :most
    FOR UPDATE OF d SKIP LOCKED
)
UPDATE notifications.deliveries d SET leased_until = :lease_until
FROM taken WHERE d.message_id = taken.message_id
RETURNING d.message_id
""")


class Deliveries(Database):
    async def register(
        self,
        webhook: Webhook,
        keyed: KeyedRegistration | None,
        replay: MessageIds | None,
        most_webhooks: int,
    ) -> Registered | None:
        async with self.transaction() as connection:
            await connection.execute(select(func.pg_advisory_xact_lock(_REGISTRATION_LOCK)))
            if keyed and (earlier := await _keyed(connection, keyed.key)):
                return earlier
            if await _count(connection) >= most_webhooks:
                return None
            await connection.execute(insert(webhooks).values(**_values(webhook, keyed)))
            past = await _replay(connection, webhook, replay) if replay else 0
        return Registered(webhook, keyed.fingerprint if keyed else None, False, past)

    async def webhook(self, webhook_id: str) -> Webhook | None:
        wanted = select(webhooks).where(webhooks.c.webhook_id == webhook_id)
        async with self.transaction() as connection:
            row = (await connection.execute(wanted)).first()
        return webhook_of(row) if row else None

    async def webhooks(
        self, owner_id: str | None, before_id: str | None, limit: int
    ) -> Sequence[Webhook]:
        wanted = select(webhooks).order_by(webhooks.c.webhook_id.desc()).limit(limit)
        if owner_id is not None:
            wanted = wanted.where(webhooks.c.owner_id == owner_id)
        if before_id is not None:
            wanted = wanted.where(webhooks.c.webhook_id < before_id)
        async with self.transaction() as connection:
            return [webhook_of(row) for row in await connection.execute(wanted)]

    async def remove(self, webhook_id: str) -> bool:
        removed = delete(webhooks).where(webhooks.c.webhook_id == webhook_id)
        async with self.transaction() as connection:
            return (await connection.execute(removed)).rowcount == 1

    async def deliveries(
        self,
        webhook_id: str | None,
        owner_id: str | None,
        status: DeliveryStatus | None,
        before_id: str | None,
        limit: int,
    ) -> Sequence[Delivery]:
        wanted = select_deliveries.order_by(deliveries.c.message_id.desc()).limit(limit)
        if webhook_id is not None:
            wanted = wanted.where(deliveries.c.webhook_id == webhook_id)
        if owner_id is not None:
            own = select(webhooks.c.webhook_id).where(webhooks.c.owner_id == owner_id)
            wanted = wanted.where(deliveries.c.webhook_id.in_(own))
        if status is not None:
            wanted = wanted.where(deliveries.c.status == status)
        if before_id is not None:
            wanted = wanted.where(deliveries.c.message_id < before_id)
        async with self.transaction() as connection:
            return [delivery_of(row) for row in await connection.execute(wanted)]

    async def delivery(self, message_id: str) -> Delivery | None:
        wanted = select_deliveries.where(deliveries.c.message_id == message_id)
        async with self.transaction() as connection:
            row = (await connection.execute(wanted)).first()
        return delivery_of(row) if row else None

    async def attempts(self, message_id: str) -> Sequence[Attempt]:
        wanted = select(attempts).where(attempts.c.message_id == message_id)
        async with self.transaction() as connection:
            rows = await connection.execute(wanted.order_by(attempts.c.number))
            return [attempt_of(row) for row in rows]

    async def save(
        self, delivery: Delivery, attempt: Attempt | None, disabled_reason: str | None = None
    ) -> bool:
        # Whoever made an attempt since this one was claimed has counted it; a dead letter may be
        # taken back once.
        before = delivery.attempts - 1 if attempt else delivery.attempts
        was = DeliveryStatus.PENDING if attempt else DeliveryStatus.DEAD
        changed = (
            update(deliveries)
            .where(
                deliveries.c.message_id == delivery.message_id,
                deliveries.c.attempts == before,
                deliveries.c.status == was,
            )
            .values(
                status=delivery.status,
                attempts=delivery.attempts,
                round_attempts=delivery.round_attempts,
                due_at=delivery.due_at,
                last_error=delivery.last_error,
                leased_until=None,
            )
        )
        async with self.transaction() as connection:
            if (await connection.execute(changed)).rowcount != 1:
                return False
            if attempt:
                await connection.execute(insert(attempts).values(**_attempt_values(attempt)))
            if disabled_reason:
                await _disable(connection, delivery.webhook_id, disabled_reason)
        return True

    async def claim(
        self, now: datetime, lease_until: datetime, most: int, most_per_webhook: int
    ) -> Sequence[tuple[Delivery, Webhook]]:
        limits = {"most": most, "most_per_webhook": most_per_webhook}
        # Who has the claim is alone with them: what follows needs no transaction, and most claims
        # find nothing.
        async with self.statement() as connection:
            claimed = await connection.scalars(
                _CLAIM, {"now": now, "lease_until": lease_until, **limits}
            )
            message_ids = claimed.all()
            if not message_ids:
                return []
            wanted = select_deliveries.where(deliveries.c.message_id.in_(message_ids))
            rows = await connection.execute(wanted.order_by(deliveries.c.message_id))
            found = [delivery_of(row) for row in rows]
            owners = await connection.execute(
                select(webhooks).where(
                    webhooks.c.webhook_id.in_({delivery.webhook_id for delivery in found})
                )
            )
            by_id = {webhook.webhook_id: webhook for webhook in map(webhook_of, owners)}
        # One that was removed a moment ago has taken its deliveries with it.
        return [
            (delivery, by_id[delivery.webhook_id])
            for delivery in found
            if delivery.webhook_id in by_id
        ]

    async def next_due(self, now: datetime) -> datetime | None:
        ready = func.greatest(deliveries.c.due_at, deliveries.c.leased_until)
        wanted = select(func.min(ready)).where(
            deliveries.c.status == DeliveryStatus.PENDING, ready > now
        )
        async with self.statement() as connection:
            due: datetime | None = await connection.scalar(wanted)
        return due


async def _disable(connection: AsyncConnection, webhook_id: str, reason: str) -> None:
    disabled = update(webhooks).where(webhooks.c.webhook_id == webhook_id)
    given_up = update(deliveries).where(
        deliveries.c.webhook_id == webhook_id, deliveries.c.status == DeliveryStatus.PENDING
    )
    await connection.execute(disabled.values(status=WebhookStatus.DISABLED, disabled_reason=reason))
    await connection.execute(
        given_up.values(status=DeliveryStatus.DEAD, last_error=f"gone: {reason}")
    )


async def _count(connection: AsyncConnection) -> int:
    return await connection.scalar(select(func.count()).select_from(webhooks)) or 0


async def _keyed(connection: AsyncConnection, key: str) -> Registered | None:
    found = select(webhooks).where(webhooks.c.idempotency_key == key)
    row = (await connection.execute(found)).first()
    return Registered(webhook_of(row), bytes(row.fingerprint), True, 0) if row else None


async def _replay(connection: AsyncConnection, webhook: Webhook, message_ids: MessageIds) -> int:
    order_id = webhook.order_id or ""
    await lock_orders(connection, {order_id})
    past = select(inbox).where(inbox.c.order_id == order_id).order_by(inbox.c.version)
    found = [notification_of(row).event for row in await connection.execute(past)]
    # Another's order is answered like one that nobody has heard of.
    events = [event for event in found if webhook.owner_id in {None, event.customer_id}]
    if not events:
        raise _unknown_order(order_id)
    wanted = [
        new_delivery(message_ids(), webhook.webhook_id, event, webhook.created_at)
        for event in events
        if webhook.wants(event)
    ]
    if wanted:
        await connection.execute(insert(deliveries), wanted)
    return len(wanted)


def _values(webhook: Webhook, keyed: KeyedRegistration | None) -> dict[str, Any]:
    return {
        "webhook_id": webhook.webhook_id,
        "url": webhook.url,
        "secret": webhook.secret,
        "created_at": webhook.created_at,
        "order_id": webhook.order_id,
        "customer_id": webhook.customer_id,
        "owner_id": webhook.owner_id,
        "event_types": sorted(webhook.event_types),
        "status": webhook.status,
        "idempotency_key": keyed.key if keyed else None,
        "fingerprint": keyed.fingerprint if keyed else None,
    }


def _attempt_values(attempt: Attempt) -> dict[str, Any]:
    return {
        "message_id": attempt.message_id,
        "number": attempt.number,
        "started_at": attempt.started_at,
        "duration_ms": attempt.answer.duration_ms,
        "outcome": attempt.answer.outcome,
        "http_status": attempt.answer.http_status,
        "detail": attempt.answer.detail,
    }


def _unknown_order(order_id: str) -> StendError:
    return StendError(
        NotificationErrorCode.ORDER_NOT_FOUND,
        "Nothing has been heard of this order, so nothing of it can be replayed.",
        value=order_id,
        expected="an order whose OrderPlaced has arrived here",
        next_step="If it was placed just now, retry in a second; or register without `replay`.",
    )
