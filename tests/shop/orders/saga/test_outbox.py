"""The outbox and its relays: order, one lead, the lag while a backlog is worked off, retention."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
import pytest_asyncio

from stend.chassis.metrics import OUTBOX_LAG_SECONDS, OUTBOX_ROWS
from stend.kit.errors import StendError, deadline_exceeded, unavailable
from stend.runtime.system import RandomIds, SystemClock
from stend.shop.orders.clients import kafka_events
from stend.shop.orders.clients.kafka_events import KafkaEvents
from stend.shop.orders.domain import OrderStatus
from stend.shop.orders.ports import OutboxEvent
from stend.shop.orders.stores.feed import PostgresOrderFeed
from stend.shop.orders.stores.outbox import Outbox, Target
from stend.shop.orders.stores.store import PostgresOrderStore
from stend.shop.orders.usecases import CancelOrder, Orders
from stend.shop.orders.workers import relay as relaying
from stend.shop.orders.workers.relay import Relay
from stend.shop.orders.workers.waking import Wake
from tests.engines.servers import HOST, free_port
from tests.shop.orders.examples import a_request
from tests.shop.postgresql import SharedPostgres
from tests.waiting import until_answered, until_async


@pytest.fixture
def url(postgres: SharedPostgres) -> str:
    return postgres.empty_database("orders")


@pytest_asyncio.fixture
async def store(url: str) -> AsyncIterator[PostgresOrderStore]:
    store = PostgresOrderStore(url, 2, 1.0)
    await store.open()
    yield store
    await store.close()


@pytest.fixture
def orders(url: str, store: PostgresOrderStore) -> Orders:
    feed = PostgresOrderFeed(url, lambda: None)
    return Orders(store, feed, SystemClock(), RandomIds())


class Broker:
    """Confirms what it is given, when it is open.

    Attributes:
        first: the events in the order in which each came for the first time.
    """

    most_at_once = 1000

    def __init__(self) -> None:
        self.first: list[str] = []
        self.copies = 0
        self.opened = asyncio.Event()
        self.opened.set()
        self.at_work = 0

    async def publish(self, events: Sequence[OutboxEvent]) -> None:
        for event in events:
            if event.event_id in self.first:
                self.copies += 1
            else:
                self.first.append(event.event_id)
        self.at_work += 1
        try:
            await self.opened.wait()
        finally:
            self.at_work -= 1


@asynccontextmanager
async def running(url: str, *brokers: Broker, target: str = "kafka") -> AsyncIterator[None]:
    relays = [
        Relay(Outbox(url, Target.KAFKA), broker, target, SystemClock(), Wake())
        for broker in brokers
    ]
    tasks = [asyncio.create_task(relay.run()) for relay in relays]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def waiting_rows(url: str) -> int:
    with psycopg.connect(url) as connection:
        query = "SELECT count(*) FROM orders.outbox WHERE published_at IS NULL"
        row = connection.execute(query).fetchone()
        assert row
        return int(row[0])


async def test_a_relay_that_lost_its_lead_while_it_publishes_brings_nothing_out_of_order(
    url: str, orders: Orders, store: PostgresOrderStore
) -> None:
    broker = Broker()
    broker.opened.clear()
    placed = (await orders.place_order(a_request())).order
    async with running(url, broker, broker):
        await until_async(lambda: broker.at_work == 1)
        # The connection that holds the lead dies in the middle of publishing.
        with psycopg.connect(url) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
                " AND classid = 7461002 AND pid <> pg_backend_pid()"
            )
        await orders.cancel_order(CancelOrder(placed.order_id))
        await until_async(lambda: broker.at_work == 2)
        broker.opened.set()

        async def is_empty() -> bool:
            return await asyncio.to_thread(waiting_rows, url) == 0

        await until_answered(is_empty)
    assert broker.first == [f"{placed.order_id}:1", f"{placed.order_id}:2"]
    assert broker.copies >= 1


async def test_the_lag_is_measured_while_a_backlog_is_worked_off(
    url: str, orders: Orders, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relaying, "_LOOK_EVERY_S", 0.0)
    for _ in range(3):
        await orders.place_order(a_request())
    seen: list[float] = []

    class Watching(Broker):
        most_at_once = 1

        async def publish(self, events: Sequence[OutboxEvent]) -> None:
            await super().publish(events)
            seen.append(OUTBOX_ROWS.labels("orders", "a test")._value.get())

    async with running(url, Watching(), target="a test"):
        await until_async(lambda: len(seen) == 3)
    # Each batch is confirmed while the next one is published.
    assert seen == [0.0, 3.0, 2.0]


async def test_the_lag_grows_while_a_broker_keeps_a_batch_waiting(
    url: str, orders: Orders, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relaying, "_LOOK_EVERY_S", 0.01)
    broker = Broker()
    broker.opened.clear()
    lag = OUTBOX_LAG_SECONDS.labels("orders", "away")._value
    await orders.place_order(a_request())
    async with running(url, broker, target="away"):
        await until_async(lambda: broker.at_work == 1)
        before = lag.get()
        await until_async(lambda: lag.get() > before + 0.1)
        assert OUTBOX_ROWS.labels("orders", "away")._value.get() == 1
        broker.opened.set()
        await until_async(lambda: lag.get() == 0)


async def test_a_backlog_is_published_in_batches_that_the_broker_can_confirm(
    url: str, orders: Orders
) -> None:
    sizes: list[int] = []

    class Small(Broker):
        most_at_once = 2

        async def publish(self, events: Sequence[OutboxEvent]) -> None:
            sizes.append(len(events))
            await super().publish(events)

    placed = [(await orders.place_order(a_request())).order.order_id for _ in range(5)]
    broker = Small()
    async with running(url, broker):
        await until_async(lambda: len(broker.first) == 5)
    assert sizes == [2, 2, 1]
    assert broker.first == [f"{one}:1" for one in placed]


async def test_a_broker_that_refuses_gets_everything_again_in_order(
    url: str, orders: Orders
) -> None:
    class RefusingOnce(Broker):
        refuses = True

        async def publish(self, events: Sequence[OutboxEvent]) -> None:
            await super().publish(events)
            if self.refuses:
                self.refuses = False
                raise unavailable("Kafka", "a test")

    broker = RefusingOnce()
    placed = [(await orders.place_order(a_request())).order.order_id for _ in range(3)]
    async with running(url, broker):
        await until_async(lambda: broker.copies == 3)
    assert broker.first == [f"{one}:1" for one in placed]


async def test_a_broker_too_slow_for_a_whole_batch_gets_smaller_ones(
    url: str, orders: Orders, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relaying, "_RETRY_S", 0.0)
    sizes: list[int] = []

    class Slow(Broker):
        most_at_once = 8

        async def publish(self, events: Sequence[OutboxEvent]) -> None:
            sizes.append(len(events))
            if len(sizes) < 4 and len(events) > 2:
                raise deadline_exceeded(10.0)
            await super().publish(events)

    placed = [(await orders.place_order(a_request())).order.order_id for _ in range(9)]
    broker = Slow()
    async with running(url, broker):
        await until_async(lambda: len(broker.first) == 9)
    assert broker.first == [f"{one}:1" for one in placed]
    # The second two were read while the first two were on their way.
    assert sizes == [8, 4, 2, 2, 4, 1]


async def test_only_what_every_broker_confirmed_is_forgotten_in_batches(
    url: str, orders: Orders, store: PostgresOrderStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stend.shop.orders.stores.writing._FORGET_AT_ONCE", 2)
    placed = [(await orders.place_order(a_request())).order.order_id for _ in range(8)]
    old, now = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)
    moments = [(old, old)] * 5 + [(old, None), (None, old), (old, now)]
    with psycopg.connect(url, autocommit=True) as connection:
        for order_id, (published_at, notified_at) in zip(placed, moments, strict=True):
            connection.execute(
                "UPDATE orders.outbox SET published_at = %s, notified_at = %s WHERE order_id = %s",
                (published_at, notified_at, order_id),
            )
        assert await store.forget_published(old + timedelta(hours=1)) == 5
        rows = connection.execute("SELECT order_id FROM orders.outbox ORDER BY outbox_id")
        assert [row[0] for row in rows] == placed[5:]
    # The history is not the outbox's.
    assert [event.status for event in await store.history(placed[0], 0)] == [OrderStatus.PLACED]


@pytest.mark.parametrize("is_open", [False, True], ids=["no-topic-yet", "in-flush"])
async def test_a_stop_does_not_wait_for_a_kafka_that_is_away(
    is_open: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if is_open:
        monkeypatch.setattr(kafka_events, "create_topics", lambda *_: None)
    events = KafkaEvents([f"{HOST}:{free_port()}"])
    event = OutboxEvent(1, "ord_1", 1, "OrderPlaced", datetime(2026, 1, 1, tzinfo=UTC), b"{}")
    publishing = asyncio.create_task(events.publish([event]))
    await until_async(lambda: (events._producer is not None) == is_open)
    started = time.monotonic()
    await events.close()
    with pytest.raises(StendError):
        await publishing
    assert time.monotonic() - started < 2.5
