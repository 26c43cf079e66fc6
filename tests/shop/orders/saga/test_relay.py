"""The relay between a real PostgreSQL and a real broker: order, a killed broker, one lead."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import psycopg
import pytest
import pytest_asyncio
from confluent_kafka import Consumer

from stend.runtime.system import RandomIds, SystemClock
from stend.shop.orders.clients.kafka_events import TOPIC, KafkaEvents
from stend.shop.orders.stores.feed import PostgresOrderFeed
from stend.shop.orders.stores.outbox import Outbox, Target
from stend.shop.orders.stores.store import PostgresOrderStore
from stend.shop.orders.usecases import CancelOrder, Orders
from stend.shop.orders.workers.relay import Relay
from stend.shop.orders.workers.waking import Wake
from tests.engines.kafka.running import bootstrap_of, broker_of, config_in, running
from tests.folders import open_folder
from tests.guarantees.killing import kill, restart
from tests.shop.orders.examples import a_request
from tests.shop.postgresql import SharedPostgres
from tests.waiting import until_answered

_ORDERS = 12
_BATCH = 5


@pytest.fixture
def folder() -> Iterator[Path]:
    with open_folder() as folder:
        yield folder


@pytest.fixture
def url(postgres: SharedPostgres) -> str:
    return postgres.empty_database("orders")


@pytest_asyncio.fixture
async def placed(url: str) -> AsyncIterator[list[str]]:
    """Orders of two events each; those of one do not stand side by side in the outbox."""
    store = PostgresOrderStore(url, 2, 1.0)
    await store.open()
    orders = Orders(store, PostgresOrderFeed(url, lambda: None), SystemClock(), RandomIds())
    placed = [(await orders.place_order(a_request())).order.order_id for _ in range(_ORDERS)]
    for order_id in placed:
        await orders.cancel_order(CancelOrder(order_id))
    yield placed
    await store.close()


@asynccontextmanager
async def relays(url: str, servers: str, count: int = 1) -> AsyncIterator[None]:
    publishers = [KafkaEvents([servers]) for _ in range(count)]
    works = [
        Relay(Outbox(url, Target.KAFKA), publisher, "a test", SystemClock(), Wake())
        for publisher in publishers
    ]
    tasks = [asyncio.create_task(work.run()) for work in works]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for publisher in publishers:
            await publisher.close()


async def until_published(url: str, rows: int = 0) -> None:
    """Until so many rows are left at most."""

    def left() -> int:
        with psycopg.connect(url) as connection:
            query = "SELECT count(*) FROM orders.outbox WHERE published_at IS NULL"
            row = connection.execute(query).fetchone()
            assert row
            return int(row[0])

    async def is_so() -> bool:
        return await asyncio.to_thread(left) <= rows

    await until_answered(is_so)


def published(servers: str) -> dict[str, list[int]]:
    """The versions of each order, as a consumer gets them."""
    consumer = Consumer(
        {
            "bootstrap.servers": servers,
            "group.id": RandomIds().ulid(),
            "auto.offset.reset": "earliest",
            "enable.partition.eof": True,
        }
    )
    consumer.subscribe([TOPIC.name])
    versions: dict[str, list[int]] = {}
    ended: set[int | None] = set()
    try:
        while len(ended) < TOPIC.partitions:
            message = consumer.poll(10)
            assert message is not None
            if message.error():
                ended.add(message.partition())
                continue
            event = json.loads(message.value() or b"")
            assert (message.key() or b"").decode() == event["order_id"]
            versions.setdefault(event["order_id"], []).append(event["version"])
    finally:
        consumer.close()
    return versions


def first_copies(versions: list[int]) -> list[int]:
    return list(dict.fromkeys(versions))


async def test_events_of_an_order_come_in_its_order_and_once(
    url: str, placed: list[str], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(KafkaEvents, "most_at_once", _BATCH)
    config = config_in(folder, auto_create_topics=False)
    with running(config):
        # Of two relays, one leads: the other would publish everything once more.
        async with relays(url, bootstrap_of(config), count=2):
            await until_published(url)
        assert published(bootstrap_of(config)) == {order_id: [1, 2] for order_id in placed}


async def test_a_broker_that_is_killed_loses_no_event_and_no_order(
    url: str, placed: list[str], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(KafkaEvents, "most_at_once", 1)
    config = config_in(folder, auto_create_topics=False)
    servers = bootstrap_of(config)
    with running(config) as launcher:
        async with relays(url, servers):
            await until_published(url, rows=2 * _ORDERS - 3)
            await asyncio.to_thread(kill, broker_of(config), launcher)
            await asyncio.to_thread(restart, launcher)
            await until_published(url)
        versions = published(servers)
    assert {one: first_copies(seen) for one, seen in versions.items()} == {
        order_id: [1, 2] for order_id in placed
    }
