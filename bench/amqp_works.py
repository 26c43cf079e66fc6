"""What the brokers are made to do: confirmed publishing and consuming, by stock clients.

A work connects, makes a queue, lets the watch run while it does what is measured, and removes the
queue; it answers with the number of messages.
"""

import asyncio
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import aio_pika
import pika
import uvloop
from aio_pika.abc import AbstractExchange, AbstractIncomingMessage
from pika.adapters.blocking_connection import BlockingChannel

from bench.broker import Watch
from tests.waiting import until

BODY_BYTES = 256
CONNECTIONS = 16
ROUND_S = 2.0
PREFETCH = 200
_READY = 8_000
_BODY = b"x" * BODY_BYTES


Work = Callable[[str, Watch], int]


@contextmanager
def queue_of(url: str) -> Iterator[tuple[str, BlockingChannel]]:
    """A durable queue for one round, and a channel of pika."""
    name = f"bench-{uuid.uuid4().hex[:12]}"
    # Idle while the other client works; its heartbeats would be missed.
    connection = pika.BlockingConnection(pika.URLParameters(f"{url}?heartbeat=0"))
    try:
        channel = connection.channel()
        channel.queue_declare(name, durable=True)
        yield name, channel
        channel.queue_delete(name)
    finally:
        connection.close()


def delivery(persistent: bool) -> int:
    return 2 if persistent else 1


def publish_with_pika(url: str, watch: Watch, *, persistent: bool) -> int:
    """One connection; the next message goes out when the one before is confirmed."""
    properties = pika.BasicProperties(delivery_mode=delivery(persistent))
    with queue_of(url) as (queue, channel):
        channel.confirm_delivery()
        channel.basic_publish("", queue, _BODY, properties)
        published = 0
        with watch.running():
            ends_at = time.perf_counter() + ROUND_S
            while time.perf_counter() < ends_at:
                channel.basic_publish("", queue, _BODY, properties)
                published += 1
    return published


def publish(url: str, watch: Watch, *, persistent: bool, connections: int) -> int:
    """With aio-pika; each connection waits for a confirm before it publishes again."""
    with queue_of(url) as (queue, _):
        return uvloop.run(_publish(url, queue, watch, delivery(persistent), connections))


async def _publish(url: str, queue: str, watch: Watch, mode: int, connections: int) -> int:
    opened = await asyncio.gather(*(aio_pika.connect(url) for _ in range(connections)))
    exchanges = [(await one.channel()).default_exchange for one in opened]
    message = aio_pika.Message(_BODY, delivery_mode=mode)
    published = 0

    async def repeat(exchange: AbstractExchange, ends_at: float) -> None:
        nonlocal published
        while time.perf_counter() < ends_at:
            await exchange.publish(message, queue)
            published += 1

    with watch.running():
        ends_at = time.perf_counter() + ROUND_S
        await asyncio.gather(*(repeat(exchange, ends_at) for exchange in exchanges))
    await asyncio.gather(*(one.close() for one in opened))
    return published


def consume(url: str, watch: Watch, *, persistent: bool) -> int:
    """With aio-pika: messages that lie ready are delivered and acknowledged one by one."""
    properties = pika.BasicProperties(delivery_mode=delivery(persistent))
    with queue_of(url) as (queue, channel):
        for _ in range(_READY):
            channel.basic_publish("", queue, _BODY, properties)
        # RabbitMQ answers this before it has looked at everything that came earlier.
        until(lambda: channel.queue_declare(queue, passive=True).method.message_count == _READY)
        uvloop.run(_consume(url, queue, watch))
    return _READY


async def _consume(url: str, queue: str, watch: Watch) -> None:
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        await channel.set_qos(PREFETCH)
        source = await channel.get_queue(queue)
        done = asyncio.get_running_loop().create_future()
        acknowledged = 0

        async def take(message: AbstractIncomingMessage) -> None:
            nonlocal acknowledged
            await message.ack()
            acknowledged += 1
            if acknowledged == _READY:
                done.set_result(None)

        with watch.running():
            await source.consume(take)
            await done
            # Answered after the last acknowledgement is dealt with.
            await channel.get_queue(queue)


WORKS: dict[str, Work] = {
    f"{what}, {'persistent' if persistent else 'transient'}": partial(work, persistent=persistent)
    for what, work in (
        ("publish one by one, pika", publish_with_pika),
        ("publish one by one, aio-pika", partial(publish, connections=1)),
        (
            f"publish on {CONNECTIONS} connections, aio-pika",
            partial(publish, connections=CONNECTIONS),
        ),
        ("consume and acknowledge, aio-pika", consume),
    )
    for persistent in (False, True)
}
