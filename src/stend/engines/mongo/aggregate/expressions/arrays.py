"""Arrays: elements, slices, joins, searches."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from stend.engines.mongo.aggregate.expressions.arguments import (
    fixed,
    named_by,
    ranged,
    variadic,
)
from stend.engines.mongo.aggregate.expressions.arithmetic import nullish
from stend.engines.mongo.aggregate.expressions.compiling import compile_in
from stend.engines.mongo.aggregate.expressions.scope import Builder, Env, Expression, Scope
from stend.engines.mongo.aggregate.memory import STAGE_LIMIT_BYTES, Growth
from stend.engines.mongo.aggregate.numbers import is_integral, is_number, to_long
from stend.engines.mongo.aggregate.ordering import value_key
from stend.engines.mongo.aggregate.several import N_ARY, count_of, n_arguments
from stend.engines.mongo.errors import Code, MongoError
from stend.engines.mongo.query.values import MISSING, type_alias


def element_at(name: str, array: Any, index: Any, role: str = "first argument") -> Any:
    if nullish(array) or nullish(index):
        return None
    if not isinstance(array, list):
        raise MongoError(28689, f"{name}'s {role} must be an array, but is {type_alias(array)}")
    if not is_number(index):
        raise MongoError(
            28690,
            f"{name}'s second argument must be a numeric value, but is {type_alias(index)}",
        )
    if not is_integral(index):
        raise MongoError(
            28691,
            f"{name}'s second argument must be representable as a 32-bit integer: {index}",
        )
    position = to_long(index)
    return array[position] if -len(array) <= position < len(array) else MISSING


def _array_elem_at(array: Any, index: Any) -> Any:
    return element_at("$arrayElemAt", array, index)


def _edge(position: int) -> Callable[[str, Any], Any]:
    return lambda name, array: element_at(name, array, position, "argument")


def _concat_arrays(values: Iterator[Any]) -> Any:
    joined: list[Any] = []
    held = Growth("$concatArrays")
    for value in values:
        if nullish(value):
            return None
        if not isinstance(value, list):
            raise MongoError(28664, f"$concatArrays only supports arrays, not {type_alias(value)}")
        held.add(len(value) * _ELEMENT_BYTES)
        joined.extend(value)
    return joined


def _in(needle: Any, array: Any) -> bool:
    if not isinstance(array, list):
        raise MongoError(
            40081, f"$in requires an array as a second argument, found: {type_alias(array)}"
        )
    key = value_key(needle)
    return any(value_key(item) == key for item in array)


def _bound(value: Any, what: str, codes: tuple[int, int]) -> int:
    if not is_integral(value):
        raise MongoError(
            codes[0],
            f"$indexOfArray requires an integral {what}, found a value of type: "
            f"{type_alias(value)}",
        )
    number = to_long(value)
    if number < 0:
        raise MongoError(codes[1], f"$indexOfArray requires a nonnegative {what}, found: {number}")
    return number


def _index_of_array(array: Any, needle: Any, start: Any = 0, end: Any = None) -> Any:
    if nullish(array):
        return None
    if not isinstance(array, list):
        raise MongoError(
            40090,
            f"$indexOfArray requires an array as a first argument, found: {type_alias(array)}",
        )
    first = _bound(start, "starting index", (40096, 40097))
    last = len(array)
    if end is not None:
        last = min(last, _bound(end, "ending index", (40096, 40097)))
    key = value_key(needle)
    for index in range(first, last):
        if value_key(array[index]) == key:
            return index
    return -1


def _reverse_array(array: Any) -> Any:
    if nullish(array):
        return None
    if not isinstance(array, list):
        raise MongoError(
            34435,
            f"The argument to $reverseArray must be an array, but was of type: {type_alias(array)}",
        )
    return array[::-1]


def _size(array: Any) -> int:
    if not isinstance(array, list):
        raise MongoError(
            17124, f"The argument to $size must be an array, but was of type: {type_alias(array)}"
        )
    return len(array)


def _slice(array: Any, first: Any, count: Any = None) -> Any:
    if nullish(array) or first is MISSING or first is None or count is MISSING:
        return None
    if not isinstance(array, list):
        raise MongoError(
            28724, f"First argument to $slice must be an array, but is of type: {type_alias(array)}"
        )
    start = _slice_number(first, "Second", (28725, 28726))
    if count is None:
        return array[start:] if start < 0 else array[:start]
    length = _slice_number(count, "Third", (28727, 28728))
    if length <= 0:
        raise MongoError(28729, f"Third argument to $slice must be positive: {length}")
    start = max(0, len(array) + start) if start < 0 else start
    return array[start : start + length]


def _slice_number(value: Any, which: str, codes: tuple[int, int]) -> int:
    if not is_number(value):
        raise MongoError(
            codes[0],
            f"{which} argument to $slice must be a numeric value, but is of type: "
            f"{type_alias(value)}",
        )
    if not is_integral(value):
        raise MongoError(
            codes[1],
            f"{which} argument to $slice can't be represented as a 32-bit integer: {value}",
        )
    return to_long(value)


def _slice_builder(name: str, argument: Any, scope: Scope) -> Expression:
    def call(array: Any, first: Any, count: Any = _NOT_GIVEN) -> Any:
        if count is _NOT_GIVEN:
            return _slice(array, first)
        return None if nullish(count) else _slice(array, first, count)

    return ranged(call, 2, 3)(name, argument, scope)


_NOT_GIVEN: Final = object()
_RANGE_CODES: Final = ((34443, 34444), (34445, 34446), (34447, 34448))
_RANGE_NAMES: Final = ("starting value", "ending value", "step value")
# What MongoDB counts for one element of a range.
_ELEMENT_BYTES: Final = 16


def _range(*values: Any) -> Any:
    numbers = []
    for value, what, codes in zip(values, _RANGE_NAMES, _RANGE_CODES, strict=False):
        if not is_number(value):
            raise MongoError(
                codes[0],
                f"$range requires a numeric {what}, found value of type: {type_alias(value)}",
            )
        if not is_integral(value):
            raise MongoError(
                codes[1],
                f"$range requires a {what} that can be represented as a 32-bit integer, found "
                f"value: {value}",
            )
        numbers.append(to_long(value))
    start, end, step = (*numbers, 1) if len(numbers) == 2 else numbers
    if step == 0:
        raise MongoError(34449, "$range requires a non-zero step value")
    made = range(start, end, step)
    if len(made) * _ELEMENT_BYTES > STAGE_LIMIT_BYTES:
        raise MongoError(
            Code.ExceededMemoryLimit,
            f"$range would use too much memory ({len(made) * _ELEMENT_BYTES} bytes) and cannot "
            f"spill to disk. Memory limit: {STAGE_LIMIT_BYTES} bytes",
        )
    return list(made)


def _several(name: str, argument: Any, scope: Scope) -> Expression:
    given = n_arguments(name, argument)
    count, array, make = (
        compile_in(given["n"], scope),
        compile_in(given["input"], scope),
        N_ARY[name],
    )

    def call(env: Env) -> Any:
        accumulator, values = make(count_of(count(env))), array(env)
        if not isinstance(values, list):
            raise MongoError(5788200, "Input must be an array")
        for value in values:
            accumulator.add(value)
        return accumulator.result

    return call


OPERATORS: Final[Mapping[str, Builder]] = {
    "$arrayElemAt": fixed(_array_elem_at, 2),
    "$first": named_by(_edge(0), 1),
    "$last": named_by(_edge(-1), 1),
    "$concatArrays": variadic(_concat_arrays),
    "$in": fixed(_in, 2),
    "$indexOfArray": ranged(_index_of_array, 2, 4),
    "$isArray": fixed(lambda value: isinstance(value, list), 1),
    "$reverseArray": fixed(_reverse_array, 1),
    "$size": fixed(_size, 1),
    "$slice": _slice_builder,
    "$range": ranged(_range, 2, 3),
    "$firstN": _several,
    "$lastN": _several,
    "$minN": _several,
    "$maxN": _several,
}
