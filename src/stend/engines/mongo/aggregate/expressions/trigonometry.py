"""Trigonometry: of doubles as the C library has it, of decimals by series."""

import math
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final

from bson import Decimal128

from stend.engines.mongo.aggregate.expressions import decimal_series
from stend.engines.mongo.aggregate.expressions.arguments import fixed
from stend.engines.mongo.aggregate.expressions.arithmetic import nullish, numeric
from stend.engines.mongo.aggregate.expressions.scope import Builder, Expression, Scope
from stend.engines.mongo.aggregate.numbers import (
    CONTEXT,
    DECIMAL,
    decimal128,
    is_number,
    number_kind,
    to_decimal,
)
from stend.engines.mongo.errors import MongoError
from stend.engines.mongo.query.values import type_alias

_PI_OVER_180: Final = Decimal("0.01745329251994329576923690768488613")
_180_OVER_PI: Final = Decimal("57.29577951308232087679815481410517")


def _function(
    double: Callable[[float], float],
    exact: Callable[[Decimal], Decimal],
    low: float = -math.inf,
    high: float = math.inf,
    *,
    open_ended: bool = False,
) -> Builder:
    """A function of one number with bounds: `open_ended` when infinities are outside of them."""

    def build(name: str, argument: Any, scope: Scope) -> Expression:
        return numeric(lambda value: call(name, value))(name, argument, scope)

    def call(name: str, value: Any) -> Any:
        number = value.to_decimal() if isinstance(value, Decimal128) else value
        if number != number:
            return value
        if not low <= number <= high or (open_ended and math.isinf(number)):
            edges = ("(", ")") if open_ended else ("[", "]")
            raise MongoError(
                50989,
                f"cannot apply {name} to {number}, value must be in "
                f"{edges[0]}{_shown(low)},{_shown(high)}{edges[1]}",
            )
        if isinstance(value, Decimal128):
            return decimal128(exact(number))
        return double(float(value))

    return build


def _shown(bound: float) -> str:
    if math.isinf(bound):
        return "inf" if bound > 0 else "-inf"
    return str(int(bound))


def _saturating(function: Callable[[float], float]) -> Callable[[float], float]:
    """sinh and cosh overflow to infinities, as C's do."""

    def call(value: float) -> float:
        try:
            return function(value)
        except OverflowError:
            return math.copysign(math.inf, value) if function is math.sinh else math.inf

    return call


def _atanh(value: float) -> float:
    if abs(value) == 1:
        return math.copysign(math.inf, value)
    return math.atanh(value)


def _degrees(exact: Decimal, double: float) -> Builder:
    def convert(value: Any) -> Any:
        if isinstance(value, Decimal128):
            return decimal128(CONTEXT.multiply(value.to_decimal(), exact))
        return float(value) * double

    return numeric(convert)


def _atan2(y: Any, x: Any) -> Any:
    for value, code in ((y, 51044), (x, 51045)):
        if nullish(value):
            return None
        if not is_number(value):
            raise MongoError(code, f"$atan2 only supports numeric types, not {type_alias(value)}")
    if max(number_kind(y), number_kind(x)) == DECIMAL:
        return decimal128(decimal_series.atan2(to_decimal(y), to_decimal(x)))
    return math.atan2(y, x)


OPERATORS: Final[Mapping[str, Builder]] = {
    "$sin": _function(math.sin, decimal_series.sin, open_ended=True),
    "$cos": _function(math.cos, decimal_series.cos, open_ended=True),
    "$tan": _function(math.tan, decimal_series.tan, open_ended=True),
    "$asin": _function(math.asin, decimal_series.asin, -1, 1),
    "$acos": _function(math.acos, decimal_series.acos, -1, 1),
    "$atan": _function(math.atan, decimal_series.atan),
    "$atan2": fixed(_atan2, 2),
    "$sinh": _function(_saturating(math.sinh), decimal_series.sinh),
    "$cosh": _function(_saturating(math.cosh), decimal_series.cosh),
    "$tanh": _function(math.tanh, decimal_series.tanh),
    "$asinh": _function(math.asinh, decimal_series.asinh),
    "$acosh": _function(math.acosh, decimal_series.acosh, 1, math.inf),
    "$atanh": _function(_atanh, decimal_series.atanh, -1, 1),
    "$degreesToRadians": _degrees(_PI_OVER_180, math.pi / 180.0),
    "$radiansToDegrees": _degrees(_180_OVER_PI, 180.0 / math.pi),
}
