"""$expMovingAvg $derivative $integral $covariancePop $covarianceSamp."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from bson import DatetimeMS, Decimal128, Int64

from stend.engines.mongo.aggregate.accumulators import Sum
from stend.engines.mongo.aggregate.date_units import SPAN_MILLIS, check_unit
from stend.engines.mongo.aggregate.expressions.arithmetic import (
    add_values,
    divide,
    nullish,
    subtract,
    times,
)
from stend.engines.mongo.aggregate.expressions.compiling import compile_in
from stend.engines.mongo.aggregate.expressions.scope import Expression, Scope
from stend.engines.mongo.aggregate.numbers import (
    CONTEXT,
    DECIMAL,
    decimal128,
    is_integral_long,
    is_number,
    number_kind,
    to_decimal,
    to_double,
    to_long,
)
from stend.engines.mongo.aggregate.windows.bounds import Bounds, parse_error
from stend.engines.mongo.aggregate.windows.partition import Partition, WindowFunction
from stend.engines.mongo.errors import MongoError

SortFields = Mapping[str, Any] | None


def exponential(name: str, argument: Any, scope: Scope, sort_fields: SortFields) -> WindowFunction:
    """Each value weighs alpha, and all before it the rest."""
    if not isinstance(argument, Mapping):
        raise parse_error("$expMovingAvg must have exactly one argument that is an object")
    if len(argument) != 2 or "input" not in argument or not {"N", "alpha"} & set(argument):
        raise parse_error(
            "$expMovingAvg sub object must have exactly two fields: An 'input' field, and either "
            "an 'N' field or an 'alpha' field"
        )
    if sort_fields is None:
        raise parse_error("$expMovingAvg requires an explicit 'sortBy'")
    source, alpha = compile_in(argument["input"], scope), _alpha(argument)

    def values(partition: Partition) -> Sequence[Any]:
        results: list[Any] = []
        average: Decimal | None = None
        is_decimal = False
        for env in partition.envs:
            value = source(env)
            if is_number(value):
                is_decimal = is_decimal or number_kind(value) == DECIMAL
                average = _next_average(average, to_decimal(value), alpha)
            if average is None:
                results.append(None)
            else:
                results.append(decimal128(average) if is_decimal else float(average))
        return results

    return values


def _next_average(average: Decimal | None, value: Decimal, alpha: Decimal) -> Decimal:
    if average is None:
        return value
    rest = CONTEXT.subtract(Decimal(1), alpha)
    return CONTEXT.add(CONTEXT.multiply(value, alpha), CONTEXT.multiply(average, rest))


def _alpha(argument: Mapping[str, Any]) -> Decimal:
    if "N" in argument:
        count = argument["N"]
        if not is_integral_long(count):
            raise parse_error(
                f"'N' field must be an integer, but found  {count}. To use a non-integer, use the "
                "'alpha' argument instead"
            )
        if to_long(count) <= 0:
            raise parse_error(f"'N' must be greater than zero. Got {count}")
        return CONTEXT.divide(Decimal(2), Decimal(to_long(count) + 1))
    if not is_number(argument["alpha"]):
        raise parse_error("'alpha' must be a number")
    alpha = to_decimal(argument["alpha"])
    if not 0 < alpha < 1:
        raise parse_error(f"'alpha' must be between 0 and 1 (exclusive), found {alpha}")
    return alpha


def _timed(
    name: str, argument: Any, scope: Scope, sort_fields: SortFields
) -> tuple[Expression, int | None]:
    """The input of $derivative and $integral, and the milliseconds of their unit."""
    if sort_fields is None:
        raise parse_error(f"{name} requires a sortBy")
    if len(sort_fields) != 1:
        raise parse_error(f"{name} requires a non-compound sortBy")
    if not isinstance(argument, Mapping):
        raise parse_error(f"{name} expects an object")
    for key in argument:
        if key not in ("input", "unit"):
            raise parse_error(f"{name} got unexpected argument: {key}")
    if "input" not in argument:
        raise parse_error(f"{name} requires an 'input' expression")
    unit = argument.get("unit")
    if "unit" not in argument:
        return compile_in(argument["input"], scope), None
    if type(unit) is not str:
        raise parse_error(f"{name} requires 'unit' to be a string")
    if check_unit(unit) not in SPAN_MILLIS:
        raise parse_error("unit must be 'week' or smaller")
    return compile_in(argument["input"], scope), SPAN_MILLIS[unit]


def derivative(
    name: str, argument: Any, scope: Scope, sort_fields: SortFields, bounds: Bounds | None
) -> WindowFunction:
    """The rise over the run from the first to the last document of a window."""
    source, unit = _timed(name, argument, scope, sort_fields)
    if bounds is None:
        raise parse_error("$derivative requires explicit window bounds")
    window = bounds

    def values(partition: Partition) -> Sequence[Any]:
        locate = window.locating(partition.sort_values)
        positions = [source(env) for env in partition.envs]
        results = []
        for position in range(len(positions)):
            start, end = locate(position)
            results.append(
                None
                if start == end
                else _slope(partition.sort_values, positions, start, end - 1, unit)
            )
        return results

    return values


def _slope(
    times_: Sequence[Any], positions: Sequence[Any], first: int, last: int, unit: int | None
) -> Any:
    _check_times(times_[first], times_[last], unit, (5624900, 5624901, 5624902), "$derivative")
    run = subtract(times_[last], times_[first])
    rise = subtract(positions[last], positions[first])
    if nullish(rise):
        raise MongoError(5624903, "$derivative input must not be null or missing")
    if to_double(run) == 0:
        return None
    slope = divide(rise, run)
    return slope if unit is None else times(slope, unit)


def _check_times(
    first: Any, last: Any, unit: int | None, codes: tuple[int, int, int], name: str
) -> None:
    dates = isinstance(first, DatetimeMS), isinstance(last, DatetimeMS)
    if unit is not None:
        if not all(dates):
            raise MongoError(codes[0], f"{name} with 'unit' expects the sortBy field to be a Date")
        return
    if any(dates):
        raise MongoError(codes[1], f"{name} where the sortBy is a Date requires an 'unit'")
    if not is_number(first) or not is_number(last):
        raise MongoError(
            codes[2], f"{name} (with no 'unit') expects the sortBy field to be numeric"
        )


def integral(
    name: str, argument: Any, scope: Scope, sort_fields: SortFields, bounds: Bounds | None
) -> WindowFunction:
    """The area under the values of a window, by trapezoids."""
    source, unit = _timed(name, argument, scope, sort_fields)
    window = bounds or Bounds()

    def values(partition: Partition) -> Sequence[Any]:
        locate = window.locating(partition.sort_values)
        heights = [source(env) for env in partition.envs]
        results = []
        for position in range(len(heights)):
            partition.tick(position)
            start, end = locate(position)
            results.append(_area(partition.sort_values, heights, start, end, unit))
        return results

    return values


def _area(
    times_: Sequence[Any], heights: Sequence[Any], start: int, end: int, unit: int | None
) -> Any:
    if start == end:
        return None
    area = Sum()
    for index in range(start, end):
        _check_times(times_[index], times_[index], unit, (5423901, 5423902, 5423902), "$integral")
        if index > start:
            width = subtract(times_[index], times_[index - 1])
            height = add_values(iter((heights[index - 1], heights[index])))
            if height is not None:
                area.add(divide(times(height, width), 2.0))
    return area.result if unit is None else divide(area.result, Int64(unit))


def covariance(name: str, argument: Any, scope: Scope, bounds: Bounds | None) -> WindowFunction:
    """How two values vary together; pairs that are not of two numbers are passed over."""
    pair = compile_in(argument, scope)
    window, less = bounds or Bounds(), int(name == "$covarianceSamp")

    def values(partition: Partition) -> Sequence[Any]:
        locate = window.locating(partition.sort_values)
        pairs = [_numbers(pair(env)) for env in partition.envs]
        results = []
        for position in range(len(pairs)):
            partition.tick(position)
            start, end = locate(position)
            chosen = [item for item in pairs[start:end] if item is not None]
            results.append(_covariance(chosen, less))
        return results

    return values


def _numbers(value: Any) -> tuple[Any, Any] | None:
    if not isinstance(value, list) or len(value) != 2:
        return None
    return (value[0], value[1]) if is_number(value[0]) and is_number(value[1]) else None


def _covariance(pairs: Sequence[tuple[Any, Any]], less: int) -> Any:
    count = len(pairs) - less
    if count <= 0:
        return None
    if any(isinstance(item, Decimal128) for pair in pairs for item in pair):
        return decimal128(_decimal_covariance(pairs, count))
    mean_x = mean_y = moment = 0.0
    for number, (x, y) in enumerate(pairs, 1):
        delta = float(x) - mean_x
        mean_x += delta / number
        mean_y += (float(y) - mean_y) / number
        moment += delta * (float(y) - mean_y)
    return moment / count


def _decimal_covariance(pairs: Sequence[tuple[Any, Any]], count: int) -> Decimal:
    mean_x = mean_y = moment = Decimal(0)
    for number, (x, y) in enumerate(pairs, 1):
        delta = CONTEXT.subtract(to_decimal(x), mean_x)
        mean_x = CONTEXT.add(mean_x, CONTEXT.divide(delta, Decimal(number)))
        rise = CONTEXT.divide(CONTEXT.subtract(to_decimal(y), mean_y), Decimal(number))
        mean_y = CONTEXT.add(mean_y, rise)
        rest = CONTEXT.subtract(to_decimal(y), mean_y)
        moment = CONTEXT.add(moment, CONTEXT.multiply(delta, rest))
    return CONTEXT.divide(moment, Decimal(count))
