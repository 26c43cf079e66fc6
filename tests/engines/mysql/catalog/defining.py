"""DDL of MySQL, run on a PostgreSQL without a server before it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import psycopg
from psycopg import sql

from stend.engines.mysql.backend import pg_errors
from stend.engines.mysql.catalog import ddl, storing
from stend.engines.mysql.catalog.describing import table_text
from stend.engines.mysql.catalog.showing import Surroundings, show
from stend.engines.mysql.errors import MySqlError
from stend.engines.mysql.sql import my_schema
from stend.engines.mysql.sql.facts import Facts
from stend.engines.mysql.sql.lexing import split
from stend.engines.mysql.sql.translated import Translated
from stend.engines.mysql.tables.model import Catalog, TableName
from stend.engines.mysql.variables import Variables

DATABASE = "shop"
_NOTHING = Surroundings()
FACTS = Facts(
    DATABASE, "root@%", 1, "8.4.0-stend", datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
)


def planned(text: str, catalog: Catalog) -> Catalog:
    """The catalogue after some statements, without a PostgreSQL."""
    for source in split(text):
        catalog = ddl.plan(source, catalog, FACTS).catalog_after
    return catalog


def empty() -> Catalog:
    """A catalogue with one database."""
    return planned(f"CREATE DATABASE {DATABASE}", storing.read(()))


def shown_table(catalog: Catalog, name: str) -> str:
    """SHOW CREATE TABLE without AUTO_INCREMENT=n."""
    table = catalog.table(TableName(DATABASE, name))
    assert table is not None
    return table_text(table).replace("\0", "")


class Defined:
    """A database of PostgreSQL and the catalogue of what is in it."""

    def __init__(self, dsn: str) -> None:
        self.connection = psycopg.connect(dsn, autocommit=True)
        self._run((my_schema.schema_sql(), *storing.CREATE))
        self.catalog = storing.read(self.kept())

    def close(self) -> None:
        self.connection.close()

    def kept(self) -> list[Any]:
        return self.rows(storing.READ)

    def run(self, text: str) -> None:
        """Statements of DDL, as the server runs them.

        Raises:
            MySqlError: of a statement, which has done nothing then.
        """
        for source in split(text):
            plan = ddl.plan(source, self.catalog, FACTS)
            try:
                self._run(plan.statements)
            except psycopg.Error as error:
                raise pg_errors.translate(error.sqlstate, error.diag, plan.catalog_after) from error
            self.catalog = plan.catalog_after

    def fails(self, text: str, said: Sequence[str] = ()) -> MySqlError:
        """The error of a statement of PostgreSQL, in MySQL's words."""
        try:
            self.connection.execute(text.encode())
        except psycopg.Error as error:
            return pg_errors.translate(error.sqlstate, error.diag, self.catalog, said)
        raise AssertionError(f"{text} has succeeded")

    def rows(self, text: str) -> list[Any]:
        """Of a statement of PostgreSQL."""
        cursor = self.connection.execute(text.encode())
        return cursor.fetchall() if cursor.description else []

    def translated(self, text: str, around: Surroundings) -> Translated:
        variables = Variables(Variables())
        return show(split(text)[0], self.catalog, FACTS, variables, around)

    def shown(self, text: str, around: Surroundings = _NOTHING) -> list[Any]:
        """Rows of a SHOW."""
        return self.rows(self.translated(text, around).sql)

    def anew(self) -> None:
        """An empty database `shop`."""
        for name in tuple(self.catalog.databases):
            if name != "information_schema":
                self.run(f"DROP DATABASE `{name}`")
        self.run(f"CREATE DATABASE {DATABASE}")

    def _run(self, statements: Sequence[str]) -> None:
        with self.connection.transaction():
            for one in statements:
                self.connection.execute(sql.SQL(one).as_bytes(None))
