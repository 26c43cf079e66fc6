"""Comparisons, boolean operators and conditions."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from bson import Decimal128

from stend.engines.mongo.aggregate.expressions.arguments import (
    Named,
    compile_operands,
    fixed,
)
from stend.engines.mongo.aggregate.expressions.compiling import compile_in
from stend.engines.mongo.aggregate.expressions.scope import (
    Builder,
    Env,
    Expression,
    Scope,
    check_variable_name,
)
from stend.engines.mongo.aggregate.ordering import value_key
from stend.engines.mongo.errors import MongoError
from stend.engines.mongo.query.values import MISSING

_PLAIN: Final = frozenset({str, int})


def truth(value: Any) -> bool:
    """Whether a value counts as true: all but null, what is missing, false and zeros."""
    if value is None or value is MISSING:
        return False
    if isinstance(value, bool | int | float):
        return value != 0
    if isinstance(value, Decimal128):
        return not value.to_decimal().is_zero()
    return True


def _comparing(test: Callable[[Any, Any], bool]) -> Builder:
    def compare(left: Any, right: Any) -> bool:
        kind = type(left)
        if kind is type(right) and kind in _PLAIN:
            return test(left, right)
        return test(value_key(left), value_key(right))

    return fixed(compare, 2)


def _cmp(left: Any, right: Any) -> int:
    first, second = value_key(left), value_key(right)
    return (first > second) - (first < second)


def _and(name: str, argument: Any, scope: Scope) -> Expression:
    items = compile_operands(argument, scope)
    return lambda env: all(truth(item(env)) for item in items)


def _or(name: str, argument: Any, scope: Scope) -> Expression:
    items = compile_operands(argument, scope)
    return lambda env: any(truth(item(env)) for item in items)


def _cond(name: str, argument: Any, scope: Scope) -> Expression:
    if isinstance(argument, Mapping):
        named = _cond_arguments(argument)
        parts = [compile_in(named[key], scope) for key in ("if", "then", "else")]
    else:
        parts = compile_operands(argument, scope)
        if len(parts) != 3:
            raise MongoError(
                16020,
                f"Expression $cond takes exactly 3 arguments. {len(parts)} were passed in.",
            )
    test, then, otherwise = parts
    return lambda env: then(env) if truth(test(env)) else otherwise(env)


def _cond_arguments(argument: Mapping[str, Any]) -> Mapping[str, Any]:
    for key in argument:
        if key not in ("if", "then", "else"):
            raise MongoError(17083, f"Unrecognized parameter to $cond: {key}")
    for key, code in (("if", 17080), ("then", 17081), ("else", 17082)):
        if key not in argument:
            raise MongoError(code, f"Missing '{key}' parameter to $cond")
    return argument


def _if_null(name: str, argument: Any, scope: Scope) -> Expression:
    items = compile_operands(argument, scope)
    if len(items) < 2:
        raise MongoError(1257300, f"$ifNull needs at least two arguments, had: {len(items)}")
    *first, last = items

    def choose(env: Env) -> Any:
        for item in first:
            value = item(env)
            if value is not None and value is not MISSING:
                return value
        return last(env)

    return choose


def _switch(name: str, argument: Any, scope: Scope) -> Expression:
    if not isinstance(argument, Mapping):
        raise MongoError(40060, "$switch requires an object as an argument, found: not an object")
    for key in argument:
        if key not in ("branches", "default"):
            raise MongoError(40067, f"$switch found an unknown argument: {key}")
    written = argument.get("branches")
    if "branches" in argument and not isinstance(written, list):
        raise MongoError(40061, "$switch expected an array for 'branches'")
    if not written:
        raise MongoError(40068, "$switch requires at least one branch.")
    branches = [_branch(branch, scope) for branch in written]
    default = compile_in(argument["default"], scope) if "default" in argument else _no_branch

    def choose(env: Env) -> Any:
        for case, then in branches:
            if truth(case(env)):
                return then(env)
        return default(env)

    return choose


def _branch(branch: Any, scope: Scope) -> tuple[Expression, Expression]:
    if not isinstance(branch, Mapping):
        raise MongoError(40062, "$switch expected each branch to be an object")
    for key in branch:
        if key not in ("case", "then"):
            raise MongoError(40063, f"$switch found an unknown argument to a branch: {key}")
    for key, code in (("case", 40064), ("then", 40065)):
        if key not in branch:
            raise MongoError(code, f"$switch requires each branch have a '{key}' expression")
    return compile_in(branch["case"], scope), compile_in(branch["then"], scope)


def _no_branch(env: Env) -> Any:
    raise MongoError(
        40066,
        "$switch could not find a matching branch for an input, and no default was specified.",
    )


def _let(name: str, argument: Any, scope: Scope) -> Expression:
    named = Named(name, argument, ("vars", "in"), codes=(16874, 16875, 16876, 16877))
    if not isinstance(named.given["vars"], Mapping):
        raise MongoError(16874, "$let only supports an object as its 'vars' argument")
    for variable in named.given["vars"]:
        check_variable_name(variable)
    bound = [(key, compile_in(value, scope)) for key, value in named.given["vars"].items()]
    body = compile_in(named.given["in"], scope.binding(key for key, _ in bound))
    return lambda env: body({**env, **{key: value(env) for key, value in bound}})


OPERATORS: Final[Mapping[str, Builder]] = {
    "$eq": _comparing(lambda left, right: bool(left == right)),
    "$ne": _comparing(lambda left, right: bool(left != right)),
    "$gt": _comparing(lambda left, right: bool(left > right)),
    "$gte": _comparing(lambda left, right: bool(left >= right)),
    "$lt": _comparing(lambda left, right: bool(left < right)),
    "$lte": _comparing(lambda left, right: bool(left <= right)),
    "$cmp": fixed(_cmp, 2),
    "$and": _and,
    "$or": _or,
    "$not": fixed(lambda value: not truth(value), 1),
    "$cond": _cond,
    "$ifNull": _if_null,
    "$switch": _switch,
    "$let": _let,
}
