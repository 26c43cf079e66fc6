"""The token service over a folder of its own, called without a socket."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from stend.chassis.access import JwtAccess
from stend.shop.identity.service import IdentityConfig, IdentityService, shop_access
from tests.fakes.orders import CountingIds, HandClock

URL = "http://127.0.0.1:8000"


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def config(tmp_path: Path) -> IdentityConfig:
    return IdentityConfig(URL, tmp_path / "identity")


@pytest.fixture
def access(config: IdentityConfig, clock: HandClock) -> JwtAccess:
    """Of any other service: it sees the folder of keys and nothing else."""
    return shop_access(config, clock, required=True)


@pytest.fixture
async def identity(
    config: IdentityConfig, clock: HandClock, access: JwtAccess
) -> AsyncIterator[IdentityService]:
    service = IdentityService(config, clock, CountingIds(), access)
    await service.start()
    yield service
    await service.stop()


@pytest.fixture
async def http(identity: IdentityService) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(identity.http["/oauth"], raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=URL) as client:
        yield client
