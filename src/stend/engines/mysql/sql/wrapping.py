"""A query of PostgreSQL around another one."""

from collections.abc import Sequence
from dataclasses import replace

from sqlglot import exp

from stend.engines.mysql.sql.expressions.unifying import converted
from stend.engines.mysql.sql.ordering import limited, order_by
from stend.engines.mysql.sql.parameters import placeholder_of
from stend.engines.mysql.sql.scope import Scope
from stend.engines.mysql.sql.typed import compared
from stend.engines.mysql.sql.work import Env, Output, Selected, Work, column_name, from_outside
from stend.engines.mysql.tables.types import SqlType

_PLACE = "n"


def listed(outputs: Sequence[Output]) -> str:
    """The items of a SELECT of PostgreSQL."""
    return ", ".join(
        f"{output.typed.sql} AS {column_name(index)}" for index, output in enumerate(outputs)
    )


def seen_from_outside(outputs: Sequence[Output], alias: str) -> tuple[Output, ...]:
    """The columns of a query that is called `alias` in PostgreSQL."""
    return tuple(
        replace(output, typed=from_outside(f"{alias}.{column_name(index)}", output))
        for index, output in enumerate(outputs)
    )


def around(selected: Selected, node: exp.Expression, env: Env) -> Selected:
    """A query's rows, ordered and limited by what stands behind it."""
    if not any(node.args.get(one) for one in ("order", "limit", "offset")):
        return selected
    alias = env.work.alias()
    outputs = seen_from_outside(selected.outputs, alias)
    scope = Scope(env.facts, placeholder=placeholder_of(env.work))
    order = order_by(node.args.get("order"), outputs, lambda _: scope, env.work)
    sql = f"SELECT {listed(outputs)} FROM ({selected.sql}) AS {alias}{order}"  # noqa: S608
    return Selected(sql + limited(node, env.work), outputs)


def aligned(selected: Selected, types: Sequence[SqlType], work: Work) -> str:
    """The query with its columns as those types."""
    if all(one.type == type_ for one, type_ in zip(selected.outputs, types, strict=True)):
        return selected.sql
    alias = work.alias()
    outputs = [
        replace(output, typed=converted(output.typed, type_, work.facts))
        for output, type_ in zip(seen_from_outside(selected.outputs, alias), types, strict=True)
    ]
    return f"SELECT {listed(outputs)} FROM ({selected.sql}) AS {alias}"  # noqa: S608


def key_of(column: Output, index: int, alias: str) -> str:
    """By what the values of a query's column are the same or not."""
    return compared(replace(column.typed, sql=f"{alias}.{column_name(index)}"))


def first_of_each(sql: str, columns: Sequence[Output], work: Work) -> str:
    """Of rows that are the same by their weights the first one, in the order that they came."""
    rows, numbered, found = work.alias(), work.alias(), work.alias()
    names = ", ".join(column_name(index) for index in range(len(columns)))
    keys = ", ".join(key_of(column, index, numbered) for index, column in enumerate(columns))
    return (
        f"SELECT {names} FROM (SELECT DISTINCT ON ({keys}) * FROM "  # noqa: S608
        f"(SELECT *, row_number() OVER () AS {_PLACE} FROM ({sql}) AS {rows}) AS {numbered} "
        f"ORDER BY {keys}, {_PLACE}) AS {found} ORDER BY {_PLACE}"
    )
