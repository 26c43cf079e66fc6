"""One MySQL for all tests of the service, and the service on it behind a real port."""

import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

import pymysql
import pytest
import pytest_asyncio

from stend.chassis.access import OpenAccess
from stend.engines.postgresql.launcher import PostgresLauncher
from stend.kit.ids import encode_ulid
from stend.shop.loyalty.service import LoyaltyConfig, LoyaltyService
from tests.engines.mysql.running import DATABASE as _DATABASE
from tests.engines.mysql.running import USER as _USER
from tests.engines.mysql.running import config_in, connected, running, storage_in
from tests.fakes.orders import CountingIds, HandClock
from tests.folders import open_folder
from tests.serving import served


@dataclass(frozen=True, slots=True)
class Mysql:
    """
    Attributes:
        url: as a service takes it.
    """

    url: str
    connection: "pymysql.Connection[pymysql.cursors.Cursor]"

    def rows(self, sql: str, *values: str) -> list[tuple[Any, ...]]:
        with self.connection.cursor() as cursor:
            cursor.execute(sql, values)
            return list(cursor.fetchall())


@pytest.fixture(scope="session")
def mysql() -> Iterator[Mysql]:
    with open_folder() as made:
        storage = storage_in(made)
        config = config_in(made, storage)
        with running(config, PostgresLauncher(storage)):
            connection = connected(config, autocommit=True)
            at = f"127.0.0.1:{config.port}/{_DATABASE}"
            yield Mysql(f"mysql://{_USER.name}:{_USER.password}@{at}", connection)
            connection.close()


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest_asyncio.fixture
async def service(mysql: Mysql, clock: HandClock) -> AsyncIterator[LoyaltyService]:
    opened = LoyaltyService(LoyaltyConfig(mysql.url), clock, CountingIds(), OpenAccess())
    await opened.start()
    yield opened
    await opened.stop()


@pytest_asyncio.fixture
async def url(service: LoyaltyService) -> AsyncIterator[str]:
    """Of the service, without a path."""
    (app,) = service.http.values()
    async with served(app) as base_url:
        yield base_url


def fresh_ulid() -> str:
    return encode_ulid(os.urandom(16))


@pytest.fixture
def customer() -> str:
    return f"cus_{fresh_ulid()}"


@pytest.fixture
def operation() -> str:
    return f"ord_{fresh_ulid()}"
