"""Which tables a statement has to do with beside those that it names. Pure."""

from collections.abc import Iterable

from stend.engines.mysql.catalog.ddl import DdlPlan
from stend.engines.mysql.tables.model import Catalog, Table, TableName

_CHANGES_CHILDREN = frozenset({"CASCADE", "SET NULL", "SET DEFAULT"})


def cascades_of(catalog: Catalog, tables: Iterable[TableName]) -> frozenset[TableName]:
    """Tables that foreign keys may change when these change; those themselves are left out."""
    begun = frozenset(tables)
    found = set(begun)
    todo = list(begun)
    while todo:
        target = todo.pop()
        for child in _children(catalog, target, only_changed=True):
            if child not in found:
                found.add(child)
                todo.append(child)
    return frozenset(found - begun)


def neighbours_of(catalog: Catalog, tables: Iterable[TableName]) -> frozenset[TableName]:
    """Tables whose rows foreign keys look at or change when these change."""
    begun = frozenset(tables)
    written = begun | cascades_of(catalog, begun)
    found: set[TableName] = set()
    for one in written:
        table = catalog.table(one)
        if table is not None:
            found.update(key.target for key in table.foreign_keys)
        found.update(_children(catalog, one, only_changed=False))
    return (written | frozenset(found)) - begun


def changed_tables(catalog: Catalog, plan: DdlPlan) -> frozenset[TableName]:
    """Tables that DDL makes, drops or changes, and those that their foreign keys name."""
    before, after = _tables(catalog), _tables(plan.catalog_after)
    names = {one for one in before.keys() | after.keys() if before.get(one) != after.get(one)}
    names |= plan.touched
    targets = {
        key.target
        for one in names
        for table in (before.get(one), after.get(one))
        if table is not None
        for key in table.foreign_keys
    }
    return frozenset(names | targets)


def _tables(catalog: Catalog) -> dict[TableName, Table]:
    return {table.name: table for table in catalog.tables()}


def _children(catalog: Catalog, target: TableName, *, only_changed: bool) -> set[TableName]:
    return {
        table.name
        for table in catalog.tables()
        for key in table.foreign_keys
        if key.target == target
        and (not only_changed or {key.on_delete, key.on_update} & _CHANGES_CHILDREN)
    }
