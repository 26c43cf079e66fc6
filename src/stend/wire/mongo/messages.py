"""Messages of MongoDB's protocol: OP_MSG, and the OP_QUERY of an old handshake with its OP_REPLY.

Documents stay bytes: what is in them is BSON's matter. Source: MongoDB Wire Protocol.
"""

from dataclasses import dataclass
from struct import Struct
from typing import Final

from stend.wire.mongo.errors import WireError
from stend.wire.mongo.frames import HEADER_BYTES, OpCode, framed

CHECKSUM_PRESENT: Final = 1 << 0
MORE_TO_COME: Final = 1 << 1
EXHAUST_ALLOWED: Final = 1 << 16
_KNOWN = CHECKSUM_PRESENT | MORE_TO_COME
# A reader must refuse a bit of the lower half that it does not know, and let be one of the upper.
_REQUIRED = 0xFFFF
KIND_BODY, KIND_SEQUENCE = 0, 1
_INT = Struct("<i")
_FLAGS = Struct("<I")
_REPLY = Struct("<iqii")
_AWAIT_CAPABLE = 8
# BSON's smallest document: its length and the end.
_LEAST_DOCUMENT = 5


@dataclass(frozen=True, slots=True)
class OpMsg:
    """
    Attributes:
        flags: bits, of which CHECKSUM_PRESENT, MORE_TO_COME and EXHAUST_ALLOWED are known.
        body: the command or the reply, BSON.
        sequences: documents that stand apart, by the name of the field that they are.
    """

    flags: int
    body: bytes
    sequences: tuple[tuple[str, tuple[bytes, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class OpQuery:
    """The form of a command before OP_MSG; a driver may open a connection with it.

    Attributes:
        collection: `admin.$cmd`.
        query: the command, BSON.
    """

    flags: int
    collection: str
    skip: int
    limit: int
    query: bytes


def read_msg(data: bytes) -> OpMsg:
    """
    Args:
        data: one message with its header.

    Raises:
        WireError: it is no OP_MSG, or its checksum is wrong.
    """
    reader = _Reader(data, HEADER_BYTES, len(data))
    flags = reader.unsigned("flagBits")
    if unknown := flags & _REQUIRED & ~_KNOWN:
        raise WireError(f"unknown flag bits {unknown:#x}", path="flagBits", at=HEADER_BYTES)
    if flags & CHECKSUM_PRESENT:
        reader.take_checksum()
    body: bytes | None = None
    sequences: list[tuple[str, tuple[bytes, ...]]] = []
    while reader.left:
        at = reader.at
        kind = reader.byte("kind")
        if kind == KIND_SEQUENCE:
            sequences.append(reader.sequence())
        elif kind == KIND_BODY and body is None:
            body = reader.document("body")
        else:
            told = "a second body" if kind == KIND_BODY else f"a section of kind {kind}"
            raise WireError(told, path="sections", at=at)
    if body is None:
        raise WireError("no section of kind 0", path="sections", at=HEADER_BYTES)
    return OpMsg(flags, body, tuple(sequences))


def write_msg(request_id: int, response_to: int, body: bytes, flags: int = 0) -> bytes:
    """A message with one section: the reply to a command, or a command."""
    head = _FLAGS.pack(flags) + bytes((KIND_BODY,))
    made = framed(OpCode.OP_MSG, request_id, response_to, head, body)
    if not flags & CHECKSUM_PRESENT:
        return made
    made = _INT.pack(len(made) + _FLAGS.size) + made[_INT.size :]
    return made + _FLAGS.pack(_checksum(made))


def _checksum(data: bytes) -> int:
    # No driver sends one, and the package takes a tenth of the start of a server: it asks the
    # installer's records for its own version.
    from crc32c import crc32c  # noqa: PLC0415

    return crc32c(data)


def read_query(data: bytes) -> OpQuery:
    """
    Raises:
        WireError: it is no OP_QUERY.
    """
    reader = _Reader(data, HEADER_BYTES, len(data))
    flags = reader.unsigned("flags")
    collection = reader.text("fullCollectionName")
    skip, limit = reader.number("numberToSkip"), reader.number("numberToReturn")
    query = reader.document("query")
    if reader.left:
        reader.document("returnFieldsSelector")
    if reader.left:
        raise WireError(f"{reader.left} bytes behind the message", at=reader.at)
    return OpQuery(flags, collection, skip, limit, query)


def write_reply(request_id: int, response_to: int, document: bytes) -> bytes:
    """An OP_REPLY with one document."""
    head = _REPLY.pack(_AWAIT_CAPABLE, 0, 0, 1)
    return framed(OpCode.OP_REPLY, request_id, response_to, head, document)


class _Reader:
    def __init__(self, data: bytes, at: int, end: int) -> None:
        if end < at:
            raise WireError(f"{end} bytes, where a header has {HEADER_BYTES}", at=0)
        self._data = data
        self.at = at
        self._end = end

    @property
    def left(self) -> int:
        return self._end - self.at

    def take_checksum(self) -> None:
        at = self._end - _FLAGS.size
        if at < self.at:
            raise WireError("no room for the checksum", path="checksum", at=self.at)
        (told,) = _FLAGS.unpack_from(self._data, at)
        found = _checksum(self._data[:at])
        if told != found:
            raise WireError(f"{told:#010x}, but it is {found:#010x}", path="checksum", at=at)
        self._end = at

    def byte(self, path: str) -> int:
        self._need(1, path)
        self.at += 1
        return self._data[self.at - 1]

    def number(self, path: str) -> int:
        self._need(_INT.size, path)
        (value,) = _INT.unpack_from(self._data, self.at)
        self.at += _INT.size
        return int(value)

    def unsigned(self, path: str) -> int:
        return self.number(path) & 0xFFFFFFFF

    def text(self, path: str) -> str:
        end = self._data.find(b"\0", self.at, self._end)
        if end < 0:
            raise WireError("a cstring without its end", path=path, at=self.at)
        raw = self._data[self.at : end]
        try:
            value = raw.decode()
        except UnicodeDecodeError:
            raise WireError("a cstring that is not UTF-8", path=path, at=self.at) from None
        self.at = end + 1
        return value

    def document(self, path: str) -> bytes:
        self._need(_INT.size, path)
        (size,) = _INT.unpack_from(self._data, self.at)
        if not _LEAST_DOCUMENT <= size <= self.left:
            raise WireError(f"a document of {size} bytes, {self.left} left", path=path, at=self.at)
        begin, self.at = self.at, self.at + size
        return self._data[begin : self.at]

    def sequence(self) -> tuple[str, tuple[bytes, ...]]:
        begin = self.at
        size = self.number("sections.size")
        if not _INT.size < size <= self._end - begin:
            raise WireError(f"a section of {size} bytes", path="sections.size", at=begin)
        inner = _Reader(self._data, self.at, begin + size)
        name = inner.text("sections.identifier")
        documents: list[bytes] = []
        while inner.left:
            documents.append(inner.document(name))
        self.at = inner.at
        return name, tuple(documents)

    def _need(self, size: int, path: str) -> None:
        if self.left < size:
            raise WireError(f"{size} bytes, where {self.left} are left", path=path, at=self.at)
