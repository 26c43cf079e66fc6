"""Rows of a SHOW, and the SELECT that gives them."""

from dataclasses import dataclass

from stend.engines.mysql.catalog.plans.expressions import parsed
from stend.engines.mysql.catalog.syntax.tokens import Tokens
from stend.engines.mysql.sql.expressions.translating import translate_expression
from stend.engines.mysql.sql.facts import Facts
from stend.engines.mysql.sql.scope import ColumnRef, Scope, Source
from stend.engines.mysql.sql.translated import OutputColumn, StatementKind, Translated
from stend.engines.mysql.sql.typed import as_condition
from stend.engines.mysql.tables.naming import literal, quoted
from stend.engines.mysql.tables.types import Kind, SqlType

TEXT = SqlType(Kind.VARCHAR, length=256)
LONG_TEXT = SqlType(Kind.LONGTEXT)
# Names of databases and tables: LIKE tells upper from lower case.
NAME = SqlType(Kind.VARCHAR, length=64, collation="utf8mb4_bin")
NUMBER = SqlType(Kind.BIGINT)
MOMENT = SqlType(Kind.DATETIME, precision=0)
_PG_TYPES = {Kind.BIGINT: "bigint", Kind.DATETIME: "timestamp(0)"}
_PLACE = '"#place"'


@dataclass(frozen=True, slots=True)
class Asked:
    """A cell that PostgreSQL computes when it is asked."""

    sql: str


Cell = str | int | None | Asked


@dataclass(frozen=True, slots=True)
class Shown:
    """
    Attributes:
        columns: with their types, by name.
        like: the column that LIKE is about.
    """

    columns: dict[str, SqlType]
    rows: list[list[Cell]]
    like: str | None = None


def read_filter(tokens: Tokens, shown: Shown) -> str | None:
    """LIKE or WHERE, which end the statement, as an expression; None where there is neither."""
    condition = None
    if shown.like is not None and tokens.accept("LIKE"):
        pattern = tokens.peek.text
        tokens.string()
        condition = f"`{shown.like}` LIKE {pattern}"
    elif tokens.accept("WHERE"):
        condition = tokens.rest()
    tokens.expect_end()
    return condition


def selected(shown: Shown, condition: str | None, facts: Facts) -> Translated:
    """
    Raises:
        MySqlError: the condition cannot be translated.
    """
    names = [quoted(name.lower()) for name in shown.columns]
    rows = _rows(shown, names)
    sql = " ".join((f"SELECT {', '.join(names)}", f"FROM ({rows}) AS shown"))
    if condition is not None:
        sql += f" WHERE {_condition(shown, condition, facts)}"
    outputs = tuple(OutputColumn(name, type_) for name, type_ in shown.columns.items())
    return Translated(StatementKind.SELECT, f"{sql} ORDER BY {_PLACE}", columns=outputs)


def _rows(shown: Shown, names: list[str]) -> str:
    types = list(shown.columns.values())
    if not shown.rows:
        nothing = ", ".join(
            f"NULL::{_pg_type(type_)} AS {name}" for name, type_ in zip(names, types, strict=True)
        )
        return f"SELECT 0 AS {_PLACE}, {nothing} WHERE false"
    lines = (
        f"SELECT {place}, {', '.join(map(_cell, row, types))}"
        for place, row in enumerate(shown.rows)
    )
    listed = ", ".join((_PLACE, *names))
    return " ".join(("SELECT *", f"FROM ({' UNION ALL '.join(lines)}) AS told({listed})"))


def _pg_type(type_: SqlType) -> str:
    return _PG_TYPES.get(type_.kind, "text")


def _cell(cell: Cell, type_: SqlType) -> str:
    if isinstance(cell, Asked):
        return f"({cell.sql})::{_pg_type(type_)}"
    return f"{'NULL' if cell is None else literal(str(cell))}::{_pg_type(type_)}"


def _condition(shown: Shown, condition: str, facts: Facts) -> str:
    known = {
        name.lower(): ColumnRef(quoted(name.lower()), type_)
        for name, type_ in shown.columns.items()
    }
    scope = Scope(facts=facts, sources=(Source("", known),), clause="where clause")
    return as_condition(translate_expression(parsed(condition), scope))
