"""Accumulators as $group and $setWindowFields write them: compiled to an input and a start."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from stend.engines.mongo.aggregate.accumulators import PLAIN, Accumulator, Count
from stend.engines.mongo.aggregate.expressions.compiling import Constant, compile_in
from stend.engines.mongo.aggregate.expressions.objects import scripted
from stend.engines.mongo.aggregate.expressions.scope import Env, Expression, Scope
from stend.engines.mongo.aggregate.several import (
    N_ARY,
    Percentiles,
    TopN,
    count_of,
    n_arguments,
    percentile_arguments,
    percentile_ranks,
)
from stend.engines.mongo.errors import Code, MongoError
from stend.engines.mongo.query.sorting import sort_key

# What starts an accumulator of a group from the variables that its `_id` is in.
Start = Callable[[Env], Accumulator]


@dataclass(frozen=True, slots=True)
class Accumulation:
    """A compiled accumulator.

    Attributes:
        input: what of a document is given to the accumulator.
        start: a new one; an `n` is computed from the `_id` of the group.
    """

    input: Expression
    start: Start


def compile_accumulator(name: str, argument: Any, scope: Scope) -> Accumulation | None:
    """The accumulator `{name: argument}`; None when there is none of this name.

    Raises:
        MongoError: as MongoDB refuses its arguments.
    """
    if name in PLAIN:
        make = PLAIN[name]
        if isinstance(argument, list):
            raise MongoError(40237, f"The {name} accumulator is a unary operator")
        return Accumulation(compile_in(argument, scope), lambda env: make())
    compiler = _COMPILERS.get(name)
    return compiler(name, argument, scope) if compiler is not None else None


def _count(name: str, argument: Any, scope: Scope) -> Accumulation:
    if argument != {} or not isinstance(argument, Mapping):
        raise MongoError(Code.TypeMismatch, "$count takes no arguments, i.e. $count:{}")
    return Accumulation(Constant(None), lambda env: Count())


def _several(name: str, argument: Any, scope: Scope) -> Accumulation:
    given = n_arguments(name, argument)
    count, make = compile_in(given["n"], scope), N_ARY[name]
    return Accumulation(compile_in(given["input"], scope), lambda env: make(count_of(count(env))))


def _top(name: str, argument: Any, scope: Scope) -> Accumulation:
    many = name.endswith("N")
    given = _top_arguments(name, argument, many=many)
    key = sort_key(given["sortBy"])
    output = compile_in(given["output"], scope)
    count = compile_in(given["n"], scope) if many else None
    bottom = name.startswith("$bottom")

    def start(env: Env) -> Accumulator:
        return TopN(None if count is None else count_of(count(env)), bottom=bottom)

    return Accumulation(lambda env: (key(env["ROOT"]), output(env)), start)


def _top_arguments(name: str, argument: Any, *, many: bool) -> Mapping[str, Any]:
    if not isinstance(argument, Mapping):
        raise MongoError(5788001, f"specification must be an object; found {name}: {argument!r}")
    for key in argument:
        if key not in ("sortBy", "output", *(("n",) if many else ())):
            raise MongoError(5788002, f"Unknown argument to {name} '{key}'")
    for key, code in (("n", 5788003), ("output", 5788004), ("sortBy", 5788005)):
        if key not in argument and (many or key != "n"):
            raise MongoError(code, f"Missing value for '{key}'")
    if not isinstance(argument["sortBy"], Mapping):
        raise MongoError(5788604, "expected 'sortBy' to already be an object in the arguments")
    return argument


def _percentile(name: str, argument: Any, scope: Scope) -> Accumulation:
    written, ranks = percentile_arguments(name, argument)
    compiled = compile_in(ranks, scope)
    if not isinstance(compiled, Constant):
        raise MongoError(7750300, "The $percentile 'p' field must be a constant array of numbers")
    chosen, single = percentile_ranks(compiled.value), name == "$median"
    return Accumulation(compile_in(written, scope), lambda env: Percentiles(chosen, single=single))


_COMPILERS: Final[Mapping[str, Callable[[str, Any, Scope], Accumulation]]] = {
    "$count": _count,
    "$firstN": _several,
    "$lastN": _several,
    "$minN": _several,
    "$maxN": _several,
    "$top": _top,
    "$bottom": _top,
    "$topN": _top,
    "$bottomN": _top,
    "$median": _percentile,
    "$percentile": _percentile,
    "$accumulator": scripted,
}
ACCUMULATORS: Final = frozenset({*PLAIN, *_COMPILERS})


def compile_field(field: str, spec: Any, scope: Scope) -> Accumulation:
    """A field of a $group.

    Raises:
        MongoError: 40234-40238 or 15952 as MongoDB refuses one.
    """
    if "." in field:
        raise MongoError(40235, f"The field name '{field}' cannot contain '.'")
    if field[:1] == "$":
        raise MongoError(40236, f"The field name '{field}' cannot be an operator name")
    if not isinstance(spec, Mapping) or not spec:
        raise MongoError(40234, f"The field '{field}' must be an accumulator object")
    if len(spec) != 1:
        raise MongoError(40238, f"The field '{field}' must specify one accumulator")
    ((name, argument),) = spec.items()
    accumulation = compile_accumulator(name, argument, scope)
    if accumulation is None:
        raise MongoError(15952, f"unknown group operator '{name}'")
    return accumulation
