"""What a statement of MySQL becomes: the hand-over from translation to execution."""

from dataclasses import dataclass, field
from enum import StrEnum

from stend.engines.mysql.tables.model import TableName
from stend.engines.mysql.tables.types import SqlType


@dataclass(frozen=True, slots=True)
class OutputColumn:
    """One column of a result, as its column definition tells it.

    Attributes:
        name: as the statement names it: its alias, its column, or the text of its expression.
        table: the alias of the table that it comes from, or "".
        source: the table and the column that it comes from, where it is one column of a table.
    """

    name: str
    type: SqlType
    table: str = ""
    source: tuple[TableName, str] | None = None
    nullable: bool = True
    is_primary_key: bool = False
    is_unique_key: bool = False
    is_multiple_key: bool = False
    auto_increment: bool = False


class StatementKind(StrEnum):
    SELECT = "select"
    INSERT = "insert"
    UPDATE = "update"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Translated:
    """One statement for PostgreSQL.

    Attributes:
        columns: of the rows that a SELECT gives; empty for others. PostgreSQL gives them in the
            same order and number.
        reads: tables whose rows it reads, the written ones excepted.
        writes: tables that it changes.
        is_locking: FOR UPDATE, FOR SHARE or LOCK IN SHARE MODE.

    INSERT, UPDATE and DELETE give one row of four integers: rows matched (or rows given to an
    INSERT), affected rows as MySQL counts them, the first generated AUTO_INCREMENT value or NULL,
    the last value that was given for the AUTO_INCREMENT column or NULL.
    """

    kind: StatementKind
    sql: str
    columns: tuple[OutputColumn, ...] = ()
    reads: frozenset[TableName] = field(default_factory=frozenset)
    writes: frozenset[TableName] = field(default_factory=frozenset)
    is_locking: bool = False
