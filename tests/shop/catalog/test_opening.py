"""Where MongoDB answers, only its driver finds out when the address names several servers."""

import asyncio
import gc

import pytest

from stend.kit.errors import EdgeErrorCode, StendError
from stend.shop.catalog.stores.opening import MongoOpening
from tests.engines.servers import HOST, free_port
from tests.fakes.orders import HandClock


async def code_of_a_ping(url: str) -> EdgeErrorCode | str:
    opening = MongoOpening(url, 2, 0.2, HandClock())
    try:
        with pytest.raises(StendError) as caught:
            await opening.ping()
        return caught.value.code
    finally:
        await opening.close()


# PyMongo gives up on a server in the instant in which it tries it once more, and a client that is
# closed then leaves the sockets that were connecting to whoever collects garbage next. That is to
# be this test, not one far from here.
@pytest.mark.filterwarnings(
    "ignore:Exception ignored in. <socket.socket:pytest.PytestUnraisableExceptionWarning"
)
@pytest.mark.parametrize("count", [1, 2])
def test_servers_that_are_away_are_told_however_many_are_named(count: int) -> None:
    hosts = ",".join(f"{HOST}:{free_port()}" for _ in range(count))
    try:
        code = asyncio.run(code_of_a_ping(f"mongodb://{hosts}/lavka"))
    finally:
        gc.collect()
    assert code is EdgeErrorCode.UNAVAILABLE
