"""information_schema: its tables, as views of PostgreSQL over what the catalogue keeps."""

import json
from collections.abc import Mapping

from stend.engines.mysql.catalog.information_rows import (
    CHARACTER_SETS,
    COLLATIONS,
    ENGINES,
    Rows,
    of_database,
    of_table,
)
from stend.engines.mysql.tables.model import Column, Table, TableName
from stend.engines.mysql.tables.naming import (
    INFORMATION_SCHEMA,
    literal,
    quoted,
    relation,
    schema_of,
)
from stend.engines.mysql.tables.types import Kind, SqlType

__all__ = ["CREATE", "TABLES", "Rows", "of_database", "of_table"]

_NAME = SqlType(Kind.VARCHAR, length=64, collation="utf8mb4_bin")
_WORD = SqlType(Kind.VARCHAR, length=64)
_TEXT = SqlType(Kind.LONGTEXT)
_NUMBER = SqlType(Kind.BIGINT, unsigned=True)
_MOMENT = SqlType(Kind.DATETIME, precision=0)

_COLUMNS: dict[str, dict[str, SqlType]] = {
    "SCHEMATA": {
        "CATALOG_NAME": _NAME,
        "SCHEMA_NAME": _NAME,
        "DEFAULT_CHARACTER_SET_NAME": _WORD,
        "DEFAULT_COLLATION_NAME": _WORD,
        "SQL_PATH": _WORD,
        "DEFAULT_ENCRYPTION": _WORD,
    },
    "TABLES": {
        "TABLE_CATALOG": _NAME,
        "TABLE_SCHEMA": _NAME,
        "TABLE_NAME": _NAME,
        "TABLE_TYPE": _WORD,
        "ENGINE": _WORD,
        "VERSION": _NUMBER,
        "ROW_FORMAT": _WORD,
        "TABLE_ROWS": _NUMBER,
        "AVG_ROW_LENGTH": _NUMBER,
        "DATA_LENGTH": _NUMBER,
        "MAX_DATA_LENGTH": _NUMBER,
        "INDEX_LENGTH": _NUMBER,
        "DATA_FREE": _NUMBER,
        "AUTO_INCREMENT": _NUMBER,
        "CREATE_TIME": _MOMENT,
        "UPDATE_TIME": _MOMENT,
        "CHECK_TIME": _MOMENT,
        "TABLE_COLLATION": _WORD,
        "CHECKSUM": _NUMBER,
        "CREATE_OPTIONS": _WORD,
        "TABLE_COMMENT": _TEXT,
    },
    "COLUMNS": {
        "TABLE_CATALOG": _NAME,
        "TABLE_SCHEMA": _NAME,
        "TABLE_NAME": _NAME,
        "COLUMN_NAME": _WORD,
        "ORDINAL_POSITION": _NUMBER,
        "COLUMN_DEFAULT": _TEXT,
        "IS_NULLABLE": _WORD,
        "DATA_TYPE": _TEXT,
        "CHARACTER_MAXIMUM_LENGTH": SqlType(Kind.BIGINT),
        "CHARACTER_OCTET_LENGTH": SqlType(Kind.BIGINT),
        "NUMERIC_PRECISION": _NUMBER,
        "NUMERIC_SCALE": _NUMBER,
        "DATETIME_PRECISION": _NUMBER,
        "CHARACTER_SET_NAME": _WORD,
        "COLLATION_NAME": _WORD,
        "COLUMN_TYPE": _TEXT,
        "COLUMN_KEY": _WORD,
        "EXTRA": _WORD,
        "PRIVILEGES": _WORD,
        "COLUMN_COMMENT": _TEXT,
        "GENERATION_EXPRESSION": _TEXT,
        "SRS_ID": _NUMBER,
    },
    "STATISTICS": {
        "TABLE_CATALOG": _NAME,
        "TABLE_SCHEMA": _NAME,
        "TABLE_NAME": _NAME,
        "NON_UNIQUE": SqlType(Kind.INT),
        "INDEX_SCHEMA": _NAME,
        "INDEX_NAME": _WORD,
        "SEQ_IN_INDEX": _NUMBER,
        "COLUMN_NAME": _WORD,
        "COLLATION": _WORD,
        "CARDINALITY": SqlType(Kind.BIGINT),
        "SUB_PART": SqlType(Kind.BIGINT),
        "PACKED": _WORD,
        "NULLABLE": _WORD,
        "INDEX_TYPE": _WORD,
        "COMMENT": _WORD,
        "INDEX_COMMENT": _TEXT,
        "IS_VISIBLE": _WORD,
        "EXPRESSION": _TEXT,
    },
    "KEY_COLUMN_USAGE": {
        "CONSTRAINT_CATALOG": _NAME,
        "CONSTRAINT_SCHEMA": _NAME,
        "CONSTRAINT_NAME": _WORD,
        "TABLE_CATALOG": _NAME,
        "TABLE_SCHEMA": _NAME,
        "TABLE_NAME": _NAME,
        "COLUMN_NAME": _WORD,
        "ORDINAL_POSITION": _NUMBER,
        "POSITION_IN_UNIQUE_CONSTRAINT": _NUMBER,
        "REFERENCED_TABLE_SCHEMA": _NAME,
        "REFERENCED_TABLE_NAME": _NAME,
        "REFERENCED_COLUMN_NAME": _WORD,
    },
    "TABLE_CONSTRAINTS": {
        "CONSTRAINT_CATALOG": _NAME,
        "CONSTRAINT_SCHEMA": _NAME,
        "CONSTRAINT_NAME": _WORD,
        "TABLE_SCHEMA": _NAME,
        "TABLE_NAME": _NAME,
        "CONSTRAINT_TYPE": _WORD,
        "ENFORCED": _WORD,
    },
    "REFERENTIAL_CONSTRAINTS": {
        "CONSTRAINT_CATALOG": _NAME,
        "CONSTRAINT_SCHEMA": _NAME,
        "CONSTRAINT_NAME": _WORD,
        "UNIQUE_CONSTRAINT_CATALOG": _NAME,
        "UNIQUE_CONSTRAINT_SCHEMA": _NAME,
        "UNIQUE_CONSTRAINT_NAME": _WORD,
        "MATCH_OPTION": _WORD,
        "UPDATE_RULE": _WORD,
        "DELETE_RULE": _WORD,
        "TABLE_NAME": _NAME,
        "REFERENCED_TABLE_NAME": _NAME,
    },
    "CHECK_CONSTRAINTS": {
        "CONSTRAINT_CATALOG": _NAME,
        "CONSTRAINT_SCHEMA": _NAME,
        "CONSTRAINT_NAME": _WORD,
        "CHECK_CLAUSE": _TEXT,
    },
    "VIEWS": {
        "TABLE_CATALOG": _NAME,
        "TABLE_SCHEMA": _NAME,
        "TABLE_NAME": _NAME,
        "VIEW_DEFINITION": _TEXT,
        "CHECK_OPTION": _WORD,
        "IS_UPDATABLE": _WORD,
        "DEFINER": _WORD,
        "SECURITY_TYPE": _WORD,
        "CHARACTER_SET_CLIENT": _WORD,
        "COLLATION_CONNECTION": _WORD,
    },
    "ENGINES": {
        "ENGINE": _WORD,
        "SUPPORT": _WORD,
        "COMMENT": _WORD,
        "TRANSACTIONS": _WORD,
        "XA": _WORD,
        "SAVEPOINTS": _WORD,
    },
    "CHARACTER_SETS": {
        "CHARACTER_SET_NAME": _WORD,
        "DEFAULT_COLLATE_NAME": _WORD,
        "DESCRIPTION": _WORD,
        "MAXLEN": _NUMBER,
    },
    "COLLATIONS": {
        "COLLATION_NAME": _WORD,
        "CHARACTER_SET_NAME": _WORD,
        "ID": _NUMBER,
        "IS_DEFAULT": _WORD,
        "IS_COMPILED": _WORD,
        "SORTLEN": _NUMBER,
        "PAD_ATTRIBUTE": _WORD,
    },
}
_STATIC = {"ENGINES": ENGINES, "CHARACTER_SETS": CHARACTER_SETS, "COLLATIONS": COLLATIONS}
# What is known when it is asked for only.
_ASKED = {
    ("TABLES", "TABLE_ROWS"): "my.row_count(kept.database, kept.name)",
    ("TABLES", "AUTO_INCREMENT"): "my.next_number(kept.database, kept.name)",
}
_PG_TYPES = {
    Kind.VARCHAR: "text",
    Kind.LONGTEXT: "text",
    Kind.BIGINT: "bigint",
    Kind.INT: "integer",
    Kind.DATETIME: "timestamp(0)",
}
_FUNCTIONS = (
    """
    CREATE OR REPLACE FUNCTION my.next_number(database text, name text) RETURNS numeric
    LANGUAGE plpgsql STABLE AS $body$
    DECLARE
        counter text := format('%I.%I', 'd_' || database, name || '#ai');
        upcoming numeric;
    BEGIN
        IF to_regclass(counter) IS NOT NULL THEN
            EXECUTE 'SELECT last_value::numeric + is_called::int FROM ' || counter INTO upcoming;
        END IF;
        RETURN upcoming;
    END
    $body$
    """,
    """
    CREATE OR REPLACE FUNCTION my.row_count(database text, name text) RETURNS numeric
    LANGUAGE plpgsql STABLE AS $body$
    DECLARE
        relation text := format('%I.%I', 'd_' || database, name);
        found numeric;
    BEGIN
        IF database <> 'information_schema' AND to_regclass(relation) IS NOT NULL THEN
            EXECUTE 'SELECT count(*) FROM ' || relation INTO found;
        END IF;
        RETURN found;
    END
    $body$
    """,
)


def _table(name: str) -> Table:
    columns = tuple(Column(one, type_) for one, type_ in _COLUMNS[name].items())
    return Table(TableName(INFORMATION_SCHEMA, name), columns, engine="")


TABLES: Mapping[str, Table] = {name: _table(name) for name in _COLUMNS}


def _view(name: str) -> str:
    columns = ", ".join(
        f"{_ASKED.get((name, column)) or _field(index, type_)} AS {quoted(column.lower())}"
        for index, (column, type_) in enumerate(_COLUMNS[name].items())
    )
    view = relation(TableName(INFORMATION_SCHEMA, name))
    if name in _STATIC:
        rows = literal(json.dumps(_STATIC[name]))
        source = f"jsonb_array_elements({rows}::jsonb) WITH ORDINALITY AS row(line, place)"
        order = "place"
    else:
        rows = f"kept.information -> {literal(name)}"
        lines = f"jsonb_array_elements({rows}) WITH ORDINALITY AS row(line, place)"
        source = f"my.catalogue AS kept CROSS JOIN {lines}"
        order = "kept.database, kept.name, place"
    return " ".join((f"CREATE VIEW {view} AS SELECT", columns, f"FROM {source} ORDER BY {order}"))


def _field(index: int, type_: SqlType) -> str:
    value = f"(line ->> {index})::{_PG_TYPES[type_.kind]}"
    return f"({value})::numeric(20,0)" if type_.unsigned else value


def _own_rows() -> list[str]:
    """What information_schema tells of itself."""
    told = {"": of_database(INFORMATION_SCHEMA)}
    told |= {name: of_table(table, None) for name, table in TABLES.items()}
    own = literal(INFORMATION_SCHEMA)
    values = ", ".join(
        f"({own}, {literal(name)}, '', {literal(json.dumps(rows))})" for name, rows in told.items()
    )
    return [
        " ".join(("DELETE FROM my.catalogue WHERE", f"database = {own}")),
        " ".join(("INSERT INTO my.catalogue", f"VALUES {values}")),
    ]


_SCHEMA = quoted(schema_of(INFORMATION_SCHEMA))
CREATE: tuple[str, ...] = (
    *_FUNCTIONS,
    f"DROP SCHEMA IF EXISTS {_SCHEMA} CASCADE",
    f"CREATE SCHEMA {_SCHEMA}",
    *map(_view, _COLUMNS),
    *_own_rows(),
)
