"""One MongoDB and one Redis for all tests of the service; one service per module on them."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from tests.folders import open_folder
from tests.shop.catalog.serving import Desk, Engines, desk_on, engines_in


@pytest.fixture(scope="package")
def engines() -> Iterator[Engines]:
    with open_folder() as folder, engines_in(folder) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(engines: Engines, request: pytest.FixtureRequest) -> AsyncIterator[Desk]:
    database = request.module.__name__.rpartition(".")[2]
    async with desk_on(engines.mongo_url(database), engines.redis_url) as made:
        yield made
        # The next module has another database and the same Redis.
        await made.service._cache.invalidate()
