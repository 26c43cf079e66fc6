"""A worker that is killed at any moment: what it had in work is done once, by the next one."""

import asyncio
import os
import subprocess
import sys
from typing import Any

import psycopg

from stend.chassis.amqp import AmqpLink
from stend.engines.amqp.launcher import AmqpConfig
from stend.shop.stock.api.amqp.client import StockClient
from tests.conftest import PROJECT
from tests.engines.amqp.running import url_of
from tests.shop.stock.conftest import service_on
from tests.shop.stock.examples import SystemIds, a_reservation, fresh_id

_COMMANDS = 60
_SEEN_BEFORE_THE_KILL = 10


def a_worker(database_url: str, amqp_url: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.shop.stock.worker", database_url, amqp_url],
        cwd=PROJECT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(PROJECT / "src"), str(PROJECT)])},
    )


async def test_commands_of_a_killed_worker_are_done_once_and_answered(
    stock_database: str,
    stock_broker: AmqpConfig,
    database: psycopg.Connection[tuple[object, ...]],
) -> None:
    url = url_of(stock_broker)
    link = AmqpLink(url, "tests")
    client = StockClient(link, SystemIds())
    # Makes the queue, so that commands can be sent before the worker of this test is there.
    second = service_on(stock_database, stock_broker)
    await second.start()
    await second.ping()
    await second.stop()
    link.start()
    await link.ready(5)
    worker = a_worker(stock_database, url)
    try:
        commands = [(a_reservation(), fresh_id("msg_")) for _ in range(_COMMANDS)]
        calls = [
            asyncio.create_task(client.call(command, message_id, deadline_s=30))
            for command, message_id in commands
        ]
        for call in asyncio.as_completed(calls[:_SEEN_BEFORE_THE_KILL]):
            await call
    finally:
        worker.kill()
        await asyncio.to_thread(worker.wait)
    second = service_on(stock_database, stock_broker)
    await second.start()
    replies: list[Any] = await asyncio.gather(*calls)
    assert {reply["status"] for reply in replies} == {"reserved"}
    # Whatever the first one had done, the second one only repeats.
    again = await asyncio.gather(*(client.call(*command) for command in commands))
    assert again == replies
    references = [command.reservation_id for command, _ in commands]
    counted = database.execute(
        "SELECT count(*) FROM stock.movements WHERE reference = ANY(%s)", [references]
    )
    assert counted.fetchone() == (2 * _COMMANDS,)
    assert await second.imbalances() == []
    await asyncio.gather(link.stop(), second.stop())
