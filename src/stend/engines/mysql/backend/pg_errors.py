"""Errors of PostgreSQL as MySQL words them."""

from typing import Protocol

from stend.engines.mysql.catalog.model import Catalog
from stend.engines.mysql.errors import MySqlError


class Diagnostics(Protocol):
    """What is taken from psycopg's `Error.diag`."""

    @property
    def message_primary(self) -> str | None: ...
    @property
    def message_detail(self) -> str | None: ...
    @property
    def schema_name(self) -> str | None: ...
    @property
    def table_name(self) -> str | None: ...
    @property
    def column_name(self) -> str | None: ...
    @property
    def constraint_name(self) -> str | None: ...


def translate(sqlstate: str | None, diagnostics: Diagnostics, catalog: Catalog) -> MySqlError:
    """
    Args:
        catalog: the names and numbers of keys and constraints are looked up in it; of a failed
            DDL, its `catalog_after`.
    """
    raise NotImplementedError
