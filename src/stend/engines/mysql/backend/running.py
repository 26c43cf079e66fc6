"""Statements outside of transactions: each is one of its own."""

from stend.engines.mysql.backend.levels import Isolation
from stend.engines.mysql.backend.link import Link, PgFailure, Result
from stend.engines.mysql.backend.statement import PgStatement
from stend.engines.mysql.backend.transaction import DEADLOCK, Shared, begin, end, ended
from stend.engines.mysql.backend.waits import Waits
from stend.engines.mysql.errors import MySqlError
from stend.engines.mysql.sql.translated import StatementKind, Translated
from stend.engines.mysql.tables.model import TableName

_COMMIT = PgStatement("COMMIT")
_NO_ROWS = b"0"


class Alone:
    """One statement with autocommit.

    Attributes:
        running: the connection that it runs on now.
    """

    def __init__(self, shared: Shared, isolation: Isolation) -> None:
        self._shared = shared
        # Only SERIALIZABLE differs: one statement reads once.
        self._isolation = isolation
        self.running: Link | None = None

    async def select(self, statement: Translated, waits: Waits) -> Result:
        """Rows of a SELECT.

        Raises:
            PgFailure: it has failed.
            MySqlError: a deadlock.
            LostError: PostgreSQL is gone.
        """
        link = await self._take()
        try:
            wanted = PgStatement(statement.sql)
            settings = link.settings(waits, is_select=True)
            if settings:
                results = await link.run(begin(self._isolation), *settings, wanted, _COMMIT)
                return results[-2]
            return (await link.run(wanted))[0]
        except PgFailure as failure:
            raise _of(failure) from failure
        finally:
            await self._leave(link)

    async def write(
        self, statement: Translated, cascades: frozenset[TableName], waits: Waits
    ) -> Result:
        """The four numbers of an INSERT, UPDATE or DELETE.

        It is committed in a second trip: what waits for a lock has not changed anything yet, and
        others may go on reading.

        Args:
            cascades: tables that foreign keys may change with those that it writes.

        Raises:
            PgFailure: it has failed.
            MySqlError: a deadlock.
            LostError: PostgreSQL is gone; nobody knows whether it was committed.
        """
        link = await self._take()
        try:
            settings = link.settings(waits, is_select=statement.kind is StatementKind.SELECT)
            wanted = PgStatement(statement.sql)
            result = (await link.run(begin(self._isolation), *settings, wanted))[-1]
            changed: frozenset[TableName] = frozenset()
            if result.first_row()[0] != _NO_ROWS:
                changed = statement.writes | cascades
            async with self._shared.commits.commit(changed):
                await link.run(_COMMIT)
            return result
        except PgFailure as failure:
            raise _of(failure) from failure
        finally:
            await self._leave(link)

    async def cancel(self) -> None:
        """Ends the statement that runs now by ER_QUERY_INTERRUPTED."""
        if self.running:
            await self.running.cancel()

    async def _take(self) -> Link:
        self.running = await self._shared.pool.take()
        return self.running

    async def _leave(self, link: Link) -> None:
        self.running = None
        await end(self._shared.pool, link)


def _of(failure: PgFailure) -> PgFailure | MySqlError:
    return ended(failure) if failure.sql_state in DEADLOCK else failure
