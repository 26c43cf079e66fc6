"""$dateAdd $dateSubtract $dateDiff $dateTrunc."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from bson import Int64

from stend.engines.mongo.aggregate.date_units import (
    add,
    check_unit,
    difference,
    truncate,
    weekday_of,
)
from stend.engines.mongo.aggregate.expressions.arguments import Named
from stend.engines.mongo.aggregate.expressions.arithmetic import date_of, nullish
from stend.engines.mongo.aggregate.expressions.dates import (
    is_dated,
    millis_of,
    zone_expression,
)
from stend.engines.mongo.aggregate.expressions.scope import Builder, Env, Expression, Scope
from stend.engines.mongo.aggregate.numbers import LONG_MIN, is_integral_long, to_long
from stend.engines.mongo.errors import MongoError
from stend.engines.mongo.query.values import type_alias

_SUNDAY: Final = 7


def _unit(name: str, value: Any) -> str:
    if type(value) is not str:
        raise MongoError(
            5439013, f"{name} requires 'unit' to be a string, but got {type_alias(value)}"
        )
    try:
        return check_unit(value)
    except MongoError as error:
        raise MongoError(
            error.code, f"{name} parameter 'unit' value parsing failed :: caused by :: {error}"
        ) from None


def _week_start(name: str, value: Any) -> int:
    if type(value) is not str:
        raise MongoError(
            5439015, f"{name} requires 'startOfWeek' to be a string, but got {type_alias(value)}"
        )
    number = weekday_of(value)
    if number is None:
        raise MongoError(
            5439016,
            f"{name} parameter 'startOfWeek' value cannot be recognized as a day of a week: "
            f"{value}",
        )
    return number


def _week_expression(name: str, named: Named, scope: Scope) -> Callable[[Env, str], int | None]:
    """What computes the first day of weeks: asked for weeks only, None of null."""
    written = named.maybe("startOfWeek", scope)

    def start(env: Env, unit: str) -> int | None:
        if written is None or unit != "week":
            return _SUNDAY
        value = written(env)
        return None if nullish(value) else _week_start(name, value)

    return start


def _date(name: str, value: Any, key: str) -> int:
    if not is_dated(value):
        raise MongoError(
            5166307, f"{name} requires '{key}' to be a date, but got {type_alias(value)}"
        )
    return millis_of(value)


def _adding(sign: int) -> Builder:
    def build(name: str, argument: Any, scope: Scope) -> Expression:
        named = Named(
            name,
            argument,
            ("startDate", "unit", "amount"),
            ("timezone",),
            codes=(5166400, 5166401, 5166402),
        )
        start, unit, amount = (
            named.compiled(key, scope) for key in ("startDate", "unit", "amount")
        )
        zone = zone_expression(named, scope)

        def call(env: Env) -> Any:
            date, span = start(env), unit(env)
            if nullish(date) or nullish(span):
                return None
            unit_name, number = _unit(name, span), amount(env)
            where = zone(env)
            if nullish(number) or where is None:
                return None
            if not is_dated(date):
                raise MongoError(5166403, f"{name} requires startDate to be convertible to a date")
            if not is_integral_long(number):
                raise MongoError(5166405, f"{name} expects integer amount of time units")
            if sign < 0 and to_long(number) == LONG_MIN:
                raise MongoError(
                    6045000, f"invalid $dateSubtract 'amount' parameter value: {number}"
                )
            return date_of(add(millis_of(date), unit_name, sign * to_long(number), where))

        return call

    return build


def _difference(name: str, argument: Any, scope: Scope) -> Expression:
    named = Named(
        name,
        argument,
        ("startDate", "endDate", "unit"),
        ("timezone", "startOfWeek"),
        codes=(5166301, 5166302, 5166303, 5166304, 5166305),
    )
    start, end, unit = (named.compiled(key, scope) for key in ("startDate", "endDate", "unit"))
    zone, week = zone_expression(named, scope), _week_expression(name, named, scope)

    def call(env: Env) -> Any:
        first, last, span = start(env), end(env), unit(env)
        if nullish(first) or nullish(last) or nullish(span):
            return None
        unit_name = _unit(name, span)
        week_starts, where = week(env, unit_name), zone(env)
        if week_starts is None or where is None:
            return None
        began, ended = _date(name, first, "startDate"), _date(name, last, "endDate")
        return Int64(difference(began, ended, unit_name, where, week_starts))

    return call


def _bin_size(value: Any) -> int:
    if not is_integral_long(value):
        raise MongoError(
            5439017,
            f"$dateTrunc requires 'binSize' to be a 64-bit integer, but got value '{value}' of "
            f"type {type_alias(value)}",
        )
    if to_long(value) <= 0:
        raise MongoError(
            5439018, f"$dateTrunc requires 'binSize' to be greater than 0, but got value {value}"
        )
    return to_long(value)


def _truncating(name: str, argument: Any, scope: Scope) -> Expression:
    named = Named(
        name,
        argument,
        ("date", "unit"),
        ("binSize", "timezone", "startOfWeek"),
        codes=(5439007, 5439008, 5439009, 5439010),
    )
    date, unit = named.compiled("date", scope), named.compiled("unit", scope)
    size = named.maybe("binSize", scope)
    zone, week = zone_expression(named, scope), _week_expression(name, named, scope)

    def call(env: Env) -> Any:
        value = date(env)
        bins = size(env) if size is not None else 1
        span = unit(env)
        if nullish(value) or nullish(bins) or nullish(span):
            return None
        count, unit_name = _bin_size(bins), _unit(name, span)
        week_starts, where = week(env, unit_name), zone(env)
        if week_starts is None or where is None:
            return None
        moment = _date(name, value, "date")
        return date_of(truncate(moment, unit_name, count, where, week_starts))

    return call


OPERATORS: Final[Mapping[str, Builder]] = {
    "$dateAdd": _adding(1),
    "$dateSubtract": _adding(-1),
    "$dateDiff": _difference,
    "$dateTrunc": _truncating,
}
