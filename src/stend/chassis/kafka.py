"""Kafka for a service: records, topics, and a producer that waits until its records have arrived.

librdkafka works in threads of its own; one thread per client hands its news to the event loop.
`confluent_kafka.aio` is not used: its producer sends no headers and holds records back in batches,
its consumer needs two threads and a hop for every call.
Sources: docs.confluent.io/kafka-clients/python; librdkafka's INTRODUCTION.md and CONFIGURATION.md.
"""

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import methodcaller
from typing import Any, cast

from confluent_kafka import (
    KafkaError,
    KafkaException,
    Message,
    Producer,
)
from confluent_kafka.admin import AdminClient, NewPartitions, NewTopic

from stend.chassis.kafka_security import PLAINTEXT, KafkaSecurity
from stend.chassis.metrics import PUBLISHED
from stend.chassis.retrying import pauses
from stend.chassis.tracing.messaging import KAFKA, begin_send
from stend.chassis.tracing.recording import carrier, entered
from stend.kit.errors import EdgeErrorCode, StendError, deadline_exceeded, unavailable

_log = logging.getLogger("stend.kafka")
_BROKER = "Kafka"
# Where librdkafka's own log goes.
librdkafka_log = logging.getLogger("stend.kafka.librdkafka")
_read_headers = methodcaller("headers")
_PUBLISHED = PUBLISHED.labels("kafka")
POLL_S = 0.1
STOP_S = 2.0
_MOST_QUEUED_RECORDS = 10_000
MOST_QUEUED_KB = 32 * 1024
_ADMIN_TIMEOUT_S = 1.0
CONNECTING: Mapping[str, Any] = {
    "reconnect.backoff.ms": 50,
    "reconnect.backoff.max.ms": 1000,
    "socket.connection.setup.timeout.ms": 2000,
    "log.connection.close": False,
    # Critical: it would tell of every attempt to connect. Whoever reads says that nobody answers.
    "log_level": 2,
    # How long a topic may be unknown before it is taken to be gone: half a minute otherwise.
    "topic.metadata.propagation.max.ms": 2000,
}
# Whoever may not make a topic may still use the one that somebody has made for him.
_LEAVES_AS_THEY_ARE = frozenset(
    {
        KafkaError.TOPIC_ALREADY_EXISTS,
        KafkaError.TOPIC_AUTHORIZATION_FAILED,
        KafkaError.CLUSTER_AUTHORIZATION_FAILED,
    }
)


def connecting(servers: str, security: KafkaSecurity) -> dict[str, Any]:
    """What every client of librdkafka is told: how it connects, and where."""
    return {**CONNECTING, "bootstrap.servers": servers, **security.config()}


@dataclass(frozen=True, slots=True)
class KafkaRecord:
    """
    Attributes:
        headers: in order; a key may come twice (KIP-82).
        timestamp_ms: when it was made, since 1970; None without one.
    """

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]
    timestamp_ms: int | None

    def header(self, name: str) -> str | None:
        """The last header of this name, as text; None when there is none or it is no UTF-8."""
        return self.texts((name,))[name]

    def texts(self, names: Sequence[str]) -> dict[str, str | None]:
        """The same for several headers."""
        values = {key: value for key, value in self.headers if value is not None}
        return {name: _text(values.get(name)) for name in names}


@dataclass(frozen=True, slots=True)
class Topic:
    """
    Attributes:
        replicas: -1 for as many as the brokers give a topic by default (KIP-464).
    """

    name: str
    partitions: int
    replicas: int = -1


def _text(value: bytes | None) -> str | None:
    if value is None:
        return None
    try:
        return value.decode()
    except UnicodeDecodeError:
        return None


class KafkaProducer:
    """acks=all: a record is sent when every in-sync replica has it. One whose confirmation was lost
    is written once more, so its reader has to know it again.

    Not idempotent: that takes half a second for the producer id before the first record, lets five
    requests be in flight, and librdkafka keeps a core busy while records wait for a place there.

    Args:
        servers: `host:port,host:port`.
        name: `client.id`.
        deadline_s: for one record, from `send` to the broker's word.
    """

    def __init__(
        self,
        servers: str,
        name: str,
        deadline_s: float,
        security: KafkaSecurity = PLAINTEXT,
    ) -> None:
        self._config: dict[str, Any] = {
            **connecting(servers, security),
            "client.id": name,
            "acks": "all",
            # A reply must not wait for others to share its batch.
            "linger.ms": 0,
            "message.timeout.ms": int(deadline_s * 1000),
            "request.timeout.ms": int(deadline_s * 1000),
            "queue.buffering.max.messages": _MOST_QUEUED_RECORDS,
            "queue.buffering.max.kbytes": MOST_QUEUED_KB,
            "allow.auto.create.topics": False,
        }
        self._deadline_s = deadline_s
        self._producer: Producer | None = None
        self._thread: threading.Thread | None = None
        self._stopping = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        # From librdkafka's thread to the event loop.
        self._reports: deque[tuple[asyncio.Future[None], KafkaError | None]] = deque()

    def start(self) -> None:
        """Returns at once: a broker that is away is no reason not to start."""
        self._loop = asyncio.get_running_loop()
        self._producer = Producer(self._config, logger=librdkafka_log)
        self._thread = threading.Thread(target=self._poll, name="kafka-producer", daemon=True)
        self._thread.start()

    async def send(
        self,
        topic: str,
        value: bytes,
        *,
        key: bytes | None = None,
        headers: Sequence[tuple[str, bytes]] = (),
        partition: int | None = None,
    ) -> None:
        """Returns when the broker has the record.

        Raises:
            StendError: UNAVAILABLE (no broker, no such topic), MESSAGE_TOO_LARGE, OVERLOADED
                (too many records wait).
        """
        span = begin_send(KAFKA, topic)
        if span is not None and key is not None:
            span.attributes["messaging.kafka.message.key"] = key.decode("utf-8", "replace")
        with entered(span):
            await self._send(topic, value, key, [*headers, *carrier(span)], partition)

    async def _send(
        self,
        topic: str,
        value: bytes,
        key: bytes | None,
        headers: list[tuple[str, str | bytes | None]],
        partition: int | None,
    ) -> None:
        if self._producer is None or self._stopping.is_set():
            raise unavailable(_BROKER, "the producer is stopped")
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()

        def on_delivery(error: KafkaError | None, _: Message) -> None:
            self._reports.append((done, error))

        where: dict[str, Any] = {} if partition is None else {"partition": partition}
        try:
            self._producer.produce(
                topic, value, key, headers=headers, on_delivery=on_delivery, **where
            )
        except BufferError:
            raise _overloaded() from None
        except KafkaException as error:
            raise refusal_of(error.args[0]) from error
        # The delivery report says it itself; this is for a librdkafka that says nothing.
        silence = loop.call_later(self._deadline_s + 1, _expire, done, self._deadline_s)
        try:
            await done
        finally:
            silence.cancel()

    async def stop(self) -> None:
        """What is in flight has a second to arrive; within two seconds at all."""
        if self._producer is None or self._thread is None:
            return
        await asyncio.to_thread(self._end, self._producer, self._thread)
        self._producer = None

    def _end(self, producer: Producer, thread: threading.Thread) -> None:
        producer.flush(1)
        self._stopping.set()
        producer.purge()
        thread.join(STOP_S)

    def _poll(self) -> None:
        while (producer := self._producer) is not None and not self._stopping.is_set():
            producer.poll(POLL_S)
            self._tell()
        if producer is not None:
            producer.poll(0)
            self._tell()

    def _tell(self) -> None:
        # To wake the loop once for each report would cost more than all else about it.
        if self._reports and self._loop is not None:
            self._loop.call_soon_threadsafe(self._settle)

    def _settle(self) -> None:
        while self._reports:
            done, error = self._reports.popleft()
            if done.done():
                continue
            if error is None:
                _PUBLISHED.inc()
                done.set_result(None)
            else:
                done.set_exception(refusal_of(error))


def create_topics(
    servers: str,
    topics: Sequence[Topic],
    stopping: threading.Event,
    security: KafkaSecurity = PLAINTEXT,
) -> None:
    """Makes those that are missing, and partitions where somebody has made fewer.

    Topics that are there need no right to make them. Blocks until it is done or `stopping` is set.
    """
    admin = AdminClient(connecting(servers, security), logger=librdkafka_log)
    said = ""
    for pause_s in pauses():
        if stopping.is_set():
            return
        try:
            _create(admin, topics)
        except KafkaException as error:
            reason = error.args[0].str()
            if reason != said:
                _log.warning("topics are not made yet: %s", reason)
            said = reason
            stopping.wait(pause_s)
        else:
            return


def _create(admin: AdminClient, topics: Sequence[Topic]) -> None:
    wanted = {one.name: one for one in topics}
    new = [NewTopic(one.name, one.partitions, one.replicas) for one in topics]
    refused: dict[str, KafkaException] = {}
    # operation_timeout would be the broker's; request_timeout is how long we ask.
    for name, made in admin.create_topics(new, request_timeout=_ADMIN_TIMEOUT_S).items():
        try:
            made.result()
        except KafkaException as error:
            if error.args[0].code() not in _LEAVES_AS_THEY_ARE:
                raise
            refused[name] = error
    if not refused:
        return
    known = admin.list_topics(timeout=_ADMIN_TIMEOUT_S).topics
    for name, refusal in refused.items():
        if name not in known and refusal.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
            raise refusal
    small = [
        NewPartitions(name, wanted[name].partitions)
        for name in refused
        if name in known and len(known[name].partitions) < wanted[name].partitions
    ]
    if small:
        grown = admin.create_partitions(small, request_timeout=_ADMIN_TIMEOUT_S)
        for growing in grown.values():
            growing.result()


def record_of(message: Message) -> KafkaRecord:
    kind, timestamp_ms = message.timestamp()
    return KafkaRecord(
        topic=message.topic() or "",
        partition=message.partition() or 0,
        offset=message.offset() or 0,
        key=message.key(),
        value=message.value(),
        headers=_headers_of(message),
        timestamp_ms=timestamp_ms if kind else None,
    )


def _headers_of(message: Message) -> tuple[tuple[str, bytes | None], ...]:
    # A name that is no UTF-8 leaves confluent-kafka with an error that it sets and does not raise.
    # The interpreter looks for such errors when C calls C, as methodcaller does; a call written
    # here is optimised after a while and would fail later, somewhere else.
    try:
        headers = _read_headers(message)
    except SystemError:
        # What has no headers is refused; what raised here would come again for ever.
        return ()
    return tuple(cast("list[tuple[str, bytes | None]]", headers or []))


def _expire(done: asyncio.Future[None], deadline_s: float) -> None:
    if not done.done():
        done.set_exception(deadline_exceeded(deadline_s))


def refusal_of(error: KafkaError) -> StendError:
    if error.code() == KafkaError.MSG_SIZE_TOO_LARGE:
        return StendError(
            EdgeErrorCode.MESSAGE_TOO_LARGE,
            "The record is larger than Kafka takes.",
            value=error.str(),
            expected="at most message.max.bytes of the topic",
            next_step="Send less in one record.",
        )
    return unavailable(_BROKER, error.str())


def _overloaded() -> StendError:
    return StendError(
        EdgeErrorCode.OVERLOADED,
        "Too many records wait for Kafka.",
        value=f"{_MOST_QUEUED_RECORDS} records or {MOST_QUEUED_KB} KB",
        expected="a broker that keeps up",
        next_step="Send again a moment later.",
    )
