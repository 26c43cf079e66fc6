"""What DEFAULT says, as it is shown and for PostgreSQL."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from stend.engines.mysql.catalog.printing import string
from stend.engines.mysql.catalog.syntax.definitions import DefaultKind, DefaultSpec
from stend.engines.mysql.errors import MyError, MySqlError, not_supported
from stend.engines.mysql.floats import double_text, float_text
from stend.engines.mysql.tables.layout import INTEGER_BITS, integer_range, pg_type
from stend.engines.mysql.tables.naming import literal
from stend.engines.mysql.tables.types import Kind, SqlType

_CLOCK = re.compile(r"(-?)(\d{1,3}):([0-5]\d)(?::([0-5]\d)(?:\.(\d{1,6}))?)?")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_LOBS = frozenset(
    {
        Kind.TINYTEXT,
        Kind.TEXT,
        Kind.MEDIUMTEXT,
        Kind.LONGTEXT,
        Kind.TINYBLOB,
        Kind.BLOB,
        Kind.MEDIUMBLOB,
        Kind.LONGBLOB,
        Kind.JSON,
    }
)
_MAX_HOURS = 838


@dataclass(frozen=True, slots=True)
class Default:
    """`sql` and `pg`: as Column has them."""

    sql: str | None
    pg: str | None


class _UnfitError(Exception):
    """The value is none of the type."""


def now_text(digits: str | int | None) -> str:
    """CURRENT_TIMESTAMP with its digits, as it is shown."""
    return f"CURRENT_TIMESTAMP({digits})" if digits and str(digits) != "0" else "CURRENT_TIMESTAMP"


def literal_default(name: str, spec: DefaultSpec, type_: SqlType) -> Default:
    """Of a default that is NULL, a literal or CURRENT_TIMESTAMP.

    Args:
        name: of the column, for errors.

    Raises:
        MySqlError: ER_INVALID_DEFAULT, ER_BLOB_CANT_HAVE_DEFAULT.
    """
    if spec.kind is DefaultKind.NULL:
        return Default("NULL", "NULL")
    if spec.kind is DefaultKind.NOW:
        return _now_default(name, spec, type_)
    if type_.kind in _LOBS:
        raise MySqlError(
            MyError.ER_BLOB_CANT_HAVE_DEFAULT,
            f"BLOB, TEXT, GEOMETRY or JSON column '{name}' can't have a default value",
        )
    try:
        shown = _shown(spec, type_)
    except (_UnfitError, ValueError, InvalidOperation) as error:
        raise invalid_default(name) from error
    return Default(string(shown), _pg_literal(shown, type_))


def invalid_default(name: str) -> MySqlError:
    return MySqlError(MyError.ER_INVALID_DEFAULT, f"Invalid default value for '{name}'")


def _now_default(name: str, spec: DefaultSpec, type_: SqlType) -> Default:
    if type_.kind not in {Kind.TIMESTAMP, Kind.DATETIME}:
        raise invalid_default(name)
    if int(spec.text or 0) != (type_.precision or 0):
        raise invalid_default(name)
    return Default(now_text(spec.text), None)


def _pg_literal(shown: str, type_: SqlType) -> str:
    if type_.kind in {Kind.BINARY, Kind.VARBINARY}:
        return f"'\\x{shown.encode().hex()}'::bytea"
    if type_.is_number:
        return f"CAST({literal(shown)} AS {pg_type(type_)})"
    return f"{literal(shown)}::{pg_type(type_)}"


def _shown(spec: DefaultSpec, type_: SqlType) -> str:
    if type_.kind in INTEGER_BITS:
        return _integer(spec, type_)
    return _SHOWN[type_.kind](spec, type_)


def _integer(spec: DefaultSpec, type_: SqlType) -> str:
    number = Decimal(spec.text)
    low, high = integer_range(type_)
    if number != number.to_integral_value() or not low <= number <= high:
        raise _UnfitError
    return str(int(number))


def _year(spec: DefaultSpec, _type: SqlType) -> str:
    year = int(spec.text)
    if year and not 1901 <= year <= 2155:
        raise _UnfitError
    return f"{year:04d}"


def _decimal(spec: DefaultSpec, type_: SqlType) -> str:
    scale = type_.scale or 0
    number = Decimal(spec.text)
    if not number.is_finite() or (type_.unsigned and number < 0):
        raise _UnfitError
    rounded = number.quantize(Decimal(1).scaleb(-scale), rounding=ROUND_HALF_UP)
    if abs(rounded) >= Decimal(10) ** ((type_.precision or 0) - scale):
        raise _UnfitError
    return f"{rounded:f}" if rounded else f"{abs(rounded):f}"


def _float(spec: DefaultSpec, type_: SqlType) -> str:
    number = Decimal(spec.text)
    if not number.is_finite():
        raise _UnfitError
    return (float_text if type_.kind is Kind.FLOAT else double_text)(float(number))


def _date(spec: DefaultSpec, _type: SqlType) -> str:
    if spec.is_number or not _DAY.fullmatch(spec.text):
        raise _UnfitError
    return date.fromisoformat(spec.text).isoformat()


def _datetime(spec: DefaultSpec, type_: SqlType) -> str:
    if spec.is_number or not _DAY.match(spec.text):
        raise _UnfitError
    if type_.kind is Kind.TIMESTAMP:
        raise not_supported("A TIMESTAMP's default other than NULL and CURRENT_TIMESTAMP")
    moment = datetime.fromisoformat(spec.text)
    if moment.tzinfo is not None:
        raise _UnfitError
    return _with_fraction(moment.isoformat(" ", "microseconds"), type_)


def _time(spec: DefaultSpec, type_: SqlType) -> str:
    found = _CLOCK.fullmatch(spec.text)
    if found is None or int(found[2]) > _MAX_HOURS:
        raise _UnfitError
    text = f"{found[1]}{int(found[2]):02d}:{found[3]}:{found[4] or '00'}"
    return _with_fraction(f"{text}.{(found[5] or '').ljust(6, '0')}", type_)


def _with_fraction(text: str, type_: SqlType) -> str:
    """The digits that the type has; others than zero behind them do not fit here."""
    digits = type_.precision or 0
    whole, _, fraction = text.partition(".")
    if fraction[digits:].strip("0"):
        raise _UnfitError
    return f"{whole}.{fraction[:digits]}" if digits else whole


def _text(spec: DefaultSpec, type_: SqlType) -> str:
    text = spec.text.rstrip(" ") if type_.kind is Kind.CHAR else spec.text
    if len(text) > (type_.length or 0) or "\0" in text:
        raise _UnfitError
    return text


def _enum(spec: DefaultSpec, type_: SqlType) -> str:
    wanted = spec.text.rstrip(" ").upper()
    found = next((one for one in type_.members if one.upper() == wanted), None)
    if found is None or spec.is_number:
        raise _UnfitError
    return found


def _bytes(spec: DefaultSpec, type_: SqlType) -> str:
    size = len(spec.text.encode())
    if size > (type_.length or 0) or (type_.kind is Kind.BINARY and size != type_.length):
        raise _UnfitError
    return spec.text


_SHOWN: dict[Kind, Callable[[DefaultSpec, SqlType], str]] = {
    Kind.YEAR: _year,
    Kind.DECIMAL: _decimal,
    Kind.FLOAT: _float,
    Kind.DOUBLE: _float,
    Kind.DATE: _date,
    Kind.DATETIME: _datetime,
    Kind.TIMESTAMP: _datetime,
    Kind.TIME: _time,
    Kind.CHAR: _text,
    Kind.VARCHAR: _text,
    Kind.ENUM: _enum,
    Kind.BINARY: _bytes,
    Kind.VARBINARY: _bytes,
}
