"""Types, columns and tables in MySQL's words: for SHOW and for information_schema."""

from stend.engines.mysql.catalog.printing import backquoted, string
from stend.engines.mysql.catalog.syntax.charsets import DEFAULT_COLLATION
from stend.engines.mysql.tables.model import Column, ForeignKey, Key, Table
from stend.engines.mysql.tables.types import Kind, SqlType

_WITH_LENGTH = frozenset({Kind.CHAR, Kind.VARCHAR, Kind.BINARY, Kind.VARBINARY})
_WITH_FRACTION = frozenset({Kind.TIME, Kind.DATETIME, Kind.TIMESTAMP})
# They are shown without DEFAULT NULL.
_WITHOUT_DEFAULT = frozenset(
    {
        Kind.TINYTEXT,
        Kind.TEXT,
        Kind.MEDIUMTEXT,
        Kind.LONGTEXT,
        Kind.TINYBLOB,
        Kind.BLOB,
        Kind.MEDIUMBLOB,
        Kind.LONGBLOB,
    }
)


def type_text(type_: SqlType) -> str:
    """A column's type: `int unsigned`, `varchar(20)`, `enum('a','b')`."""
    kind = type_.kind
    text = kind.value
    if kind in _WITH_LENGTH:
        text += f"({type_.length})"
    elif kind is Kind.DECIMAL:
        text += f"({type_.precision},{type_.scale})"
    elif kind in _WITH_FRACTION and type_.precision:
        text += f"({type_.precision})"
    elif kind is Kind.ENUM:
        text += f"({','.join(map(string, type_.members))})"
    elif type_.display_width is not None:
        text += f"({type_.display_width})"
    return text + (" unsigned" if type_.unsigned else "")


def now_suffix(type_: SqlType) -> str:
    """ON UPDATE's value."""
    return f"CURRENT_TIMESTAMP({type_.precision})" if type_.precision else "CURRENT_TIMESTAMP"


def column_text(column: Column) -> str:
    """A column as SHOW CREATE TABLE has it."""
    parts = [backquoted(column.name), type_text(column.type)]
    if column.type.is_text and column.type.collation != DEFAULT_COLLATION:
        parts.append(f"CHARACTER SET utf8mb4 COLLATE {column.type.collation}")
    if column.generated_sql is not None:
        manner = "STORED" if column.generated_stored else "VIRTUAL"
        parts.append(f"GENERATED ALWAYS AS ({column.generated_sql}) {manner}")
    if not column.nullable:
        parts.append("NOT NULL")
    elif column.type.kind is Kind.TIMESTAMP:
        parts.append("NULL")
    parts += _value_parts(column)
    if column.comment:
        parts.append(f"COMMENT {string(column.comment)}")
    return " ".join(parts)


def _value_parts(column: Column) -> list[str]:
    parts = []
    default = column.default_sql
    if default == "NULL" and column.type.kind in _WITHOUT_DEFAULT:
        default = None
    if default is not None and column.generated_sql is None:
        parts.append(f"DEFAULT {default}")
    if column.on_update_now:
        parts.append(f"ON UPDATE {now_suffix(column.type)}")
    if column.auto_increment:
        parts.append("AUTO_INCREMENT")
    return parts


def key_text(key: Key) -> str:
    """A key as SHOW CREATE TABLE has it."""
    columns = ",".join(key_column_text(key, index) for index in range(len(key.columns)))
    if key.is_primary:
        text = f"PRIMARY KEY ({columns})"
    else:
        text = f"{'UNIQUE KEY' if key.unique else 'KEY'} {backquoted(key.name)} ({columns})"
    return text + (f" COMMENT {string(key.comment)}" if key.comment else "")


def key_column_text(key: Key, index: int) -> str:
    text = backquoted(key.columns[index])
    prefix = key.prefixes[index] if key.prefixes else None
    if prefix is not None:
        text += f"({prefix})"
    return text + (" DESC" if key.descending and key.descending[index] else "")


def foreign_key_text(key: ForeignKey, database: str) -> str:
    """A foreign key as SHOW CREATE TABLE and errors have it.

    Args:
        database: of its table: the target's is told where it is another.
    """
    target = backquoted(key.target.table)
    if key.target.database != database:
        target = f"{backquoted(key.target.database)}.{target}"
    columns = ", ".join(map(backquoted, key.columns))
    targets = ", ".join(map(backquoted, key.target_columns))
    text = f"CONSTRAINT {backquoted(key.name)} FOREIGN KEY ({columns}) REFERENCES {target}"
    text += f" ({targets})"
    for event, action in (("DELETE", key.on_delete), ("UPDATE", key.on_update)):
        if action != "NO ACTION":
            text += f" ON {event} {action}"
    return text


COUNTER_PLACE = "\0"


def table_text(table: Table) -> str:
    """SHOW CREATE TABLE, with COUNTER_PLACE where ` AUTO_INCREMENT=n` may come."""
    parts = [column_text(one) for one in table.columns]
    parts += [key_text(one) for one in table.keys]
    parts += [foreign_key_text(one, table.name.database) for one in table.foreign_keys]
    for check in table.checks:
        text = f"CONSTRAINT {backquoted(check.name)} CHECK ({check.condition_sql})"
        parts.append(text if check.enforced else f"{text} /*!80016 NOT ENFORCED */")
    body = ",\n".join(f"  {one}" for one in parts)
    options = f"ENGINE={table.engine}{COUNTER_PLACE} DEFAULT CHARSET=utf8mb4"
    options += f" COLLATE={table.collation}"
    if table.comment:
        options += f" COMMENT={string(table.comment)}"
    return f"CREATE TABLE {backquoted(table.name.table)} (\n{body}\n) {options}"


def default_text(column: Column) -> str | None:
    """The default as SHOW COLUMNS has it: its value, or its expression; None is NULL."""
    text = column.default_sql
    if text is None or text == "NULL" or column.generated_sql is not None:
        return None
    if text.startswith("'"):
        return _unquoted(text)
    if text.startswith("("):
        return text[1:-1]
    return text


_UNESCAPED = {"\\\\": "\\", "\\n": "\n", "\\r": "\r", "\\0": "\0", "''": "'"}


def _unquoted(text: str) -> str:
    parts, body, at = [], text[1:-1], 0
    while at < len(body):
        pair = body[at : at + 2]
        parts.append(_UNESCAPED.get(pair, body[at]))
        at += 2 if pair in _UNESCAPED else 1
    return "".join(parts)


def extra_text(column: Column) -> str:
    """Extra of SHOW COLUMNS."""
    if column.auto_increment:
        return "auto_increment"
    if column.generated_sql is not None:
        return "STORED GENERATED" if column.generated_stored else "VIRTUAL GENERATED"
    parts = []
    if column.default_sql is not None and column.default_sql.startswith(("CURRENT", "(")):
        parts.append("DEFAULT_GENERATED")
    if column.on_update_now:
        parts.append(f"on update {now_suffix(column.type)}")
    return " ".join(parts)


def key_flag(table: Table, column: Column) -> str:
    """Key of SHOW COLUMNS: PRI, UNI, MUL or nothing."""
    flag = ""
    primary = table.primary_key or _first_without_nulls(table)
    for key in table.keys:
        names = [one.lower() for one in key.columns]
        if key is primary and column.pg_name in names:
            return "PRI"
        if names[0] != column.pg_name:
            continue
        if key.unique and len(names) == 1:
            flag = "UNI"
        elif not flag:
            flag = "MUL"
    return flag


def _first_without_nulls(table: Table) -> Key | None:
    """What InnoDB takes for the primary key where none is declared."""
    nullable = {column.pg_name for column in table.columns if column.nullable}
    for key in table.keys:
        if key.unique and not any(one.lower() in nullable for one in key.columns):
            return key
    return None
