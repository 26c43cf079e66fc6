"""Carries records of Kafka into the warehouse, from the offsets that the warehouse keeps.

The consumer joins no group: partitions are assigned to it, and the positions come from the
manifest. Offsets that a broker kept would be written beside the files and not with them, and a
crash between the two would lose events or double them.
Sources: kafka.apache.org/documentation (section "Rebalance-free consumption: assign");
librdkafka's CONFIGURATION.md.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from confluent_kafka import (
    OFFSET_BEGINNING,
    Consumer,
    KafkaError,
    KafkaException,
    Message,
    TopicCollection,
    TopicPartition,
)
from confluent_kafka.admin import AdminClient, TopicDescription

from stend.chassis.kafka import KafkaRecord, record_of
from stend.chassis.kafka_reading import describe_record
from stend.chassis.kafka_security import PLAINTEXT, KafkaSecurity
from stend.chassis.metrics import CONSUMER_LAG, CONSUMER_RECORDS
from stend.chassis.tracing.messaging import KAFKA, begin_process
from stend.chassis.tracing.recording import end
from stend.chassis.tracing.spans import TRACEPARENT, TRACESTATE, Span
from stend.shop.analytics.domain import (
    Lag,
    OrderFact,
    Partition,
    PartitionLag,
    Record,
    RejectedRecord,
)
from stend.shop.analytics.ports import Batch, Warehouse

_log = logging.getLogger("stend.analytics.consumer")
# librdkafka's own log tells of every attempt to connect.
_silent = logging.getLogger("stend.analytics.librdkafka")
GROUP = "analytics"
_POLL_S = 0.2
_ASK_TIMEOUT_S = 1.0
_RETRY_S = 0.5
_MOST_AT_ONCE = 1000
_LOOK_FOR_MISSING_S = 1.0
_CONNECTING: dict[str, Any] = {
    "reconnect.backoff.ms": 50,
    "reconnect.backoff.max.ms": 1000,
    "socket.connection.setup.timeout.ms": 2000,
    "log.connection.close": False,
}
_READING: dict[str, Any] = {
    # It must have one and never joins it.
    "group.id": GROUP,
    "enable.auto.commit": False,
    "enable.auto.offset.store": False,
    # An offset that the broker does not know is told, and not replaced behind our back.
    "auto.offset.reset": "error",
    "isolation.level": "read_committed",
    # The end of a partition may lie behind records that are no events, those of transactions.
    "enable.partition.eof": True,
    "allow.auto.create.topics": False,
    "fetch.wait.max.ms": 200,
    "fetch.error.backoff.ms": 50,
    "queued.max.messages.kbytes": 8 * 1024,
}
_OUT_OF_RANGE = frozenset(
    # The underscore marks librdkafka's own codes; the names are public.
    {KafkaError._AUTO_OFFSET_RESET, KafkaError.OFFSET_OUT_OF_RANGE}  # noqa: SLF001
)


@dataclass(frozen=True, slots=True)
class Flushing:
    """When what was read is committed: whichever comes first.

    Attributes:
        rows, size_bytes: of the records that wait.
        age_s: of the first of them.
        look_s: how often new topics and partitions are looked for.
    """

    rows: int = 5000
    size_bytes: int = 8 * 1024 * 1024
    age_s: float = 1.0
    look_s: float = 5.0


class _Waiting:
    """Records that were read and are not committed yet."""

    def __init__(self) -> None:
        self.facts: list[OrderFact] = []
        self.rejected: list[RejectedRecord] = []
        self.counts: dict[Partition, int] = {}
        self.size_bytes = 0
        self.since = 0.0
        # Of the records that are traced: each ends when it is committed.
        self.spans: list[Span] = []

    @property
    def rows(self) -> int:
        return len(self.facts) + len(self.rejected)

    def add(self, record: Record, read: OrderFact | RejectedRecord) -> None:
        if not self.rows:
            self.since = time.monotonic()
        if isinstance(read, OrderFact):
            self.facts.append(read)
        else:
            self.rejected.append(read)
        self.counts[record.partition] = self.counts.get(record.partition, 0) + 1
        self.size_bytes += len(record.value or b"")


class EventConsumer:
    """One thread that reads, and commits to the warehouse. Implements the port Progress.

    Args:
        servers: `host:port` of each broker to begin with.
        topics: those that do not exist yet are waited for.
        name: `client.id`.
        read: what a record tells; called in the thread.
    """

    def __init__(
        self,
        servers: Sequence[str],
        topics: Sequence[str],
        name: str,
        warehouse: Warehouse,
        read: Callable[[Record], OrderFact | RejectedRecord],
        flushing: Flushing,
        security: KafkaSecurity = PLAINTEXT,
    ) -> None:
        self._servers = ",".join(servers)
        self._security = security
        self._topics = topics
        self._name = name
        self._warehouse = warehouse
        self._read = read
        self._flushing = flushing
        self._waiting = _Waiting()
        self._next: dict[Partition, int] = {}
        self._ids: dict[str, str] = {}
        self._lost: set[Partition] = set()
        self._must_assign = False
        self._look_at = 0.0
        self._kafka_failure: str | None = "Kafka has not answered yet"
        self._disk_failure: str | None = None
        self._lag: tuple[PartitionLag, ...] = ()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def lag(self) -> Lag:
        return Lag(self._lag, self._disk_failure or self._kafka_failure)

    def start(self) -> None:
        """Returns at once: a broker that is away is no reason not to start."""
        self._thread = threading.Thread(target=self._run, name="analytics", daemon=True)
        self._thread.start()

    def stop(self, timeout_s: float) -> bool:
        """Blocks until what was read is committed; what is not comes again after the next start.

        Returns:
            Whether the thread has ended.
        """
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(timeout_s)
        return not self.is_alive

    @property
    def is_alive(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    # ---- in the thread -------------------------------------------------------------------------

    def _run(self) -> None:
        connecting: dict[str, Any] = {
            **_CONNECTING,
            "bootstrap.servers": self._servers,
            "client.id": self._name,
            **self._security.config(),
        }
        config = {**connecting, **_READING, "error_cb": self._on_error}
        consumer = Consumer(config, logger=_silent)
        admin = AdminClient(connecting, logger=_silent)
        try:
            while not self._stopping.is_set():
                self._turn(consumer, admin)
            self._turn_to_disk()
        finally:
            consumer.close()

    def _turn(self, consumer: Consumer, admin: AdminClient) -> None:
        try:
            if time.monotonic() >= self._look_at or self._lost:
                self._look(consumer, admin)
            if not self._is_full():
                self._take(consumer)
        except KafkaException as error:
            self._kafka_failed(error.args[0].str())
            self._stopping.wait(_RETRY_S)
        except Exception as error:  # noqa: BLE001 - a bug must not end the reading in silence
            _log.exception("the records are read again")
            self._read_again(f"{type(error).__name__}: {error}")
            self._stopping.wait(_RETRY_S)
        if self._is_due() and not self._turn_to_disk():
            self._stopping.wait(_RETRY_S)
        self._measure(consumer)

    def _read_again(self, reason: str) -> None:
        """After a bug: what was taken and is not committed comes once more from the broker."""
        self._kafka_failed(reason)
        for span in self._waiting.spans:
            end(span, "read-again")
        self._waiting = _Waiting()
        self._next = {one: self._warehouse.position(one) for one in self._next}
        self._must_assign = True
        self._look_at = 0.0

    # ---- partitions and their positions --------------------------------------------------------

    def _look(self, consumer: Consumer, admin: AdminClient) -> None:
        """Finds topics and partitions that are new, and begins anew where a position is lost."""
        # A position may only be given up when nothing waits that was read before it.
        if self._waiting.rows and not self._turn_to_disk():
            return
        described = [self._described(admin, topic) for topic in self._topics]
        for topic in described:
            if topic is not None:
                self._follow(topic)
        for partition in self._lost & self._next.keys():
            self._warehouse.restart(partition)
            self._next[partition] = 0
            self._must_assign = True
        if self._must_assign:
            consumer.assign([self._place(one) for one in self._next])
            self._must_assign = False
        self._lost.clear()
        self._kafka_works()
        look_s = self._flushing.look_s
        wait_s = min(look_s, _LOOK_FOR_MISSING_S) if None in described else look_s
        self._look_at = time.monotonic() + wait_s

    def _described(self, admin: AdminClient, topic: str) -> TopicDescription | None:
        """What the broker knows of a topic; None while there is none.

        Raises:
            KafkaException: the broker does not answer.
        """
        if topic not in self._ids:
            # To ask for all of them is no error, as it would be to ask for one that is missing.
            known = admin.list_topics(timeout=_ASK_TIMEOUT_S).topics
            if topic not in known:
                return None
        asked = admin.describe_topics(TopicCollection([topic]), request_timeout=_ASK_TIMEOUT_S)
        try:
            told: TopicDescription = asked[topic].result()
        except KafkaException as error:
            if error.args[0].code() != KafkaError.UNKNOWN_TOPIC_OR_PART:
                raise
            return None
        return told

    def _follow(self, topic: TopicDescription) -> None:
        topic_id = str(topic.topic_id)
        if self._ids.get(topic.name) != topic_id:
            self._warehouse.follow_topic(topic.name, topic_id)
            self._ids[topic.name] = topic_id
            known = [partition for partition in self._next if partition.topic == topic.name]
            for partition in known:
                del self._next[partition]
            # Their positions were given up with the topic that they were of.
            self._lost.difference_update(known)
        for one in topic.partitions:
            partition = Partition(topic.name, one.id)
            if partition not in self._next:
                self._next[partition] = self._warehouse.position(partition)
                self._must_assign = True

    def _place(self, partition: Partition) -> TopicPartition:
        # The beginning of what is lost may be later than 0: a broker forgets what is too old.
        offset = OFFSET_BEGINNING if partition in self._lost else self._next[partition]
        return TopicPartition(partition.topic, partition.number, offset)

    # ---- records -------------------------------------------------------------------------------

    def _take(self, consumer: Consumer) -> None:
        first = consumer.poll(self._patience_s())
        if first is None:
            return
        for message in (first, *consumer.consume(_MOST_AT_ONCE, 0)):
            self._take_one(message)

    def _take_one(self, message: Message) -> None:
        partition = Partition(message.topic() or "", message.partition() or 0)
        offset = message.offset() or 0
        if partition not in self._next:
            # It was on its way when the positions of its topic were given up.
            return
        error = message.error()
        if error is None:
            read = record_of(message)
            record = Record(partition, offset, read.key, read.value, read.headers)
            self._waiting.add(record, self._read(record))
            self._begin_span(read)
            self._next[partition] = offset + 1
        elif error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001 - that is its public name
            self._next[partition] = offset
        elif error.code() in _OUT_OF_RANGE:
            self._lost.add(partition)
        else:
            _log.info("%s: %s", partition, error.str())
            # Whatever it is, the topic has to be looked at.
            self._look_at = 0.0
            return
        self._kafka_works()

    def _begin_span(self, record: KafkaRecord) -> None:
        told = record.texts((TRACEPARENT, TRACESTATE))
        span = begin_process("analytics", KAFKA, record.topic, told, starts=False)
        if span is not None:
            describe_record(span, record)
            span.attributes["messaging.consumer.group.name"] = GROUP
            self._waiting.spans.append(span)

    def _patience_s(self) -> float:
        if not self._waiting.rows:
            return _POLL_S
        left_s = self._waiting.since + self._flushing.age_s - time.monotonic()
        return min(_POLL_S, max(0.0, left_s))

    # ---- commits -------------------------------------------------------------------------------

    def _is_full(self) -> bool:
        rows, size_bytes = self._waiting.rows, self._waiting.size_bytes
        return rows >= self._flushing.rows or size_bytes >= self._flushing.size_bytes

    def _is_due(self) -> bool:
        return self._waiting.rows > 0 and (self._is_full() or self._patience_s() == 0)

    def _turn_to_disk(self) -> bool:
        """Commits what waits; when that fails, it all still waits."""
        try:
            if self._waiting.rows:
                waiting = self._waiting
                self._warehouse.append(Batch(waiting.facts, waiting.rejected, dict(self._next)))
                self._waiting = _Waiting()
                for partition, count in waiting.counts.items():
                    CONSUMER_RECORDS.labels(GROUP, partition.topic).inc(count)
                for span in waiting.spans:
                    end(span)
                self._warehouse.compact()
        except OSError as error:
            self._disk_failed(str(error))
            return False
        except Exception as error:  # noqa: BLE001 - as above
            _log.exception("a batch was not committed")
            self._disk_failed(f"{type(error).__name__}: {error}")
            return False
        self._disk_failure = None
        return True

    # ---- what is told of it --------------------------------------------------------------------

    def _measure(self, consumer: Consumer) -> None:
        told = []
        for partition, upcoming in self._next.items():
            waiting = self._waiting.counts.get(partition, 0)
            place = TopicPartition(partition.topic, partition.number)
            _, end = consumer.get_watermark_offsets(place, cached=True)
            records = max(0, end - upcoming) + waiting if end >= 0 else None
            told.append(PartitionLag(partition, self._warehouse.position(partition), records))
            if records is not None:
                CONSUMER_LAG.labels(GROUP, partition.topic, str(partition.number)).set(records)
        self._lag = tuple(told)

    def _on_error(self, error: KafkaError) -> None:
        if error.code() == KafkaError._ALL_BROKERS_DOWN:  # noqa: SLF001 - as above
            self._kafka_failed(error.str())

    def _kafka_failed(self, reason: str) -> None:
        if self._kafka_failure is None:
            _log.warning("Kafka does not answer: %s", reason)
        self._kafka_failure = f"Kafka: {reason}"

    def _kafka_works(self) -> None:
        self._kafka_failure = None

    def _disk_failed(self, reason: str) -> None:
        if self._disk_failure is None:
            _log.warning("nothing is committed: %s", reason)
        self._disk_failure = f"the warehouse: {reason}"
