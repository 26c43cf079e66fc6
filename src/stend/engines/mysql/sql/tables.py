"""Tables that a statement names, found in the catalogue."""

from typing import NamedTuple

from sqlglot import exp

from stend.engines.mysql.errors import MyError, MySqlError, not_supported
from stend.engines.mysql.sql.scope import ColumnRef, Source
from stend.engines.mysql.sql.translated import OutputColumn
from stend.engines.mysql.sql.work import Env, Work, understood
from stend.engines.mysql.tables.model import Table, TableName
from stend.engines.mysql.tables.naming import INFORMATION_SCHEMA, quoted, relation

__all__ = ["alias_of", "find_table", "named", "relation", "source_of"]


def named(node: exp.Table, work: Work) -> TableName:
    """The full name of a table.

    Raises:
        MySqlError: ER_NO_DB_ERROR.
    """
    if node.args.get("catalog") or not isinstance(node.this, exp.Identifier):
        raise not_supported("A table that is no table's name")
    database = node.db or work.facts.database
    if not database:
        raise MySqlError(MyError.ER_NO_DB_ERROR, "No database selected")
    if database.lower() == INFORMATION_SCHEMA:
        return _of_information_schema(node.name, work)
    return TableName(database, node.name)


def _of_information_schema(name: str, work: Work) -> TableName:
    """Its names alone are the same in upper and in lower case."""
    wanted = name.lower()
    for known in work.catalog.databases.get(INFORMATION_SCHEMA, {}):
        if known.lower() == wanted:
            return TableName(INFORMATION_SCHEMA, known)
    return TableName(INFORMATION_SCHEMA, name.upper())


def find_table(name: TableName, work: Work) -> Table:
    """
    Raises:
        MySqlError: ER_BAD_DB_ERROR, ER_NO_SUCH_TABLE.
    """
    table = work.catalog.table(name)
    if table is not None:
        return table
    if name.database not in work.catalog.databases:
        raise MySqlError(MyError.ER_BAD_DB_ERROR, f"Unknown database '{name.database}'")
    raise MySqlError(
        MyError.ER_NO_SUCH_TABLE, f"Table '{name.database}.{name.table}' doesn't exist"
    )


def alias_of(node: exp.Expression) -> str | None:
    """The alias that a table or a derived table is given.

    Raises:
        MySqlError: names of columns beside it, where MySQL has none.
    """
    alias = node.args.get("alias")
    if alias is None:
        return None
    understood(alias, "this")
    return str(alias.name)


def source_of(table: Table, alias: str, pg_alias: str) -> Source:
    """
    Args:
        pg_alias: by which PostgreSQL knows it, in quotes.
    """
    keys = _keys(table)
    columns: dict[str, ColumnRef] = {}
    for column in table.columns:
        name = column.pg_name
        output = OutputColumn(
            column.name,
            column.type,
            table=alias,
            source=(table.name, column.name),
            nullable=column.nullable,
            is_primary_key=name in keys.primary,
            is_unique_key=name in keys.unique,
            is_multiple_key=name in keys.multiple,
            auto_increment=column.auto_increment,
        )
        columns[name] = ColumnRef(
            f"{pg_alias}.{quoted(name)}", column.type, column.nullable, output
        )
    return Source(alias, columns, table.name.database)


class _Keys(NamedTuple):
    """What a column definition tells of keys: the columns that it is told of, in lower case."""

    primary: set[str]
    unique: set[str]
    multiple: set[str]


def _keys(table: Table) -> _Keys:
    keys = _Keys(set(), set(), set())
    for key in table.keys:
        first = key.columns[0].lower()
        if key.is_primary:
            keys.primary.update(name.lower() for name in key.columns)
        elif key.unique and len(key.columns) == 1:
            keys.unique.add(first)
        else:
            keys.multiple.add(first)
    return keys


def with_cte(node: exp.Table, env: Env) -> bool:
    """Whether a table's name is that of a common table expression."""
    return not node.db and node.name in env.ctes
