"""What the brokers are made to do, by confluent-kafka: produce, consume, wait for each message.

Every message carries its number; whoever consumes checks that none is missing, doubled or out of
order. A topic lives for one round and has one partition.
"""

import statistics
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from confluent_kafka import Consumer, KafkaException, Message, Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from bench.broker import Broker, Watch
from tests.waiting import until

# Bytes of a message, and how many of them one round produces and consumes.
SIZES = {100: 500_000, 1024: 200_000}
ONE_BY_ONE = 2_000
IDLE_CONSUMERS = 3
IDLE_S = 5.0
_TIMEOUT_S = 30.0
_NUMBER_BYTES = 8
_BATCH = 10_000
# librdkafka fetches nothing for a second once a broker is so far ahead of whoever consumes that its
# queue is full. With one pause or three in a round, the faster broker would look the slower one.
_BACKOFF_MS = 1
_PERCENTILES = (50, 95, 99)
# Of syslog; below it librdkafka tells what it throws away at its end.
_WARNINGS = 4


class LostError(Exception):
    """What came back is not what was sent."""


@dataclass(frozen=True, slots=True)
class Rate:
    """
    Attributes:
        broker_cpu_us: the broker's CPU time per message; None when its process is not seen.
    """

    messages_per_s: float
    broker_cpu_us: float | None


@dataclass(frozen=True, slots=True)
class Latency:
    """From handing one message over to its acknowledgement, milliseconds."""

    p50_ms: float
    p95_ms: float
    p99_ms: float


def throughput(broker: Broker, size_bytes: int, count: int) -> tuple[Rate, Rate]:
    """Produces that many messages as fast as they are taken, then consumes all of them.

    Raises:
        LostError: the messages that came back are not those that were sent.
    """
    with topic_of(broker) as topic:
        produced = _produce(broker, topic, size_bytes, count)
        consumed = _consume(broker, topic, count)
    return produced, consumed


def _produce(broker: Broker, topic: str, size_bytes: int, count: int) -> Rate:
    body = b"x" * (size_bytes - _NUMBER_BYTES)
    producer = producer_of(broker, topic, {"queue.buffering.max.messages": count})
    watch = Watch(broker.process)
    with watch.running():
        for number in range(count):
            _put(producer, topic, number.to_bytes(_NUMBER_BYTES, "big") + body)
        if left := producer.flush(_TIMEOUT_S):
            raise LostError(f"{left} messages were not acknowledged within {_TIMEOUT_S:g} s")
    return _rate(watch, count)


def _put(producer: Producer, topic: str, value: bytes) -> None:
    while True:
        try:
            producer.produce(topic, value)
        except BufferError:
            # Its queue is bounded in bytes, too.
            producer.poll(0.01)
        else:
            return


def _consume(broker: Broker, topic: str, count: int) -> Rate:
    consumer = consumer_of(broker, "bench", {"fetch.queue.backoff.ms": _BACKOFF_MS})
    numbers: list[bytes] = []
    watch = Watch(broker.process)
    try:
        with watch.running():
            consumer.assign([TopicPartition(topic, 0, 0)])
            while len(numbers) < count:
                batch = consumer.consume(_BATCH, _TIMEOUT_S)
                numbers += [_number(message) for message in batch]
                if not batch:
                    raise LostError(f"{len(numbers)} of {count} messages came, and then none")
    finally:
        consumer.close()
    if numbers != [number.to_bytes(_NUMBER_BYTES, "big") for number in range(count)]:
        raise LostError("messages came back doubled, missing or out of order")
    return _rate(watch, count)


def _number(message: Message) -> bytes:
    if error := message.error():
        raise KafkaException(error)
    return (message.value() or b"")[:_NUMBER_BYTES]


def _rate(watch: Watch, count: int) -> Rate:
    cpu_us = None if watch.cpu_s is None else watch.cpu_s / count * 1e6
    return Rate(count / watch.elapsed_s, cpu_us)


def latency(broker: Broker, size_bytes: int, *, flush_messages: str | None = None) -> Latency:
    """`acks=all` and no lingering: the next message goes when the one before is acknowledged.

    Args:
        flush_messages: the topic's config; 1: each message is on the disk by then.
    """
    value = b"x" * size_bytes
    times: list[float] = []
    config = {"flush.messages": flush_messages} if flush_messages else {}
    with topic_of(broker, config=config) as topic:
        producer = producer_of(broker, topic, {"linger.ms": 0})
        for _ in range(ONE_BY_ONE):
            started = time.perf_counter()
            _one(producer, topic, value)
            times.append(time.perf_counter() - started)
    cuts = statistics.quantiles(times, n=100)
    return Latency(*(cuts[percent - 1] * 1000 for percent in _PERCENTILES))


def _one(producer: Producer, topic: str, value: bytes) -> None:
    told: list[object] = []
    producer.produce(topic, value, on_delivery=lambda error, _: told.append(error))
    while not told:
        producer.poll(_TIMEOUT_S)
    if told[0] is not None:
        raise LostError(f"a message was not acknowledged: {told[0]}")


def idle_cpu(broker: Broker) -> float | None:
    """The share of one core that it takes while three members of a group wait for messages."""
    with topic_of(broker, partitions=IDLE_CONSUMERS) as topic, ExitStack() as consumers:
        group = f"bench-{uuid.uuid4().hex[:12]}"
        members = [consumer_of(broker, group) for _ in range(IDLE_CONSUMERS)]
        for member in members:
            consumers.callback(member.close)
            member.subscribe([topic])
        until(lambda: all(_has_partition(member) for member in members))
        watch = Watch(broker.process)
        with watch.running():
            time.sleep(IDLE_S)
    return None if watch.cpu_s is None else watch.cpu_s / watch.elapsed_s


def _has_partition(consumer: Consumer) -> bool:
    consumer.poll(0)
    return bool(consumer.assignment())


@contextmanager
def topic_of(
    broker: Broker, partitions: int = 1, config: Mapping[str, str] | None = None
) -> Iterator[str]:
    name = f"bench-{uuid.uuid4().hex[:12]}"
    admin = AdminClient({"bootstrap.servers": broker.url, "log_level": _WARNINGS})
    topic = NewTopic(
        name, num_partitions=partitions, replication_factor=1, config=dict(config or {})
    )
    admin.create_topics([topic])[name].result(_TIMEOUT_S)
    try:
        yield name
    finally:
        admin.delete_topics([name])[name].result(_TIMEOUT_S)


def producer_of(broker: Broker, topic: str, more: Mapping[str, int]) -> Producer:
    producer = Producer({"bootstrap.servers": broker.url, "acks": "all", **more})
    # It learns where the topic is led before the clock runs.
    until(lambda: producer.list_topics(topic, _TIMEOUT_S).topics[topic].partitions)
    return producer


def consumer_of(broker: Broker, group: str, more: Mapping[str, int] | None = None) -> Consumer:
    settings = {"bootstrap.servers": broker.url, "group.id": group, "enable.auto.commit": False}
    return Consumer({**settings, **(more or {})})


def medians(rounds: Sequence[object], *names: str) -> dict[str, float | None]:
    """The median of each attribute, over the rounds in which it is known."""
    found: dict[str, float | None] = {}
    for name in names:
        values = [value for one in rounds if (value := getattr(one, name)) is not None]
        found[name] = statistics.median(values) if values else None
    return found
