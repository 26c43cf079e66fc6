"""CREATE TABLE."""

from dataclasses import replace

from stend.engines.mysql.catalog.plans.columns import base_column, complete
from stend.engines.mysql.catalog.plans.constraints import add_check, add_foreign_key
from stend.engines.mysql.catalog.plans.draft import Draft, Slot, new_draft
from stend.engines.mysql.catalog.plans.keys import add_key, check_auto_increment
from stend.engines.mysql.catalog.syntax.charsets import DEFAULT_COLLATION
from stend.engines.mysql.catalog.syntax.definitions import (
    CheckSpec,
    ColumnSpec,
    Element,
    ForeignKeySpec,
    KeyPart,
    KeySpec,
    Options,
)
from stend.engines.mysql.errors import MyError, MySqlError, not_supported
from stend.engines.mysql.sql.facts import Facts
from stend.engines.mysql.tables.layout import (
    create_foreign_key,
    create_table,
    raise_counter,
)
from stend.engines.mysql.tables.model import Catalog, Table, TableName
from stend.engines.mysql.tables.naming import COUNTER_SUFFIX, check_name

_MAX_COLUMNS = 1017


def new_table(
    name: TableName,
    elements: tuple[Element, ...],
    options: Options,
    catalog: Catalog,
    facts: Facts,
) -> Draft:
    """A table as it is declared.

    Raises:
        MySqlError: what is wrong with it.
    """
    check_table_name(name.table)
    draft = new_draft(name, catalog, facts, options.collation or DEFAULT_COLLATION)
    draft.comment = options.comment or ""
    draft.auto_increment = options.auto_increment
    specs = [one for one in elements if isinstance(one, ColumnSpec)]
    if not specs:
        error = MyError.ER_TABLE_MUST_HAVE_COLUMNS
        raise MySqlError(error, "A table must have at least 1 column")
    if len(specs) > _MAX_COLUMNS:
        raise MySqlError(MyError.ER_TOO_MANY_FIELDS, "Too many columns")
    for spec in specs:
        add_column(draft, spec, len(draft.slots))
    _add_rest(draft, specs, elements)
    return draft


def check_table_name(name: str) -> None:
    """
    Raises:
        MySqlError: it is no name of a table, or of none here.
    """
    check_name(name, "table", len(COUNTER_SUFFIX))
    if "#" in name:
        # Names of what belongs to a table have it.
        raise not_supported("A # in the name of a table")


def add_column(draft: Draft, spec: ColumnSpec, at: int) -> Slot:
    """A column without what it says of keys, checks and expressions."""
    if draft.column(spec.name) is not None:
        raise MySqlError(MyError.ER_DUP_FIELDNAME, f"Duplicate column name '{spec.name}'")
    slot = Slot(base_column(spec, draft))
    draft.slots.insert(at, slot)
    return slot


def _add_rest(draft: Draft, specs: list[ColumnSpec], elements: tuple[Element, ...]) -> None:
    for spec in specs:
        add_column_keys(draft, spec)
    for element in elements:
        if isinstance(element, KeySpec):
            add_key(draft, element)
    for spec in specs:
        complete(draft.needed_slot(spec.name), spec, draft)
    for spec in specs:
        for check in spec.checks:
            add_check(draft, check)
    for element in elements:
        if isinstance(element, CheckSpec):
            add_check(draft, element)
        elif isinstance(element, ForeignKeySpec):
            add_foreign_key(draft, element)
    check_auto_increment(draft)


def add_column_keys(draft: Draft, spec: ColumnSpec) -> None:
    """PRIMARY KEY and UNIQUE beside a column."""
    part = (KeyPart(spec.name),)
    if spec.is_primary:
        if spec.nullable:
            raise MySqlError(
                MyError.ER_PRIMARY_CANT_HAVE_NULL,
                "All parts of a PRIMARY KEY must be NOT NULL; if you need NULL in a key, use "
                "UNIQUE instead",
            )
        add_key(draft, KeySpec(None, part, is_primary=True, is_unique=True))
    if spec.is_unique:
        add_key(draft, KeySpec(None, part, is_unique=True))


def creation(draft: Draft) -> list[str]:
    """What makes the table in PostgreSQL."""
    table = draft.table()
    statements = create_table(table)
    for key in table.foreign_keys:
        target = table if key.target == table.name else draft.catalog.table(key.target)
        if target is not None:
            statements += create_foreign_key(table, key, target)
    column = table.auto_increment
    if column is not None and draft.auto_increment is not None:
        statements.append(raise_counter(table.name, column, draft.auto_increment))
    return statements


def copied(source: Table, name: TableName, catalog: Catalog, facts: Facts) -> Draft:
    """CREATE TABLE … LIKE: columns, keys and checks; no foreign keys."""
    check_table_name(name.table)
    draft = new_draft(name, catalog, facts, source.collation)
    draft.slots = [Slot(column) for column in source.columns]
    draft.comment = source.comment
    draft.keys = [
        replace(key, pg_name=f"k#{draft.number()}", is_generated=False) for key in source.keys
    ]
    draft.checks = [
        replace(check, name=f"{name.table}_chk_{number}", pg_name=f"c#{draft.number()}")
        for number, check in enumerate(source.checks, 1)
    ]
    return draft
