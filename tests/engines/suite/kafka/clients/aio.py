"""aiokafka."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYetError
from itertools import repeat
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, OffsetAndMetadata, TopicPartition
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from aiokafka.coordinator.assignors.sticky.sticky_assignor import StickyPartitionAssignor

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
from tests.engines.suite.kafka.clients.loop import Loop

_ASSIGNORS = {
    "range": RangePartitionAssignor,
    "roundrobin": RoundRobinPartitionAssignor,
    "sticky": StickyPartitionAssignor,
}


class AioProducer(Producer):
    def __init__(self, loop: Loop, bootstrap: str, how: Producing) -> None:
        self._loop = loop
        self.raw: Any = loop.run(_started_producer(bootstrap, how))

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
        async def work() -> list[Sent]:
            told = [
                await self.raw.send(
                    topic, value, key, partition, timestamp_ms, list(headers) or None
                )
                for key, value in zip(keys or repeat(None), values, strict=False)
            ]
            return [_sent(await one) for one in told]

        return self._loop.run(work())

    def begin(self) -> None:
        self._loop.run(self.raw.begin_transaction())

    def commit(self) -> None:
        self._loop.run(self.raw.commit_transaction())

    def abort(self) -> None:
        self._loop.run(self.raw.abort_transaction())

    def send_offsets(self, offsets: Mapping[Partition, int], consumer: Consumer) -> None:
        ours = {TopicPartition(*one): OffsetAndMetadata(at, "") for one, at in offsets.items()}
        self._loop.run(self.raw.send_offsets_to_transaction(ours, consumer.how.group))

    def close(self) -> None:
        self._loop.run(self.raw.stop())


async def _started_producer(bootstrap: str, how: Producing) -> Any:
    transactions = {}
    if how.transactional_id is not None:
        transactions = {
            "transactional_id": how.transactional_id,
            "transaction_timeout_ms": how.transaction_timeout_ms,
        }
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap,
        acks="all" if how.acks == -1 else how.acks,
        compression_type=how.compression,
        enable_idempotence=how.idempotent or how.transactional_id is not None,
        linger_ms=how.linger_ms,
        max_request_size=how.max_request_bytes,
        request_timeout_ms=how.timeout_ms,
        **transactions,
    )
    try:
        await producer.start()
    except BaseException:
        await producer.stop()
        raise
    return producer


def _sent(told: Any) -> Sent:
    # Without acks nobody tells where the message has gone.
    return Sent(told.partition, told.offset) if told else Sent(-1, -1)


class AioConsumer(Consumer):
    """Its start ends when the group has given it its partitions: others must work meanwhile."""

    def __init__(self, loop: Loop, bootstrap: str, topics: Sequence[str], how: Consuming) -> None:
        super().__init__(how)
        self._loop = loop
        self._is_closed = False
        self.raw: Any = loop.run(_made_consumer(bootstrap, topics, how))
        self._started: Future[None] = loop.start(self.raw.start())

    def poll(self, timeout_s: float) -> list[Message]:
        try:
            self._started.result(timeout_s)
        except NotYetError:
            return []
        batches = self._loop.run(self.raw.getmany(timeout_ms=int(timeout_s * 1000)))
        return [_message(one) for batch in batches.values() for one in batch]

    def assign(self, *partitions: Partition) -> None:
        self._call(lambda: self.raw.assign([TopicPartition(*one) for one in partitions]))

    def assignment(self) -> set[Partition]:
        return {Partition(*one) for one in self.raw.assignment()}

    def seek(self, partition: Partition, offset: int) -> None:
        self._call(lambda: self.raw.seek(TopicPartition(*partition), offset))

    def pause(self, *partitions: Partition) -> None:
        self._call(lambda: self.raw.pause(*(TopicPartition(*one) for one in partitions)))

    def resume(self, *partitions: Partition) -> None:
        self._call(lambda: self.raw.resume(*(TopicPartition(*one) for one in partitions)))

    def position(self, partition: Partition) -> int:
        return int(self._run(self.raw.position(TopicPartition(*partition))))

    def commit(self, offsets: Mapping[Partition, Committed] | None = None) -> None:
        ours = offsets and {
            TopicPartition(*one): OffsetAndMetadata(*told) for one, told in offsets.items()
        }
        self._run(self.raw.commit(ours or None))

    def committed(self, partition: Partition) -> Committed | None:
        offset = self._run(self.raw.committed(TopicPartition(*partition)))
        # It has no way to the metadata.
        return None if offset is None else Committed(offset)

    def ends(self, partition: Partition) -> tuple[int, int]:
        place = TopicPartition(*partition)
        first = self._run(self.raw.beginning_offsets([place]))[place]
        return first, self._run(self.raw.end_offsets([place]))[place]

    def offset_at(self, partition: Partition, timestamp_ms: int) -> int | None:
        place = TopicPartition(*partition)
        found = self._run(self.raw.offsets_for_times({place: timestamp_ms}))[place]
        return found and int(found.offset)

    def close(self) -> None:
        if not self._is_closed:
            self._is_closed = True
            self._started.cancel()
            self._loop.run(self.raw.stop())

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        async def started() -> Any:
            await asyncio.wrap_future(self._started)
            return await work

        return self._loop.run(started())

    def _call(self, act: Callable[[], object]) -> None:
        async def work() -> None:
            act()

        self._run(work())


async def _made_consumer(bootstrap: str, topics: Sequence[str], how: Consuming) -> Any:
    return AIOKafkaConsumer(
        *topics,
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
    )


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


class Aiokafka(Client):
    name = "aiokafka"

    def __init__(self, bootstrap: str, loop: Loop) -> None:
        super().__init__(bootstrap)
        self._loop = loop

    def _producer(self, how: Producing) -> AioProducer:
        return AioProducer(self._loop, self.bootstrap, how)

    def _consumer(self, topics: Sequence[str], how: Consuming) -> AioConsumer:
        return AioConsumer(self._loop, self.bootstrap, topics, how)
