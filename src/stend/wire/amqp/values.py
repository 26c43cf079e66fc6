"""Strings, field tables and field arrays (section 4.2.5; the types are RabbitMQ's).

Two ways to read a table: `read_table` gives Python values; `split_table` leaves each value in its
own bytes, so that a table can be changed without touching what its sender put in.
"""

from collections.abc import Callable, Iterable
from decimal import Decimal
from struct import Struct
from struct import error as StructError  # noqa: N812 - it is an exception, named as one
from typing import ClassVar

from stend.wire.amqp.frames import AmqpSyntaxError

Value = bool | int | float | str | bytes | Decimal | None | list["Value"] | dict[str, "Value"]
Table = dict[str, Value]
Items = list[tuple[str, bytes]]

# A table in a table in a table: nobody needs more, and each level costs a stack frame.
MAX_DEPTH = 32
_U32 = Struct(">I")
_U64 = Struct(">Q")
_I64 = Struct(">q")
# RabbitMQ answers with this whatever cannot be decoded; 502 would be the specification's.
_FRAME_ERROR = 501


class TypedInteger(int):
    """An integer of a field table. Equal to any other of its value, but knows how it was sent."""

    tag: ClassVar[bytes]
    # RabbitMQ's name of the type (rabbit_binary_parser).
    type_name: ClassVar[str]
    layout: ClassVar[Struct]


class SignedOctet(TypedInteger):
    tag, type_name, layout = b"b", "byte", Struct(">b")


class Octet(TypedInteger):
    tag, type_name, layout = b"B", "unsignedbyte", Struct(">B")


class Short(TypedInteger):
    """RabbitMQ reads `s` as a signed short, not as the short string of 0-9-1."""

    tag, type_name, layout = b"s", "short", Struct(">h")


class UnsignedShort(TypedInteger):
    tag, type_name, layout = b"u", "unsignedshort", Struct(">H")


class SignedInteger(TypedInteger):
    tag, type_name, layout = b"I", "signedint", Struct(">i")


class UnsignedInteger(TypedInteger):
    tag, type_name, layout = b"i", "unsignedint", _U32


class Long(TypedInteger):
    tag, type_name, layout = b"l", "long", _I64


class OldLong(Long):
    tag = b"L"


class Timestamp(TypedInteger):
    """Seconds since 1970."""

    tag, type_name, layout = b"T", "timestamp", _U64


_INTEGERS: tuple[type[TypedInteger], ...] = (
    SignedOctet,
    Octet,
    Short,
    UnsignedShort,
    SignedInteger,
    UnsignedInteger,
    Long,
    OldLong,
    Timestamp,
)

# Values of a fixed size, and what they become.
_FIXED: dict[int, tuple[Struct, type[bool | float | int]]] = {
    ord("t"): (Struct(">?"), bool),
    ord("f"): (Struct(">f"), float),
    ord("d"): (Struct(">d"), float),
    **{kind.tag[0]: (kind.layout, kind) for kind in _INTEGERS},
}
_DECIMAL = Struct(">Bi")
_DECIMAL_TAG, _VOID_TAG = ord("D"), ord("V")
_STRING_TAG, _BYTES_TAG, _TABLE_TAG, _ARRAY_TAG = ord("S"), ord("x"), ord("F"), ord("A")
_SIZED = frozenset((_STRING_TAG, _BYTES_TAG, _TABLE_TAG, _ARRAY_TAG))


def syntax_error(what: str) -> AmqpSyntaxError:
    return AmqpSyntaxError(_FRAME_ERROR, what)


def read_short_string(data: bytes, at: int) -> tuple[str, int]:
    """The text and where it ends.

    Raises:
        AmqpSyntaxError: it is cut off or no UTF-8.
    """
    if at >= len(data):
        raise syntax_error("a short string is missing")
    end = at + 1 + data[at]
    if end > len(data):
        raise syntax_error(f"a short string of {data[at]} bytes is cut off")
    try:
        return data[at + 1 : end].decode(), end
    except UnicodeDecodeError:
        raise syntax_error("a short string is not UTF-8") from None


def read_long_string(data: bytes, at: int) -> tuple[bytes, int]:
    end = _end_of_sized(data, at, len(data))
    return data[at + 4 : end], end


def read_table(data: bytes, at: int = 0) -> tuple[Table, int]:
    """A table with its size before it.

    Returns:
        Its values and where it ends. `S` is text where it is UTF-8, else bytes.

    Raises:
        AmqpSyntaxError: cut off, of unknown type, or deeper than MAX_DEPTH.
    """
    end = _end_of_sized(data, at, len(data))
    return _table(data, at + 4, end, 0), end


def split_table(data: bytes, at: int = 0) -> tuple[Items, int]:
    """The names of a table, each with its value as it was sent, type octet first."""
    end = _end_of_sized(data, at, len(data))
    at += 4
    items: Items = []
    while at < end:
        name, at = _name(data, at, end)
        value_end = _skip(data, at, end)
        items.append((name, data[at:value_end]))
        at = value_end
    return items, end


def split_array(raw: bytes) -> list[bytes]:
    """The values of an array out of `split_table`, each in its own bytes; none of another type."""
    if raw[:1] != b"A":
        return []
    at, end = 5, _end_of_sized(raw, 1, len(raw))
    values: list[bytes] = []
    while at < end:
        value_end = _skip(raw, at, end)
        values.append(raw[at:value_end])
        at = value_end
    return values


def read_value(raw: bytes) -> Value:
    """One value of `split_table` or `split_array`."""
    value, _ = _value(raw, 0, len(raw), 0)
    return value


def short_string(text: str) -> bytes:
    raw = text.encode()
    if len(raw) > 255:
        raise ValueError(f"a short string holds 255 bytes, not {len(raw)}")
    return bytes((len(raw),)) + raw


def long_string(raw: bytes) -> bytes:
    return _U32.pack(len(raw)) + raw


def string_value(text: str) -> bytes:
    return b"S" + long_string(text.encode())


def long_value(number: int) -> bytes:
    return b"l" + _I64.pack(number)


def timestamp_value(seconds: int) -> bytes:
    return b"T" + _U64.pack(seconds)


def bool_value(switch: bool) -> bytes:
    return b"t\x01" if switch else b"t\x00"


def array_value(values: Iterable[bytes]) -> bytes:
    return b"A" + long_string(b"".join(values))


def table_value(items: Iterable[tuple[str, bytes]]) -> bytes:
    return b"F" + join_table(items)


def join_table(items: Iterable[tuple[str, bytes]]) -> bytes:
    """The reverse of `split_table`."""
    return long_string(b"".join(short_string(name) + value for name, value in items))


def encode_value(value: Value) -> bytes:
    """A value as it was sent, or with the type octet that RabbitMQ's own clients would choose."""
    if isinstance(value, TypedInteger):
        return value.tag + value.layout.pack(value)
    writer = _WRITERS.get(type(value))
    if writer is None:
        raise ValueError(f"no field type for {value!r}")
    return writer(value)


def encode_table(table: Table) -> bytes:
    return join_table((name, encode_value(value)) for name, value in table.items())


def _decimal_value(value: Decimal) -> bytes:
    exponent = value.as_tuple().exponent
    scale = -exponent if isinstance(exponent, int) and exponent < 0 else 0
    return b"D" + _DECIMAL.pack(scale, int(value.scaleb(scale)))


_WRITERS: dict[type, Callable[..., bytes]] = {
    bool: bool_value,
    int: long_value,
    float: lambda value: b"d" + _FIXED[ord("d")][0].pack(value),
    str: string_value,
    bytes: lambda value: b"x" + long_string(value),
    Decimal: _decimal_value,
    type(None): lambda _: b"V",
    list: lambda values: array_value(encode_value(value) for value in values),
    dict: lambda table: b"F" + encode_table(table),
}


def _table(data: bytes, at: int, end: int, depth: int) -> Table:
    table: Table = {}
    while at < end:
        name, at = _name(data, at, end)
        table[name], at = _value(data, at, end, depth)
    return table


def _array(data: bytes, at: int, end: int, depth: int) -> list[Value]:
    values: list[Value] = []
    while at < end:
        value, at = _value(data, at, end, depth)
        values.append(value)
    return values


def _value(data: bytes, at: int, end: int, depth: int) -> tuple[Value, int]:
    if depth > MAX_DEPTH:
        raise syntax_error(f"a field table is nested deeper than {MAX_DEPTH}")
    value_end = _skip(data, at, end)
    tag, at = data[at], at + 1
    if fixed := _FIXED.get(tag):
        layout, kind = fixed
        value: Value = kind(layout.unpack_from(data, at)[0])
    elif tag == _VOID_TAG:
        value = None
    elif tag == _DECIMAL_TAG:
        scale, number = _DECIMAL.unpack_from(data, at)
        value = Decimal(number).scaleb(-scale)
    elif tag == _TABLE_TAG:
        value = _table(data, at + 4, value_end, depth + 1)
    elif tag == _ARRAY_TAG:
        value = _array(data, at + 4, value_end, depth + 1)
    else:
        value = _text_or_bytes(data[at + 4 : value_end], tag)
    return value, value_end


def _text_or_bytes(raw: bytes, tag: int) -> Value:
    if tag == _BYTES_TAG:
        return raw
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw


def _skip(data: bytes, at: int, end: int) -> int:
    """Where the value that begins at `at` ends."""
    if at >= end:
        raise syntax_error("a field value is missing")
    tag, at = data[at], at + 1
    if tag in _SIZED:
        return _end_of_sized(data, at, end)
    if tag == _VOID_TAG:
        return at
    size = _DECIMAL.size if tag == _DECIMAL_TAG else _fixed_size(tag)
    if at + size > end:
        raise syntax_error(f"a field value of type {chr(tag)!r} is cut off")
    return at + size


def _fixed_size(tag: int) -> int:
    fixed = _FIXED.get(tag)
    if fixed is None:
        raise syntax_error(f"there is no field type {chr(tag)!r}")
    return fixed[0].size


def _name(data: bytes, at: int, end: int) -> tuple[str, int]:
    name, name_end = read_short_string(data, at)
    if name_end > end:
        raise syntax_error("a field name is cut off")
    return name, name_end


def _end_of_sized(data: bytes, at: int, end: int) -> int:
    try:
        (size,) = _U32.unpack_from(data, at)
    except StructError:
        raise syntax_error("a size is cut off") from None
    found: int = at + 4 + size
    if found > end:
        raise syntax_error(f"a field of {size} bytes is cut off")
    return found
