"""Names of MySQL as names of PostgreSQL."""

from stend.engines.mysql.errors import MyError, MySqlError, not_supported
from stend.engines.mysql.tables.model import Key, Table, TableName
from stend.engines.mysql.tables.types import SqlType

# PostgreSQL cuts longer names off (NAMEDATALEN), and two tables would become one.
_MAX_BYTES = 63
_SCHEMA_PREFIX = "d_"
COUNTER_SUFFIX = "#ai"
RANGE_PREFIX = "r#"
# The prefixes of what is made for a table, by number: no table of MySQL is named like them.
KEY_PREFIX = "k#"
FOREIGN_KEY_PREFIX = "f#"
CHECK_PREFIX = "c#"
_WRONG_NAMES = {
    "database": MyError.ER_WRONG_DB_NAME,
    "table": MyError.ER_WRONG_TABLE_NAME,
    "index": MyError.ER_WRONG_NAME_FOR_INDEX,
}
INFORMATION_SCHEMA = "information_schema"


def quoted(name: str) -> str:
    """A name in double quotes."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text in single quotes; standard_conforming_strings is on.

    Raises:
        MySqlError: it has the character U+0000, which PostgreSQL cannot keep.
    """
    if "\0" in text:
        raise not_supported("The character U+0000 in a text")
    return "'" + text.replace("'", "''") + "'"


def schema_of(database: str) -> str:
    """The schema of a database, without quotes."""
    return _SCHEMA_PREFIX + database


def relation(name: TableName) -> str:
    """A table as PostgreSQL names it."""
    return f"{quoted(schema_of(name.database))}.{quoted(name.table)}"


def counter(name: TableName) -> str:
    """The sequence of a table's AUTO_INCREMENT, as PostgreSQL names it."""
    return f"{quoted(schema_of(name.database))}.{quoted(name.table + COUNTER_SUFFIX)}"


def range_name(pg_column: str) -> str:
    """The constraint that holds a column within the range of its type, without quotes."""
    return RANGE_PREFIX + pg_column


def weighed(sql: str, type_: SqlType) -> str:
    """What decides whether two values of a type are the same; `sql` itself of all but texts."""
    if not type_.is_text:
        return sql
    function = "my.weight_bin" if type_.collation.endswith("_bin") else "my.weight"
    return f"{function}({sql})"


def key_expressions(table: Table, key: Key) -> tuple[str, ...]:
    """What a key's index is on, in its order: for CREATE INDEX and for ON CONFLICT."""
    return tuple(_key_part(table, key, index) for index in range(len(key.columns)))


def _key_part(table: Table, key: Key, index: int) -> str:
    column = table.column(key.columns[index])
    if column is None:
        raise LookupError(f"{key.name} is on {key.columns[index]}, which {table.name} has not")
    name = quoted(column.pg_name)
    prefix = key.prefixes[index] if key.prefixes else None
    if prefix is not None:
        name = f"substr({name}, 1, {prefix})"
    if column.type.is_text:
        return weighed(name, column.type)
    return f"({name})" if prefix is not None else name


def check_name(name: str, what: str, room: int = 0) -> None:
    """
    Args:
        what: database, table, column, index…
        room: bytes that PostgreSQL's name needs beside it.

    Raises:
        MySqlError: the name is empty, ends with a space or is too long.
    """
    if not name or name.endswith(" ") or "\0" in name:
        error = _WRONG_NAMES.get(what, MyError.ER_WRONG_COLUMN_NAME)
        raise MySqlError(error, f"Incorrect {what} name '{name}'")
    if len(name) > 64 or len(name.encode()) + room > _MAX_BYTES:
        raise MySqlError(MyError.ER_TOO_LONG_IDENT, f"Identifier name '{name}' is too long")
