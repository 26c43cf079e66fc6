from collections.abc import Iterator

import psycopg
import pytest

from stend.engines.postgresql.launcher import SUPERUSER, PostgresLauncher
from tests.engines.mysql.statements.world import World

_NAME = "statements"


@pytest.fixture(scope="session")
def world_once(storage: tuple[PostgresLauncher, str]) -> Iterator[World]:
    launcher, dsn = storage
    password = (launcher.home / "superuser-password").read_text(encoding="ascii")
    of_superuser = psycopg.conninfo.make_conninfo(dsn, user=SUPERUSER, password=password)
    with psycopg.connect(of_superuser, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {_NAME}".encode())
    made = World(psycopg.conninfo.make_conninfo(of_superuser, dbname=_NAME))
    yield made
    made.close()


@pytest.fixture
def world(world_once: World) -> Iterator[World]:
    world_once.begin()
    yield world_once
    world_once.end()
