"""Statements that define databases, tables, views and keys: what PostgreSQL is to do for them."""

from stend.engines.mysql.catalog.model import Catalog
from stend.engines.mysql.catalog.plans.plan import DdlPlan, Note
from stend.engines.mysql.sql.facts import Facts
from stend.engines.mysql.sql.lexing import Source

__all__ = ["DdlPlan", "Note", "is_ddl", "plan"]


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
