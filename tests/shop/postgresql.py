"""One PostgreSQL for the tests of all services; whoever asks gets an empty database of its own."""

import contextlib
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field

import psycopg
from psycopg import sql

from stend.engines.postgresql.launcher import SUPERUSER, PostgresConfig, PostgresLauncher, Role
from tests.engines.servers import HOST, free_port, launched
from tests.folders import open_folder

_SERVICES = ("orders", "stock", "payments")


@dataclass(frozen=True, slots=True)
class SharedPostgres:
    """A server that no test stops, kills or sets up otherwise: making one takes a second."""

    launcher: PostgresLauncher
    port: int
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def empty_database(self, role: str) -> str:
        """Makes a database; returns its URL for a service, who may make its schema there."""
        name = f"lavka_{next(self._numbers)}"
        password = (self.launcher.home / "superuser-password").read_text(encoding="ascii")
        with psycopg.connect(
            host=HOST,
            port=self.port,
            dbname="postgres",
            user=SUPERUSER,
            password=password,
            autocommit=True,
        ) as connection:
            database = sql.Identifier(name)
            connection.execute(sql.SQL("CREATE DATABASE {}").format(database))
            grant = sql.SQL("GRANT CREATE ON DATABASE {} TO {}")
            connection.execute(grant.format(database, sql.Identifier(role)))
        return f"postgresql://{role}:{role}@{HOST}:{self.port}/{name}"


@contextlib.contextmanager
def shared_postgres() -> Iterator[SharedPostgres]:
    """Runs until the end of the block."""
    with open_folder() as folder:
        config = PostgresConfig(
            home=folder / "postgresql",
            log_path=folder / "postgresql.log",
            host=HOST,
            port=free_port(),
            database="lavka",
            roles=tuple(Role(name, name) for name in _SERVICES),
            # What a crash of the machine would lose nobody reads again.
            options=("fsync=off",),
        )
        with launched(PostgresLauncher(config), psycopg.OperationalError) as launcher:
            yield SharedPostgres(launcher, config.port)
