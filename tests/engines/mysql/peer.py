"""A client that says exactly what a test wants, packet by packet."""

import socket
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self

from stend.engines.mysql.auth import SHA2, sha2_proof
from stend.wire.mysql.handshake import Login
from stend.wire.mysql.numbers import Capability, ColumnType, Command, Status
from stend.wire.mysql.packets import PacketReader, packets
from stend.wire.mysql.source import Source, sized
from tests.engines.mysql.running import DATABASE, USER
from tests.engines.servers import HOST

CAPABILITIES = int(
    Capability.PROTOCOL_41
    | Capability.PLUGIN_AUTH
    | Capability.PLUGIN_AUTH_LENENC_CLIENT_DATA
    | Capability.CONNECT_WITH_DB
    | Capability.MULTI_STATEMENTS
    | Capability.MULTI_RESULTS
    | Capability.TRANSACTIONS
)
_TIMEOUT_S = 10.0
# In the place of a length, in a row of text.
_NULL = 0xFB


class RefusedError(Exception):
    """An ERR packet."""

    def __init__(self, payload: bytes) -> None:
        self.number = int.from_bytes(payload[1:3], "little")
        self.sql_state = payload[4:9].decode()
        self.message = payload[9:].decode()
        super().__init__(f"{self.number} ({self.sql_state}): {self.message}")


@dataclass
class Answer:
    """
    Attributes:
        rows: values as they stand in the packets, texts as bytes.
    """

    status: int = 0
    affected_rows: int = 0
    last_insert_id: int = 0
    warnings: int = 0
    info: str = ""
    columns: list[tuple[str, int]] = field(default_factory=list)
    rows: list[bytes] = field(default_factory=list)

    @property
    def has_more(self) -> bool:
        return bool(self.status & Status.MORE_RESULTS_EXISTS)

    @property
    def texts(self) -> list[tuple[str | None, ...]]:
        """Rows of the text protocol."""
        return [_text_row(one, len(self.columns)) for one in self.rows]


class Peer:
    """One connection; `with` closes it."""

    def __init__(self, port: int, capabilities: int = CAPABILITIES) -> None:
        self._capabilities = capabilities
        self._socket = socket.create_connection((HOST, port), _TIMEOUT_S)
        self._reader = PacketReader(1 << 26)
        self.greeting = self.hear()

    @classmethod
    def entered(cls, port: int, capabilities: int = CAPABILITIES) -> Self:
        """One that is let in."""
        peer = cls(port, capabilities)
        peer.login()
        return peer

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    @property
    def challenge(self) -> bytes:
        return challenge_of(self.greeting)

    def login(self) -> Answer:
        proof = sha2_proof(USER.password.encode(), self.challenge)
        login = Login(self._capabilities, 1 << 24, 45, USER.name, proof, DATABASE, SHA2)
        self.say(login.encode())
        assert self.hear() == b"\x01\x03"
        return self.answer()

    def say(self, payload: bytes) -> None:
        data, self._reader.sequence = packets(payload, self._reader.sequence)
        self.send(data)

    def send(self, data: bytes) -> None:
        """Bytes as they are."""
        self._socket.sendall(data)

    def hear(self) -> bytes:
        while (payload := self._reader.next_payload()) is None:
            data = self._socket.recv(65_536)
            if not data:
                raise EOFError
            self._reader.feed(data)
        return payload

    def is_hung_up(self) -> bool:
        """Waits until the server closes the connection."""
        try:
            while self._socket.recv(65_536):
                pass
        except ConnectionResetError:
            pass
        return True

    def ask(self, command: int, payload: bytes = b"") -> Answer:
        """A command and its first answer."""
        self.order(command, payload)
        return self.answer()

    def order(self, command: int, payload: bytes = b"") -> None:
        """A command whose answer is not read here."""
        self._reader.sequence = 0
        self.say(bytes([command]) + payload)

    def query(self, text: str) -> Answer:
        return self.ask(Command.QUERY, text.encode())

    def prepare(self, text: str) -> tuple[int, int, int]:
        """The number of a statement, of its columns and of its parameters."""
        self.order(Command.STMT_PREPARE, text.encode())
        payload = self._checked()
        source = Source(payload, 1)
        statement, columns, parameters = source.integer(4), source.integer(2), source.integer(2)
        for count in (parameters, columns):
            for _ in range(count):
                self.hear()
            if count and not self._capabilities & Capability.DEPRECATE_EOF:
                assert self.hear()[0] == 0xFE
        return statement, columns, parameters

    def execute(
        self, statement: int, parameters: Sequence[tuple[ColumnType, bytes | None]] = ()
    ) -> Answer:
        """
        Args:
            parameters: each in the binary form of its type; None is NULL.
        """
        head = statement.to_bytes(4, "little") + b"\0" + (1).to_bytes(4, "little")
        return self.ask(Command.STMT_EXECUTE, head + _parameters(parameters))

    def unasked(self) -> Answer:
        """What the server says by itself."""
        self._reader.sequence = 0
        return self.answer()

    def answer(self) -> Answer:
        """The next answer of a command."""
        payload = self._checked()
        if payload[0] == 0:
            return _ok(payload)
        if payload[0] == 0xFE:
            return Answer(int.from_bytes(payload[3:5], "little"))
        count = Source(payload).varied()
        columns = [_column(self.hear()) for _ in range(count)]
        has_eof = not self._capabilities & Capability.DEPRECATE_EOF
        if has_eof:
            assert self.hear()[0] == 0xFE
        rows: list[bytes] = []
        while True:
            payload = self._checked()
            if payload[0] == 0xFE and len(payload) < (9 if has_eof else 1 << 24):
                break
            rows.append(payload)
        if has_eof:
            status = int.from_bytes(payload[3:5], "little")
            return Answer(status, columns=columns, rows=rows)
        found = _ok(payload)
        found.columns, found.rows = columns, rows
        return found

    def _checked(self) -> bytes:
        payload = self.hear()
        if payload[0] == 0xFF:
            raise RefusedError(payload)
        return payload


def challenge_of(greeting: bytes) -> bytes:
    source = Source(greeting, 1)
    source.until_zero()
    source.take(4)
    first = source.take(8)
    source.take(19)
    return first + source.take(12)


def _ok(payload: bytes) -> Answer:
    source = Source(payload, 1)
    affected, generated = source.varied(), source.varied()
    status, warnings = source.integer(2), source.integer(2)
    info = source.sized().decode() if source.rest else ""
    return Answer(status, affected, generated, warnings, info)


def _column(payload: bytes) -> tuple[str, int]:
    source = Source(payload)
    names = [source.sized().decode() for _ in range(6)]
    source.take(7)
    return names[4], source.integer(1)


def _text_row(payload: bytes, columns: int) -> tuple[str | None, ...]:
    source = Source(payload)
    values: list[str | None] = []
    for _ in range(columns):
        if payload[source.at] == _NULL:
            source.take(1)
            values.append(None)
        else:
            values.append(source.sized().decode())
    return tuple(values)


def _parameters(parameters: Sequence[tuple[ColumnType, bytes | None]]) -> bytes:
    if not parameters:
        return b""
    bitmap = bytearray((len(parameters) + 7) // 8)
    for at, (_, value) in enumerate(parameters):
        if value is None:
            bitmap[at // 8] |= 1 << at % 8
    types = b"".join(bytes([kind, 0]) for kind, _ in parameters)
    values = b"".join(value for _, value in parameters if value is not None)
    return bytes(bitmap) + b"\1" + types + values


def number(value: int) -> tuple[ColumnType, bytes]:
    """A parameter of eight bytes."""
    return ColumnType.LONGLONG, value.to_bytes(8, "little", signed=True)


def text(value: str) -> tuple[ColumnType, bytes]:
    return ColumnType.VAR_STRING, sized(value.encode())
