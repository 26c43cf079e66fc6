"""Servers of the stand with a PostgreSQL of their own."""

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pymysql

from stend.engines.mysql.launcher import MysqlConfig, MysqlLauncher, User
from stend.engines.postgresql.launcher import PostgresConfig, PostgresLauncher, Role
from tests.engines.servers import HOST, free_port, ready

USER = User("shop", "secret")
DATABASE = "shop"
# The storage's role and database.
_ROLE = "mysql"


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    """Not tmp_path, which only its owner may enter: as root, PostgreSQL runs as another user."""
    with tempfile.TemporaryDirectory(prefix="stend-test-") as made:
        Path(made).chmod(0o755)
        yield Path(made)


def storage_in(place: Path) -> PostgresConfig:
    roles = (Role(_ROLE, _ROLE, owner_of_all=True),)
    return PostgresConfig(
        place / "postgresql", place / "postgresql.log", HOST, free_port(), _ROLE, roles
    )


def dsn_of(storage: PostgresConfig) -> str:
    return f"postgresql://{_ROLE}:{_ROLE}@{HOST}:{storage.port}/{_ROLE}"


def config_in(place: Path, storage: PostgresConfig) -> MysqlConfig:
    return MysqlConfig(
        home=place / "mysql",
        log_path=place / "mysql.log",
        host=HOST,
        port=free_port(),
        users=(USER, User("open", "")),
        databases=(DATABASE,),
        dsn=dsn_of(storage),
    )


def furnished(storage: PostgresLauncher) -> None:
    """Its probe makes the role and the database."""
    ready(storage, psycopg.OperationalError)


@contextlib.contextmanager
def running(config: MysqlConfig, storage: PostgresLauncher) -> Iterator[MysqlLauncher]:
    launcher = MysqlLauncher(config, storage)
    launcher.launch()
    try:
        furnished(storage)
        ready(launcher)
        yield launcher
    finally:
        launcher.stop()


def connected(config: MysqlConfig, **more: Any) -> "pymysql.Connection[Any]":
    """A client of its own."""
    wanted = {"database": DATABASE, "autocommit": None, **more}
    return pymysql.connect(
        host=HOST, port=config.port, user=USER.name, password=USER.password, **wanted
    )
