"""Looks into BSON documents without reading all of them: only the elements of one level."""

from collections.abc import Iterator
from struct import Struct
from typing import NamedTuple

from stend.wire.mongo.errors import WireError

_INT = Struct("<i")
_LONG = Struct("<q")
_DOUBLE = Struct("<d")
_STRING, _DOCUMENT, _ARRAY = 0x02, 0x03, 0x04
# Sizes of the values that have one; those of the others begin with a length, or are cstrings.
_FIXED = {
    0x01: 8,
    0x06: 0,
    0x07: 12,
    0x08: 1,
    0x09: 8,
    0x0A: 0,
    0x10: 4,
    0x11: 8,
    0x12: 8,
    0x13: 16,
    0x7F: 0,
    0xFF: 0,
}
# What the length does not count: itself, the subtype, the pointer's id.
_SIZED = {
    _STRING: 4,
    _DOCUMENT: 0,
    _ARRAY: 0,
    0x05: 5,
    0x0C: 16,
    0x0D: 4,
    0x0E: 4,
    0x0F: 0,
}
_REGEX = 0x0B


class Element(NamedTuple):
    """
    Attributes:
        kind: the type's byte.
        start: where the value begins.
        end: where it ends.
    """

    kind: int
    name: str
    start: int
    end: int


def elements(data: bytes, at: int = 0) -> Iterator[Element]:
    """The elements of the document that begins at `at`, not those inside of them.

    Raises:
        WireError: it is no document.
    """
    end = _end_of(data, at)
    at += _INT.size
    while at < end - 1:
        kind = data[at]
        name_end = data.find(b"\0", at + 1, end)
        if name_end < 0:
            raise WireError("a name without its end", at=at)
        value_end = _after(data, kind, name_end + 1, end)
        yield Element(
            kind, data[at + 1 : name_end].decode(errors="replace"), name_end + 1, value_end
        )
        at = value_end


def top(data: bytes, at: int = 0) -> dict[str, Element]:
    """The same by their names; the first of several with one name."""
    found: dict[str, Element] = {}
    for one in elements(data, at):
        found.setdefault(one.name, one)
    return found


def plain(data: bytes, one: Element | None) -> str | int | float | bool | None:
    """The value, where it is a string, a number or a boolean."""
    if one is None:
        return None
    match one.kind:
        case 0x02 | 0x0E:
            return data[one.start + 4 : one.end - 1].decode(errors="replace")
        case 0x10:
            return int(_INT.unpack_from(data, one.start)[0])
        case 0x12:
            return int(_LONG.unpack_from(data, one.start)[0])
        case 0x01:
            return float(_DOUBLE.unpack_from(data, one.start)[0])
        case 0x08:
            return data[one.start] != 0
    return None


def inside(data: bytes, one: Element | None) -> dict[str, Element]:
    """The elements of a value that is a document or an array; none of any other."""
    if one is None or one.kind not in (_DOCUMENT, _ARRAY):
        return {}
    return top(data, one.start)


def _end_of(data: bytes, at: int) -> int:
    if at + _INT.size > len(data):
        raise WireError("a document that is cut off", at=at)
    (size,) = _INT.unpack_from(data, at)
    if size <= _INT.size or at + size > len(data):
        raise WireError(f"a document of {size} bytes", at=at)
    return int(at + size)


def _after(data: bytes, kind: int, at: int, end: int) -> int:
    if (fixed := _FIXED.get(kind)) is not None:
        found = at + fixed
    elif kind in _SIZED:
        if at + _INT.size > end:
            raise WireError("a value that is cut off", at=at)
        (size,) = _INT.unpack_from(data, at)
        if size < 0:
            raise WireError(f"a value of {size} bytes", at=at)
        found = at + size + _SIZED[kind]
    elif kind == _REGEX:
        found = _behind_zero(data, _behind_zero(data, at, end), end)
    else:
        raise WireError(f"an element of type {kind:#04x}", at=at)
    if found > end - 1:
        raise WireError("a value that is longer than its document", at=at)
    return found


def _behind_zero(data: bytes, at: int, end: int) -> int:
    found = data.find(b"\0", at, end)
    if found < 0:
        raise WireError("a cstring without its end", at=at)
    return found + 1
