"""The sagas in the database: taken up, moved on, put off. One transaction for each of it.

What is one statement is its own transaction: BEGIN and COMMIT around it would be two more trips to
the server, every second of an idle service and for each step of every saga.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from stend.chassis.reaching import reaching_postgresql
from stend.shop.orders.domain import Order, OrderEvent
from stend.shop.orders.saga import Saga, Step
from stend.shop.orders.stores.tables import delivery_cursor, sagas
from stend.shop.orders.stores.writing import record, saga_row, save

# How long a saga belongs to who took it up. Longer than any step; after a crash of a process that
# never comes back, another one takes over then.
HOLD = timedelta(seconds=30)
# Nothing is put off for this long: what is due later was written before the clock was put back.
_FURTHEST = 2 * HOLD
_COLUMNS = (
    sagas.c.order_id,
    sagas.c.step,
    sagas.c.attempts,
    sagas.c.started_at,
    sagas.c.step_since,
    sagas.c.handed_over,
    sagas.c.trace_context,
)


@dataclass(frozen=True, slots=True)
class Change:
    """One more version of an order, and the event that tells of it.

    Attributes:
        more: members that only this event has, for those who read it from a broker.
    """

    order: Order
    event: OrderEvent
    more: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OpenStep:
    """How many sagas wait for the step, and since when the first of them does."""

    step: Step
    sagas: int
    since: datetime


class SagaStore:
    """
    Args:
        holder: who takes sagas up; a process that starts again under the same name goes on with
            what it held.
    """

    def __init__(self, engine: AsyncEngine, holder: str) -> None:
        self._engine = engine
        self._statements = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._holder = holder

    async def let_go(self, now: datetime) -> None:
        """What the process held when it last ended is due now."""
        with reaching_postgresql:
            async with self._statements.connect() as connection:
                held = sagas.c.held_by == self._holder
                await connection.execute(update(sagas).where(held).values(held_by=None, due_at=now))

    async def take(self, now: datetime, most: int, besides: Collection[str]) -> Sequence[Saga]:
        """Sagas that are due, the longest first; they are held from now on.

        Args:
            besides: orders whose sagas are being worked on here already.
        """
        due = (
            select(sagas.c.order_id)
            .where(
                sagas.c.step != Step.DONE,
                or_(sagas.c.due_at <= now, sagas.c.due_at > now + _FURTHEST),
                sagas.c.order_id.not_in(besides),
            )
            .order_by(sagas.c.due_at)
            .limit(most)
            .with_for_update(skip_locked=True)
        )
        taken = (
            update(sagas)
            .where(sagas.c.order_id.in_(due.scalar_subquery()))
            .values(due_at=now + HOLD, held_by=self._holder)
            .returning(*_COLUMNS)
        )
        with reaching_postgresql:
            async with self._statements.connect() as connection:
                return [_saga(row) for row in await connection.execute(taken)]

    async def next_due(self) -> datetime | None:
        with reaching_postgresql:
            async with self._statements.connect() as connection:
                earliest = select(func.min(sagas.c.due_at)).where(sagas.c.step != Step.DONE)
                moment: datetime | None = await connection.scalar(earliest)
                return moment

    async def open_steps(self) -> Sequence[OpenStep]:
        """What the sagas that have not ended wait for; a step that none waits for is not there."""
        wanted = (
            select(sagas.c.step, func.count(), func.min(sagas.c.step_since))
            .where(sagas.c.step != Step.DONE)
            .group_by(sagas.c.step)
        )
        with reaching_postgresql:
            async with self._statements.connect() as connection:
                rows = await connection.execute(wanted)
                return [OpenStep(Step(step), count, since) for step, count, since in rows]

    async def move(
        self,
        before: Saga,
        after: Saga,
        now: datetime,
        *changes: Change,
        due_at: datetime | None = None,
    ) -> bool:
        """The saga's next step, and what the order became by the last one, together.

        Args:
            due_at: when its turn comes; None keeps it held by this process, which goes on with it.

        Returns:
            False, with nothing written, when the order or the saga has changed meanwhile.
        """
        with reaching_postgresql:
            async with self._engine.begin() as connection:
                if await self._move(connection, (before, after), changes, now, due_at):
                    return True
                await connection.rollback()
                return False

    async def _move(
        self,
        connection: AsyncConnection,
        steps: tuple[Saga, Saga],
        changes: Sequence[Change],
        now: datetime,
        due_at: datetime | None,
    ) -> bool:
        for change in changes:
            if not await save(connection, change.order):
                return False
            await record(connection, change.order, change.event, change.more)
        before, after = steps
        holder = self._holder if due_at is None else None
        moved = (
            update(sagas)
            .where(sagas.c.order_id == before.order_id, sagas.c.step == before.step)
            .values(**saga_row(after, due_at or now + HOLD), held_by=holder)
        )
        return (await connection.execute(moved)).rowcount == 1

    async def put_off(self, saga: Saga, now: datetime, until: datetime) -> bool:
        """The step stays to be done.

        Returns:
            False, with nothing written, when somebody made it due meanwhile.
        """
        later = (
            update(sagas)
            .where(
                sagas.c.order_id == saga.order_id,
                sagas.c.step == saga.step,
                sagas.c.due_at > now,
            )
            .values(attempts=saga.attempts, due_at=until, held_by=None)
        )
        with reaching_postgresql:
            async with self._statements.connect() as connection:
                return (await connection.execute(later)).rowcount == 1

    # ---- the news of deliveries ----------------------------------------------------------------

    async def cursor(self) -> str:
        """Where the news of deliveries go on; empty: from the beginning."""
        with reaching_postgresql:
            async with self._statements.connect() as connection:
                return await connection.scalar(select(delivery_cursor.c.cursor)) or ""

    async def find(self, order_id: str) -> Saga | None:
        wanted: Select[Any] = select(*_COLUMNS).where(sagas.c.order_id == order_id)
        with reaching_postgresql:
            async with self._statements.connect() as connection:
                row = (await connection.execute(wanted)).first()
                return _saga(row) if row else None

    async def take_in(
        self, cursor: str, moves: tuple[Saga, Saga] | None, now: datetime, *changes: Change
    ) -> bool:
        """What one piece of news changes, and that it was read, together.

        Returns:
            False, with nothing written, when the order or its saga has changed meanwhile.
        """
        with reaching_postgresql:
            async with self._engine.begin() as connection:
                if moves and not await self._move(connection, moves, changes, now, now):
                    await connection.rollback()
                    return False
                read = postgresql_insert(delivery_cursor).values(row=1, cursor=cursor)
                await connection.execute(
                    read.on_conflict_do_update(
                        index_elements=[delivery_cursor.c.row], set_={"cursor": cursor}
                    )
                )
                return True


def _saga(row: Row[Any]) -> Saga:
    return Saga(
        order_id=row.order_id,
        step=Step(row.step),
        attempts=row.attempts,
        started_at=row.started_at,
        step_since=row.step_since,
        handed_over=row.handed_over,
        trace_context=row.trace_context,
    )
