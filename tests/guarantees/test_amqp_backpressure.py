"""A fast publisher and a slow consumer: memory stays bounded, nothing is lost, nobody else suffers.

A few seconds; with LONG_TESTS=1 a minute of it.
"""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aio_pika
import httpx
import pika
import pytest
from aio_pika.abc import AbstractIncomingMessage, AbstractRobustConnection
from pamqp import commands, frame

from stend.engines.amqp.launcher import AmqpConfig
from stend.wire.amqp.frames import PROTOCOL_HEADER
from stend.wire.amqp.methods import encode_method
from tests.engines.amqp.running import broker_of, config_in, running, url_of
from tests.engines.servers import HOST
from tests.engines.suite.rabbitmq.wire import Wire
from tests.long_runs import is_long_run
from tests.waiting import until, until_async

pytestmark = pytest.mark.slow
_MEGABYTE = 1024 * 1024
_LIMIT_BYTES = 16 * _MEGABYTE
# The interpreter, the frameworks, sockets and what the allocator does not give back.
_ALLOWED_BYTES = 60 * _MEGABYTE
_BODY_BYTES = 10_000
_RUN_S = 60.0 if is_long_run() else 4.0
# How much longer a busy machine may take to fill the memory.
_LATE_S = 60
# Far fewer than are published in this time, also on a machine that is busy.
_SLOW_S = 0.2
_PREFETCH = 20


@pytest.fixture
def config(tmp_path: Path) -> Iterator[AmqpConfig]:
    config = config_in(tmp_path, _LIMIT_BYTES)
    with running(config):
        yield config


@pytest.fixture
async def consumer(config: AmqpConfig) -> AsyncIterator[AbstractRobustConnection]:
    connection = await aio_pika.connect_robust(url_of(config))
    yield connection
    await connection.close()


class Publisher:
    """Publishes persistent, numbered messages without waiting for confirms, until told to stop."""

    def __init__(self, config: AmqpConfig) -> None:
        self.sent = self.confirmed = 0
        self._stop = False
        parameters = pika.URLParameters(url_of(config))
        parameters.blocked_connection_timeout = 60
        self._connection = pika.BlockingConnection(parameters)
        self._channel = self._connection.channel()
        self._channel.confirm_delivery()

    def run(self) -> None:
        body = bytes(_BODY_BYTES)
        while not self._stop:
            properties = pika.BasicProperties(
                message_id=str(self.sent), delivery_mode=self.sent % 2 + 1
            )
            self.sent += 1
            self._channel.basic_publish("", "orders", body, properties)
            self.confirmed += 1
        self._connection.close()

    def stop(self) -> None:
        self._stop = True


async def test_a_slow_consumer_makes_the_publisher_wait(
    config: AmqpConfig, consumer: AbstractRobustConnection
) -> None:
    channel = await consumer.channel()
    await channel.set_qos(_PREFETCH)
    queue = await channel.declare_queue("orders", durable=True)
    seen: list[int] = []
    is_slow = True

    async def take(message: AbstractIncomingMessage) -> None:
        seen.append(int(message.message_id or -1))
        if is_slow:
            await asyncio.sleep(_SLOW_S)
        await message.ack()

    await queue.consume(take)
    publisher = Publisher(config)
    publishing = asyncio.create_task(asyncio.to_thread(publisher.run))
    broker, largest, blocked = broker_of(config), 0, 0
    ends_at = time.monotonic() + _RUN_S
    late_at = ends_at + _LATE_S
    while time.monotonic() < (ends_at if blocked else late_at):
        largest = max(largest, broker.memory_info().rss)
        blocked += await _blocked_connections(config)
        await asyncio.sleep(0.05)
    publisher.stop()
    is_slow = False
    await asyncio.wait_for(publishing, 60)
    await until_async(lambda: len(seen) >= publisher.sent, 60)

    assert blocked
    assert await _blocked_connections(config) == 0
    assert publisher.confirmed == publisher.sent
    assert seen == list(range(publisher.sent))
    assert largest < _LIMIT_BYTES + _ALLOWED_BYTES, f"{largest / _MEGABYTE:.0f} MB"


async def _blocked_connections(config: AmqpConfig) -> int:
    url = f"http://{HOST}:{config.management_port}/api/connections"
    async with httpx.AsyncClient(auth=("lavka", "lavka")) as client:
        shown = (await client.get(url)).json()
    return sum(one["state"] == "blocked" for one in shown)


async def test_who_only_consumes_goes_on_while_publishers_wait(
    config: AmqpConfig, consumer: AbstractRobustConnection
) -> None:
    channel = await consumer.channel()
    queue = await channel.declare_queue("orders", durable=True)
    publisher = Publisher(config)
    publishing = asyncio.create_task(asyncio.to_thread(publisher.run))
    await until_async(lambda: publisher.confirmed > _LIMIT_BYTES // (_BODY_BYTES + 1000))
    sent_before = publisher.sent
    for _ in range(5):
        message = await queue.get(timeout=5)
        await message.ack()
    other = await channel.declare_queue("other", durable=True)
    assert other.declaration_result.message_count == 0
    assert publisher.sent <= sent_before + 30
    publisher.stop()
    await queue.purge()
    await publishing
    assert publisher.confirmed == publisher.sent


def test_a_reader_that_does_not_read_disturbs_nobody(config: AmqpConfig) -> None:
    with socket.create_connection((HOST, config.port)) as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        # From here on nobody reads this socket.
        deaf.sendall(_consumer_of("news"))
        until(lambda: _consumers_of(config, "news") == 1)
        before = broker_of(config).memory_info().rss
        connection = pika.BlockingConnection(pika.URLParameters(url_of(config)))
        try:
            publisher = connection.channel()
            publisher.confirm_delivery()
            count = 12 * _MEGABYTE // _BODY_BYTES
            for _ in range(count):
                publisher.basic_publish("", "news", bytes(_BODY_BYTES))
            left = publisher.queue_declare("news", passive=True).method.message_count
            # What fits into the sockets is gone, the rest waits in the queue.
            assert left > count // 4
            assert broker_of(config).memory_info().rss - before < 40 * _MEGABYTE
            publisher.queue_purge("news")
        finally:
            connection.close()
    until(lambda: _consumers_of(config, "news") == 0)


def test_who_reads_no_answers_is_not_listened_to_and_gets_all_of_them_later(
    config: AmqpConfig,
) -> None:
    asked = 2000
    with Wire.open(url_of(config)) as wire:
        wire.call(commands.Queue.Declare(queue="news"), commands.Queue.DeclareOk)
        wire.publish("", "news", bytes(100_000))
        before = broker_of(config).memory_info().rss
        # Each pair asks for the same message once more: 200 MB in answer to 120 KB.
        pair = (commands.Basic.Get(queue="news"), commands.Basic.Nack(0, multiple=True))
        wire.send_raw(b"".join(frame.marshal(one, 1) for one in pair) * asked)
        assert _consumers_of(config, "other") == 0
        assert broker_of(config).memory_info().rss - before < 80 * _MEGABYTE
        for number in range(asked):
            method, _, body = wire.message(commands.Basic.GetOk)
            assert isinstance(method, commands.Basic.GetOk)
            assert (method.delivery_tag, len(body)) == (number + 1, 100_000)


def _consumer_of(queue: str) -> bytes:
    """A whole connection up to Basic.Consume, sent without waiting for an answer."""
    flags = {"durable": False, "exclusive": False, "auto_delete": False, "passive": False}
    return b"".join(
        (
            PROTOCOL_HEADER,
            encode_method(
                0,
                commands.Connection.StartOk,
                client_properties={},
                mechanism="PLAIN",
                response=b"\0lavka\0lavka",
                locale="en_US",
            ),
            encode_method(
                0, commands.Connection.TuneOk, channel_max=1, frame_max=131_072, heartbeat=0
            ),
            encode_method(
                0, commands.Connection.Open, virtual_host="/", capabilities="", insist=False
            ),
            encode_method(1, commands.Channel.Open, out_of_band=""),
            encode_method(
                1,
                commands.Queue.Declare,
                ticket=0,
                queue=queue,
                nowait=False,
                arguments={},
                **flags,
            ),
            encode_method(
                1,
                commands.Basic.Consume,
                ticket=0,
                queue=queue,
                consumer_tag="deaf",
                no_local=False,
                no_ack=True,
                exclusive=False,
                nowait=True,
                arguments={},
            ),
        )
    )


def _consumers_of(config: AmqpConfig, queue: str) -> int:
    connection = pika.BlockingConnection(pika.URLParameters(url_of(config)))
    try:
        declared = connection.channel().queue_declare(queue)
        return int(declared.method.consumer_count)
    finally:
        connection.close()
