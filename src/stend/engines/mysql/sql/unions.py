"""UNION, INTERSECT and EXCEPT; VALUES as a query."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

from stend.engines.mysql.errors import MyError, MySqlError, not_supported
from stend.engines.mysql.sql.expressions.marks import MARK
from stend.engines.mysql.sql.expressions.translating import translate_expression
from stend.engines.mysql.sql.expressions.unifying import converted, unified
from stend.engines.mysql.sql.joins import Translator
from stend.engines.mysql.sql.lexing import syntax_error
from stend.engines.mysql.sql.scope import Scope
from stend.engines.mysql.sql.typed import Typed, as_value
from stend.engines.mysql.sql.work import (
    Env,
    Output,
    Selected,
    Work,
    column_name,
    column_output,
    understood,
)
from stend.engines.mysql.sql.wrapping import aligned, around, first_of_each, key_of

_WORDS: dict[type[exp.Expression], str] = {
    exp.Union: "UNION",
    exp.Intersect: "INTERSECT",
    exp.Except: "EXCEPT",
}


@dataclass(frozen=True, slots=True)
class _Step:
    """`word` [ALL] `right`, applied to all that stands before it."""

    word: str
    is_distinct: bool
    right: exp.Expression


def set_operation(
    node: exp.SetOperation, env: Env, outer: Scope | None, translate: Translator
) -> Selected:
    """
    Raises:
        MySqlError: ER_WRONG_NUMBER_OF_COLUMNS_IN_SELECT; what the parts raise.
    """
    first, steps = _chain(node)
    parts = [
        _operand(one, env, outer, translate) for one in (first, *(step.right for step in steps))
    ]
    if len({len(part.outputs) for part in parts}) > 1:
        raise different_counts()
    columns = [
        _united([part.outputs[index] for part in parts]) for index in range(len(parts[0].outputs))
    ]
    types = [column.type for column in columns]
    sql = aligned(parts[0], types, env.work)
    for step, part in zip(steps, parts[1:], strict=True):
        sql = _applied(sql, step, aligned(part, types, env.work), columns, env.work)
    return around(Selected(sql, tuple(columns)), node, env)


def different_counts() -> MySqlError:
    return MySqlError(
        MyError.ER_WRONG_NUMBER_OF_COLUMNS_IN_SELECT,
        "The used SELECT statements have a different number of columns",
    )


def _chain(node: exp.SetOperation) -> tuple[exp.Expression, list[_Step]]:
    steps: list[_Step] = []
    left: exp.Expression = node
    while isinstance(left, exp.SetOperation):
        allowed = ("order", "limit", "offset", "with_") if left is node else ()
        understood(left, "this", "expression", "distinct", *allowed)
        is_distinct = bool(left.args.get("distinct"))
        steps.append(_Step(_WORDS[type(left)], is_distinct, left.args["expression"]))
        left = left.args["this"]
    steps.reverse()
    return left, steps


def _operand(
    node: exp.Expression, env: Env, outer: Scope | None, translate: Translator
) -> Selected:
    has_tail = any(node.args.get(one) for one in ("order", "limit", "offset", "locks"))
    if isinstance(node, exp.Select) and has_tail:
        raise syntax_error(env.work.text, len(env.work.text))
    return translate(node, env, outer)


def _united(outputs: Sequence[Output]) -> Output:
    """One column of the whole; it is called as in the first query."""
    typed = [output.typed for output in outputs]
    type_ = unified(typed)
    nullable = any(one.nullable for one in typed)
    coercibility = min(one.coercibility for one in typed)
    united = Typed("", type_, nullable=nullable, coercibility=coercibility)
    return column_output(outputs[0].name, united)


def _applied(left: str, step: _Step, right: str, columns: Sequence[Output], work: Work) -> str:
    if not any(column.type.is_text for column in columns):
        all_ = "" if step.is_distinct else " ALL"
        return f"({left}) {step.word}{all_} ({right})"
    if step.word == "UNION":
        both = f"({left}) UNION ALL ({right})"
        return first_of_each(both, columns, work) if step.is_distinct else both
    if not step.is_distinct:
        raise not_supported(f"{step.word} ALL of texts")
    one, other = work.alias(), work.alias()
    same = " AND ".join(
        f"{key_of(column, index, one)} IS NOT DISTINCT FROM {key_of(column, index, other)}"
        for index, column in enumerate(columns)
    )
    word = "EXISTS" if step.word == "INTERSECT" else "NOT EXISTS"
    rows = (
        f"SELECT * FROM ({left}) AS {one} "  # noqa: S608
        f"WHERE {word} (SELECT 1 FROM ({right}) AS {other} WHERE {same})"
    )
    return first_of_each(rows, columns, work)


def values_query(node: exp.Values, env: Env, scope: Scope) -> Selected:
    """VALUES ROW(…), ROW(…)."""
    understood(node, "expressions", "order", "limit", "offset")
    rows = [
        [translate_expression(one, scope) for one in _row(row, env)] for row in node.expressions
    ]
    if len({len(row) for row in rows}) != 1:
        raise MySqlError(
            MyError.ER_WRONG_VALUE_COUNT_ON_ROW, "Column count doesn't match value count at row 2"
        )
    outputs = []
    for index in range(len(rows[0])):
        values = [as_value(row[index]) for row in rows]
        type_ = unified(values)
        for row, value in zip(rows, values, strict=True):
            row[index] = converted(value, type_, env.facts)
        nullable = any(value.nullable for value in values)
        outputs.append(column_output(f"column_{index}", Typed("", type_, nullable=nullable)))
    listed = ", ".join(f"({', '.join(one.sql for one in row)})" for row in rows)
    names = ", ".join(column_name(index) for index in range(len(outputs)))
    sql = f"SELECT {names} FROM (VALUES {listed}) AS {env.work.alias()} ({names})"  # noqa: S608
    return around(Selected(sql, tuple(outputs)), node, env)


def _row(row: exp.Expression, env: Env) -> list[exp.Expression]:
    inner = row.expressions[0] if isinstance(row, exp.Tuple) and row.expressions else None
    is_row = isinstance(inner, exp.Anonymous) and len(row.expressions) == 1
    if not is_row or str(inner.this).upper() not in ("ROW", f"{MARK}ROW".upper()):  # type: ignore[union-attr]
        raise syntax_error(env.work.text, len(env.work.text))
    return list(inner.expressions)  # type: ignore[union-attr]
