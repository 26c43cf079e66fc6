"""A bare worker of Kafka: confluent-kafka, a command from a topic, its reply to another.

    python -m bench.bare_kafka PORT DATABASE_URL SERVERS

A batch is worked off at once and committed when its replies are with the broker. It listens on the
port when the group has given it partitions.
"""

import asyncio
import sys
import threading
from typing import Any

import uvloop
from confluent_kafka import Consumer, Message, Producer
from pydantic_core import from_json, to_json

from bench.bare_amqp import told_ready
from bench.bare_row import Reader
from stend.chassis.kafka import Topic, create_topics

COMMANDS, REPLIES = "bench.commands", "bench.replies"
_PARTITIONS = 3
_BATCH = 100
_POLL_S = 0.1


async def work(port: int, reader: Reader, servers: str) -> None:
    topics = [Topic(name, _PARTITIONS) for name in (COMMANDS, REPLIES)]
    create_topics(servers, topics, threading.Event())
    assigned = asyncio.Event()
    loop = asyncio.get_running_loop()

    def on_assign(*_: object) -> None:
        loop.call_soon_threadsafe(assigned.set)

    config: dict[str, Any] = {
        "bootstrap.servers": servers,
        "group.id": "bench",
        "enable.auto.commit": False,
        "auto.offset.reset": "earliest",
    }
    consumer = Consumer(config)
    consumer.subscribe([COMMANDS], on_assign=on_assign)
    producer = Producer({"bootstrap.servers": servers, "acks": "all", "linger.ms": 0})

    async def consume() -> None:
        while True:
            batch = await asyncio.to_thread(waiting, consumer)
            if batch:
                await asyncio.gather(*(answer(reader, producer, one) for one in batch))
                await asyncio.to_thread(producer.flush)
                await asyncio.to_thread(consumer.commit, asynchronous=False)

    async def tell() -> None:
        await assigned.wait()
        await told_ready(port)

    async with reader.open():
        await asyncio.gather(consume(), tell())


def waiting(consumer: Consumer) -> list[Message]:
    first = consumer.poll(_POLL_S)
    return [] if first is None else [first, *consumer.consume(_BATCH - 1, 0)]


async def answer(reader: Reader, producer: Producer, command: Message) -> None:
    headers = dict(command.headers() or [])
    order = await reader.order(from_json(command.value() or b"")["order_id"])
    producer.produce(
        REPLIES,
        to_json({"ok": True, "result": order}),
        headers=[("correlation_id", headers["correlation_id"])],
        partition=int(headers["reply_partition"] or b"0"),
    )


if __name__ == "__main__":
    port, url, servers = sys.argv[1:]
    uvloop.run(work(int(port), Reader(url), servers))
