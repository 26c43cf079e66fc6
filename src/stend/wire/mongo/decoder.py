"""Decodes a connection of MongoDB's protocol: messages, and which of them answer which."""

from dataclasses import dataclass
from functools import partial
from struct import Struct

from stend.wire.decoding import Direction, Half, Role, StreamDecoder, Undecodable, Unit
from stend.wire.latest import Latest
from stend.wire.mongo import trees
from stend.wire.mongo.compression import unpacked
from stend.wire.mongo.errors import WireError
from stend.wire.mongo.facts import Told, of_command, of_reply
from stend.wire.mongo.frames import HEADER_BYTES, MAX_MESSAGE_BYTES, Header, OpCode, read_header
from stend.wire.mongo.meanings import Scope
from stend.wire.mongo.messages import CHECKSUM_PRESENT, KIND_BODY, KIND_SEQUENCE, MORE_TO_COME
from stend.wire.mongo.values import OP_CODES

_LENGTH = Struct("<i")
_FLAGS = Struct("<I")
_COMPRESSED = Struct("<iiB")
_NO_HEADER = 0


@dataclass(frozen=True, slots=True)
class _Asked:
    """A command that waits for its reply.

    Attributes:
        exchange: the requestID that all began with: streamed replies answer each other.
    """

    exchange: str
    command: str


@dataclass(frozen=True, slots=True)
class _Content:
    """What a message says, without its header and not compressed any more.

    Attributes:
        more: nothing is to be answered, or another reply follows.
    """

    told: Told
    more: bool = False


class MongoDecoder(StreamDecoder):
    """Commands are remembered, so that a reply says what it answers."""

    protocol = "mongodb"

    def __init__(self, begins: tuple[int, int] = (0, 0)) -> None:
        super().__init__(begins)
        self._asked: Latest[int, _Asked] = Latest()
        # Where a known message was seen, a strange one does not end the decoding.
        self._spoken: set[Direction] = set()

    def withdraw(self, exchange: str) -> None:
        self._asked.pop(int(exchange), None)

    def _begins_unit(self, half: Half) -> bool:
        """A header of this protocol, and behind it, where that is there, what it announces.

        A message says itself what it is, so that a reply is read, too, whose command nobody heard.
        """
        head = half.take(HEADER_BYTES)
        if len(head) < HEADER_BYTES:
            return False
        header = read_header(head)
        if header.op_code not in OP_CODES or not (
            HEADER_BYTES < header.length <= MAX_MESSAGE_BYTES
        ):
            return False
        message = half.take(header.length)
        if len(message) < header.length:
            return True
        is_command = half.direction is Direction.TO_SERVER
        try:
            _content(message, header.op_code, HEADER_BYTES, is_command=is_command)
        except WireError:
            return False
        return True

    def _forget(self, direction: Direction) -> None:
        self._asked.clear()

    def _cut(self, half: Half) -> Unit | None:
        if half.rest < HEADER_BYTES:
            half.wanted = HEADER_BYTES
            return None
        header = read_header(half.take(HEADER_BYTES))
        if not HEADER_BYTES <= header.length <= MAX_MESSAGE_BYTES:
            raise Undecodable(
                f"сообщение из {header.length} байт: это не протокол MongoDB",
                f"a message of {header.length} bytes: this is not MongoDB's protocol",
                0,
            )
        if header.op_code in OP_CODES:
            self._spoken.add(half.direction)
        elif half.direction not in self._spoken:
            raise Undecodable(
                f"opcode {header.op_code}: такого в протоколе MongoDB нет",
                f"the opcode {header.op_code}, which MongoDB's protocol does not have",
                12,
            )
        if half.rest < header.length:
            half.wanted = header.length
            return None
        message = half.take(header.length)
        is_command = half.direction is Direction.TO_SERVER
        try:
            content = _content(message, header.op_code, HEADER_BYTES, is_command=is_command)
        except WireError:
            # The tree tells what is wrong.
            content = None
        if is_command:
            return self._command(half, header, content)
        return self._reply(half, header, content)

    def _command(self, half: Half, header: Header, content: _Content | None) -> Unit:
        told = content.told if content else Told(_title(header))
        exchange = str(header.request_id)
        is_silent = content is not None and content.more
        if not is_silent:
            self._asked[header.request_id] = _Asked(exchange, told.name)
        return Unit(
            protocol=self.protocol,
            name=told.name,
            direction=half.direction,
            start=half.start,
            end=half.start + header.length,
            role=Role.MESSAGE if is_silent else Role.REQUEST,
            read=partial(trees.message_tree, scope=Scope.COMMAND),
            exchange=exchange,
            is_last=True,
            summary=told.summary,
            context=told.context,
            facts=told.facts | _numbers(header),
        )

    def _reply(self, half: Half, header: Header, content: _Content | None) -> Unit:
        told = content.told if content else Told()
        has_more = content is not None and content.more
        asked = self._asked.pop(header.response_to, None)
        if asked is None:
            asked = _Asked(str(header.response_to), "")
        if has_more:
            # The next reply answers this one.
            self._asked[header.request_id] = asked
        command = {"command": asked.command} if asked.command else {}
        return Unit(
            protocol=self.protocol,
            name=asked.command or _title(header),
            direction=half.direction,
            start=half.start,
            end=half.start + header.length,
            role=Role.MESSAGE if has_more else Role.RESPONSE,
            read=partial(trees.message_tree, scope=Scope.REPLY),
            exchange=asked.exchange,
            is_last=not has_more,
            summary=told.summary,
            error=told.error,
            facts=command | told.facts | _numbers(header),
        )


def _title(header: Header) -> str:
    return OP_CODES.get(header.op_code, f"opcode {header.op_code}")


def _numbers(header: Header) -> dict[str, str]:
    found = {"requestID": str(header.request_id)}
    if header.response_to:
        found["responseTo"] = str(header.response_to)
    return found


def _content(data: bytes, op_code: int, at: int, *, is_command: bool) -> _Content:
    """
    Args:
        at: where the content begins.

    Raises:
        WireError: it is not what it should be.
    """
    match op_code:
        case OpCode.OP_MSG:
            return _msg(data, at, is_command=is_command)
        case OpCode.OP_QUERY:
            end = data.find(b"\0", at + 4)
            if end < 0:
                raise WireError("a cstring without its end", at=at)
            # Two numbers stand between the collection and the query.
            return _Content(of_command(data, end + 9))
        case OpCode.OP_REPLY:
            return _Content(of_reply(data, at + 20))
        case OpCode.OP_COMPRESSED:
            begin = at + _COMPRESSED.size
            if begin > len(data):
                raise WireError("an OP_COMPRESSED that is cut off", at=at)
            inner, size, compressor = _COMPRESSED.unpack_from(data, at)
            if inner == OpCode.OP_COMPRESSED:
                raise WireError("compressed twice", at=at)
            plain = unpacked(compressor, data[begin:], size)
            return _content(plain, inner, _NO_HEADER, is_command=is_command)
    raise WireError(f"opcode {op_code}", at=at)


def _msg(data: bytes, at: int, *, is_command: bool) -> _Content:
    if at + _FLAGS.size > len(data):
        raise WireError("an OP_MSG that is cut off", at=at)
    (flags,) = _FLAGS.unpack_from(data, at)
    at += _FLAGS.size
    end = len(data) - (_FLAGS.size if flags & CHECKSUM_PRESENT else 0)
    body: int | None = None
    sequences: list[tuple[str, int]] = []
    while at + 1 + _LENGTH.size <= end:
        kind = data[at]
        (size,) = _LENGTH.unpack_from(data, at + 1)
        if size < _LENGTH.size or at + 1 + size > end:
            raise WireError(f"a section of {size} bytes", at=at)
        if kind == KIND_BODY:
            body = at + 1
        elif kind == KIND_SEQUENCE:
            sequences.append(_sequence(data, at + 1, at + 1 + size))
        at += 1 + size
    if body is None:
        raise WireError("no section of kind 0", at=at)
    told = of_command(data, body, sequences) if is_command else of_reply(data, body)
    return _Content(told, more=bool(flags & MORE_TO_COME))


def _sequence(data: bytes, at: int, end: int) -> tuple[str, int]:
    """Its name, and how many documents it has."""
    name_end = data.find(b"\0", at + _LENGTH.size, end)
    if name_end < 0:
        raise WireError("a cstring without its end", at=at)
    name = data[at + _LENGTH.size : name_end].decode(errors="replace")
    at, count = name_end + 1, 0
    while at + _LENGTH.size <= end:
        (size,) = _LENGTH.unpack_from(data, at)
        if size <= _LENGTH.size:
            break
        at += size
        count += 1
    return name, count
