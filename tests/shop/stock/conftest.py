"""One database and one broker for all tests of the service, and the service on both."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import psycopg
import pytest
import pytest_asyncio

from stend.chassis.access import Access, OpenAccess
from stend.chassis.amqp import AmqpLink, AmqpPublisher
from stend.engines.amqp.launcher import AmqpConfig
from stend.shop.stock.api.amqp.client import StockClient
from stend.shop.stock.api.amqp.server import AmqpLimits
from stend.shop.stock.service import StockConfig, StockService
from tests.engines.amqp.running import config_in, running, url_of
from tests.fakes.orders import HandClock
from tests.folders import open_folder
from tests.shop.postgresql import SharedPostgres
from tests.shop.stock.examples import SystemIds

LIMITS = AmqpLimits(deadline_s=5.0, body_limit_bytes=65_536, prefetch=20)


@pytest.fixture(scope="session")
def stock_database(postgres: SharedPostgres) -> str:
    return postgres.empty_database("stock")


@pytest.fixture(scope="session")
def stock_broker() -> Iterator[AmqpConfig]:
    with open_folder() as folder:
        config = config_in(folder)
        with running(config):
            yield config


@dataclass(frozen=True, slots=True)
class Warehouse:
    """The service at work, a consumer of it, and a publisher for whatever no client sends."""

    service: StockService
    client: StockClient
    link: AmqpLink
    publisher: AmqpPublisher


def service_on(database: str, broker: AmqpConfig, access: Access | None = None) -> StockService:
    # Whoever is being worked on has a connection: on a busy machine nobody waits for one too long.
    config = StockConfig(database, url_of(broker), LIMITS.prefetch, LIMITS)
    return StockService(config, HandClock(), SystemIds(), access or OpenAccess())


@pytest_asyncio.fixture
async def warehouse(stock_database: str, stock_broker: AmqpConfig) -> AsyncIterator[Warehouse]:
    service = service_on(stock_database, stock_broker)
    link = AmqpLink(url_of(stock_broker), "tests")
    client, publisher = StockClient(link, SystemIds()), AmqpPublisher(link)
    await service.start()
    link.start()
    await link.ready(5)
    await service.ping()
    yield Warehouse(service, client, link, publisher)
    assert await service.imbalances() == []
    await link.stop()
    await service.stop()


@pytest.fixture
def database(stock_database: str) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    with psycopg.connect(stock_database, autocommit=True) as connection:
        yield connection
