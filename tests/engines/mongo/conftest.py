"""One server for all tests; each has a database of its own."""

from collections.abc import AsyncIterator, Iterator
from itertools import count
from typing import Any

import pytest
from pymongo import AsyncMongoClient, MongoClient
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.synchronous.collection import Collection
from pymongo.synchronous.database import Database

from stend.engines.mongo.launcher import MongoConfig
from tests.engines.mongo.running import config_in, running, url_of

Document = dict[str, Any]
_numbers = count(1)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MongoConfig]:
    config = config_in(tmp_path_factory.mktemp("mongo"))
    with running(config) as launcher:
        yield config
        assert launcher.failure() is None
    log = config.log_path.read_text()
    assert "a bug in" not in log, log[-5000:]


@pytest.fixture(scope="session")
def client(server: MongoConfig) -> Iterator[MongoClient[Document]]:
    with MongoClient[Document](url_of(server)) as made:
        yield made


@pytest.fixture
def database(client: MongoClient[Document]) -> Iterator[Database[Document]]:
    name = f"test{next(_numbers)}"
    yield client[name]
    client.drop_database(name)


@pytest.fixture
def things(database: Database[Document]) -> Collection[Document]:
    return database["things"]


@pytest.fixture
async def async_database(server: MongoConfig) -> AsyncIterator[AsyncDatabase[Document]]:
    async with AsyncMongoClient[Document](url_of(server)) as made:
        name = f"test{next(_numbers)}"
        yield made[name]
        await made.drop_database(name)
