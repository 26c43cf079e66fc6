"""One connection to PostgreSQL: several statements in one trip, results as they come."""

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass

import psycopg
from psycopg.abc import PQGen
from psycopg.pq import ConnStatus, DiagnosticField, ExecStatus, TransactionStatus
from psycopg.pq.abc import PGconn, PGresult
from psycopg.waiting import Ready, Wait

from stend.engines.mysql.backend.waits import DEFAULT_WAITS, Waits

_GOOD = frozenset({ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK, ExecStatus.EMPTY_QUERY})
_CANCEL_TIMEOUT_S = 5.0
# psycopg looks around so often while nothing comes; there is nothing to be seen.
_LOOK_EVERY_S = 60.0
# The state of a session that means the same everywhere. Moments are told in UTC and floats in
# their shortest form: what a client sees is made of them.
_SETTINGS = (
    "SET timezone = 'UTC'; SET datestyle = 'ISO, YMD'; SET intervalstyle = 'postgres'; "
    "SET bytea_output = 'hex'; SET extra_float_digits = 1; SET client_min_messages = 'error'; "
    "SET standard_conforming_strings = on; SET xmloption = 'content'; "
    "SET plan_cache_mode = 'auto'; SET idle_in_transaction_session_timeout = 0; "
    "SET lock_timeout = '50s'; SET statement_timeout = 0"
)
# InnoDB finds a deadlock at once, PostgreSQL after this. Not every role may set it.
_DEADLOCK_TIMEOUT = "SET deadlock_timeout = '100ms'"


@dataclass(frozen=True, slots=True)
class PgStatement:
    """One statement with parameters in PostgreSQL's text format."""

    sql: str
    parameters: tuple[str | None, ...] = ()


class PgFailure(Exception):  # noqa: N818
    """PostgreSQL's error.

    Attributes:
        result: with its fields.
        index: of the statement among those of the trip.
    """

    def __init__(self, result: PGresult, index: int) -> None:
        super().__init__(result.get_error_message())
        self.result = result
        self.index = index

    @property
    def sql_state(self) -> str:
        return (self.result.error_field(DiagnosticField.SQLSTATE) or b"").decode()


class LostError(Exception):
    """The connection to PostgreSQL is gone, with the transaction that was in it."""


class Link:
    """
    Attributes:
        freed_at: when it was given back to the pool.
        waits: what is set in its transaction; None: unknown.
    """

    def __init__(self, connection: psycopg.AsyncConnection[tuple[object, ...]]) -> None:
        self._connection = connection
        self._pgconn: PGconn = connection.pgconn
        self._is_busy = False
        self.freed_at = 0.0
        self.waits: tuple[int, int] | None = DEFAULT_WAITS.bounds(is_select=False)

    @classmethod
    async def open(cls, dsn: str) -> "Link":
        """
        Raises:
            LostError: PostgreSQL does not answer.
        """
        try:
            connection = await psycopg.AsyncConnection.connect(
                dsn, autocommit=True, connect_timeout=5, application_name="mysql"
            )
            await connection.execute(_SETTINGS)
            with contextlib.suppress(psycopg.errors.InsufficientPrivilege):
                await connection.execute(_DEADLOCK_TIMEOUT)
            connection.pgconn.enter_pipeline_mode()
        except (OSError, psycopg.Error) as error:
            raise LostError(f"PostgreSQL does not answer: {error}") from error
        return cls(connection)

    @property
    def is_alive(self) -> bool:
        return self._pgconn.status == ConnStatus.OK

    @property
    def is_in_transaction(self) -> bool:
        return self._pgconn.transaction_status != TransactionStatus.IDLE

    def settings(self, waits: Waits, *, is_select: bool) -> tuple[PgStatement, ...]:
        """What to run before a statement of a transaction so that it waits as it should."""
        wanted = waits.bounds(is_select=is_select)
        if wanted == self.waits:
            return ()
        self.waits = wanted
        lock_ms, run_ms = wanted
        text = (
            f"SELECT set_config('lock_timeout', '{lock_ms}', true),"
            f" set_config('statement_timeout', '{run_ms}', true)"
        )
        return (PgStatement(text),)

    def forget_settings(self) -> None:
        """Its transaction has ended, and what was set in it."""
        self.waits = DEFAULT_WAITS.bounds(is_select=False)

    async def run(self, *statements: PgStatement) -> list[PGresult]:
        """Runs them in order, in one trip, until one fails.

        Raises:
            PgFailure: the first that failed; those behind it were not run.
            LostError: the connection is gone, and with it the transaction.
        """
        self._is_busy = True
        try:
            self._send(statements)
            results = await self._connection.wait(_results(self._pgconn), interval=_LOOK_EVERY_S)
        except (psycopg.Error, OSError) as error:
            await self.close()
            raise LostError(f"the connection to PostgreSQL is lost: {error}") from error
        finally:
            self._is_busy = False
        return _checked(results)

    async def run_script(self, text: str) -> None:
        """Several statements in one text, as one transaction.

        Raises:
            LostError: the connection is gone, or PostgreSQL refuses the text.
        """
        self._pgconn.exit_pipeline_mode()
        try:
            await self._connection.execute(text.encode())
        except (psycopg.Error, OSError) as error:
            await self.close()
            raise LostError(f"PostgreSQL does not run the script: {error}") from error
        self._pgconn.enter_pipeline_mode()

    async def cancel(self) -> None:
        """Asks PostgreSQL to end the statement that runs in another task."""
        if self._is_busy and self.is_alive:
            with contextlib.suppress(psycopg.Error, OSError):
                await self._connection.cancel_safe(timeout=_CANCEL_TIMEOUT_S)

    async def close(self) -> None:
        with contextlib.suppress(psycopg.Error, OSError, asyncio.CancelledError):
            await self._connection.close()

    def _send(self, statements: Sequence[PgStatement]) -> None:
        for one in statements:
            values = [None if value is None else value.encode() for value in one.parameters]
            self._pgconn.send_query_params(one.sql.encode(), values)
        self._pgconn.pipeline_sync()


def _results(pgconn: PGconn) -> PQGen[list[PGresult]]:
    """What the statements of one trip give; ends behind the last of them."""
    while pgconn.flush():
        if (yield Wait.RW) & Ready.R:
            pgconn.consume_input()
    results: list[PGresult] = []
    while True:
        while pgconn.is_busy():
            if (yield Wait.R):
                pgconn.consume_input()
        result = pgconn.get_result()
        if result is None:
            # The end of one statement, unless nothing can come any more.
            if pgconn.status != ConnStatus.OK:
                raise psycopg.OperationalError("the connection is closed")
        elif result.status == ExecStatus.PIPELINE_SYNC:
            return results
        else:
            results.append(result)


def _checked(results: list[PGresult]) -> list[PGresult]:
    for index, one in enumerate(results):
        if one.status not in _GOOD:
            raise PgFailure(one, index)
    return results
