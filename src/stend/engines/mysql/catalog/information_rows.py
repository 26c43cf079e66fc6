"""What information_schema tells of each database and each table: rows by its tables' names."""

from stend.engines.mysql.catalog.describing import (
    default_text,
    extra_text,
    key_flag,
    type_text,
)
from stend.engines.mysql.catalog.syntax.charsets import CHARSET, DEFAULT_COLLATION
from stend.engines.mysql.results import column_facts
from stend.engines.mysql.tables.model import Catalog, ForeignKey, Key, Table
from stend.engines.mysql.tables.naming import INFORMATION_SCHEMA
from stend.engines.mysql.tables.types import BYTES, INTEGERS, Kind, SqlType

Cell = str | int | None
Rows = dict[str, list[list[Cell]]]

_DEF = "def"
_PRIVILEGES = "select,insert,update,references"
_INTEGER_PRECISIONS = {
    Kind.TINYINT: 3,
    Kind.SMALLINT: 5,
    Kind.MEDIUMINT: 7,
    Kind.INT: 10,
    Kind.BIGINT: 19,
}
_WITH_FRACTION = frozenset({Kind.TIME, Kind.DATETIME, Kind.TIMESTAMP})

ENGINES: list[list[Cell]] = [
    [
        "InnoDB",
        "DEFAULT",
        "Supports transactions, row-level locking, and foreign keys",
        "YES",
        "NO",
        "YES",
    ]
]
CHARACTER_SETS: list[list[Cell]] = [[CHARSET, DEFAULT_COLLATION, "UTF-8 Unicode", 4]]
COLLATIONS: list[list[Cell]] = [
    ["utf8mb4_general_ci", CHARSET, 45, "Yes", "Yes", 1, "PAD SPACE"],
    ["utf8mb4_bin", CHARSET, 46, "", "Yes", 1, "PAD SPACE"],
]


def of_database(name: str) -> Rows:
    return {"SCHEMATA": [[_DEF, name, CHARSET, DEFAULT_COLLATION, None, "NO"]]}


def of_table(table: Table, catalog: Catalog | None) -> Rows:
    """
    Args:
        catalog: with the tables that foreign keys refer to.
    """
    rows: Rows = {
        "TABLES": [_table_row(table)],
        "COLUMNS": [_column_row(table, place) for place in range(len(table.columns))],
        "STATISTICS": [row for key in table.keys for row in statistics_rows(table, key)],
        "KEY_COLUMN_USAGE": _usage_rows(table),
        "TABLE_CONSTRAINTS": _constraint_rows(table),
        "REFERENTIAL_CONSTRAINTS": [
            _reference_row(table, key, catalog) for key in table.foreign_keys
        ],
        "CHECK_CONSTRAINTS": [
            [_DEF, table.name.database, check.name, _escaped(check.condition_sql)]
            for check in table.checks
        ],
    }
    if table.view_sql is not None:
        rows["VIEWS"] = [_view_row(table)]
    return {name: one for name, one in rows.items() if one}


def _table_row(table: Table) -> list[Cell]:
    head: list[Cell] = [_DEF, table.name.database, table.name.table]
    if table.name.database == INFORMATION_SCHEMA:
        return [*head, "SYSTEM VIEW", None, 10, *[None] * 12, None, "", ""]
    if table.view_sql is not None:
        nothing: list[Cell] = [None] * 10
        return [*head, "VIEW", *nothing, table.created, *[None] * 5, "VIEW"]
    return [
        *head,
        "BASE TABLE",
        table.engine,
        10,
        "Dynamic",
        *[None] * 7,
        table.created,
        None,
        None,
        table.collation,
        None,
        "",
        table.comment,
    ]


def _column_row(table: Table, place: int) -> list[Cell]:
    column = table.columns[place]
    type_ = column.type
    return [
        _DEF,
        table.name.database,
        table.name.table,
        column.name,
        place + 1,
        default_text(column),
        "YES" if column.nullable else "NO",
        type_.kind.value,
        *_lengths(type_),
        *_precisions(type_),
        (type_.precision or 0) if type_.kind in _WITH_FRACTION else None,
        CHARSET if type_.is_text else None,
        type_.collation if type_.is_text else None,
        type_text(type_),
        key_flag(table, column),
        extra_text(column),
        _PRIVILEGES,
        column.comment,
        _escaped(column.generated_sql or ""),
        None,
    ]


def _lengths(type_: SqlType) -> tuple[Cell, Cell]:
    """Characters and bytes."""
    size = column_facts(type_).length
    if type_.kind is Kind.ENUM or type_.kind in {Kind.CHAR, Kind.VARCHAR}:
        return size // 4, size
    if type_.is_text or type_.kind in BYTES:
        return size, size
    return None, None


def _precisions(type_: SqlType) -> tuple[Cell, Cell]:
    """Of a number: its digits, and those after the point."""
    if type_.kind is Kind.BIGINT and type_.unsigned:
        return 20, 0
    if type_.kind in INTEGERS - {Kind.YEAR}:
        return _INTEGER_PRECISIONS[type_.kind], 0
    if type_.kind is Kind.DECIMAL:
        return type_.precision, type_.scale
    if type_.kind in {Kind.FLOAT, Kind.DOUBLE}:
        return (12 if type_.kind is Kind.FLOAT else 22), None
    return None, None


def statistics_rows(table: Table, key: Key) -> list[list[Cell]]:
    rows: list[list[Cell]] = []
    for index, name in enumerate(key.columns):
        column = table.column(name)
        is_descending = bool(key.descending) and key.descending[index]
        rows.append(
            [
                _DEF,
                table.name.database,
                table.name.table,
                int(not key.unique),
                table.name.database,
                key.name,
                index + 1,
                name,
                "D" if is_descending else "A",
                None,
                key.prefixes[index] if key.prefixes else None,
                None,
                "YES" if column is not None and column.nullable else "",
                "BTREE",
                "",
                key.comment,
                "YES",
                None,
            ]
        )
    return rows


def _usage_rows(table: Table) -> list[list[Cell]]:
    database, name = table.name.database, table.name.table
    rows: list[list[Cell]] = []
    for key in table.keys:
        if key.unique:
            for place, column in enumerate(key.columns, 1):
                head: list[Cell] = [_DEF, database, key.name, _DEF, database, name, column, place]
                rows.append([*head, None, None, None, None])
    for foreign in table.foreign_keys:
        for place, column in enumerate(foreign.columns, 1):
            head = [_DEF, database, foreign.name, _DEF, database, name, column, place]
            target = foreign.target
            other = foreign.target_columns[place - 1]
            rows.append([*head, place, target.database, target.table, other])
    return rows


def _constraint_rows(table: Table) -> list[list[Cell]]:
    database, name = table.name.database, table.name.table

    def row(constraint: str, kind: str, enforced: str = "YES") -> list[Cell]:
        return [_DEF, database, constraint, database, name, kind, enforced]

    rows = [
        row(key.name, "PRIMARY KEY" if key.is_primary else "UNIQUE")
        for key in table.keys
        if key.unique
    ]
    rows += [row(key.name, "FOREIGN KEY") for key in table.foreign_keys]
    rows += [row(one.name, "CHECK", "YES" if one.enforced else "NO") for one in table.checks]
    return rows


def _reference_row(table: Table, key: ForeignKey, catalog: Catalog | None) -> list[Cell]:
    target = catalog.table(key.target) if catalog is not None else None
    return [
        _DEF,
        table.name.database,
        key.name,
        _DEF,
        key.target.database,
        _unique_name(target, key),
        "NONE",
        key.on_update,
        key.on_delete,
        table.name.table,
        key.target.table,
    ]


def _unique_name(target: Table | None, key: ForeignKey) -> str | None:
    wanted = [one.lower() for one in key.target_columns]
    for one in target.keys if target is not None else ():
        if one.unique and [column.lower() for column in one.columns] == wanted:
            return one.name
    return None


def _view_row(table: Table) -> list[Cell]:
    return [
        _DEF,
        table.name.database,
        table.name.table,
        table.view_sql,
        "NONE",
        "NO",
        "root@%",
        "DEFINER",
        CHARSET,
        DEFAULT_COLLATION,
    ]


def _escaped(text: str) -> str:
    """Quotes of an expression are escaped in information_schema."""
    return text.replace("\\", "\\\\").replace("'", "\\'")
