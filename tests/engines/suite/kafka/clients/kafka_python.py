"""kafka-python."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import repeat
from typing import Any

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor
from kafka.coordinator.assignors.range import RangePartitionAssignor
from kafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from kafka.coordinator.assignors.sticky.sticky_assignor import StickyPartitionAssignor
from kafka.structs import OffsetAndMetadata

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

_ASSIGNORS = {
    "range": RangePartitionAssignor,
    "roundrobin": RoundRobinPartitionAssignor,
    "sticky": StickyPartitionAssignor,
    "cooperative-sticky": CooperativeStickyAssignor,
}
_TIMEOUT_S = 20
_TIMEOUT_MS = _TIMEOUT_S * 1000


class PyProducer(Producer):
    def __init__(self, bootstrap: str, how: Producing) -> None:
        self.raw: Any = KafkaProducer(
            bootstrap_servers=bootstrap,
            acks=how.acks,
            compression_type=how.compression,
            enable_idempotence=how.idempotent or how.transactional_id is not None,
            transactional_id=how.transactional_id,
            transaction_timeout_ms=how.transaction_timeout_ms,
            linger_ms=how.linger_ms,
            max_request_size=how.max_request_bytes,
            max_block_ms=how.timeout_ms,
            request_timeout_ms=how.timeout_ms,
            delivery_timeout_ms=how.timeout_ms + how.linger_ms,
            metrics_enabled=False,
        )
        if how.transactional_id is not None:
            try:
                self.raw.init_transactions()
            except BaseException:
                self.close()
                raise

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
        told = [
            self.raw.send(
                topic,
                value,
                key=key,
                partition=partition,
                timestamp_ms=timestamp_ms,
                headers=list(headers),
            )
            for key, value in zip(keys or repeat(None), values, strict=False)
        ]
        done = [one.get(timeout=_TIMEOUT_S) for one in told]
        return [Sent(one.partition, one.offset) for one in done]

    def begin(self) -> None:
        self.raw.begin_transaction()

    def commit(self) -> None:
        self.raw.commit_transaction()

    def abort(self) -> None:
        self.raw.abort_transaction()

    def send_offsets(self, offsets: Mapping[Partition, int], consumer: Consumer) -> None:
        assert isinstance(consumer, PyConsumer)
        ours = {TopicPartition(*one): _offset(Committed(at)) for one, at in offsets.items()}
        self.raw.send_offsets_to_transaction(ours, consumer.raw.group_metadata())

    def close(self) -> None:
        self.raw.close(timeout=5)


def _offset(told: Committed) -> Any:
    return OffsetAndMetadata(told.offset, told.metadata, -1)


class PyConsumer(Consumer):
    def __init__(self, bootstrap: str, topics: Sequence[str], how: Consuming) -> None:
        super().__init__(how)
        self._is_closed = False
        self.raw: Any = KafkaConsumer(
            bootstrap_servers=bootstrap,
            group_id=how.group,
            group_instance_id=how.instance,
            auto_offset_reset=how.reset,
            enable_auto_commit=False,
            isolation_level=how.isolation,
            partition_assignment_strategy=(_ASSIGNORS[how.assignor],),
            session_timeout_ms=how.session_timeout_ms,
            heartbeat_interval_ms=how.heartbeat_ms,
            fetch_max_wait_ms=how.max_wait_ms,
            fetch_min_bytes=how.min_bytes,
            max_poll_records=10_000,
            allow_auto_create_topics=how.creates,
            metrics_enabled=False,
        )
        # A leader that does not know the partitions yet hands out none, and leaves it at that until
        # its metadata grows old: on a slow machine a group could be joined before they were told.
        for topic in topics:
            self.raw.partitions_for_topic(topic)
        if topics:
            self.raw.subscribe(list(topics))

    def poll(self, timeout_s: float) -> list[Message]:
        # What it begins in a shorter time than this it may give up again and again.
        batches = self.raw.poll(timeout_ms=max(int(timeout_s * 1000), 200))
        return [_message(one) for batch in batches.values() for one in batch]

    def assign(self, *partitions: Partition) -> None:
        self.raw.assign([TopicPartition(*one) for one in partitions])

    def assignment(self) -> set[Partition]:
        return {Partition(*one) for one in self.raw.assignment()}

    def seek(self, partition: Partition, offset: int) -> None:
        self.raw.seek(TopicPartition(*partition), offset)

    def pause(self, *partitions: Partition) -> None:
        self.raw.pause(*(TopicPartition(*one) for one in partitions))

    def resume(self, *partitions: Partition) -> None:
        self.raw.resume(*(TopicPartition(*one) for one in partitions))

    def position(self, partition: Partition) -> int:
        return int(self.raw.position(TopicPartition(*partition)))

    def commit(self, offsets: Mapping[Partition, Committed] | None = None) -> None:
        ours = offsets and {TopicPartition(*one): _offset(told) for one, told in offsets.items()}
        self.raw.commit(ours or None, timeout_ms=_TIMEOUT_MS)

    def committed(self, partition: Partition) -> Committed | None:
        told = self.raw.committed(TopicPartition(*partition), metadata=True)
        return told and Committed(told.offset, told.metadata)

    def ends(self, partition: Partition) -> tuple[int, int]:
        place = TopicPartition(*partition)
        return self.raw.beginning_offsets([place])[place], self.raw.end_offsets([place])[place]

    def offset_at(self, partition: Partition, timestamp_ms: int) -> int | None:
        place = TopicPartition(*partition)
        found = self.raw.offsets_for_times({place: timestamp_ms})[place]
        return found and int(found.offset)

    def close(self) -> None:
        if not self._is_closed:
            self._is_closed = True
            self.raw.close(timeout_ms=_TIMEOUT_MS)


def _message(raw: Any) -> Message:
    return Message(
        Partition(raw.topic, raw.partition),
        raw.offset,
        raw.timestamp,
        raw.timestamp_type == 1,
        raw.key,
        raw.value,
        tuple(raw.headers),
    )


class KafkaPython(Client):
    name = "kafka-python"

    def _producer(self, how: Producing) -> PyProducer:
        return PyProducer(self.bootstrap, how)

    def _consumer(self, topics: Sequence[str], how: Consuming) -> PyConsumer:
        return PyConsumer(self.bootstrap, topics, how)
