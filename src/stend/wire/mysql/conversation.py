"""Follows both directions of a connection: what a packet is depends on what was said before."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto

from stend.wire.mysql import spans
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
)
from stend.wire.mysql.packets import HEADER_BYTES, MAX_PAYLOAD
from stend.wire.mysql.walking import Span, Walker

__all__ = ["Conversation", "Packet", "Span"]

# EOF is told from a row by its length.
_MAX_EOF = 9


@dataclass(frozen=True, slots=True)
class Packet:
    """
    Attributes:
        kind: what it is, in the words of the protocol's documentation: `COM_QUERY`, `OK`, `row`.
        spans: the pieces of the whole packet with its header. They tile it: each begins where
            another ends, and what was not understood is a piece too.
    """

    kind: str
    spans: list[Span]


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


_ANSWERED_BY = {
    Command.STMT_PREPARE: _Next.PREPARED,
    Command.STATISTICS: _Next.TEXT,
    Command.CHANGE_USER: _Next.AUTH,
}


@dataclass(slots=True)
class Conversation:
    """One connection, told packet by packet in the order in which they came."""

    _capabilities: int = 0
    _has_login: bool = False
    _next: _Next = _Next.GREETING
    _command: Command = Command.QUERY
    _columns_left: int = 0
    # Types of the columns of the result that is being sent.
    _types: list[int] = field(default_factory=list)
    # Columns behind the parameters of a prepared statement.
    _columns_then: int = 0
    _is_cut: bool = False

    def from_client(self, packet: bytes) -> Packet:
        """
        Args:
            packet: with its header.
        """
        if (cut := self._rest_of_cut(packet)) is not None:
            return cut
        if not self._has_login:
            self._has_login = True
            self._next = _Next.AUTH
            return _walk(packet, "HandshakeResponse41", self._login)
        if self._next is _Next.AUTH:
            return _walk(packet, "authentication", spans.rest("data"))
        return self._client_command(packet)

    def from_server(self, packet: bytes) -> Packet:
        """
        Args:
            packet: with its header.
        """
        if (cut := self._rest_of_cut(packet)) is not None:
            return cut
        first = packet[HEADER_BYTES] if len(packet) > HEADER_BYTES else OK
        if first == ERR:
            self._finish()
            return _walk(packet, "ERR", spans.err)
        match self._next:
            case _Next.GREETING:
                return _walk(packet, "HandshakeV10", spans.greeting)
            case _Next.AUTH:
                return self._auth(packet, first)
            case _Next.RESPONSE:
                return self._response(packet, first)
            case _Next.ROW:
                return self._row(packet, first)
        return self._part_of_response(packet)

    def _rest_of_cut(self, packet: bytes) -> Packet | None:
        """Payloads of 16 MB go on in the next packet."""
        is_rest, self._is_cut = self._is_cut, len(packet) - HEADER_BYTES == MAX_PAYLOAD
        if not is_rest and not self._is_cut:
            return None
        return _walk(packet, "part of a long packet", spans.rest("part"))

    def _login(self, walker: Walker) -> None:
        self._capabilities = spans.login(walker)

    def _client_command(self, packet: bytes) -> Packet:
        number = packet[HEADER_BYTES] if len(packet) > HEADER_BYTES else -1
        try:
            self._command = Command(number)
        except ValueError:
            self._next = _Next.RESPONSE
            return _walk(packet, "unknown command", spans.rest("data"))
        self._next = _ANSWERED_BY.get(self._command, _Next.RESPONSE)
        kind = f"COM_{self._command.name}"
        return _walk(packet, kind, lambda walker: spans.command(walker, self._command))

    def _auth(self, packet: bytes, first: int) -> Packet:
        if first == AUTH_MORE_DATA:
            return _walk(packet, "AuthMoreData", spans.auth_more)
        if first == AUTH_SWITCH:
            return _walk(packet, "AuthSwitchRequest", spans.auth_switch)
        self._finish()
        return _walk(packet, "OK", spans.ok)

    def _response(self, packet: bytes, first: int) -> Packet:
        if first == OK:
            return _walk(packet, "OK", spans.ok)
        if first == EOF:
            return _walk(packet, "EOF", spans.eof)
        if first == LOCAL_INFILE:
            return _walk(packet, "LOCAL INFILE", spans.rest("request"))
        return _walk(packet, "column count", self._column_count)

    def _part_of_response(self, packet: bytes) -> Packet:
        match self._next:
            case _Next.PREPARED:
                return _walk(packet, "COM_STMT_PREPARE_OK", self._prepared)
            case _Next.COLUMN:
                return self._column(packet)
            case _Next.EOF_BEHIND_COLUMNS:
                self._behind_columns()
                return _walk(packet, "EOF", spans.eof)
        self._finish()
        return _walk(packet, "statistics", spans.rest("text"))

    def _column_count(self, walker: Walker) -> None:
        self._columns_left = walker.varied("column_count")
        self._types = []
        self._next = _Next.COLUMN

    def _prepared(self, walker: Walker) -> None:
        self._finish()
        columns, parameters = spans.prepare_ok(walker)
        if columns or parameters:
            self._columns_left = parameters or columns
            self._columns_then = columns if parameters else 0
            self._next = _Next.COLUMN

    def _column(self, packet: bytes) -> Packet:
        made = _walk(packet, "column definition", self._definition)
        self._columns_left -= 1
        if self._columns_left == 0:
            if self._capabilities & Capability.DEPRECATE_EOF:
                self._behind_columns()
            else:
                self._next = _Next.EOF_BEHIND_COLUMNS
        return made

    def _definition(self, walker: Walker) -> None:
        self._types.append(spans.definition(walker))

    def _behind_columns(self) -> None:
        if self._command is not Command.STMT_PREPARE:
            self._next = _Next.ROW
        elif self._columns_then:
            self._columns_left, self._columns_then = self._columns_then, 0
            self._next = _Next.COLUMN
        else:
            self._finish()

    def _row(self, packet: bytes, first: int) -> Packet:
        # A value of 16 MB or more begins so too, but does not fit in such a packet.
        if first == EOF and self._capabilities & Capability.DEPRECATE_EOF:
            self._finish()
            return _walk(packet, "OK", spans.ok)
        if first == EOF and len(packet) - HEADER_BYTES < _MAX_EOF:
            self._finish()
            return _walk(packet, "EOF", spans.eof)
        if self._command is Command.STMT_EXECUTE:
            return _walk(packet, "binary row", lambda one: spans.binary_row(one, self._types))
        return _walk(packet, "row", lambda one: spans.text_row(one, len(self._types)))

    def _finish(self) -> None:
        self._next = _Next.RESPONSE


def _walk(packet: bytes, kind: str, body: Callable[[Walker], object]) -> Packet:
    """Header and payload; from where it is not what it should be, one piece."""
    walker = Walker(packet)
    try:
        walker.integer(3, "payload_length")
        walker.integer(1, "sequence_id")
        body(walker)
    except WireError:
        kind = f"damaged {kind}"
    return Packet(kind, walker.tiled())
