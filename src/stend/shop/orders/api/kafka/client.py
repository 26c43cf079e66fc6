"""A consumer of the commands over Kafka: a record out, its replies in from a shared topic."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager

from stend.chassis.kafka import KafkaProducer, KafkaRecord
from stend.chassis.kafka_reading import KafkaReader
from stend.chassis.kafka_security import PLAINTEXT, KafkaSecurity
from stend.chassis.tracing.messaging import KAFKA, note_reply
from stend.chassis.tracing.spans import TRACEPARENT
from stend.kit.errors import EdgeErrorCode, StendError, deadline_exceeded
from stend.kit.ids import Ids
from stend.shop.orders.api.command_client import CommandClient, RawReply
from stend.shop.orders.api.kafka import translate
from stend.shop.orders.usecases import OperationInput

_DEADLINE_S = 10.0
# A stream of the service ends after half a minute at the latest, and is then asked for again.
_SILENCE_S = 45.0
_MOST_WAITING = 1000
_Replies = asyncio.Queue[KafkaRecord | StendError]


class KafkaClient(CommandClient):
    """The operations of `orders` over Kafka; producer and reader start with the first of them.

    Args:
        servers: `host:port,host:port`.
        ids: also choose the partition of `orders.replies` that this client reads.
        authorization: the header `authorization` of every command.
        deadline_s: from an operation to its reply.
    """

    def __init__(
        self,
        servers: str,
        ids: Ids,
        authorization: str | None = None,
        deadline_s: float = _DEADLINE_S,
        security: KafkaSecurity = PLAINTEXT,
    ) -> None:
        super().__init__(_KafkaTransport(servers, ids, authorization, deadline_s, security))


class _KafkaTransport:
    def __init__(
        self,
        servers: str,
        ids: Ids,
        authorization: str | None,
        deadline_s: float,
        security: KafkaSecurity,
    ) -> None:
        self._ids = ids
        self._deadline_s = deadline_s
        self._authorization = authorization
        name = f"orders.client.{ids.ulid()}"
        # The last characters of an id are chance: clients spread over the partitions.
        self._partition = sum(name.encode()[-4:]) % translate.PARTITIONS
        # A command that is written twice has one effect.
        self._producer = KafkaProducer(servers, name, deadline_s / 2, security)
        self._reader = KafkaReader(servers, name, self._on_reply, security)
        self._waiting: dict[str, _Replies] = {}
        self._starting = asyncio.Lock()
        self._is_started = False

    async def call(self, request: OperationInput, body: bytes) -> RawReply:
        loop = asyncio.get_running_loop()
        ends_at = loop.time() + self._deadline_s
        with self._correlated() as (correlation_id, replies):
            await self._send(request, body, correlation_id)
            reply = await _next(replies, ends_at - loop.time(), self._deadline_s)
            _note(reply, correlation_id)
            return _raw(reply)

    async def stream(self, request: OperationInput, body: bytes) -> AsyncGenerator[RawReply, None]:
        with self._correlated() as (correlation_id, replies):
            await self._send(request, body, correlation_id)
            while True:
                reply = await _next(replies, _SILENCE_S, _SILENCE_S)
                _note(reply, correlation_id)
                yield _raw(reply)
                if reply.header(translate.LAST) != "false":
                    return

    async def close(self) -> None:
        await self._reader.stop()
        await self._producer.stop()

    @contextmanager
    def _correlated(self) -> Iterator[tuple[str, _Replies]]:
        correlation_id = self._ids.ulid()
        replies = self._waiting[correlation_id] = _Replies(_MOST_WAITING + 1)
        try:
            yield correlation_id, replies
        finally:
            del self._waiting[correlation_id]

    async def _send(self, request: OperationInput, body: bytes, correlation_id: str) -> None:
        await self._start()
        headers = translate.command_headers(
            request, correlation_id, self._partition, self._deadline_s, self._authorization
        )
        await self._producer.send(
            translate.COMMANDS_TOPIC, body, key=translate.key_of(request), headers=headers
        )

    async def _start(self) -> None:
        # Before the first command is sent the reader knows from where it reads, so that no reply
        # comes before it.
        async with self._starting:
            if self._is_started:
                return
            await self._reader.start(translate.REPLIES_TOPIC, self._partition, self._deadline_s / 2)
            self._producer.start()
            self._is_started = True

    def _on_reply(self, record: KafkaRecord) -> None:
        # Replies to other clients come, too, and late ones to who has given up.
        replies = self._waiting.get(record.header(translate.CORRELATION_ID) or "")
        if replies is None:
            return
        if replies.qsize() < _MOST_WAITING:
            replies.put_nowait(record)
        elif not replies.full():
            replies.put_nowait(_too_slow())


def _too_slow() -> StendError:
    return StendError(
        EdgeErrorCode.OVERLOADED,
        "More replies came than were read.",
        value=f"{_MOST_WAITING} replies wait",
        expected="a reader that keeps up",
        next_step="Read faster, or ask again for what was missed.",
    )


async def _next(replies: _Replies, wait_s: float, deadline_s: float) -> KafkaRecord:
    try:
        async with asyncio.timeout(wait_s):
            reply = await replies.get()
    except TimeoutError:
        raise deadline_exceeded(deadline_s) from None
    if isinstance(reply, StendError):
        raise reply
    return reply


def _note(reply: KafkaRecord, correlation_id: str) -> None:
    note_reply(KAFKA, reply.topic, reply.texts((TRACEPARENT,)), correlation_id)


def _raw(record: KafkaRecord) -> RawReply:
    headers = [(name, (value or b"").decode("utf-8", "replace")) for name, value in record.headers]
    return RawReply(tuple(headers), record.value or b"")
