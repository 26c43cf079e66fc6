"""INTERVAL: units, and dates with an interval added."""

import re
from dataclasses import dataclass, replace

from sqlglot import exp

from stend.engines.mysql.errors import not_supported
from stend.engines.mysql.sql.expressions.context import Context
from stend.engines.mysql.sql.expressions.conversions import (
    constant_text,
    places_of,
    to_datetime,
    to_integer,
    to_number,
    to_numeric,
    to_text,
)
from stend.engines.mysql.sql.expressions.grammar import syntax_error
from stend.engines.mysql.sql.typed import Coercibility, Typed
from stend.engines.mysql.tables.types import INTEGERS, Kind, SqlType

_SECOND = 1_000_000
_DAY = 86_400 * _SECOND
MONTHS = {"MONTH": 1, "QUARTER": 3, "YEAR": 12}
MICROSECONDS = {
    "MICROSECOND": 1,
    "SECOND": _SECOND,
    "MINUTE": 60 * _SECOND,
    "HOUR": 3600 * _SECOND,
    "DAY": _DAY,
    "WEEK": 7 * _DAY,
}
_DATE_UNITS = frozenset({"DAY", "WEEK", *MONTHS, "YEAR_MONTH"})
_ORDER = ("YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND", "MICROSECOND")


@dataclass(frozen=True, slots=True)
class Amount:
    """How much is added, as SQL.

    Attributes:
        places: digits after the second that it brings.
        is_of_dates: no hours or smaller.
    """

    months: str
    microseconds: str
    places: int
    is_of_dates: bool


def unit_name(node: exp.Expression | None) -> str:
    """A unit in upper case.

    Raises:
        MySqlError: ER_PARSE_ERROR: no unit of MySQL.
    """
    name = "" if node is None else node.name.upper().removeprefix("SQL_TSI_")
    if name in MONTHS or name in MICROSECONDS or _composite(name):
        return name
    raise syntax_error(name)


def _composite(name: str) -> tuple[str, ...]:
    first, _, last = name.partition("_")
    if first not in _ORDER or last not in _ORDER or first in ("MONTH", "SECOND_"):
        return ()
    start, end = _ORDER.index(first), _ORDER.index(last)
    is_date = last == "MONTH"
    if end <= start or (first == "YEAR") != is_date:
        return ()
    return _ORDER[start : end + 1]


def amount_of(node: exp.Interval, context: Context) -> Amount:
    """What INTERVAL … says."""
    unit = unit_name(node.args.get("unit"))
    if node.this is None:
        raise not_supported("An INTERVAL without a value")
    return amount(context.translate(node.this), unit, context)


def amount(value: Typed, unit: str, context: Context) -> Amount:
    """So many units."""
    if _composite(unit):
        return _composite_amount(constant_text(value, "An INTERVAL of several units"), unit)
    if unit in MONTHS:
        return Amount(f"({_count(value, context)} * {MONTHS[unit]})", "0", 0, True)
    if unit == "SECOND":
        return _seconds(value, context)
    microseconds = f"({_count(value, context)} * {MICROSECONDS[unit]}::numeric)"
    return Amount("0", microseconds, 6 if unit == "MICROSECOND" else 0, unit in _DATE_UNITS)


def _count(value: Typed, context: Context) -> str:
    constant = value.constant.value if value.constant else None
    if isinstance(constant, str) and "." in constant:
        # sqlglot writes 1.5 and '1.5' alike, and MySQL rounds the first and cuts the second.
        raise not_supported("A fraction of this unit in an INTERVAL")
    return f"{to_integer(value, context.facts)}::numeric"


def _seconds(value: Typed, context: Context) -> Amount:
    number = to_number(value, context.facts)
    constant = value.constant.value if value.constant else None
    if isinstance(constant, str):
        found = re.match(r"\s*[+-]?\d*(?:\.(\d*))?", constant)
        places = min(len(found[1] or ""), 6) if found else 0
        sql = f"my.decimal({value.sql})"
    elif number.type.kind in INTEGERS:
        places, sql = 0, f"({number.sql})::numeric"
    elif number.type.kind is Kind.DECIMAL:
        places, sql = min(number.type.scale or 0, 6), to_numeric(number, context.facts)
    else:
        places, sql = 6, to_numeric(number, context.facts)
    return Amount("0", f"round({sql} * {_SECOND})", places, False)


def _composite_amount(text: str, unit: str) -> Amount:
    parts = _composite(unit)
    found = re.fullmatch(r"\s*(-)?(.*)", text, re.DOTALL)
    numbers = re.findall(r"\d+", found[2] if found else "")
    if len(numbers) > len(parts):
        raise not_supported("An INTERVAL with more numbers than its unit has")
    if parts[-1] == "MICROSECOND" and numbers:
        numbers[-1] = numbers[-1][:6].ljust(6, "0")
    values = dict(zip(reversed(parts), reversed([int(one) for one in numbers]), strict=False))
    months = sum(values.get(name, 0) * size for name, size in MONTHS.items())
    microseconds = sum(values.get(name, 0) * size for name, size in MICROSECONDS.items())
    sign = -1 if found and found[1] else 1
    return Amount(
        f"({sign * months})",
        f"({sign * microseconds}::numeric)",
        6 if parts[-1] == "MICROSECOND" else 0,
        unit in _DATE_UNITS,
    )


def added_interval(value: Typed, node: exp.Interval, context: Context, sign: int) -> Typed:
    """`value + INTERVAL …`, or `-` with the sign -1."""
    return added(value, amount_of(node, context), context, sign)


def added(value: Typed, much: Amount, context: Context, sign: int) -> Typed:
    """A date with so much added: its type is the date's own, with a time where one comes in.

    Raises:
        MySqlError: what is no date, or a date as a number.
    """
    kind, facts = value.type.kind, context.facts
    months, microseconds = (
        one if sign > 0 else f"(-{one})" for one in (much.months, much.microseconds)
    )
    if kind is Kind.TIME and not much.is_of_dates:
        return _added_to_time(value, microseconds, much, is_strict=facts.is_strict)
    if value.type.is_text:
        sql = f"my.add_to_text({to_text(value, facts)}, {months}, {microseconds}, "
        sql += f"{'false' if much.is_of_dates else 'true'})"
        type_ = SqlType(Kind.VARCHAR, length=29)
        return Typed(sql, type_, True, coercibility=Coercibility.LITERAL)
    if value.type.is_number:
        raise not_supported("An INTERVAL added to a number")
    function = "my.add_strict" if facts.is_strict else "my.add"
    sql = f"{function}({to_datetime(value, facts)}, {months}, {microseconds})"
    if kind is Kind.DATE and much.is_of_dates:
        return Typed(f"{sql}::date", SqlType(Kind.DATE), True)
    places = max(places_of(value.type), much.places)
    return Typed(sql, SqlType(Kind.DATETIME, precision=places), True)


def _added_to_time(value: Typed, microseconds: str, much: Amount, *, is_strict: bool) -> Typed:
    total = f"my.in_microseconds({value.sql}) + {microseconds}"
    places = max(places_of(value.type), much.places)
    sql = f"my.time_sum({total}, {'true' if is_strict else 'false'})"
    return Typed(sql, replace(value.type, precision=places), True)
