"""$locf and $linearFill: what stands for nulls."""

from collections.abc import Mapping, Sequence
from typing import Any

from bson import DatetimeMS, Int64

from stend.engines.mongo.aggregate.expressions.arithmetic import (
    divide,
    nullish,
    plus,
    subtract,
    times,
)
from stend.engines.mongo.aggregate.expressions.compiling import compile_in
from stend.engines.mongo.aggregate.expressions.scope import Scope
from stend.engines.mongo.aggregate.numbers import is_number
from stend.engines.mongo.aggregate.ordering import value_key
from stend.engines.mongo.aggregate.windows.partition import Partition, WindowFunction
from stend.engines.mongo.errors import Code, MongoError
from stend.engines.mongo.query.values import type_alias


def carried_forward(name: str, argument: Any, scope: Scope) -> WindowFunction:
    """The last value that is not null."""
    source = compile_in(argument, scope)

    def values(partition: Partition) -> Sequence[Any]:
        last: Any = None
        filled = []
        for env in partition.envs:
            value = source(env)
            last = last if nullish(value) else value
            filled.append(last)
        return filled

    return values


def linear(
    name: str, argument: Any, scope: Scope, sort_fields: Mapping[str, Any] | None
) -> WindowFunction:
    """Nulls between two values lie on the line between them."""
    if sort_fields is None:
        raise MongoError(
            605001,
            "$linearFill must be specified with a top level sortBy expression "
            "with exactly one element",
        )
    if len(sort_fields) != 1:
        raise MongoError(
            605001,
            "$linearFill must be specified with a top level sortBy expression "
            "with exactly one element",
        )
    source = compile_in(argument, scope)

    def values(partition: Partition) -> Sequence[Any]:
        _check_sorted(partition.sort_values)
        found = [source(env) for env in partition.envs]
        filled: list[Any] = [None if nullish(value) else value for value in found]
        previous: int | None = None
        for position, value in enumerate(filled):
            if value is None:
                continue
            if not is_number(value):
                raise MongoError(
                    Code.TypeMismatch,
                    f"Value to be filled must be numeric or nullish, not {type_alias(value)}",
                )
            if previous is not None:
                _fill_between(filled, partition.sort_values, previous, position)
            previous = position
        return filled

    return values


def _check_sorted(values: Sequence[Any]) -> None:
    dates = sum(isinstance(value, DatetimeMS) for value in values)
    if dates and dates != len(values):
        raise MongoError(
            6050106, "Conflicting sort value types, previous and current types do not match"
        )
    previous: Any = None
    for value in values:
        if not dates and not is_number(value):
            raise MongoError(
                Code.TypeMismatch, f"Sort field must be numeric or a date, not {type_alias(value)}"
            )
        key = value_key(value)
        if key == previous:
            raise MongoError(
                6050106, "There can be no repeated values in the sort field when using $linearFill"
            )
        previous = key


def _fill_between(filled: list[Any], at: Sequence[Any], first: int, last: int) -> None:
    if last - first < 2:
        return
    low, high = filled[first], filled[last]
    start, end = _number(at[first]), _number(at[last])
    slope = divide(subtract(high, low), subtract(end, start))
    for position in range(first + 1, last):
        run = subtract(_number(at[position]), start)
        filled[position] = plus(low, times(slope, run))


def _number(value: Any) -> Any:
    return Int64(int(value)) if isinstance(value, DatetimeMS) else value
