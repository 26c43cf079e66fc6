"""Parameters of prepared statements: each stands in the statement as the literal that it is."""

from collections.abc import Callable
from math import isfinite

from sqlglot import exp

from stend.engines.mysql.errors import MyError, MySqlError
from stend.engines.mysql.sql.expressions.literals import value_literal
from stend.engines.mysql.sql.lexing import syntax_error
from stend.engines.mysql.sql.parsing import NUMBER
from stend.engines.mysql.sql.typed import Typed
from stend.engines.mysql.sql.work import Work


def placeholder_of(work: Work) -> Callable[[exp.Placeholder], Typed]:
    """What a scope needs to know of `?`."""

    def placeholder(node: exp.Placeholder) -> Typed:
        if NUMBER not in node.meta:
            raise syntax_error(work.text, len(work.text))
        value = work.parameters[node.meta[NUMBER]]
        if isinstance(value, float) and not isfinite(value):
            raise MySqlError(MyError.ER_DATA_OUT_OF_RANGE, "DOUBLE value is out of range")
        return value_literal(value)

    return placeholder
