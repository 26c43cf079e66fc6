"""Values on their way into columns: conversions of strict mode, and its errors."""

from stend.engines.mysql.errors import not_supported
from stend.engines.mysql.sql.expressions.conversions import (
    places_of,
    point_sql,
    text_length,
    to_bytes,
    to_datetime,
    to_double,
    to_json,
    to_number,
    to_text,
    zone_sql,
)
from stend.engines.mysql.sql.facts import Facts
from stend.engines.mysql.sql.typed import DOUBLE, TEXT, Typed, as_value, quoted_text
from stend.engines.mysql.tables.model import Column
from stend.engines.mysql.tables.types import BYTES, INTEGERS, TEMPORAL, Kind, SqlType

_BITS = {
    Kind.TINYINT: 8,
    Kind.SMALLINT: 16,
    Kind.MEDIUMINT: 24,
    Kind.INT: 32,
    Kind.BIGINT: 64,
}
_LONG_TEXTS = {
    Kind.TINYTEXT: 255,
    Kind.TEXT: 65_535,
    Kind.MEDIUMTEXT: 16_777_215,
    Kind.LONGTEXT: 2**31 - 1,
}
_LONG_BYTES = {
    Kind.TINYBLOB: 255,
    Kind.BLOB: 65_535,
    Kind.MEDIUMBLOB: 16_777_215,
    Kind.LONGBLOB: 2**31 - 1,
}


def assigned(value: Typed, column: Column, facts: Facts, *, is_same_column: bool = False) -> str:
    """The SQL of what is kept in the column; NULL stays NULL, NOT NULL is the table's business.

    Args:
        is_same_column: the value is this very column's, of whatever row: it fits.

    Raises:
        MySqlError: a value that no column of this type takes.
    """
    kind = column.type.kind
    if is_same_column:
        return value.sql
    whole, value = value, as_value(value)
    if value.type.kind is Kind.NULL:
        return "NULL"
    name = quoted_text(column.name)
    if kind is Kind.YEAR:
        return _year(value, name, facts)
    if kind in INTEGERS:
        return _integer(value, column.type, name, facts)
    if kind is Kind.DECIMAL:
        return _decimal(value, column.type, name, facts)
    if kind in (Kind.FLOAT, Kind.DOUBLE):
        return _real(value, kind, name, facts)
    if kind in TEMPORAL:
        return _moment(value, column.type, name, facts)
    if column.type.is_text and kind is not Kind.ENUM and whole.digits is not None:
        value = _as_calculated(whole)
    return _other(value, column.type, name, facts)


def _as_calculated(quotient: Typed) -> Typed:
    """A text keeps all digits of a quotient, and of nothing one 0."""
    sql = f"(CASE WHEN {quotient.sql} = 0 THEN '0' ELSE ({quotient.sql})::text END)"
    return Typed(sql, TEXT, quotient.nullable)


def _other(value: Typed, type_: SqlType, name: str, facts: Facts) -> str:
    kind = type_.kind
    if kind is Kind.ENUM:
        return _enum(value, type_, name, facts)
    if kind is Kind.JSON:
        if value.type.is_text:
            return f"my.store_json({to_text(value, facts)}, {name})"
        if value.type.kind is Kind.JSON:
            return value.sql
        return f"(CASE WHEN {value.sql} IS NOT NULL THEN {to_json(value, facts)} END)"
    if kind in BYTES:
        return _bytes(value, type_, name, facts)
    return _text(value, type_, name, facts)


def integer_range(type_: SqlType) -> tuple[int, int]:
    """The least and the greatest value of an integer column."""
    bits = _BITS[type_.kind]
    if type_.unsigned:
        return 0, 2**bits - 1
    return -(2 ** (bits - 1)), 2 ** (bits - 1) - 1


def _pg_integer(type_: SqlType) -> str:
    if type_.kind is Kind.BIGINT and type_.unsigned:
        return "numeric"
    if type_.kind in (Kind.TINYINT, Kind.SMALLINT) and not (
        type_.kind is Kind.SMALLINT and type_.unsigned
    ):
        return "smallint"
    return "bigint" if type_.kind in (Kind.INT, Kind.BIGINT) and _is_wide(type_) else "integer"


def _is_wide(type_: SqlType) -> bool:
    return type_.kind is Kind.BIGINT or type_.unsigned


def _integer(value: Typed, type_: SqlType, name: str, facts: Facts) -> str:
    low, high = integer_range(type_)
    constant = value.constant.value if value.constant else None
    pg = _pg_integer(type_)
    if isinstance(constant, int) and low <= constant <= high:
        return f"({constant})::{pg}"
    if _fits(value.type, type_):
        return f"({value.sql})::{pg}"
    if value.type.is_text and value.type.kind is not Kind.ENUM:
        number = f"round(my.number_in({to_text(value, facts)}, 'integer', {name}))"
    else:
        typed = to_number(value, facts)
        is_real = typed.type.kind in (Kind.DOUBLE, Kind.FLOAT)
        # Doubles are rounded as the C library does: halves to the even neighbour.
        exact = f"({typed.sql})::numeric"
        if type_.unsigned and typed.type.kind is Kind.DECIMAL:
            exact = f"my.not_negative({exact}, {name})"
        number = f"round({typed.sql})::numeric" if is_real else f"round({exact})"
    return f"my.store_number({number}, {low}, {high}, {name})::{pg}"


def _fits(given: SqlType, wanted: SqlType) -> bool:
    if given.kind not in _BITS:
        return False
    least, most = integer_range(given)
    low, high = integer_range(wanted)
    return low <= least and most <= high


def _decimal(value: Typed, type_: SqlType, name: str, facts: Facts) -> str:
    precision, scale = type_.precision or 10, type_.scale or 0
    if value.type.is_text and value.type.kind is not Kind.ENUM:
        number = f"my.number_in({to_text(value, facts)}, 'decimal', {name})"
    else:
        typed = to_number(value, facts)
        is_real = typed.type.kind in (Kind.DOUBLE, Kind.FLOAT)
        number = f"({typed.sql})::text::numeric" if is_real else f"({typed.sql})::numeric"
    high = f"{'9' * (precision - scale) or '0'}.{'9' * scale}".rstrip(".")
    low = f"-{high}"
    if type_.unsigned:
        low, number = "0", f"my.not_negative({number}, {name})"
    return f"my.store_number(round({number}, {scale}), {low}, {high}, {name})"


def _real(value: Typed, kind: Kind, name: str, facts: Facts) -> str:
    if value.type.is_text and value.type.kind is not Kind.ENUM:
        sql = f"my.store_double({to_text(value, facts)}, {name})"
    else:
        sql = to_double(value, facts)
    return f"my.store_float({sql}, {name})" if kind is Kind.FLOAT else sql


def _year(value: Typed, name: str, facts: Facts) -> str:
    if value.type.is_text:
        number = f"my.number_in({to_text(value, facts)}, 'integer', {name})"
        return f"my.store_year({number}, true, {name})"
    if value.type.kind in TEMPORAL:
        if value.type.kind is Kind.TIME:
            raise not_supported("A TIME in a YEAR")
        return f"extract(year FROM {to_datetime(value, facts)})::smallint"
    number = f"({to_number(value, facts).sql})::numeric"
    return f"my.store_year({number}, false, {name})"


def _moment(value: Typed, type_: SqlType, name: str, facts: Facts) -> str:
    kind, places = type_.kind, places_of(type_)
    if value.type.kind is kind and places >= places_of(value.type):
        return value.sql
    if kind is Kind.TIME:
        return _time(value, places, name, facts)
    moment = _stored_moment(value, kind, name, facts)
    if kind is Kind.DATE:
        return f"({moment})::date"
    rounded = f"({moment})::timestamp({places})"
    if kind is Kind.DATETIME:
        return f"my.store_moment({rounded}, ({moment})::text, 'datetime', {name})"
    zone = zone_sql(facts.time_zone)
    point = point_sql(rounded, facts.time_zone)
    return f"my.store_timestamp({point}, {rounded}, ({point} AT TIME ZONE {zone}), {name})"


def _stored_moment(value: Typed, kind: Kind, name: str, facts: Facts) -> str:
    if value.type.kind in TEMPORAL:
        return to_datetime(value, facts)
    if value.type.is_text or value.type.kind in INTEGERS:
        word = "date" if kind is Kind.DATE else "datetime"
        return f"my.store_datetime({to_text(value, facts)}, '{word}', {name})"
    raise not_supported(f"A {value.type.kind.value.upper()} in a column of dates")


def _time(value: Typed, places: int, name: str, facts: Facts) -> str:
    if value.type.kind is Kind.TIME:
        sql = value.sql
    elif value.type.kind in (Kind.DATETIME, Kind.TIMESTAMP):
        moment = to_datetime(value, facts)
        sql = f"({moment} - date_trunc('day', {moment}))"
    elif value.type.is_text or value.type.kind in INTEGERS:
        sql = f"my.store_time({to_text(value, facts)}, {name})"
    else:
        raise not_supported(f"A {value.type.kind.value.upper()} in a TIME")
    return f"my.seconds_as_time(round(extract(epoch FROM {sql}), {places}))"


def _enum(value: Typed, type_: SqlType, name: str, facts: Facts) -> str:
    members = ", ".join(quoted_text(one) for one in type_.members)
    listed = f"ARRAY[{members}]::text[]"
    if value.type.kind in INTEGERS:
        return f"my.store_enum_number(({value.sql})::bigint, {listed}, {name})"
    return f"my.store_enum({to_text(value, facts)}, {listed}, {name})"


def _bytes(value: Typed, type_: SqlType, name: str, facts: Facts) -> str:
    sql = to_bytes(value, facts)
    size = _LONG_BYTES.get(type_.kind, type_.length or 1)
    sql = f"my.store_bytes({sql}, {size}, {name})"
    if type_.kind is Kind.BINARY:
        # A BINARY is filled up with zeros.
        return f"({sql} || decode(repeat('00', {size} - length({sql})), 'hex'))"
    return sql


def _text(value: Typed, type_: SqlType, name: str, facts: Facts) -> str:
    sql = to_text(value, facts)
    kind = type_.kind
    if kind in _LONG_TEXTS:
        known = text_length(value.type)
        if known is not None and known * 4 <= _LONG_TEXTS[kind]:
            return sql
        return f"my.store_long_text({sql}, {_LONG_TEXTS[kind]}, {name})"
    if value.type.kind is Kind.FLOAT:
        # A short text gets it as a DOUBLE, with all its digits.
        value = Typed(to_double(value, facts), DOUBLE, value.nullable)
        sql = to_text(value, facts)
    size = type_.length or 1
    if kind is Kind.CHAR:
        # What is read from a CHAR has no spaces at its end.
        return f"rtrim(my.store_text({sql}, {size}, {name}), ' ')"
    known = text_length(value.type)
    if known is not None and known <= size:
        return sql
    return f"my.store_text({sql}, {size}, {name})"
