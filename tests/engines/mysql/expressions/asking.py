"""A MySQL expression, translated and run on PostgreSQL, as the text that a client gets."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

import psycopg
from sqlglot import exp
from sqlglot.dialects.mysql import MySQL

from stend.engines.mysql.sql.expressions.calls import with_marked_calls
from stend.engines.mysql.sql.expressions.conversions import to_text
from stend.engines.mysql.sql.expressions.translating import translate_expression
from stend.engines.mysql.sql.facts import Facts
from stend.engines.mysql.sql.scope import Scope
from stend.engines.mysql.sql.typed import Typed, as_value
from stend.engines.mysql.tables.types import BYTES, Kind, SqlType

FACTS = Facts(
    database="shop",
    user="root@localhost",
    connection_id=7,
    version="8.4.0-stend",
    now=datetime(2024, 2, 29, 12, 34, 56, 789012, tzinfo=UTC),
    last_insert_id=42,
    user_variables={"x": 5, "name": "Ёж", "d": Decimal("1.50"), "nothing": None},
    system_variables={"autocommit": 1, "sql_mode": "STRICT_TRANS_TABLES"},
    global_variables={"max_connections": 100},
)
_MYSQL = MySQL()

Ask = Callable[[str], str | None]


def parsed(expression: str) -> exp.Expression:
    """The one item of a SELECT without FROM."""
    text = f"SELECT {expression}"
    trees = _MYSQL.parser().parse(with_marked_calls(_MYSQL.tokenize(text)), text)
    tree = trees[0]
    assert tree is not None
    item = tree.args["expressions"][0]
    assert isinstance(item, exp.Expression)
    return item


def translated(expression: str, scope: Scope | None = None) -> Typed:
    return translate_expression(
        parsed(expression), scope or Scope(FACTS, allows_aggregates=True, allows_windows=True)
    )


def shown(typed: Typed) -> str:
    """The SQL of the value as a text; of bytes, their hexadecimal digits."""
    value = as_value(typed)
    if value.type.kind in BYTES:
        return f"upper(encode({value.sql}, 'hex'))"
    return to_text(value, FACTS)


def answered(connection: psycopg.Connection, expression: str) -> str | None:
    """What the expression gives without any table."""
    row = connection.execute(f"SELECT {shown(translated(expression))}".encode()).fetchone()
    assert row is not None
    value = row[0]
    assert value is None or isinstance(value, str)
    return value


def described(type_: SqlType) -> str:
    """A type in the words of the table of expected ones."""
    name = type_.kind.value + (" unsigned" if type_.unsigned else "")
    if type_.kind is Kind.DECIMAL:
        return f"{name}({type_.precision},{type_.scale})"
    if type_.kind in (Kind.DATETIME, Kind.TIME, Kind.TIMESTAMP):
        return f"{name}({type_.precision or 0})"
    if type_.kind is Kind.DOUBLE and type_.scale is not None:
        return f"{name}(,{type_.scale})"
    return name


def unescaped(text: str) -> str | None:
    """A value of the tables: `\\N` is NULL."""
    if text == r"\N":
        return None
    for written, meant in ((r"\\", "\0"), (r"\n", "\n"), (r"\t", "\t"), (r"\p", "|")):
        text = text.replace(written, meant)
    return text.replace("\0", "\\")
