"""Talks of real clients with the stand's broker, recorded once for all tests."""

import asyncio
import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aio_pika
import pika
from aio_pika.abc import AbstractIncomingMessage
from pika.exceptions import AMQPError

from stend.wire.decoding import Direction
from tests.engines.amqp.running import config_in, running
from tests.engines.servers import HOST
from tests.wire.recording import recorded

Talk = list[tuple[Direction, bytes]]
TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
BODY = b'{"sku": "tea"}'
_LOGIN = pika.PlainCredentials("lavka", "lavka")


@contextlib.contextmanager
def _channel(port: int) -> Iterator[Any]:
    parameters = pika.ConnectionParameters(HOST, port, "/", _LOGIN, frame_max=8192)
    with contextlib.closing(pika.BlockingConnection(parameters)) as connection:
        yield connection.channel()


def pika_talk(port: int) -> None:
    """Topology, publishes without confirms, one message fetched, one refused, a mistake."""
    with _channel(port) as channel:
        channel.exchange_declare("events", "topic", durable=True)
        channel.exchange_declare("dead", "fanout")
        channel.queue_declare("orders", arguments={"x-dead-letter-exchange": "dead"})
        channel.queue_declare("graves")
        channel.queue_bind("orders", "events", "order.*")
        channel.queue_bind("graves", "dead")
        properties = pika.BasicProperties(
            content_type="application/json",
            headers={"traceparent": TRACEPARENT, "tries": 3, "deep": {"list": [1, "x", None]}},
            delivery_mode=2,
            priority=1,
            correlation_id="c-1",
            reply_to="answers",
            expiration="60000",
            message_id="m-1",
            timestamp=1_795_000_000,
            type="OrderPlaced",
            app_id="orders",
        )
        channel.basic_publish("events", "order.placed", BODY, properties)
        channel.basic_publish("", "orders", b"x" * 20_000)
        got, _, body = channel.basic_get("orders")
        assert body == BODY
        channel.basic_reject(got.delivery_tag, requeue=False)
        buried, _, _ = channel.basic_get("graves")
        channel.basic_ack(buried.delivery_tag)
        assert channel.basic_get("graves") == (None, None, None)
        channel.basic_get("orders", auto_ack=True)
        channel.queue_purge("orders")
        with contextlib.suppress(AMQPError):
            channel.queue_declare("nowhere", passive=True)


def confirms_talk(port: int) -> None:
    """Publishes with confirms, one of which nobody takes."""
    with _channel(port) as channel:
        channel.confirm_delivery()
        channel.queue_declare("parcels")
        channel.basic_publish("", "parcels", BODY, mandatory=True)
        with contextlib.suppress(AMQPError):
            channel.basic_publish("", "nowhere", b"", mandatory=True)
        channel.basic_publish("", "parcels", b"")


def transactions_talk(port: int) -> None:
    with _channel(port) as channel:
        channel.tx_select()
        channel.basic_publish("", "orders", BODY)
        channel.tx_commit()
        channel.tx_rollback()


def consuming_talk(port: int) -> None:
    asyncio.run(_consume(port))


async def _consume(port: int) -> None:
    url = f"amqp://lavka:lavka@{HOST}:{port}/"
    connection = await aio_pika.connect(url)
    async with connection:
        channel = await connection.channel()
        await channel.set_qos(prefetch_count=5)
        queue = await channel.declare_queue("letters", auto_delete=True)
        for number in range(4):
            body = str(number).encode()
            await channel.default_exchange.publish(aio_pika.Message(body), queue.name)
        async with queue.iterator() as messages:
            seen = [await anext(messages) for _ in range(4)]
            await seen[0].ack()
            await seen[2].ack(multiple=True)
            await seen[3].nack(requeue=False)
        free = await channel.declare_queue(exclusive=True)
        await free.consume(_ignore, no_ack=True)
        await channel.default_exchange.publish(aio_pika.Message(b"last"), free.name)
        await free.delete(if_unused=False)


async def _ignore(message: AbstractIncomingMessage) -> None:
    """A consumer that has nothing to do."""


def refused_talk(port: int) -> None:
    parameters = pika.ConnectionParameters(HOST, port, "/", pika.PlainCredentials("lavka", "no"))
    with contextlib.suppress(AMQPError):
        pika.BlockingConnection(parameters)


TALKS = (pika_talk, confirms_talk, transactions_talk, consuming_talk, refused_talk)


def record(folder: Path) -> dict[str, Talk]:
    config = config_in(folder)
    found: dict[str, Talk] = {}
    with running(config), recorded(config.port) as recording:
        for talk in TALKS:
            talk(recording.port)
            found[talk.__name__] = recording.talks[-1]
    return found
