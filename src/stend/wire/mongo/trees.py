"""The trees of fields of MongoDB's messages, and of the BSON in them.

The leaves tile the message. Where a document is not what it should be, the rest of it is a leaf
with the reason, and what stands behind it is read all the same.
"""

from collections.abc import Callable
from struct import Struct
from typing import NamedTuple

from stend.kit.fields import Field, Inner, Meaning, Value, undecoded
from stend.kit.languages import Text
from stend.kit.nesting import Nest
from stend.wire.mongo import meanings, values
from stend.wire.mongo.compression import MAX_OUTPUT_BYTES, unpacked
from stend.wire.mongo.errors import WireError
from stend.wire.mongo.frames import HEADER_BYTES, OpCode
from stend.wire.mongo.meanings import Scope
from stend.wire.mongo.messages import CHECKSUM_PRESENT, KIND_BODY, KIND_SEQUENCE
from stend.wire.reading import MASK

# Each element takes at least a type and a name, but its fields are objects of hundreds of bytes.
MAX_ELEMENTS = 30_000
# BSON in a message may be deeper than a stored document (100 levels).
MAX_DEPTH = 130
_LAYOUTS = {
    "int32": Struct("<i"),
    "uint32": Struct("<I"),
    "int64": Struct("<q"),
    "uint64": Struct("<Q"),
    "double": Struct("<d"),
    "byte": Struct("<B"),
}
_LEAST_DOCUMENT = 5


class _Wrong(Exception):  # noqa: N818 - it never leaves this module
    """The bytes are not what they should be."""

    def __init__(self, ru: str, en: str) -> None:
        super().__init__(en)
        self.why = Text(ru=ru, en=en)


class _TooMany(_Wrong):
    """Nothing more is taken apart."""


def message_tree(data: bytes, scope: Scope) -> tuple[Field, ...]:
    """
    Args:
        data: one message with its header.
        scope: whose vocabulary the documents have: that of a command or of a reply.
    """
    tree = _Tree(data, scope)
    tree.header()
    if len(data) >= HEADER_BYTES:
        (op_code,) = _LAYOUTS["int32"].unpack_from(data, 12)
        tree.content(op_code)
    return tree.finished()


class _Place(NamedTuple):
    """Where a value stands.

    Attributes:
        name: of its field; of the array for an element of one.
        about: what the field is for.
        limit: where the document around it ends.
    """

    scope: Scope
    name: str
    about: Meaning
    limit: int


class _Tree:
    def __init__(self, data: bytes, scope: Scope, at: int = 0) -> None:
        self._data = data
        self._at = at
        self._end = len(data)
        self._scope = scope
        self._left = MAX_ELEMENTS
        self._depth = 0
        self._nest = Nest()

    def finished(self) -> tuple[Field, ...]:
        self._nest.close_to(0)
        if self._at < len(self._data):
            self._unread(
                len(self._data),
                Text(
                    ru="за сообщением стоят лишние байты",
                    en="bytes that belong to nothing stand behind the message",
                ),
            )
        return self._nest.tree()

    def header(self) -> None:
        def read() -> None:
            self._nest.open("header", meanings.framing("header"))
            for name in ("messageLength", "requestID", "responseTo", "opCode"):
                self._number("int32", name)
            self._nest.close()

        self._trying(read)

    def content(self, op_code: int) -> None:
        """What stands behind the header."""
        contents: dict[int, Callable[[], None]] = {
            OpCode.OP_MSG: self._msg,
            OpCode.OP_QUERY: self._query,
            OpCode.OP_REPLY: self._reply,
            OpCode.OP_COMPRESSED: self._compressed,
        }
        self._trying(contents.get(op_code, self._unknown))

    def _trying(self, read: Callable[[], None]) -> None:
        try:
            read()
        except _Wrong as error:
            self._nest.close_to(0)
            self._unread(len(self._data), error.why)

    def _msg(self) -> None:
        flags = self._number("uint32", "flagBits")
        has_checksum = bool(flags & CHECKSUM_PRESENT) and len(self._data) - self._at >= 4
        self._end = len(self._data) - (4 if has_checksum else 0)
        self._nest.open("sections", meanings.framing("sections"))
        index = 0
        while self._at < self._end:
            self._nest.open(f"[{index}]", meanings.framing("section"))
            self._section()
            self._nest.close()
            index += 1
        self._nest.close()
        self._end = len(self._data)
        if has_checksum:
            self._number("uint32", "checksum")

    def _section(self) -> None:
        kind = self._number("byte", "kind")
        if kind == KIND_BODY:
            self._document("body", meanings.framing("body"), self._scope, self._end)
        elif kind == KIND_SEQUENCE:
            self._sequence()
        else:
            raise _Wrong(
                f"секции вида {kind} в OP_MSG нет", f"OP_MSG has no sections of kind {kind}"
            )

    def _query(self) -> None:
        self._number("uint32", "flags")
        self._cstring("fullCollectionName", meanings.framing("fullCollectionName"), self._end)
        for name in ("numberToSkip", "numberToReturn"):
            self._number("int32", name)
        self._document("query", meanings.framing("query"), self._scope, self._end)
        if self._at < self._end:
            name = "returnFieldsSelector"
            self._document(name, meanings.framing(name), Scope.USER, self._end)

    def _reply(self) -> None:
        self._number("uint32", "responseFlags")
        self._number("int64", "cursorID")
        self._number("int32", "startingFrom")
        self._number("int32", "numberReturned")
        self._nest.open("documents", meanings.framing("documents"))
        index = 0
        while self._at < self._end:
            self._document(f"[{index}]", meanings.framing("document"), self._scope, self._end)
            index += 1
        self._nest.close()

    def _compressed(self) -> None:
        op_code = self._number("int32", "originalOpcode")
        size = self._number("int32", "uncompressedSize")
        compressor = self._number("byte", "compressorId")
        begin, self._at = self._at, self._end
        if begin == self._end:
            return
        name = "compressedMessage"
        field = Field(name, "bytes", None, begin, self._end, meanings.framing(name))
        try:
            plain = unpacked(compressor, self._data[begin:], size)
        except WireError as error:
            self._at = begin
            raise _Wrong(
                f"сжатое сообщение не распаковать: способ {compressor}, данные повреждены, "
                f"или это больше {MAX_OUTPUT_BYTES} байт",
                f"the message cannot be decompressed: {error.text}",
            ) from None
        inside = _Tree(plain, self._scope)
        # A message that is compressed holds no other such.
        inside.content(op_code if op_code != OpCode.OP_COMPRESSED else 0)
        how = Text(
            ru="содержимое сообщения после распаковки, без заголовка",
            en="the content of the message after decompression, without a header",
        )
        self._nest.add(field._replace(inner=Inner(how, plain, inside.finished())))

    def _unknown(self) -> None:
        raise _Wrong(
            "этот opcode не разбирается: с MongoDB 5.1 такие сообщения не поддерживаются",
            "this opcode is not taken apart: MongoDB has no such messages since 5.1",
        )

    def _sequence(self) -> None:
        begin = self._at
        size = self._number("int32", "size")
        stop = begin + size
        if size < self._at - begin or stop > self._end:
            raise _Wrong(f"секция из {size} байт", f"a section of {size} bytes")
        name = self._cstring("identifier", meanings.framing("identifier"), stop)
        scope = meanings.inside(self._scope, name)
        self._nest.open(name, meanings.field(self._scope, name))
        index = 0
        while self._at < stop:
            about = meanings.element(self._scope, name)
            self._document(f"[{index}]", about, scope, stop)
            index += 1
        self._nest.close()

    def _document(self, name: str, about: Meaning, scope: Scope, limit: int) -> None:
        """A document as a group."""
        self._nest.open(name, about)
        self._document_inside(scope, limit)
        self._nest.close()

    def _document_inside(self, scope: Scope, limit: int, array: str | None = None) -> None:
        begin, depth = self._at, self._nest.depth
        self._need(_LAYOUTS["int32"].size, limit)
        size = self._number("int32", "length", meanings.bson("document_length"))
        end = begin + size
        if size < _LEAST_DOCUMENT or end > limit:
            raise _Wrong(f"документ из {size} байт", f"a document of {size} bytes")
        self._depth += 1
        try:
            if self._depth > MAX_DEPTH:
                raise _Wrong(
                    f"документы вложены глубже {MAX_DEPTH}", f"documents deeper than {MAX_DEPTH}"
                )
            while self._at < end - 1:
                self._element(scope, end - 1, array)
            if self._data[end - 1]:
                raise _Wrong("документ не кончается нулём", "a document without its zero byte")
            self._leaf("end", "byte", 0, end, meanings.bson("end"))
        except _TooMany:
            raise
        except _Wrong as error:
            # Its length is known: what stands behind it is read.
            self._nest.close_to(depth)
            self._unread(end, error.why)
        finally:
            self._depth -= 1

    def _element(self, scope: Scope, limit: int, array: str | None) -> None:
        self._left -= 1
        if self._left < 0:
            raise _TooMany(
                f"в сообщении больше {MAX_ELEMENTS} элементов: остальные не разбираются",
                f"the message has more than {MAX_ELEMENTS} elements: the rest is not taken apart",
            )
        kind = self._data[self._at]
        known = _TYPES.get(kind)
        if known is None:
            raise _Wrong(f"типа {kind:#04x} в BSON нет", f"BSON has no type {kind:#04x}")
        name_end = self._data.find(b"\0", self._at + 1, limit)
        if name_end < 0:
            raise _Wrong("имя поля не кончается нулём", "a field's name without its zero byte")
        title, read = known
        name = self._text(self._at + 1, name_end)
        about = meanings.field(scope, name) if array is None else meanings.element(scope, array)
        self._nest.open(name if array is None else f"[{name}]", about)
        self._leaf("type", "byte", f"{kind:#04x} {title}", self._at + 1, meanings.bson(title))
        self._leaf("name", "cstring", name, name_end + 1, meanings.bson("name"))
        read(self, _Place(scope, array or name, about, limit))
        self._nest.close()

    def fixed(self, place: _Place, kind: str, show: Callable[[int], Value] | None = None) -> None:
        """A number of a fixed size."""
        layout = _LAYOUTS[kind]
        end = self._need(layout.size, place.limit)
        (raw,) = layout.unpack_from(self._data, self._at)
        self._leaf("value", kind, show(raw) if show else raw, end, place.about)

    def raw(self, place: _Place, kind: str, size: int, show: Callable[[bytes], Value]) -> None:
        end = self._need(size, place.limit)
        self._leaf("value", kind, show(self._data[self._at : end]), end, place.about)

    def boolean(self, place: _Place) -> None:
        end = self._need(1, place.limit)
        if self._data[self._at] > 1:
            raise _Wrong("bool не 0 и не 1", "a boolean that is neither 0 nor 1")
        self._leaf("value", "bool", self._data[self._at] == 1, end, place.about)

    def string(self, place: _Place, kind: str = "string") -> None:
        size = self._size(place, "string_length")
        end = self._need(size, place.limit)
        if size < 1 or self._data[end - 1]:
            raise _Wrong(f"строка из {size} байт без нуля", f"a string of {size} bytes, no zero")
        self._leaf("value", kind, self._text(self._at, end - 1), end, place.about)

    def binary(self, place: _Place) -> None:
        size = self._size(place, "binary_length")
        self._need(1, place.limit)
        subtype = self._number("byte", "subtype", meanings.bson("subtype"))
        end = self._need(size, place.limit)
        if size > 0:
            raw = self._data[self._at : end]
            secret = meanings.is_secret(place.name)
            value = MASK if secret else values.binary(subtype, raw)
            self._leaf("value", "bytes", value, end, place.about)

    def regex(self, place: _Place) -> None:
        self._cstring("pattern", meanings.bson("pattern"), place.limit)
        self._cstring("options", meanings.bson("options"), place.limit)

    def pointer(self, place: _Place) -> None:
        self.string(place)
        self.raw(place, "objectId", 12, values.object_id)

    def document(self, place: _Place, *, is_array: bool = False) -> None:
        scope = meanings.inside(place.scope, place.name)
        self._document_inside(scope, place.limit, place.name if is_array else None)

    def code_with_scope(self, place: _Place) -> None:
        begin = self._at
        size = self._size(place, "code_length")
        end = begin + size
        if size < _LAYOUTS["int32"].size or end > place.limit:
            raise _Wrong(f"код из {size} байт", f"code of {size} bytes")
        bounded = place._replace(limit=end)
        self.string(bounded, "javascript")
        self._document("scope", meanings.bson("scope"), Scope.USER, end)
        if self._at != end:
            raise _Wrong("длина кода с областью другая", "code with scope of another length")

    def _size(self, place: _Place, name: str) -> int:
        self._need(_LAYOUTS["int32"].size, place.limit)
        size = self._number("int32", "length", meanings.bson(name))
        if size < 0:
            raise _Wrong(f"длина {size}", f"the length {size}")
        return size

    def _number(self, kind: str, name: str, about: Meaning | None = None) -> int:
        layout = _LAYOUTS[kind]
        end = self._need(layout.size, self._end)
        (value,) = layout.unpack_from(self._data, self._at)
        shown = values.number(name, value)
        self._leaf(name, kind, shown, end, about or meanings.framing(name))
        return int(value)

    def _cstring(self, name: str, about: Meaning, limit: int) -> str:
        end = self._data.find(b"\0", self._at, limit)
        if end < 0:
            raise _Wrong(f"{name} не кончается нулём", f"{name} without its zero byte")
        value = self._text(self._at, end)
        self._leaf(name, "cstring", value, end + 1, about)
        return value

    def _text(self, begin: int, end: int) -> str:
        try:
            return self._data[begin:end].decode()
        except UnicodeDecodeError:
            raise _Wrong("строка не в UTF-8", "a string that is not UTF-8") from None

    def _need(self, size: int, limit: int) -> int:
        end = self._at + size
        if size < 0 or end > min(limit, self._end):
            raise _Wrong(
                f"нужно {size} байт, осталось {max(limit - self._at, 0)}",
                f"{size} bytes are needed, {max(limit - self._at, 0)} are left",
            )
        return end

    def _unread(self, end: int, why: Text) -> None:
        if self._at < end:
            self._nest.add(undecoded(self._at, end, why))
            self._at = end

    def _leaf(self, name: str, kind: str, value: Value, end: int, about: Meaning) -> None:
        self._nest.add(Field(name, kind, value, self._at, end, about))
        self._at = end


_Read = Callable[[_Tree, _Place], None]


def _nothing(_: _Tree, _place: _Place) -> None:
    """Its type says it all."""


# BSON 1.1, https://bsonspec.org/spec.html
_TYPES: dict[int, tuple[str, _Read]] = {
    0x01: ("double", lambda tree, place: tree.fixed(place, "double")),
    0x02: ("string", lambda tree, place: tree.string(place)),
    0x03: ("object", lambda tree, place: tree.document(place)),
    0x04: ("array", lambda tree, place: tree.document(place, is_array=True)),
    0x05: ("binData", lambda tree, place: tree.binary(place)),
    0x06: ("undefined", _nothing),
    0x07: ("objectId", lambda tree, place: tree.raw(place, "objectId", 12, values.object_id)),
    0x08: ("bool", lambda tree, place: tree.boolean(place)),
    0x09: ("date", lambda tree, place: tree.fixed(place, "int64", values.date)),
    0x0A: ("null", _nothing),
    0x0B: ("regex", lambda tree, place: tree.regex(place)),
    0x0C: ("dbPointer", lambda tree, place: tree.pointer(place)),
    0x0D: ("javascript", lambda tree, place: tree.string(place, "javascript")),
    0x0E: ("symbol", lambda tree, place: tree.string(place, "symbol")),
    0x0F: ("javascriptWithScope", lambda tree, place: tree.code_with_scope(place)),
    0x10: ("int", lambda tree, place: tree.fixed(place, "int32")),
    0x11: ("timestamp", lambda tree, place: tree.fixed(place, "uint64", values.timestamp)),
    0x12: ("long", lambda tree, place: tree.fixed(place, "int64")),
    0x13: ("decimal", lambda tree, place: tree.raw(place, "decimal128", 16, values.decimal128)),
    0x7F: ("maxKey", _nothing),
    0xFF: ("minKey", _nothing),
}
