"""One command as one transaction: inbox, reservation, quantities and ledger together."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from stend.chassis.metrics import INBOX_MESSAGES
from stend.kit.clock import Clock
from stend.kit.json import JsonObject
from stend.shop.stock.domain import Movement, MovementKind, Quantity, Reservation, Restock
from stend.shop.stock.ports import Envelope, KeptReply
from stend.shop.stock.stores.reading import reservation_of, with_lines
from stend.shop.stock.stores.tables import (
    inbox,
    movements,
    quantities,
    reservation_lines,
    reservations,
    restocks,
)

# What a movement adds to the free goods and to those that are kept.
_SIGNS: Mapping[MovementKind, tuple[int, int]] = {
    MovementKind.RECEIVED: (1, 0),
    MovementKind.RESERVED: (-1, 1),
    MovementKind.RELEASED: (1, -1),
    MovementKind.COMMITTED: (0, -1),
}
_NEW = INBOX_MESSAGES.labels("stock", "new")
_DUPLICATE = INBOX_MESSAGES.labels("stock", "duplicate")


class PostgresTransaction:
    """Locks in one order for everybody: message id, reservation id, skus by their bytes."""

    def __init__(self, connection: AsyncConnection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock

    async def claim(self, envelope: Envelope) -> KeptReply | None:
        # The insert waits for a transaction that holds the same id, and then finds it taken.
        row = {
            "message_id": envelope.message_id,
            "fingerprint": envelope.fingerprint,
            "received_at": self._clock.now(),
        }
        taken = postgresql_insert(inbox).values(row).on_conflict_do_nothing()
        written = await self._connection.execute(taken.returning(inbox.c.message_id))
        if written.first() is not None:
            _NEW.inc()
            return None
        _DUPLICATE.inc()
        kept = select(inbox.c.fingerprint, inbox.c.reply).where(
            inbox.c.message_id == envelope.message_id
        )
        fingerprint, reply = (await self._connection.execute(kept)).one()
        return KeptReply(bytes(fingerprint), reply)

    async def keep_reply(self, message_id: str, reply: JsonObject) -> None:
        handled = update(inbox).where(inbox.c.message_id == message_id).values(reply=reply)
        await self._connection.execute(handled)

    async def lock_reservation(self, reservation_id: str) -> Reservation | None:
        # A row that is not there yet cannot be locked, its id can.
        lock = func.pg_advisory_xact_lock(func.hashtextextended(f"stock:{reservation_id}", 0))
        await self._connection.execute(select(lock))
        wanted = with_lines().where(reservations.c.reservation_id == reservation_id)
        row = (await self._connection.execute(wanted)).first()
        return None if row is None else reservation_of(row)

    async def lock_quantities(self, skus: Sequence[str]) -> Mapping[str, Quantity]:
        locked = (
            select(quantities)
            .where(quantities.c.sku.in_(skus))
            .order_by(quantities.c.sku)
            .with_for_update()
        )
        rows = await self._connection.execute(locked)
        return {row.sku: Quantity(row.sku, row.on_hand, row.reserved) for row in rows}

    async def add_reservation(self, reservation: Reservation) -> None:
        row = {
            "reservation_id": reservation.reservation_id,
            "status": reservation.status,
            "created_at": reservation.created_at,
            "updated_at": reservation.updated_at,
            "reason": reservation.reason,
        }
        await self._connection.execute(insert(reservations), row)
        lines = [
            {
                "reservation_id": reservation.reservation_id,
                "sku": line.sku,
                "quantity": line.quantity,
            }
            for line in reservation.lines
        ]
        if lines:
            await self._connection.execute(insert(reservation_lines), lines)

    async def save_reservation(self, reservation: Reservation) -> None:
        changed = (
            update(reservations)
            .where(reservations.c.reservation_id == reservation.reservation_id)
            .values(
                status=reservation.status,
                updated_at=reservation.updated_at,
                reason=reservation.reason,
            )
        )
        await self._connection.execute(changed)

    async def move(self, made: Sequence[Movement]) -> None:
        rows = [
            {
                "sku": one.sku,
                "kind": one.kind,
                "quantity": one.quantity,
                "reference": one.reference,
                "occurred_at": one.occurred_at,
            }
            for one in made
        ]
        await self._connection.execute(insert(movements), rows)
        counted = (
            update(quantities)
            .where(quantities.c.sku == bindparam("moved_sku"))
            .values(
                on_hand=quantities.c.on_hand + bindparam("free"),
                reserved=quantities.c.reserved + bindparam("kept"),
            )
        )
        await self._connection.execute(counted, [_difference(one) for one in made])

    async def add_restock(self, restock: Restock, now: datetime) -> Restock | None:
        row = {
            "restock_id": restock.restock_id,
            "sku": restock.sku,
            "quantity": restock.quantity,
            "received_at": now,
        }
        taken = postgresql_insert(restocks).values(row).on_conflict_do_nothing()
        written = await self._connection.execute(taken.returning(restocks.c.restock_id))
        if written.first() is not None:
            return None
        earlier = select(restocks).where(restocks.c.restock_id == restock.restock_id)
        found = (await self._connection.execute(earlier)).one()
        return Restock(found.restock_id, found.sku, found.quantity)


def _difference(movement: Movement) -> dict[str, str | int]:
    free, kept = _SIGNS[movement.kind]
    return {
        "moved_sku": movement.sku,
        "free": free * movement.quantity,
        "kept": kept * movement.quantity,
    }
