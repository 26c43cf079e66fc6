"""What a statement answers with, as packets: OK, or columns and rows. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import tzinfo
from decimal import Decimal
from functools import lru_cache
from typing import Protocol

from stend.engines.mysql import results
from stend.engines.mysql.sql.facts import Value
from stend.engines.mysql.sql.translated import OutputColumn
from stend.engines.mysql.tables.types import BYTES, INTEGERS, Kind
from stend.wire.mysql import replies
from stend.wire.mysql.numbers import Collation, ColumnType
from stend.wire.mysql.replies import ColumnDefinition

# Characters: as many as a name in MySQL has.
_KEPT_NAME = 64


class RowSource(Protocol):
    """Rows as PostgreSQL gives them: the backend's Result."""

    @property
    def ntuples(self) -> int: ...

    def rows(self) -> Iterator[tuple[bytes | None, ...]]: ...

    def first_row(self) -> tuple[bytes | None, ...]: ...


@dataclass(frozen=True, slots=True)
class Done:
    """A statement without rows."""

    affected_rows: int = 0
    last_insert_id: int = 0
    info: str = ""


@dataclass(frozen=True, slots=True)
class Rows:
    """A statement with rows.

    Attributes:
        zone: in which moments are told.
    """

    columns: tuple[OutputColumn, ...]
    source: RowSource
    zone: tzinfo


Answer = Done | Rows


def definition(column: OutputColumn) -> bytes:
    """The packet that tells of a column."""
    # The same columns are asked for again and again; long texts of expressions are not kept.
    return _kept(column) if len(column.name) <= _KEPT_NAME else _definition(column)


def _definition(column: OutputColumn) -> bytes:
    facts = results.definition_facts(column)
    table, name = column.source or (None, "")
    return ColumnDefinition(
        name=column.name,
        type=facts.type,
        database=table.database if table else "",
        table=column.table,
        source_table=table.table if table else "",
        source_name=name,
        collation=facts.collation,
        length=facts.length,
        flags=facts.flags,
        decimals=facts.decimals,
    ).encode()


_kept = lru_cache(maxsize=2048)(_definition)


def rows(answer: Rows, *, is_binary: bool) -> Iterator[bytes]:
    """The packet of each row."""
    types = [one.type for one in answer.columns]
    encode = results.encode_binary if is_binary else results.encode_text
    make = replies.binary_row if is_binary else replies.text_row
    zone = answer.zone
    for row in answer.source.rows():
        yield make([encode(raw, kind, zone) for raw, kind in zip(row, types, strict=True)])


def value(answer: Rows) -> Value:
    """The one value of a result with one column and one row."""
    kind = answer.columns[0].type
    raw = results.encode_text(answer.source.first_row()[0], kind, answer.zone)
    if raw is None:
        return None
    if kind.kind in INTEGERS or kind.kind is Kind.BOOLEAN:
        return int(raw)
    if kind.kind is Kind.DECIMAL:
        return Decimal(raw.decode())
    if kind.kind in {Kind.FLOAT, Kind.DOUBLE}:
        return float(raw)
    return raw if kind.kind in BYTES else raw.decode()


# What is told of `?`: nothing is known of it.
PLACEHOLDER = ColumnDefinition("?", ColumnType.VAR_STRING, collation=Collation.BINARY)
