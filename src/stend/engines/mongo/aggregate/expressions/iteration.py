"""Expressions over the elements of arrays: $map $filter $reduce $zip $sortArray."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from stend.engines.mongo.aggregate.expressions.arguments import Named
from stend.engines.mongo.aggregate.expressions.arithmetic import nullish
from stend.engines.mongo.aggregate.expressions.compiling import compile_in
from stend.engines.mongo.aggregate.expressions.logic import truth
from stend.engines.mongo.aggregate.expressions.scope import (
    Builder,
    Env,
    Expression,
    Scope,
    check_variable_name,
)
from stend.engines.mongo.aggregate.memory import Growth, check_value, weight
from stend.engines.mongo.aggregate.numbers import is_integral, is_number, to_long
from stend.engines.mongo.aggregate.ordering import value_key
from stend.engines.mongo.errors import Code, MongoError
from stend.engines.mongo.query.sorting import sort_key
from stend.engines.mongo.query.values import MISSING, type_alias

_TICK_EVERY: Final = 256
# The types of values that may be large.
_LARGE: Final = frozenset({str, bytes, list, dict})


def _ticking(items: list[Any], scope: Scope) -> Iterator[Any]:
    tick = scope.context.tick
    for number, item in enumerate(items, 1):
        if number % _TICK_EVERY == 0:
            tick()
        yield item


def _variable(named: Named) -> str:
    name = named.given.get("as", "this")
    if type(name) is not str:
        raise MongoError(Code.TypeMismatch, "'as' must be a string")
    check_variable_name(name)
    return name


def _map(name: str, argument: Any, scope: Scope) -> Expression:
    named = Named(name, argument, ("input", "in"), ("as",), codes=(16878, 16879, 16880, 16882))
    variable = _variable(named)
    array, body = (
        named.compiled("input", scope),
        compile_in(named.given["in"], scope.binding((variable,))),
    )

    def call(env: Env) -> Any:
        values = array(env)
        if nullish(values):
            return None
        if not isinstance(values, list):
            raise MongoError(16883, f"input to $map must be an array not {type_alias(values)}")
        inner, held = dict(env), Growth(name)
        made = []
        for value in _ticking(values, scope):
            inner[variable] = value
            result = body(inner)
            if type(result) in _LARGE:
                held.add(weight(result))
            made.append(None if result is MISSING else result)
        return made

    return call


def _filter(name: str, argument: Any, scope: Scope) -> Expression:
    named = Named(
        name, argument, ("input", "cond"), ("as", "limit"), codes=(28646, 28647, 28648, 28650)
    )
    variable = _variable(named)
    array, limit = named.compiled("input", scope), named.maybe("limit", scope)
    test = compile_in(named.given["cond"], scope.binding((variable,)))

    def call(env: Env) -> Any:
        values = array(env)
        if nullish(values):
            return None
        if not isinstance(values, list):
            raise MongoError(28651, f"input to $filter must be an array not {type_alias(values)}")
        most = _filter_limit(limit(env)) if limit is not None else None
        inner, kept = dict(env), []
        for value in _ticking(values, scope):
            inner[variable] = value
            if truth(test(inner)):
                kept.append(value)
                if len(kept) == most:
                    break
        return kept

    return call


def _filter_limit(value: Any) -> int | None:
    if nullish(value):
        return None
    if not is_integral(value):
        raise MongoError(
            327391, f"$filter: limit must be represented as a 32-bit integral value: {value!r}"
        )
    if to_long(value) < 1:
        raise MongoError(327392, f"$filter: limit must be greater than 0: {value}")
    return to_long(value)


def _reduce(name: str, argument: Any, scope: Scope) -> Expression:
    if not isinstance(argument, Mapping):
        raise MongoError(40075, "$reduce requires an object as an argument")
    for key in argument:
        if key not in ("input", "initialValue", "in"):
            raise MongoError(40076, f"$reduce found an unknown argument: {key}")
    for key, code in (("input", 40077), ("initialValue", 40078), ("in", 40079)):
        if key not in argument:
            raise MongoError(code, f"$reduce requires '{key}' to be specified")
    array, first = compile_in(argument["input"], scope), compile_in(argument["initialValue"], scope)
    body = compile_in(argument["in"], scope.binding(("this", "value")))

    def call(env: Env) -> Any:
        values = array(env)
        if nullish(values):
            return None
        if not isinstance(values, list):
            raise MongoError(
                40080, f"$reduce requires that 'input' be an array, found: {type_alias(values)}"
            )
        try:
            return _fold(dict(env), first(env), _ticking(values, scope), body)
        except RecursionError:
            raise MongoError(
                Code.Overflow, "$reduce exceeded maximum nested object depth"
            ) from None

    return call


def _fold(inner: Env, result: Any, values: Iterator[Any], body: Expression) -> Any:
    check_at = 16
    for number, value in enumerate(values, 1):
        inner["this"], inner["value"] = value, result
        result = body(inner)
        # What doubles each time is small in memory until it is written out.
        if number == check_at:
            check_value("$reduce", result)
            check_at *= 2
    check_value("$reduce", result)
    return result


def _zip(name: str, argument: Any, scope: Scope) -> Expression:
    if not isinstance(argument, Mapping):
        raise MongoError(34460, "$zip only supports an object as an argument")
    for key in argument:
        if key not in ("inputs", "defaults", "useLongestLength"):
            raise MongoError(34464, f"$zip found an unknown argument: {key}")
    inputs, defaults = argument.get("inputs"), argument.get("defaults")
    longest = argument.get("useLongestLength", False)
    _check_zip(argument, inputs, defaults, longest)
    arrays = [compile_in(item, scope) for item in inputs or ()]
    filling = [compile_in(item, scope) for item in defaults or ()]

    def call(env: Env) -> Any:
        columns = [array(env) for array in arrays]
        if any(nullish(column) for column in columns):
            return None
        for column in columns:
            if not isinstance(column, list):
                raise MongoError(
                    34468, f"$zip found a non-array expression in input: {type_alias(column)}"
                )
        lengths = [len(column) for column in columns]
        fills = [item(env) for item in filling] or [None] * len(columns)
        return [
            [
                column[row] if row < len(column) else _null(fill)
                for column, fill in zip(columns, fills, strict=True)
            ]
            for row in range(max(lengths) if longest else min(lengths))
        ]

    return call


def _null(value: Any) -> Any:
    return None if value is MISSING else value


def _check_zip(argument: Mapping[str, Any], inputs: Any, defaults: Any, longest: Any) -> None:
    if "inputs" in argument and not isinstance(inputs, list):
        raise MongoError(34461, "inputs must be an array of expressions")
    if "defaults" in argument and not isinstance(defaults, list):
        raise MongoError(34462, "defaults must be an array of expressions")
    if not isinstance(longest, bool):
        raise MongoError(34463, "useLongestLength must be a bool")
    if not inputs:
        raise MongoError(34465, "$zip requires at least one input array")
    if defaults and not longest:
        raise MongoError(34466, "cannot specify defaults unless useLongestLength is true")
    if defaults and len(defaults) != len(inputs):
        raise MongoError(34467, "defaults and inputs must have the same length")


def _sort_array(name: str, argument: Any, scope: Scope) -> Expression:
    named = Named(name, argument, ("input", "sortBy"), codes=(2942500, 2942501, 2942502, 2942503))
    array, key = named.compiled("input", scope), _order(named.given["sortBy"])

    def call(env: Env) -> Any:
        values = array(env)
        if nullish(values):
            return None
        if not isinstance(values, list):
            raise MongoError(
                2942504,
                "The input argument to $sortArray must be an array, but was of type: "
                f"{type_alias(values)}",
            )
        return key(values)

    return call


def _order(spec: Any) -> Callable[[list[Any]], list[Any]]:
    if isinstance(spec, Mapping):
        if not spec:
            raise MongoError(2942505, "$sort stage must have at least one sort key")
        key = sort_key(spec)
        # What is no document has none of the fields.
        return lambda values: sorted(
            values, key=lambda value: key(value if isinstance(value, Mapping) else {})
        )
    if not is_number(spec) or not is_integral(spec):
        raise MongoError(2942506, "The $sort element value must be either 1 or -1")
    if to_long(spec) not in (1, -1):
        raise MongoError(2942506, "The $sort element value must be either 1 or -1")
    down = to_long(spec) < 0
    return lambda values: sorted(values, key=value_key, reverse=down)


OPERATORS: Final[Mapping[str, Builder]] = {
    "$map": _map,
    "$filter": _filter,
    "$reduce": _reduce,
    "$zip": _zip,
    "$sortArray": _sort_array,
}
