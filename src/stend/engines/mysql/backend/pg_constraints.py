"""Violated keys and constraints, looked up in the catalogue and worded as MySQL does. Pure."""

import re
from collections.abc import Sequence
from datetime import UTC
from typing import NamedTuple

from stend.engines.mysql.catalog.describing import foreign_key_text
from stend.engines.mysql.catalog.printing import backquoted
from stend.engines.mysql.errors import MyError, MySqlError
from stend.engines.mysql.results import encode_text
from stend.engines.mysql.tables.model import Catalog, Column, ForeignKey, Key, Table
from stend.engines.mysql.tables.naming import FOREIGN_KEY_PREFIX, RANGE_PREFIX
from stend.engines.mysql.tables.types import BYTES, TEMPORAL, Kind

_DETAIL = re.compile(
    r"Key \(.*?\)=\((?P<values>.*)\) (?:already exists|is duplicated)\.", re.DOTALL
)
# As my.fold() has it for Latin without accents and Russian.
_FOLDED = str.maketrans("ЀЁЃЇЌЍЎ", "ЕЕГІКИУ")


class Place(NamedTuple):
    """
    Attributes:
        table: that PostgreSQL names: of a foreign key, the one that has it.
        constraint: its name in PostgreSQL.
    """

    catalog: Catalog
    table: Table | None
    constraint: str
    message: str
    detail: str


def duplicate_entry(place: Place, said: Sequence[str]) -> MySqlError | None:
    """ER_DUP_ENTRY.

    Args:
        said: texts of the statement, of which one may be what was to be stored.
    """
    table = place.table
    if table is None:
        return None
    key = _key(table, place)
    if key is None:
        return None
    entry = _entry(table, key, place.detail, said)
    return MySqlError(
        MyError.ER_DUP_ENTRY, f"Duplicate entry '{entry}' for key '{table.name.table}.{key.name}'"
    )


def _key(table: Table, place: Place) -> Key | None:
    for key in table.keys:
        if key.pg_name == place.constraint:
            return key
    # The index that a foreign key of another table has here.
    for other in place.catalog.tables():
        for foreign in other.foreign_keys:
            if place.constraint.startswith(f"{foreign.pg_name}#"):
                return _key_on(table, foreign.target_columns)
    return None


def _key_on(table: Table, columns: Sequence[str]) -> Key | None:
    wanted = [one.lower() for one in columns]
    return next((key for key in table.keys if [one.lower() for one in key.columns] == wanted), None)


def _entry(table: Table, key: Key, detail: str, said: Sequence[str]) -> str:
    """The values of the key with hyphens between them."""
    found = _DETAIL.fullmatch(detail)
    if found is None:
        return ""
    text = found["values"]
    columns = [column for name in key.columns if (column := table.column(name)) is not None]
    values = [text] if len(columns) == 1 else text.split(", ")
    if len(values) != len(columns):
        # A text with a comma in it: where one value ends is not told.
        return text.replace(", ", "-")
    return "-".join(
        _value(value, column, said) for value, column in zip(values, columns, strict=True)
    )


def _value(value: str, column: Column, said: Sequence[str]) -> str:
    type_ = column.type
    if type_.is_text:
        return _original(value, column, said)
    if type_.kind in BYTES | TEMPORAL | {Kind.FLOAT, Kind.DOUBLE, Kind.DECIMAL, Kind.YEAR}:
        shown = encode_text(value.encode(), type_, UTC) or b""
        return shown.decode(errors="backslashreplace")
    return value


def _original(weight: str, column: Column, said: Sequence[str]) -> str:
    """The text of the statement that weighs as much; the weight where there is none."""
    # A weight ends with one blank.
    weight = weight.removesuffix(" ")
    if column.type.collation.endswith("_bin"):
        return weight
    for text in said:
        if text.upper().translate(_FOLDED).rstrip(" ") == weight:
            return text.rstrip(" ") if column.type.kind is Kind.CHAR else text
    return weight


def reference_violated(place: Place) -> MySqlError | None:
    """ER_NO_REFERENCED_ROW_2 of the table that refers, ER_ROW_IS_REFERENCED_2 of the other."""
    table, key = _foreign_key(place)
    if table is None or key is None:
        return None
    where = f"{backquoted(table.name.database)}.{backquoted(table.name.table)}"
    told = f"a foreign key constraint fails ({where}, {foreign_key_text(key, table.name.database)})"
    if place.message.startswith("update or delete"):
        text = f"Cannot delete or update a parent row: {told}"
        return MySqlError(MyError.ER_ROW_IS_REFERENCED_2, text)
    return MySqlError(MyError.ER_NO_REFERENCED_ROW_2, f"Cannot add or update a child row: {told}")


def _foreign_key(place: Place) -> tuple[Table | None, ForeignKey | None]:
    # Numbers of foreign keys are unique in the whole server.
    if place.constraint.startswith(FOREIGN_KEY_PREFIX):
        for table in place.catalog.tables():
            for key in table.foreign_keys:
                if key.pg_name == place.constraint:
                    return table, key
    return None, None


def check_violated(place: Place) -> MySqlError | None:
    """A CHECK, or the range of a column's type."""
    table = place.table
    if table is None:
        return None
    if place.constraint.startswith(RANGE_PREFIX):
        column = table.column(place.constraint.removeprefix(RANGE_PREFIX))
        return None if column is None else _out_of_range(column)
    for check in table.checks:
        if check.pg_name == place.constraint:
            return MySqlError(
                MyError.ER_CHECK_CONSTRAINT_VIOLATED,
                f"Check constraint '{check.name}' is violated.",
            )
    return None


def _out_of_range(column: Column) -> MySqlError:
    name, type_ = column.name, column.type
    if type_.kind is Kind.ENUM:
        text = f"Data truncated for column '{name}' at row 1"
        return MySqlError(MyError.WARN_DATA_TRUNCATED, text)
    if type_.is_text or type_.kind in BYTES:
        text = f"Data too long for column '{name}' at row 1"
        return MySqlError(MyError.ER_DATA_TOO_LONG, text)
    if type_.kind in TEMPORAL:
        text = f"Incorrect {type_.kind.value} value for column '{name}' at row 1"
        return MySqlError(MyError.ER_TRUNCATED_WRONG_VALUE, text)
    text = f"Out of range value for column '{name}' at row 1"
    return MySqlError(MyError.ER_WARN_DATA_OUT_OF_RANGE, text)
