from collections.abc import Iterator

import pytest

from stend.engines.postgresql.launcher import PostgresLauncher
from tests.engines.mysql.running import made_by_superuser
from tests.engines.mysql.statements.world import World


@pytest.fixture(scope="session")
def world_once(storage: tuple[PostgresLauncher, str]) -> Iterator[World]:
    made = World(made_by_superuser(*storage, "statements"))
    yield made
    made.close()


@pytest.fixture
def world(world_once: World) -> Iterator[World]:
    world_once.begin()
    yield world_once
    world_once.end()
