"""CREATE TABLE, ALTER TABLE, RENAME TABLE and the statements about indexes, as they are written."""

from dataclasses import replace

from stend.engines.mysql.catalog.plans.altering import alter
from stend.engines.mysql.catalog.plans.applying import alteration
from stend.engines.mysql.catalog.plans.creating import copied, creation, new_table
from stend.engines.mysql.catalog.plans.databases import check_not_system
from stend.engines.mysql.catalog.plans.draft import Draft, draft_of
from stend.engines.mysql.catalog.plans.filling import filled
from stend.engines.mysql.catalog.plans.plan import DdlPlan, Note
from stend.engines.mysql.catalog.plans.renaming import renamed, renamed_catalog, renaming
from stend.engines.mysql.catalog.syntax.alters import read_actions
from stend.engines.mysql.catalog.syntax.definitions import (
    Action,
    AddElement,
    DropKey,
    Element,
    KeySpec,
    NameSpec,
    RenameTable,
)
from stend.engines.mysql.catalog.syntax.tables import (
    read_elements,
    read_key_options,
    read_key_parts,
    read_name,
    read_options,
)
from stend.engines.mysql.catalog.syntax.tokens import Tokens
from stend.engines.mysql.errors import MyError, MySqlError, not_supported
from stend.engines.mysql.sql.facts import Facts
from stend.engines.mysql.tables.model import Catalog, Table, TableName


def full_name(name: NameSpec, catalog: Catalog, default: str | None) -> TableName:
    """
    Raises:
        MySqlError: no database is chosen, or there is none of that name, or it is the system's.
    """
    database = name.database if name.database is not None else default
    if database is None:
        raise MySqlError(MyError.ER_NO_DB_ERROR, "No database selected")
    check_not_system(database)
    if database not in catalog.databases:
        raise MySqlError(MyError.ER_BAD_DB_ERROR, f"Unknown database '{database}'")
    return TableName(database, name.table)


def base_table(name: TableName, catalog: Catalog) -> Table:
    """
    Raises:
        MySqlError: there is none, or it is a view.
    """
    table = catalog.table(name)
    if table is None:
        message = f"Table '{name.database}.{name.table}' doesn't exist"
        raise MySqlError(MyError.ER_NO_SUCH_TABLE, message)
    if table.view_sql is not None:
        message = f"'{name.database}.{name.table}' is not BASE TABLE"
        raise MySqlError(MyError.ER_WRONG_OBJECT, message)
    return table


def create_table(tokens: Tokens, catalog: Catalog, facts: Facts) -> DdlPlan:
    """From the name on, or IF NOT EXISTS."""
    may_exist = tokens.accept("IF", "NOT", "EXISTS")
    name = full_name(read_name(tokens), catalog, facts.database)
    if (source := _read_like(tokens)) is not None:
        target = base_table(full_name(source, catalog, facts.database), catalog)
        tokens.expect_end()
        if catalog.table(name) is not None:
            return _exists(name, catalog, may_exist=may_exist)
        return _created(copied(target, name, catalog, facts))
    elements: tuple[Element, ...] = read_elements(tokens) if tokens.is_symbol("(") else ()
    options = read_options(tokens, with_commas=True)
    query = _read_query(tokens)
    tokens.expect_end()
    if catalog.table(name) is not None:
        return _exists(name, catalog, may_exist=may_exist)
    if query is not None:
        return filled(name, elements, options, query, catalog, facts)
    return _created(new_table(name, elements, options, catalog, facts))


def _read_like(tokens: Tokens) -> NameSpec | None:
    if tokens.accept("LIKE"):
        return read_name(tokens)
    following = tokens.ahead(1)
    if tokens.is_symbol("(") and following.upper == "LIKE" and following.text[0] != "`":
        tokens.next()
        tokens.next()
        source = read_name(tokens)
        tokens.expect_symbol(")")
        return source
    return None


def _read_query(tokens: Tokens) -> str | None:
    for word in ("PARTITION", "UNION", "IGNORE", "REPLACE"):
        if tokens.is_word(word):
            raise not_supported(f"{word} of CREATE TABLE")
    has_as = tokens.accept("AS")
    begins = any(tokens.is_word(word) for word in ("SELECT", "WITH", "VALUES", "TABLE"))
    if has_as or begins or tokens.is_symbol("("):
        return tokens.rest()
    return None


def _exists(name: TableName, catalog: Catalog, *, may_exist: bool) -> DdlPlan:
    message = f"Table '{name.table}' already exists"
    if not may_exist:
        raise MySqlError(MyError.ER_TABLE_EXISTS_ERROR, message)
    note = Note("Note", MyError.ER_TABLE_EXISTS_ERROR.number, message)
    return DdlPlan((), catalog, notes=(note,))


def _created(draft: Draft) -> DdlPlan:
    return DdlPlan(tuple(creation(draft)), draft.catalog.with_table(draft.table()))


def alter_table(tokens: Tokens, catalog: Catalog, facts: Facts) -> DdlPlan:
    """From the name on."""
    name = full_name(read_name(tokens), catalog, facts.database)
    actions = read_actions(tokens)
    return _altered(base_table(name, catalog), actions, catalog, facts)


def _altered(before: Table, actions: tuple[Action, ...], catalog: Catalog, facts: Facts) -> DdlPlan:
    targets = [one.name for one in actions if isinstance(one, RenameTable)]
    changes = tuple(one for one in actions if not isinstance(one, RenameTable))
    draft = draft_of(before, catalog, facts)
    statements: list[str] = []
    if changes:
        alter(draft, changes)
        statements += alteration(before, draft)
        catalog = _with_altered(catalog, draft)
    if targets:
        current = draft.table()
        new_name = full_name(targets[-1], catalog, before.name.database)
        if new_name != before.name:
            _check_free(new_name, catalog)
            after = renamed(current, new_name)
            statements += renaming(current, after)
            catalog = renamed_catalog(catalog, current, after)
    return DdlPlan(tuple(statements), catalog)


def _with_altered(catalog: Catalog, draft: Draft) -> Catalog:
    """Foreign keys of other tables follow the columns that have other names now."""
    names = {
        slot.origin: slot.column.name
        for slot in draft.slots
        if slot.origin is not None and slot.origin != slot.column.pg_name
    }
    catalog = catalog.with_table(draft.table())
    if not names:
        return catalog
    for table in tuple(catalog.tables()):
        if table.name == draft.name:
            continue
        keys = tuple(
            replace(
                key,
                target_columns=tuple(names.get(one.lower(), one) for one in key.target_columns),
            )
            if key.target == draft.name
            else key
            for key in table.foreign_keys
        )
        if keys != table.foreign_keys:
            catalog = catalog.with_table(replace(table, foreign_keys=keys))
    return catalog


def _check_free(name: TableName, catalog: Catalog) -> None:
    if catalog.table(name) is not None:
        message = f"Table '{name.table}' already exists"
        raise MySqlError(MyError.ER_TABLE_EXISTS_ERROR, message)


def rename_tables(tokens: Tokens, catalog: Catalog, facts: Facts) -> DdlPlan:
    """RENAME TABLE, from the first name on: one after another, all or none."""
    statements: list[str] = []
    while True:
        old = full_name(read_name(tokens), catalog, facts.database)
        tokens.expect("TO")
        new = full_name(read_name(tokens), catalog, facts.database)
        table = catalog.table(old)
        if table is None:
            message = f"Table '{old.database}.{old.table}' doesn't exist"
            raise MySqlError(MyError.ER_NO_SUCH_TABLE, message)
        _check_free(new, catalog)
        after = renamed(table, new)
        if table.view_sql is None:
            statements += renaming(table, after)
        elif old.database != new.database:
            raise not_supported("RENAME of a view into another database")
        catalog = renamed_catalog(catalog, table, after)
        if not tokens.accept_symbol(","):
            break
    tokens.expect_end()
    return DdlPlan(tuple(statements), catalog)


def create_index(tokens: Tokens, catalog: Catalog, facts: Facts, *, is_unique: bool) -> DdlPlan:
    """From the index's name on."""
    index = tokens.name()
    if tokens.accept("USING"):
        tokens.expect_any("BTREE", "HASH")
    tokens.expect("ON")
    name = full_name(read_name(tokens), catalog, facts.database)
    parts = read_key_parts(tokens)
    comment = read_key_options(tokens)
    _read_manner(tokens)
    action = AddElement(KeySpec(index, parts, is_unique=is_unique, comment=comment))
    return _altered(base_table(name, catalog), (action,), catalog, facts)


def drop_index(tokens: Tokens, catalog: Catalog, facts: Facts) -> DdlPlan:
    """From the index's name on."""
    index = tokens.name()
    tokens.expect("ON")
    name = full_name(read_name(tokens), catalog, facts.database)
    _read_manner(tokens)
    return _altered(base_table(name, catalog), (DropKey(index),), catalog, facts)


def _read_manner(tokens: Tokens) -> None:
    while tokens.accept_any("ALGORITHM", "LOCK"):
        tokens.accept_symbol("=")
        tokens.next()
    tokens.expect_end()


def read_names(tokens: Tokens, catalog: Catalog, facts: Facts) -> list[TableName]:
    """The names of DROP TABLE and DROP VIEW, to the end of the statement."""
    names = [full_name(read_name(tokens), catalog, facts.database)]
    while tokens.accept_symbol(","):
        names.append(full_name(read_name(tokens), catalog, facts.database))
    tokens.accept_any("RESTRICT", "CASCADE")
    tokens.expect_end()
    return names
