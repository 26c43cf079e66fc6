"""A PostgreSQL with the functions of the schema `my`."""

from collections.abc import Iterator

import psycopg
import pytest

from stend.engines.mysql.sql.my_schema import schema_sql
from stend.engines.postgresql.launcher import PostgresLauncher


@pytest.fixture(scope="session")
def postgres(storage: tuple[PostgresLauncher, str]) -> Iterator[psycopg.Connection]:
    with psycopg.connect(storage[1], autocommit=True) as connection:
        connection.execute(schema_sql().encode())
        connection.execute("SET TIME ZONE 'UTC'")
        yield connection
