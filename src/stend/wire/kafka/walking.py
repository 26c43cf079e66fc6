"""Reads a message field by field: slower than the made functions, but it knows where it is.

The codec asks it what is wrong with bytes that could not be decoded, the tap what stands where.
Both ways of reading take the same bytes; a test holds them against each other.
"""

from collections.abc import Iterator
from struct import Struct
from typing import Any
from uuid import UUID

from stend.kit.nesting import Span
from stend.wire.kafka.errors import TooManyError, WireError
from stend.wire.kafka.schema import Field, Message
from stend.wire.kafka.source import FIXED, MAX_ELEMENTS, MAX_STRING, least_size
from stend.wire.kafka.varints import Malformed, more

_LAYOUTS = {kind: Struct(">" + code) for kind, code in FIXED.items()}
_TAGS = "tagged fields"


def walk(message: Message, data: bytes, at: int = 0) -> tuple[dict[str, Any], list[Span]]:
    """The fields, and the pieces that they were read from; one begins where another ends.

    Raises:
        WireError: with the path of the field and the offset.
    """
    walker = Walker(data, at, is_flexible=message.is_flexible)
    return walker.struct(message.fields, ""), walker.spans


class Walker:
    """
    Args:
        most: pieces that it makes before it gives up; None where nobody keeps them.

    Attributes:
        at: where it has come to.
    """

    def __init__(self, data: bytes, at: int, *, is_flexible: bool, most: int | None = None) -> None:
        if not 0 <= at <= len(data):
            raise WireError(f"{len(data)} bytes have no offset {at}", at=at)
        self.at = at
        self.spans: list[Span] = []
        self._data = data
        self._flexible = is_flexible
        self._left = MAX_ELEMENTS
        self._most = most

    def struct(self, fields: tuple[Field, ...], path: str) -> dict[str, Any]:
        found = {
            one.name: default(one) if one.tag is not None else self._field(one, _join(path, one))
            for one in fields
        }
        if self._flexible:
            tagged = {one.tag: one for one in fields}
            found.update(self._tags(tagged, path))
        return found

    def number(self, kind: str, path: str, name: str) -> Any:
        layout = _LAYOUTS[kind]
        end = self.at + layout.size
        if end > len(self._data):
            raise self._error(path, f"{kind} of {layout.size} bytes, where {self._rest} are left")
        (value,) = layout.unpack_from(self._data, self.at)
        return self._span(path, name, kind, UUID(bytes=value) if kind == "uuid" else value, end)

    def unsigned(self, path: str, name: str) -> int:
        at = self.at
        try:
            first = self._data[at]
            value, end = (first, at + 1) if first < 0x80 else more(self._data, first, at + 1)
        except IndexError:
            raise self._error(path, "a varint that is cut off") from None
        except Malformed:
            raise self._error(path, "a varint of more than 31 bits") from None
        self._span(path, name, "uvarint", value, end)
        return value

    def text(self, kind: str, path: str, name: str, *, is_nullable: bool) -> str | bytes | None:
        begin = self.at
        size = self._length("int16" if kind == "string" else "int32", path, "length")
        if size is None:
            self._check_null(path, begin, is_nullable=is_nullable)
            return None
        if kind == "string" and size > MAX_STRING:
            raise self._error(path, f"a string of {size} bytes, {MAX_STRING} are the most", begin)
        end = self.at + size
        if end > len(self._data):
            raise self._error(path, f"{size} bytes of {kind}, where {self._rest} are left", begin)
        raw = self._data[self.at : end]
        value: str | bytes = raw
        if kind == "string":
            try:
                value = raw.decode()
            except UnicodeDecodeError:
                raise self._error(path, "a string that is not UTF-8") from None
        # Nothing is no piece.
        if size:
            self._span(path, name, kind, value, end)
        return value

    def _field(self, field: Field, path: str) -> Any:
        if field.is_array:
            return self._array(field, path)
        if field.is_struct:
            return self._inner_struct(field, path)
        return self._plain(field, path, is_nullable=field.is_nullable)

    def _plain(self, field: Field, path: str, *, is_nullable: bool) -> Any:
        if field.type in FIXED:
            return self.number(field.type, path, field.name)
        return self.text(field.type, path, field.name, is_nullable=is_nullable)

    def _array(self, field: Field, path: str) -> list[Any] | None:
        begin = self.at
        size = self._length("int32", path, "count")
        if size is None:
            self._check_null(path, begin, is_nullable=field.is_nullable)
            return None
        least = least_size(field, is_flexible=self._flexible)
        if size * least > self._rest:
            text = f"{size} elements of {least} bytes or more, where {self._rest} are left"
            raise self._error(path, text, begin)
        if field.type not in FIXED:
            self._left -= size
            if self._left < 0:
                raise self._error(path, f"more than {MAX_ELEMENTS} elements in a message", begin)
        return [self._element(field, f"{path}[{index}]") for index in range(size)]

    def _element(self, field: Field, path: str) -> Any:
        if field.is_struct:
            return self.struct(field.fields, path)
        return self._plain(field, path, is_nullable=False)

    def _inner_struct(self, field: Field, path: str) -> dict[str, Any] | None:
        if field.is_nullable:
            begin = self.at
            mark = self.number("int8", path, "presence")
            if mark == -1:
                return None
            if mark != 1:
                raise self._error(path, f"{mark}, where -1 is null and 1 a structure", begin)
        return self.struct(field.fields, path)

    def _tags(self, known: dict[int | None, Field], path: str) -> Iterator[tuple[str, Any]]:
        count = self.unsigned(path, _TAGS)
        before = -1
        for _ in range(count):
            begin = self.at
            tag = self.unsigned(path, "tag")
            if tag <= before:
                raise self._error(path, f"tag {tag} behind tag {before}", begin)
            before = tag
            size = self.unsigned(path, "size")
            end = self.at + size
            if end > len(self._data):
                raise self._error(path, f"tag {tag} of {size} bytes, {self._rest} are left", begin)
            field = known.get(tag)
            if field is None:
                self._unknown(path, tag, end)
                continue
            yield field.name, self._field(field, _join(path, field))
            if self.at != end:
                raise self._error(_join(path, field), f"tag {tag} is not {size} bytes", begin)

    def _unknown(self, path: str, tag: int, end: int) -> None:
        if end > self.at:
            self._span(path, f"unknown tag {tag}", "bytes", self._data[self.at : end], end)

    def _length(self, kind: str, path: str, name: str) -> int | None:
        """Of a text or an array; None for null."""
        if self._flexible:
            size = self.unsigned(path, name) - 1
        else:
            begin = self.at
            size = self.number(kind, path, name)
            if size < -1:
                raise self._error(path, f"the {name} {size}", begin)
        return None if size == -1 else size

    def _check_null(self, path: str, begin: int, *, is_nullable: bool) -> None:
        if not is_nullable:
            raise self._error(path, "null, where a value has to be", begin)

    def _span(self, path: str, name: str, kind: str, value: Any, end: int) -> Any:
        if self._most is not None and len(self.spans) >= self._most:
            raise TooManyError(f"more than {self._most} pieces", path=path, at=self.at)
        self.spans.append(Span(path, name, kind, value, self.at, end))
        self.at = end
        return value

    @property
    def _rest(self) -> int:
        return len(self._data) - self.at

    def _error(self, path: str, text: str, at: int | None = None) -> WireError:
        return WireError(text, path=path, at=self.at if at is None else at)


def default(field: Field) -> Any:
    """What an absent field is."""
    if field.default is None:
        return None
    if field.is_array:
        return []
    if field.is_struct:
        return {one.name: default(one) for one in field.fields}
    if field.type == "uuid":
        return UUID(int=0)
    return b"" if field.type in ("bytes", "records") else field.default


def _join(path: str, field: Field) -> str:
    return f"{path}.{field.name}" if path else field.name
