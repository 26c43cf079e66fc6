"""Decodes both directions of a connection to PostgreSQL (version 3 of the protocol)."""

from functools import partial

from stend.kit.fields import Field, Meaning
from stend.kit.languages import Text
from stend.wire.decoding import (
    HELD_BYTES_LIMIT,
    Direction,
    Half,
    Role,
    StreamDecoder,
    Undecodable,
    Unit,
)
from stend.wire.postgresql import answering, asking, backend
from stend.wire.postgresql.conversation import STARTUP, Conversation
from stend.wire.postgresql.frontend import BODIES
from stend.wire.postgresql.meanings import FIELDS
from stend.wire.postgresql.message_meanings import BACKEND, FRONTEND, SSL_ANSWER, UNKNOWN
from stend.wire.postgresql.message_meanings import STARTUP as STARTUP_MEANINGS
from stend.wire.postgresql.sql import shortened
from stend.wire.reading import Reader
from stend.wire.told import Body, Told

_HEADER_SIZE = 5
# Of a message that begins with its length: four octets of it, and four that say what it is.
_FIRST_SIZE = 8
# The server takes no longer one (MAX_STARTUP_PACKET_LENGTH).
_MAX_FIRST_SIZE = 10_000
_SPECIAL = {80877102: "CancelRequest", 80877103: "SSLRequest", 80877104: "GSSENCRequest"}
# Of a message behind a gap: a longer one is rather no message.
_PLAUSIBLE_SIZE = 1024 * 1024
_TLS_HANDSHAKE = b"\x16\x03"
_VERSION_3 = 3
_ENCRYPTED = Text(
    ru="дальше соединение зашифровано (TLS или GSSAPI): без ключей видны только шифрованные байты",
    en="the connection goes on encrypted (TLS or GSSAPI): without keys its bytes say nothing",
)


class PostgresqlDecoder(StreamDecoder):
    """One connection, from its first byte."""

    protocol = "postgresql"

    def __init__(self, begins: tuple[int, int] = (0, 0)) -> None:
        super().__init__(begins)
        self._conversation = Conversation()

    def awaited(self) -> tuple[str, ...]:
        return self._conversation.awaited()

    def _cut(self, half: Half) -> Unit | None:
        if self._conversation.is_encrypted:
            raise Undecodable(_ENCRYPTED.ru, _ENCRYPTED.en)
        if half.direction is Direction.TO_SERVER:
            return self._typed(half) if self._conversation.is_started else self._first(half)
        if self._conversation.answers_due and (answer := self._one_byte(half)):
            return answer
        return self._typed(half)

    def _begins_unit(self, half: Half) -> bool:
        """A chain of messages of known types; the last one may be cut off, the first may not."""
        if self._conversation.is_encrypted:
            return False
        head = half.take(_FIRST_SIZE)
        # No octet of type is zero.
        if half.direction is Direction.TO_SERVER and (head[:1], head[4:6]) == (b"\0", b"\0\3"):
            # What was not heard was no more than a request for encryption.
            self._conversation.is_started = self._conversation.is_ready = False
            return True
        names = asking.NAMES if half.direction is Direction.TO_SERVER else answering.NAMES
        at, end = half.at, len(half.data)
        while at + _HEADER_SIZE <= end:
            size = int.from_bytes(half.data[at + 1 : at + _HEADER_SIZE], "big")
            if half.data[at] not in names or not 4 <= size < _PLAUSIBLE_SIZE:
                return False
            at += 1 + size
            if at > end:
                break
        return half.at + 1 + int.from_bytes(half.take(_HEADER_SIZE)[1:], "big") <= end

    def _forget(self, direction: Direction) -> None:
        self._conversation.forget()

    def _first(self, half: Half) -> Unit | None:
        """A message without a type octet: the startup message, and those that may come before."""
        head = half.take(_FIRST_SIZE)
        if head[:2] == _TLS_HANDSHAKE[: len(head)] and len(head) > 1:
            self._conversation.is_encrypted = True
            raise Undecodable(_ENCRYPTED.ru, _ENCRYPTED.en)
        if len(head) < _FIRST_SIZE:
            half.wanted = _FIRST_SIZE if len(head) > 1 else len(head) + 1
            return None
        size, number = int.from_bytes(head[:4], "big"), int.from_bytes(head[4:], "big")
        if not _FIRST_SIZE <= size <= _MAX_FIRST_SIZE:
            raise Undecodable(
                f"первое сообщение длиной {size} байт — это не PostgreSQL",
                f"a first message of {size} bytes is not PostgreSQL's",
            )
        if number not in _SPECIAL and number >> 16 != _VERSION_3:
            raise Undecodable(
                f"версия протокола {backend.version(number)}, а известна третья",
                f"version {backend.version(number)} of the protocol, where the third is known",
            )
        if half.rest < size:
            half.wanted = size
            return None
        return self._begin(half, half.take(size), number)

    def _begin(self, half: Half, data: bytes, number: int) -> Unit:
        name = _SPECIAL.get(number, "StartupMessage")
        summary = ""
        facts: dict[str, str] = {}
        if name == "StartupMessage":
            self._conversation.is_started = True
            texts = asking.strings(data[8:], data.count(b"\0", 8))
            pairs = dict(zip(texts[::2], texts[1::2], strict=False))
            facts = {key: pairs[key] for key in ("user", "database") if key in pairs}
            summary = shortened(" ".join(f"{key}={text}" for key, text in facts.items()))
        elif name != "CancelRequest":
            self._conversation.answers_due.append(name)
        exchange = {"StartupMessage": STARTUP, "CancelRequest": None}.get(name, name)
        is_last = name == "CancelRequest"
        told = Told(name, Role.CONTROL, exchange, BODIES[name], is_last, summary, facts=facts)
        why = STARTUP_MEANINGS[name]
        shown = backend.version(number) if name == "StartupMessage" else number
        field = "protocol_version" if name == "StartupMessage" else "request_code"
        read = partial(_first_tree, field, shown, why, told.body)
        return told.unit(self.protocol, half, len(data), read)

    def _one_byte(self, half: Half) -> Unit | None:
        """The answer to a request for encryption; None where the server answers with an error."""
        letter = half.take(1).decode("latin-1")
        if letter not in "SNG":
            self._conversation.answers_due.clear()
            return None
        name = self._conversation.answers_due.popleft()
        self._conversation.is_encrypted = letter != "N"
        answer = Told(f"{name} answer", Role.CONTROL, name, is_last=True, summary=letter)
        return answer.unit(self.protocol, half, 1, partial(_answer_tree, letter))

    def _typed(self, half: Half) -> Unit | None:
        head = half.take(_HEADER_SIZE)
        if len(head) < _HEADER_SIZE:
            half.wanted = _HEADER_SIZE
            return None
        size = int.from_bytes(head[1:], "big")
        if not 4 <= size < HELD_BYTES_LIMIT:
            raise Undecodable(
                f"длина сообщения {size}: меньше четырёх или больше {HELD_BYTES_LIMIT} не бывает",
                f"a message of {size} bytes, where 4 to {HELD_BYTES_LIMIT} are possible",
            )
        if half.rest < 1 + size:
            half.wanted = 1 + size
            return None
        is_request = half.direction is Direction.TO_SERVER
        side = asking if is_request else answering
        name = side.NAMES.get(head[0])
        if name is None:
            return self._unknown(half, 1 + size, head[0])
        told: Told = side.told(self._conversation, name, half.take(1 + size)[_HEADER_SIZE:])
        if is_request and not self._hears(Direction.TO_CLIENT):
            self._conversation.steps.clear()
        why = (FRONTEND if is_request else BACKEND)[told.name]
        return told.unit(self.protocol, half, 1 + size, partial(_typed_tree, why, told.body))

    def _unknown(self, half: Half, size: int, kind: int) -> Unit:
        told = Told("not decoded", Role.BROKEN, None)
        why = Text(
            ru=f"сообщения с октетом типа {kind:#04x} в протоколе нет",
            en=f"the protocol has no message with the type octet {kind:#04x}",
        )
        read = partial(_typed_tree, UNKNOWN, partial(_refused, why))
        return told.unit(self.protocol, half, size, read)


def _typed_tree(why: Meaning, body: Body, data: bytes) -> tuple[Field, ...]:
    def read(reader: Reader) -> None:
        reader.leaf("type", "Byte1", 1, data[:1].decode("latin-1"), why)
        reader.integer("length", "Int32", 4)
        body(reader)

    return Reader(data, FIELDS).tree(read)


def _first_tree(
    field: str, shown: str | int, why: Meaning, body: Body, data: bytes
) -> tuple[Field, ...]:
    def read(reader: Reader) -> None:
        reader.integer("length", "Int32", 4)
        reader.leaf(field, "Int32", 4, shown, why)
        body(reader)

    return Reader(data, FIELDS).tree(read)


def _answer_tree(letter: str, data: bytes) -> tuple[Field, ...]:
    reader = Reader(data, FIELDS)
    return reader.tree(lambda one: one.leaf("answer", "Byte1", 1, letter, SSL_ANSWER))


def _refused(why: Text, reader: Reader) -> None:
    reader.refuse(why.ru, why.en)
