"""One broker for all tests of this folder, orders in memory behind it and behind REST.

A group takes its time to form: server and client serve all tests of a module.
"""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from stend.chassis.access import Access, OpenAccess
from stend.chassis.intake import Intake
from stend.runtime.system import RandomIds, SystemClock
from stend.shop.orders.api.command_desk import CommandLimits
from stend.shop.orders.api.kafka.client import KafkaClient
from stend.shop.orders.api.kafka.server import KafkaServer
from stend.shop.orders.api.rest.client import RestClient
from tests.engines.kafka.running import bootstrap_of, config_in, running
from tests.fakes.orders import MemoryShop, memory_shop
from tests.folders import open_folder
from tests.shop.orders.commands_suite import rest_of

LIMITS = CommandLimits(deadline_s=5.0, body_limit_bytes=65_536, track_s=0.5, streams=5)


def server_of(shop: MemoryShop, servers: str, access: Access | None = None) -> KafkaServer:
    intake = Intake("orders", "kafka", access or OpenAccess(), LIMITS.deadline_s)
    return KafkaServer(
        shop.orders.on_behalf_of, servers, LIMITS, intake, SystemClock(), RandomIds()
    )


@pytest.fixture(scope="session")
def kafka_servers() -> Iterator[str]:
    with open_folder() as folder:
        config = config_in(folder, auto_create_topics=False)
        with running(config):
            yield bootstrap_of(config)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shop(kafka_servers: str) -> AsyncIterator[MemoryShop]:
    shop = memory_shop()
    server = server_of(shop, kafka_servers)
    server.start()
    await server.ready(10)
    yield shop
    await server.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def rest(shop: MemoryShop) -> AsyncIterator[RestClient]:
    async with rest_of(shop) as client:
        yield client


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def client(shop: MemoryShop, kafka_servers: str) -> AsyncIterator[KafkaClient]:
    client = KafkaClient(kafka_servers, RandomIds())
    yield client
    await client.close()
