"""SHOW of databases, tables, columns and indexes."""

from stend.engines.mysql.catalog.describing import (
    COUNTER_PLACE,
    default_text,
    extra_text,
    key_flag,
    table_text,
    type_text,
)
from stend.engines.mysql.catalog.information_rows import statistics_rows
from stend.engines.mysql.catalog.printing import backquoted
from stend.engines.mysql.catalog.shown.table import (
    LONG_TEXT,
    MOMENT,
    NAME,
    NUMBER,
    TEXT,
    Asked,
    Cell,
    Shown,
)
from stend.engines.mysql.catalog.syntax.tables import read_name
from stend.engines.mysql.catalog.syntax.tokens import Tokens
from stend.engines.mysql.errors import MyError, MySqlError, not_supported
from stend.engines.mysql.tables.model import Catalog, Column, Table, TableName
from stend.engines.mysql.tables.naming import INFORMATION_SCHEMA, literal

_PRIVILEGES = "select,insert,update,references"
_DATABASE_OPTIONS = (
    "/*!40100 DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci */ "
    "/*!80016 DEFAULT ENCRYPTION='N' */"
)


def read_database(tokens: Tokens, catalog: Catalog, default: str | None) -> str:
    """`FROM database`, or the default one.

    Raises:
        MySqlError: there is none.
    """
    name = tokens.name() if tokens.accept_any("FROM", "IN") else default
    if name is None:
        raise MySqlError(MyError.ER_NO_DB_ERROR, "No database selected")
    if name.lower() == INFORMATION_SCHEMA:
        name = INFORMATION_SCHEMA
    if name not in catalog.databases:
        raise MySqlError(MyError.ER_BAD_DB_ERROR, f"Unknown database '{name}'")
    return name


def read_table(tokens: Tokens, catalog: Catalog, default: str | None) -> Table:
    """`table`, `database.table` or `table FROM database`.

    Raises:
        MySqlError: there is none.
    """
    name = read_name(tokens)
    database = name.database
    if tokens.accept_any("FROM", "IN"):
        database = tokens.name()
    database = database if database is not None else default
    if database is None:
        raise MySqlError(MyError.ER_NO_DB_ERROR, "No database selected")
    if database.lower() != INFORMATION_SCHEMA and database not in catalog.databases:
        raise MySqlError(MyError.ER_BAD_DB_ERROR, f"Unknown database '{database}'")
    table = catalog.table(TableName(database, name.table))
    if table is None:
        message = f"Table '{database}.{name.table}' doesn't exist"
        raise MySqlError(MyError.ER_NO_SUCH_TABLE, message)
    return table


def _titled(title: str, tokens: Tokens) -> str:
    """The pattern of LIKE stands in the title."""
    if not tokens.is_word("LIKE"):
        return title
    return f"{title} ({tokens.ahead(1).text[1:-1]})"


def databases(tokens: Tokens, catalog: Catalog) -> Shown:
    title = _titled("Database", tokens)
    rows: list[list[Cell]] = [[name] for name in sorted(catalog.databases)]
    return Shown({title: NAME}, rows, like=title)


def tables(tokens: Tokens, catalog: Catalog, default: str | None, *, is_full: bool) -> Shown:
    database = read_database(tokens, catalog, default)
    title = _titled(f"Tables_in_{database}", tokens)
    inside = catalog.databases[database]
    if not is_full:
        return Shown({title: NAME}, [[name] for name in sorted(inside)], like=title)
    rows: list[list[Cell]] = [[name, _kind(inside[name])] for name in sorted(inside)]
    return Shown({title: NAME, "Table_type": TEXT}, rows, like=title)


def _kind(table: Table) -> str:
    if table.name.database == INFORMATION_SCHEMA:
        return "SYSTEM VIEW"
    return "BASE TABLE" if table.view_sql is None else "VIEW"


def columns(table: Table, *, is_full: bool) -> Shown:
    """SHOW COLUMNS and DESCRIBE."""
    if not is_full:
        titles: tuple[str, ...] = ("Field", "Type", "Null", "Key", "Default", "Extra")
        rows = [_column_row(table, column) for column in table.columns]
    else:
        titles = (
            *("Field", "Type", "Collation", "Null", "Key", "Default", "Extra"),
            *("Privileges", "Comment"),
        )
        rows = [_full_row(table, column) for column in table.columns]
    long = {"Type", "Default", "Comment"}
    types = {title: LONG_TEXT if title in long else TEXT for title in titles}
    return Shown(types, rows, like="Field")


def _column_row(table: Table, column: Column) -> list[Cell]:
    return [
        column.name,
        type_text(column.type),
        "YES" if column.nullable else "NO",
        key_flag(table, column),
        default_text(column),
        extra_text(column),
    ]


def _full_row(table: Table, column: Column) -> list[Cell]:
    name, type_, *rest = _column_row(table, column)
    collation = column.type.collation if column.type.is_text else None
    return [name, type_, collation, *rest, _PRIVILEGES, column.comment]


def indexes(table: Table) -> Shown:
    titles = {
        "Table": NAME,
        "Non_unique": NUMBER,
        "Key_name": TEXT,
        "Seq_in_index": NUMBER,
        "Column_name": TEXT,
        "Collation": TEXT,
        "Cardinality": NUMBER,
        "Sub_part": NUMBER,
        "Packed": TEXT,
        "Null": TEXT,
        "Index_type": TEXT,
        "Comment": TEXT,
        "Index_comment": LONG_TEXT,
        "Visible": TEXT,
        "Expression": LONG_TEXT,
    }
    told = [row for key in table.keys for row in statistics_rows(table, key)]
    # The catalogue, the schema and the index's schema are not told here.
    return Shown(titles, [[row[2], row[3], *row[5:]] for row in told])


def create_table(table: Table) -> Shown:
    """SHOW CREATE TABLE, which tells of views too."""
    if table.view_sql is not None:
        return create_view(table)
    if table.name.database == INFORMATION_SCHEMA:
        raise not_supported("SHOW CREATE TABLE of information_schema")
    head, _, tail = table_text(table).partition(COUNTER_PLACE)
    place = f"{literal(table.name.database)}, {literal(table.name.table)}"
    number = f"my.next_number({place})"
    counter = f"CASE WHEN {number} > 1 THEN ' AUTO_INCREMENT=' || {number} ELSE '' END"
    text = Asked(f"{literal(head)} || {counter} || {literal(tail)}")
    return Shown({"Table": NAME, "Create Table": LONG_TEXT}, [[table.name.table, text]])


def create_view(table: Table) -> Shown:
    """SHOW CREATE VIEW: the SELECT as it was written.

    Raises:
        MySqlError: it is no view.
    """
    name = table.name
    if table.view_sql is None:
        message = f"'{name.database}.{name.table}' is not VIEW"
        raise MySqlError(MyError.ER_WRONG_OBJECT, message)
    listed = ",".join(backquoted(column.name) for column in table.columns)
    text = (
        "CREATE ALGORITHM=UNDEFINED DEFINER=`root`@`%` SQL SECURITY DEFINER VIEW "
        f"{backquoted(name.table)} ({listed}) AS {table.view_sql}"
    )
    titles = {
        "View": NAME,
        "Create View": LONG_TEXT,
        "character_set_client": TEXT,
        "collation_connection": TEXT,
    }
    return Shown(titles, [[name.table, text, "utf8mb4", "utf8mb4_general_ci"]])


def create_database(name: str, *, may_lack: bool) -> Shown:
    """SHOW CREATE DATABASE."""
    words = "CREATE DATABASE /*!32312 IF NOT EXISTS*/" if may_lack else "CREATE DATABASE"
    text = f"{words} {backquoted(name)} {_DATABASE_OPTIONS}"
    return Shown({"Database": NAME, "Create Database": LONG_TEXT}, [[name, text]])


def table_status(database: str, catalog: Catalog) -> Shown:
    numbers = (
        *("Rows", "Avg_row_length", "Data_length", "Max_data_length"),
        *("Index_length", "Data_free", "Auto_increment"),
    )
    titles = {
        "Name": NAME,
        "Engine": TEXT,
        "Version": NUMBER,
        "Row_format": TEXT,
        **dict.fromkeys(numbers, NUMBER),
        **dict.fromkeys(("Create_time", "Update_time", "Check_time"), MOMENT),
        "Collation": TEXT,
        "Checksum": NUMBER,
        "Create_options": TEXT,
        "Comment": LONG_TEXT,
    }
    inside = catalog.databases[database]
    rows = [_status_row(inside[name]) for name in sorted(inside)]
    return Shown(titles, rows, like="Name")


def _status_row(table: Table) -> list[Cell]:
    nothing: list[Cell] = [None] * 10
    name = table.name.table
    if table.view_sql is not None:
        created: list[Cell] = [table.created, None, None]
        return [name, *nothing, *created, None, None, None, "VIEW"]
    if table.name.database == INFORMATION_SCHEMA:
        return [name, *nothing, None, None, None, None, None, "", ""]
    place = f"{literal(table.name.database)}, {literal(name)}"
    rows, number = Asked(f"my.row_count({place})"), Asked(f"my.next_number({place})")
    sizes: list[Cell] = [None] * 5
    return [
        *(name, table.engine, 10, "Dynamic", rows, *sizes, number, table.created),
        *(None, None, table.collation, None, "", table.comment),
    ]
