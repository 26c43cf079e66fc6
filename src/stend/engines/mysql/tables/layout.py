"""How a table lies in PostgreSQL: types of its columns, and the statements that make its parts."""

from collections.abc import Sequence

from stend.engines.mysql.tables.model import Check, Column, ForeignKey, Key, Table, TableName
from stend.engines.mysql.tables.naming import (
    counter,
    key_expressions,
    literal,
    quoted,
    range_name,
    relation,
)
from stend.engines.mysql.tables.types import Kind, SqlType

_TYPES = {
    Kind.TINYINT: "smallint",
    Kind.SMALLINT: "smallint",
    Kind.MEDIUMINT: "integer",
    Kind.INT: "integer",
    Kind.BIGINT: "bigint",
    Kind.YEAR: "smallint",
    Kind.FLOAT: "real",
    Kind.DOUBLE: "double precision",
    Kind.DATE: "date",
    Kind.JSON: "jsonb",
}
_UNSIGNED_TYPES = {
    Kind.SMALLINT: "integer",
    Kind.INT: "bigint",
    Kind.BIGINT: "numeric(20,0)",
}
_TIMES = {
    Kind.TIME: "interval({})",
    Kind.DATETIME: "timestamp({})",
    Kind.TIMESTAMP: "timestamp({}) with time zone",
}
INTEGER_BITS = {
    Kind.TINYINT: 8,
    Kind.SMALLINT: 16,
    Kind.MEDIUMINT: 24,
    Kind.INT: 32,
    Kind.BIGINT: 64,
}
_MAX_BYTES = {
    Kind.TINYTEXT: 255,
    Kind.TEXT: 65535,
    Kind.MEDIUMTEXT: 16777215,
    Kind.TINYBLOB: 255,
    Kind.BLOB: 65535,
    Kind.MEDIUMBLOB: 16777215,
}
_PERIODS = {
    Kind.DATE: ("0001-01-01", "9999-12-31"),
    Kind.DATETIME: ("0001-01-01", "9999-12-31 23:59:59.999999"),
    Kind.TIMESTAMP: ("1970-01-01 00:00:01+00", "2038-01-19 03:14:07.999999+00"),
    Kind.TIME: ("-838:59:59", "838:59:59"),
}


def pg_type(type_: SqlType) -> str:
    """The type of a column that holds values of `type_`."""
    if type_.is_text:
        return "text"
    if type_.kind is Kind.DECIMAL:
        return f"numeric({type_.precision},{type_.scale})"
    if type_.kind in _TIMES:
        return _TIMES[type_.kind].format(type_.precision or 0)
    if type_.unsigned and type_.kind in _UNSIGNED_TYPES:
        return _UNSIGNED_TYPES[type_.kind]
    return _TYPES.get(type_.kind, "bytea")


def integer_range(type_: SqlType) -> tuple[int, int]:
    """The least and the greatest value of an integer type."""
    bits = INTEGER_BITS[type_.kind]
    if type_.unsigned:
        return 0, (1 << bits) - 1
    return -(1 << (bits - 1)), (1 << (bits - 1)) - 1


def range_condition(column: Column) -> str | None:
    """What holds a column's values within its type, where PostgreSQL's type allows more."""
    name, type_ = quoted(column.pg_name), column.type
    if type_.kind in INTEGER_BITS:
        low, high = integer_range(type_)
        return None if _is_full(type_) else f"{name} BETWEEN {low} AND {high}"
    if type_.kind in _PERIODS:
        low_text, high_text = (f"{literal(one)}::{pg_type(type_)}" for one in _PERIODS[type_.kind])
        return f"{name} BETWEEN {low_text} AND {high_text}"
    if type_.kind is Kind.YEAR:
        return f"{name} = 0 OR {name} BETWEEN 1901 AND 2155"
    if type_.kind is Kind.DECIMAL:
        return f"{name} >= 0" if type_.unsigned else None
    if type_.kind is Kind.ENUM:
        return f"{name} IN ({', '.join(map(literal, type_.members))})"
    return _length_condition(name, type_)


def _is_full(type_: SqlType) -> bool:
    return not type_.unsigned and type_.kind in {Kind.SMALLINT, Kind.INT, Kind.BIGINT}


def _length_condition(name: str, type_: SqlType) -> str | None:
    if type_.length is not None:
        measure = "char_length" if type_.is_text else "octet_length"
        return f"{measure}({name}) <= {type_.length}"
    most = _MAX_BYTES.get(type_.kind)
    return None if most is None else f"octet_length({name}) <= {most}"


def column_sql(column: Column) -> str:
    """A column for CREATE TABLE and ADD COLUMN, without its range."""
    parts = [quoted(column.pg_name), pg_type(column.type)]
    if column.generated_pg is not None:
        parts.append(f"GENERATED ALWAYS AS ({column.generated_pg}) STORED")
    if not column.nullable:
        parts.append("NOT NULL")
    return " ".join(parts)


def range_sql(column: Column) -> str | None:
    """The constraint of a column's range."""
    condition = range_condition(column)
    if condition is None:
        return None
    return f"CONSTRAINT {quoted(range_name(column.pg_name))} CHECK ({condition})"


def check_sql(check: Check) -> str:
    return f"CONSTRAINT {quoted(check.pg_name)} CHECK ({check.condition_pg})"


def create_table(table: Table) -> list[str]:
    """A table with its columns, checks and keys; not its foreign keys."""
    parts = [column_sql(one) for one in table.columns]
    parts += [text for one in table.columns if (text := range_sql(one)) is not None]
    parts += [check_sql(one) for one in table.checks if one.enforced]
    statements = [f"CREATE TABLE {relation(table.name)} ({', '.join(parts)})"]
    if table.auto_increment is not None:
        statements.append(create_counter(table.name, table.auto_increment))
    return statements + [create_key(table, one) for one in table.keys]


def create_counter(name: TableName, column: Column) -> str:
    """The sequence of AUTO_INCREMENT; it goes when its column goes."""
    owner = f"{relation(name)}.{quoted(column.pg_name)}"
    return f"CREATE SEQUENCE {counter(name)} AS bigint OWNED BY {owner}"


def raise_counter(name: TableName, column: Column, to: int | None) -> str:
    """Makes the next value `to`, but never one that is taken already."""
    least = "1" if to is None else str(to)
    taken = f"coalesce(max({quoted(column.pg_name)}) + 1, 1)"
    value = f"setval({literal(counter(name))}, greatest({least}, {taken})::bigint, false)"
    return " ".join(("SELECT", value, "FROM", relation(name)))


def create_key(table: Table, key: Key) -> str:
    parts = []
    for index, expression in enumerate(key_expressions(table, key)):
        is_descending = bool(key.descending) and key.descending[index]
        # MySQL's NULL is less than anything.
        parts.append(expression + (" DESC NULLS LAST" if is_descending else " NULLS FIRST"))
    unique = "UNIQUE " if key.unique else ""
    name = quoted(key.pg_name)
    return f"CREATE {unique}INDEX {name} ON {relation(table.name)} ({', '.join(parts)})"


def drop_key(table: TableName, pg_name: str) -> str:
    return f"DROP INDEX {relation(TableName(table.database, pg_name))}"


def create_foreign_key(table: Table, key: ForeignKey, target: Table) -> list[str]:
    """The constraint, and where texts are compared by weight, what lets it compare them at all."""
    columns = _pg_columns(table, key.columns)
    targets = _pg_columns(target, key.target_columns)
    statements = []
    if compares_texts(target, key.target_columns):
        name = quoted(target_index(key))
        statements.append(f"CREATE UNIQUE INDEX {name} ON {relation(target.name)} ({targets})")
    on_delete, on_update = (
        "RESTRICT" if action == "NO ACTION" else action for action in (key.on_delete, key.on_update)
    )
    statements.append(
        f"ALTER TABLE {relation(table.name)} ADD CONSTRAINT {quoted(key.pg_name)} "
        f"FOREIGN KEY ({columns}) REFERENCES {relation(target.name)} ({targets}) "
        f"ON DELETE {on_delete} ON UPDATE {on_update}"
    )
    return statements


def drop_foreign_key(table: Table, key: ForeignKey, target: Table | None) -> list[str]:
    name = quoted(key.pg_name)
    statements = [f"ALTER TABLE {relation(table.name)} DROP CONSTRAINT {name}"]
    if target is not None and compares_texts(target, key.target_columns):
        statements.append(drop_key(target.name, target_index(key)))
    return statements


def target_index(key: ForeignKey) -> str:
    """The index that is made on the target for one foreign key, on texts as they are."""
    return f"{key.pg_name}#t"


def compares_texts(table: Table, columns: Sequence[str]) -> bool:
    """Whether a key on these columns compares weights."""
    found = (table.column(name) for name in columns)
    return any(column is not None and column.type.is_text for column in found)


def _pg_columns(table: Table, names: Sequence[str]) -> str:
    found = (table.column(name) for name in names)
    return ", ".join(quoted(column.pg_name) for column in found if column is not None)
