"""A server that is killed at any moment: what it had in work is done once, by its successor."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from stend.runtime.system import RandomIds
from stend.shop.orders.api.kafka.client import KafkaClient
from stend.shop.orders.usecases import ListOrders
from tests.conftest import PROJECT
from tests.engines.kafka.running import bootstrap_of, config_in, running
from tests.folders import open_folder
from tests.shop.orders.examples import a_request, fresh_customer
from tests.shop.orders.kafka.worker import server_on
from tests.shop.orders.websocket.serving import running_desk
from tests.shop.postgresql import SharedPostgres

_COMMANDS = 60
_SEEN_BEFORE_THE_KILL = 10


@pytest.fixture(scope="module")
def own_servers() -> Iterator[str]:
    """Other tests would have to wait until this one's member, which has a name, is given up."""
    with open_folder() as folder:
        config = config_in(folder, auto_create_topics=False)
        with running(config):
            yield bootstrap_of(config)


@pytest.fixture(scope="module")
def orders_database(postgres: SharedPostgres) -> str:
    return postgres.empty_database("orders")


def a_worker(database_url: str, servers: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.shop.orders.kafka.worker", database_url, servers],
        cwd=PROJECT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(PROJECT / "src"), str(PROJECT)])},
    )


async def test_commands_of_a_killed_server_are_done_once_and_answered(
    orders_database: str, own_servers: str
) -> None:
    async with running_desk(orders_database) as desk:
        # Makes the topics, so that commands can be sent before the server of this test is there.
        second = server_on(desk.orders, own_servers)
        second.start()
        await second.ready(10)
        await second.stop()
        client = KafkaClient(own_servers, RandomIds(), deadline_s=30)
        worker = a_worker(orders_database, own_servers)
        try:
            customer = fresh_customer()
            requests = [a_request(customer_id=customer) for _ in range(_COMMANDS)]
            calls = [asyncio.create_task(client.place_order(one)) for one in requests]
            for call in asyncio.as_completed(calls[:_SEEN_BEFORE_THE_KILL]):
                await call
        finally:
            worker.kill()
            await asyncio.to_thread(worker.wait)
        second = server_on(desk.orders, own_servers)
        second.start()
        placed = [reply.value.order for reply in await asyncio.gather(*calls)]
        listed = (await client.list_orders(ListOrders(customer, None, 100))).value.orders
        assert sorted(one.order_id for one in listed) == sorted(one.order_id for one in placed)
        assert len({one.order_id for one in placed}) == _COMMANDS
        again = [(await client.place_order(one)).value for one in requests[:5]]
        assert [one.order for one in again] == placed[:5]
        await client.close()
        await second.stop()
