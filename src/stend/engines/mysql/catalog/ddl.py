"""Statements that define databases, tables, views and keys: what PostgreSQL is to do for them."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from stend.engines.mysql.catalog.model import Catalog, TableName
from stend.engines.mysql.sql.facts import Facts
from stend.engines.mysql.sql.lexing import Source


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
        touched: tables whose rows or definitions change.
        counted: the place in `statements` of the one whose row count is the affected rows.
        notes: for SHOW WARNINGS.
        database: of DROP DATABASE, the one that no session is in any more.
    """

    statements: tuple[str, ...]
    catalog_after: Catalog
    touched: frozenset[TableName] = field(default_factory=frozenset)
    counted: int | None = None
    notes: Sequence[Note] = ()
    dropped_database: str | None = None


def is_ddl(source: Source) -> bool:
    """Whether a statement is one of those that `plan` plans, by its first word."""
    raise NotImplementedError


def plan(source: Source, catalog: Catalog, facts: Facts) -> DdlPlan:
    """
    Args:
        source: sqlglot keeps too little of DDL, so it is parsed here.
        catalog: as it is now; the caller lets no other DDL in until this one is done.

    Raises:
        MySqlError: as MySQL raises it before anything is done. What PostgreSQL refuses while it
            runs the statements (rows that do not fit) goes through `backend.pg_errors`.
    """
    raise NotImplementedError
