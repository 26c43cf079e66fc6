"""The rows of INSERT: each with a value for every column of the table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlglot import exp

from stend.engines.mysql.errors import MyError, MySqlError, not_supported
from stend.engines.mysql.sql.expressions.assigning import assigned
from stend.engines.mysql.sql.expressions.marks import MARK
from stend.engines.mysql.sql.expressions.translating import translate_expression
from stend.engines.mysql.sql.scope import ColumnRef, Scope, Source
from stend.engines.mysql.sql.selecting import base_scope
from stend.engines.mysql.sql.targets import (
    Target,
    cast,
    column_of,
    default_sql,
    generated_refusal,
    is_default,
    stored,
)
from stend.engines.mysql.sql.typed import Typed, as_value, quoted_text
from stend.engines.mysql.sql.work import Env, Selected, once
from stend.engines.mysql.sql.wrapping import seen_from_outside
from stend.engines.mysql.tables.model import Column, Table
from stend.engines.mysql.tables.naming import counter

# Stands for a number that the counter of the table is to give.
NEW = "new"
_ROW = frozenset({"ROW", f"{MARK}ROW".upper()})
_GIVEN, _UNKNOWN = "given", "unknown"


@dataclass(frozen=True, slots=True)
class Row:
    """
    Attributes:
        values: by the names of columns in PostgreSQL; NEW for a new number.
        nulls: columns that are NULL for sure.
        numbers: of the AUTO_INCREMENT column: NEW, `given`, or `unknown` where PostgreSQL is to
            look; None where there is no such column.
    """

    values: Mapping[str, str]
    nulls: frozenset[str] = frozenset()
    numbers: str | None = None

    def inserted(self, target: Target) -> list[str]:
        """The values, with what gives new numbers or keeps the counter ahead of given ones."""
        column = target.table.auto_increment
        values = dict(self.values)
        if column is not None:
            values[column.pg_name] = self.number(target)
        return list(values.values())

    def number(self, target: Target) -> str:
        column = target.table.auto_increment
        if column is None:
            raise LookupError("no AUTO_INCREMENT column")
        value = self.values[column.pg_name]
        given = "NULL" if value == NEW else f"({value})::numeric"
        name = quoted_text(counter(target.table.name))
        return cast(f"my.counted({name}, {given})", column)


def given_columns(table: Table, schema: exp.Expression | None) -> list[Column]:
    """The columns that an INSERT names, or all.

    Raises:
        MySqlError: one is unknown, or named twice.
    """
    if schema is None:
        return list(table.columns)
    columns = []
    for one in schema.expressions:
        if not isinstance(one, exp.Identifier):
            raise not_supported("A qualified column in the list of INSERT")
        columns.append(column_of(table, one.name))
    once(
        [column.name for column in columns],
        MyError.ER_FIELD_SPECIFIED_TWICE,
        lambda name: f"Column '{name}' specified twice",
    )
    return columns


class InsertRows:
    def __init__(self, target: Target, columns: Sequence[Column], env: Env) -> None:
        self._target = target
        self._columns = columns
        self._env = env
        table = target.table
        self._scope = base_scope(replace(env, forbidden=frozenset((table.name,))), None)

    def rows(self, source: exp.Values) -> list[Row]:
        """
        Raises:
            MySqlError: a row has too many or too few values, or one that does not fit.
        """
        rows = []
        for number, tuple_ in enumerate(source.expressions, 1):
            nodes = _cells(tuple_)
            if len(nodes) != len(self._columns) and (nodes or number > 1):
                raise MySqlError(
                    MyError.ER_WRONG_VALUE_COUNT_ON_ROW,
                    f"Column count doesn't match value count at row {number}",
                )
            rows.append(self._row(nodes))
        return rows

    def _row(self, nodes: Sequence[exp.Expression]) -> Row:
        """Without any values, all are defaults."""
        values: dict[str, str] = {}
        nulls: set[str] = set()
        numbers: str | None = None
        columns = self._columns if nodes else ()
        scope = self._scope
        for column, node in zip(columns, nodes, strict=True):
            if column.generated_sql is not None:
                if not is_default(node):
                    raise generated_refusal(column, self._target.table)
                continue
            if is_default(node):
                values[column.pg_name] = NEW if column.auto_increment else self._default(column)
                numbers = NEW if column.auto_increment else numbers
                continue
            typed = translate_expression(node, scope)
            if typed.constant is not None and typed.constant.value is None:
                nulls.add(column.pg_name)
            if column.auto_increment:
                numbers = _number(typed)
            value = NEW if column.auto_increment and numbers == NEW else self._stored(typed, column)
            values[column.pg_name] = value
            scope = self._seeing(scope, column, value)
        return self._filled(values, nulls, numbers)

    def _seeing(self, scope: Scope, column: Column, value: str) -> Scope:
        """Later values of the row may name the columns before them."""
        if value == NEW:
            return scope
        before = scope.sources[0].columns if scope.sources else {}
        ref = ColumnRef(value, column.type, column.nullable)
        known = {**before, column.pg_name: ref}
        database = self._target.table.name.database
        return replace(scope, sources=(Source(self._target.alias, known, database),))

    def _stored(self, typed: Typed, column: Column) -> str:
        return stored(typed, column, self._env.work)

    def _default(self, column: Column) -> str:
        return default_sql(column, self._env.work)

    def _filled(self, values: dict[str, str], nulls: set[str], numbers: str | None) -> Row:
        """In the order of the table, with the defaults of columns that were not given."""
        whole: dict[str, str] = {}
        for column in self._target.table.columns:
            if column.generated_sql is not None:
                continue
            if column.pg_name in values:
                whole[column.pg_name] = values[column.pg_name]
            elif column.auto_increment:
                whole[column.pg_name], numbers = NEW, NEW
            else:
                whole[column.pg_name] = self._default(column)
        return Row(whole, frozenset(nulls), numbers)

    def of_query(self, selected: Selected) -> tuple[Row, str]:
        """
        Returns:
            The row in terms of the query's columns, and the query for FROM.

        Raises:
            MySqlError: ER_WRONG_VALUE_COUNT_ON_ROW.
        """
        if len(selected.outputs) != len(self._columns):
            raise MySqlError(
                MyError.ER_WRONG_VALUE_COUNT_ON_ROW,
                "Column count doesn't match value count at row 1",
            )
        alias = self._env.work.alias()
        values: dict[str, str] = {}
        numbers: str | None = None
        outputs = seen_from_outside(selected.outputs, alias)
        for column, output in zip(self._columns, outputs, strict=True):
            if column.generated_sql is not None:
                raise generated_refusal(column, self._target.table)
            values[column.pg_name] = cast(
                assigned(as_value(output.typed), column, self._env.facts), column
            )
            if column.auto_increment:
                numbers = _UNKNOWN
        return self._filled(values, set(), numbers), f"({selected.sql}) AS {alias}"


def _cells(tuple_: exp.Expression) -> list[exp.Expression]:
    """The values of a row: in parentheses, or ROW(…)."""
    cells = list(tuple_.expressions)
    inner = cells[0] if len(cells) == 1 else None
    if isinstance(inner, exp.Anonymous) and str(inner.this).upper() in _ROW:
        return list(inner.expressions)
    return cells


def _number(typed: Typed) -> str:
    value = typed.constant.value if typed.constant is not None else _UNKNOWN
    if value is None or (isinstance(value, int) and value == 0):
        return NEW
    return _GIVEN if isinstance(value, int) else _UNKNOWN
