"""Parts of dates, and dates of parts, in time zones."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from bson import DatetimeMS, Int64, ObjectId, Timestamp

from stend.engines.mongo.aggregate.expressions.arguments import Named, operands
from stend.engines.mongo.aggregate.expressions.arithmetic import date_of, nullish
from stend.engines.mongo.aggregate.expressions.compiling import compile_in
from stend.engines.mongo.aggregate.expressions.scope import Builder, Env, Expression, Scope
from stend.engines.mongo.aggregate.numbers import is_integral_long, to_long
from stend.engines.mongo.aggregate.timezones import (
    UTC,
    Parts,
    Zone,
    calendar_of,
    date_of_days,
    days_of_iso_week,
    millis_of_parts,
    parts_of,
    zone_of,
)
from stend.engines.mongo.errors import MongoError
from stend.engines.mongo.query.values import type_alias


def is_dated(value: Any) -> bool:
    """Whether a value can be taken for a date."""
    return isinstance(value, DatetimeMS | Timestamp | ObjectId)


def millis_of(value: Any) -> int:
    """The moment of a date, a timestamp or an ObjectId.

    Raises:
        MongoError: 16006 for any other value.
    """
    if isinstance(value, DatetimeMS):
        return int(value)
    if isinstance(value, Timestamp):
        return value.time * 1000
    if isinstance(value, ObjectId):
        return int.from_bytes(value.binary[:4], "big") * 1000
    raise MongoError(16006, f"can't convert from BSON type {type_alias(value)} to Date")


def zone_from(value: Any) -> Zone | None:
    """The zone of an argument's value; None of null.

    Raises:
        MongoError: 40517 or 40485.
    """
    if nullish(value):
        return None
    if type(value) is not str:
        raise MongoError(40517, f"timezone must evaluate to a string, found {type_alias(value)}")
    return zone_of(value)


def zone_expression(named: Named, scope: Scope) -> Callable[[Env], Zone | None]:
    """What computes the `timezone` of an operator: UTC when it is not given."""
    written = named.maybe("timezone", scope)
    if written is None:
        return lambda env: UTC
    expression = written
    return lambda env: zone_from(expression(env))


Part = Callable[[int, Zone], Any]


def _reading(part: Part) -> Builder:
    """An operator of a date, or of `{date, timezone}`."""

    def build(name: str, argument: Any, scope: Scope) -> Expression:
        date, zone = _date_argument(name, argument, scope)

        def read(env: Env) -> Any:
            value = date(env)
            if nullish(value):
                return None
            millis, where = millis_of(value), zone(env)
            return None if where is None else part(millis, where)

        return read

    return build


def _date_argument(
    name: str, argument: Any, scope: Scope
) -> tuple[Expression, Callable[[Env], Zone | None]]:
    if isinstance(argument, Mapping) and next(iter(argument), "$")[:1] != "$":
        named = Named(name, argument, ("date",), ("timezone",), codes=(40535, 40535, 40539))
        return named.compiled("date", scope), zone_expression(named, scope)
    given = operands(argument)
    if len(given) != 1:
        raise MongoError(
            40536,
            f"{name} accepts exactly one argument if given an array, but was given {len(given)}",
        )
    return compile_in(given[0], scope), lambda env: UTC


def _clock(index: int) -> Part:
    return lambda millis, zone: parts_of(millis, zone)[index]


_READ: Final[Mapping[str, Part]] = {
    "$year": _clock(0),
    "$month": _clock(1),
    "$dayOfMonth": _clock(2),
    "$hour": _clock(3),
    "$minute": _clock(4),
    "$second": _clock(5),
    "$millisecond": _clock(6),
    "$dayOfWeek": lambda millis, zone: calendar_of(millis, zone).weekday,
    "$dayOfYear": lambda millis, zone: calendar_of(millis, zone).day_of_year,
    "$week": lambda millis, zone: calendar_of(millis, zone).week,
    "$isoDayOfWeek": lambda millis, zone: calendar_of(millis, zone).iso_weekday,
    "$isoWeek": lambda millis, zone: calendar_of(millis, zone).iso_week[1],
    "$isoWeekYear": lambda millis, zone: Int64(calendar_of(millis, zone).iso_week[0]),
}


def _to_parts(name: str, argument: Any, scope: Scope) -> Expression:
    named = Named(name, argument, ("date",), ("timezone", "iso8601"), codes=(40524, 40520, 40522))
    date, zone = named.compiled("date", scope), zone_expression(named, scope)
    iso = named.maybe("iso8601", scope)

    def read(env: Env) -> Any:
        value, where = date(env), zone(env)
        wanted = iso(env) if iso is not None else False
        if where is None or nullish(wanted):
            return None
        if not isinstance(wanted, bool):
            raise MongoError(40521, f"iso8601 must evaluate to a bool, found {type_alias(wanted)}")
        if nullish(value):
            return None
        return _parts_document(millis_of(value), where, iso=wanted)

    return read


def _parts_document(millis: int, zone: Zone, *, iso: bool) -> dict[str, Any]:
    parts = parts_of(millis, zone)
    clock = {
        "hour": parts.hour,
        "minute": parts.minute,
        "second": parts.second,
        "millisecond": parts.millisecond,
    }
    if not iso:
        return {"year": parts.year, "month": parts.month, "day": parts.day, **clock}
    calendar = calendar_of(millis, zone)
    year, week = calendar.iso_week
    return {
        "isoWeekYear": year,
        "isoWeek": week,
        "isoDayOfWeek": calendar.iso_weekday,
        **clock,
    }


_CLOCK_PARTS: Final = ("hour", "minute", "second", "millisecond")
_NORMAL_PARTS: Final = ("year", "month", "day")
_ISO_PARTS: Final = ("isoWeekYear", "isoWeek", "isoDayOfWeek")
_DEFAULTS: Final = {
    "year": 1970,
    "isoWeekYear": 1970,
    "month": 1,
    "day": 1,
    "isoWeek": 1,
    "isoDayOfWeek": 1,
}
# Parts of any 64-bit size; the others fit in 16 bits.
_WIDE: Final = frozenset({"year", "isoWeekYear", "second", "millisecond"})


def _from_parts(name: str, argument: Any, scope: Scope) -> Expression:
    known = (*_NORMAL_PARTS, *_ISO_PARTS, *_CLOCK_PARTS, "timezone")
    named = Named(name, argument, (), known, codes=(40519, 40518, 40516))
    kind = _kind_of_parts(named)
    parts = {key: named.maybe(key, scope) for key in (*_CLOCK_PARTS, *kind)}
    zone = zone_expression(named, scope)

    def build(env: Env) -> Any:
        numbers = {}
        for key in _CLOCK_PARTS:
            numbers[key] = _part(key, parts[key], env)
            if numbers[key] is None:
                return None
        where = zone(env)
        if where is None:
            return None
        for key in kind:
            numbers[key] = _part(key, parts[key], env)
            if numbers[key] is None:
                return None
        return _date_of_parts(kind, numbers, where)

    return build


def _kind_of_parts(named: Named) -> tuple[str, str, str]:
    if "year" not in named and "isoWeekYear" not in named:
        raise MongoError(
            40516, "$dateFromParts requires either 'year' or 'isoWeekYear' to be present"
        )
    if "isoWeekYear" not in named:
        if any(key in named for key in _ISO_PARTS):
            raise MongoError(
                40489, "$dateFromParts does not allow mixing natural dates with ISO dates"
            )
        return _NORMAL_PARTS
    if any(key in named for key in _NORMAL_PARTS):
        raise MongoError(40525, "$dateFromParts does not allow mixing ISO dates with natural dates")
    return _ISO_PARTS


def _part(key: str, expression: Expression | None, env: Env) -> int | None:
    if expression is None:
        return _DEFAULTS.get(key, 0)
    value = expression(env)
    if nullish(value):
        return None
    if not is_integral_long(value):
        raise MongoError(
            40515,
            f"'{key}' must evaluate to an integer, found {type_alias(value)} with value {value}",
        )
    number = to_long(value)
    if key not in _WIDE and not -(2**15) <= number < 2**15:
        raise MongoError(
            31034,
            f"'{key}' must evaluate to a value in the range [-32768, 32767]; value {number} is "
            "not in range",
        )
    return number


def _date_of_parts(
    kind: tuple[str, str, str], numbers: Mapping[str, Any], zone: Zone
) -> DatetimeMS:
    year, month, day = (numbers[key] for key in kind)
    if not 1 <= year <= 9999:
        raise MongoError(
            40523 if kind is _NORMAL_PARTS else 31095,
            f"'{kind[0]}' must evaluate to an integer in the range 1 to 9999, found {year}",
        )
    if kind is _ISO_PARTS:
        year, month, day = date_of_days(days_of_iso_week(year, month, day))
    clock = [numbers[key] for key in _CLOCK_PARTS]
    return date_of(millis_of_parts(Parts(year, month, day, *clock), zone))


OPERATORS: Final[Mapping[str, Builder]] = {
    **{name: _reading(part) for name, part in _READ.items()},
    "$dateToParts": _to_parts,
    "$dateFromParts": _from_parts,
}
