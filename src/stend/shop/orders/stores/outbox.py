"""The outbox, read by a relay: what waits, in order, and what a broker has confirmed.

The pattern "Transactional outbox" with a polling publisher: the event is written in the
transaction that it tells of, so neither can exist without the other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from psycopg import AsyncConnection
from psycopg.sql import SQL, Identifier

from stend.chassis.reaching import reaching_postgresql
from stend.shop.orders.ports import OutboxEvent
from stend.shop.orders.stores.connecting import connect

# One relay per target, in whichever process: two would publish an order's events out of order.
# The first key is arbitrary and ours, the second tells the target.
_LOCK = 7_461_002


class Target(StrEnum):
    """The brokers, each with the column that tells when it confirmed."""

    KAFKA = "published_at"
    RABBITMQ = "notified_at"


@dataclass(frozen=True, slots=True)
class Backlog:
    """`oldest` is None when nothing waits."""

    rows: int
    oldest: datetime | None


class Outbox:
    """One target's view of the outbox, over a connection of its own.

    Every method raises StendError UNAVAILABLE when the database cannot be reached; the connection
    is made again with the next call.
    """

    def __init__(self, url: str, target: Target) -> None:
        self._url = url
        self._column = Identifier(target.value)
        self._key = list(Target).index(target)
        self._connection: AsyncConnection[Any] | None = None

    async def take_lead(self) -> bool:
        """Whether this process is the one relay of the target, until its connection ends."""
        with reaching_postgresql:
            connection = await self._open()
            taken = await connection.execute("SELECT pg_try_advisory_lock(%s, %s)", self._lock)
            row = await taken.fetchone()
            return bool(row and row[0])

    async def waiting(
        self, most: int, besides: Sequence[OutboxEvent] = ()
    ) -> Sequence[OutboxEvent]:
        """In the order in which they were written; one order's events are always in its own.

        Args:
            besides: what is on its way already. Not "after the last of them": a transaction that
                ends late may have a smaller number, and its order's next event a larger one.
        """
        # PostgreSQL hashes the array where its elements are of the column's type, and otherwise
        # compares each row with each of them; psycopg takes the smallest type that holds them.
        query = SQL(
            "SELECT outbox_id, order_id, version, type, occurred_at, payload::text,"
            " trace_context"
            " FROM orders.outbox WHERE {} IS NULL AND outbox_id <> ALL(%s::bigint[])"
            " ORDER BY outbox_id LIMIT {}"
        ).format(self._column, most)
        with reaching_postgresql:
            connection = await self._open()
            numbers = [event.outbox_id for event in besides]
            rows = await (await connection.execute(query, (numbers,))).fetchall()
        return [
            OutboxEvent(number, order_id, version, kind, occurred_at, body.encode(), trace)
            for number, order_id, version, kind, occurred_at, body, trace in rows
        ]

    async def confirm(self, events: Sequence[OutboxEvent], now: datetime) -> None:
        statement = SQL("UPDATE orders.outbox SET {} = %s WHERE outbox_id = ANY(%s)")
        numbers = [event.outbox_id for event in events]
        with reaching_postgresql:
            connection = await self._open()
            await connection.execute(statement.format(self._column), (now, numbers))

    async def backlog(self) -> Backlog:
        query = SQL("SELECT count(*), min(occurred_at) FROM orders.outbox WHERE {} IS NULL")
        with reaching_postgresql:
            connection = await self._open()
            row = await (await connection.execute(query.format(self._column))).fetchone()
        return Backlog(*row) if row else Backlog(0, None)

    async def close(self) -> None:
        """Also gives up the lead."""
        connection, self._connection = self._connection, None
        if connection:
            await connection.close()

    @property
    def _lock(self) -> tuple[int, int]:
        return _LOCK, self._key

    async def _open(self) -> AsyncConnection[Any]:
        if self._connection is None or self._connection.closed:
            connection = await connect(self._url)
            try:
                # What a crash of the server forgets is published again, as after any other crash.
                await connection.execute("SET synchronous_commit TO off")
            except BaseException:
                await connection.close()
                raise
            self._connection = connection
        return self._connection
