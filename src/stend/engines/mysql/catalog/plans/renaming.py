"""RENAME TABLE, and RENAME TO of ALTER TABLE."""

import re
from dataclasses import replace

from stend.engines.mysql.catalog.plans.creating import check_table_name
from stend.engines.mysql.tables.model import Catalog, Table, TableName
from stend.engines.mysql.tables.naming import COUNTER_SUFFIX, quoted, relation, schema_of


def renamed(table: Table, name: TableName) -> Table:
    """The table under another name; constraints that the server named go with it.

    Raises:
        MySqlError: it is no name.
    """
    check_table_name(name.table)
    pattern = re.compile(re.escape(table.name.table) + r"(_(?:ibfk|chk)_\d+)")

    def follow(constraint: str) -> str:
        found = pattern.fullmatch(constraint)
        return constraint if found is None else name.table + found[1]

    return replace(
        table,
        name=name,
        foreign_keys=tuple(replace(one, name=follow(one.name)) for one in table.foreign_keys),
        checks=tuple(replace(one, name=follow(one.name)) for one in table.checks),
    )


def renaming(before: Table, after: Table) -> list[str]:
    """Under another name, in another database."""
    statements = []
    old, new = before.name, after.name
    name = relation(old)
    if old.database != new.database:
        target = quoted(schema_of(new.database))
        statements.append(f"ALTER TABLE {name} SET SCHEMA {target}")
        name = f"{target}.{quoted(old.table)}"
    if old.table == new.table:
        return statements
    statements.append(f"ALTER TABLE {name} RENAME TO {quoted(new.table)}")
    if before.auto_increment is not None:
        sequence = f"{quoted(schema_of(new.database))}.{quoted(old.table + COUNTER_SUFFIX)}"
        renamed = quoted(new.table + COUNTER_SUFFIX)
        statements.append(f"ALTER SEQUENCE {sequence} RENAME TO {renamed}")
    return statements


def renamed_catalog(catalog: Catalog, before: Table, after: Table) -> Catalog:
    """The catalogue in which a table has another name, for those too that refer to it."""
    changed = catalog.without_table(before.name).with_table(after)
    for table in tuple(changed.tables()):
        if any(key.target == before.name for key in table.foreign_keys):
            changed = changed.with_table(_retargeted(table, before, after))
    return changed


def _retargeted(table: Table, before: Table, after: Table) -> Table:
    keys = tuple(
        replace(key, target=after.name) if key.target == before.name else key
        for key in table.foreign_keys
    )
    return replace(table, foreign_keys=keys)
