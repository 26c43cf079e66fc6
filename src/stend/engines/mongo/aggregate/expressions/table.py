"""All operators of expressions, and the two ways in: with a scope, and from a context."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import chain
from typing import Any, Final

from stend.engines.mongo.aggregate.expressions import (
    arithmetic,
    arrays,
    conversion,
    date_arithmetic,
    date_text,
    dates,
    folding,
    hashing,
    iteration,
    logic,
    objects,
    regexes,
    rounding,
    sets,
    strings,
    trigonometry,
)
from stend.engines.mongo.aggregate.expressions.compiling import compile_in
from stend.engines.mongo.aggregate.expressions.scope import Builder, Expression, Scope
from stend.engines.mongo.query.context import Context

_TABLES: Final = (
    arithmetic.OPERATORS,
    arrays.OPERATORS,
    conversion.OPERATORS,
    date_arithmetic.OPERATORS,
    date_text.OPERATORS,
    dates.OPERATORS,
    folding.OPERATORS,
    hashing.OPERATORS,
    iteration.OPERATORS,
    logic.OPERATORS,
    objects.OPERATORS,
    regexes.OPERATORS,
    rounding.OPERATORS,
    sets.OPERATORS,
    strings.OPERATORS,
    trigonometry.OPERATORS,
)
OPERATORS: Final[Mapping[str, Builder]] = dict(chain.from_iterable(t.items() for t in _TABLES))


def scope_of(context: Context) -> Scope:
    """The outermost scope of a command."""
    return Scope(context, OPERATORS, frozenset())


def compile_expression(spec: Any, scope: Scope) -> Expression:
    """The function that computes an expression from the variables in scope.

    Args:
        spec: as a client writes it.
        scope: from `scope_of`, or with more variables.

    Raises:
        MongoError: the expression is none that MongoDB takes.
    """
    return compile_in(spec, scope)


def evaluator(spec: Any, context: Context) -> Callable[[Mapping[str, Any]], Any]:
    """The function that computes an expression from a document; MISSING where it has no value."""
    scope = scope_of(context)
    expression, environment = compile_in(spec, scope), scope.environment()
    return lambda document: expression(environment(document))


def with_expressions(context: Context) -> Context:
    """The same context, in which filters may hold $expr."""
    return replace(context, compile_expression=evaluator)
