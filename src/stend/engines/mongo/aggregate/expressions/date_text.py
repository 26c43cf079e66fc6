"""$dateToString and $dateFromString."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from stend.engines.mongo.aggregate.date_reading import (
    MONTH_NAMES,
    check_reading_format,
    read_by_format,
    read_date,
)
from stend.engines.mongo.aggregate.expressions.arguments import Named
from stend.engines.mongo.aggregate.expressions.arithmetic import date_of, nullish
from stend.engines.mongo.aggregate.expressions.dates import millis_of, zone_expression
from stend.engines.mongo.aggregate.expressions.scope import Builder, Env, Expression, Scope
from stend.engines.mongo.aggregate.timezones import (
    UTC,
    Calendar,
    Parts,
    Zone,
    calendar_of,
    parts_of,
)
from stend.engines.mongo.errors import Code, MongoError
from stend.engines.mongo.query.values import type_alias

_ISO: Final = "%Y-%m-%dT%H:%M:%S.%L"

Letter = Callable[[Parts, Calendar, int], str]

_LETTERS: Final[Mapping[str, Letter]] = {
    "%": lambda parts, calendar, offset: "%",
    "b": lambda parts, calendar, offset: MONTH_NAMES[parts.month - 1][:3],
    "B": lambda parts, calendar, offset: MONTH_NAMES[parts.month - 1],
    "d": lambda parts, calendar, offset: f"{parts.day:02}",
    "G": lambda parts, calendar, offset: f"{calendar.iso_week[0]:04}",
    "H": lambda parts, calendar, offset: f"{parts.hour:02}",
    "j": lambda parts, calendar, offset: f"{calendar.day_of_year:03}",
    "L": lambda parts, calendar, offset: f"{parts.millisecond:03}",
    "m": lambda parts, calendar, offset: f"{parts.month:02}",
    "M": lambda parts, calendar, offset: f"{parts.minute:02}",
    "S": lambda parts, calendar, offset: f"{parts.second:02}",
    "u": lambda parts, calendar, offset: str(calendar.iso_weekday),
    "U": lambda parts, calendar, offset: f"{calendar.week:02}",
    "V": lambda parts, calendar, offset: f"{calendar.iso_week[1]:02}",
    "w": lambda parts, calendar, offset: str(calendar.weekday),
    "Y": lambda parts, calendar, offset: _year(parts.year),
    "z": lambda parts, calendar, offset: _hours(offset),
    "Z": lambda parts, calendar, offset: str(int(offset / 60)),
}


def _year(year: int) -> str:
    if not 0 <= year <= 9999:
        raise MongoError(
            18537, f"$dateToString is only defined on year 0-9999, tried to use year {year}"
        )
    return f"{year:04}"


def _hours(offset: int) -> str:
    minutes = abs(offset) // 60
    return f"{'-' if offset < 0 else '+'}{minutes // 60:02}{minutes % 60:02}"


def check_writing_format(text: str) -> None:
    """Raises MongoError 18535 or 18536 for a format of $dateToString with an unknown letter."""
    position = text.find("%")
    while position >= 0:
        if position + 1 == len(text):
            raise MongoError(18535, "Unmatched '%' at end of format string")
        if text[position + 1] not in _LETTERS:
            raise MongoError(
                18536, f"Invalid format character '%{text[position + 1]}' in format string"
            )
        position = text.find("%", position + 2)


def write_date(millis: int, written: str, zone: Zone) -> str:
    """A moment in a format that `check_writing_format` has passed."""
    parts, calendar = parts_of(millis, zone), calendar_of(millis, zone)
    offset = zone.offset_s(millis)
    letters = iter(written)
    return "".join(
        _LETTERS[next(letters)](parts, calendar, offset) if letter == "%" else letter
        for letter in letters
    )


def _format_expression(
    name: str, named: Named, scope: Scope, code: int, check: Callable[[str], None]
) -> Callable[[Env], str | None] | None:
    """What computes the `format`: None of null; no function when it is not given."""
    expression = named.maybe("format", scope)
    if expression is None:
        return None
    compute = expression

    def read(env: Env) -> str | None:
        value = compute(env)
        if nullish(value):
            return None
        if type(value) is not str:
            raise MongoError(
                code,
                f"{name} requires that 'format' be a string, found: {type_alias(value)} with "
                f"value {value}",
            )
        check(value)
        return value

    return read


def _to_string(name: str, argument: Any, scope: Scope) -> Expression:
    named = Named(
        name, argument, ("date",), ("format", "timezone", "onNull"), codes=(18629, 18534, 18628)
    )
    date, zone = named.compiled("date", scope), zone_expression(named, scope)
    pattern = _format_expression(name, named, scope, 18533, check_writing_format)
    on_null = named.maybe("onNull", scope)

    def write(env: Env) -> Any:
        value = date(env)
        written = pattern(env) if pattern is not None else _ISO
        where = zone(env)
        if nullish(value):
            return on_null(env) if on_null is not None else None
        if where is None or written is None:
            return None
        text = write_date(millis_of(value), written, where)
        return f"{text}Z" if pattern is None and where is UTC else text

    return write


def _from_string(name: str, argument: Any, scope: Scope) -> Expression:
    named = Named(
        name,
        argument,
        ("dateString",),
        ("format", "timezone", "onNull", "onError"),
        codes=(40540, 40541, 40542),
    )
    text, zone = named.compiled("dateString", scope), zone_expression(named, scope)
    pattern = _format_expression(name, named, scope, 40684, check_reading_format)
    on_null, on_error = named.maybe("onNull", scope), named.maybe("onError", scope)

    def read(env: Env) -> Any:
        value = text(env)
        written = pattern(env) if pattern is not None else ""
        where = zone(env)
        if nullish(value):
            return on_null(env) if on_null is not None else None
        try:
            if type(value) is not str:
                raise MongoError(
                    Code.ConversionFailure,
                    "$dateFromString requires that 'dateString' be a string, found: "
                    f"{type_alias(value)} with value {value}",
                )
            if where is None or written is None:
                return None
            return date_of(
                read_by_format(value, written, where) if written else read_date(value, where)
            )
        except MongoError as error:
            if error.code != Code.ConversionFailure or on_error is None:
                raise
            return on_error(env)

    return read


OPERATORS: Final[Mapping[str, Builder]] = {
    "$dateToString": _to_string,
    "$dateFromString": _from_string,
}
