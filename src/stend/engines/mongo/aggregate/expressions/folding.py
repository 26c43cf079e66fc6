"""Accumulators as expressions: over an array or over several arguments of one document."""

from collections.abc import Mapping
from typing import Any, Final

from stend.engines.mongo.aggregate.accumulators import PLAIN
from stend.engines.mongo.aggregate.expressions.arguments import compile_operands
from stend.engines.mongo.aggregate.expressions.compiling import compile_in
from stend.engines.mongo.aggregate.expressions.scope import Builder, Env, Expression, Scope
from stend.engines.mongo.aggregate.several import (
    Percentiles,
    percentile_arguments,
    percentile_ranks,
)

# $first, $last and $push are other expressions or none.
_NAMES: Final = ("$sum", "$avg", "$min", "$max", "$stdDevPop", "$stdDevSamp", "$mergeObjects")


def _folding(name: str, argument: Any, scope: Scope) -> Expression:
    items, make = compile_operands(argument, scope), PLAIN[name]

    def call(env: Env) -> Any:
        values = [item(env) for item in items]
        if len(values) == 1 and isinstance(values[0], list):
            (values,) = values
        accumulator = make()
        for value in values:
            accumulator.add(value)
        return accumulator.result

    return call


def _percentile(name: str, argument: Any, scope: Scope) -> Expression:
    written, ranks = percentile_arguments(name, argument)
    source, chosen, single = compile_in(written, scope), compile_in(ranks, scope), name == "$median"

    def call(env: Env) -> Any:
        accumulator = Percentiles(percentile_ranks(chosen(env)), single=single)
        value = source(env)
        for item in value if isinstance(value, list) else (value,):
            accumulator.add(item)
        return accumulator.result

    return call


OPERATORS: Final[Mapping[str, Builder]] = {
    **dict.fromkeys(_NAMES, _folding),
    "$median": _percentile,
    "$percentile": _percentile,
}
