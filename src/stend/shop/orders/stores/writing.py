"""Writes: each method is one transaction with order, history and outbox row together."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Delete, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from stend.chassis.tracing.recording import stored
from stend.kit.clock import rfc3339
from stend.kit.money import Money
from stend.shop.orders.domain import Order, OrderEvent, OrderEventType
from stend.shop.orders.ports import KeyedRequest
from stend.shop.orders.saga import Saga, Step, begun
from stend.shop.orders.stores.tables import (
    CHANGES_CHANNEL,
    idempotency_keys,
    order_history,
    order_lines,
    orders,
    outbox,
    sagas,
)

_FORGET_AT_ONCE = 5000


class OrderWriter:
    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def add(
        self, order: Order, event: OrderEvent, request: KeyedRequest, now: datetime
    ) -> bool:
        """Returns False, with nothing written, when the key is taken."""
        try:
            return await self._add(order, event, request, now)
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
            # The connection died, perhaps during the commit. Repeating is safe: if the first
            # attempt was committed, the key is found taken by this very request.
            return await self._add(order, event, request, now)

    async def save(self, order: Order, event: OrderEvent) -> bool:
        """Returns False, with nothing written, when the stored version is another one."""
        async with self._engine.begin() as connection:
            if not await save(connection, order):
                return False
            await record(connection, order, event)
            await wake_saga(connection, order)
        return True

    async def forget_expired_keys(self, now: datetime) -> int:
        """Returns how many keys were deleted."""
        async with self._engine.begin() as connection:
            expired = delete(idempotency_keys).where(idempotency_keys.c.expires_at <= now)
            return (await connection.execute(expired)).rowcount

    async def forget_published(self, before: datetime) -> int:
        """Events that every broker confirmed before that moment; returns how many were deleted.

        In batches: what a long absence has left is too much for one statement.
        """
        total = 0
        while True:
            async with self._engine.begin() as connection:
                deleted = (await connection.execute(_forgotten(before))).rowcount
            total += deleted
            if deleted < _FORGET_AT_ONCE:
                return total

    async def _add(
        self, order: Order, event: OrderEvent, request: KeyedRequest, now: datetime
    ) -> bool:
        async with self._engine.begin() as connection:
            if not await _take_key(connection, order.order_id, request, now):
                return False
            await connection.execute(insert(orders), _order_row(order))
            await connection.execute(insert(order_lines), _line_rows(order))
            begins = saga_row(begun(order.order_id, now), now) | {"trace_context": stored()}
            await connection.execute(insert(sagas), begins)
            await record(connection, order, event)
        return True


def _forgotten(before: datetime) -> Delete:
    old = (
        select(outbox.c.outbox_id)
        .where(outbox.c.published_at < before, outbox.c.notified_at < before)
        .order_by(outbox.c.outbox_id)
        .limit(_FORGET_AT_ONCE)
    )
    return delete(outbox).where(outbox.c.outbox_id.in_(old.scalar_subquery()))


async def _take_key(
    connection: AsyncConnection, order_id: str, request: KeyedRequest, now: datetime
) -> bool:
    # The insert waits for a transaction that holds the same key: of fifty parallel requests one
    # goes on, and the others find its key committed.
    taken = postgresql_insert(idempotency_keys).values(
        key=request.key,
        fingerprint=request.fingerprint,
        order_id=order_id,
        expires_at=request.expires_at,
    )
    excluded = taken.excluded
    takeover = taken.on_conflict_do_update(
        index_elements=[idempotency_keys.c.key],
        set_={
            "fingerprint": excluded.fingerprint,
            "order_id": excluded.order_id,
            "expires_at": excluded.expires_at,
        },
        where=idempotency_keys.c.expires_at <= now,
    )
    written = await connection.execute(takeover.returning(idempotency_keys.c.key))
    return written.first() is not None


async def save(connection: AsyncConnection, order: Order) -> bool:
    """The order's next version, unless somebody was faster."""
    changed = (
        update(orders)
        .where(orders.c.order_id == order.order_id, orders.c.version == order.version - 1)
        .values(
            status=order.status,
            version=order.version,
            updated_at=order.updated_at,
            reason=order.reason,
        )
    )
    return (await connection.execute(changed)).rowcount == 1


async def record(
    connection: AsyncConnection,
    order: Order,
    event: OrderEvent,
    more: Mapping[str, str] | None = None,
) -> None:
    """The event into history and outbox; followers of the order hear of it at commit.

    Args:
        more: members that only the copy in the outbox has.
    """
    row = {
        "order_id": event.order_id,
        "version": event.version,
        "type": event.type,
        "occurred_at": event.occurred_at,
    }
    history_row = {**row, "status": event.status, "reason": event.reason}
    await connection.execute(insert(order_history), history_row)
    payload = payload_of(order, event) | dict(more or {})
    await connection.execute(insert(outbox), {**row, "payload": payload, "trace_context": stored()})
    # Delivered at commit, and only then.
    await connection.execute(select(func.pg_notify(CHANGES_CHANNEL, event.order_id)))


async def wake_saga(connection: AsyncConnection, order: Order) -> None:
    """An order that was cancelled has something to undo, at once and not when it is next due."""
    due = (
        update(sagas)
        .where(sagas.c.order_id == order.order_id, sagas.c.step != Step.DONE)
        .values(due_at=order.updated_at)
    )
    await connection.execute(due)


def saga_row(saga: Saga, due_at: datetime) -> dict[str, Any]:
    return {
        "order_id": saga.order_id,
        "step": saga.step,
        "attempts": saga.attempts,
        "started_at": saga.started_at,
        "step_since": saga.step_since,
        "handed_over": saga.handed_over,
        "due_at": due_at,
    }


def payload_of(order: Order, event: OrderEvent) -> dict[str, Any]:
    """The event as other services read it; the first one of an order tells what was ordered."""
    payload: dict[str, Any] = {
        "order_id": event.order_id,
        "customer_id": order.customer_id,
        "version": event.version,
        "type": event.type.value,
        "status": event.status.value,
        "occurred_at": rfc3339(event.occurred_at),
    }
    if event.reason is not None:
        payload["reason"] = event.reason
    if event.type is OrderEventType.ORDER_PLACED:
        payload["lines"] = [
            {
                "sku": line.sku,
                "quantity": line.quantity,
                "unit_price": _money(line.unit_price),
            }
            for line in order.lines
        ]
        payload["total"] = _money(order.total)
    return payload


def _money(money: Money) -> dict[str, Any]:
    return {"amount_minor": money.amount_minor, "currency": money.currency.value}


def _order_row(order: Order) -> dict[str, Any]:
    return {
        "order_id": order.order_id,
        "customer_id": order.customer_id,
        "status": order.status,
        "version": order.version,
        "city": order.address.city,
        "street": order.address.street,
        "house": order.address.house,
        "flat": order.address.flat,
        "comment": order.address.comment,
        "slot_starts_at": order.slot.starts_at,
        "slot_ends_at": order.slot.ends_at,
        "placed_at": order.placed_at,
        "updated_at": order.updated_at,
        "reason": order.reason,
    }


def _line_rows(order: Order) -> list[dict[str, Any]]:
    return [
        {
            "order_id": order.order_id,
            "position": position,
            "sku": line.sku,
            "quantity": line.quantity,
            "unit_price_minor": line.unit_price.amount_minor,
            "currency": line.unit_price.currency,
        }
        for position, line in enumerate(order.lines)
    ]
