"""A value of one type where MySQL wants another, as SQL."""

from dataclasses import replace

from stend.engines.mysql.errors import MyError, MySqlError, not_supported
from stend.engines.mysql.sql.expressions.literals import integer_literal
from stend.engines.mysql.sql.expressions.moments import (
    date_sql,
    datetime_sql,
    parsed_moment,
    parsed_time,
    time_sql,
)
from stend.engines.mysql.sql.facts import Facts
from stend.engines.mysql.sql.typed import (
    BIGINT,
    DOUBLE,
    Coercibility,
    Typed,
    as_value,
    quoted_text,
)
from stend.engines.mysql.tables.types import BYTES, INTEGERS, TEMPORAL, Kind, SqlType


def zone_sql(zone: str) -> str:
    """A time zone after AT TIME ZONE. Offsets are intervals: PostgreSQL turns texts round."""
    if zone[:1] in ("+", "-"):
        return f"INTERVAL '{zone}'"
    return quoted_text("UTC" if zone.upper() == "SYSTEM" else zone)


def point_sql(moment: str, zone: str) -> str:
    """The point in time at which the clocks of a zone show a moment."""
    name = zone_sql(zone)
    if name.startswith("INTERVAL") or name == "'UTC'":
        return f"({moment} AT TIME ZONE {name})"
    return f"my.point({moment}, {name})"


def places_of(type_: SqlType) -> int:
    """Digits after the second of a moment or a time."""
    return type_.precision or 0


def to_text(typed: Typed, facts: Facts) -> str:
    """As MySQL writes the value.

    Raises:
        MySqlError: bytes that may be no text.
    """
    typed = as_value(typed)
    kind = typed.type.kind
    places = places_of(typed.type)
    if kind in INTEGERS or kind is Kind.DECIMAL:
        return f"({typed.sql})::text"
    if kind in (Kind.FLOAT, Kind.DOUBLE):
        if typed.type.scale is not None:
            return f"round(({typed.sql})::text::numeric, {typed.type.scale})::text"
        return f"my.text({typed.sql})"
    if kind is Kind.DATE:
        return f"to_char({typed.sql}, 'YYYY-MM-DD')"
    if kind in (Kind.DATETIME, Kind.TIMESTAMP):
        return f"my.datetime_as_text({to_datetime(typed, facts)}, {places})"
    if kind is Kind.TIME:
        return f"my.time_as_text({typed.sql}, {places})"
    if kind in BYTES:
        return f"my.bytes_as_text({typed.sql})"
    if kind is Kind.JSON:
        return f"({typed.sql})::text"
    return f"({typed.sql})::text" if kind is Kind.NULL else typed.sql


def to_bytes(typed: Typed, facts: Facts) -> str:
    if typed.type.kind in BYTES:
        return typed.sql
    return f"convert_to({to_text(typed, facts)}, 'UTF8')"


def text_length(type_: SqlType) -> int | None:
    """How many characters a value has at most, where its type says it."""
    if type_.is_text or type_.kind in BYTES:
        return type_.length
    if type_.kind is Kind.DECIMAL and type_.precision is not None:
        return type_.precision + 2
    return _LENGTHS.get(type_.kind)


_LENGTHS = {
    Kind.BOOLEAN: 1,
    Kind.TINYINT: 4,
    Kind.SMALLINT: 6,
    Kind.MEDIUMINT: 9,
    Kind.INT: 11,
    Kind.BIGINT: 20,
    Kind.YEAR: 4,
    Kind.FLOAT: 12,
    Kind.DOUBLE: 22,
    Kind.DATE: 10,
    Kind.TIME: 17,
    Kind.DATETIME: 26,
    Kind.TIMESTAMP: 26,
    Kind.NULL: 0,
}


def to_number(typed: Typed, facts: Facts) -> Typed:
    """The value as a number of its natural type: texts are DOUBLE, dates are 20240131.

    Raises:
        MySqlError: a value that is no number.
    """
    kind = typed.type.kind
    if kind is Kind.BOOLEAN:
        return as_value(typed)
    if typed.type.is_number or kind is Kind.NULL:
        return typed
    if typed.type.is_text:
        return _text_as_number(typed, facts)
    if kind in BYTES and typed.constant is not None and isinstance(typed.constant.value, bytes):
        return integer_literal(int.from_bytes(typed.constant.value[-8:], "big"))
    if kind in TEMPORAL:
        return _moment_as_number(typed, facts)
    if kind is Kind.JSON:
        return Typed(f"my.number(my.json_unquote({typed.sql}))", DOUBLE, typed.nullable)
    raise not_supported(f"A {kind.value.upper()} as a number")


def _text_as_number(typed: Typed, facts: Facts) -> Typed:
    if typed.type.kind is Kind.ENUM:
        members = ", ".join(quoted_text(one) for one in typed.type.members)
        sql = f"array_position(ARRAY[{members}]::text[], {typed.sql}::text)::bigint"
        return Typed(sql, BIGINT, typed.nullable, coercibility=Coercibility.NUMBER)
    function = "my.number_strict" if facts.is_strict else "my.number"
    return Typed(
        f"{function}({typed.sql})", DOUBLE, typed.nullable, coercibility=Coercibility.NUMBER
    )


def _moment_as_number(typed: Typed, facts: Facts) -> Typed:
    kind, places = typed.type.kind, places_of(typed.type)
    if kind is Kind.DATE:
        return Typed(f"to_char({typed.sql}, 'YYYYMMDD')::bigint", BIGINT, typed.nullable)
    if kind is Kind.TIME:
        sql, digits = f"my.time_as_number({typed.sql})", 7
    else:
        sql, digits = f"my.datetime_as_number({to_datetime(typed, facts)})", 14
    if places == 0:
        return Typed(f"trunc({sql})::bigint", BIGINT, typed.nullable)
    type_ = SqlType(Kind.DECIMAL, precision=digits + places, scale=places)
    return Typed(f"trunc({sql}, {places})", type_, typed.nullable)


def to_double(typed: Typed, facts: Facts) -> str:
    number = to_number(typed, facts)
    return number.sql if number.type.kind is Kind.DOUBLE else f"({number.sql})::double precision"


def to_numeric(typed: Typed, facts: Facts) -> str:
    """As numeric of PostgreSQL. Of a DOUBLE: the digits that it is written with."""
    number = to_number(typed, facts)
    if number.type.kind in (Kind.FLOAT, Kind.DOUBLE):
        return f"({number.sql})::text::numeric"
    return f"({number.sql})::numeric"


def to_integer(typed: Typed, facts: Facts) -> str:
    """As bigint, rounded as MySQL rounds arguments that have to be integers."""
    if typed.type.is_text and typed.type.kind is not Kind.ENUM:
        return f"my.clamped(my.integer({typed.sql}), {_MIN}, {_MAX})::bigint"
    number = to_number(typed, facts)
    if number.type.kind is Kind.BIGINT and number.type.unsigned:
        return f"my.clamped({number.sql}, {_MIN}, {_MAX})::bigint"
    if number.type.kind in (Kind.DECIMAL, Kind.DOUBLE, Kind.FLOAT):
        return f"my.clamped(round(({number.sql})::numeric), {_MIN}, {_MAX})::bigint"
    return f"({number.sql})::bigint"


_MIN, _MAX = -(2**63), 2**63 - 1


def to_datetime(typed: Typed, facts: Facts) -> str:
    """As timestamp of PostgreSQL: the session's wall clock; NULL where there is no moment.

    Raises:
        MySqlError: a value that is no moment.
    """
    kind = typed.type.kind
    if kind is Kind.DATETIME:
        return typed.sql
    if kind is Kind.TIMESTAMP:
        return f"({typed.sql} AT TIME ZONE {zone_sql(facts.time_zone)})"
    if kind is Kind.DATE:
        return f"({typed.sql})::timestamp"
    if kind is Kind.NULL:
        return "NULL::timestamp"
    if kind is Kind.TIME:
        return f"({date_sql(facts.local_now)} + {typed.sql})"
    if typed.type.is_text:
        return _text_as_datetime(typed, facts)
    if kind in INTEGERS:
        return f"my.datetime_of(({typed.sql})::numeric)"
    raise not_supported(f"A {kind.value.upper()} as a date")


def _text_as_datetime(typed: Typed, facts: Facts) -> str:
    if typed.constant is not None and isinstance(typed.constant.value, str):
        moment = parsed_moment(typed.constant.value)
        if moment is not None:
            return datetime_sql(moment.value)
    if facts.is_strict:
        return f"my.datetime_strict({typed.sql}, 'datetime')"
    return f"my.datetime({typed.sql})"


def to_date(typed: Typed, facts: Facts) -> str:
    """As date of PostgreSQL."""
    if typed.type.kind is Kind.DATE:
        return typed.sql
    return f"({to_datetime(typed, facts)})::date"


def to_time(typed: Typed, facts: Facts) -> str:
    """As interval of PostgreSQL, within a TIME's range."""
    kind = typed.type.kind
    if kind is Kind.TIME:
        return typed.sql
    if kind is Kind.DATE:
        return f"(CASE WHEN {typed.sql} IS NOT NULL THEN interval '0' END)"
    if kind in (Kind.DATETIME, Kind.TIMESTAMP):
        moment = to_datetime(typed, facts)
        return f"({moment} - date_trunc('day', {moment}))"
    if kind is Kind.NULL:
        return "NULL::interval"
    if typed.type.is_text:
        return _text_as_time(typed, facts)
    if kind in INTEGERS:
        return f"my.time_of(({typed.sql})::numeric)"
    raise not_supported(f"A {kind.value.upper()} as a time")


def _text_as_time(typed: Typed, facts: Facts) -> str:
    if typed.constant is not None and isinstance(typed.constant.value, str):
        span = parsed_time(typed.constant.value)
        if span is not None:
            return time_sql(span.value)
    return f"my.time_strict({typed.sql})" if facts.is_strict else f"my.time({typed.sql})"


def literal_as_moment(typed: Typed, kind: Kind) -> str | None:
    """A literal text that is compared with a date or a time; None for what is no literal.

    Raises:
        MySqlError: ER_WRONG_VALUE: the literal is no date.
    """
    if typed.constant is None or not isinstance(typed.constant.value, str):
        return None
    text = typed.constant.value
    if kind is Kind.TIME:
        span = parsed_time(text)
        if span is not None:
            return time_sql(span.value)
    else:
        moment = parsed_moment(text)
        if moment is not None:
            return datetime_sql(moment.value)
    name = "DATETIME" if kind is Kind.TIMESTAMP else kind.value.upper()
    raise MySqlError(MyError.ER_WRONG_VALUE, f"Incorrect {name} value: '{text}'")


def to_json(typed: Typed, facts: Facts) -> str:
    """A value as a member of a JSON array or object.

    Raises:
        MySqlError: bytes, which JSON does not have.
    """
    kind = typed.type.kind
    if kind is Kind.JSON:
        return f"coalesce({typed.sql}, 'null'::jsonb)"
    if kind is Kind.NULL:
        return "'null'::jsonb"
    if kind in BYTES:
        raise not_supported("Bytes in JSON")
    if kind in (Kind.DOUBLE, Kind.FLOAT):
        sql = f"my.json_double({to_double(typed, facts)})"
    elif kind is Kind.DECIMAL:
        sql = f"to_jsonb({as_value(typed).sql})"
    elif kind is Kind.BOOLEAN or kind in INTEGERS:
        sql = f"to_jsonb({typed.sql})"
    elif kind in TEMPORAL and kind is not Kind.DATE:
        six = replace(typed, type=replace(typed.type, precision=6))
        sql = f"to_jsonb({to_text(six, facts)})"
    else:
        sql = f"to_jsonb({to_text(typed, facts)})"
    return f"coalesce({sql}, 'null'::jsonb)"


def json_document(typed: Typed, facts: Facts) -> str:
    """A value where a function takes a JSON document: a text is parsed.

    Raises:
        MySqlError: ER_INVALID_TYPE_FOR_JSON of a value that is no document.
    """
    if typed.type.kind is Kind.JSON:
        return typed.sql
    if typed.type.kind is Kind.NULL:
        return "NULL::jsonb"
    if typed.type.is_text:
        return f"my.json({to_text(typed, facts)})"
    raise MySqlError(
        MyError.ER_INVALID_TYPE_FOR_JSON,
        "Invalid data type for JSON data in argument 1 to function; a JSON string or JSON type "
        "is required.",
    )


def constant_text(typed: Typed, what: str) -> str:
    """The text of a literal.

    Raises:
        MySqlError: it is no literal.
    """
    if typed.constant is None or not isinstance(typed.constant.value, str):
        raise not_supported(f"{what} that is no literal")
    return typed.constant.value


def constant_integer(typed: Typed, default: int | None = None) -> int | None:
    """The value of an integer literal, or `default`."""
    if typed.constant is not None and isinstance(typed.constant.value, int):
        return typed.constant.value
    return default
