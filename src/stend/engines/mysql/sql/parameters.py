"""Parameters of prepared statements: each stands in the statement as the literal that it is."""

from collections.abc import Callable
from decimal import Decimal

from sqlglot import exp

from stend.engines.mysql.errors import MyError, MySqlError
from stend.engines.mysql.sql.expressions.translating import translate_expression
from stend.engines.mysql.sql.facts import Value
from stend.engines.mysql.sql.lexing import syntax_error
from stend.engines.mysql.sql.parsing import NUMBER
from stend.engines.mysql.sql.scope import Scope
from stend.engines.mysql.sql.typed import Coercibility, Constant, Typed
from stend.engines.mysql.sql.work import Work
from stend.engines.mysql.tables.types import Kind, SqlType


def placeholder_of(work: Work) -> Callable[[exp.Placeholder], Typed]:
    """What a scope needs to know of `?`."""

    def placeholder(node: exp.Placeholder) -> Typed:
        if NUMBER not in node.meta:
            raise syntax_error(work.text, len(work.text))
        return typed_value(work.parameters[node.meta[NUMBER]], work)

    return placeholder


def typed_value(value: Value, work: Work) -> Typed:
    """A value as the literal that means it."""
    if isinstance(value, bytes):
        return Typed(
            f"'\\x{value.hex()}'::bytea",
            SqlType(Kind.VARBINARY, length=len(value)),
            nullable=False,
            constant=Constant(value),
            coercibility=Coercibility.LITERAL,
        )
    return translate_expression(_literal(value), Scope(work.facts))


def _literal(value: int | Decimal | float | str | None) -> exp.Expression:
    if value is None:
        return exp.Null()
    if isinstance(value, str):
        return exp.Literal.string(value)
    if isinstance(value, float):
        if value != value or value in (float("inf"), float("-inf")):
            raise MySqlError(MyError.ER_DATA_OUT_OF_RANGE, "DOUBLE value is out of range")
        text = repr(value)
        text = text if "e" in text else f"{text}e0"
    elif isinstance(value, Decimal):
        text = f"{value:f}"
    else:
        text = str(value)
    if text.startswith("-"):
        return exp.Neg(this=exp.Literal.number(text[1:]))
    return exp.Literal.number(text)
