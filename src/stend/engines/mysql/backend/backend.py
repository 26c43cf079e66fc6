"""All that the clients share: the catalogue, PostgreSQL's connections, locks of tables."""

import asyncio
from collections.abc import Callable, Iterable, Sequence

from psycopg.errors import Diagnostic

from stend.engines.mysql.backend import pg_errors
from stend.engines.mysql.backend.commits import Commits
from stend.engines.mysql.backend.link import MAX_RESULT_BYTES, Link, LostError, PgFailure, Result
from stend.engines.mysql.backend.metadata_locks import Holder, MetadataLocks
from stend.engines.mysql.backend.pool import Pool
from stend.engines.mysql.backend.statement import PgStatement
from stend.engines.mysql.backend.tables import cascades_of, changed_tables, neighbours_of
from stend.engines.mysql.backend.transaction import Shared, end
from stend.engines.mysql.catalog import storing
from stend.engines.mysql.catalog.ddl import DdlPlan
from stend.engines.mysql.errors import MyError, MySqlError
from stend.engines.mysql.sql import my_schema
from stend.engines.mysql.tables.model import Catalog, TableName

_BEGIN = PgStatement("BEGIN")
_COMMIT = PgStatement("COMMIT")
_NO_LOCK_TIMEOUT = PgStatement("SET LOCAL lock_timeout = 0")

Planner = Callable[[Catalog], DdlPlan]


class Backend:
    """
    Args:
        dsn: of the PostgreSQL.

    Attributes:
        catalog: as it is now.
        shared: by all transactions.
        locks: of tables.
    """

    def __init__(self, dsn: str) -> None:
        self.catalog = Catalog()
        self.shared = Shared(Pool(dsn), Commits())
        self.locks = MetadataLocks()
        self._defining = asyncio.Lock()
        # A change of the catalogue was sent whose end nobody has seen.
        self._is_doubtful = False

    async def open(self) -> None:
        """Makes what is missing in PostgreSQL and reads the catalogue.

        Raises:
            LostError: PostgreSQL does not answer.
            PgFailure: it refuses.
        """
        link = await self.shared.pool.take()
        try:
            (stamp,) = await link.run(PgStatement(my_schema.STAMP_QUERY))
            if not stamp.ntuples or stamp.first_row()[0] != my_schema.schema_stamp().encode():
                await link.run_script(my_schema.schema_sql())
            await link.run(_BEGIN, *map(PgStatement, storing.CREATE), _COMMIT)
        finally:
            await end(self.shared.pool, link)
        await self._read()
        await self._refresh()

    async def close(self) -> None:
        await self.shared.pool.close()

    async def current_catalog(self) -> Catalog:
        """The catalogue; read anew after a change whose end was not seen.

        Raises:
            LostError: PostgreSQL does not answer.
        """
        if self._is_doubtful:
            async with self._defining:
                if self._is_doubtful:
                    await self._read()
        return self.catalog

    def cascades_of(self, tables: Iterable[TableName]) -> frozenset[TableName]:
        """Tables that foreign keys may change when these change."""
        return cascades_of(self.catalog, tables)

    def neighbours_of(self, tables: Iterable[TableName]) -> frozenset[TableName]:
        """Tables whose rows are looked at or changed when these change."""
        return neighbours_of(self.catalog, tables)

    async def define(self, plan: Planner, timeout_s: float) -> tuple[DdlPlan, int]:
        """Changes the catalogue.

        Args:
            plan: of the statement; called again when the catalogue has changed meanwhile.
            timeout_s: lock_wait_timeout.

        Returns:
            What was done, and how many rows it has affected.

        Raises:
            MySqlError: it is refused, or its tables are in use for too long.
            LostError: PostgreSQL is gone.
        """
        holder = Holder()
        try:
            while True:
                before = await self.current_catalog()
                tables = changed_tables(before, plan(before))
                await self.locks.take_alone(holder, tables, timeout_s)
                async with self._defining:
                    wanted = plan(self.catalog)
                    if changed_tables(self.catalog, wanted) <= tables:
                        return wanted, await self._define(wanted)
                self.locks.release(holder)
        finally:
            self.locks.release(holder)

    async def _define(self, plan: DdlPlan) -> int:
        link = await self.shared.pool.take()
        touched = plan.touched
        try:
            statements = [PgStatement(one) for one in plan.statements]
            results = (await link.run(_BEGIN, _NO_LOCK_TIMEOUT, *statements))[2:]
            async with self.shared.commits.commit(touched):
                await self._commit(link)
        except PgFailure as failure:
            raise failed(failure, plan.catalog_after) from failure
        finally:
            await end(self.shared.pool, link)
        self.shared.version += 1
        for one in changed_tables(self.catalog, plan):
            self.shared.changed_in[one] = self.shared.version
        self.catalog = plan.catalog_after
        counted = plan.counted
        return plan.affected if counted is None else results[counted].last.command_tuples or 0

    async def _commit(self, link: Link) -> None:
        try:
            await link.run(_COMMIT)
        except (LostError, asyncio.CancelledError):
            self._is_doubtful = True
            raise

    async def _refresh(self) -> None:
        statement = storing.refreshed(self.catalog)
        if statement is not None:
            link = await self.shared.pool.take()
            try:
                await link.run(PgStatement(statement))
            finally:
                await end(self.shared.pool, link)

    async def _read(self) -> None:
        link = await self.shared.pool.take()
        try:
            rows = (await link.run(PgStatement(storing.READ)))[0]
        finally:
            await end(self.shared.pool, link)
        self.catalog = storing.read(_texts(rows))
        self._is_doubtful = False


def failed(failure: PgFailure, catalog: Catalog, said: Sequence[str] = ()) -> MySqlError:
    """The error of PostgreSQL as MySQL words it.

    Args:
        said: texts of the statement, as `pg_errors.said_texts` gives them.
    """
    if failure.is_too_large:
        return MySqlError(
            MyError.ER_OUT_OF_RESOURCES,
            f"Out of memory: the result has more than {MAX_RESULT_BYTES} bytes",
        )
    diagnostic = Diagnostic(failure.result)
    return pg_errors.translate(diagnostic.sqlstate, diagnostic, catalog, said)


def _texts(rows: Result) -> list[tuple[str, str | None, str | None]]:
    def text(value: bytes | None) -> str | None:
        return None if value is None else value.decode()

    return [(text(one) or "", text(two), text(three)) for one, two, three in rows.rows()]
