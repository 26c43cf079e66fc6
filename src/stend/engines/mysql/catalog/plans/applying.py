"""ALTER TABLE in PostgreSQL: from what a table was to what it is to be."""

from collections.abc import Iterator
from dataclasses import replace

from stend.engines.mysql.catalog.plans.conversions import conversion
from stend.engines.mysql.catalog.plans.draft import Draft, Slot
from stend.engines.mysql.errors import MySqlError
from stend.engines.mysql.tables.layout import (
    check_sql,
    column_sql,
    create_counter,
    create_foreign_key,
    create_key,
    drop_foreign_key,
    drop_key,
    pg_type,
    raise_counter,
    range_condition,
    range_sql,
)
from stend.engines.mysql.tables.model import Check, Column, ForeignKey, Key, Table
from stend.engines.mysql.tables.naming import (
    counter,
    key_expressions,
    literal,
    quoted,
    range_name,
    relation,
)
from stend.engines.mysql.tables.types import SqlType

_PARKED = "#"


def alteration(before: Table, draft: Draft) -> list[str]:
    """
    Args:
        before: the table as it is; it keeps its name.

    Raises:
        MySqlError: rows of it could not be converted as MySQL converts them.
    """
    return _Alteration(before, draft).statements()


class _Alteration:
    def __init__(self, before: Table, draft: Draft) -> None:
        self._before = before
        self._after = draft.table()
        self._draft = draft
        self._name = relation(before.name)
        self._catalog = draft.catalog
        origins = {slot.origin: slot for slot in draft.slots if slot.origin is not None}
        self._kept = {
            column.pg_name: (column, origins[column.pg_name])
            for column in before.columns
            if column.pg_name in origins
        }

    def statements(self) -> list[str]:
        keys_gone = [one for one in self._before.keys if not self._keeps_key(one)]
        checks_gone = [one for one in self._before.checks if not self._keeps_check(one)]
        return [
            *self._drop_foreign_keys(),
            *(drop_key(self._before.name, one.pg_name) for one in keys_gone),
            *(self._drop_constraint(one.pg_name) for one in checks_gone if one.enforced),
            *self._drop_ranges(),
            *self._change_counter_before(),
            *self._drop_columns(),
            *self._rename_columns(),
            *self._change_columns(),
            *self._add_columns(),
            *self._change_counter_after(),
            *self._add_ranges(),
            *(create_key(self._after, one) for one in self._new_keys()),
            *(self._alter(f"ADD {check_sql(one)}") for one in self._new_checks()),
            *self._add_foreign_keys(),
        ]

    def _alter(self, what: str) -> str:
        return f"ALTER TABLE {self._name} {what}"

    def _drop_constraint(self, pg_name: str) -> str:
        return self._alter(f"DROP CONSTRAINT {quoted(pg_name)}")

    # Foreign keys

    def _drop_foreign_keys(self) -> Iterator[str]:
        kept = {one.pg_name for one in self._after.foreign_keys}
        for key in self._before.foreign_keys:
            if key.pg_name not in kept:
                yield from drop_foreign_key(self._before, key, self._target(key, self._before))

    def _add_foreign_keys(self) -> Iterator[str]:
        there = {one.pg_name for one in self._before.foreign_keys}
        for key in self._after.foreign_keys:
            target = self._target(key, self._after)
            if key.pg_name not in there and target is not None:
                yield from create_foreign_key(self._after, key, target)

    def _target(self, key: ForeignKey, own: Table) -> Table | None:
        return own if key.target == own.name else self._catalog.table(key.target)

    # Keys and checks

    def _keeps_key(self, key: Key) -> bool:
        """Whether the index in PostgreSQL stays: of the same columns, none of another type."""
        after = next((one for one in self._after.keys if one.pg_name == key.pg_name), None)
        if after is None or after.unique != key.unique:
            return False
        names = [self._renamed(one) for one in key.columns]
        if names != [one.lower() for one in after.columns]:
            return False
        return not any(self._changes_type(one.lower()) for one in key.columns)

    def _new_keys(self) -> list[Key]:
        kept = {one.pg_name for one in self._before.keys if self._keeps_key(one)}
        return [one for one in self._after.keys if one.pg_name not in kept]

    def _keeps_check(self, check: Check) -> bool:
        after = next((one for one in self._after.checks if one.pg_name == check.pg_name), None)
        return after is not None and after.enforced == check.enforced

    def _new_checks(self) -> list[Check]:
        kept = {one.pg_name for one in self._before.checks if self._keeps_check(one)}
        return [one for one in self._after.checks if one.enforced and one.pg_name not in kept]

    def _renamed(self, name: str) -> str | None:
        found = self._kept.get(name.lower())
        return None if found is None else found[1].column.pg_name

    def _changes_type(self, pg_name: str) -> bool:
        found = self._kept.get(pg_name)
        return found is not None and found[0].type != found[1].column.type

    # Columns

    def _drop_ranges(self) -> Iterator[str]:
        """Of columns that go on with another range or under another name."""
        for column, slot in self._kept.values():
            if range_sql(column) is not None and not _same_range(column, slot.column):
                yield self._drop_constraint(range_name(column.pg_name))

    def _add_ranges(self) -> Iterator[str]:
        for slot in self._draft.slots:
            found = self._kept.get(slot.origin or "")
            if found is not None and _same_range(found[0], slot.column):
                continue
            if (text := range_sql(slot.column)) is not None:
                yield self._alter(f"ADD {text}")

    def _drop_columns(self) -> Iterator[str]:
        for column in self._before.columns:
            found = self._kept.get(column.pg_name)
            if found is None or _is_made_anew(*found):
                yield self._alter(f"DROP COLUMN {quoted(column.pg_name)}")

    def _rename_columns(self) -> Iterator[str]:
        """By way of names that nothing has, so that two may change theirs with each other."""
        renamed = [
            (column, slot.column)
            for column, slot in self._kept.values()
            if column.pg_name != slot.column.pg_name and not _is_made_anew(column, slot)
        ]
        for number, (column, _new) in enumerate(renamed):
            parked = quoted(f"{_PARKED}{number}")
            yield self._alter(f"RENAME COLUMN {quoted(column.pg_name)} TO {parked}")
        for number, (_old, new) in enumerate(renamed):
            parked = quoted(f"{_PARKED}{number}")
            yield self._alter(f"RENAME COLUMN {parked} TO {quoted(new.pg_name)}")

    def _change_columns(self) -> Iterator[str]:
        for column, slot in self._kept.values():
            if not _is_made_anew(column, slot):
                yield from self._change_column(column, slot)

    def _change_column(self, old: Column, slot: Slot) -> Iterator[str]:
        new = slot.column
        name = quoted(new.pg_name)
        # NULL is found wrong before a conversion of another value is.
        if old.nullable and not new.nullable:
            yield self._alter(f"ALTER COLUMN {name} SET NOT NULL")
        elif new.nullable and not old.nullable:
            yield self._alter(f"ALTER COLUMN {name} DROP NOT NULL")
        if old.type != new.type:
            yield from self._change_type(old, new)

    def _change_type(self, old: Column, new: Column) -> Iterator[str]:
        if _is_kept_alike(old.type, new.type):
            return
        name, wanted = quoted(new.pg_name), pg_type(new.type)
        try:
            converted = conversion(name, old, new, self._draft.facts)
        except MySqlError as error:
            # Without rows there is nothing to convert.
            yield unless_empty(self._name, error)
            converted = f"NULL::{wanted}"
        yield self._alter(f"ALTER COLUMN {name} TYPE {wanted} USING {converted}")

    def _add_columns(self) -> Iterator[str]:
        for slot in self._draft.slots:
            found = self._kept.get(slot.origin or "")
            if found is None or _is_made_anew(*found):
                yield from self._add_column(slot)

    def _add_column(self, slot: Slot) -> Iterator[str]:
        if slot.must_be_empty is not None:
            yield unless_empty(self._name, slot.must_be_empty)
        column = column_sql(slot.column)
        if slot.column.auto_increment:
            yield from self._add_numbers(slot.column)
        elif slot.fill is None or slot.fill == "NULL":
            yield self._alter(f"ADD COLUMN {column}")
        else:
            yield self._alter(f"ADD COLUMN {column} DEFAULT {slot.fill}")
            yield self._alter(f"ALTER COLUMN {quoted(slot.column.pg_name)} DROP DEFAULT")

    def _add_numbers(self, column: Column) -> Iterator[str]:
        """Rows get 1, 2, 3… in the order of the primary key that they had."""
        name = quoted(column.pg_name)
        yield self._alter(f"ADD COLUMN {name} {pg_type(column.type)}")
        yield create_counter(self._before.name, column)
        key = self._before.primary_key
        order = ", ".join(key_expressions(self._before, key)) if key is not None else "ctid"
        numbered = f"ctid AS place, row_number() OVER (ORDER BY {order}) AS number"
        yield " ".join(
            (
                f"WITH numbered AS (SELECT {numbered}",
                f"FROM {self._name}) UPDATE {self._name} AS changed",
                f"SET {name} = numbered.number FROM numbered WHERE changed.ctid = numbered.place",
            )
        )
        yield self._alter(f"ALTER COLUMN {name} SET NOT NULL")
        yield raise_counter(self._before.name, column, self._draft.auto_increment)

    # The counter of AUTO_INCREMENT

    def _change_counter_before(self) -> Iterator[str]:
        old = self._before.auto_increment
        if old is None:
            return
        found = self._kept.get(old.pg_name)
        if found is not None and not found[1].column.auto_increment:
            yield f"DROP SEQUENCE {counter(self._before.name)}"

    def _change_counter_after(self) -> Iterator[str]:
        new = self._after.auto_increment
        if new is None:
            return
        slot = self._draft.slot(new.name)
        found = self._kept.get(slot.origin or "") if slot is not None else None
        if found is None:
            return
        if not found[0].auto_increment:
            yield create_counter(self._before.name, new)
            yield raise_counter(self._before.name, new, self._draft.auto_increment)
        elif self._draft.auto_increment is not None:
            yield raise_counter(self._before.name, new, self._draft.auto_increment)


def _is_kept_alike(old: SqlType, new: SqlType) -> bool:
    """Whether values stay as they are: texts that differ in nothing but their collation."""
    return old.is_text and replace(old, collation=new.collation) == new


def _same_range(old: Column, new: Column) -> bool:
    return old.pg_name == new.pg_name and range_condition(old) == range_condition(new)


def _is_made_anew(old: Column, slot: Slot) -> bool:
    """Generated columns are computed again when anything of theirs changes."""
    new = slot.column
    if old.generated_pg is None and new.generated_pg is None:
        return False
    return (old.generated_pg, old.type) != (new.generated_pg, new.type)


def unless_empty(name: str, error: MySqlError) -> str:
    """What raises an error if a table has rows.

    Args:
        name: the table, as PostgreSQL names it.
    """
    state = literal(f"M{error.error.number:04d}")
    body = (
        f"BEGIN IF EXISTS (TABLE {name}) THEN RAISE EXCEPTION USING ERRCODE = {state}, "
        f"MESSAGE = {literal(error.message)}; END IF; END"
    )
    return f"DO {literal(body)}"
