"""$round, $trunc, $ceil, $floor."""

import decimal
import math
from collections.abc import Mapping
from typing import Any, Final

from bson import Decimal128, Int64

from stend.engines.mongo.aggregate.expressions.arguments import ranged
from stend.engines.mongo.aggregate.expressions.arithmetic import nullish, numeric
from stend.engines.mongo.aggregate.expressions.scope import Builder, Expression, Scope
from stend.engines.mongo.aggregate.numbers import (
    CONTEXT,
    INT_MAX,
    INT_MIN,
    decimal128,
    exact_decimal,
    fits_long,
    is_integral,
    is_number,
    to_long,
)
from stend.engines.mongo.errors import MongoError
from stend.engines.mongo.query.values import type_alias

_LEAST_PRECISION: Final = -20
_MOST_PRECISION: Final = 100


def _quantized(value: decimal.Decimal, precision: int, rounding: str) -> decimal.Decimal:
    quantum = decimal.Decimal((0, (1,), -precision))
    return value.quantize(quantum, rounding, CONTEXT)


def _rounded(name: str, rounding: str, value: Any, precision: Any) -> Any:
    if nullish(value):
        return None
    if not is_number(value):
        raise MongoError(51081, f"{name} only supports numeric types, not {type_alias(value)}")
    if nullish(precision):
        return None
    if not is_integral(precision):
        raise MongoError(51082, f"precision argument to  {name} must be a integral value")
    places = to_long(precision)
    if not _LEAST_PRECISION <= places <= _MOST_PRECISION:
        raise MongoError(
            51083,
            f"cannot apply {name} with precision value {places} value must be in [-20, 100]",
        )
    return _round_number(name, rounding, value, places)


def _round_number(name: str, rounding: str, value: Any, places: int) -> Any:
    if isinstance(value, Decimal128):
        number = value.to_decimal()
        if number.is_infinite():
            return value
        return decimal128(_quantized(number, places, rounding))
    if isinstance(value, float):
        if math.isinf(value):
            return value
        return float(_quantized(exact_decimal(value), places, rounding))
    if places >= 0:
        return value
    whole = int(_quantized(decimal.Decimal(int(value)), places, rounding))
    if not fits_long(whole):
        raise MongoError(
            51080,
            f"invalid conversion from Decimal128 result in {name} resulting from arguments: "
            f"[{int(value)}, {places}]",
        )
    if isinstance(value, Int64) or not INT_MIN <= whole <= INT_MAX:
        return Int64(whole)
    return whole


def _rounding(rounding: str) -> Builder:
    def build(name: str, argument: Any, scope: Scope) -> Expression:
        def call(value: Any, precision: Any = 0) -> Any:
            return _rounded(name, rounding, value, precision)

        return ranged(call, 1, 2)(name, argument, scope)

    return build


def _towards(rounding: str, double: Any) -> Builder:
    def call(value: Any) -> Any:
        if isinstance(value, Decimal128):
            number = value.to_decimal()
            return decimal128(_quantized(number, 0, rounding)) if number.is_finite() else value
        if not isinstance(value, float) or not math.isfinite(value):
            return value
        # math.floor gives an integer and loses the sign of a zero.
        return (
            math.copysign(float(double(value)), value) if abs(value) < 1 else float(double(value))
        )

    return numeric(call)


OPERATORS: Final[Mapping[str, Builder]] = {
    "$round": _rounding(decimal.ROUND_HALF_EVEN),
    "$trunc": _rounding(decimal.ROUND_DOWN),
    "$floor": _towards(decimal.ROUND_FLOOR, math.floor),
    "$ceil": _towards(decimal.ROUND_CEILING, math.ceil),
}
