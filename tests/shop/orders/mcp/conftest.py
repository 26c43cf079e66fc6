"""The shop in memory behind a real port, over MCP and, to compare with, over REST."""

from collections.abc import AsyncIterator, Mapping

import pytest
import pytest_asyncio
from starlette.types import ASGIApp, Receive, Scope, Send

from stend.chassis.access import OpenAccess
from stend.chassis.event_stream import StreamLimits
from stend.chassis.intake import Intake
from stend.shop.orders.api.limits import RestLimits
from stend.shop.orders.api.mcp import server
from stend.shop.orders.api.mcp.client import McpClient
from stend.shop.orders.api.reply import OrdersClient
from stend.shop.orders.api.rest.client import RestClient
from stend.shop.orders.api.rest.server import create_app as create_rest
from tests.fakes.orders import MemoryShop, memory_shop
from tests.fakes.reconciliation import memory_reconciliations
from tests.serving import served

LIMIT_BYTES = 65_536


@pytest.fixture
def shop() -> MemoryShop:
    return memory_shop()


def both(shop: MemoryShop) -> ASGIApp:
    limits = RestLimits(deadline_s=5, body_limit_bytes=65_536, stream=StreamLimits(5, 60))
    intake = Intake("orders", "rest", OpenAccess(), 5)
    rest = create_rest(
        shop.orders.on_behalf_of, memory_reconciliations().on_behalf_of, limits, intake
    )
    mcp = server.create_app(
        shop.orders.on_behalf_of, Intake("orders", "mcp", OpenAccess(), 5), LIMIT_BYTES
    )

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await (rest if scope["path"].startswith("/api/") else mcp)(scope, receive, send)

    return app


@pytest_asyncio.fixture
async def url(shop: MemoryShop) -> AsyncIterator[str]:
    async with served(both(shop)) as base_url:
        yield base_url


@pytest_asyncio.fixture
async def clients(url: str) -> AsyncIterator[Mapping[str, OrdersClient]]:
    opened: dict[str, OrdersClient] = {"rest": RestClient(url), "mcp": McpClient(url)}
    yield opened
    for client in opened.values():
        await client.close()


@pytest.fixture
def client(clients: Mapping[str, OrdersClient]) -> OrdersClient:
    return clients["mcp"]
