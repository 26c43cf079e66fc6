"""One client: what it asks for is run, one after another, and answered."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from stend.engines.mysql import answers
from stend.engines.mysql.answers import Answer, Done
from stend.engines.mysql.backend.backend import Backend
from stend.engines.mysql.backend.link import LostError
from stend.engines.mysql.client import Client
from stend.engines.mysql.errors import MyError, MySqlError, not_supported
from stend.engines.mysql.execution import Execution, Surrounding
from stend.engines.mysql.prepared import PreparedStatements
from stend.engines.mysql.session import SERVER_VERSION, Asked, Entered, Session
from stend.engines.mysql.sql.lexing import Source, split, syntax_error
from stend.engines.mysql.variables import Variables
from stend.wire.mysql import replies
from stend.wire.mysql.errors import WireError
from stend.wire.mysql.numbers import Capability, Command, Status
from stend.wire.mysql.source import varied

_log = logging.getLogger("stend.mysql")
# connect_timeout of MySQL.
_LOGIN_S = 10.0
_SEND_BYTES = 64 * 1024
_MULTI_ON, _MULTI_OFF = b"\0\0", b"\1\0"
_REFUSED = {
    Command.FIELD_LIST: "COM_FIELD_LIST",
    Command.REFRESH: "COM_REFRESH",
    Command.SHUTDOWN: "COM_SHUTDOWN",
    Command.PROCESS_INFO: "COM_PROCESS_INFO",
    Command.DEBUG: "COM_DEBUG",
    Command.STMT_FETCH: "COM_STMT_FETCH: there are no cursors, which",
    Command.BINLOG_DUMP: "COM_BINLOG_DUMP",
    Command.BINLOG_DUMP_GTID: "COM_BINLOG_DUMP_GTID",
    Command.REGISTER_SLAVE: "COM_REGISTER_SLAVE",
    Command.TABLE_DUMP: "COM_TABLE_DUMP",
}


class Transport(Protocol):
    """The socket, as far as it is needed here."""

    async def more(self, timeout_s: float) -> bool:
        """Waits for bytes, which go to the session. Returns whether some came in time."""
        ...

    async def send(self, parts: list[bytes]) -> None:
        """Sends, and waits while the client reads slower than that."""
        ...


@dataclass(slots=True)
class Doing:
    """What SHOW PROCESSLIST tells of a connection.

    Attributes:
        command: as it is shown; `since` when it began, on the loop's clock.
    """

    command: str = "Connect"
    since: float = 0.0
    text: str | None = None


@dataclass(slots=True, eq=False)
class Connection:
    """
    Args:
        variables: of the server.
        now: the moment, with a time zone.

    Attributes:
        is_killed: somebody has ended the connection, or what it does.
    """

    session: Session
    transport: Transport
    backend: Backend
    around: Surrounding
    variables: Variables
    now: Callable[[], datetime]
    doing: Doing = field(default_factory=Doing)
    execution: Execution | None = None
    _task: "asyncio.Task[None] | None" = None
    _is_query_killed: bool = False
    _statements: PreparedStatements = field(default_factory=PreparedStatements)

    async def serve(self) -> None:
        """Until the client leaves, or has to. Never raises but when it is cancelled."""
        self._task = asyncio.current_task()
        try:
            self.session.greet()
            await self._flush()
            while await self._step():
                pass
        except LostError as error:
            # The client sees that the connection is lost, which is the truth about its transaction.
            _log.warning("connection %d is closed: %s", self.session.connection_id, error)
        finally:
            self.session.close()
            if self.execution:
                with contextlib.suppress(LostError):
                    await self.execution.rollback()

    async def kill(self, *, is_query: bool) -> None:
        """KILL: ends what runs now, or the connection with it."""
        if self._task is None or (is_query and self.doing.command == "Sleep"):
            return
        if not is_query:
            self._task.cancel()
        elif self.execution is None or not await self.execution.cancel():
            # It waits for a lock of a table or for a connection.
            self._is_query_killed = True
            self._task.cancel()

    async def _step(self) -> bool:
        session = self.session
        asked = session.advance()
        if asked is None:
            await self._flush()
            return not session.is_closed and await self._wait()
        if isinstance(asked, Entered):
            await self._enter(asked)
        else:
            await self._answer_command(asked)
        await self._flush()
        return not session.is_closed

    async def _wait(self) -> bool:
        client = self.execution.client if self.execution else None
        timeout_s = _LOGIN_S if client is None else float(client.number("wait_timeout"))
        if await self.transport.more(timeout_s):
            return True
        if client is not None and not self.session.held_bytes:
            message = "The client was disconnected by the server because of inactivity."
            self.session.refuse(MySqlError(MyError.ER_CLIENT_INTERACTION_TIMEOUT, message))
            await self._flush()
        return False

    async def _enter(self, entered: Entered) -> None:
        if self.execution:
            await self.execution.rollback()
            self._statements = PreparedStatements()
        client = Client(
            self.session.connection_id,
            entered.user,
            self.session.host,
            SERVER_VERSION,
            Variables(self.variables),
            counts_found_rows=self.session.has(Capability.FOUND_ROWS),
        )
        self.execution = Execution(self.backend, client, self.around, self.now)
        if entered.database is not None:
            try:
                await self.backend.current_catalog()
                self.execution.use(entered.database)
            except MySqlError as error:
                self.session.refuse(error)
                return
        self.session.accept()
        self._send_ok()
        self._rest()

    async def _answer_command(self, asked: Asked) -> None:
        name = asked.command.name.replace("_", " ").capitalize()
        self.doing = Doing(name, asyncio.get_running_loop().time())
        try:
            await self._do(asked)
        except MySqlError as error:
            self.session.send_error(error)
        except WireError as error:
            text = f"Malformed communication packet: {error}"
            self.session.send_error(MySqlError(MyError.ER_MALFORMED_PACKET, text))
        except asyncio.CancelledError:
            if not self._is_query_killed:
                raise
            self._is_query_killed = False
            if self._task:
                self._task.uncancel()
            text = "Query execution was interrupted"
            self.session.send_error(MySqlError(MyError.ER_QUERY_INTERRUPTED, text))
        self._rest()

    def _rest(self) -> None:
        self.doing = Doing("Sleep", asyncio.get_running_loop().time())

    async def _do(self, asked: Asked) -> None:
        payload = asked.payload
        match asked.command:
            case Command.QUERY:
                await self._query(payload)
            case Command.STMT_PREPARE:
                await self._prepare(payload)
            case Command.STMT_EXECUTE:
                await self._execute(payload)
            case Command.STMT_SEND_LONG_DATA:
                self._statements.add_long_data(payload)
            case Command.STMT_CLOSE:
                self._statements.close(payload)
            case Command.STMT_RESET:
                self._statements.reset(payload)
                self._send_ok()
            case _:
                await self._do_other(asked)

    async def _do_other(self, asked: Asked) -> None:
        execution = self._entered
        match asked.command:
            case Command.QUIT:
                self.session.close()
            case Command.PING:
                self._send_ok()
            case Command.INIT_DB:
                execution.use(_text(asked.payload))
                self._send_ok()
            case Command.STATISTICS:
                self.session.send(self._statistics())
            case Command.SET_OPTION:
                self._set_option(asked.payload)
            case Command.RESET_CONNECTION:
                await execution.rollback()
                execution.client.reset(Variables(self.variables))
                self._statements = PreparedStatements()
                self._send_ok()
            case Command.PROCESS_KILL:
                self._kill(asked.payload)
            case command if command in _REFUSED:
                raise MySqlError(
                    MyError.ER_UNKNOWN_COM_ERROR, not_supported(_REFUSED[command]).message
                )
            case _:
                raise MySqlError(MyError.ER_UNKNOWN_COM_ERROR, "Unknown command")

    async def _query(self, payload: bytes) -> None:
        text = _text(payload)
        sources = split(text)
        if not sources:
            raise MySqlError(MyError.ER_EMPTY_QUERY, "Query was empty")
        if len(sources) > 1 and not self.session.has(Capability.MULTI_STATEMENTS):
            raise syntax_error(text, _place(text, sources))
        for index, source in enumerate(sources):
            self.doing.text = source.text.strip()
            answer = await self._entered.run(source)
            await self._send_answer(answer, has_more=index + 1 < len(sources))
            if self._entered.wants_to_leave:
                await self._flush()
                self.session.close()
                return

    async def _prepare(self, payload: bytes) -> None:
        sources = split(_text(payload))
        if len(sources) != 1:
            if not sources:
                raise MySqlError(MyError.ER_EMPTY_QUERY, "Query was empty")
            raise syntax_error(_text(payload), _place(_text(payload), sources))
        prepared = self._statements.prepare(sources[0])
        columns = await self._entered.describe(prepared.source, prepared.query)
        send, status = self.session.send, self._status
        send(replies.prepared(prepared.id, len(columns), prepared.parameters))
        if prepared.parameters:
            for _ in range(prepared.parameters):
                send(answers.PLACEHOLDER.encode())
            self._send_eof(status)
        if columns:
            for one in columns:
                send(answers.definition(one))
            self._send_eof(status)

    async def _execute(self, payload: bytes) -> None:
        source, query = self._statements.execution(payload)
        self.doing.text = source.text.strip()
        answer = await self._entered.run(source, query)
        await self._send_answer(answer, is_binary=True)
        if self._entered.wants_to_leave:
            await self._flush()
            self.session.close()

    def _set_option(self, payload: bytes) -> None:
        if payload == _MULTI_ON:
            self.session.capabilities |= Capability.MULTI_STATEMENTS
        elif payload == _MULTI_OFF:
            self.session.capabilities &= ~Capability.MULTI_STATEMENTS
        else:
            raise MySqlError(MyError.ER_UNKNOWN_COM_ERROR, "Unknown command")
        if self.session.has(Capability.DEPRECATE_EOF):
            self._send_ok()
        else:
            self.session.send(replies.eof(status=self._status))

    def _kill(self, payload: bytes) -> None:
        number = int.from_bytes(payload[:4], "little")
        if not self.around.kill(number, is_query=False):
            raise MySqlError(MyError.ER_NO_SUCH_THREAD, f"Unknown thread id: {number}")
        self._send_ok()

    def _statistics(self) -> bytes:
        status = self.around.status()
        shown = ("Uptime", "Threads_connected", "Questions")
        return "  ".join(f"{one}: {status[one]}" for one in shown if one in status).encode()

    # Answers.

    @property
    def _entered(self) -> Execution:
        if self.execution is None:
            raise RuntimeError("commands come behind the login")
        return self.execution

    @property
    def _status(self) -> int:
        status = 0
        if self.execution is None or self.execution.client.has_autocommit:
            status |= Status.AUTOCOMMIT
        if self.execution and (transaction := self.execution.transaction):
            status |= Status.IN_TRANS
            if transaction.is_read_only:
                status |= Status.IN_TRANS_READONLY
        return int(status)

    def _send_ok(self) -> None:
        self.session.send(replies.ok(status=self._status))

    def _send_eof(self, status: int) -> None:
        """Behind definitions, for clients that want it."""
        if not self.session.has(Capability.DEPRECATE_EOF):
            self.session.send(replies.eof(status=status))

    async def _send_answer(
        self, answer: Answer, *, is_binary: bool = False, has_more: bool = False
    ) -> None:
        status = self._status | (Status.MORE_RESULTS_EXISTS if has_more else 0)
        warnings = len(self._entered.client.notes)
        if isinstance(answer, Done):
            payload = replies.ok(
                status=status,
                affected_rows=answer.affected_rows,
                last_insert_id=answer.last_insert_id,
                warnings=warnings,
                info=answer.info,
            )
            self.session.send(payload)
            return
        session = self.session
        session.send(varied(len(answer.columns)))
        for one in answer.columns:
            session.send(answers.definition(one))
        self._send_eof(status)
        for row in answers.rows(answer, is_binary=is_binary):
            session.send(row)
            if session.unsent_bytes > _SEND_BYTES:
                await self._flush()
        if session.has(Capability.DEPRECATE_EOF):
            session.send(replies.ok(status=status, warnings=warnings, ends_rows=True))
        else:
            session.send(replies.eof(status=status, warnings=warnings))

    async def _flush(self) -> None:
        if parts := self.session.take_output():
            await self.transport.send(parts)


def _text(payload: bytes) -> str:
    # What is no UTF-8 may stand in strings of bytes; the lexer looks where it is.
    return payload.decode(errors="surrogateescape")


def _place(text: str, sources: Sequence[Source]) -> int:
    """Where the second statement begins."""
    return text.find(sources[1].text.lstrip(), len(sources[0].text))
