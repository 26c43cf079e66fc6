"""One PostgreSQL and one server for all tests that leave them as they are."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from stend.engines.mysql.launcher import MysqlConfig
from stend.engines.postgresql.launcher import PostgresLauncher
from tests.engines.mysql.running import config_in, dsn_of, folder, furnished, running, storage_in


@pytest.fixture(scope="session")
def place() -> Iterator[Path]:
    with folder() as made:
        yield made


@pytest.fixture(scope="session")
def storage(place: Path) -> Iterator[tuple[PostgresLauncher, str]]:
    """A PostgreSQL without a server before it, and its connection string."""
    config = storage_in(place)
    launcher = PostgresLauncher(config)
    launcher.launch()
    try:
        furnished(launcher)
        yield launcher, dsn_of(config)
    finally:
        launcher.stop()


@pytest.fixture(scope="session")
def server() -> Iterator[MysqlConfig]:
    """A server with a PostgreSQL of its own."""
    with folder() as made:
        storage = storage_in(made)
        config = config_in(made, storage)
        with running(config, PostgresLauncher(storage)):
            yield config
