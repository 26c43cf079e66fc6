"""A schema per check, and connections that live as long as the check."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from urllib.parse import quote

import psycopg
import pytest
from psycopg import sql

Row = tuple[object, ...]
Connect = Callable[[], psycopg.Connection[Row]]


@pytest.fixture
def database(postgresql_url: str, name: str) -> Iterator[str]:
    """The address of the database, with an empty schema of this check as the search path."""
    schema = name.replace("-", "_")
    with psycopg.connect(postgresql_url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(schema)))
        yield f"{postgresql_url}?options={quote(f'-csearch_path={schema}')}"
        connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(schema)))


@pytest.fixture
def connect(database: str) -> Iterator[Connect]:
    """Opens a connection; all of them are closed before the schema is dropped."""
    with ExitStack() as stack:

        def opened() -> psycopg.Connection[Row]:
            connection = psycopg.connect(database)
            # Not `with connection`: a check leaves its transactions in any state.
            stack.callback(connection.close)
            return connection

        yield opened


@pytest.fixture
def connection(connect: Connect) -> psycopg.Connection[Row]:
    return connect()
