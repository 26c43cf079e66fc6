"""Clients of the running stand, one per protocol, closed after each file of tests."""

from collections.abc import AsyncIterator, Mapping

import pytest
import pytest_asyncio

from stend.runtime.addresses import addresses_of
from stend.runtime.calling import OrdersClients
from stend.runtime.settings import parse
from stend.runtime.system import RandomIds
from stend.shop.orders.api.reply import OrdersClient
from tests.conftest import LiveStand


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def clients(live_stand: LiveStand) -> AsyncIterator[Mapping[str, OrdersClient]]:
    settings = parse({"stand.port_base": live_stand.port_base}, {}, {})
    opened = OrdersClients(addresses_of(settings), RandomIds())
    yield opened
    await opened.close()


@pytest.fixture
def database_url(live_stand: LiveStand) -> str:
    """For what no operation of the service can bring about yet, such as a delivery."""
    return f"postgresql://lavka:lavka@127.0.0.1:{live_stand.port_base + 10}/lavka"
