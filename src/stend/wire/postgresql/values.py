"""Values of columns and parameters, as text or in the binary format of their type."""

from typing import NamedTuple

from stend.kit.fields import Value
from stend.wire.content.unnamed import json_inside
from stend.wire.decoding import Undecodable
from stend.wire.postgresql.types import ARRAYS, JSON, JSONB, binary_value, is_known, type_name
from stend.wire.reading import Reader, text_of

BINARY = 1
_MAX_DIMENSIONS = 6
_NULL = -1


class Column(NamedTuple):
    """What RowDescription says of a column."""

    name: str
    oid: int
    format: int


def format_name(code: int) -> Value:
    return {0: "0 text", 1: "1 binary"}.get(code, code)


def format_of(formats: tuple[int, ...], place: int) -> int:
    """No code means text, one holds for all, otherwise each has its own (§54.7, Bind)."""
    if len(formats) == 1:
        return formats[0]
    return formats[place] if place < len(formats) else 0


def oid_name(oid: int) -> str:
    return f"{oid} {type_name(oid)}" if oid else "0"


def value(reader: Reader, oid: int | None, form: int | None) -> None:
    """A length and as many bytes.

    Args:
        oid: the type; None where nobody told it.
        form: its format code; None where nobody told it.
    """
    length = reader.integer(
        "value_length", "Int32", 4, signed=True, shown=lambda n: "-1 NULL" if n == _NULL else n
    )
    if length == _NULL:
        reader.show("NULL")
        return
    with reader.within(length, "value"):
        if form is None:
            raw = reader.peek(reader.rest, "value")
            reader.leaf("value", "bytes", len(raw), raw)
            reader.show(raw)
        elif form == BINARY:
            _binary(reader, oid)
        else:
            kind = f"{type_name(oid)}, text" if oid else "text"
            _text(reader, kind, oid)


def _text(reader: Reader, kind: str, oid: int | None) -> None:
    raw = reader.peek(reader.rest, "value")
    shown = text_of(raw)
    if oid in {JSON, JSONB}:
        reader.document("value", kind, len(raw), shown, json_inside)
    else:
        reader.leaf("value", kind, len(raw), shown)
    reader.show(shown)


def _binary(reader: Reader, oid: int | None) -> None:
    if oid in ARRAYS:
        _array(reader)
    elif oid == JSONB:
        reader.integer("jsonb_version", "Byte1", 1)
        _text(reader, "jsonb, binary", oid)
    elif oid == JSON:
        _text(reader, "json, binary", oid)
    else:
        _scalar(reader, oid)


def _scalar(reader: Reader, oid: int | None) -> None:
    raw = reader.peek(reader.rest, "value")
    kind = f"{type_name(oid)}, binary" if oid else "bytes, binary"
    if oid is None or not is_known(oid):
        reader.leaf("value", kind, len(raw), raw)
        reader.show(raw)
        return
    try:
        read = binary_value(oid, raw)
    except ValueError:
        raise Undecodable(
            f"{len(raw)} байт — не двоичное значение типа {type_name(oid)}",
            f"{len(raw)} bytes are no binary value of the type {type_name(oid)}",
            reader.at,
        ) from None
    reader.leaf("value", kind, len(raw), read)
    reader.show(read)


def _array(reader: Reader) -> None:
    count = reader.integer("dimension_count", "Int32", 4)
    reader.integer("has_null", "Int32", 4)
    element = reader.integer("element_type", "Int32", 4, shown=oid_name)
    if count > _MAX_DIMENSIONS:
        raise Undecodable(
            f"у массива {count} измерений, а бывает не больше {_MAX_DIMENSIONS}",
            f"an array of {count} dimensions, where {_MAX_DIMENSIONS} are the most",
            reader.at,
        )
    for _ in range(count):
        reader.integer("dimension_size", "Int32", 4)
        reader.integer("lower_bound", "Int32", 4, signed=True)
    place = 0
    # An array is never an element of another: more dimensions take its place.
    oid = None if element in ARRAYS else element
    while reader.rest:
        with reader.group(f"[{place}]", reader.meanings["element"]):
            value(reader, oid, BINARY)
        place += 1
