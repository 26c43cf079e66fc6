"""Where reading begins, and how a consumer moves in a partition."""

import time

import pytest
from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec
from kafka.errors import OffsetOutOfRangeError

from tests.engines.suite.checks import check
from tests.engines.suite.kafka.clients.client import Client, Committed, Partition
from tests.engines.suite.kafka.clients.librdkafka import Librdkafka
from tests.engines.suite.kafka.conftest import MakeTopic
from tests.engines.suite.kafka.refusals import done, refused

HOUR_MS = 3_600_000


def numbers(first: int, end: int) -> list[bytes]:
    return [b"%d" % n for n in range(first, end)]


def fill(client: Client, topic: str, count: int = 10) -> None:
    """A message for each number from 0, in partition 0."""
    client.producer().send_all(topic, numbers(0, count), partition=0)


@check(
    ru="Начало и конец партиции: сначала 0 и 0, потом 0 и число сообщений",
    en="The ends of a partition: first 0 and 0, then 0 and the number of messages",
)
def test_ends(client: Client, topic: str) -> None:
    consumer = client.consumer()
    assert consumer.ends(Partition(topic)) == (0, 0)
    fill(client, topic)
    assert consumer.ends(Partition(topic)) == (0, 10)


@check(
    ru="auto.offset.reset=earliest: с начала партиции",
    en="auto.offset.reset=earliest: from the beginning of the partition",
)
def test_earliest(client: Client, topic: str, group: str) -> None:
    fill(client, topic)
    assert client.consumer(topic, group=group).values(10) == numbers(0, 10)


@check(
    ru="auto.offset.reset=latest: только то, что написано потом",
    en="auto.offset.reset=latest: only what is written afterwards",
)
def test_latest(client: Client, topic: str) -> None:
    fill(client, topic)
    consumer = client.consumer(reset="latest")
    consumer.assign(Partition(topic))
    consumer.silent()
    client.producer().send(topic, b"later")
    assert consumer.values(1) == [b"later"]


@check(
    ru="auto.offset.reset=none без сохранённого смещения: ошибка клиента",
    en="auto.offset.reset=none without a committed offset: an error of the client",
)
def test_no_reset(client: Client, topic: str, group: str) -> None:
    fill(client, topic)
    consumer = client.consumer(topic, group=group, reset="none")
    # Each client has a class of its own for it; none is an error of the broker's.
    with pytest.raises(Exception, match=r"(?i)offset"):
        consumer.take(1)


@check(
    ru="seek: вперёд, назад и на конец",
    en="seek: forwards, backwards and to the end",
)
def test_seek(client: Client, topic: str) -> None:
    fill(client, topic)
    place = Partition(topic)
    consumer = client.consumer()
    consumer.assign(place)
    consumer.take(10)
    consumer.seek(place, 3)
    assert consumer.values(7) == numbers(3, 10)
    consumer.seek(place, 9)
    assert consumer.values(1) == [b"9"]
    assert consumer.position(place) == 10
    consumer.seek(place, 10)
    consumer.silent()


@check(
    ru="Смещение за концом партиции: чтение начинается заново по auto.offset.reset",
    en="An offset past the end: reading begins anew, as auto.offset.reset says",
)
def test_out_of_range_is_reset(client: Client, topic: str) -> None:
    fill(client, topic)
    consumer = client.consumer()
    consumer.assign(Partition(topic))
    consumer.take(10)
    consumer.seek(Partition(topic), 1_000)
    assert consumer.values(10) == numbers(0, 10)


@check(
    ru="Смещение за концом без auto.offset.reset: OFFSET_OUT_OF_RANGE",
    en="An offset past the end without auto.offset.reset: OFFSET_OUT_OF_RANGE",
)
def test_out_of_range_is_an_error(clients: dict[str, Client], topic: str, group: str) -> None:
    fill(clients["kafka-python"], topic)
    for name in ("aiokafka", "kafka-python"):
        consumer = clients[name].consumer(group=group, reset="none")
        consumer.assign(Partition(topic))
        consumer.seek(Partition(topic), 1_000)
        with pytest.raises(Exception, match="OffsetOutOfRange"):
            consumer.take(1)


@check(
    ru="Пауза останавливает одну партицию, остальные читаются дальше",
    en="A pause stops one partition while the others are read on",
)
def test_pause(client: Client, make_topic: MakeTopic) -> None:
    topic = make_topic(partitions=2)
    zero, one = Partition(topic, 0), Partition(topic, 1)
    producer = client.producer()
    consumer = client.consumer()
    consumer.assign(zero, one)
    for place in (zero, one):
        producer.send(topic, b"before", partition=place.number)
    consumer.take(2)
    consumer.pause(zero)
    for place in (zero, one):
        producer.send(topic, b"during", partition=place.number)
    assert [message.partition for message in consumer.take(1)] == [one]
    consumer.silent()
    consumer.resume(zero)
    assert [(got.partition, got.value) for got in consumer.take(1)] == [(zero, b"during")]


@check(
    ru="Смещение по времени: первое сообщение не раньше него; позже всех — ничего",
    en="An offset by time: the first message that is not earlier; after all of them, nothing",
)
def test_offset_by_time(client: Client, topic: str) -> None:
    start_ms = int(time.time() * 1000) - HOUR_MS
    producer = client.producer()
    for number in range(5):
        producer.send(topic, b"", timestamp_ms=start_ms + number * 1_000)
    consumer = client.consumer()
    place = Partition(topic)
    asked = (0, 1, 1_000, 1_001, 4_000, 4_001)
    found = [consumer.offset_at(place, start_ms + after_ms) for after_ms in asked]
    assert found == [0, 1, 1, 2, 4, None]


@check(
    ru="Смещение по времени внутри сжатой пачки: с точностью до сообщения",
    en="An offset by time inside of a compressed batch: exact to the message",
)
@pytest.mark.parametrize("codec", [None, "gzip", "lz4"])
def test_offset_by_time_in_a_batch(librdkafka: Librdkafka, topic: str, codec: str | None) -> None:
    start_ms = int(time.time() * 1000) - HOUR_MS
    producer = librdkafka.producer_with({}, compression=codec, linger_ms=200)
    for number in range(100):
        producer.raw.produce(topic, b"%d" % number, timestamp=start_ms + number * 10)
    producer.raw.flush(20)
    consumer = librdkafka.consumer()
    assert consumer.offset_at(Partition(topic), start_ms + 371) == 38


@check(
    ru="Время идёт не по порядку: найдено первое по смещению сообщение не раньше искомого",
    en="Times out of order: what is found is the first by offset that is not earlier",
)
def test_offset_by_time_out_of_order(librdkafka: Librdkafka, topic: str) -> None:
    start_ms = int(time.time() * 1000) - HOUR_MS
    producer = librdkafka.producer()
    for after_ms in (500, 100, 900, 300):
        producer.send(topic, b"", timestamp_ms=start_ms + after_ms)
    consumer = librdkafka.consumer()
    place = Partition(topic)
    found = [consumer.offset_at(place, start_ms + after_ms) for after_ms in (50, 200, 600, 901)]
    assert found == [0, 0, 2, None]


@check(
    ru="ListOffsets: earliest, latest и смещение сообщения с наибольшим временем",
    en="ListOffsets: earliest, latest and the offset of the message with the largest time",
)
def test_list_offsets(admin: AdminClient, librdkafka: Librdkafka, topic: str) -> None:
    start_ms = int(time.time() * 1000) - HOUR_MS
    producer = librdkafka.producer()
    for after_ms in (0, 2_000, 1_000):
        producer.send(topic, b"", timestamp_ms=start_ms + after_ms)
    place = TopicPartition(topic, 0)
    told = []
    for spec in (OffsetSpec.earliest(), OffsetSpec.latest(), OffsetSpec.max_timestamp()):
        answer = done(admin.list_offsets({place: spec}))
        told.append((answer.offset, answer.timestamp))
    assert told == [(0, -1), (3, -1), (1, start_ms + 2_000)]


@check(
    ru="DeleteRecords: начало партиции сдвигается, прежнее не читается",
    en="DeleteRecords: the beginning of the partition moves, what was before cannot be read",
)
def test_delete_records(admin: AdminClient, client: Client, topic: str) -> None:
    fill(client, topic)
    told = done(admin.delete_records([TopicPartition(topic, 0, 4)]))
    assert told.low_watermark == 4
    consumer = client.consumer()
    assert consumer.ends(Partition(topic)) == (4, 10)
    consumer.assign(Partition(topic))
    assert consumer.values(6) == numbers(4, 10)


@check(
    ru="DeleteRecords до конца (−1) опустошает партицию, смещения идут дальше",
    en="DeleteRecords up to the end (−1) empties the partition; offsets go on",
)
def test_delete_all_records(admin: AdminClient, librdkafka: Librdkafka, topic: str) -> None:
    fill(librdkafka, topic)
    assert done(admin.delete_records([TopicPartition(topic, 0, -1)])).low_watermark == 10
    assert librdkafka.consumer().ends(Partition(topic)) == (10, 10)
    assert librdkafka.producer().send(topic, b"next").offset == 10


@check(
    ru="DeleteRecords за концом партиции: OFFSET_OUT_OF_RANGE, ничего не удалено",
    en="DeleteRecords past the end of the partition: OFFSET_OUT_OF_RANGE, nothing is deleted",
)
def test_delete_records_refused(admin: AdminClient, librdkafka: Librdkafka, topic: str) -> None:
    fill(librdkafka, topic)
    with refused(OffsetOutOfRangeError):
        done(admin.delete_records([TopicPartition(topic, 0, 11)]))
    assert librdkafka.consumer().ends(Partition(topic)) == (0, 10)


@check(
    ru="Ждущий потребитель получает новое сообщение сразу, а не через fetch.max.wait",
    en="A waiting consumer gets a new message at once, not after fetch.max.wait",
)
def test_long_poll(client: Client, topic: str) -> None:
    consumer = client.consumer(max_wait_ms=10_000)
    consumer.assign(Partition(topic))
    producer = client.producer()
    producer.send(topic, b"warm")
    consumer.take(1)
    began = time.monotonic()
    for number in range(5):
        producer.send(topic, b"%d" % number)
        assert consumer.values(1) == [b"%d" % number]
    assert time.monotonic() - began < 5


@check(
    ru="fetch.min.bytes: ответ ждёт, пока не наберётся столько, но не дольше fetch.max.wait",
    en="fetch.min.bytes: the answer waits for so much, but not longer than fetch.max.wait",
)
def test_min_bytes(clients: dict[str, Client], topic: str) -> None:
    client = clients["aiokafka"]
    consumer = client.consumer(max_wait_ms=1_500, min_bytes=50_000)
    consumer.assign(Partition(topic))
    producer = client.producer()
    consumer.silent()
    producer.send(topic, b"small")
    consumer.silent()
    producer.send(topic, bytes(60_000))
    began = time.monotonic()
    consumer.take(2)
    assert time.monotonic() - began < 1
    producer.send(topic, b"alone")
    assert consumer.values(1) == [b"alone"]


@check(
    ru="Отставание группы: конец партиции минус сохранённое смещение",
    en="The lag of a group: the end of the partition less the committed offset",
)
def test_lag(client: Client, topic: str, group: str) -> None:
    fill(client, topic)
    place = Partition(topic)
    consumer = client.consumer(topic, group=group)
    consumer.take(10)
    consumer.commit({place: Committed(6)})
    committed = consumer.committed(place)
    assert committed is not None
    assert consumer.ends(place)[1] - committed.offset == 4
