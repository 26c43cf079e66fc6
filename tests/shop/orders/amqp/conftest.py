"""One broker for all tests of this folder, orders in memory behind it and behind REST."""

from collections.abc import AsyncIterator, Iterator

import aio_pika
import pytest
import pytest_asyncio

from stend.chassis.access import Access, OpenAccess
from stend.chassis.amqp import AmqpLink
from stend.chassis.amqp_calls import AmqpCaller
from stend.chassis.intake import Intake
from stend.engines.amqp.launcher import AmqpConfig
from stend.runtime.system import RandomIds
from stend.shop.orders.api.amqp.client import AmqpClient
from stend.shop.orders.api.amqp.server import AmqpServer
from stend.shop.orders.api.command_desk import CommandLimits
from stend.shop.orders.api.rest.client import RestClient
from tests.engines.amqp.running import config_in, running, url_of
from tests.fakes.orders import MemoryShop, memory_shop
from tests.folders import open_folder
from tests.shop.orders.commands_suite import rest_of

LIMITS = CommandLimits(deadline_s=5.0, body_limit_bytes=65_536, track_s=0.5, streams=5)


def server_of(shop: MemoryShop, url: str, access: Access | None = None) -> AmqpServer:
    intake = Intake("orders", "amqp", access or OpenAccess(), LIMITS.deadline_s)
    return AmqpServer(shop.orders.on_behalf_of, url, LIMITS, intake, RandomIds())


@pytest.fixture(scope="session")
def orders_broker() -> Iterator[AmqpConfig]:
    with open_folder() as folder:
        config = config_in(folder)
        with running(config):
            yield config


@pytest.fixture
def broker_url(orders_broker: AmqpConfig) -> str:
    return url_of(orders_broker)


@pytest_asyncio.fixture
async def shop(broker_url: str) -> AsyncIterator[MemoryShop]:
    shop = memory_shop()
    server = server_of(shop, broker_url)
    server.start()
    await server.ping()
    yield shop
    await server.stop()


@pytest_asyncio.fixture
async def rest(shop: MemoryShop) -> AsyncIterator[RestClient]:
    async with rest_of(shop) as client:
        yield client


@pytest_asyncio.fixture
async def client(shop: MemoryShop, broker_url: str) -> AsyncIterator[AmqpClient]:
    client = AmqpClient(broker_url, RandomIds())
    yield client
    await client.close()


@pytest_asyncio.fixture
async def caller(shop: MemoryShop, broker_url: str) -> AsyncIterator[AmqpCaller]:
    """For messages that no client sends."""
    link = AmqpLink(broker_url, "tests")
    caller = AmqpCaller(link)
    link.start()
    await link.ready(5)
    yield caller
    await link.stop()


@pytest_asyncio.fixture
async def channel(shop: MemoryShop, broker_url: str) -> AsyncIterator[aio_pika.abc.AbstractChannel]:
    """Of a stock client, beside the chassis; no dead letters of other tests."""
    async with await aio_pika.connect(broker_url) as connection:
        channel = await connection.channel()
        await (await channel.get_queue("orders.commands.dead")).purge()
        yield channel
