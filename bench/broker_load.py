"""Calls over brokers: a command out, its reply in; the same client for every server."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractIncomingMessage

from stend.chassis.kafka import KafkaProducer, KafkaRecord
from stend.chassis.kafka_reading import KafkaReader

_REPLY_TO = "amq.rabbitmq.reply-to"
_PARTITION = 0
_DEADLINE_S = 10.0
_Replies = dict[str, "asyncio.Future[bytes]"]


def _answered(replies: _Replies, correlation_id: str | None, body: bytes) -> None:
    waiting = replies.pop(correlation_id or "", None)
    if waiting is None:
        return
    if body.startswith(b'{"ok":true'):
        waiting.set_result(body)
    else:
        waiting.set_exception(AssertionError(f"not an answer: {body[:400]!r}"))


class AmqpConnection:
    """A connection of its own, direct reply-to, no confirms."""

    def __init__(
        self, connection: AbstractConnection, channel: AbstractChannel, queue: str, command: bytes
    ) -> None:
        self._connection = connection
        self._channel = channel
        self._queue = queue
        self._command = command
        self._numbers = map(str, itertools.count())
        self._replies: _Replies = {}

    @classmethod
    async def open(cls, url: str, queue: str, command: bytes) -> "AmqpConnection":
        connection = await aio_pika.connect(url)
        channel = await connection.channel(publisher_confirms=False)
        made = cls(connection, channel, queue, command)
        replies = await channel.get_queue(_REPLY_TO, ensure=False)
        await replies.consume(made._on_reply, no_ack=True)
        return made

    async def call(self) -> None:
        correlation_id = next(self._numbers)
        reply = self._replies[correlation_id] = asyncio.get_running_loop().create_future()
        message = aio_pika.Message(
            self._command,
            type="GetOrder",
            message_id=correlation_id,
            correlation_id=correlation_id,
            reply_to=_REPLY_TO,
            content_type="application/json",
        )
        await self._channel.default_exchange.publish(message, self._queue)
        await reply

    async def close(self) -> None:
        await self._connection.close()

    async def _on_reply(self, message: AbstractIncomingMessage) -> None:
        _answered(self._replies, message.correlation_id, message.body)


class KafkaCalls:
    """One producer and one reader, which all connections of a round share.

    Args:
        producer: of commands, already started.
    """

    def __init__(self, producer: KafkaProducer, topic: str) -> None:
        self._producer = producer
        self._topic = topic
        self._numbers = map(str, itertools.count())
        self.replies: _Replies = {}

    async def call(self, key: bytes, command: bytes) -> None:
        correlation_id = next(self._numbers)
        reply = self.replies[correlation_id] = asyncio.get_running_loop().create_future()
        headers = {
            "type": "GetOrder",
            "message_id": correlation_id,
            "correlation_id": correlation_id,
            "reply_partition": str(_PARTITION),
            "content-type": "application/json",
        }
        told = [(name, value.encode()) for name, value in headers.items()]
        await self._producer.send(self._topic, command, key=key, headers=told)
        await reply


@asynccontextmanager
async def kafka_calls(servers: str, commands: str, replies: str) -> AsyncIterator[KafkaCalls]:
    producer = KafkaProducer(servers, "bench", _DEADLINE_S)
    calls = KafkaCalls(producer, commands)

    def on_reply(record: KafkaRecord) -> None:
        _answered(calls.replies, record.header("correlation_id"), record.value or b"")

    reader = KafkaReader(servers, "bench.client", on_reply)
    producer.start()
    try:
        await reader.start(replies, _PARTITION, _DEADLINE_S)
        yield calls
    finally:
        await reader.stop()
        await producer.stop()


class KafkaConnection:
    """One that calls, with an order of its own: commands of one order are worked off in turn."""

    def __init__(self, calls: KafkaCalls, order_id: str, command: bytes) -> None:
        self._calls = calls
        self._key = order_id.encode()
        self._command = command

    async def call(self) -> None:
        await self._calls.call(self._key, self._command)

    async def close(self) -> None:
        """The producer and the reader belong to the round."""
