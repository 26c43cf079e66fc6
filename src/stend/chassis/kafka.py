"""Kafka for a service: a producer that waits for its records, a consumer that commits effects.

librdkafka works in threads of its own; one thread per client hands its news to the event loop.
`confluent_kafka.aio` is not used: its producer sends no headers and holds records back in batches,
its consumer needs two threads and a hop for every call.
Sources: docs.confluent.io/kafka-clients/python; librdkafka's INTRODUCTION.md and CONFIGURATION.md.
"""

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import CancelledError as BatchCancelledError
from dataclasses import dataclass
from typing import Any, cast

from confluent_kafka import (
    Consumer,
    KafkaError,
    KafkaException,
    Message,
    Producer,
    TopicPartition,
)
from confluent_kafka.admin import AdminClient, NewTopic

from stend.chassis.metrics import CONSUMER_LAG
from stend.chassis.retrying import is_transient, pauses
from stend.kit.errors import EdgeErrorCode, StendError, deadline_exceeded, unavailable

_log = logging.getLogger("stend.kafka")
_BROKER = "Kafka"
# librdkafka's own log tells of every attempt to connect.
_silent = logging.getLogger("stend.kafka.librdkafka")
_POLL_S = 0.1
# Records in work when the service stops; what is not committed comes again.
_DRAIN_S = 1.0
_STOP_S = 2.0
_MOST_QUEUED_RECORDS = 10_000
_MOST_QUEUED_KB = 32 * 1024
_BATCH = 100
_FIRST_OFFSET = 0
_ADMIN_TIMEOUT_S = 1.0
_CONNECTING: Mapping[str, Any] = {
    "reconnect.backoff.ms": 50,
    "reconnect.backoff.max.ms": 1000,
    "socket.connection.setup.timeout.ms": 2000,
    "log.connection.close": False,
}


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
        for key, value in reversed(self.headers):
            if key == name and value is not None:
                try:
                    return value.decode()
                except UnicodeDecodeError:
                    return None
        return None


@dataclass(frozen=True, slots=True)
class Topic:
    name: str
    partitions: int
    replicas: int = 1


class KafkaProducer:
    """Idempotent, acks=all: a record is sent when every in-sync replica has it, and only once.

    Args:
        servers: `host:port,host:port`.
        name: `client.id`.
        deadline_s: for one record, from `send` to the broker's word.
    """

    def __init__(self, servers: str, name: str, deadline_s: float) -> None:
        self._config: dict[str, Any] = {
            **_CONNECTING,
            "bootstrap.servers": servers,
            "client.id": name,
            "enable.idempotence": True,
            "acks": "all",
            # A reply must not wait for others to share its batch.
            "linger.ms": 0,
            "message.timeout.ms": int(deadline_s * 1000),
            "request.timeout.ms": int(deadline_s * 1000),
            "queue.buffering.max.messages": _MOST_QUEUED_RECORDS,
            "queue.buffering.max.kbytes": _MOST_QUEUED_KB,
            "allow.auto.create.topics": False,
        }
        self._deadline_s = deadline_s
        self._producer: Producer | None = None
        self._thread: threading.Thread | None = None
        self._stopping = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    def start(self) -> None:
        """Returns at once: a broker that is away is no reason not to start."""
        self._loop = asyncio.get_running_loop()
        self._producer = Producer(self._config, logger=_silent)
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
        if self._producer is None or self._stopping.is_set():
            raise unavailable(_BROKER, "the producer is stopped")
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()

        def on_delivery(error: KafkaError | None, _: Message) -> None:
            loop.call_soon_threadsafe(_settle, done, error)

        where: dict[str, Any] = {} if partition is None else {"partition": partition}
        try:
            self._producer.produce(
                topic, value, key, headers=list(headers), on_delivery=on_delivery, **where
            )
        except BufferError:
            raise _overloaded() from None
        except KafkaException as error:
            raise _refusal(error.args[0]) from error
        # The delivery report says it itself; this is for a librdkafka that says nothing.
        try:
            async with asyncio.timeout(self._deadline_s + 1):
                await done
        except TimeoutError:
            raise deadline_exceeded(self._deadline_s) from None

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
        thread.join(_STOP_S)

    def _poll(self) -> None:
        producer = self._producer
        while producer is not None and not self._stopping.is_set():
            producer.poll(_POLL_S)
        if producer is not None:
            producer.poll(0)


class KafkaConsumer:
    """A member of a group. Offsets are committed when `handle` has returned for every record.

    Records of one key are handled in their order, those of different keys at once. A transient
    StendError (UNAVAILABLE, DEADLINE_EXCEEDED, OVERLOADED) is tried again in place, with a
    back-off; any other error goes to `refuse`, which puts the record where somebody will look.

    Args:
        topics: made at the start where they are missing.
        batch: most records at once.
        also_made: topics that are made with them and not read.
    """

    def __init__(
        self,
        servers: str,
        group: str,
        topics: Sequence[Topic],
        handle: Callable[[KafkaRecord], Awaitable[None]],
        refuse: Callable[[KafkaRecord, Exception], Awaitable[None]],
        batch: int = _BATCH,
        also_made: Sequence[Topic] = (),
    ) -> None:
        self._servers = servers
        self._group = group
        self._made = (*topics, *also_made)
        self._topics = topics
        self._handle = handle
        self._refuse = refuse
        self._batch = batch
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._working: asyncio.Task[None] | None = None
        self._assigned = asyncio.Event()

    def start(self) -> None:
        """Returns at once: a broker that is away is no reason not to start."""
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._run, name="kafka-consumer", daemon=True)
        self._thread.start()

    async def ready(self, timeout_s: float) -> None:
        """Returns when the group has given partitions to this member for the first time.

        Raises:
            StendError: UNAVAILABLE when that takes longer.
        """
        try:
            async with asyncio.timeout(timeout_s):
                await self._assigned.wait()
        except TimeoutError:
            raise unavailable(_BROKER, f"group {self._group} is not assigned yet") from None

    async def stop(self) -> None:
        """What is not committed comes again, to another member or after the next start."""
        self._stopping.set()
        if self._working is not None:
            await asyncio.wait([self._working], timeout=_DRAIN_S)
            self._working.cancel()
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join, _STOP_S)

    # ---- in the thread -------------------------------------------------------------------------

    def _run(self) -> None:
        create_topics(self._servers, self._made, self._stopping)
        consumer = Consumer(
            {
                **_CONNECTING,
                "bootstrap.servers": self._servers,
                "group.id": self._group,
                "client.id": self._group,
                "enable.auto.commit": False,
                "enable.auto.offset.store": False,
                "auto.offset.reset": "earliest",
                "session.timeout.ms": 10_000,
                "heartbeat.interval.ms": 1000,
                "queued.max.messages.kbytes": _MOST_QUEUED_KB,
                "topic.metadata.refresh.fast.interval.ms": 200,
            },
            logger=_silent,
        )
        try:
            names = [topic.name for topic in self._topics]
            consumer.subscribe(names, on_assign=self._on_assign)
            while not self._stopping.is_set():
                self._step(consumer)
        finally:
            consumer.close()

    def _on_assign(self, _: Consumer, partitions: Sequence[TopicPartition]) -> None:
        if partitions and self._loop is not None:
            self._loop.call_soon_threadsafe(self._assigned.set)

    def _step(self, consumer: Consumer) -> None:
        messages = _waiting(consumer, self._batch)
        records = [record_of(one) for one in messages if one.error() is None]
        # Errors of a broker that is away: librdkafka goes on by itself.
        for one in messages:
            if (error := one.error()) is not None:
                _log.info("%s: %s", self._group, error.str())
        if not records or not self._work_off(records):
            return
        try:
            consumer.commit(offsets=_after(records), asynchronous=False)
        except KafkaException as error:
            # The records come again; whoever handles them knows them.
            _log.warning("%s: not committed: %s", self._group, error.args[0].str())
        self._tell_lag(consumer, records)

    def _work_off(self, records: Sequence[KafkaRecord]) -> bool:
        # No poll meanwhile, so no partition is taken away from under a batch in work.
        loop = self._loop
        if loop is None or self._stopping.is_set():
            return False
        batch = asyncio.run_coroutine_threadsafe(self._work(records), loop)
        try:
            batch.result()
        except BatchCancelledError:
            return False
        return True

    def _tell_lag(self, consumer: Consumer, records: Sequence[KafkaRecord]) -> None:
        for after in _after(records):
            _, high = consumer.get_watermark_offsets(after, cached=True)
            labels = (self._group, after.topic, str(after.partition))
            CONSUMER_LAG.labels(*labels).set(max(0, high - after.offset))

    # ---- in the event loop ---------------------------------------------------------------------

    async def _work(self, records: Sequence[KafkaRecord]) -> None:
        if self._stopping.is_set():
            raise asyncio.CancelledError
        self._working = asyncio.current_task()
        lanes: dict[tuple[str, int, bytes | None], list[KafkaRecord]] = {}
        for record in records:
            lanes.setdefault((record.topic, record.partition, record.key), []).append(record)
        async with asyncio.TaskGroup() as group:
            for lane in lanes.values():
                group.create_task(self._in_order(lane))

    async def _in_order(self, lane: Sequence[KafkaRecord]) -> None:
        for record in lane:
            await self._persistently(record)

    async def _persistently(self, record: KafkaRecord) -> None:
        for pause_s in pauses():
            try:
                return await self._handle_or_refuse(record)
            except StendError as error:
                _log.info("%s: %s: tried again: %s", self._group, place_of(record), error.detail)
            except Exception:  # noqa: BLE001 - as above
                # Refusing failed, and a record that is neither handled nor kept would be lost.
                _log.exception("%s: %s is not refused yet", self._group, place_of(record))
            await asyncio.sleep(pause_s)
        return None

    async def _handle_or_refuse(self, record: KafkaRecord) -> None:
        try:
            await self._handle(record)
        except StendError as error:
            if is_transient(error):
                raise
            await self._refuse(record, error)
        except Exception as error:  # noqa: BLE001 - whatever a bug raises, the record must not loop
            _log.exception("%s: %s", self._group, place_of(record))
            await self._refuse(record, error)


class KafkaReader:
    """Hands over what is written to one partition from now on; it belongs to no group.

    Args:
        deliver: called in the event loop; must not block.
    """

    def __init__(self, servers: str, name: str, deliver: Callable[[KafkaRecord], None]) -> None:
        self._servers = servers
        self._name = name
        self._deliver = deliver
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    async def start(self, topic: str, partition: int, deadline_s: float) -> None:
        """Returns when nothing that is written from now on can be missed.

        Raises:
            StendError: UNAVAILABLE: no broker, or no such topic.
        """
        consumer = await asyncio.to_thread(self._assigned, topic, partition, deadline_s)
        loop = asyncio.get_running_loop()
        self._thread = threading.Thread(
            target=self._run, args=(consumer, loop), name="kafka-reader", daemon=True
        )
        self._thread.start()

    async def stop(self) -> None:
        self._stopping.set()
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join, _STOP_S)

    def _assigned(self, topic: str, partition: int, deadline_s: float) -> Consumer:
        consumer = Consumer(
            {
                **_CONNECTING,
                "bootstrap.servers": self._servers,
                "client.id": self._name,
                # It has to have one, though it never joins it.
                "group.id": self._name,
                "enable.auto.commit": False,
                "fetch.wait.max.ms": 500,
                "queued.max.messages.kbytes": _MOST_QUEUED_KB,
            },
            logger=_silent,
        )
        place = TopicPartition(topic, partition)
        try:
            # Asked for, and not "from the end": that would be the end when the first fetch comes.
            _, end = consumer.get_watermark_offsets(place, timeout=deadline_s)
        except KafkaException as error:
            consumer.close()
            raise _refusal(error.args[0]) from error
        consumer.assign([TopicPartition(topic, partition, end)])
        return consumer

    def _run(self, consumer: Consumer, loop: asyncio.AbstractEventLoop) -> None:
        try:
            while not self._stopping.is_set():
                for message in _waiting(consumer, _BATCH):
                    if message.error() is None:
                        loop.call_soon_threadsafe(self._deliver, record_of(message))
        except RuntimeError:
            _log.info("%s: the event loop has ended before its reader", self._name)
        finally:
            consumer.close()


def _waiting(consumer: Consumer, most: int) -> list[Message]:
    """What has come, or nothing after a moment."""
    # `consume` with a timeout would wait for a whole batch, and the first message with it.
    first = consumer.poll(_POLL_S)
    return [] if first is None else [first, *consumer.consume(most - 1, 0)]


def create_topics(servers: str, topics: Sequence[Topic], stopping: threading.Event) -> None:
    """Makes those that are missing; blocks until it is done or `stopping` is set."""
    admin = AdminClient({**_CONNECTING, "bootstrap.servers": servers}, logger=_silent)
    for pause_s in pauses():
        if stopping.is_set() or _created(admin, topics):
            return
        stopping.wait(pause_s)


def _created(admin: AdminClient, topics: Sequence[Topic]) -> bool:
    wanted = [NewTopic(one.name, one.partitions, one.replicas) for one in topics]
    # operation_timeout would be the broker's; request_timeout is how long we ask.
    for future in admin.create_topics(wanted, request_timeout=_ADMIN_TIMEOUT_S).values():
        try:
            future.result()
        except KafkaException as error:
            if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                _log.warning("topics are not made yet: %s", error.args[0].str())
                return False
    return True


def record_of(message: Message) -> KafkaRecord:
    kind, timestamp_ms = message.timestamp()
    return KafkaRecord(
        topic=message.topic() or "",
        partition=message.partition() or 0,
        offset=message.offset() or 0,
        key=message.key(),
        value=message.value(),
        headers=tuple(cast("list[tuple[str, bytes | None]]", message.headers() or [])),
        timestamp_ms=timestamp_ms if kind else None,
    )


def place_of(record: KafkaRecord) -> str:
    return f"{record.topic}[{record.partition}]@{record.offset}"


def _after(records: Sequence[KafkaRecord]) -> list[TopicPartition]:
    """The offsets to commit: one after the last of each partition."""
    last: dict[tuple[str, int], int] = {}
    for record in records:
        place = (record.topic, record.partition)
        last[place] = max(record.offset, last.get(place, _FIRST_OFFSET))
    return [TopicPartition(topic, number, offset + 1) for (topic, number), offset in last.items()]


def _settle(done: asyncio.Future[None], error: KafkaError | None) -> None:
    if done.done():
        return
    if error is None:
        done.set_result(None)
    else:
        done.set_exception(_refusal(error))


def _refusal(error: KafkaError) -> StendError:
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
        value=f"{_MOST_QUEUED_RECORDS} records or {_MOST_QUEUED_KB} KB",
        expected="a broker that keeps up",
        next_step="Send again a moment later.",
    )
