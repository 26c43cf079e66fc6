"""Reads of Kafka: a member of a group that commits effects, a reader of what comes from now on.

librdkafka works in threads of its own; one thread per client hands its news to the event loop.
Sources: docs.confluent.io/kafka-clients/python; librdkafka's INTRODUCTION.md and CONFIGURATION.md.
"""

import asyncio
import logging
import threading
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import CancelledError as BatchCancelledError
from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from stend.chassis.kafka import (
    MOST_QUEUED_KB,
    POLL_S,
    STOP_S,
    KafkaRecord,
    Topic,
    connecting,
    create_topics,
    librdkafka_log,
    record_of,
    refusal_of,
)
from stend.chassis.kafka_security import PLAINTEXT, KafkaSecurity
from stend.chassis.metrics import CONSUMER_LAG, CONSUMER_RECORDS
from stend.chassis.retrying import is_transient, pauses
from stend.chassis.tracing.messaging import KAFKA, begin_process
from stend.chassis.tracing.recording import entered
from stend.chassis.tracing.spans import TRACEPARENT, TRACESTATE, Span
from stend.kit.errors import StendError, unavailable

_log = logging.getLogger("stend.kafka")
_BROKER = "Kafka"
# Records in work when the service stops; what is not committed comes again.
_DRAIN_S = 1.0
_BATCH = 100
_ANEW_S = 1.0
_LOOK_EVERY_S = 3.0
_LOOK_TIMEOUT_S = 0.5


class _TopicGoneError(Exception):
    """Somebody has deleted a topic, or the broker has begun anew."""


class KafkaConsumer:
    """A member of a group. Offsets are committed when `handle` has returned for every record.

    Records of one key are handled in their order, those of different keys at once. A transient
    StendError (UNAVAILABLE, DEADLINE_EXCEEDED, OVERLOADED) is tried again in place, with a
    back-off; any other error goes to `refuse`, which puts the record where somebody will look.

    Args:
        topics: made at the start where they are missing.
        batch: most records at once.
        also_made: topics that are made with them and not read.
        instance: names this process for the group (static membership, KIP-345): after a crash it
            gets its partitions back at once. No two processes at a time have the same.
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
        instance: str | None = None,
        security: KafkaSecurity = PLAINTEXT,
    ) -> None:
        self._servers = servers
        self._security = security
        self._instance = instance
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
        self._look_at = 0.0
        self._is_away = False

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
            await asyncio.to_thread(self._thread.join, STOP_S)

    # ---- in the thread -------------------------------------------------------------------------

    def _run(self) -> None:
        while not self._stopping.is_set():
            create_topics(self._servers, self._made, self._stopping, self._security)
            consumer = Consumer(self._config(), logger=librdkafka_log)
            try:
                names = [topic.name for topic in self._topics]
                consumer.subscribe(names, on_assign=self._on_assign)
                while not self._stopping.is_set():
                    self._step(consumer)
            except _TopicGoneError:
                _log.warning("%s: topics are gone and are made again", self._group)
            except Exception:  # noqa: BLE001 - whatever it is, the service must go on reading
                _log.exception("%s: the consumer is made anew", self._group)
                self._stopping.wait(_ANEW_S)
            finally:
                consumer.close()

    def _config(self) -> dict[str, Any]:
        config: dict[str, Any] = {
            **connecting(self._servers, self._security),
            "group.id": self._group,
            "client.id": self._group,
            "enable.auto.commit": False,
            "enable.auto.offset.store": False,
            "auto.offset.reset": "earliest",
            # As short as brokers allow: a member that was killed holds its partitions that long.
            "session.timeout.ms": 6000,
            "heartbeat.interval.ms": 1000,
            "queued.max.messages.kbytes": MOST_QUEUED_KB,
            "topic.metadata.refresh.fast.interval.ms": 200,
            "error_cb": self._on_error,
            "on_commit": self._on_commit,
        }
        if self._instance is not None:
            config["group.instance.id"] = self._instance
        return config

    def _on_assign(self, _: Consumer, partitions: Sequence[TopicPartition]) -> None:
        if partitions and self._loop is not None:
            self._loop.call_soon_threadsafe(self._assigned.set)

    def _on_commit(self, error: KafkaError | None, _: Sequence[TopicPartition]) -> None:
        if error is not None:
            # The records come again; whoever handles them knows them.
            _log.warning("%s: not committed: %s", self._group, error.str())

    def _on_error(self, error: KafkaError) -> None:
        # The underscore marks librdkafka's own codes; the names are public.
        is_down = error.code() == KafkaError._ALL_BROKERS_DOWN  # noqa: SLF001
        if is_down and not self._is_away:
            self._is_away = True
            _log.warning("%s: no broker of Kafka answers", self._group)

    def _step(self, consumer: Consumer) -> None:
        messages = _waiting(consumer, self._batch)
        if not messages:
            self._check_topics(consumer)
        records = [record_of(one) for one in messages if one.error() is None]
        # Errors of a broker that is away: librdkafka goes on by itself.
        for one in messages:
            if (error := one.error()) is not None:
                _log.info("%s: %s", self._group, error.str())
        if not records or not self._work_off(records):
            return
        # The next batch need not wait for the broker's word; closing the consumer does.
        consumer.commit(offsets=_after(records), asynchronous=True)
        for topic, count in Counter(record.topic for record in records).items():
            CONSUMER_RECORDS.labels(self._group, topic).inc(count)
        self._tell_lag(consumer, records)

    def _check_topics(self, consumer: Consumer) -> None:
        # librdkafka says nothing when a topic goes; it only has no more partitions.
        if time.monotonic() < self._look_at:
            return
        self._look_at = time.monotonic() + _LOOK_EVERY_S
        try:
            known = consumer.list_topics(timeout=_LOOK_TIMEOUT_S).topics
        except KafkaException:
            return
        if self._is_away:
            self._is_away = False
            _log.warning("%s: Kafka answers again", self._group)
        if any(topic.name not in known for topic in self._made):
            raise _TopicGoneError

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
        for attempt, pause_s in enumerate(pauses()):
            try:
                with entered(self._span(record, attempt)):
                    return await self._handle_or_refuse(record)
            except StendError as error:
                _log.info("%s: %s: tried again: %s", self._group, _place_of(record), error.detail)
            except Exception:  # noqa: BLE001 - as above
                # Refusing failed, and a record that is neither handled nor kept would be lost.
                _log.exception("%s: %s is not refused yet", self._group, _place_of(record))
            await asyncio.sleep(pause_s)
        return None

    def _span(self, record: KafkaRecord, attempt: int) -> Span | None:
        told = record.texts((TRACEPARENT, TRACESTATE))
        service = self._group.partition(".")[0]
        span = begin_process(service, KAFKA, record.topic, told)
        if span is not None:
            describe_record(span, record)
            span.attributes["messaging.consumer.group.name"] = self._group
            if attempt:
                span.attributes["retry.attempt"] = attempt
        return span

    async def _handle_or_refuse(self, record: KafkaRecord) -> None:
        try:
            await self._handle(record)
        except StendError as error:
            if is_transient(error):
                raise
            await self._refuse(record, error)
        except Exception as error:  # noqa: BLE001 - whatever a bug raises, the record must not loop
            _log.exception("%s: %s", self._group, _place_of(record))
            await self._refuse(record, error)


class KafkaReader:
    """Hands over what is written to one partition from now on; it belongs to no group.

    Args:
        deliver: called in the event loop; must not block.
    """

    def __init__(
        self,
        servers: str,
        name: str,
        deliver: Callable[[KafkaRecord], None],
        security: KafkaSecurity = PLAINTEXT,
    ) -> None:
        self._servers = servers
        self._security = security
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
            await asyncio.to_thread(self._thread.join, STOP_S)

    def _assigned(self, topic: str, partition: int, deadline_s: float) -> Consumer:
        consumer = Consumer(
            {
                **connecting(self._servers, self._security),
                "client.id": self._name,
                # It has to have one, though it never joins it.
                "group.id": self._name,
                "enable.auto.commit": False,
                "fetch.wait.max.ms": 500,
                "queued.max.messages.kbytes": MOST_QUEUED_KB,
            },
            logger=librdkafka_log,
        )
        place = TopicPartition(topic, partition)
        try:
            # Asked for, and not "from the end": that would be the end when the first fetch comes.
            _, end = consumer.get_watermark_offsets(place, timeout=deadline_s)
        except KafkaException as error:
            consumer.close()
            raise refusal_of(error.args[0]) from error
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
    first = consumer.poll(POLL_S)
    return [] if first is None else [first, *consumer.consume(most - 1, 0)]


def describe_record(span: Span, record: KafkaRecord) -> None:
    attributes = span.attributes
    attributes["messaging.destination.partition.id"] = str(record.partition)
    attributes["messaging.kafka.offset"] = record.offset
    if record.key is not None:
        attributes["messaging.kafka.message.key"] = record.key.decode("utf-8", "replace")
    if record.value is not None:
        attributes["messaging.message.body.size"] = len(record.value)


def _place_of(record: KafkaRecord) -> str:
    return f"{record.topic}[{record.partition}]@{record.offset}"


def _after(records: Sequence[KafkaRecord]) -> list[TopicPartition]:
    """The offsets to commit: one after the last of each partition."""
    last: dict[tuple[str, int], int] = {}
    for record in records:
        place = (record.topic, record.partition)
        last[place] = max(record.offset, last.get(place, 0))
    return [TopicPartition(topic, number, offset + 1) for (topic, number), offset in last.items()]
