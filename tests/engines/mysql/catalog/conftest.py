from collections.abc import Iterator

import psycopg
import pytest

from stend.engines.postgresql.launcher import SUPERUSER, PostgresLauncher
from tests.engines.mysql.catalog.defining import Defined

_NAME = "catalog"


@pytest.fixture(scope="session")
def defined_once(storage: tuple[PostgresLauncher, str]) -> Iterator[Defined]:
    launcher, dsn = storage
    password = (launcher.home / "superuser-password").read_text(encoding="ascii")
    of_superuser = psycopg.conninfo.make_conninfo(dsn, user=SUPERUSER, password=password)
    with psycopg.connect(of_superuser, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {_NAME}".encode())
    made = Defined(psycopg.conninfo.make_conninfo(of_superuser, dbname=_NAME))
    yield made
    made.close()


@pytest.fixture
def defined(defined_once: Defined) -> Defined:
    """With an empty database `shop`."""
    defined_once.anew()
    return defined_once
