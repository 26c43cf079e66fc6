"""CREATE TABLE … SELECT, and the columns that a query gives."""

from dataclasses import replace
from decimal import Decimal

from stend.engines.mysql.catalog.plans.creating import check_table_name, creation
from stend.engines.mysql.catalog.plans.draft import Draft, Slot, new_draft
from stend.engines.mysql.catalog.plans.plan import DdlPlan
from stend.engines.mysql.catalog.syntax.charsets import DEFAULT_COLLATION
from stend.engines.mysql.catalog.syntax.definitions import Element, Options
from stend.engines.mysql.errors import MyError, MySqlError, not_supported
from stend.engines.mysql.sql.facts import Facts
from stend.engines.mysql.sql.lexing import Source
from stend.engines.mysql.sql.parsing import parse
from stend.engines.mysql.sql.translated import OutputColumn, StatementKind, Translated
from stend.engines.mysql.sql.translating import translate
from stend.engines.mysql.tables.layout import pg_type
from stend.engines.mysql.tables.model import Catalog, Column, Table, TableName
from stend.engines.mysql.tables.naming import quoted, relation
from stend.engines.mysql.tables.types import INTEGERS, Kind, SqlType

_MAX_CHARACTERS = 16383


def translated(query: str, catalog: Catalog, facts: Facts) -> Translated:
    """The SELECT of CREATE TABLE or CREATE VIEW.

    Raises:
        MySqlError: as its translation raises it.
    """
    done = translate(parse(Source(query, query)), catalog, facts)
    if done.kind is not StatementKind.SELECT or done.is_locking:
        raise not_supported("Such a query in a definition")
    names: set[str] = set()
    for column in done.columns:
        if column.name.lower() in names:
            message = f"Duplicate column name '{column.name}'"
            raise MySqlError(MyError.ER_DUP_FIELDNAME, message)
        names.add(column.name.lower())
    return done


def query_columns(done: Translated, catalog: Catalog) -> tuple[Column, ...]:
    """Columns of the types that the query gives."""
    return tuple(_column(one, catalog) for one in done.columns)


def _column(output: OutputColumn, catalog: Catalog) -> Column:
    declared = _declared(output, catalog)
    nullable = output.nullable
    default = ("NULL", "NULL") if nullable else _zero(_type(output))
    if declared is not None and not declared.auto_increment and declared.generated_sql is None:
        default = (declared.default_sql, declared.default_pg)
    return Column(
        name=output.name,
        type=_type(output),
        nullable=nullable,
        default_sql=default[0],
        default_pg=default[1],
        comment=declared.comment if declared is not None else "",
    )


def _zero(type_: SqlType) -> tuple[str | None, str | None]:
    """The default of a computed column that is never NULL: the implicit one of its type."""
    if type_.kind in INTEGERS:
        return "'0'", "0"
    if type_.kind is Kind.DECIMAL:
        zero = f"{Decimal(0).scaleb(-(type_.scale or 0)):f}"
        return f"'{zero}'", zero
    if type_.kind in {Kind.FLOAT, Kind.DOUBLE}:
        return "'0'", "0"
    if type_.kind in {Kind.CHAR, Kind.VARCHAR}:
        return "''", "''::text"
    return None, None


def _declared(output: OutputColumn, catalog: Catalog) -> Column | None:
    if output.source is None:
        return None
    table = catalog.table(output.source[0])
    return None if table is None else table.column(output.source[1])


def _type(output: OutputColumn) -> SqlType:
    type_ = output.type
    if type_.kind is Kind.BOOLEAN:
        return SqlType(Kind.INT)
    if type_.kind is Kind.NULL:
        return SqlType(Kind.BINARY, length=0)
    if type_.kind is Kind.DECIMAL and type_.precision is None:
        raise not_supported(f"The column '{output.name}' of unknown digits")
    if type_.kind is Kind.VARCHAR and (type_.length or 0) > _MAX_CHARACTERS:
        return replace(type_, kind=Kind.LONGTEXT, length=None)
    sized = {Kind.CHAR, Kind.VARCHAR, Kind.BINARY, Kind.VARBINARY}
    if type_.kind in sized and type_.length is None:
        raise not_supported(f"The column '{output.name}' of unknown length")
    return type_


def filled(
    name: TableName,
    elements: tuple[Element, ...],
    options: Options,
    query: str,
    catalog: Catalog,
    facts: Facts,
) -> DdlPlan:
    """CREATE TABLE … SELECT, without columns of its own.

    Raises:
        MySqlError: as MySQL raises it, or a refusal.
    """
    if elements:
        raise not_supported("CREATE TABLE with definitions and a SELECT")
    done = translated(query, catalog, facts)
    draft = _draft(name, options, query_columns(done, catalog), catalog, facts)
    table = draft.table()
    statements = creation(draft)
    statements.append(_insert(table, done))
    after = catalog.with_table(table)
    return DdlPlan(tuple(statements), after, counted=len(statements) - 1)


def _draft(
    name: TableName,
    options: Options,
    columns: tuple[Column, ...],
    catalog: Catalog,
    facts: Facts,
) -> Draft:
    check_table_name(name.table)
    draft = new_draft(name, catalog, facts, options.collation or DEFAULT_COLLATION)
    draft.comment = options.comment or ""
    draft.slots = [Slot(column) for column in columns]
    return draft


def _insert(table: Table, done: Translated) -> str:
    names = [quoted(f"#{place}") for place in range(len(table.columns))]
    values = ", ".join(
        f"CAST({name} AS {pg_type(column.type)})"
        for name, column in zip(names, table.columns, strict=True)
    )
    targets = ", ".join(quoted(column.pg_name) for column in table.columns)
    return " ".join(
        (
            f"INSERT INTO {relation(table.name)} ({targets})",
            f"SELECT {values}",
            f"FROM ({done.sql}) AS given({', '.join(names)})",
        )
    )
