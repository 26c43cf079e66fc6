"""The portal over an in-memory stand, called without a socket."""

from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.types import ASGIApp

from stend.portal.app import create_portal
from tests.fakes.portal import FakeClient, FakeIds, FakeShop, FakeStand, clients_of

BASE_URL = "http://127.0.0.1:8000"


@pytest.fixture
def stand() -> FakeStand:
    return FakeStand()


@pytest.fixture
def clients() -> dict[str, FakeClient]:
    return clients_of(FakeShop())


@pytest.fixture
def portal(stand: FakeStand, clients: dict[str, FakeClient]) -> ASGIApp:
    return create_portal(
        stand=stand,
        clients=clients,
        ids=FakeIds(),
        public_url=BASE_URL,
        grpc_target="127.0.0.1:8001",
    )


@pytest.fixture
async def http(portal: ASGIApp) -> AsyncIterator[httpx.AsyncClient]:
    """English unless a test says otherwise. A bug of a page is an answer, not an exception here."""
    transport = httpx.ASGITransport(portal, raise_app_exceptions=False)
    headers = {"Accept-Language": "en"}
    async with httpx.AsyncClient(transport=transport, base_url=BASE_URL, headers=headers) as client:
        yield client
