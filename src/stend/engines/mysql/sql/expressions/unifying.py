"""One type for several values: of CASE, IF, COALESCE, UNION (section 14.5 of the manual)."""

from collections.abc import Sequence
from dataclasses import replace

from stend.engines.mysql.sql.collations import combined
from stend.engines.mysql.sql.expressions.arithmetic import (
    double_type,
    precision_of,
    scale_of,
    shown_digits,
)
from stend.engines.mysql.sql.expressions.conversions import (
    places_of,
    text_length,
    to_bytes,
    to_datetime,
    to_double,
    to_json,
    to_number,
    to_text,
)
from stend.engines.mysql.sql.expressions.literals import MAX_PRECISION
from stend.engines.mysql.sql.facts import Facts
from stend.engines.mysql.sql.typed import (
    BIGINT,
    JSON,
    NULL,
    UNSIGNED,
    Typed,
    as_value,
    pg_type,
)
from stend.engines.mysql.tables.types import BYTES, INTEGERS, TEMPORAL, Kind, SqlType

_WIDTHS = (Kind.TINYINT, Kind.SMALLINT, Kind.MEDIUMINT, Kind.INT, Kind.BIGINT)


def unified(values: Sequence[Typed]) -> SqlType:
    """The type that holds all of them."""
    known = [one for one in values if one.type.kind is not Kind.NULL]
    kinds = {one.type.kind for one in known}
    if not known:
        return NULL
    if len(known) > 1 and kinds == {Kind.BOOLEAN}:
        return BIGINT
    if len(kinds) == 1 and len({one.type for one in known}) == 1:
        return known[0].type
    if all(one.type.is_number for one in known):
        return _number(known)
    if kinds <= TEMPORAL:
        return _temporal(known, kinds)
    if kinds == {Kind.JSON}:
        return JSON
    return _text(known)


def _number(values: Sequence[Typed]) -> SqlType:
    kinds = {one.type.kind for one in values}
    if kinds & {Kind.DOUBLE, Kind.FLOAT}:
        digits = [shown_digits(one) for one in values]
        known = [one for one in digits if one is not None]
        return double_type(max(known) if len(known) == len(digits) else None)
    signs = {one.type.unsigned for one in values if not _fits_both(one)}
    if Kind.DECIMAL in kinds or (len(signs) > 1 and _has_big_unsigned(values)):
        scale = max(scale_of(one) for one in values)
        whole = max(precision_of(one) - scale_of(one) for one in values)
        return SqlType(Kind.DECIMAL, precision=min(whole + scale, MAX_PRECISION), scale=scale)
    if signs == {True}:
        return UNSIGNED
    widest = max((_WIDTHS.index(one) for one in kinds if one in _WIDTHS), default=4)
    return SqlType(_WIDTHS[widest])


def _fits_both(value: Typed) -> bool:
    constant = value.constant.value if value.constant else None
    return isinstance(constant, int) and 0 <= constant < 2**63


def _has_big_unsigned(values: Sequence[Typed]) -> bool:
    return any(one.type.unsigned and one.type.kind is Kind.BIGINT for one in values)


def _temporal(values: Sequence[Typed], kinds: set[Kind]) -> SqlType:
    places = max(places_of(one.type) for one in values)
    if kinds == {Kind.DATE}:
        return SqlType(Kind.DATE)
    kind = kinds.pop() if len(kinds) == 1 else Kind.DATETIME
    return SqlType(kind, precision=places)


def _text(values: Sequence[Typed]) -> SqlType:
    lengths = [text_length(one.type) for one in values]
    length = None if None in lengths else max(one for one in lengths if one is not None)
    if any(one.type.kind in BYTES for one in values):
        return SqlType(Kind.VARBINARY if length is not None else Kind.LONGBLOB, length=length)
    collation, _ = combined(values)
    return SqlType(
        Kind.VARCHAR if length is not None else Kind.LONGTEXT, length=length, collation=collation
    )


def converted(value: Typed, type_: SqlType, facts: Facts) -> Typed:
    """The value as one of the type that `unified` gave."""
    sql, digits = _converted_sql(value, type_, facts)
    return replace(value, sql=sql, type=type_, is_column=False, digits=digits)


def _converted_sql(value: Typed, type_: SqlType, facts: Facts) -> tuple[str, int | None]:
    kind = type_.kind
    if kind is Kind.NULL or kind is Kind.BOOLEAN or value.type == type_:
        return (value if kind is Kind.BOOLEAN else as_value(value)).sql, None
    if value.type.kind is Kind.NULL:
        return f"NULL::{pg_type(type_)}", None
    if kind is Kind.DECIMAL:
        # Numbers of PostgreSQL keep their own digits; all of a column have the same in MySQL.
        number = as_value(to_number(value, facts))
        return f"round(({number.sql})::numeric, {type_.scale or 0})", None
    if kind in (Kind.DOUBLE, Kind.FLOAT):
        return to_double(value, facts), None
    if kind in INTEGERS:
        sql = as_value(to_number(value, facts)).sql
        is_wide = kind is Kind.BIGINT and type_.unsigned
        return f"({sql})::{'numeric' if is_wide else 'bigint'}", None
    return _other_sql(value, type_, facts), None


def _other_sql(value: Typed, type_: SqlType, facts: Facts) -> str:
    kind = type_.kind
    if kind is Kind.DATETIME:
        return to_datetime(value, facts)
    if kind is Kind.JSON:
        return to_json(value, facts)
    if kind in BYTES:
        return to_bytes(value, facts)
    return value.sql if kind in TEMPORAL else to_text(value, facts)
