"""Runs the statements of one client on the backend, in its transaction or each by itself."""

import logging
import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from stend.engines.mysql import answers
from stend.engines.mysql.answers import Answer, Done, Rows
from stend.engines.mysql.assigning import Assigner
from stend.engines.mysql.backend.backend import Backend, failed
from stend.engines.mysql.backend.levels import Isolation
from stend.engines.mysql.backend.link import LostError, PgFailure, Result
from stend.engines.mysql.backend.metadata_locks import Holder
from stend.engines.mysql.backend.pg_errors import said_texts
from stend.engines.mysql.backend.running import Alone
from stend.engines.mysql.backend.transaction import EndedError, Transaction
from stend.engines.mysql.catalog import ddl
from stend.engines.mysql.catalog.showing import Process, Surroundings, show
from stend.engines.mysql.client import Client
from stend.engines.mysql.errors import MyError, MySqlError, read_only
from stend.engines.mysql.sql.facts import Value
from stend.engines.mysql.sql.lexing import Source, split
from stend.engines.mysql.sql.translated import OutputColumn, StatementKind, Translated
from stend.engines.mysql.statements import actions, reading
from stend.engines.mysql.statements.queries import (
    Query,
    described,
    read_query,
    translated,
    unless_forgiven,
)
from stend.engines.mysql.tables.model import Catalog, TableName

_log = logging.getLogger("stend.mysql")
_ASKS_FOR_NOTES = re.compile(r"\s*show\s+(count\s*\(|warnings\b|errors\b)", re.IGNORECASE)
_INFORMATION = "information_schema"


class Surrounding(Protocol):
    """What the server tells of the others."""

    def processes(self) -> Sequence[Process]: ...

    def status(self) -> dict[str, str]: ...

    def kill(self, connection_id: int, *, is_query: bool) -> bool:
        """Returns whether there is such a connection."""
        ...


class Execution:
    """
    Args:
        now: the moment, with a time zone.

    Attributes:
        transaction: that is open.
        wants_to_leave: COMMIT RELEASE: the connection ends.
    """

    def __init__(
        self, backend: Backend, client: Client, around: Surrounding, now: Callable[[], datetime]
    ) -> None:
        self._backend = backend
        self.client = client
        self._around = around
        self._now = now
        self.transaction: Transaction | None = None
        self._alone: Alone | None = None
        self.wants_to_leave = False

    async def run(self, source: Source, query: Query | None = None) -> Answer:
        """
        Args:
            query: what the source says, where that was read before.

        Raises:
            MySqlError: it has failed; the session goes on.
            LostError: PostgreSQL is gone, and what was open in it.
        """
        try:
            action = reading.read(source) if query is None else actions.Text.QUERY
            if not (action is actions.Text.SHOW and _ASKS_FOR_NOTES.match(source.clean)):
                self.client.notes = ()
            return await self._run(action, source, query)
        except EndedError as error:
            self._forget_transaction()
            self.client.remember_error(error)
            raise
        except PgFailure as failure:
            given = () if query is None else query.parameters
            texts = said_texts(source, [one for one in given if isinstance(one, str)])
            worded = failed(failure, self._backend.catalog, texts)
            self.client.remember_error(worded)
            raise worded from failure
        except MySqlError as error:
            self.client.remember_error(error)
            raise
        except LostError:
            self._forget_transaction()
            raise

    async def describe(self, source: Source, query: Query | None) -> tuple[OutputColumn, ...]:
        """The columns that a prepared statement will give, as far as they are known.

        Raises:
            MySqlError: it cannot be run.
        """
        catalog = await self._backend.current_catalog()
        if query is None:
            if reading.read(source) is actions.Text.SHOW:
                return self._shown(source, catalog).columns
            return ()
        facts = self.client.facts(self._now(), is_strict=query.changes_rows)
        return described(query, catalog, facts)

    async def cancel(self) -> bool:
        """Ends what runs now by ER_QUERY_INTERRUPTED.

        Returns:
            Whether it runs in PostgreSQL, which is told.
        """
        running = self._alone or self.transaction
        if running is None or running.running is None:
            return False
        await running.cancel()
        return True

    async def rollback(self) -> None:
        """Whatever is open is undone."""
        if self.transaction:
            transaction = self.transaction
            try:
                await transaction.rollback()
            finally:
                self._forget_transaction()

    def use(self, database: str) -> None:
        """
        Raises:
            MySqlError: ER_BAD_DB_ERROR.
        """
        is_known = database in self._backend.catalog.databases
        if not is_known and database.lower() != _INFORMATION:
            raise MySqlError(MyError.ER_BAD_DB_ERROR, f"Unknown database '{database}'")
        self.client.database = database if is_known else _INFORMATION

    async def _run(self, action: actions.Action, source: Source, query: Query | None) -> Answer:
        match action:
            case actions.Text.QUERY:
                return await self._query(query or read_query(source))
            case actions.Text.SHOW:
                return await self._show(source)
            case actions.Text.DEFINE:
                return await self._define(source)
            case actions.SetAll():
                await self._set(action)
            case actions.Use():
                self.use(action.database)
            case actions.Kill():
                self._kill(action)
            case _:
                await self._control(action)
        self.client.row_count = 0
        return Done()

    async def _control(self, action: actions.Action) -> None:
        match action:
            case actions.Begin():
                await self._begin(action)
            case actions.Finish():
                await self._finish(action)
            case actions.Savepoint():
                await self._savepoint(action)

    # Transactions.

    async def _begin(self, action: actions.Begin) -> None:
        await self._commit()
        transaction = self._new_transaction()
        if action.is_read_only is not None:
            transaction.is_read_only = action.is_read_only
        self.transaction = transaction
        if action.with_snapshot:
            await transaction.take_snapshot()

    def _new_transaction(self) -> Transaction:
        isolation, is_read_only = self.client.begin_transaction()
        return Transaction(self._backend.shared, isolation, is_read_only)

    async def _finish(self, action: actions.Finish) -> None:
        before = self.transaction
        if action.is_commit:
            await self._commit()
        else:
            await self.rollback()
        if action.chain and before:
            self.transaction = Transaction(
                self._backend.shared, before.isolation, before.is_read_only
            )
        self.wants_to_leave = action.release

    async def _commit(self) -> None:
        if self.transaction:
            transaction = self.transaction
            try:
                await transaction.commit()
            finally:
                self._forget_transaction()

    def _forget_transaction(self) -> None:
        if self.transaction:
            self._backend.locks.release(self.transaction.holder)
            self.transaction = None

    async def _savepoint(self, action: actions.Savepoint) -> None:
        if self.transaction is None:
            if action.action is not actions.SavepointAction.SET:
                message = f"SAVEPOINT {action.name} does not exist"
                raise MySqlError(MyError.ER_SP_DOES_NOT_EXIST, message)
            if self.client.has_autocommit:
                # It is gone with the end of the statement.
                return
            self.transaction = self._new_transaction()
        match action.action:
            case actions.SavepointAction.SET:
                await self.transaction.savepoint(action.name)
            case actions.SavepointAction.ROLLBACK:
                await self.transaction.rollback_to(action.name)
            case actions.SavepointAction.RELEASE:
                await self.transaction.release(action.name)

    # Queries.

    async def _query(self, query: Query) -> Answer:
        transaction = self.transaction
        if transaction is None and not self.client.has_autocommit:
            transaction = self._new_transaction()
        holder = transaction.holder if transaction else Holder()
        try:
            statement = await self._translated(query, holder)
            if statement.reads | statement.writes:
                self.transaction = transaction
            result = await self._execute(statement)
        except PgFailure as failure:
            if query.statement.is_ignore:
                raise unless_forgiven(failed(failure, self._backend.catalog), query) from failure
            raise
        finally:
            if self.transaction is None or holder is not self.transaction.holder:
                self._backend.locks.release(holder)
        if statement.kind is StatementKind.SELECT:
            self.client.remember_rows()
            return Rows(statement.columns, result, self.client.zone)
        return self._changed(statement.kind, result)

    async def _translated(self, query: Query, holder: Holder) -> Translated:
        """The statement by a catalogue that stays as it is while the statement runs."""
        while True:
            catalog = await self._backend.current_catalog()
            statement = self._translate(query, catalog)
            tables = statement.reads | statement.writes
            if statement.writes:
                tables |= self._backend.neighbours_of(statement.writes)
            await self._backend.locks.share(holder, tables, self.client.waits.tables_s)
            now = self._backend.catalog
            if now is catalog or all(now.table(one) is catalog.table(one) for one in tables):
                return statement

    def _translate(self, query: Query, catalog: Catalog) -> Translated:
        facts = self.client.facts(self._now(), is_strict=query.changes_rows)
        try:
            return translated(query, catalog, facts)
        except MySqlError as error:
            raise unless_forgiven(error, query) from None
        except Exception as error:
            # Nothing was done yet, so the session may go on.
            _log.exception("a bug in the server: %s", query.statement.text[:500])
            text = "This statement is refused: the server has a bug, which its log tells of"
            raise MySqlError(MyError.ER_UNKNOWN_ERROR, text) from error

    async def _execute(self, statement: Translated) -> Result:
        waits = self.client.waits
        transaction = self.transaction
        if transaction and (statement.reads | statement.writes) and not _is_of_catalog(statement):
            if statement.kind is StatementKind.SELECT:
                return await transaction.select(statement, waits, self._backend.catalog)
            return await transaction.write(statement, self._cascades(statement), waits)
        self._alone = alone = Alone(self._backend.shared, self._isolation_alone())
        try:
            if statement.kind is StatementKind.SELECT:
                return await alone.select(statement, waits)
            self._check_writable()
            return await alone.write(statement, self._cascades(statement), waits)
        finally:
            self._alone = None

    def _isolation_alone(self) -> Isolation:
        isolation, self.client.next_isolation = self.client.isolation, None
        return isolation

    def _check_writable(self) -> None:
        is_read_only, self.client.next_read_only = self.client.is_read_only, None
        if is_read_only:
            raise read_only()

    def _cascades(self, statement: Translated) -> frozenset[TableName]:
        return self._backend.cascades_of(statement.writes)

    def _changed(self, kind: StatementKind, result: Result) -> Done:
        matched, affected, generated, given = map(_number, result.first_row())
        client = self.client
        info = ""
        told = affected or 0
        if kind is StatementKind.UPDATE:
            info = f"Rows matched: {matched}  Changed: {affected}  Warnings: 0"
            if client.counts_found_rows:
                told = matched or 0
        elif kind is StatementKind.INSERT and matched == affected and (matched or 0) > 1:
            info = f"Records: {matched}  Duplicates: 0  Warnings: 0"
        if generated is not None:
            client.last_insert_id = generated
        client.row_count = told
        return Done(told, generated or given or 0, info)

    # The rest.

    async def _show(self, source: Source) -> Answer:
        statement = self._shown(source, await self._backend.current_catalog())
        result = await Alone(self._backend.shared, Isolation.READ_COMMITTED).select(
            statement, self.client.waits
        )
        self.client.remember_rows()
        return Rows(statement.columns, result, self.client.zone)

    def _shown(self, source: Source, catalog: Catalog) -> Translated:
        around = Surroundings(self.client.notes, self._around.processes(), self._around.status())
        facts = self.client.facts(self._now(), is_strict=False)
        return show(source, catalog, facts, self.client.variables, around)

    async def _define(self, source: Source) -> Answer:
        if self.transaction and self.transaction.is_read_only:
            raise read_only()
        facts = self.client.facts(self._now(), is_strict=True)
        try:
            ddl.plan(source, await self._backend.current_catalog(), facts)
        except MySqlError as error:
            # What cannot be read commits nothing; what cannot be done does.
            if error.error is not MyError.ER_PARSE_ERROR:
                await self._commit()
            raise
        await self._commit()
        plan, affected = await self._backend.define(
            lambda catalog: ddl.plan(source, catalog, facts), self.client.waits.tables_s
        )
        if plan.dropped_database is not None and plan.dropped_database == self.client.database:
            self.client.database = None
        self.client.notes = plan.notes
        self.client.row_count = affected
        return Done(affected)

    def _kill(self, action: actions.Kill) -> None:
        if not self._around.kill(action.connection_id, is_query=action.is_query):
            raise MySqlError(
                MyError.ER_NO_SUCH_THREAD, f"Unknown thread id: {action.connection_id}"
            )

    async def _set(self, action: actions.SetAll) -> None:
        had_autocommit = self.client.has_autocommit
        assigner = Assigner(
            self.client, self._evaluate, in_transaction=self.transaction is not None
        )
        await assigner.run(action)
        if self.client.has_autocommit and not had_autocommit:
            await self._commit()

    async def _evaluate(self, expression: str) -> Value:
        (source,) = split(f"SELECT {expression}")
        answer = await self._query(read_query(source))
        if not isinstance(answer, Rows) or answer.source.ntuples != 1 or len(answer.columns) != 1:
            raise MySqlError(MyError.ER_OPERAND_COLUMNS, "Operand should contain 1 column(s)")
        return answers.value(answer)


def _is_of_catalog(statement: Translated) -> bool:
    """Whether it reads of the catalogue only, which has no versions: always what is now."""
    return not statement.writes and all(one.database == _INFORMATION for one in statement.reads)


def _number(value: bytes | None) -> int | None:
    return None if value is None else int(value)
