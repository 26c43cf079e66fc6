"""One connection to PostgreSQL: several statements in one trip, results as they come."""

import asyncio
import contextlib
import selectors
from collections.abc import Iterator, Sequence

import psycopg
from psycopg.abc import PQGen
from psycopg.pq import ConnStatus, DiagnosticField, ExecStatus, TransactionStatus
from psycopg.pq.abc import PGconn, PGresult
from psycopg.waiting import Ready, Wait

from stend.engines.mysql.backend.statement import PgStatement
from stend.engines.mysql.backend.waits import DEFAULT_WAITS, Waits
from stend.engines.mysql.errors import MyError, MySqlError, not_supported

# The cheapest that looks at one socket: it holds nothing of the system's.
_Selector = getattr(selectors, "PollSelector", selectors.SelectSelector)
_GOOD = frozenset({ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK, ExecStatus.EMPTY_QUERY})
_CANCEL_TIMEOUT_S = 5.0
# psycopg looks around so often while nothing comes; there is nothing to be seen.
_LOOK_EVERY_S = 60.0
# Of all rows of a result together; they are in memory until the client has them.
MAX_RESULT_BYTES = 64 * 1024 * 1024
_ROWS_IN_CHUNK = 200
_FIELD_BYTES = 24
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


class Result:
    """What one statement gives: rows in pieces, and what PostgreSQL says behind them.

    Attributes:
        chunks: the pieces.
    """

    __slots__ = ("chunks",)

    def __init__(self, chunks: Sequence[PGresult]) -> None:
        self.chunks = chunks

    @property
    def last(self) -> PGresult:
        """The piece that says how it has ended."""
        return self.chunks[-1]

    @property
    def status(self) -> int:
        return self.last.status

    @property
    def ntuples(self) -> int:
        """How many rows there are."""
        return sum(one.ntuples for one in self.chunks)

    def first_row(self) -> tuple[bytes | None, ...]:
        """
        Raises:
            LookupError: there is none.
        """
        first = self.chunks[0]
        if not first.ntuples:
            raise LookupError("a result without rows")
        return tuple(_bytes(first.get_value(0, at)) for at in range(first.nfields))

    def rows(self) -> Iterator[tuple[bytes | None, ...]]:
        """All rows, as PostgreSQL's text format has them."""
        for chunk in self.chunks:
            fields = range(chunk.nfields)
            get = chunk.get_value
            for row in range(chunk.ntuples):
                yield tuple([_bytes(get(row, at)) for at in fields])


class PgFailure(Exception):  # noqa: N818
    """PostgreSQL's error.

    Attributes:
        result: with its fields.
        index: of the statement among those of the trip.
        is_too_large: the statement was ended because of what it gives.
    """

    def __init__(self, result: PGresult, index: int, *, is_too_large: bool = False) -> None:
        super().__init__(result.get_error_message())
        self.result = result
        self.index = index
        self.is_too_large = is_too_large

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
        self._selector = _Selector()
        self._selector.register(self._pgconn.socket, selectors.EVENT_READ)
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

    def is_left_alone(self) -> bool:
        """Whether PostgreSQL has said nothing unasked: what it says then is that it ends."""
        if not self.is_alive:
            return False
        return not self._selector.select(0)

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

    async def run(self, *statements: PgStatement) -> list[Result]:
        """Runs them in order, in one trip, until one fails.

        Raises:
            MySqlError: a text that PostgreSQL cannot take; nothing was run.
            PgFailure: the first that failed; those behind it were not run.
            LostError: the connection is gone, and with it the transaction.
        """
        encoded = [_encoded(one) for one in statements]
        self._is_busy = True
        try:
            self._send(encoded)
            trip = _Trip(self._pgconn, len(statements))
            await self._connection.wait(trip.run(), interval=_LOOK_EVERY_S)
        except (psycopg.Error, OSError) as error:
            await self.close()
            raise LostError(f"the connection to PostgreSQL is lost: {error}") from error
        finally:
            self._is_busy = False
        return _checked(trip.results, is_too_large=trip.is_too_large)

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

    def _send(self, statements: Sequence[tuple[bytes, list[bytes | None]]]) -> None:
        for sql, values in statements:
            self._pgconn.send_query_params(sql, values)
        self._pgconn.pipeline_sync()


def _encoded(statement: PgStatement) -> tuple[bytes, list[bytes | None]]:
    values = [None if one is None else _text(one) for one in statement.parameters]
    return _text(statement.sql), values


def _text(text: str) -> bytes:
    if "\0" in text:
        # It would end the text for PostgreSQL.
        raise not_supported("The character U+0000 in a text")
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        bad = text[error.start : error.end].encode("utf-8", "surrogateescape")
        shown = "".join(f"\\x{byte:02X}" for byte in bad[:6])
        raise MySqlError(
            MyError.ER_INVALID_CHARACTER_STRING, f"Invalid utf8mb4 character string: '{shown}'"
        ) from error


def _bytes(value: bytes | memoryview | None) -> bytes | None:
    # libpq hands out bytes for texts; its type says that a view could come.
    return value if value is None or isinstance(value, bytes) else bytes(value)


class _Trip:
    """Collects what the statements of one trip give."""

    def __init__(self, pgconn: PGconn, statements: int) -> None:
        self._pgconn = pgconn
        self._statements = statements
        self._size = 0
        self.is_too_large = False
        self.results: list[Result] = []

    def run(self) -> PQGen[None]:
        """Ends behind the last statement."""
        pgconn = self._pgconn
        while pgconn.flush():
            if (yield Wait.RW) & Ready.R:
                pgconn.consume_input()
        while len(self.results) < self._statements:
            self.results.append((yield from self._statement()))
        yield from self._next()

    def _statement(self) -> PQGen[Result]:
        # Rows come in pieces, so that what is too much need not be held. What comes behind an
        # error has none.
        if not self.results or self.results[-1].status in _GOOD:
            self._pgconn.set_chunked_rows_mode(_ROWS_IN_CHUNK)
        chunks: list[PGresult] = []
        while (chunk := (yield from self._next())) is not None:
            if not self._is_kept(chunk):
                chunks.clear()
            chunks.append(chunk)
        if not chunks:
            raise psycopg.OperationalError("the connection is closed")
        return Result(chunks)

    def _next(self) -> PQGen[PGresult | None]:
        while self._pgconn.is_busy():
            if (yield Wait.R):
                self._pgconn.consume_input()
        return self._pgconn.get_result()

    def _is_kept(self, chunk: PGresult) -> bool:
        rows = chunk.ntuples
        if rows:
            fields = range(chunk.nfields)
            # Two rows stand for all.
            shown = sum(
                len(chunk.get_value(row, at) or b"") for row in (0, rows - 1) for at in fields
            )
            self._size += rows * (shown // 2 + len(fields) * _FIELD_BYTES)
        if self._size > MAX_RESULT_BYTES and not self.is_too_large:
            self.is_too_large = True
            self._pgconn.get_cancel().cancel()
        return not self.is_too_large


def _checked(results: list[Result], *, is_too_large: bool) -> list[Result]:
    for index, one in enumerate(results):
        if one.status not in _GOOD or is_too_large:
            raise PgFailure(one.last, index, is_too_large=is_too_large)
    return results
