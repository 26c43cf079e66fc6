"""What a client asks once it is let in, and the parameters of a prepared statement."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from stend.wire.mysql.errors import WireError
from stend.wire.mysql.numbers import INTEGER_BYTES, UNSIGNED_PARAMETER, ColumnType
from stend.wire.mysql.source import Source

_DECIMALS = frozenset({ColumnType.DECIMAL, ColumnType.NEWDECIMAL})
_TEXTS = frozenset(
    {
        ColumnType.VARCHAR,
        ColumnType.VAR_STRING,
        ColumnType.STRING,
        ColumnType.ENUM,
        ColumnType.SET,
        ColumnType.JSON,
    }
)
_BYTES = frozenset(
    {
        ColumnType.TINY_BLOB,
        ColumnType.MEDIUM_BLOB,
        ColumnType.LONG_BLOB,
        ColumnType.BLOB,
        ColumnType.BIT,
        ColumnType.GEOMETRY,
    }
)


class Decimal64(str):
    """A DECIMAL as its digits: they are the value, and stay as they are."""

    __slots__ = ()


Parameter = int | float | str | bytes | date | datetime | timedelta | Decimal64 | None


@dataclass(frozen=True, slots=True)
class Execute:
    """COM_STMT_EXECUTE up to its parameters, which only the statement's number of them opens.

    Attributes:
        cursor: 0 where no cursor is wanted.
    """

    statement_id: int
    cursor: int
    iterations: int
    rest: bytes


@dataclass(frozen=True, slots=True)
class LongData:
    """COM_STMT_SEND_LONG_DATA: one more piece of a parameter."""

    statement_id: int
    parameter: int
    data: bytes


def read_execute(payload: bytes) -> Execute:
    """
    Raises:
        WireError: it is too short.
    """
    source = Source(payload)
    return Execute(source.integer(4), source.integer(1), source.integer(4), source.remaining())


def read_long_data(payload: bytes) -> LongData:
    """
    Raises:
        WireError: it is too short.
    """
    source = Source(payload)
    return LongData(source.integer(4), source.integer(2), source.remaining())


@dataclass(frozen=True, slots=True)
class ParameterType:
    """What the client says that a parameter is."""

    type: ColumnType
    is_unsigned: bool


def read_parameters(
    rest: bytes,
    count: int,
    types: tuple[ParameterType, ...],
    long_data: dict[int, bytes],
) -> tuple[list[Parameter], tuple[ParameterType, ...]]:
    """The parameters of COM_STMT_EXECUTE.

    Args:
        rest: of the command.
        count: how many the statement has.
        types: of the last execution; used where this one tells none.
        long_data: parameters that were sent before, by their places.

    Returns:
        The values, and the types that they were read by.

    Raises:
        WireError: they are wrong.
    """
    source = Source(rest)
    if not count:
        return [], ()
    bitmap = source.take((count + 7) // 8)
    if source.integer(1):
        types = tuple(_type(source) for _ in range(count))
    if len(types) != count:
        raise WireError("parameters without their types", at=source.at)
    values: list[Parameter] = []
    for index, one in enumerate(types):
        if index in long_data:
            values.append(_from_long_data(long_data[index], one))
        elif bitmap[index // 8] >> index % 8 & 1 or one.type is ColumnType.NULL:
            values.append(None)
        else:
            values.append(_value(source, one))
    source.end("the parameters")
    return values, types


def _type(source: Source) -> ParameterType:
    number, flags = source.integer(1), source.integer(1)
    try:
        return ParameterType(ColumnType(number), bool(flags & UNSIGNED_PARAMETER))
    except ValueError:
        raise WireError(f"a parameter of type {number}", at=source.at - 2) from None


def _value(source: Source, kind: ParameterType) -> Parameter:
    if size := INTEGER_BYTES.get(kind.type):
        return source.integer(size, is_signed=not kind.is_unsigned)
    match kind.type:
        case ColumnType.FLOAT:
            return source.float32()
        case ColumnType.DOUBLE:
            return source.float64()
        case ColumnType.DATE:
            return _date(source)
        case ColumnType.DATETIME | ColumnType.TIMESTAMP:
            return _datetime(source)
        case ColumnType.TIME:
            return _time(source)
    return _string(source.sized(), kind, source)


def _string(raw: bytes, kind: ParameterType, source: Source) -> Parameter:
    if kind.type in _BYTES:
        return raw
    if kind.type in _DECIMALS:
        return Decimal64(source.text(raw, "a DECIMAL"))
    if kind.type in _TEXTS:
        return source.text(raw, "a parameter")
    raise WireError(f"a parameter of type {kind.type.name}", at=source.at)


def _from_long_data(raw: bytes, kind: ParameterType) -> Parameter:
    return _string(raw, kind, Source(raw, len(raw)))


def _date(source: Source) -> date:
    begin = source.at
    size = source.integer(1)
    if size != 4:
        raise WireError(f"a date of {size} bytes", at=begin)
    year, month, day = source.integer(2), source.integer(1), source.integer(1)
    try:
        return date(year, month, day)
    except ValueError as error:
        raise WireError(f"the date {year}-{month}-{day}: {error}", at=begin) from None


def _datetime(source: Source) -> datetime:
    begin = source.at
    size = source.integer(1)
    if size not in {4, 7, 11}:
        raise WireError(f"a moment of {size} bytes", at=begin)
    day = (source.integer(2), source.integer(1), source.integer(1))
    clock = (source.integer(1), source.integer(1), source.integer(1)) if size > 4 else (0, 0, 0)
    micros = source.integer(4) if size > 7 else 0
    try:
        # The protocol tells no time zone: a DATETIME has none.
        return datetime(*day, *clock, micros)  # noqa: DTZ001
    except (ValueError, OverflowError) as error:
        raise WireError(f"no moment: {error}", at=begin) from None


def _time(source: Source) -> timedelta:
    begin = source.at
    size = source.integer(1)
    if size == 0:
        return timedelta()
    if size not in {8, 12}:
        raise WireError(f"a time of {size} bytes", at=begin)
    is_negative = source.integer(1)
    days = source.integer(4)
    if days > 35:
        raise WireError(f"a time of {days} days", at=begin)
    hours, minutes, seconds = source.integer(1), source.integer(1), source.integer(1)
    micros = source.integer(4) if size == 12 else 0
    span = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds, microseconds=micros)
    return -span if is_negative else span
