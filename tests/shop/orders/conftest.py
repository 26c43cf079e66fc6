"""Clients of the running stand, one per protocol, closed after each test."""

from collections.abc import AsyncIterator, Mapping

import pytest
import pytest_asyncio

from stend.shop.orders.api.grpc.client import GrpcClient
from stend.shop.orders.api.reply import OrdersClient
from stend.shop.orders.api.rest.client import RestClient
from tests.conftest import LiveStand


@pytest_asyncio.fixture
async def clients(live_stand: LiveStand) -> AsyncIterator[Mapping[str, OrdersClient]]:
    opened: dict[str, OrdersClient] = {
        "rest": RestClient(live_stand.url),
        "grpc": GrpcClient(live_stand.grpc_target),
    }
    yield opened
    for client in opened.values():
        await client.close()


@pytest.fixture
def database_url(live_stand: LiveStand) -> str:
    """For what no operation of the service can bring about yet, such as a delivery."""
    return f"postgresql://lavka:lavka@127.0.0.1:{live_stand.port_base + 10}/lavka"
