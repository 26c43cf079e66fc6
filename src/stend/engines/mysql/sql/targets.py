"""Tables whose rows a statement changes."""

from dataclasses import dataclass

from sqlglot import exp

from stend.engines.mysql.errors import MyError, MySqlError, not_supported
from stend.engines.mysql.sql.expressions.assigning import assigned
from stend.engines.mysql.sql.expressions.translating import translate_expression
from stend.engines.mysql.sql.lexing import Source as Text
from stend.engines.mysql.sql.parsing import parse
from stend.engines.mysql.sql.scope import Scope
from stend.engines.mysql.sql.tables import find_table, named
from stend.engines.mysql.sql.typed import Typed, as_value, quoted_text
from stend.engines.mysql.sql.work import Work
from stend.engines.mysql.tables.layout import pg_type
from stend.engines.mysql.tables.model import Column, ForeignKey, Key, Table
from stend.engines.mysql.tables.naming import INFORMATION_SCHEMA, quoted, relation, weighed
from stend.engines.mysql.tables.types import Kind


@dataclass(frozen=True, slots=True)
class Target:
    """
    Attributes:
        alias: as the statement names it.
        pg_alias: as PostgreSQL names it, in quotes.
    """

    table: Table
    alias: str
    pg_alias: str

    @property
    def relation(self) -> str:
        return relation(self.table.name)

    def sql(self, column: Column) -> str:
        """A column of the target, as PostgreSQL names it."""
        return f"{self.pg_alias}.{quoted(column.pg_name)}"

    @property
    def number(self) -> str:
        """The AUTO_INCREMENT column for RETURNING, or NULL."""
        column = self.table.auto_increment
        return "NULL::numeric" if column is None else f"{self.sql(column)}::numeric"


def target_of(node: exp.Expression, work: Work, verb: str) -> Table:
    """
    Raises:
        MySqlError: the table is unknown, or its rows cannot be changed.
    """
    if not isinstance(node, exp.Table):
        raise not_supported(f"{verb} of anything but a table")
    name = named(node, work)
    if name.database == INFORMATION_SCHEMA:
        raise MySqlError(
            MyError.ER_DBACCESS_DENIED_ERROR,
            f"Access denied for user '{work.facts.user}' to database '{INFORMATION_SCHEMA}'",
        )
    table = find_table(name, work)
    if table.view_sql is not None:
        raise not_supported(f"{verb} of a view")
    return table


def column_of(table: Table, name: str) -> Column:
    """
    Raises:
        MySqlError: ER_BAD_FIELD_ERROR.
    """
    column = table.column(name)
    if column is None:
        raise MySqlError(MyError.ER_BAD_FIELD_ERROR, f"Unknown column '{name}' in 'field list'")
    return column


def stored(typed: Typed, column: Column, work: Work) -> str:
    """A value as the column keeps it, of the column's type in PostgreSQL."""
    return cast(assigned(typed, column, work.facts), column)


def cast(sql: str, column: Column) -> str:
    return f"CAST({sql} AS {pg_type(column.type)})"


def default_sql(column: Column, work: Work) -> str:
    """What DEFAULT means for a column.

    Raises:
        MySqlError: ER_NO_DEFAULT_FOR_FIELD.
    """
    if column.auto_increment:
        raise not_supported("DEFAULT for an AUTO_INCREMENT column of a row that is there")
    if column.default_pg is not None:
        return cast(column.default_pg, column)
    if column.default_sql is not None and column.default_sql.startswith("CURRENT_TIMESTAMP"):
        return now_sql(column, work)
    if column.default_sql is not None and column.default_sql.startswith("("):
        return stored(_of_session(column.default_sql, work), column, work)
    if column.nullable:
        return f"NULL::{pg_type(column.type)}"
    if column.type.kind is Kind.ENUM:
        return quoted_text(column.type.members[0])
    raise MySqlError(
        MyError.ER_NO_DEFAULT_FOR_FIELD, f"Field '{column.name}' doesn't have a default value"
    )


def _of_session(expression: str, work: Work) -> Typed:
    """DEFAULT (…) that depends on the session or its moment, such as (NOW())."""
    query = f"SELECT {expression}"
    node = parse(Text(query, query)).node
    return as_value(translate_expression(node.expressions[0], Scope(work.facts)))


def now_sql(column: Column, work: Work) -> str:
    """The statement's moment as the column keeps it."""
    digits = exp.Literal.number(column.type.precision or 0)
    typed = translate_expression(exp.CurrentTimestamp(this=digits), Scope(work.facts))
    return stored(typed, column, work)


def is_default(node: exp.Expression) -> bool:
    """Whether it is the word DEFAULT."""
    if isinstance(node, exp.Var):
        return str(node.this).upper() == "DEFAULT"
    name = node.this if isinstance(node, exp.Column) and not node.table else None
    return isinstance(name, exp.Identifier) and not name.quoted and name.name.upper() == "DEFAULT"


def generated_refusal(column: Column, table: Table) -> MySqlError:
    """A value for a generated column."""
    return MySqlError(
        MyError.ER_NON_DEFAULT_VALUE_FOR_GENERATED_COLUMN,
        f"The value specified for generated column '{column.name}' in table "
        f"'{table.name.table}' is not allowed.",
    )


def unique_keys(table: Table) -> list[Key]:
    """In the order in which MySQL looks for duplicates."""
    keys = [key for key in table.keys if key.is_primary]
    return keys + [key for key in table.keys if key.unique and not key.is_primary]


def keys_to_itself(table: Table) -> list[ForeignKey]:
    """Those by which rows keep others of the same table from going: their order counts then."""
    return [
        key
        for key in table.foreign_keys
        if key.target == table.name and key.on_delete in ("NO ACTION", "RESTRICT")
    ]


def kept_by_itself(target: Target) -> str:
    """Holds of a row that goes; fails where it refers to itself, as InnoDB does."""
    table = target.table
    message = quoted_text("Cannot delete or update a parent row: a foreign key constraint fails")
    refers = " OR ".join(
        f"({' AND '.join(f'{target.sql(one)} = {target.sql(two)}' for one, two in pairs)})"
        for pairs in (
            [
                (column_of(table, one), column_of(table, two))
                for one, two in zip(key.columns, key.target_columns, strict=True)
            ]
            for key in keys_to_itself(table)
        )
    )
    if not refers:
        return "true"
    # Of the row, so that PostgreSQL does not fail before there is one.
    message += f" || left({target.pg_alias}.ctid::text, 0)"
    return f"CASE WHEN {refers} THEN my.fail(1451, {message}) IS NULL ELSE true END"


def key_columns(table: Table, key: Key) -> list[Column]:
    return [column_of(table, name) for name in key.columns]


def same_key(table: Table, key: Key, one: str, other: str) -> str:
    """The condition that rows of two relations have the same key.

    Args:
        one: the name of a relation in PostgreSQL.
    """
    parts = []
    for index, column in enumerate(key_columns(table, key)):
        prefix = key.prefixes[index] if key.prefixes else None
        sides = [f"{side}.{quoted(column.pg_name)}" for side in (one, other)]
        if prefix is not None:
            sides = [f"substr({side}, 1, {prefix})" for side in sides]
        parts.append(" = ".join(weighed(side, column.type) for side in sides))
    return " AND ".join(parts)


def changed(columns: list[Column]) -> str:
    """Whether an UPDATE has changed one of the columns, for RETURNING."""
    names = [quoted(column.pg_name) for column in columns]
    return " OR ".join(f"old.{name} IS DISTINCT FROM new.{name}" for name in names) or "false"
