"""What the server knows of databases and tables. Pure and immutable: DDL makes a new one."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from stend.engines.mysql.tables.types import SqlType

_INFORMATION_SCHEMA = "information_schema"


@dataclass(frozen=True, slots=True)
class TableName:
    """Names of databases and tables tell upper from lower case, as MySQL's do on Linux."""

    database: str
    table: str


@dataclass(frozen=True, slots=True)
class Column:
    """
    Attributes:
        name: as declared; MySQL compares names of columns without case.
        pg_name: the column's name in PostgreSQL: `name` in lower case.
        default_sql: the default as it is shown by SHOW CREATE TABLE: a literal with its quotes,
            CURRENT_TIMESTAMP or CURRENT_TIMESTAMP(n), an expression in parentheses, NULL (also
            where a nullable column was declared without); None: the column has no default.
        default_pg: the same for PostgreSQL; None of what depends on the session and its moment:
            CURRENT_TIMESTAMP, and expressions such as `(now())`, which are translated by each
            statement from `default_sql`.
        on_update_now: ON UPDATE CURRENT_TIMESTAMP.
        generated_sql: of a generated column, its expression as MySQL shows it; None for others.
        generated_pg: the same for PostgreSQL.
    """

    name: str
    type: SqlType
    nullable: bool = True
    default_sql: str | None = None
    default_pg: str | None = None
    auto_increment: bool = False
    on_update_now: bool = False
    comment: str = ""
    generated_sql: str | None = None
    generated_pg: str | None = None
    generated_stored: bool = False

    @property
    def pg_name(self) -> str:
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Key:
    """
    Attributes:
        name: `PRIMARY` of a primary key.
        columns: as declared, in the key's order.
        descending: of each column.
        prefixes: of each column, how many characters or bytes of it are in the key; None: all.
        is_generated: made for a foreign key that found no other.
        pg_name: of the index in PostgreSQL.
    """

    name: str
    columns: tuple[str, ...]
    unique: bool = False
    descending: tuple[bool, ...] = ()
    prefixes: tuple[int | None, ...] = ()
    comment: str = ""
    is_generated: bool = False
    pg_name: str = ""

    @property
    def is_primary(self) -> bool:
        return self.name == "PRIMARY"


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """
    Attributes:
        on_delete, on_update: RESTRICT, CASCADE, SET NULL or NO ACTION.
        pg_name: of the constraint in PostgreSQL.
    """

    name: str
    columns: tuple[str, ...]
    target: TableName
    target_columns: tuple[str, ...]
    on_delete: str = "NO ACTION"
    on_update: str = "NO ACTION"
    pg_name: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """
    Attributes:
        condition_sql: as MySQL shows it.
        columns: that the condition names, in lower case.
        condition_pg: for PostgreSQL.
        pg_name: of the constraint in PostgreSQL.
    """

    name: str
    condition_sql: str
    enforced: bool = True
    columns: tuple[str, ...] = ()
    condition_pg: str = ""
    pg_name: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """
    Attributes:
        view_sql: of a view, its SELECT as it was declared; None for a base table.
        engine, comment: as declared.
        created: when, in UTC: `2026-01-31 12:00:00`.
        collation: of texts that are declared without one.
    """

    name: TableName
    columns: tuple[Column, ...]
    keys: tuple[Key, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    checks: tuple[Check, ...] = ()
    view_sql: str | None = None
    engine: str = "InnoDB"
    comment: str = ""
    created: str = ""
    collation: str = "utf8mb4_general_ci"

    def column(self, name: str) -> Column | None:
        """Names of columns are compared without case."""
        wanted = name.lower()
        return next((one for one in self.columns if one.pg_name == wanted), None)

    @property
    def primary_key(self) -> Key | None:
        return next((one for one in self.keys if one.is_primary), None)

    @property
    def auto_increment(self) -> Column | None:
        return next((one for one in self.columns if one.auto_increment), None)


@dataclass(frozen=True, slots=True)
class Catalog:
    """All databases with their tables by name."""

    databases: Mapping[str, Mapping[str, Table]] = field(default_factory=dict)

    def table(self, name: TableName) -> Table | None:
        """By its name; those of information_schema have theirs in any case."""
        if name.database.lower() == _INFORMATION_SCHEMA:
            return self.databases.get(_INFORMATION_SCHEMA, {}).get(name.table.upper())
        return self.databases.get(name.database, {}).get(name.table)

    def tables(self) -> Iterator[Table]:
        """Of all databases."""
        for inside in self.databases.values():
            yield from inside.values()

    def with_table(self, table: Table) -> "Catalog":
        """With a table more, or with another in place of the one of that name."""
        inside = {**self.databases[table.name.database], table.name.table: table}
        return Catalog({**self.databases, table.name.database: inside})

    def without_table(self, name: TableName) -> "Catalog":
        inside = {**self.databases[name.database]}
        del inside[name.table]
        return Catalog({**self.databases, name.database: inside})

    def with_database(self, name: str) -> "Catalog":
        return Catalog({**self.databases, name: {}})

    def without_database(self, name: str) -> "Catalog":
        return Catalog({key: value for key, value in self.databases.items() if key != name})
