"""confluent-kafka, which is librdkafka."""

import logging
import threading
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from itertools import repeat
from typing import Any

import confluent_kafka as ck

from tests.engines.suite.kafka.clients.client import (
    Client,
    Committed,
    Consumer,
    Consuming,
    Headers,
    Message,
    Partition,
    Producer,
    Producing,
    Sent,
)

_TIMEOUT_S = 20
_CLOSE_TIMEOUT_S = 10
_APPEND_TIME = ck.TIMESTAMP_LOG_APPEND_TIME
# What a check provokes is not worth a line on its terminal.
SILENT = logging.getLogger("tests.silent")
SILENT.addHandler(logging.NullHandler())
SILENT.propagate = False


class RdProducer(Producer):
    def __init__(self, bootstrap: str, how: Producing, **settings: Any) -> None:
        own: dict[str, Any] = {
            "bootstrap.servers": bootstrap,
            "acks": how.acks,
            "enable.idempotence": how.idempotent or how.transactional_id is not None,
            "compression.type": how.compression or "none",
            "linger.ms": how.linger_ms,
            "message.max.bytes": how.max_request_bytes,
            "message.timeout.ms": min(how.timeout_ms, how.transaction_timeout_ms),
            "transaction.timeout.ms": how.transaction_timeout_ms,
        }
        if how.transactional_id is not None:
            own["transactional.id"] = how.transactional_id
        self.raw = ck.Producer(own | settings, logger=SILENT)
        if how.transactional_id is not None:
            self.raw.init_transactions(_TIMEOUT_S)

    def send_all(
        self,
        topic: str,
        values: Iterable[bytes | None],
        *,
        keys: Iterable[bytes | None] | None = None,
        partition: int | None = None,
        timestamp_ms: int | None = None,
        headers: Headers = (),
    ) -> list[Sent]:
        told: dict[int, Any] = {}

        def note(number: int) -> Any:
            return lambda error, message: told.setdefault(number, (error, message))

        fixed: dict[str, Any] = {"headers": list(headers)} if headers else {}
        if partition is not None:
            fixed["partition"] = partition
        if timestamp_ms is not None:
            fixed["timestamp"] = timestamp_ms
        for number, (key, value) in enumerate(zip(keys or repeat(None), values, strict=False)):
            self.raw.produce(topic, value, key, on_delivery=note(number), **fixed)
        self.raw.flush(_TIMEOUT_S)
        return [_sent(*told[number]) for number in sorted(told)]

    def begin(self) -> None:
        self.raw.begin_transaction()

    def commit(self) -> None:
        self.raw.commit_transaction(_TIMEOUT_S)

    def abort(self) -> None:
        self.raw.abort_transaction(_TIMEOUT_S)

    def send_offsets(self, offsets: Mapping[Partition, int], consumer: Consumer) -> None:
        assert isinstance(consumer, RdConsumer)
        ours = [ck.TopicPartition(*one, offset) for one, offset in offsets.items()]
        metadata = consumer.raw.consumer_group_metadata()
        self.raw.send_offsets_to_transaction(ours, metadata, _TIMEOUT_S)

    def close(self) -> None:
        # One that is fenced can do nothing any more, not even this.
        with suppress(ck.KafkaException):
            self.raw.purge()
            self.raw.flush(0)


def _sent(error: Any, message: Any) -> Sent:
    if error is not None:
        raise ck.KafkaException(error)
    return Sent(message.partition(), message.offset())


class RdConsumer(Consumer):
    def __init__(
        self, bootstrap: str, topics: Sequence[str], how: Consuming, **settings: Any
    ) -> None:
        super().__init__(how)
        own: dict[str, Any] = {
            "bootstrap.servers": bootstrap,
            # It insists on one, used or not.
            "group.id": how.group or "unused",
            "auto.offset.reset": "error" if how.reset == "none" else how.reset,
            "enable.auto.commit": False,
            "isolation.level": how.isolation,
            "partition.assignment.strategy": how.assignor,
            "session.timeout.ms": how.session_timeout_ms,
            "heartbeat.interval.ms": how.heartbeat_ms,
            "fetch.wait.max.ms": how.max_wait_ms,
            "fetch.min.bytes": how.min_bytes,
            "allow.auto.create.topics": how.creates,
            # Looked for at once, not after a pause, when a partition is new.
            "topic.metadata.refresh.fast.interval.ms": 50,
        }
        if how.instance is not None:
            own["group.instance.id"] = how.instance
        known = {name: value for name, value in (own | settings).items() if value is not None}
        self.raw = ck.Consumer(known, logger=SILENT)
        self._is_closed = False
        if topics:
            self.raw.subscribe(list(topics))

    def poll(self, timeout_s: float) -> list[Message]:
        first = self.raw.poll(timeout_s)
        if first is None:
            return []
        got = [first, *self.raw.consume(10_000, 0)]
        if errors := [one.error() for one in got if one.error()]:
            raise ck.KafkaException(errors[0])
        return [_message(one) for one in got]

    def assign(self, *partitions: Partition) -> None:
        for one in partitions:
            # Otherwise it first meets the partition half a second later.
            self.ends(one)
        start = ck.OFFSET_BEGINNING if self.how.reset == "earliest" else ck.OFFSET_END
        self.raw.assign([ck.TopicPartition(*one, start) for one in partitions])

    def assignment(self) -> set[Partition]:
        return {Partition(one.topic, one.partition) for one in self.raw.assignment()}

    def seek(self, partition: Partition, offset: int) -> None:
        self.raw.seek(ck.TopicPartition(*partition, offset))

    def pause(self, *partitions: Partition) -> None:
        self.raw.pause([ck.TopicPartition(*one) for one in partitions])

    def resume(self, *partitions: Partition) -> None:
        self.raw.resume([ck.TopicPartition(*one) for one in partitions])

    def position(self, partition: Partition) -> int:
        return int(self.raw.position([ck.TopicPartition(*partition)])[0].offset)

    def commit(self, offsets: Mapping[Partition, Committed] | None = None) -> None:
        if offsets is None:
            self.raw.commit(asynchronous=False)
            return
        ours = [ck.TopicPartition(*one, *told) for one, told in offsets.items()]
        for one in self.raw.commit(offsets=ours, asynchronous=False) or ():
            if one.error:
                raise ck.KafkaException(one.error)

    def committed(self, partition: Partition) -> Committed | None:
        (told,) = self.raw.committed([ck.TopicPartition(*partition)], _TIMEOUT_S)
        if told.error:
            raise ck.KafkaException(told.error)
        return None if told.offset < 0 else Committed(told.offset, told.metadata or "")

    def ends(self, partition: Partition) -> tuple[int, int]:
        place = ck.TopicPartition(*partition)
        told: tuple[int, int] = self.raw.get_watermark_offsets(place, _TIMEOUT_S)
        return told

    def offset_at(self, partition: Partition, timestamp_ms: int) -> int | None:
        asked = ck.TopicPartition(*partition, timestamp_ms)
        (told,) = self.raw.offsets_for_times([asked], _TIMEOUT_S)
        if told.error:
            raise ck.KafkaException(told.error)
        return None if told.offset < 0 else told.offset

    def close(self) -> None:
        if not self._is_closed:
            self._is_closed = True
            # Where a check has left a group in the middle of a rebalance, it waits for ever.
            closing = threading.Thread(target=self.raw.close, daemon=True)
            closing.start()
            closing.join(_CLOSE_TIMEOUT_S)


def _message(raw: Any) -> Message:
    kind, timestamp_ms = raw.timestamp()
    return Message(
        Partition(raw.topic(), raw.partition()),
        raw.offset(),
        timestamp_ms,
        kind == _APPEND_TIME,
        raw.key(),
        raw.value(),
        tuple(raw.headers() or ()),
    )


class Librdkafka(Client):
    name = "librdkafka"

    def _producer(self, how: Producing) -> RdProducer:
        return RdProducer(self.bootstrap, how)

    def _consumer(self, topics: Sequence[str], how: Consuming) -> RdConsumer:
        return RdConsumer(self.bootstrap, topics, how)

    def consumer_with(self, *topics: str, settings: Mapping[str, Any], **how: Any) -> RdConsumer:
        """A consumer with settings of librdkafka's own; None takes one away."""
        consumer = RdConsumer(self.bootstrap, topics, Consuming(**how), **settings)
        self._open.callback(consumer.close)
        return consumer

    def producer_with(self, settings: Mapping[str, Any], **how: Any) -> RdProducer:
        """The same for a producer."""
        producer = RdProducer(self.bootstrap, Producing(**how), **settings)
        self._open.callback(producer.close)
        return producer
