"""What a statement of DDL comes to."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from stend.engines.mysql.tables.model import Catalog, TableName


@dataclass(frozen=True, slots=True)
class Note:
    """A line of SHOW WARNINGS: `Note`, `Warning` or `Error`, its number and its text."""

    level: str
    number: int
    message: str


@dataclass(frozen=True, slots=True)
class DdlPlan:
    """
    Attributes:
        statements: for PostgreSQL, to be run in one transaction, in their order; what is kept of
            the catalogue is among them.
        catalog_after: what holds once that transaction has committed.
        touched: tables whose rows change though their definitions stay: of TRUNCATE.
        affected: rows, as the OK packet tells them.
        counted: the place in `statements` of the one whose row count is told instead.
        notes: for SHOW WARNINGS.
        dropped_database: no session is in it any more.
    """

    statements: tuple[str, ...]
    catalog_after: Catalog
    touched: frozenset[TableName] = field(default_factory=frozenset)
    affected: int = 0
    counted: int | None = None
    notes: Sequence[Note] = ()
    dropped_database: str | None = None
