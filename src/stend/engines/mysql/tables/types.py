"""Types of MySQL's columns and expressions."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """BOOLEAN is internal: what a comparison gives. Clients get it as an integer, 0 or 1."""

    BOOLEAN = "boolean"
    TINYINT = "tinyint"
    SMALLINT = "smallint"
    MEDIUMINT = "mediumint"
    INT = "int"
    BIGINT = "bigint"
    YEAR = "year"
    DECIMAL = "decimal"
    FLOAT = "float"
    DOUBLE = "double"
    DATE = "date"
    TIME = "time"
    DATETIME = "datetime"
    TIMESTAMP = "timestamp"
    CHAR = "char"
    VARCHAR = "varchar"
    TINYTEXT = "tinytext"
    TEXT = "text"
    MEDIUMTEXT = "mediumtext"
    LONGTEXT = "longtext"
    ENUM = "enum"
    BINARY = "binary"
    VARBINARY = "varbinary"
    TINYBLOB = "tinyblob"
    BLOB = "blob"
    MEDIUMBLOB = "mediumblob"
    LONGBLOB = "longblob"
    JSON = "json"
    NULL = "null"


INTEGERS = frozenset(
    {Kind.TINYINT, Kind.SMALLINT, Kind.MEDIUMINT, Kind.INT, Kind.BIGINT, Kind.YEAR}
)
EXACT = INTEGERS | {Kind.DECIMAL, Kind.BOOLEAN}
NUMBERS = EXACT | {Kind.FLOAT, Kind.DOUBLE}
TEXTS = frozenset(
    {
        Kind.CHAR,
        Kind.VARCHAR,
        Kind.TINYTEXT,
        Kind.TEXT,
        Kind.MEDIUMTEXT,
        Kind.LONGTEXT,
        Kind.ENUM,
    }
)
BYTES = frozenset(
    {
        Kind.BINARY,
        Kind.VARBINARY,
        Kind.TINYBLOB,
        Kind.BLOB,
        Kind.MEDIUMBLOB,
        Kind.LONGBLOB,
    }
)
TEMPORAL = frozenset({Kind.DATE, Kind.TIME, Kind.DATETIME, Kind.TIMESTAMP})


@dataclass(frozen=True, slots=True)
class SqlType:
    """
    Attributes:
        unsigned: of an integer or a DECIMAL.
        precision: digits of a DECIMAL; digits after the second of a TIME, DATETIME or TIMESTAMP.
        scale: digits after the point of a DECIMAL.
        length: characters of a text, bytes of a binary string; None where nothing says it.
        members: of an ENUM, in their order.
        collation: of a text: `utf8mb4_general_ci` or `utf8mb4_bin`.
        display_width: of TINYINT(1), which clients take for a truth value.
    """

    kind: Kind
    unsigned: bool = False
    precision: int | None = None
    scale: int | None = None
    length: int | None = None
    members: tuple[str, ...] = ()
    collation: str = "utf8mb4_general_ci"
    display_width: int | None = None

    @property
    def is_text(self) -> bool:
        return self.kind in TEXTS

    @property
    def is_number(self) -> bool:
        return self.kind in NUMBERS
