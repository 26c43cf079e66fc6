"""MongoDB that is not there yet, and MongoDB that goes: errors in time, recovery by itself."""

import time
from collections.abc import Iterator
from contextlib import AsyncExitStack

import pytest

from stend.engines.mongo.launcher import MongoConfig, MongoLauncher
from stend.kit.errors import EdgeErrorCode, StendError
from tests.engines.mongo.running import config_in
from tests.engines.servers import launched
from tests.folders import open_folder
from tests.shop.catalog.serving import PRODUCTS, Desk, Engines, desk_on

READ = '{ product(sku: "MILK-001") { version } }'


@pytest.fixture
def own_mongo() -> Iterator[MongoConfig]:
    with open_folder() as folder:
        yield config_in(folder)


async def is_away(desk: Desk, sku: str) -> None:
    started = time.monotonic()
    response = await desk.http.get(f"{PRODUCTS}/{sku}")
    assert time.monotonic() - started < 4
    assert (response.status_code, response.json()["code"]) == (503, "unavailable")
    assert response.headers["retry-after"] == "1"
    assert "MongoDB cannot be reached" in response.json()["detail"]


async def nothing_works_yet(desk: Desk) -> None:
    with pytest.raises(StendError) as caught:
        await desk.service.ping()
    assert caught.value.code is EdgeErrorCode.UNAVAILABLE
    await is_away(desk, "MILK-001")
    answer = await desk.graphql(READ)
    assert answer["data"] == {"product": None}
    assert answer["errors"][0]["extensions"]["code"] == "unavailable"


async def test_the_service_starts_without_mongodb_and_finds_it_later(
    engines: Engines, own_mongo: MongoConfig
) -> None:
    url = f"mongodb://127.0.0.1:{own_mongo.port}/catalog"
    async with AsyncExitStack() as stack:
        desk = await stack.enter_async_context(desk_on(url, engines.redis_url))
        await desk.service._cache.invalidate()
        await nothing_works_yet(desk)

        with launched(MongoLauncher(own_mongo)):
            await desk.service.ping()
            assert (await desk.product("MILK-001"))["version"] == 1
            changed = await desk.set_price("MILK-002", 8_500, 1)
            assert changed.status_code == 200
            assert (await desk.product("MILK-001"))["version"] == 1

        # What was read lately is still told; what was not, and every change, is refused.
        assert (await desk.product("MILK-001"))["version"] == 1
        await is_away(desk, "MILK-002")
        assert (await desk.set_price("MILK-001", 8_500, 1)).status_code == 503
        with pytest.raises(StendError):
            await desk.service.ping()

        # The price that was changed is not overwritten by the seed.
        with launched(MongoLauncher(own_mongo)):
            async with desk_on(url, engines.redis_url) as another:
                assert (await another.product("MILK-002"))["price"]["amount_minor"] == 8_500
            assert (await desk.product("MILK-002"))["version"] == 2
            # Before the server goes: PyMongo leaves a socket open that was just connecting.
            await stack.aclose()
