"""Values of PostgreSQL, as its text format has them, as values of MySQL's protocol."""

import re
import struct
from collections.abc import Callable
from datetime import datetime, tzinfo
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import NamedTuple

from stend.engines.mysql.floats import double_text, float_text
from stend.engines.mysql.sql.translated import OutputColumn
from stend.engines.mysql.tables.types import BYTES, INTEGERS, TEMPORAL, Kind, SqlType
from stend.wire.mysql.numbers import Collation, ColumnFlag, ColumnType
from stend.wire.mysql.source import sized

_BYTES_PER_CHARACTER = 4
# "Not fixed": of FLOAT, DOUBLE, and of what may have any.
_ANY_DECIMALS = 31

# The others are BLOB.
_TYPES = {
    Kind.BOOLEAN: ColumnType.LONGLONG,
    Kind.TINYINT: ColumnType.TINY,
    Kind.SMALLINT: ColumnType.SHORT,
    Kind.MEDIUMINT: ColumnType.INT24,
    Kind.INT: ColumnType.LONG,
    Kind.BIGINT: ColumnType.LONGLONG,
    Kind.YEAR: ColumnType.YEAR,
    Kind.DECIMAL: ColumnType.NEWDECIMAL,
    Kind.FLOAT: ColumnType.FLOAT,
    Kind.DOUBLE: ColumnType.DOUBLE,
    Kind.DATE: ColumnType.DATE,
    Kind.TIME: ColumnType.TIME,
    Kind.DATETIME: ColumnType.DATETIME,
    Kind.TIMESTAMP: ColumnType.TIMESTAMP,
    Kind.CHAR: ColumnType.STRING,
    Kind.BINARY: ColumnType.STRING,
    Kind.ENUM: ColumnType.STRING,
    Kind.VARCHAR: ColumnType.VAR_STRING,
    Kind.VARBINARY: ColumnType.VAR_STRING,
    Kind.JSON: ColumnType.JSON,
    Kind.NULL: ColumnType.NULL,
}
# Digits of the largest value with its sign; TINYINT(1) tells 1.
_INTEGER_LENGTHS = {
    Kind.BOOLEAN: (1, 1),
    Kind.TINYINT: (4, 3),
    Kind.SMALLINT: (6, 5),
    Kind.MEDIUMINT: (9, 8),
    Kind.INT: (11, 10),
    Kind.BIGINT: (20, 20),
    Kind.YEAR: (4, 4),
}
_FIXED_LENGTHS = {
    Kind.FLOAT: 12,
    Kind.DOUBLE: 22,
    Kind.DATE: 10,
    Kind.TIME: 10,
    Kind.DATETIME: 19,
    Kind.TIMESTAMP: 19,
    Kind.JSON: 4294967295,
    Kind.NULL: 0,
}
_LOB_LENGTHS = {
    Kind.TINYTEXT: 255,
    Kind.TINYBLOB: 255,
    Kind.TEXT: 65535,
    Kind.BLOB: 65535,
    Kind.MEDIUMTEXT: 16777215,
    Kind.MEDIUMBLOB: 16777215,
    Kind.LONGTEXT: 4294967295,
    Kind.LONGBLOB: 4294967295,
}
# bytes and format of struct, signed; the unsigned ones are the same in upper case.
_INTEGER_FORMATS = {
    ColumnType.TINY: "<b",
    ColumnType.SHORT: "<h",
    ColumnType.YEAR: "<h",
    ColumnType.INT24: "<i",
    ColumnType.LONG: "<i",
    ColumnType.LONGLONG: "<q",
}


class ColumnFacts(NamedTuple):
    """What a column definition tells of a type: its number, the collation's number, bytes at most,
    flags, digits after the point."""

    type: int
    collation: int
    length: int
    flags: int
    decimals: int


def column_facts(type_: SqlType) -> ColumnFacts:
    """Of an expression's type; `definition_facts` has the flags of a table's column too."""
    kind = type_.kind
    is_text = type_.is_text or kind is Kind.JSON
    collation = Collation.UTF8MB4_GENERAL_CI if is_text else Collation.BINARY
    type_number = _TYPES.get(kind, ColumnType.BLOB)
    return ColumnFacts(type_number, collation, _length(type_), _flags(type_), _decimals(type_))


def definition_facts(column: OutputColumn) -> ColumnFacts:
    """Of a column of a result."""
    facts = column_facts(column.type)
    told = (
        (not column.nullable, ColumnFlag.NOT_NULL),
        (column.is_primary_key, ColumnFlag.PRIMARY_KEY),
        (column.is_unique_key, ColumnFlag.UNIQUE_KEY),
        (column.is_multiple_key, ColumnFlag.MULTIPLE_KEY),
        (column.auto_increment, ColumnFlag.AUTO_INCREMENT),
    )
    return facts._replace(flags=facts.flags | sum(flag for holds, flag in told if holds))


def _flags(type_: SqlType) -> int:
    kind = type_.kind
    is_binary = kind in BYTES | TEMPORAL | {Kind.JSON} or type_.collation.endswith("_bin")
    told = (
        (type_.is_number and kind is not Kind.YEAR, ColumnFlag.NUM),
        (type_.unsigned or kind is Kind.YEAR, ColumnFlag.UNSIGNED),
        (is_binary or not (type_.is_text or kind is Kind.NULL), ColumnFlag.BINARY),
        (kind in _LOB_LENGTHS or kind is Kind.JSON, ColumnFlag.BLOB),
        (kind is Kind.ENUM, ColumnFlag.ENUM),
        (kind is Kind.TIMESTAMP, ColumnFlag.TIMESTAMP),
    )
    return sum(flag for holds, flag in told if holds)


def _length(type_: SqlType) -> int:
    kind = type_.kind
    if kind in _INTEGER_LENGTHS:
        return type_.display_width or _INTEGER_LENGTHS[kind][type_.unsigned]
    if kind is Kind.DECIMAL:
        # Its digits, a point if there are any behind it, a sign if it can have one.
        return (type_.precision or 65) + bool(type_.scale) + (not type_.unsigned)
    if kind in TEMPORAL:
        fraction = type_.precision or 0
        return _FIXED_LENGTHS[kind] + (fraction + 1 if fraction else 0)
    if kind in _FIXED_LENGTHS:
        return _FIXED_LENGTHS[kind]
    if kind is Kind.ENUM:
        return max((len(one) for one in type_.members), default=0) * _BYTES_PER_CHARACTER
    return _string_length(type_)


def _string_length(type_: SqlType) -> int:
    if type_.kind in _LOB_LENGTHS and type_.length is None:
        return _LOB_LENGTHS[type_.kind]
    if type_.length is None:
        return _LOB_LENGTHS[Kind.TEXT]
    width = _BYTES_PER_CHARACTER if type_.is_text else 1
    return min(type_.length * width, _LOB_LENGTHS[Kind.LONGTEXT])


def _decimals(type_: SqlType) -> int:
    if type_.kind in {Kind.FLOAT, Kind.DOUBLE}:
        return _ANY_DECIMALS if type_.scale is None else type_.scale
    if type_.kind is Kind.DECIMAL:
        return type_.scale or 0
    if type_.kind in TEMPORAL:
        return type_.precision or 0
    return 0


def encode_text(value: bytes | None, type_: SqlType, zone: tzinfo) -> bytes | None:
    """A value for a row of the text protocol, without its length; None is NULL.

    Args:
        zone: the session's, for TIMESTAMP.
    """
    if value is None:
        return None
    encode = _TEXT_ENCODERS.get(type_.kind)
    return value if encode is None else encode(value, type_, zone)


def _boolean(value: bytes, _type: SqlType, _zone: tzinfo) -> bytes:
    return {b"t": b"1", b"f": b"0"}.get(value, value)


def _decimal(value: bytes, type_: SqlType, _zone: tzinfo) -> bytes:
    """With as many digits after the point as its type has, rounded half away from zero."""
    if type_.scale is None:
        return value
    number = Decimal(value.decode())
    exact = number.quantize(Decimal(1).scaleb(-type_.scale), context=_EXACT)
    # A DECIMAL has no negative zero.
    return f"{abs(exact) if exact.is_zero() else exact:f}".encode()


# Digits enough for whatever PostgreSQL keeps in a result.
_EXACT = Context(prec=1000, rounding=ROUND_HALF_UP)


def _float(value: bytes, _type: SqlType, _zone: tzinfo) -> bytes:
    return float_text(float(value)).encode()


def _double(value: bytes, type_: SqlType, _zone: tzinfo) -> bytes:
    if type_.scale is not None:
        return f"{float(value):.{type_.scale}f}".encode()
    return double_text(float(value)).encode()


def _datetime(value: bytes, type_: SqlType, _zone: tzinfo) -> bytes:
    return _with_fraction(value, type_.precision or 0)


def _with_fraction(value: bytes, digits: int) -> bytes:
    whole, _, fraction = value.partition(b".")
    return whole + b"." + fraction[:digits].ljust(digits, b"0") if digits else whole


def _timestamp(value: bytes, type_: SqlType, zone: tzinfo) -> bytes:
    local = _moment(value).astimezone(zone)
    text = local.strftime("%H:%M:%S.%f")
    # strftime pads the year on some platforms only.
    day = f"{local.year:04d}-{local.month:02d}-{local.day:02d}"
    return _with_fraction(f"{day} {text}".encode(), type_.precision or 0)


_OFFSET = re.compile(r"([+-]\d\d)(:\d\d)?(:\d\d)?$")


def _moment(value: bytes) -> datetime:
    text = value.decode()
    found = _OFFSET.search(text)
    if found is None:
        raise ValueError(f"no offset in {text}")
    hours, minutes, seconds = found.groups()
    return datetime.fromisoformat(
        text[: found.start()] + hours + (minutes or ":00") + (seconds or "")
    )


# interval's style "postgres": `1 day -02:03:04.5`, `-1 days +02:03:04`, `1 year 2 mons`.
_INTERVAL = re.compile(
    r"^(?:(?P<years>-?\d+) years? ?)?(?:(?P<months>-?\d+) mons? ?)?"
    r"(?:(?P<days>[+-]?\d+) days? ?)?"
    r"(?:(?P<sign>[+-]?)(?P<hours>\d+):(?P<minutes>\d\d):(?P<seconds>\d\d)(?:\.(?P<us>\d+))?)?$"
)


class _Span(NamedTuple):
    """A TIME: microseconds, with a sign."""

    microseconds: int

    @property
    def parts(self) -> tuple[int, int, int, int]:
        seconds, microseconds = divmod(abs(self.microseconds), 1_000_000)
        minutes, seconds = divmod(seconds, 60)
        hours, minutes = divmod(minutes, 60)
        return hours, minutes, seconds, microseconds


def _span(value: bytes) -> _Span:
    found = _INTERVAL.match(value.decode())
    if found is None or found["years"] or found["months"]:
        raise ValueError(f"{value.decode()} is no TIME")
    clock = int(found["hours"] or 0) * 3600
    clock += int(found["minutes"] or 0) * 60 + int(found["seconds"] or 0)
    microseconds = clock * 1_000_000 + int((found["us"] or "0").ljust(6, "0"))
    if found["sign"] == "-":
        microseconds = -microseconds
    return _Span(microseconds + int(found["days"] or 0) * 86_400_000_000)


def _time(value: bytes, type_: SqlType, _zone: tzinfo) -> bytes:
    span = _span(value)
    hours, minutes, seconds, microseconds = span.parts
    sign = "-" if span.microseconds < 0 else ""
    text = f"{sign}{hours:02d}:{minutes:02d}:{seconds:02d}.{microseconds:06d}"
    return _with_fraction(text.encode(), type_.precision or 0)


def _bytes(value: bytes, _type: SqlType, _zone: tzinfo) -> bytes:
    # bytea_output is hex.
    return bytes.fromhex(value[2:].decode())


def _year(value: bytes, _type: SqlType, _zone: tzinfo) -> bytes:
    return value.rjust(4, b"0")


_TEXT_ENCODERS: dict[Kind, Callable[[bytes, SqlType, tzinfo], bytes]] = {
    Kind.BOOLEAN: _boolean,
    Kind.YEAR: _year,
    Kind.DECIMAL: _decimal,
    Kind.FLOAT: _float,
    Kind.DOUBLE: _double,
    Kind.DATETIME: _datetime,
    Kind.TIMESTAMP: _timestamp,
    Kind.TIME: _time,
    **dict.fromkeys(BYTES, _bytes),
}


def encode_binary(value: bytes | None, type_: SqlType, zone: tzinfo) -> bytes | None:
    """A value for a row of the binary protocol, with its length where it has one; None is NULL."""
    text = encode_text(value, type_, zone)
    if text is None or value is None:
        return None
    kind = type_.kind
    if kind in INTEGERS or kind is Kind.BOOLEAN:
        return _binary_integer(int(text), type_)
    if kind in {Kind.FLOAT, Kind.DOUBLE}:
        return struct.pack("<f" if kind is Kind.FLOAT else "<d", float(value))
    if kind is Kind.TIME:
        return _binary_time(_span(value))
    if kind in TEMPORAL:
        return _binary_moment(text.decode())
    return sized(text)


def _binary_integer(number: int, type_: SqlType) -> bytes:
    format_ = _INTEGER_FORMATS[_TYPES[type_.kind]]
    unsigned = type_.unsigned or type_.kind is Kind.YEAR
    return struct.pack(format_.upper() if unsigned else format_, number)


def _binary_moment(text: str) -> bytes:
    """DATE, DATETIME and TIMESTAMP: as long as what is not zero at their end asks for."""
    day, _, clock = text.partition(" ")
    year, month, date = (int(one) for one in day.split("-"))
    hours, minutes, seconds = (clock.partition(".")[0] or "0:0:0").split(":")
    microseconds = int(clock.partition(".")[2].ljust(6, "0")) if clock else 0
    whole = struct.pack("<HBB", year, month, date)
    time = bytes((int(hours), int(minutes), int(seconds)))
    if microseconds:
        return b"\x0b" + whole + time + struct.pack("<I", microseconds)
    return b"\x07" + whole + time if any(time) else b"\x04" + whole


def _binary_time(span: _Span) -> bytes:
    hours, minutes, seconds, microseconds = span.parts
    if not span.microseconds:
        return b"\0"
    days, hours = divmod(hours, 24)
    body = struct.pack("<BIBBB", span.microseconds < 0, days, hours, minutes, seconds)
    if microseconds:
        return b"\x0c" + body + struct.pack("<I", microseconds)
    return b"\x08" + body
