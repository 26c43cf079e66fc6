"""Comparison of two values by MySQL's rules (section 14.3 of the manual).

Each pair of values has two keys in SQL: PostgreSQL compares them as MySQL compares the values.
"""

import re
from decimal import Decimal

from stend.engines.mysql.errors import not_supported
from stend.engines.mysql.sql.collations import combined
from stend.engines.mysql.sql.expressions.conversions import (
    literal_as_moment,
    point_sql,
    to_bytes,
    to_datetime,
    to_double,
    to_json,
    to_number,
    to_text,
)
from stend.engines.mysql.sql.expressions.literals import integer_literal
from stend.engines.mysql.sql.facts import Facts
from stend.engines.mysql.sql.typed import BIN_COLLATION, Typed
from stend.engines.mysql.tables.types import BYTES, INTEGERS, TEMPORAL, Kind

_NUMBER_TEXT = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*", re.ASCII)
_EXACT_DOUBLE = 2**53
_DOUBLE_DIGITS = 15

Keys = tuple[str, str]


def comparable(left: Typed, right: Typed, facts: Facts, *, is_order: bool = False) -> Keys:
    """The keys of both sides.

    Args:
        is_order: they are asked which is greater, not only whether they are the same.

    Raises:
        MySqlError: a pair that this server does not compare; collations that do not mix.
    """
    kinds = {left.type.kind, right.type.kind}
    if Kind.NULL in kinds:
        return _with_null(left, right)
    if Kind.JSON in kinds:
        return _json(left, right, facts, is_order)
    if kinds & TEMPORAL:
        return _temporal(left, right, facts)
    if kinds & BYTES and not (left.type.is_number or right.type.is_number):
        return to_bytes(left, facts), to_bytes(right, facts)
    if left.type.is_text and right.type.is_text:
        return _texts(left, right, facts)
    return _numbers(left, right, facts)


def _with_null(left: Typed, right: Typed) -> Keys:
    # Whatever the other side is, the answer is NULL, or for <=> whether both are.
    return _null_key(left), _null_key(right)


def _null_key(typed: Typed) -> str:
    if typed.type.kind is Kind.NULL:
        return "NULL::boolean"
    return f"(CASE WHEN {typed.sql} IS NOT NULL THEN true END)"


def text_key(sql: str, collation: str) -> str:
    function = "my.weight_bin" if collation == BIN_COLLATION else "my.weight"
    return f"{function}({sql})"


def _texts(left: Typed, right: Typed, facts: Facts) -> Keys:
    collation, _ = combined((left, right))
    return (
        text_key(to_text(left, facts), collation),
        text_key(to_text(right, facts), collation),
    )


def _json(left: Typed, right: Typed, facts: Facts, is_order: bool) -> Keys:
    keys = _json_value(left, facts), _json_value(right, facts)
    if is_order:
        return f"my.json_key({keys[0]})", f"my.json_key({keys[1]})"
    return keys


def _json_value(typed: Typed, facts: Facts) -> str:
    if typed.type.kind is Kind.JSON:
        return typed.sql
    if typed.type.kind in TEMPORAL:
        raise not_supported("A comparison of JSON with a date or a time")
    json = to_json(typed, facts)
    return f"(CASE WHEN {typed.sql} IS NOT NULL THEN {json} END)" if typed.nullable else json


def _temporal(left: Typed, right: Typed, facts: Facts) -> Keys:
    if left.type.kind not in TEMPORAL:
        other, own = _temporal(right, left, facts)
        return own, other
    kind = left.type.kind
    if right.type.is_text:
        return _temporal_with_text(left, right, facts)
    if right.type.is_number:
        return to_number(left, facts).sql, _number_as_moment(right, facts)
    if right.type.kind not in TEMPORAL:
        raise not_supported(f"A comparison of {kind.value.upper()} with bytes")
    if kind is Kind.TIME and right.type.kind is Kind.TIME:
        return left.sql, right.sql
    if kind is right.type.kind:
        return left.sql, right.sql
    return to_datetime(left, facts), to_datetime(right, facts)


def _temporal_with_text(left: Typed, right: Typed, facts: Facts) -> Keys:
    kind = left.type.kind
    literal = literal_as_moment(right, kind)
    if kind is Kind.TIME:
        return left.sql, literal or f"my.time_strict({to_text(right, facts)})"
    moment = literal or f"my.datetime_strict({to_text(right, facts)}, 'DATETIME')"
    if kind is Kind.TIMESTAMP and literal is not None:
        # The column stays as it is, so that its index serves.
        return left.sql, f"({_as_point(literal, facts)})"
    if kind is Kind.DATE and literal is not None and " 00:00:00.000000'" in literal:
        return left.sql, f"{literal}::date"
    return to_datetime(left, facts), moment


def _as_point(literal: str, facts: Facts) -> str:
    # A wall clock of the session as a point in time.
    return point_sql(literal, facts.time_zone)


def _number_as_moment(number: Typed, facts: Facts) -> str:
    # A date of fewer digits than eight would be completed: 240131 is 20240131.
    constant = number.constant.value if number.constant else None
    if isinstance(constant, int) and 0 < constant < 10_000_000:
        raise not_supported("A comparison of a date with a number of fewer than eight digits")
    return to_number(number, facts).sql


def _numbers(left: Typed, right: Typed, facts: Facts) -> Keys:
    _check_year(left, right)
    _check_year(right, left)
    if left.type.is_text:
        other, own = _numbers(right, left, facts)
        return own, other
    if right.type.is_text:
        return _number_with_text(left, right, facts)
    one, two = to_number(left, facts), to_number(right, facts)
    if {one.type.kind, two.type.kind} & {Kind.DOUBLE, Kind.FLOAT}:
        return to_double(one, facts), to_double(two, facts)
    return one.sql, two.sql


def _check_year(year: Typed, other: Typed) -> None:
    # MySQL may complete such a number: 99 is 1999.
    value = other.constant.value if other.constant else None
    if isinstance(value, str):
        value = _small_integer(other)
    if year.type.kind is Kind.YEAR and isinstance(value, int) and 0 < value < 100:
        raise not_supported("A comparison of a YEAR with a number of one or two digits")


def _number_with_text(left: Typed, right: Typed, facts: Facts) -> Keys:
    number = to_number(left, facts)
    literal = _small_integer(right)
    if literal is not None and _is_exact_as_double(number):
        return number.sql, integer_literal(literal).sql
    return to_double(number, facts), to_double(right, facts)


def _is_exact_as_double(number: Typed) -> bool:
    """Whether a comparison of exact numbers ends as the one of doubles that MySQL makes."""
    if number.type.kind in INTEGERS:
        return True
    return number.type.kind is Kind.DECIMAL and (number.type.precision or 65) <= _DOUBLE_DIGITS


def _small_integer(text: Typed) -> int | None:
    if text.constant is None or not isinstance(text.constant.value, str):
        return None
    found = _NUMBER_TEXT.fullmatch(text.constant.value)
    if found is None or "e" in found[1].lower():
        return None
    value = Decimal(found[1])
    if value == value.to_integral_value() and abs(value) < _EXACT_DOUBLE:
        return int(value)
    return None
