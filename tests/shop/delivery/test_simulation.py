"""What is due and cannot go on neither stops the others nor keeps the processor busy."""

import json

import pytest

from stend.shop.delivery.stores.book import PREFIX
from tests.engines.redis.running import Client
from tests.shop.delivery.calling import fresh_order, until_final
from tests.shop.delivery.conftest import StartService
from tests.waiting import until_async


async def test_a_record_that_nobody_can_read_is_looked_at_in_peace(
    redis_client: Client, start: StartService, caplog: pytest.LogCaptureFixture
) -> None:
    broken = fresh_order()
    record = json.dumps({"assignment": None})
    redis_client.hset(f"{PREFIX}delivery:{broken}", mapping={"version": "1", "record": record})
    redis_client.zadd(f"{PREFIX}due", {broken: 1})
    _, calls = await start()

    def told() -> list[float]:
        return [one.created for one in caplog.records if broken in one.getMessage()]

    # Nobody rides: it is looked at twice a second, and not fifty times.
    await until_async(lambda: len(told()) >= 3)
    assert told()[2] - told()[1] > 0.3
    order_id = fresh_order()
    await calls.assign(order_id)
    await until_final(calls, order_id)
