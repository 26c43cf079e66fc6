"""Follows both directions of a connection: what a packet is depends on what was said before.

Only what later packets depend on is read at once; the pieces of a packet are made when somebody
looks at them.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto
from functools import partial
from typing import TypeVar

from stend.kit.nesting import Span
from stend.wire.mysql import spans
from stend.wire.mysql.columns import Column
from stend.wire.mysql.errors import WireError
from stend.wire.mysql.numbers import (
    AUTH_MORE_DATA,
    AUTH_SWITCH,
    EOF,
    ERR,
    LOCAL_INFILE,
    OK,
    Capability,
    Command,
    Status,
)
from stend.wire.mysql.packets import HEADER_BYTES, MAX_PAYLOAD
from stend.wire.mysql.spans import Statement
from stend.wire.mysql.walking import Walker

# EOF is told from a row by its length.
_MAX_EOF = 9
_SSL_REQUEST_BYTES = 32
_MOST_STATEMENTS = 1000
# Definitions are bounded by what the packets told; a connection has a few hundred.
_MOST_COLUMNS = 4096

Body = Callable[[Walker], object]


@dataclass(frozen=True, slots=True)
class Packet:
    """
    Attributes:
        kind: what it is, in the words of the protocol's documentation: `COM_QUERY`, `OK`, `row`.
        body: reads the payload.
        is_last: nothing more answers the command, or the command has no answer.
        error: number, SQLSTATE and text of an ERR.
        statement: the prepared statement that it is about.
    """

    kind: str
    body: Body
    is_last: bool = False
    error: tuple[int, str, str] | None = None
    affected_rows: int | None = None
    statement_id: int | None = None
    columns: tuple[Column, ...] = ()

    def spans(self, packet: bytes) -> list[Span]:
        """The pieces of the whole packet with its header, which tile it.

        From where it is not what it should be, it is one piece with the reason.
        """
        walker = Walker(packet)
        try:
            walker.integer(3, "payload_length")
            walker.integer(1, "sequence_id")
            self.body(walker)
        except WireError:
            pass
        return walker.tiled()


class _Next(Enum):
    """What the server sends next."""

    GREETING = auto()
    AUTH = auto()
    RESPONSE = auto()
    PREPARED = auto()
    COLUMN = auto()
    EOF_BEHIND_COLUMNS = auto()
    ROW = auto()
    TEXT = auto()
    FIELDS = auto()
    EVENTS = auto()
    FILE = auto()


_ANSWERED_BY = {
    Command.STMT_PREPARE: _Next.PREPARED,
    Command.STATISTICS: _Next.TEXT,
    Command.CHANGE_USER: _Next.AUTH,
    Command.FIELD_LIST: _Next.FIELDS,
    Command.STMT_FETCH: _Next.ROW,
    Command.BINLOG_DUMP: _Next.EVENTS,
    Command.BINLOG_DUMP_GTID: _Next.EVENTS,
}
_NOT_ANSWERED = frozenset({Command.QUIT, Command.STMT_CLOSE, Command.STMT_SEND_LONG_DATA})


@dataclass(slots=True)
class Conversation:
    """One connection, told packet by packet in the order in which they came.

    Attributes:
        is_encrypted: the client has asked for TLS: what follows is none of this protocol.
        is_compressed: what follows stands in packets of the compressed protocol.
        statements: those that are prepared, by their ids.
    """

    is_encrypted: bool = False
    is_compressed: bool = False
    statements: dict[int, Statement] = field(default_factory=dict)
    _server: int = 0
    _capabilities: int = 0
    _has_login: bool = False
    _next: _Next = _Next.GREETING
    _command: Command = Command.QUERY
    _sql: str = ""
    _statement: int = 0
    # Parameters that COM_STMT_SEND_LONG_DATA sent, by their statements.
    _apart: dict[int, set[int]] = field(default_factory=dict)
    _count: int = 0
    _columns_left: int = 0
    # Of the result that is being sent.
    _columns: list[Column] = field(default_factory=list)
    _shape: tuple[Column, ...] = ()
    # Columns behind the parameters of a prepared statement.
    _columns_then: int = 0
    _client_is_cut: bool = False
    _server_is_cut: bool = False

    @property
    def is_let_in(self) -> bool:
        """The handshake is over."""
        return self._next not in (_Next.GREETING, _Next.AUTH)

    def from_client(self, packet: bytes) -> Packet:
        """
        Args:
            packet: with its header.
        """
        is_rest, self._client_is_cut = self._client_is_cut, _is_cut(packet)
        if is_rest:
            return Packet("part of a long packet", spans.rest("part"))
        if not self._has_login:
            return self._login(packet)
        if self._next is _Next.AUTH:
            return Packet("authentication", spans.secret)
        if self._next is _Next.FILE:
            if len(packet) == HEADER_BYTES:
                self._next = _Next.RESPONSE
            return Packet("file content", spans.rest("content"))
        return self._client_command(packet)

    def from_server(self, packet: bytes) -> Packet:
        """
        Args:
            packet: with its header.
        """
        is_rest, self._server_is_cut = self._server_is_cut, _is_cut(packet)
        if is_rest:
            return Packet("part of a long packet", spans.rest("part"))
        first = packet[HEADER_BYTES] if len(packet) > HEADER_BYTES else OK
        if first == ERR:
            return self._error(packet)
        readers = {
            _Next.GREETING: self._greeting,
            _Next.AUTH: self._auth,
            _Next.ROW: self._row,
            _Next.PREPARED: self._prepared,
            _Next.COLUMN: self._column,
            _Next.EOF_BEHIND_COLUMNS: self._eof_behind_columns,
            _Next.TEXT: self._text,
            _Next.FIELDS: self._field,
            _Next.EVENTS: self._event,
        }
        return readers.get(self._next, self._response)(packet, first)

    def _login(self, packet: bytes) -> Packet:
        self._capabilities = _read(packet, spans.login) or 0
        is_request = len(packet) - HEADER_BYTES == _SSL_REQUEST_BYTES
        if is_request and self._capabilities & Capability.SSL:
            self.is_encrypted = True
            return Packet("SSLRequest", spans.login, True)
        self._has_login = True
        self._next = _Next.AUTH
        return Packet("HandshakeResponse41", spans.login)

    def _client_command(self, packet: bytes) -> Packet:
        number = packet[HEADER_BYTES] if len(packet) > HEADER_BYTES else -1
        try:
            self._command = Command(number)
        except ValueError:
            self._next = _Next.RESPONSE
            return Packet("unknown command", spans.rest("data"))
        self._next = _ANSWERED_BY.get(self._command, _Next.RESPONSE)
        kind = f"COM_{self._command.name}"
        body: Body = partial(
            spans.command, kind=self._command, capabilities=self._agreed & self._capabilities
        )
        statement_id = None
        if self._command.name.startswith("STMT_"):
            statement_id = self._of_statement(packet)
        if self._command is Command.STMT_EXECUTE:
            body = self._execute(packet)
        elif self._command is Command.STMT_PREPARE:
            self._sql = packet[HEADER_BYTES + 1 :][:1000].decode(errors="replace")
            statement_id = None
        is_last = self._command in _NOT_ANSWERED
        return Packet(kind, body, is_last, statement_id=statement_id)

    def sql_of(self, packet: bytes) -> bytes:
        """The text of COM_QUERY or COM_STMT_PREPARE; empty where nobody can tell its beginning."""
        if packet[HEADER_BYTES] == Command.STMT_PREPARE or not self.has_query_attributes:
            return packet[HEADER_BYTES + 1 :]
        begin = _read(packet, spans.text_behind_attributes)
        return b"" if begin is None else packet[begin:]

    @property
    def has_query_attributes(self) -> bool:
        """Both sides agreed that attributes stand before the text of COM_QUERY."""
        return bool(self._agreed & self._capabilities & Capability.QUERY_ATTRIBUTES)

    @property
    def _agreed(self) -> int:
        # A server that was not heard agrees to all.
        return self._server or 0xFFFFFFFF

    def _of_statement(self, packet: bytes) -> int | None:
        at = HEADER_BYTES + 1
        if self._command is Command.STMT_PREPARE or len(packet) < at + 4:
            return None
        number = int.from_bytes(packet[at : at + 4], "little")
        known = self.statements.get(number)
        self._statement = number
        if known is None:
            return number
        if self._command is Command.STMT_CLOSE:
            del self.statements[number]
            self._apart.pop(number, None)
        elif self._command is Command.STMT_RESET:
            self._apart.pop(number, None)
        elif self._command is Command.STMT_SEND_LONG_DATA and len(packet) >= at + 6:
            place = int.from_bytes(packet[at + 4 : at + 6], "little")
            self._apart.setdefault(number, set()).add(place)
        elif self._command is Command.STMT_FETCH:
            self._shape, self._count = known.columns, len(known.columns)
        return number

    def _execute(self, packet: bytes) -> Body:
        known = self.statements.get(self._statement)
        # They stand apart for one execution only.
        apart = frozenset(self._apart.pop(self._statement, ()))
        body = partial(
            spans.execute,
            statement=known,
            apart=apart,
            capabilities=self._agreed & self._capabilities,
        )
        if known is not None:
            types = _read(packet, body) or known.types
            self.statements[self._statement] = known._replace(types=types)
        return body

    def _error(self, packet: bytes) -> Packet:
        self._finish()
        return Packet("ERR", spans.err, True, error=_read(packet, spans.err) or (0, "", ""))

    def _greeting(self, packet: bytes, _: int) -> Packet:
        self._server = _read(packet, spans.greeting) or 0
        return Packet("HandshakeV10", spans.greeting)

    def _auth(self, packet: bytes, first: int) -> Packet:
        if first == AUTH_MORE_DATA:
            return Packet("AuthMoreData", spans.auth_more)
        if first == AUTH_SWITCH:
            return Packet("AuthSwitchRequest", spans.auth_switch)
        self._finish()
        compressing = Capability.COMPRESS | Capability.ZSTD_COMPRESSION
        self.is_compressed = bool(self._capabilities & self._agreed & compressing)
        return self._ok(packet)

    def _response(self, packet: bytes, first: int) -> Packet:
        if first == OK:
            return self._ok(packet)
        if first == EOF:
            return self._eof(packet)
        if first == LOCAL_INFILE:
            self._next = _Next.FILE
            return Packet("LOCAL INFILE", spans.rest("request"))
        return self._column_count(packet)

    def _ok(self, packet: bytes) -> Packet:
        rows, status = _read(packet, spans.ok) or (None, 0)
        self._finish()
        is_last = not status & Status.MORE_RESULTS_EXISTS
        return Packet("OK", spans.ok, is_last, affected_rows=rows)

    def _eof(self, packet: bytes) -> Packet:
        status = _read(packet, spans.eof) or 0
        self._finish()
        return Packet("EOF", spans.eof, not status & Status.MORE_RESULTS_EXISTS)

    def _column_count(self, packet: bytes) -> Packet:
        has_flag = bool(self._capabilities & self._agreed & Capability.OPTIONAL_RESULTSET_METADATA)
        body = partial(_counted, has_flag=has_flag)
        follows, count = _read(packet, body) or (True, 0)
        self._columns, self._count, self._columns_left = [], count, count
        self._shape = ()
        if not count:
            self._finish()
        else:
            self._next = _Next.COLUMN if follows else _Next.ROW
        return Packet("column count", body, not count)

    def _prepared(self, packet: bytes, _: int) -> Packet:
        self._finish()
        number, columns, parameters, follows = _read(packet, spans.prepare_ok) or (0, 0, 0, True)
        self.statements.pop(number, None)
        self.statements[number] = Statement(self._sql, parameters)
        if len(self.statements) > _MOST_STATEMENTS:
            del self.statements[next(iter(self.statements))]
        has_definitions = follows and bool(columns or parameters)
        if has_definitions:
            self._columns = []
            self._columns_left = parameters or columns
            self._columns_then = columns if parameters else 0
            self._next = _Next.COLUMN
        body = spans.prepare_ok
        return Packet("COM_STMT_PREPARE_OK", body, not has_definitions, statement_id=number)

    def _column(self, packet: bytes, _: int) -> Packet:
        found = _read(packet, spans.definition)
        if found is not None and len(self._columns) < _MOST_COLUMNS:
            self._columns.append(found)
        self._columns_left -= 1
        is_last = False
        if self._columns_left <= 0:
            if self._capabilities & Capability.DEPRECATE_EOF:
                is_last = self._behind_columns(0)
            else:
                self._next = _Next.EOF_BEHIND_COLUMNS
        columns = () if found is None else (found,)
        return Packet("column definition", spans.definition, is_last, columns=columns)

    def _eof_behind_columns(self, packet: bytes, _: int) -> Packet:
        status = _read(packet, spans.eof) or 0
        return Packet("EOF", spans.eof, self._behind_columns(status))

    def _behind_columns(self, status: int) -> bool:
        """Returns whether nothing more answers the command."""
        self._shape = tuple(self._columns)
        if self._command is Command.STMT_PREPARE:
            if not self._columns_then:
                self._finish()
                return True
            self._columns_left, self._columns_then = self._columns_then, 0
            self._columns = []
            self._next = _Next.COLUMN
            return False
        known = self.statements.get(self._statement)
        if known is not None and self._command is Command.STMT_EXECUTE:
            self.statements[self._statement] = known._replace(columns=self._shape)
            if status & Status.CURSOR_EXISTS:
                # Its rows are fetched.
                self._finish()
                return True
        self._next = _Next.ROW
        return False

    def _row(self, packet: bytes, first: int) -> Packet:
        # A value of 16 MB or more begins so too, but does not fit in such a packet.
        if first == EOF and self._capabilities & Capability.DEPRECATE_EOF:
            return self._ok(packet)
        if first == EOF and len(packet) - HEADER_BYTES < _MAX_EOF:
            return self._eof(packet)
        if self._command in (Command.STMT_EXECUTE, Command.STMT_FETCH):
            body = partial(spans.binary_row, columns=self._shape, count=self._count)
            return Packet("binary row", body, columns=self._shape)
        body = partial(spans.text_row, columns=self._shape, count=self._count)
        return Packet("row", body, columns=self._shape)

    def _text(self, _: bytes, _first: int) -> Packet:
        self._finish()
        return Packet("statistics", spans.rest("text"), True)

    def _field(self, packet: bytes, first: int) -> Packet:
        if first == EOF and len(packet) - HEADER_BYTES < _MAX_EOF:
            return self._eof(packet)
        return Packet("column definition", spans.definition)

    def _event(self, packet: bytes, first: int) -> Packet:
        if first == EOF and len(packet) - HEADER_BYTES < _MAX_EOF:
            return self._eof(packet)
        return Packet("binlog event", spans.events)

    def _finish(self) -> None:
        self._next = _Next.RESPONSE


def _is_cut(packet: bytes) -> bool:
    """Payloads of 16 MB go on in the next packet."""
    return len(packet) - HEADER_BYTES == MAX_PAYLOAD


def _counted(walker: Walker, *, has_flag: bool) -> tuple[bool, int]:
    count = walker.varied("column_count")
    # The documentation has them the other way round; the server writes them so.
    return bool(walker.integer(1, "metadata_follows")) if has_flag else True, count


T = TypeVar("T")


def _read(packet: bytes, body: Callable[[Walker], T]) -> T | None:
    """What the payload says; nothing where it is damaged."""
    try:
        return body(Walker(packet, HEADER_BYTES))
    except WireError:
        return None
