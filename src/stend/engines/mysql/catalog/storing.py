"""The catalogue in PostgreSQL: a table of the schema `my`, which is there already.

A row is a table, or a database where the name is empty: how it was declared, and what
information_schema tells of it.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from stend.engines.mysql.catalog import information
from stend.engines.mysql.tables.model import (
    Catalog,
    Check,
    Column,
    ForeignKey,
    Key,
    Table,
    TableName,
)
from stend.engines.mysql.tables.naming import INFORMATION_SCHEMA, literal
from stend.engines.mysql.tables.types import Kind, SqlType

# Run at every start, in this order, in one transaction.
CREATE: tuple[str, ...] = (
    (
        "CREATE TABLE IF NOT EXISTS my.catalogue (database text, name text, definition text, "
        "information jsonb, PRIMARY KEY (database, name))"
    ),
    *information.CREATE,
)
_DELETE = "DELETE FROM my.catalogue"
_INSERT = "INSERT INTO my.catalogue"
_OR_REPLACE = (
    "ON CONFLICT (database, name) DO UPDATE "
    "SET definition = excluded.definition, information = excluded.information"
)
# Rows of three texts, for `read`.
READ = (
    "SELECT database, name, definition FROM my.catalogue "
    "WHERE database <> 'information_schema' ORDER BY database, name"
)


def refreshed(catalog: Catalog) -> str | None:
    """Puts right what information_schema tells of tables that another release has declared."""
    told = [
        (table.name, information.of_table(table, catalog))
        for table in catalog.tables()
        if table.name.database != INFORMATION_SCHEMA
    ]
    if not told:
        return None
    values = ", ".join(
        f"({literal(name.database)}, {literal(name.table)}, {literal(_json(rows))}::jsonb)"
        for name, rows in told
    )
    return (
        f"UPDATE my.catalogue AS c SET information = told.rows FROM (VALUES {values}) "  # noqa: S608
        "AS told (database, name, rows) WHERE (c.database, c.name) = (told.database, told.name) "
        "AND c.information IS DISTINCT FROM told.rows"
    )


def read(rows: Iterable[tuple[str, str | None, str | None]]) -> Catalog:
    """The catalogue from the rows of READ, with information_schema."""
    databases: dict[str, dict[str, Table]] = {INFORMATION_SCHEMA: dict(information.TABLES)}
    for database, name, definition in rows:
        inside = databases.setdefault(database, {})
        if name and definition:
            inside[name] = _table(json.loads(definition))
    return Catalog(databases)


def changes(before: Catalog, after: Catalog) -> tuple[str, ...]:
    """What makes one catalogue of another; `ddl.plan` has it in its statements already."""
    gone = sorted(before.databases.keys() - after.databases.keys())
    statements = [_delete(f"database = {literal(one)}") for one in gone]
    for database in sorted(after.databases):
        if database not in before.databases:
            statements.append(_put(database, "", "{}", information.of_database(database)))
        old = before.databases.get(database, {})
        statements += _table_changes(database, old, after)
    return tuple(statements)


def _table_changes(database: str, old: Mapping[str, Table], after: Catalog) -> list[str]:
    new = after.databases[database]
    gone = sorted(old.keys() - new.keys())
    changed = [name for name in sorted(new) if old.get(name) != new[name]]
    return [
        *(_delete(f"database = {literal(database)} AND name = {literal(name)}") for name in gone),
        *(_put_table(new[name], after) for name in changed),
    ]


def _delete(condition: str) -> str:
    return f"{_DELETE} WHERE {condition}"


def _put_table(table: Table, catalog: Catalog) -> str:
    definition = _json(asdict(table))
    rows = information.of_table(table, catalog)
    return _put(table.name.database, table.name.table, definition, rows)


def _put(database: str, name: str, definition: str, rows: information.Rows) -> str:
    values = ", ".join(map(literal, (database, name, definition, _json(rows))))
    return f"{_INSERT} VALUES ({values}) {_OR_REPLACE}"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _table(facts: dict[str, Any]) -> Table:
    return Table(
        **{
            **facts,
            "name": TableName(**facts["name"]),
            "columns": tuple(map(_column, facts["columns"])),
            "keys": tuple(Key(**_tuples(one)) for one in facts["keys"]),
            "foreign_keys": tuple(map(_foreign_key, facts["foreign_keys"])),
            "checks": tuple(Check(**_tuples(one)) for one in facts["checks"]),
        }
    )


def _column(facts: dict[str, Any]) -> Column:
    type_ = _tuples(facts["type"])
    return Column(**{**facts, "type": SqlType(**{**type_, "kind": Kind(type_["kind"])})})


def _foreign_key(facts: dict[str, Any]) -> ForeignKey:
    return ForeignKey(**{**_tuples(facts), "target": TableName(**facts["target"])})


def _tuples(facts: dict[str, Any]) -> dict[str, Any]:
    return {
        name: tuple(value) if isinstance(value, list) else value for name, value in facts.items()
    }
