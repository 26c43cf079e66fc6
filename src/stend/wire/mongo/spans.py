"""What stands where: MongoDB's messages and the BSON in them as pieces of bytes.

The pieces of a message tile it: each begins where another ends, and what was not understood is a
piece too.
"""

from collections.abc import Callable
from struct import Struct
from typing import Any, NamedTuple

from stend.wire.mongo.errors import WireError
from stend.wire.mongo.frames import OpCode, read_header
from stend.wire.mongo.messages import (
    CHECKSUM_PRESENT,
    KIND_BODY,
    KIND_SEQUENCE,
)

__all__ = ["Span", "document_spans", "message_spans"]

# Each element takes at least a type and a name, but its pieces are objects of a hundred bytes.
MAX_ELEMENTS = 200_000
# BSON in a message may be deeper than a stored document (BSONDepth: 200).
MAX_DEPTH = 250
_LAYOUTS = {
    "int32": Struct("<i"),
    "uint32": Struct("<I"),
    "int64": Struct("<q"),
    "uint64": Struct("<Q"),
    "double": Struct("<d"),
    "byte": Struct("<B"),
}


class Span(NamedTuple):
    """A piece of the bytes and what it says.

    Attributes:
        path: of the field that it belongs to: `body.filter.price.$gt`.
        name: the field's own, or what the piece is for the field: `type`, `name`, `length`, `end`.
        type: of BSON or of the wire protocol: `int32`, `cstring`, `objectId`.
        start: offset of its first byte.
        end: offset behind its last byte.
    """

    path: str
    name: str
    type: str
    value: Any
    start: int
    end: int


def message_spans(data: bytes) -> list[Span]:
    """Header and content of one message.

    Raises:
        WireError: it is no message that is known.
    """
    header = read_header(data)
    if header.length != len(data):
        raise WireError(f"{len(data)} bytes, told are {header.length}", path="header", at=0)
    walker = _Walker(data)
    for name in ("messageLength", "requestID", "responseTo", "opCode"):
        walker.number("int32", f"header.{name}", name)
    contents: dict[int, Callable[[], None]] = {
        OpCode.OP_MSG: walker.msg,
        OpCode.OP_QUERY: walker.query,
        OpCode.OP_REPLY: walker.reply,
        OpCode.OP_COMPRESSED: walker.compressed,
    }
    contents.get(header.op_code, walker.rest)()
    return walker.spans


def document_spans(data: bytes, begin: int = 0, path: str = "") -> list[Span]:
    """The pieces of one BSON document.

    Raises:
        WireError: it is none.
    """
    walker = _Walker(data, begin)
    walker.document(path, len(data))
    return walker.spans


class _Walker:
    def __init__(self, data: bytes, at: int = 0) -> None:
        self._data = data
        self._at = at
        self._left = MAX_ELEMENTS
        self._depth = 0
        self.spans: list[Span] = []

    def msg(self) -> None:
        flags = self.number("uint32", "flagBits", "flagBits")
        end = len(self._data) - (4 if flags & CHECKSUM_PRESENT else 0)
        while self._at < end:
            kind = self.number("byte", "kind", "kind")
            if kind == KIND_BODY:
                self.document("body", end)
            elif kind == KIND_SEQUENCE:
                self._sequence(end)
            else:
                raise WireError(f"a section of kind {kind}", path="kind", at=self._at - 1)
        if flags & CHECKSUM_PRESENT:
            self.number("uint32", "checksum", "checksum")

    def query(self) -> None:
        self.number("uint32", "flags", "flags")
        self._cstring("fullCollectionName", "fullCollectionName")
        for name in ("numberToSkip", "numberToReturn"):
            self.number("int32", name, name)
        self.document("query", len(self._data))
        if self._at < len(self._data):
            self.document("returnFieldsSelector", len(self._data))
        self.rest()

    def reply(self) -> None:
        self.number("uint32", "responseFlags", "responseFlags")
        self.number("int64", "cursorID", "cursorID")
        self.number("int32", "startingFrom", "startingFrom")
        count = self.number("int32", "numberReturned", "numberReturned")
        for index in range(count):
            self.document(f"documents[{index}]", len(self._data))
        self.rest()

    def compressed(self) -> None:
        for name in ("originalOpcode", "uncompressedSize"):
            self.number("int32", name, name)
        self.number("byte", "compressorId", "compressorId")
        self._piece("compressedMessage", "compressedMessage", "bytes", len(self._data))

    def rest(self) -> None:
        self._piece("", "not understood", "bytes", len(self._data))

    def _sequence(self, end: int) -> None:
        begin = self._at
        size = self.number("int32", "sequence.size", "size")
        stop = begin + size
        if size < self._at - begin or stop > end:
            raise WireError(f"a section of {size} bytes", path="sequence.size", at=begin)
        name = self._cstring("sequence.identifier", "identifier")
        index = 0
        while self._at < stop:
            self.document(f"{name}[{index}]", stop)
            index += 1
        if self._at != stop:
            raise WireError("bytes behind the section", path=name, at=stop)

    def document(self, path: str, limit: int, *, is_array: bool = False) -> None:
        begin = self._at
        size = self.number("int32", path, "length")
        end = begin + size
        if size < 5 or end > limit:
            raise WireError(f"a document of {size} bytes", path=path, at=begin)
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise WireError(f"deeper than {MAX_DEPTH}", path=path, at=begin)
        while self._at < end - 1:
            self._element(path, end - 1, is_array=is_array)
        self._depth -= 1
        if self._at != end - 1 or self._data[self._at]:
            raise WireError("a document without its end", path=path, at=self._at)
        self._piece(path, "end", "byte", end)

    def _element(self, outer: str, limit: int, *, is_array: bool) -> None:
        self._left -= 1
        if self._left < 0:
            raise WireError(f"more than {MAX_ELEMENTS} elements", path=outer, at=self._at)
        at = self._at
        kind = self._data[at]
        known = _TYPES.get(kind)
        if known is None:
            raise WireError(f"an element of type {kind:#04x}", path=outer, at=at)
        name_end = self._data.find(b"\0", at + 1, limit)
        if name_end < 0:
            raise WireError("a name without its end", path=outer, at=at + 1)
        name = self._text(outer, at + 1, name_end)
        path = f"{outer}[{name}]" if is_array else f"{outer}.{name}".lstrip(".")
        title, read = known
        self._add(path, "type", "byte", title, at + 1)
        self._add(path, "name", "cstring", name, name_end + 1)
        read(self, path, limit)
        if self._at > limit:
            raise WireError("an element that is longer than its document", path=path, at=at)

    def number(self, kind: str, path: str, name: str) -> int:
        layout = _LAYOUTS[kind]
        end = self._at + layout.size
        if end > len(self._data):
            raise WireError(f"{kind}, which is cut off", path=path, at=self._at)
        (value,) = layout.unpack_from(self._data, self._at)
        self._add(path, name, kind, value, end)
        return value  # type: ignore[no-any-return]

    def string(self, path: str, kind: str = "string") -> None:
        begin = self._at
        size = self.number("int32", path, "length")
        end = self._at + size
        if size < 1 or end > len(self._data) or self._data[end - 1]:
            raise WireError(f"a string of {size} bytes", path=path, at=begin)
        self._add(path, "value", kind, self._text(path, self._at, end - 1), end)

    def fixed(self, path: str, kind: str, size: int) -> None:
        end = self._at + size
        if end > len(self._data):
            raise WireError(f"{kind}, which is cut off", path=path, at=self._at)
        self._piece(path, "value", kind, end)

    def boolean(self, path: str) -> None:
        if self._at >= len(self._data) or self._data[self._at] > 1:
            raise WireError("a boolean that is neither 0 nor 1", path=path, at=self._at)
        self._add(path, "value", "bool", self._data[self._at] == 1, self._at + 1)

    def binary(self, path: str) -> None:
        begin = self._at
        size = self.number("int32", path, "length")
        self.number("byte", path, "subtype")
        end = self._at + size
        if size < 0 or end > len(self._data):
            raise WireError(f"{size} bytes of binary data", path=path, at=begin)
        self._piece(path, "value", "bytes", end)

    def regex(self, path: str) -> None:
        self._cstring(path, "pattern")
        self._cstring(path, "options")

    def pointer(self, path: str) -> None:
        self.string(path)
        self.fixed(path, "objectId", 12)

    def code_with_scope(self, path: str, limit: int) -> None:
        begin = self._at
        size = self.number("int32", path, "length")
        self.string(path, "javascript")
        self.document(f"{path}.scope", limit)
        if self._at != begin + size:
            raise WireError("code with scope of another length", path=path, at=begin)

    def _cstring(self, path: str, name: str) -> str:
        end = self._data.find(b"\0", self._at)
        if end < 0:
            raise WireError("a cstring without its end", path=path, at=self._at)
        value = self._text(path, self._at, end)
        self._add(path, name, "cstring", value, end + 1)
        return value

    def _text(self, path: str, begin: int, end: int) -> str:
        try:
            return self._data[begin:end].decode()
        except UnicodeDecodeError:
            raise WireError("text that is not UTF-8", path=path, at=begin) from None

    def _piece(self, path: str, name: str, kind: str, end: int) -> None:
        # Nothing is no piece.
        if end > self._at:
            self._add(path, name, kind, self._data[self._at : end], end)

    def _add(self, path: str, name: str, kind: str, value: Any, end: int) -> None:
        self.spans.append(Span(path, name, kind, value, self._at, end))
        self._at = end


_Read = Callable[[_Walker, str, int], None]


def _number(kind: str) -> _Read:
    def read(walker: _Walker, path: str, _: int) -> None:
        walker.number(kind, path, "value")

    return read


def _fixed(kind: str, size: int) -> _Read:
    return lambda walker, path, _: walker.fixed(path, kind, size)


def _nothing(_: _Walker, _path: str, _limit: int) -> None:
    """Its type says it all."""


# BSON 1.1, https://bsonspec.org/spec.html
_TYPES: dict[int, tuple[str, _Read]] = {
    0x01: ("double", _number("double")),
    0x02: ("string", lambda walker, path, _: walker.string(path)),
    0x03: ("object", lambda walker, path, limit: walker.document(path, limit)),
    0x04: ("array", lambda walker, path, limit: walker.document(path, limit, is_array=True)),
    0x05: ("binData", lambda walker, path, _: walker.binary(path)),
    0x06: ("undefined", _nothing),
    0x07: ("objectId", _fixed("objectId", 12)),
    0x08: ("bool", lambda walker, path, _: walker.boolean(path)),
    0x09: ("date", _number("int64")),
    0x0A: ("null", _nothing),
    0x0B: ("regex", lambda walker, path, _: walker.regex(path)),
    0x0C: ("dbPointer", lambda walker, path, _: walker.pointer(path)),
    0x0D: ("javascript", lambda walker, path, _: walker.string(path, "javascript")),
    0x0E: ("symbol", lambda walker, path, _: walker.string(path, "symbol")),
    0x0F: ("javascriptWithScope", lambda walker, path, limit: walker.code_with_scope(path, limit)),
    0x10: ("int", _number("int32")),
    0x11: ("timestamp", _number("uint64")),
    0x12: ("long", _number("int64")),
    0x13: ("decimal", _fixed("decimal128", 16)),
    0x7F: ("maxKey", _nothing),
    0xFF: ("minKey", _nothing),
}
