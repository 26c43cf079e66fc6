"""A transaction with the rules of InnoDB on the connections of PostgreSQL.

REPEATABLE READ: a plain SELECT sees what was committed when the transaction first read, and what
it has written itself; DML and locking reads see what is committed now. PostgreSQL has no such
level, so there are two connections: one writes (READ COMMITTED), one keeps the snapshot (REPEATABLE
READ). A SELECT of tables that the transaction has not written goes to the snapshot. One of tables
that it has written goes to the writing connection: as it is, as long as nobody else has changed any
of its tables since the snapshot; otherwise over what `mixing` makes of them. Where that cannot be
done, the SELECT is refused by ER_CHECKREAD.

READ COMMITTED and SERIALIZABLE are one connection of PostgreSQL's level of that name.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field

from stend.engines.mysql.backend import mixing
from stend.engines.mysql.backend.changes import Mark
from stend.engines.mysql.backend.commits import Commits
from stend.engines.mysql.backend.levels import Isolation
from stend.engines.mysql.backend.link import Link, LostError, PgFailure, Result
from stend.engines.mysql.backend.metadata_locks import Holder
from stend.engines.mysql.backend.pool import Pool
from stend.engines.mysql.backend.statement import PgStatement
from stend.engines.mysql.backend.waits import Waits
from stend.engines.mysql.errors import MyError, MySqlError, read_only
from stend.engines.mysql.sql.translated import StatementKind, Translated
from stend.engines.mysql.tables.model import Catalog, Table, TableName

DEADLOCK = frozenset({"40P01", "40001"})
_BEGIN_SNAPSHOT = PgStatement("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
# A snapshot is taken by the first statement, not by BEGIN.
_TAKE_SNAPSHOT = PgStatement("SELECT 1")
_COMMIT = PgStatement("COMMIT")
_ROLLBACK = PgStatement("ROLLBACK")
# No savepoint of a client can have this name: theirs begin with `s_`.
_MARK = PgStatement("SAVEPOINT statement")
_KEEP = PgStatement("RELEASE SAVEPOINT statement")
_UNDO = (PgStatement("ROLLBACK TO SAVEPOINT statement"), _KEEP)
# How often the first read may begin anew because somebody has committed meanwhile.
_FIRST_READS = 3


class EndedError(MySqlError):
    """The error has rolled the whole transaction back."""


@dataclass(slots=True, eq=False)
class _Savepoint:
    """
    Attributes:
        name: in lower case: names are compared so.
        pg_name: one that no other has: PostgreSQL keeps all that its stack has.
        written: before it.
        is_forgotten: released, or another has its name now. MySQL keeps those above a released
            one, PostgreSQL does not: so it stays until nothing is above it.
    """

    name: str
    pg_name: str
    written: frozenset[TableName]
    is_forgotten: bool = False


@dataclass(slots=True)
class _Snapshot:
    """
    Attributes:
        mark: a moment before it was taken.
        version: of the catalogue when it was taken.
    """

    link: Link
    mark: Mark
    version: int


@dataclass(slots=True)
class Shared:
    """What all transactions share.

    Attributes:
        version: counts changes of the catalogue.
        changed_in: the version in which a table was defined last.
    """

    pool: Pool
    commits: Commits
    version: int = 0
    changed_in: dict[TableName, int] = field(default_factory=dict)

    def defined_in(self, table: TableName) -> int:
        """The version of the catalogue in which the table became what it is."""
        if table.database == "information_schema":
            return self.version
        return self.changed_in.get(table, 0)


@dataclass(slots=True, eq=False)
class Transaction:
    """
    Attributes:
        is_read_only: START TRANSACTION READ ONLY, or as the session has it.
        holder: of metadata locks; they go when the transaction ends.
        running: the connection that a statement runs on now.
    """

    shared: Shared
    isolation: Isolation
    is_read_only: bool = False
    holder: Holder = field(default_factory=Holder)
    running: Link | None = None
    _writer: Link | None = None
    _snapshot: _Snapshot | None = None
    _written: frozenset[TableName] = frozenset()
    _savepoints: list[_Savepoint] = field(default_factory=list)
    _count: int = 0
    # Of the catalogue when the writing connection began.
    _version: int = 0

    async def take_snapshot(self) -> None:
        """START TRANSACTION WITH CONSISTENT SNAPSHOT; other levels than REPEATABLE READ do not."""
        if self.isolation is Isolation.REPEATABLE_READ and self._snapshot is None:
            self._snapshot = await self._begin_snapshot()

    async def select(self, statement: Translated, waits: Waits, catalog: Catalog) -> Result:
        """Rows of a SELECT.

        Args:
            catalog: by which the statement was translated.

        Raises:
            PgFailure: the statement has failed; the transaction stands as before.
            EndedError: a deadlock: the transaction is rolled back.
            MySqlError: ER_CHECKREAD, ER_TABLE_DEF_CHANGED.
            LostError: PostgreSQL is gone, and the transaction with it.
        """
        if statement.is_locking or self.isolation is not Isolation.REPEATABLE_READ:
            return await self._on_writer(statement, waits)
        if statement.reads & self._written:
            return await self._read_written(statement, waits, catalog)
        if self._snapshot is None:
            self._snapshot = await self._begin_snapshot()
        self._check_definitions(self._snapshot.version, statement.reads)
        return await self._guarded(self._snapshot.link, statement, waits)

    async def write(
        self, statement: Translated, cascades: frozenset[TableName], waits: Waits
    ) -> Result:
        """The four numbers of an INSERT, UPDATE or DELETE.

        Args:
            cascades: tables that foreign keys may change with those that it writes.

        Raises:
            MySqlError: ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION, or as `select`.
        """
        if self.is_read_only:
            raise read_only()
        result = await self._on_writer(statement, waits)
        if result.first_row()[0] != b"0":
            self._written |= statement.writes | cascades
        return result

    async def savepoint(self, name: str) -> None:
        """Sets one; an older one of the same name is forgotten."""
        if found := self._find(name):
            found.is_forgotten = True
        self._count += 1
        made = _Savepoint(name.lower(), f"s_{self._count}", self._written)
        await self._control(f"SAVEPOINT {made.pg_name}")
        self._savepoints.append(made)

    async def rollback_to(self, name: str) -> None:
        """
        Raises:
            MySqlError: ER_SP_DOES_NOT_EXIST.
        """
        found = self._required(name)
        await self._control(f"ROLLBACK TO SAVEPOINT {found.pg_name}")
        del self._savepoints[self._savepoints.index(found) + 1 :]
        self._written = found.written
        if self._writer:
            # What was set behind the savepoint is as it was before.
            self._writer.waits = None

    async def release(self, name: str) -> None:
        """Forgets a savepoint; what was done behind it stays.

        Raises:
            MySqlError: ER_SP_DOES_NOT_EXIST.
        """
        self._required(name).is_forgotten = True
        lowest = None
        while self._savepoints and self._savepoints[-1].is_forgotten:
            lowest = self._savepoints.pop()
        if lowest:
            await self._control(f"RELEASE SAVEPOINT {lowest.pg_name}")

    async def commit(self) -> None:
        """
        Raises:
            EndedError: it could not be serialized; it is rolled back.
            LostError: nobody knows whether it was committed.
        """
        written, writer = self._written, self._writer
        try:
            if writer is None:
                return
            async with self.shared.commits.commit(written):
                await self._run(writer, _COMMIT)
        except PgFailure as failure:
            raise ended(failure) from failure
        finally:
            await self._leave()

    async def rollback(self) -> None:
        """Undoes everything; it cannot fail: what is lost is rolled back too."""
        await self._leave()

    async def cancel(self) -> None:
        """Ends the statement that runs now by ER_QUERY_INTERRUPTED."""
        if self.running:
            await self.running.cancel()

    async def _read_written(self, statement: Translated, waits: Waits, catalog: Catalog) -> Result:
        changes = self.shared.commits.changes
        for _ in range(_FIRST_READS):
            is_first = self._snapshot is None
            if self._snapshot is None:
                self._snapshot = await self._begin_snapshot()
            snapshot = self._snapshot
            self._check_definitions(snapshot.version, statement.reads - self._written)
            if not changes.since(snapshot.mark, statement.reads):
                result = await self._on_writer(statement, waits)
                # Somebody may have committed between the look and the read.
                if not changes.since(snapshot.mark, statement.reads):
                    return result
            if not is_first:
                break
            # Nothing was read of the snapshot yet, so a later one is as good.
            self._snapshot = None
            await end(self.shared.pool, snapshot.link)
        return await self._read_mixed(statement, waits, catalog)

    async def _read_mixed(self, statement: Translated, waits: Waits, catalog: Catalog) -> Result:
        """Of tables that others have changed, too."""
        if self._snapshot is None:
            self._snapshot = await self._begin_snapshot()
        snapshot = self._snapshot
        # Nobody who waits for it may wait for a connection that it waits for.
        outside = await self.shared.pool.take(is_second=True)
        try:
            async with self.shared.commits.still(statement.reads):
                changed = self.shared.commits.changes.since(snapshot.mark, statement.reads)
                mixed = await self._mixed(statement, changed, outside, catalog)
                return await self._on_writer(statement, waits, mixed)
        finally:
            await end(self.shared.pool, outside)

    async def _mixed(
        self,
        statement: Translated,
        changed: frozenset[TableName],
        outside: Link,
        catalog: Catalog,
    ) -> PgStatement:
        """The statement over its tables as `mixing` makes them."""
        tables = mixing.mixable(catalog, statement.sql, changed)
        if tables is None or self._snapshot is None or self._writer is None:
            raise _check_read(changed)
        links = _Links(self._snapshot.link, self._writer, outside)
        (told,) = await self._run(links.snapshot, mixing.HORIZON)
        horizon = mixing.horizon_of(_text(told, 0))
        if horizon is None:
            raise _check_read(changed)
        pieces = [await self._piece(one, links, horizon) for one in tables]
        return mixing.mixed(statement.sql, pieces)

    async def _piece(self, table: Table, links: "_Links", horizon: int) -> mixing.Piece:
        (told,) = await self._run(links.snapshot, mixing.of_snapshot(table, horizon))
        places, rows = _text(told, 0), _text(told, 1)
        if int(_text(told, 2)) > mixing.MAX_ROWS:
            raise _check_read({table.name})
        (told,) = await self._run(links.outside, mixing.of_latest(table, rows))
        (told,) = await self._run(links.writer, mixing.not_deleted(table, rows, _text(told, 0)))
        return mixing.Piece(table, horizon, places, _text(told, 0))

    def _check_definitions(self, version: int, tables: Iterable[TableName]) -> None:
        for one in tables:
            if self.shared.defined_in(one) > version:
                raise MySqlError(
                    MyError.ER_TABLE_DEF_CHANGED,
                    "Table definition has changed, please retry transaction",
                )

    async def _begin_snapshot(self) -> _Snapshot:
        link = await self.shared.pool.take(is_second=self._writer is not None)
        mark, version = self.shared.commits.changes.mark(), self.shared.version
        try:
            await self._run(link, _BEGIN_SNAPSHOT, _TAKE_SNAPSHOT)
        except BaseException:
            await end(self.shared.pool, link)
            raise
        return _Snapshot(link, mark, version)

    async def _on_writer(
        self, statement: Translated, waits: Waits, mixed: PgStatement | None = None
    ) -> Result:
        before: tuple[PgStatement, ...] = ()
        if self._writer is None:
            self._writer = await self.shared.pool.take(is_second=self._snapshot is not None)
            self._version = self.shared.version
            saved = (PgStatement(f"SAVEPOINT {one.pg_name}") for one in self._savepoints)
            before = (begin(self.isolation), *saved)
        elif self.isolation is Isolation.SERIALIZABLE:
            self._check_definitions(self._version, statement.reads | statement.writes)
        writer = self._writer
        try:
            return await self._guarded(writer, statement, waits, before, mixed)
        except MySqlError:
            await self._drop_unbegun()
            raise

    async def _drop_unbegun(self) -> None:
        """The first statement was refused before anything was sent: nothing has begun."""
        writer = self._writer
        if writer is not None and not writer.is_in_transaction:
            self._writer = None
            await end(self.shared.pool, writer)

    async def _guarded(
        self,
        link: Link,
        statement: Translated,
        waits: Waits,
        before: tuple[PgStatement, ...] = (),
        mixed: PgStatement | None = None,
    ) -> Result:
        """Runs it, or what was made of it, so that its error undoes itself only."""
        before += link.settings(waits, is_select=statement.kind is StatementKind.SELECT)
        wanted = mixed or PgStatement(statement.sql)
        try:
            results = await self._run(link, *before, _MARK, wanted, _KEEP)
        except PgFailure as failure:
            if failure.sql_state in DEADLOCK:
                await self._leave()
                raise ended(failure) from failure
            await self._undo(link)
            raise
        return results[-2]

    async def _undo(self, link: Link) -> None:
        try:
            await self._run(link, *_UNDO)
        except PgFailure as failure:
            await self._leave()
            raise LostError("a statement that failed could not be undone") from failure

    async def _run(self, link: Link, *statements: PgStatement) -> list[Result]:
        self.running = link
        try:
            return await link.run(*statements)
        except LostError:
            await self._leave()
            raise
        finally:
            self.running = None

    async def _control(self, sql: str) -> None:
        # Before the first write there is nothing that a savepoint would save: it is set when the
        # writing connection begins.
        if self._writer is not None:
            await self._run(self._writer, PgStatement(sql))

    async def _leave(self) -> None:
        """Gives both connections back; what they have in hand is rolled back."""
        links = [self._writer, self._snapshot.link if self._snapshot else None]
        self._writer = self._snapshot = None
        self._written = frozenset()
        self._savepoints.clear()
        await end(self.shared.pool, *(one for one in links if one is not None))

    def _find(self, name: str) -> _Savepoint | None:
        wanted = name.lower()
        known = (one for one in self._savepoints if one.name == wanted and not one.is_forgotten)
        return next(known, None)

    def _required(self, name: str) -> _Savepoint:
        found = self._find(name)
        if found is None:
            raise MySqlError(MyError.ER_SP_DOES_NOT_EXIST, f"SAVEPOINT {name} does not exist")
        return found


@dataclass(frozen=True, slots=True)
class _Links:
    """Those that a mixed read needs; `outside` is in no transaction."""

    snapshot: Link
    writer: Link
    outside: Link


def _text(result: Result, column: int) -> str:
    return (result.first_row()[column] or b"").decode()


def _check_read(tables: Iterable[TableName]) -> MySqlError:
    names = ", ".join(sorted(one.table for one in tables))
    return MySqlError(
        MyError.ER_CHECKREAD, f"Record has changed since last read in table '{names}'"
    )


async def end(pool: Pool, *links: Link) -> None:
    """Gives connections back, outside of any transaction.

    Who is cancelled meanwhile, as a client that has left is, has given them back all the same.
    """
    begun = [one for one in links if one.is_alive and one.is_in_transaction]
    for link in links:
        if link not in begun:
            await pool.give_back(link)
    if begun:
        ending = asyncio.gather(*(_roll_back(pool, one) for one in begun))
        is_cancelled = False
        while not ending.done():
            try:
                await asyncio.shield(ending)
            except asyncio.CancelledError:
                is_cancelled = True
        if is_cancelled:
            raise asyncio.CancelledError


async def _roll_back(pool: Pool, link: Link) -> None:
    if link.is_alive and link.is_in_transaction:
        try:
            await link.run(_ROLLBACK)
        except (PgFailure, LostError):
            await link.close()
    await pool.give_back(link)


def begin(isolation: Isolation) -> PgStatement:
    """The beginning of a transaction that may write."""
    if isolation is Isolation.SERIALIZABLE:
        return PgStatement("BEGIN ISOLATION LEVEL SERIALIZABLE")
    return PgStatement("BEGIN ISOLATION LEVEL READ COMMITTED")


def ended(failure: PgFailure) -> EndedError:
    """The error of a transaction that PostgreSQL had to roll back."""
    if failure.sql_state in DEADLOCK:
        text = "Deadlock found when trying to get lock; try restarting transaction"
        return EndedError(MyError.ER_LOCK_DEADLOCK, text)
    return EndedError(MyError.ER_UNKNOWN_ERROR, str(failure))
