"""What a message carries from a producer to a consumer, and where it goes."""

import time

import pytest
from kafka.errors import (
    InvalidTimestampError,
    MessageSizeTooLargeError,
    UnknownTopicOrPartitionError,
)

from tests.engines.suite.checks import check
from tests.engines.suite.kafka.clients.client import Client, Message, Partition
from tests.engines.suite.kafka.clients.librdkafka import Librdkafka
from tests.engines.suite.kafka.conftest import CLIENTS, MakeTopic, Remove
from tests.engines.suite.kafka.refusals import refused

CODECS = ("gzip", "snappy", "lz4", "zstd")


# The libraries for the other codecs are no dependencies of kafka-python.
CODECS_OF = {"librdkafka": CODECS, "aiokafka": CODECS, "kafka-python": ("gzip",)}
HOUR_MS = 3_600_000


def now_ms() -> int:
    """Messages older than a week are retention's to delete, so that no fixed time would do."""
    return int(time.time() * 1000)


def read(client: Client, topic: str, count: int, partitions: int = 1) -> list[Message]:
    """So many messages of all its partitions, from the beginning."""
    consumer = client.consumer()
    consumer.assign(*(Partition(topic, number) for number in range(partitions)))
    return consumer.take(count)


@check(
    ru="Сообщение доходит целиком: ключ, значение, заголовки и время",
    en="A message arrives whole: key, value, headers and time",
)
def test_a_message_arrives_whole(client: Client, topic: str) -> None:
    headers = (("trace", b"\x00\x01"), ("город", "Москва".encode()), ("trace", b"again"))
    at_ms = now_ms() - HOUR_MS
    sent = client.producer().send(
        topic, "Кефир".encode(), key=b"order-1", timestamp_ms=at_ms, headers=headers
    )
    (got,) = read(client, topic, 1)
    assert (sent.partition, sent.offset) == (0, 0)
    assert got == Message(Partition(topic), 0, at_ms, False, b"order-1", "Кефир".encode(), headers)


@check(
    ru="Пустое значение и его отсутствие — разные вещи, ключ так же",
    en="An empty value and no value are different things, and so it is with keys",
)
def test_empty_and_absent(client: Client, topic: str) -> None:
    producer = client.producer()
    for key, value in ((None, b""), (b"k", None), (b"", b"v")):
        producer.send(topic, value, key=key)
    got = [(one.key, one.value) for one in read(client, topic, 3)]
    assert got == [(None, b""), (b"k", None), (b"", b"v")]


@check(
    ru="Сжатие gzip, snappy, lz4 и zstd: клиенты читают друг друга",
    en="Compression by gzip, snappy, lz4 and zstd: the clients read each other",
)
@pytest.mark.parametrize("codec", CODECS)
def test_compression(clients: dict[str, Client], topic: str, codec: str) -> None:
    names = [name for name in CLIENTS if codec in CODECS_OF[name]]
    expected: list[bytes | None] = []
    for name in names:
        producer = clients[name].producer(compression=codec, linger_ms=50)
        values = [f"{name} {n} ".encode() * 20 for n in range(50)]
        sent = producer.send_all(topic, values)
        assert [one.offset for one in sent] == [len(expected) + n for n in range(50)]
        expected += values
    for name in names:
        got = read(clients[name], topic, len(expected))
        assert [one.value for one in got] == expected


@check(
    ru="compression.type топика: брокер пережимает, сообщения те же",
    en="compression.type of a topic: the broker compresses anew, the messages stay the same",
)
@pytest.mark.parametrize("codec", [*CODECS, "uncompressed"])
def test_topic_compression(librdkafka: Librdkafka, make_topic: MakeTopic, codec: str) -> None:
    topic = make_topic(compression_type=codec)
    values = [b"%d" % n * 100 for n in range(20)]
    librdkafka.producer(compression="lz4", linger_ms=50).send_all(topic, values)
    assert [one.value for one in read(librdkafka, topic, 20)] == values


@check(
    ru="acks 0, 1 и all: сообщение записано, при 0 клиент не узнаёт смещения",
    en="acks 0, 1 and all: the message is written; with 0 the client is not told its offset",
)
@pytest.mark.parametrize("acks", [0, 1, -1])
def test_acks(client: Client, topic: str, acks: int) -> None:
    producer = client.producer(acks=acks)
    offsets = [producer.send(topic, b"%d" % n).offset for n in range(3)]
    assert [one.value for one in read(client, topic, 3)] == [b"0", b"1", b"2"]
    if acks != 0:
        assert offsets == [0, 1, 2]


@check(
    ru="Идемпотентный производитель: каждое сообщение один раз и по порядку",
    en="An idempotent producer: every message once and in order",
)
def test_idempotence(client: Client, topic: str) -> None:
    producer = client.producer(idempotent=True)
    values = [b"%d" % n for n in range(500)]
    sent = producer.send_all(topic, values)
    assert [one.offset for one in sent] == list(range(500))
    assert [one.value for one in read(client, topic, 500)] == values


@check(
    ru="Порядок в каждой партиции тот же, что у производителя",
    en="In every partition the order is the producer's",
)
def test_order_within_partitions(client: Client, make_topic: MakeTopic) -> None:
    topic = make_topic(partitions=3)
    producer = client.producer()
    for number in range(3):
        producer.send_all(topic, [b"%d" % n for n in range(100)], partition=number)
    got = read(client, topic, 300, partitions=3)
    for number in range(3):
        own = [one for one in got if one.partition.number == number]
        assert [one.value for one in own] == [b"%d" % n for n in range(100)]
        assert [one.offset for one in own] == list(range(100))


@check(
    ru="Ключ определяет партицию: murmur2 у всех клиентов даёт один и тот же",
    en="The key decides the partition: murmur2 gives the same one in all clients",
)
def test_partition_by_key(clients: dict[str, Client], make_topic: MakeTopic) -> None:
    topic = make_topic(partitions=5)
    keys = [b"key-%d" % n for n in range(20)]
    rd = clients["librdkafka"]
    assert isinstance(rd, Librdkafka)
    producers = [
        rd.producer_with({"partitioner": "murmur2_random"}),
        clients["aiokafka"].producer(),
        clients["kafka-python"].producer(),
    ]
    places = [
        [one.partition for one in producer.send_all(topic, [b""] * 20, keys=keys)]
        for producer in producers
    ]
    assert places[0] == places[1] == places[2]
    assert len(set(places[0])) > 1


@check(
    ru="Сообщение 900 КБ доходит без изменений",
    en="A message of 900 KB arrives unchanged",
)
def test_large_message(client: Client, topic: str) -> None:
    value = bytes(range(256)) * 3_600
    client.producer(max_request_bytes=1_000_000).send_all(topic, [value, value[::-1]])
    assert [one.value for one in read(client, topic, 2)] == [value, value[::-1]]


@check(
    ru="Сообщение больше max.message.bytes топика: MESSAGE_TOO_LARGE, остальное принимается",
    en="A message above max.message.bytes of its topic: MESSAGE_TOO_LARGE; others are taken",
)
def test_message_too_large(client: Client, make_topic: MakeTopic) -> None:
    topic = make_topic(max_message_bytes=2_000)
    producer = client.producer()
    with refused(MessageSizeTooLargeError):
        producer.send(topic, bytes(3_000))
    assert producer.send(topic, bytes(1_000)).offset == 0


@check(
    ru="Запись в партицию, которой нет: клиент узнаёт об этом",
    en="Writing to a partition that is not there: the client learns of it",
)
def test_unknown_partition(librdkafka: Librdkafka, topic: str) -> None:
    # -190 of librdkafka: it sees in the metadata that there is no such partition.
    with pytest.raises(Exception, match="Unknown partition"):
        librdkafka.producer(timeout_ms=2_000).send(topic, b"", partition=7)


@check(
    ru="Топик появляется, когда в него пишут впервые",
    en="A topic appears when somebody writes to it for the first time",
)
def test_auto_created_by_a_producer(client: Client, name: str, remove: Remove) -> None:
    topic = remove(name)
    assert client.producer().send(topic, b"first").offset == 0
    assert [one.value for one in read(client, topic, 1)] == [b"first"]


@check(
    ru="message.timestamp.type=LogAppendTime: время ставит брокер",
    en="message.timestamp.type=LogAppendTime: the broker sets the time",
)
def test_log_append_time(client: Client, make_topic: MakeTopic) -> None:
    topic = make_topic(message_timestamp_type="LogAppendTime")
    producer = client.producer(linger_ms=50, compression="gzip")
    before_ms = now_ms()
    producer.send_all(topic, [b"a", b"b"], timestamp_ms=before_ms - HOUR_MS)
    first, second = read(client, topic, 2)
    assert first.is_append_time
    assert second.is_append_time
    assert before_ms <= first.timestamp_ms <= second.timestamp_ms <= now_ms()


@check(
    ru="Слишком далёкое будущее: message.timestamp.after.max.ms отвергает сообщение",
    en="Too far in the future: message.timestamp.after.max.ms refuses the message",
)
def test_future_timestamp(client: Client, make_topic: MakeTopic) -> None:
    topic = make_topic(message_timestamp_after_max_ms=HOUR_MS)
    producer = client.producer()
    with refused(InvalidTimestampError):
        producer.send(topic, b"", timestamp_ms=now_ms() + 2 * HOUR_MS)
    assert producer.send(topic, b"").offset == 0


@check(
    ru="Чтение топика, которого нет: UNKNOWN_TOPIC_OR_PARTITION",
    en="Reading a topic that is not there: UNKNOWN_TOPIC_OR_PARTITION",
)
def test_reading_an_unknown_topic(librdkafka: Librdkafka, name: str, group: str) -> None:
    consumer = librdkafka.consumer(name, group=group)
    with refused(UnknownTopicOrPartitionError):
        consumer.take(1)
