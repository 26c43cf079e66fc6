"""How operators take their arguments: a list of so many, or an object of names."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from stend.engines.mongo.aggregate.expressions.compiling import compile_in
from stend.engines.mongo.aggregate.expressions.scope import Builder, Env, Expression, Scope
from stend.engines.mongo.errors import MongoError

Function = Callable[..., Any]


def operands(argument: Any) -> list[Any]:
    """An argument that is no list is a list of one."""
    return argument if isinstance(argument, list) else [argument]


def compile_operands(argument: Any, scope: Scope) -> list[Expression]:
    # Without a frame of its own for each level of a deep expression.
    return list(map(partial(compile_in, scope=scope), operands(argument)))


def fixed(function: Function, count: int) -> Builder:
    """An operator of so many arguments, computed from their values.

    Args:
        function: takes the values; what a document does not have arrives as MISSING.
        count: how many arguments there must be.
    """

    def build(name: str, argument: Any, scope: Scope) -> Expression:
        given = compile_operands(argument, scope)
        if len(given) != count:
            raise _wrong_count(name, count, len(given))
        return _call(function, given)

    return build


def ranged(function: Function, least: int, most: int) -> Builder:
    """An operator of `least` to `most` arguments."""

    def build(name: str, argument: Any, scope: Scope) -> Expression:
        given = compile_operands(argument, scope)
        if not least <= len(given) <= most:
            raise MongoError(
                28667,
                f"Expression {name} takes at least {least} arguments, and at most {most}, "
                f"but {len(given)} were passed in.",
            )
        return _call(function, given)

    return build


def variadic(function: Function) -> Builder:
    """An operator of any number of arguments: its function takes an iterator of values, so that
    what comes after a null is not computed."""

    def build(name: str, argument: Any, scope: Scope) -> Expression:
        given = compile_operands(argument, scope)
        return lambda env: function(item(env) for item in given)

    return build


def named_by(function: Callable[..., Any], count: int) -> Builder:
    """As `fixed`, for a function that takes the operator's name first: it stands in errors."""

    def build(name: str, argument: Any, scope: Scope) -> Expression:
        given = compile_operands(argument, scope)
        if len(given) != count:
            raise _wrong_count(name, count, len(given))
        return _call(lambda *values: function(name, *values), given)

    return build


def _wrong_count(name: str, count: int, given: int) -> MongoError:
    return MongoError(
        16020, f"Expression {name} takes exactly {count} arguments. {given} were passed in."
    )


def _call(function: Function, given: Sequence[Expression]) -> Expression:
    if len(given) == 1:
        (only,) = given
        return lambda env: function(only(env))
    if len(given) == 2:
        left, right = given
        return lambda env: function(left(env), right(env))

    def call(env: Env) -> Any:
        return function(*[item(env) for item in given])

    return call


class Named:
    """The arguments of an operator that takes an object.

    Args:
        name: the operator.
        argument: what was written.
        required: names that must be there.
        optional: names that may be.
        codes: of the errors for no object, an unknown name, and each missing name that is
            required; the last one stands for the rest.
    """

    def __init__(
        self,
        name: str,
        argument: Any,
        required: Sequence[str],
        optional: Sequence[str] = (),
        *,
        codes: tuple[int, ...],
    ) -> None:
        if not isinstance(argument, Mapping):
            raise MongoError(codes[0], f"{name} only supports an object as its argument")
        for key in argument:
            if key not in required and key not in optional:
                raise MongoError(codes[1], f"Unrecognized argument to {name}: {key}")
        for number, key in enumerate(required, 2):
            if key not in argument:
                code = codes[min(number, len(codes) - 1)]
                raise MongoError(code, f"Missing '{key}' parameter to {name}")
        self.given = argument

    def __contains__(self, key: str) -> bool:
        return key in self.given

    def compiled(self, key: str, scope: Scope) -> Expression:
        return compile_in(self.given[key], scope)

    def maybe(self, key: str, scope: Scope) -> Expression | None:
        """The expression of an optional argument, None when it is not given."""
        return compile_in(self.given[key], scope) if key in self.given else None
