"""Values of the binary protocol by the types of their columns or parameters."""

from collections.abc import Callable
from struct import Struct
from typing import NamedTuple

from stend.wire.mysql.errors import WireError
from stend.wire.mysql.naming import column_type
from stend.wire.mysql.numbers import INTEGER_BYTES, ColumnType
from stend.wire.mysql.walking import Walker

_FLOATS: dict[int, Struct] = {ColumnType.FLOAT: Struct("<f"), ColumnType.DOUBLE: Struct("<d")}
# Bytes rather than text, even where they happen to be one.
_BYTES = frozenset({ColumnType.BIT, ColumnType.GEOMETRY})
_KNOWN = frozenset(int(one) for one in ColumnType)


class Column(NamedTuple):
    """What a value is: by a column's definition, or as the client says of a parameter."""

    type: int
    is_unsigned: bool
    name: str = ""


def binary_value(walker: Walker, column: Column, path: str) -> None:
    """One value that is not NULL.

    Raises:
        WireError: it is cut off, or of a type that is not known.
    """
    kind = column_type(column.type)
    if column.type not in _KNOWN:
        raise WireError(f"a value of {kind}", at=walker.at)
    if size := INTEGER_BYTES.get(column.type):
        raw = walker.raw(size, path)
        number = int.from_bytes(raw, "little", signed=not column.is_unsigned)
        walker.show(number, f"{kind} int<{size}>")
    elif layout := _FLOATS.get(column.type):
        walker.show(layout.unpack(walker.raw(layout.size, path))[0], kind)
    elif show := _moments().get(column.type):
        size = walker.integer(1, path, "length")
        if raw := walker.raw(size, path):
            walker.show(show(raw), kind)
    elif column.type != ColumnType.NULL:
        _text(walker, column, path, kind)


def _text(walker: Walker, column: Column, path: str, kind: str) -> None:
    raw = walker.sized(path)
    if raw:
        if column.type in _BYTES:
            walker.show(raw)
        walker.show(walker.spans[-1].value, kind)


def _moments() -> dict[int, Callable[[bytes], str]]:
    return {
        ColumnType.DATE: _moment,
        ColumnType.DATETIME: _moment,
        ColumnType.TIMESTAMP: _moment,
        ColumnType.TIME: _time,
    }


def _moment(raw: bytes) -> str:
    """`2026-01-02 03:04:05.000006`, as far as it is told. A zero date is none of a calendar."""
    if len(raw) not in (4, 7, 11):
        raise WireError(f"a moment of {len(raw)} bytes")
    shown = f"{int.from_bytes(raw[:2], 'little'):04}-{raw[2]:02}-{raw[3]:02}"
    if len(raw) > 4:
        shown += " " + _clock(raw[4], raw[5], raw[6], raw[7:])
    return shown


def _time(raw: bytes) -> str:
    """`-1 03:04:05`: days, where there are any, and the clock."""
    if len(raw) not in (8, 12):
        raise WireError(f"a time of {len(raw)} bytes")
    days = int.from_bytes(raw[1:5], "little")
    shown = f"{days} " if days else ""
    return ("-" if raw[0] else "") + shown + _clock(raw[5], raw[6], raw[7], raw[8:])


def _clock(hours: int, minutes: int, seconds: int, micros: bytes) -> str:
    shown = f"{hours:02}:{minutes:02}:{seconds:02}"
    return f"{shown}.{int.from_bytes(micros, 'little'):06}" if micros else shown
