"""Servers of the stand with a PostgreSQL of their own."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pymysql
from psycopg.conninfo import make_conninfo

from stend.engines.mysql.launcher import MysqlConfig, MysqlLauncher, User
from stend.engines.postgresql.launcher import SUPERUSER, PostgresConfig, PostgresLauncher, Role
from tests.engines.servers import HOST, free_port, ready

USER = User("shop", "secret")
DATABASE = "shop"
# The storage's role and database.
_ROLE = "mysql"


def storage_in(place: Path) -> PostgresConfig:
    roles = (Role(_ROLE, _ROLE, owner_of_all=True),)
    return PostgresConfig(
        place / "postgresql", place / "postgresql.log", HOST, free_port(), _ROLE, roles
    )


def dsn_of(storage: PostgresConfig) -> str:
    return f"postgresql://{_ROLE}:{_ROLE}@{HOST}:{storage.port}/{_ROLE}"


def made_by_superuser(launcher: PostgresLauncher, dsn: str, database: str) -> str:
    """Makes a database; returns its connection string, of the superuser."""
    password = (launcher.home / "superuser-password").read_text(encoding="ascii")
    of_superuser = make_conninfo(dsn, user=SUPERUSER, password=password)
    with psycopg.connect(of_superuser, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {database}".encode())
    return make_conninfo(of_superuser, dbname=database)


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
    wanted = {"port": config.port, "database": DATABASE, "autocommit": None, **more}
    return pymysql.connect(host=HOST, user=USER.name, password=USER.password, **wanted)
