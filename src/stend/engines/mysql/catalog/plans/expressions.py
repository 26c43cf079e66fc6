"""Expressions of CHECK, DEFAULT and generated columns, for PostgreSQL and as they are shown."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlglot import exp

from stend.engines.mysql.catalog.printing import printed
from stend.engines.mysql.errors import MyError, MySqlError, not_supported
from stend.engines.mysql.sql.expressions.assigning import assigned
from stend.engines.mysql.sql.expressions.calls import MARK
from stend.engines.mysql.sql.expressions.translating import translate_expression
from stend.engines.mysql.sql.facts import Facts
from stend.engines.mysql.sql.lexing import Source as Text
from stend.engines.mysql.sql.parsing import parse
from stend.engines.mysql.sql.scope import ColumnRef, Scope, Source
from stend.engines.mysql.sql.typed import Typed, as_condition, as_value
from stend.engines.mysql.tables.layout import pg_type
from stend.engines.mysql.tables.model import Column
from stend.engines.mysql.tables.naming import quoted

# What gives another value each time it is asked.
_VOLATILE = frozenset({"rand", "uuid", "uuid_short", "sleep", "random_bytes", "get_lock"})
_LONG_AFTER = timedelta(days=12345, seconds=6789)


@dataclass(frozen=True, slots=True)
class Expression:
    """
    Attributes:
        pg: for PostgreSQL.
        shown: as MySQL shows it, in parentheses where it is no single word.
        columns: that it names, in lower case.
        is_volatile: it gives another value each time.
        is_of_session: what it gives depends on the moment or on who asks.
    """

    typed: Typed
    shown: str
    columns: frozenset[str]
    is_volatile: bool
    is_of_session: bool


def read_expression(text: str, columns: Iterable[Column], facts: Facts, what: str) -> Expression:
    """
    Args:
        text: the expression, without the parentheses around it.
        what: where it stands, as errors name it.

    Raises:
        MySqlError: as MySQL raises it, or a refusal.
    """
    node = parsed(text)
    scope = _scope(columns, facts, what)
    typed = as_value(translate_expression(node.copy(), scope))
    elsewhere = replace(scope, facts=_another(facts))
    other = as_value(translate_expression(node.copy(), elsewhere))
    calls = {str(one.this).removeprefix(MARK).lower() for one in node.find_all(exp.Anonymous)}
    return Expression(
        typed,
        printed(node, text),
        frozenset(one.name.lower() for one in node.find_all(exp.Column)),
        is_volatile=bool(calls & _VOLATILE),
        is_of_session=typed.sql != other.sql,
    )


def read_condition(text: str, columns: Iterable[Column], facts: Facts, what: str) -> Expression:
    """The same; `typed.sql` is a condition."""
    columns = tuple(columns)
    expression = read_expression(text, columns, facts, what)
    node = parsed(text)
    condition = as_condition(translate_expression(node, _scope(columns, facts, what)))
    return replace(expression, typed=replace(expression.typed, sql=condition))


def parsed(text: str) -> exp.Expression:
    """One expression.

    Raises:
        MySqlError: ER_PARSE_ERROR, or it is more than an expression.
    """
    query = f"SELECT {text}"
    node = parse(Text(query, query)).node
    if not isinstance(node, exp.Select) or len(node.expressions) != 1:
        raise not_supported(f"The expression {text}")
    if any(value for key, value in node.args.items() if key not in {"expressions", "kind"}):
        raise not_supported(f"The expression {text}")
    inner: exp.Expression = node.expressions[0]
    if isinstance(inner, exp.Alias | exp.Star):
        raise not_supported(f"The expression {text}")
    return inner


def _scope(columns: Iterable[Column], facts: Facts, what: str) -> Scope:
    known = {
        column.pg_name: ColumnRef(quoted(column.pg_name), column.type, column.nullable)
        for column in columns
    }
    return Scope(facts=facts, sources=(Source("", known),), clause=what)


def _another(facts: Facts) -> Facts:
    """Another session at another moment: what comes out otherwise there is no constant."""
    return replace(
        facts,
        database="another database",
        user="somebody@elsewhere",
        connection_id=facts.connection_id + 1,
        now=facts.now - _LONG_AFTER,
        time_zone="+11:45",
        utc_offset=timedelta(hours=11, minutes=45),
        last_insert_id=facts.last_insert_id + 1,
        row_count=facts.row_count + 1,
        user_variables={},
    )


def stored_sql(typed: Typed, column: Column, facts: Facts) -> str:
    """An expression as a value of a column.

    Raises:
        MySqlError: a value that no column of this type takes.
    """
    return f"CAST({assigned(typed, column, facts)} AS {pg_type(column.type)})"


def refuse_function(error: MyError, where: str) -> MySqlError:
    """What is raised where a function may not stand, since it tells something else each time."""
    return MySqlError(error, f"{where} contains a disallowed function.")
