"""A table while it is made or altered."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from stend.engines.mysql.errors import MyError, MySqlError
from stend.engines.mysql.sql.facts import Facts
from stend.engines.mysql.tables.model import (
    Catalog,
    Check,
    Column,
    ForeignKey,
    Key,
    Table,
    TableName,
)


@dataclass(slots=True)
class Slot:
    """One column.

    Attributes:
        origin: its name in PostgreSQL before the statement; None of a new one.
        fill: of a new one, what the rows that are there get, for PostgreSQL; None is NULL.
        must_be_empty: the error with which a new one is refused if there are rows.
    """

    column: Column
    origin: str | None = None
    fill: str | None = None
    must_be_empty: MySqlError | None = None


@dataclass(slots=True)
class Draft:
    """
    Attributes:
        auto_increment: the next value that was asked for.
        taken_number: the last of the numbers that name keys and constraints in PostgreSQL.
    """

    name: TableName
    catalog: Catalog
    facts: Facts
    collation: str
    slots: list[Slot] = field(default_factory=list)
    keys: list[Key] = field(default_factory=list)
    foreign_keys: list[ForeignKey] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    engine: str = "InnoDB"
    comment: str = ""
    created: str = ""
    auto_increment: int | None = None
    taken_number: int = 0

    @property
    def columns(self) -> tuple[Column, ...]:
        return tuple(slot.column for slot in self.slots)

    def slot(self, name: str) -> Slot | None:
        wanted = name.lower()
        return next((one for one in self.slots if one.column.pg_name == wanted), None)

    def column(self, name: str) -> Column | None:
        found = self.slot(name)
        return None if found is None else found.column

    def needed_slot(self, name: str) -> Slot:
        """
        Raises:
            MySqlError: ER_BAD_FIELD_ERROR.
        """
        found = self.slot(name)
        if found is None:
            message = f"Unknown column '{name}' in '{self.name.table}'"
            raise MySqlError(MyError.ER_BAD_FIELD_ERROR, message)
        return found

    def key(self, name: str) -> Key | None:
        wanted = name.lower()
        return next((one for one in self.keys if one.name.lower() == wanted), None)

    def number(self) -> int:
        """For the name of one more key or constraint in PostgreSQL."""
        self.taken_number += 1
        return self.taken_number

    def table(self) -> Table:
        """What was made."""
        return Table(
            name=self.name,
            columns=self.columns,
            keys=tuple(_sorted(self.keys, self.columns)),
            foreign_keys=tuple(self.foreign_keys),
            checks=tuple(self.checks),
            engine=self.engine,
            comment=self.comment,
            created=self.created,
            collation=self.collation,
        )


def new_draft(name: TableName, catalog: Catalog, facts: Facts, collation: str) -> Draft:
    """An empty one."""
    created = f"{facts.utc_now:%Y-%m-%d %H:%M:%S}"
    taken = taken_number(catalog)
    return Draft(name, catalog, facts, collation, created=created, taken_number=taken)


def draft_of(table: Table, catalog: Catalog, facts: Facts) -> Draft:
    """One that is as the table is."""
    draft = new_draft(table.name, catalog, facts, table.collation)
    draft.slots = [Slot(one, one.pg_name) for one in table.columns]
    draft.keys = list(table.keys)
    draft.foreign_keys = list(table.foreign_keys)
    draft.checks = list(table.checks)
    draft.engine, draft.comment, draft.created = table.engine, table.comment, table.created
    return draft


def taken_number(catalog: Catalog) -> int:
    """The greatest number of a key or a constraint in PostgreSQL, among all tables."""
    names: list[str] = []
    for table in catalog.tables():
        names += [one.pg_name for one in table.keys]
        names += [one.pg_name for one in table.foreign_keys]
        names += [one.pg_name for one in table.checks]
    return max((int(name.rpartition("#")[2] or 0) for name in names), default=0)


def _sorted(keys: list[Key], columns: Iterable[Column]) -> list[Key]:
    """Primary, unique without NULLs, unique, others: MySQL keeps them so."""
    nullable = {column.pg_name for column in columns if column.nullable}

    def rank(key: Key) -> int:
        if key.is_primary:
            return 0
        if not key.unique:
            return 3
        return 2 if any(name.lower() in nullable for name in key.columns) else 1

    return sorted(keys, key=rank)
