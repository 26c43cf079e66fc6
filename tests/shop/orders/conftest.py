"""Clients of the running stand, one per protocol, closed after each file of tests."""

from collections.abc import AsyncIterator, Iterator, Mapping

import pytest
import pytest_asyncio

from stend.runtime.addresses import addresses_of
from stend.runtime.calling import OrdersClients
from stend.runtime.system import RandomIds
from stend.shop.orders.api.reply import OrdersClient
from tests.conftest import LiveStand, stand_of_its_own


@pytest.fixture(scope="module")
def orders_stand(request: pytest.FixtureRequest, servers: Mapping[str, str]) -> Iterator[LiveStand]:
    """One whose orders stay where they are: the one of the session, or one on real servers."""
    if not servers:
        yield request.getfixturevalue("live_stand")
        return
    with stand_of_its_own(servers) as own:
        own.up(STEND_ORDERS_SAGAS="0")
        yield own


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def clients(orders_stand: LiveStand) -> AsyncIterator[Mapping[str, OrdersClient]]:
    opened = OrdersClients(addresses_of(orders_stand.settings()), RandomIds())
    yield opened
    await opened.close()


@pytest.fixture
def database_url(orders_stand: LiveStand) -> str:
    """For what no operation of the service can bring about yet, such as a delivery."""
    return addresses_of(orders_stand.settings()).postgresql_url
