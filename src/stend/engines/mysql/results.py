"""Values of PostgreSQL, as its text format has them, as values of MySQL's protocol."""

from datetime import tzinfo
from typing import NamedTuple

from stend.engines.mysql.catalog.types import SqlType
from stend.engines.mysql.sql.translated import OutputColumn


class ColumnFacts(NamedTuple):
    """What a column definition tells of a type: the byte of the type, the collation's number,
    bytes at most, flags, digits after the point."""

    type_byte: int
    charset: int
    length: int
    flags: int
    decimals: int


def column_facts(type_: SqlType) -> ColumnFacts:
    """Of an expression's type; `definition_facts` has the flags of a table's column too."""
    raise NotImplementedError


def definition_facts(column: OutputColumn) -> ColumnFacts:
    """Of a column of a result."""
    raise NotImplementedError


def encode_text(value: bytes | None, type_: SqlType, zone: tzinfo) -> bytes | None:
    """A value for a row of the text protocol, without its length; None is NULL.

    Args:
        zone: the session's, for TIMESTAMP.
    """
    raise NotImplementedError


def encode_binary(value: bytes | None, type_: SqlType, zone: tzinfo) -> bytes | None:
    """A value for a row of the binary protocol, with its length where it has one; None is NULL."""
    raise NotImplementedError
