"""`notifications` on real engines, its receiver ports, and the client that tracks by webhook."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from stend.runtime.system import RandomIds
from stend.shop.orders.api.webhook.client import WebhookClient
from tests.engines.servers import free_port
from tests.shop.notifications.running import (
    Engines,
    Shop,
    config_for,
    running_shop,
)


@pytest.fixture
def engines(notification_engines: Engines) -> Engines:
    notification_engines.forget_everything()
    return notification_engines


@pytest.fixture
def ports() -> tuple[int, ...]:
    return free_port(), free_port()


@pytest_asyncio.fixture
async def shop(engines: Engines, ports: tuple[int, ...]) -> AsyncIterator[Shop]:
    async with running_shop(config_for(engines, frozenset(ports))) as running:
        yield running


@pytest_asyncio.fixture
async def client(shop: Shop, ports: tuple[int, ...]) -> AsyncIterator[WebhookClient]:
    client = WebhookClient(f"http://{shop.address}", ports, RandomIds())
    yield client
    await client.close()
