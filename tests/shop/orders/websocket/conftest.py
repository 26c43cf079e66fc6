"""One database for all tests of this folder, a server and a client for each of them."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from stend.chassis.access import OpenAccess
from stend.chassis.intake import Intake
from stend.chassis.websocket import SocketLimits
from stend.shop.orders.api.websocket.client import WebSocketClient
from stend.shop.orders.api.websocket.server import create_app
from tests.shop.notifications.running import serving
from tests.shop.orders.websocket.serving import Desk, running_desk
from tests.shop.postgresql import SharedPostgres


@pytest.fixture(scope="session")
def own_database_url(postgres: SharedPostgres) -> str:
    return postgres.empty_database("orders")


@pytest_asyncio.fixture
async def desk(own_database_url: str) -> AsyncIterator[Desk]:
    async with running_desk(own_database_url) as desk:
        yield desk


@pytest_asyncio.fixture
async def address(desk: Desk) -> AsyncIterator[str]:
    limits = SocketLimits(frame_bytes=4096, operations=3, idle_s=30, stall_s=2)
    app = create_app(
        desk.orders.on_behalf_of, limits, Intake("orders", "websocket", OpenAccess(), 5.0)
    )
    async with serving(app) as address:
        yield address
        app.end_streams()


@pytest_asyncio.fixture
async def client(address: str) -> AsyncIterator[WebSocketClient]:
    client = WebSocketClient(f"ws://{address}")
    yield client
    await client.close()
