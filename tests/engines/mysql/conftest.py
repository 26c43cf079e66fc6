"""One PostgreSQL and one server for all tests that leave them as they are."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from stend.engines.mysql.launcher import MysqlConfig
from stend.engines.postgresql.launcher import PostgresLauncher
from tests.engines.mysql.running import config_in, dsn_of, running, storage_in
from tests.engines.mysql.sessions import Client
from tests.engines.servers import launched
from tests.folders import open_folder


@pytest.fixture(scope="session")
def place() -> Iterator[Path]:
    with open_folder() as made:
        yield made


@pytest.fixture(scope="session")
def storage(place: Path) -> Iterator[tuple[PostgresLauncher, str]]:
    """A PostgreSQL without a server before it, and its connection string."""
    config = storage_in(place)
    with launched(PostgresLauncher(config), psycopg.OperationalError) as launcher:
        yield launcher, dsn_of(config)


@pytest.fixture(scope="session")
def server() -> Iterator[MysqlConfig]:
    """A server with a PostgreSQL of its own."""
    with open_folder() as made:
        storage = storage_in(made)
        config = config_in(made, storage)
        with running(config, PostgresLauncher(storage)):
            yield config


@pytest.fixture
def pair(server: MysqlConfig) -> Iterator[tuple[Client, Client]]:
    clients = Client(server), Client(server)
    clients[0].run("DROP TABLE IF EXISTS child, t, u, keyless")
    clients[0].run("CREATE TABLE t (id INT PRIMARY KEY, v INT NOT NULL)")
    clients[0].run("CREATE TABLE u (id INT PRIMARY KEY AUTO_INCREMENT, v INT)")
    clients[0].run(
        "CREATE TABLE child (id INT PRIMARY KEY, t_id INT,"
        " FOREIGN KEY (t_id) REFERENCES t (id) ON DELETE CASCADE)"
    )
    clients[0].run("INSERT INTO t VALUES (1, 10), (2, 20), (3, 30)")
    yield clients
    for one in clients:
        if one.connection.open:
            one.connection.close()
