"""The relay of the outbox to Kafka beside a raw producer: one run, one machine, the same records.

    python -m bench.outbox

The relay drains rows of PostgreSQL: it reads a batch, publishes it, waits for the broker's
confirmation, and marks the rows. The raw producer has the same records in memory already, and waits
for the same confirmation of the same batches. Both are idempotent and want acks=all. Rounds
alternate between the two, so that a machine that gets slower slows both; the median round counts.
"""

import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import uvloop
from confluent_kafka import Producer

from bench.broker import answers
from bench.engine_alone import launcher_of
from bench.stand import free_port_base
from stend.runtime.addresses import Addresses, addresses_of
from stend.runtime.settings import parse
from stend.runtime.system import SystemClock
from stend.shop.orders.clients.kafka_events import TOPIC, KafkaEvents, headers_of
from stend.shop.orders.ports import OutboxEvent
from stend.shop.orders.stores.outbox import Outbox, Target
from stend.shop.orders.stores.store import PostgresOrderStore
from stend.shop.orders.workers.relay import Relay
from stend.shop.orders.workers.waking import Wake
from tests.waiting import until, until_answered

# Key, value and headers.
Record = tuple[str, bytes, Any]

ORDERS, EVENTS_OF_ONE = 6250, 8
ROWS = ORDERS * EVENTS_OF_ONE
BATCH = 1000
ROUNDS = 5
GOAL = 0.50
_PATIENCE_S = 120
_CLIENT = "bench"
_FILL = (
    """
    INSERT INTO orders.orders
    SELECT 'ord_' || lpad(n::text, 26, '0'), 'cus_Bench', 'delivered', 8, 'Москва', 'Лесная', '5',
           '12', NULL, now(), now() + interval '1 hour', now(), now(), NULL
    FROM generate_series(1, %(orders)s) AS n
    """,
    """
    INSERT INTO orders.outbox (order_id, version, type, payload, occurred_at)
    SELECT 'ord_' || lpad(n::text, 26, '0'), version, 'OrderReserved',
           jsonb_build_object('order_id', 'ord_' || lpad(n::text, 26, '0'), 'version', version,
                              'type', 'OrderReserved', 'status', 'reserved',
                              'occurred_at', '2026-01-01T12:00:00.000000Z'),
           now()
    FROM generate_series(1, %(events)s) AS version, generate_series(1, %(orders)s) AS n
    """,
)


class Round:
    """Rows a second, and this process's CPU time for each."""

    def __init__(self, elapsed_s: float, cpu_s: float) -> None:
        self.rows_per_s = ROWS / elapsed_s
        self.cpu_us = cpu_s / ROWS * 1e6


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as addresses:
        result = uvloop.run(compare(addresses))
    json.dump(result, sys.stdout, indent=2)
    print()


@contextmanager
def running(home: Path) -> Iterator[Addresses]:
    """The stand's PostgreSQL and Kafka, and nothing else of it."""
    port_base = free_port_base()
    launchers = [launcher_of(name, home, port_base) for name in ("postgresql", "kafka")]
    try:
        for launcher in launchers:
            launcher.launch()
        for launcher in launchers:
            until(partial(answers, launcher))
        yield addresses_of(parse({"stand.port_base": port_base}, {}, {}))
    finally:
        for launcher in launchers:
            launcher.stop()


async def compare(addresses: Addresses) -> dict[str, Any]:
    url = addresses.orders_database_url
    await fill(url)
    records = [(event.order_id, event.body, headers_of(event)) for event in await all_events(url)]
    rounds: dict[str, list[Round]] = {"relay": [], "raw": []}
    works: dict[str, Callable[[], Awaitable[None]]] = {
        "relay": lambda: drain(addresses),
        "raw": lambda: asyncio.to_thread(produce, addresses, records),
    }
    for number in range(ROUNDS):
        print(f"outbox: round {number + 1} of {ROUNDS}", file=sys.stderr)
        for name, work in works.items():
            await begin_anew(url)
            rounds[name].append(await timed(work))
    return report(rounds)


async def fill(url: str) -> None:
    store = PostgresOrderStore(url, 1, 5.0)
    await store.open()
    await store.close()
    async with await psycopg.AsyncConnection.connect(url) as connection:
        for statement in _FILL:
            await connection.execute(statement, {"orders": ORDERS, "events": EVENTS_OF_ONE})


async def all_events(url: str) -> Sequence[OutboxEvent]:
    outbox = Outbox(url, Target.KAFKA)
    try:
        return await outbox.waiting(ROWS)
    finally:
        await outbox.close()


async def begin_anew(url: str) -> None:
    """Every row waits again, and a table that was written over has no dead rows left."""
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        await connection.execute("UPDATE orders.outbox SET published_at = NULL")
        await connection.execute("VACUUM (FULL, ANALYZE) orders.outbox")


async def timed(work: Callable[[], Awaitable[None]]) -> Round:
    cpu, started = time.process_time(), time.perf_counter()
    await work()
    return Round(time.perf_counter() - started, time.process_time() - cpu)


async def drain(addresses: Addresses) -> None:
    """Until the relay has marked the last row."""
    publisher = KafkaEvents(addresses.kafka_servers)
    outbox = Outbox(addresses.orders_database_url, Target.KAFKA)
    relay = asyncio.create_task(Relay(outbox, publisher, _CLIENT, SystemClock(), Wake()).run())
    query = "SELECT 1 FROM orders.outbox WHERE published_at IS NULL LIMIT 1"
    url = addresses.orders_database_url
    try:
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:

            async def is_empty() -> bool:
                return await (await connection.execute(query)).fetchone() is None

            await until_answered(is_empty, _PATIENCE_S)
    finally:
        relay.cancel()
        await asyncio.gather(relay, return_exceptions=True)
        await publisher.close()


def produce(addresses: Addresses, records: Sequence[Record]) -> None:
    producer = Producer(
        {
            "bootstrap.servers": ",".join(addresses.kafka_servers),
            "enable.idempotence": True,
            "acks": "all",
            "linger.ms": 50,
        }
    )
    failures: list[object] = []

    def on_delivery(error: object, _: object) -> None:
        if error is not None:
            failures.append(error)

    for first in range(0, len(records), BATCH):
        for key, body, headers in records[first : first + BATCH]:
            producer.produce(TOPIC.name, body, key, headers=headers, on_delivery=on_delivery)
        left = producer.flush(10)
        if left or failures:
            raise RuntimeError(f"{left} records are not confirmed; {failures[:1]}")


def report(rounds: dict[str, list[Round]]) -> dict[str, Any]:
    facts = {
        name: {
            "rows_per_s": round(statistics.median(one.rows_per_s for one in done)),
            "cpu_us": round(statistics.median(one.cpu_us for one in done), 1),
        }
        for name, done in rounds.items()
    }
    ratio = facts["relay"]["rows_per_s"] / facts["raw"]["rows_per_s"]
    return {
        "bench": "outbox",
        "rows": ROWS,
        "batch": BATCH,
        "rounds": ROUNDS,
        "goal_ratio": GOAL,
        "goal_met": ratio >= GOAL,
        **facts,
        "ratio": round(ratio, 3),
    }


if __name__ == "__main__":
    main()
