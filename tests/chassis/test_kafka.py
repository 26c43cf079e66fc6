"""The producer, the consumer and the reader against the stand's broker."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from functools import partial

import kafka
import pytest
import pytest_asyncio
from confluent_kafka.admin import AdminClient, NewTopic

from stend.chassis.kafka import KafkaProducer, KafkaRecord, Topic
from stend.chassis.kafka_reading import KafkaConsumer, KafkaReader
from stend.chassis.metrics import REGISTRY
from stend.engines.kafka.launcher import KafkaConfig, KafkaLauncher
from stend.kit.errors import EdgeErrorCode, StendError, unavailable
from tests.engines.kafka.running import bootstrap_of, config_in, running
from tests.engines.servers import ready
from tests.folders import open_folder
from tests.shop.orders.examples import fresh_ulid
from tests.waiting import until_async

_DEADLINE_S = 5.0


@pytest.fixture(scope="module")
def servers() -> Iterator[str]:
    with open_folder() as folder:
        config: KafkaConfig = config_in(folder, auto_create_topics=False)
        with running(config):
            yield bootstrap_of(config)


@pytest.fixture
def topic() -> Topic:
    return Topic(f"chassis-{fresh_ulid()}", partitions=3)


@pytest_asyncio.fixture
async def producer(servers: str) -> AsyncIterator[KafkaProducer]:
    producer = KafkaProducer(servers, "chassis", _DEADLINE_S)
    producer.start()
    yield producer
    await producer.stop()


class Member:
    """A consumer that remembers what it was handed."""

    def __init__(self, servers: str, topic: Topic, group: str = "") -> None:
        self.seen: list[KafkaRecord] = []
        self.refused: list[tuple[KafkaRecord, Exception]] = []
        self.errors: list[Exception] = []
        self.free = asyncio.Event()
        self.free.set()
        self.group = group or f"group-{topic.name}"
        self.consumer = KafkaConsumer(servers, self.group, [topic], self.handle, self.refuse)
        self.consumer.start()

    async def handle(self, record: KafkaRecord) -> None:
        self.seen.append(record)
        await self.free.wait()
        if self.errors:
            raise self.errors.pop(0)

    async def refuse(self, record: KafkaRecord, error: Exception) -> None:
        self.refused.append((record, error))

    def values(self) -> list[bytes | None]:
        return [record.value for record in self.seen]

    def has(self, value: bytes) -> bool:
        return value in self.values()


async def sent(producer: KafkaProducer, topic: Topic, *values: bytes, key: bytes = b"k") -> None:
    """Right after the start the topic is not there yet: the consumer makes it."""
    for value in values:
        while True:
            try:
                await producer.send(topic.name, value, key=key, headers=[("n", value)])
            except StendError as error:
                if error.code is not EdgeErrorCode.UNAVAILABLE:
                    raise
                # A topic that is known to be gone is refused at once.
                await asyncio.sleep(0)
            else:
                break


async def test_records_arrive_with_key_and_headers_and_in_the_order_of_their_key(
    servers: str, producer: KafkaProducer, topic: Topic
) -> None:
    member = Member(servers, topic)
    await sent(producer, topic, b"first")
    values = [b"%d" % number for number in range(50)]
    for value in values:
        await producer.send(topic.name, value, key=b"k", headers=[("n", value)])
    await until_async(lambda: len(member.seen) == 51)
    assert member.values() == [b"first", *values]
    last = member.seen[-1]
    assert (last.key, last.header("n"), last.header("none")) == (b"k", "49", None)
    assert last.timestamp_ms
    await member.consumer.stop()


async def test_what_is_committed_does_not_come_again_and_what_is_not_does(
    servers: str, producer: KafkaProducer, topic: Topic
) -> None:
    first = Member(servers, topic)
    await sent(producer, topic, b"done")
    await until_async(lambda: first.seen)
    labels = {"group": first.group, "topic": topic.name, "partition": str(first.seen[0].partition)}
    await until_async(lambda: REGISTRY.get_sample_value("shop_consumer_lag_records", labels) == 0)
    first.free.clear()
    await sent(producer, topic, b"half-way")
    await until_async(lambda: len(first.seen) == 2)
    await first.consumer.stop()
    second = Member(servers, topic)
    await until_async(lambda: second.seen)
    await sent(producer, topic, b"after")
    await until_async(lambda: len(second.seen) == 2)
    assert second.values() == [b"half-way", b"after"]
    await second.consumer.stop()


async def test_a_transient_failure_is_tried_again_and_a_bug_is_refused_once(
    servers: str, producer: KafkaProducer, topic: Topic
) -> None:
    member = Member(servers, topic)
    away = unavailable("PostgreSQL", "gone")
    member.errors = [away, away, ValueError("a bug")]
    await sent(producer, topic, b"a")
    await until_async(lambda: member.refused)
    await sent(producer, topic, b"b")
    await until_async(lambda: len(member.seen) == 4)
    assert member.values() == [b"a", b"a", b"a", b"b"]
    assert [str(error) for _, error in member.refused] == ["a bug"]
    await member.consumer.stop()


class _NoText(str):
    """A header's name as a producer in another language may write it."""

    __slots__ = ()

    def encode(self, *_: str) -> bytes:
        return b"\xff\xfe"


async def test_headers_whose_names_are_no_text_do_not_block_the_topic(
    servers: str, producer: KafkaProducer, topic: Topic
) -> None:
    member = Member(servers, topic)
    await sent(producer, topic, b"before")

    def send() -> None:
        stranger = kafka.KafkaProducer(bootstrap_servers=servers)
        stranger.send(topic.name, b"strange", b"k", headers=[(_NoText("x"), b"1")]).get(5)
        stranger.close()

    await asyncio.to_thread(send)
    await sent(producer, topic, b"after")
    # Each client has a partitioner of its own, so the order is anybody's guess.
    await until_async(lambda: len(member.seen) == 3)
    headers = {record.value: record.headers for record in member.seen}
    assert headers == {b"before": (("n", b"before"),), b"strange": (), b"after": (("n", b"after"),)}
    await member.consumer.stop()


async def test_a_topic_that_was_deleted_is_made_again(
    servers: str, producer: KafkaProducer, topic: Topic
) -> None:
    member = Member(servers, topic)
    await sent(producer, topic, b"before")
    await until_async(lambda: member.seen)
    admin = AdminClient({"bootstrap.servers": servers})
    await asyncio.to_thread(admin.delete_topics([topic.name])[topic.name].result)
    await sent(producer, topic, b"after")
    await until_async(partial(member.has, b"after"))
    await member.consumer.stop()


async def test_a_topic_that_somebody_made_too_small_grows(servers: str, topic: Topic) -> None:
    admin = AdminClient({"bootstrap.servers": servers})
    await asyncio.to_thread(admin.create_topics([NewTopic(topic.name, 1)])[topic.name].result)
    member = Member(servers, topic)
    await member.consumer.ready(10)
    known = await asyncio.to_thread(admin.list_topics, topic.name, 5)
    assert len(known.topics[topic.name].partitions) == topic.partitions
    await member.consumer.stop()


async def test_a_reader_misses_nothing_that_is_written_after_its_start(
    servers: str, producer: KafkaProducer, topic: Topic
) -> None:
    member = Member(servers, topic)
    await sent(producer, topic, b"before")
    read: list[KafkaRecord] = []
    reader = KafkaReader(servers, "reader", read.append)
    await reader.start(topic.name, 2, _DEADLINE_S)
    await asyncio.gather(
        *(producer.send(topic.name, b"%d" % number, partition=number % 3) for number in range(30))
    )
    await until_async(lambda: len(read) == 10)
    assert {record.partition for record in read} == {2}
    await reader.stop()
    await member.consumer.stop()


async def test_a_record_that_nobody_can_take_is_told_to_its_sender(servers: str) -> None:
    producer = KafkaProducer(servers, "impatient", deadline_s=0.5)
    producer.start()
    for value, code in (
        (b"x", EdgeErrorCode.UNAVAILABLE),
        (b"x" * 2_000_000, EdgeErrorCode.MESSAGE_TOO_LARGE),
    ):
        with pytest.raises(StendError) as refused:
            await producer.send("no-such-topic", value)
        assert refused.value.code is code
    await producer.stop()


async def test_a_broker_that_is_away_is_unavailable_and_comes_back(topic: Topic) -> None:
    with open_folder() as folder:
        config = config_in(folder)
        servers = bootstrap_of(config)
        producer = KafkaProducer(servers, "lonely", deadline_s=0.5)
        producer.start()
        member = Member(servers, topic)
        with pytest.raises(StendError) as refused:
            await producer.send(topic.name, b"nobody")
        assert refused.value.code is EdgeErrorCode.UNAVAILABLE
        with pytest.raises(StendError) as refused:
            await KafkaReader(servers, "reader", print).start(topic.name, 0, 0.3)
        assert refused.value.code is EdgeErrorCode.UNAVAILABLE
        for value in (b"first", b"second"):
            broker = KafkaLauncher(config)
            await asyncio.to_thread(broker.launch)
            await asyncio.to_thread(ready, broker)
            await sent(producer, topic, value)
            await until_async(partial(member.has, value))
            await asyncio.to_thread(broker.stop)
        async with asyncio.timeout(3):
            await asyncio.gather(producer.stop(), member.consumer.stop())
