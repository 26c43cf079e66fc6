"""DROP TABLE, DROP VIEW and TRUNCATE TABLE."""

from collections.abc import Iterable

from stend.engines.mysql.catalog.describing import foreign_key_text
from stend.engines.mysql.catalog.plans.plan import DdlPlan, Note
from stend.engines.mysql.catalog.printing import backquoted
from stend.engines.mysql.errors import MyError, MySqlError
from stend.engines.mysql.tables.layout import compares_texts, drop_key, target_index
from stend.engines.mysql.tables.model import Catalog, ForeignKey, Table, TableName
from stend.engines.mysql.tables.naming import relation


def _references(
    catalog: Catalog, targets: Iterable[TableName]
) -> Iterable[tuple[Table, ForeignKey]]:
    """Foreign keys of other tables that refer to these."""
    wanted = set(targets)
    for table in catalog.tables():
        for key in table.foreign_keys:
            if key.target in wanted and table.name not in wanted:
                yield table, key


def referrer_outside(catalog: Catalog, names: Iterable[TableName]) -> MySqlError | None:
    """The error of dropping tables to which others refer, if there are any."""
    for table, key in _references(catalog, names):
        return MySqlError(
            MyError.ER_FK_CANNOT_DROP_PARENT,
            f"Cannot drop table '{key.target.table}' referenced by a foreign key constraint "
            f"'{key.name}' on table '{table.name.table}'.",
        )
    return None


def drop_tables(names: list[TableName], catalog: Catalog, *, may_lack: bool) -> DdlPlan:
    """All of them or none."""
    missing = [one for one in names if not _is_base_table(catalog, one)]
    full = ",".join(f"{one.database}.{one.table}" for one in missing)
    if missing and not may_lack:
        raise MySqlError(MyError.ER_BAD_TABLE_ERROR, f"Unknown table '{full}'")
    notes = tuple(
        Note(
            "Note",
            MyError.ER_BAD_TABLE_ERROR.number,
            f"Unknown table '{one.database}.{one.table}'",
        )
        for one in missing
    )
    found = list(dict.fromkeys(one for one in names if one not in missing))
    if len(found) + len(missing) < len(names):
        twice = next(one for one in names if names.count(one) > 1)
        message = f"Not unique table/alias: '{twice.table}'"
        raise MySqlError(MyError.ER_NONUNIQ_TABLE, message)
    if (error := referrer_outside(catalog, found)) is not None:
        raise error
    return DdlPlan(tuple(_drops(catalog, found)), _without(catalog, found), notes=notes)


def _is_base_table(catalog: Catalog, name: TableName) -> bool:
    table = catalog.table(name)
    return table is not None and table.view_sql is None


def _drops(catalog: Catalog, names: list[TableName]) -> Iterable[str]:
    if not names:
        return
    yield f"DROP TABLE {', '.join(map(relation, names))}"
    for name in names:
        table = catalog.table(name)
        for key in table.foreign_keys if table is not None else ():
            target = catalog.table(key.target)
            # The index that the foreign key had on its target is of no use any more.
            if target is None or target.name in names:
                continue
            if compares_texts(target, key.target_columns):
                yield drop_key(target.name, target_index(key))


def _without(catalog: Catalog, names: list[TableName]) -> Catalog:
    for name in names:
        catalog = catalog.without_table(name)
    return catalog


def truncate(name: TableName, catalog: Catalog) -> DdlPlan:
    """All rows go, and AUTO_INCREMENT begins anew."""
    table = catalog.table(name)
    if table is None or table.view_sql is not None:
        message = f"Table '{name.database}.{name.table}' doesn't exist"
        raise MySqlError(MyError.ER_NO_SUCH_TABLE, message)
    for child, key in _references(catalog, [name]):
        text = foreign_key_text(key, child.name.database).partition(" FOREIGN KEY")[0]
        place = f"{backquoted(child.name.database)}.{backquoted(child.name.table)}"
        raise MySqlError(
            MyError.ER_TRUNCATE_ILLEGAL_FK,
            f"Cannot truncate a table referenced in a foreign key constraint ({place}, {text})",
        )
    statement = f"TRUNCATE TABLE {relation(name)} RESTART IDENTITY"
    return DdlPlan((statement,), catalog, touched=frozenset({name}))


def drop_views(names: list[TableName], catalog: Catalog, *, may_lack: bool) -> DdlPlan:
    """All of them or none."""
    missing = [one for one in names if catalog.table(one) is None]
    for one in names:
        table = catalog.table(one)
        if table is not None and table.view_sql is None:
            message = f"'{one.database}.{one.table}' is not VIEW"
            raise MySqlError(MyError.ER_WRONG_OBJECT, message)
    full = ",".join(f"{one.database}.{one.table}" for one in missing)
    if missing and not may_lack:
        raise MySqlError(MyError.ER_BAD_TABLE_ERROR, f"Unknown table '{full}'")
    found = list(dict.fromkeys(one for one in names if one not in missing))
    notes = tuple(
        Note(
            "Note",
            MyError.ER_BAD_TABLE_ERROR.number,
            f"Unknown table '{one.database}.{one.table}'",
        )
        for one in missing
    )
    return DdlPlan((), _without(catalog, found), notes=notes)
