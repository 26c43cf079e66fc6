"""The runs of the reconciliation in the database, and which process may begin them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from psycopg import AsyncConnection
from pydantic import TypeAdapter
from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.ext.asyncio import AsyncEngine

from stend.chassis.reaching import reaching_postgresql
from stend.shop.orders.reconciliation.runs import Report, Run, RunCause, RunState
from stend.shop.orders.stores.connecting import connect
from stend.shop.orders.stores.tables import reconciliations

KEPT = 100
# The first key is the relays', too; the second one is no target of theirs.
_LOCK = (7_461_002, 100)
_LEFT = "The run was broken off: its process ended, or could not reach its database."
# What makes a report long; a list of runs goes without.
_LISTS = ("findings", "accounts", "goods")
_reports = TypeAdapter(Report)
_COLUMNS = (
    reconciliations.c.run_id,
    reconciliations.c.cause,
    reconciliations.c.state,
    reconciliations.c.requested_at,
    reconciliations.c.started_at,
    reconciliations.c.ended_at,
    reconciliations.c.reason,
)
_WHOLE = (*_COLUMNS, reconciliations.c.report)


class PostgresRunStore:
    """
    Args:
        kept: how many runs are remembered.
    """

    def __init__(self, engine: AsyncEngine, kept: int = KEPT) -> None:
        self._engine = engine
        self._statements = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._kept = kept

    async def request(self, run_id: str, cause: RunCause, now: datetime) -> Run:
        table = reconciliations
        new = (
            postgresql_insert(table)
            .values(run_id=run_id, cause=cause, state=RunState.WAITING, requested_at=now)
            .on_conflict_do_nothing()
        )
        waiting = select(*_WHOLE).where(table.c.state == RunState.WAITING)
        with reaching_postgresql:
            while True:
                async with self._engine.begin() as connection:
                    await connection.execute(new)
                    row = (await connection.execute(waiting)).first()
                # None when the run that stood in the way was begun between the two statements.
                if row is not None:
                    return _run(row)

    async def latest(self, limit: int) -> Sequence[Run]:
        report: Any = reconciliations.c.report
        for name in _LISTS:
            report = report.delete_path([name])
        wanted = (
            select(*_COLUMNS, report.label("report"))
            .order_by(reconciliations.c.run_id.desc())
            .limit(limit)
        )
        with reaching_postgresql:
            async with self._engine.connect() as connection:
                return [_run(row) for row in await connection.execute(wanted)]

    async def find(self, run_id: str) -> Run | None:
        return await self._one(select(*_WHOLE).where(reconciliations.c.run_id == run_id))

    async def begin(self, now: datetime) -> Run | None:
        begun = (
            update(reconciliations)
            .where(reconciliations.c.state == RunState.WAITING)
            .values(state=RunState.RUNNING, started_at=now)
            .returning(*_WHOLE)
        )
        with reaching_postgresql:
            async with self._statements.connect() as connection:
                row = (await connection.execute(begun)).first()
                return _run(row) if row else None

    async def end(self, run: Run, state: RunState, now: datetime, outcome: Report | str) -> None:
        report = _reports.dump_python(outcome, mode="json") if isinstance(outcome, Report) else None
        ended = (
            update(reconciliations)
            .where(
                reconciliations.c.run_id == run.run_id,
                reconciliations.c.state == RunState.RUNNING,
            )
            .values(
                state=state,
                ended_at=now,
                reason=outcome if isinstance(outcome, str) else None,
                report=report,
            )
        )
        newest = select(reconciliations.c.run_id).order_by(reconciliations.c.run_id.desc())
        forgotten = delete(reconciliations).where(
            reconciliations.c.run_id.not_in(newest.limit(self._kept)),
            reconciliations.c.ended_at.is_not(None),
        )
        with reaching_postgresql:
            async with self._engine.begin() as connection:
                await connection.execute(ended)
                await connection.execute(forgotten)

    async def abandon(self, now: datetime) -> None:
        left = (
            update(reconciliations)
            .where(reconciliations.c.state == RunState.RUNNING)
            .values(state=RunState.INCOMPLETE, ended_at=now, reason=_LEFT)
        )
        with reaching_postgresql:
            async with self._engine.begin() as connection:
                await connection.execute(left)

    async def last_begun(self) -> Run | None:
        begun = select(*_WHOLE).where(reconciliations.c.started_at.is_not(None))
        return await self._one(begun.order_by(reconciliations.c.started_at.desc()).limit(1))

    async def last_complete(self) -> Run | None:
        complete = select(*_WHOLE).where(
            reconciliations.c.state.in_([RunState.CLEAN, RunState.FINDINGS])
        )
        return await self._one(complete.order_by(reconciliations.c.started_at.desc()).limit(1))

    async def _one(self, wanted: Any) -> Run | None:
        with reaching_postgresql:
            async with self._engine.connect() as connection:
                row = (await connection.execute(wanted)).first()
                return _run(row) if row else None


class Lead:
    """Which one of all processes runs the reconciliation: it holds a lock by a connection.

    Every method raises StendError UNAVAILABLE when the database cannot be reached.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: AsyncConnection[Any] | None = None

    async def take(self) -> bool:
        """Whether this process is the one, until its connection ends."""
        with reaching_postgresql:
            if self._connection is None or self._connection.closed:
                self._connection = await connect(self._url)
            taken = await self._connection.execute("SELECT pg_try_advisory_lock(%s, %s)", _LOCK)
            row = await taken.fetchone()
            return bool(row and row[0])

    async def close(self) -> None:
        """Also gives up the lead."""
        connection, self._connection = self._connection, None
        if connection:
            await connection.close()


def _run(row: Any) -> Run:
    return Run(
        run_id=row.run_id,
        cause=RunCause(row.cause),
        state=RunState(row.state),
        requested_at=row.requested_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
        reason=row.reason,
        report=None if row.report is None else _reports.validate_python(row.report),
    )
