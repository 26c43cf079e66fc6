"""Where MongoDB answers, only its driver finds out when the address names several servers."""

import pytest

from stend.kit.errors import EdgeErrorCode, StendError
from stend.shop.catalog.stores.opening import MongoOpening
from tests.engines.servers import HOST, free_port
from tests.fakes.orders import HandClock


@pytest.mark.parametrize("count", [1, 2])
async def test_servers_that_are_away_are_told_however_many_are_named(count: int) -> None:
    hosts = ",".join(f"{HOST}:{free_port()}" for _ in range(count))
    opening = MongoOpening(f"mongodb://{hosts}/lavka", 2, 0.2, HandClock())
    with pytest.raises(StendError) as caught:
        await opening.ping()
    await opening.close()
    assert caught.value.code is EdgeErrorCode.UNAVAILABLE
