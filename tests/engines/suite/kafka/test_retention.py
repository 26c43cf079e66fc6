"""What is deleted with time, with size and by key. The brokers look several times a second."""

import time

import pytest
from confluent_kafka.admin import AdminClient
from kafka.errors import InvalidRecordError

from tests.engines.suite.checks import check
from tests.engines.suite.kafka.clients.client import READ_COMMITTED, Client, Partition, work_until
from tests.engines.suite.kafka.conftest import MakeTopic
from tests.engines.suite.kafka.refusals import refused
from tests.engines.suite.kafka.test_configs import SET, alter
from tests.waiting import until

HOUR_MS = 3_600_000
SEGMENT_BYTES = 1 << 20
# Two of them do not fit into one segment.
BIG = bytes(600_000)

Record = tuple[int, bytes | None, bytes | None]
# Offset, key and value of whatever is there.
Records = list[Record]


def now_ms() -> int:
    return int(time.time() * 1000)


def contents(client: Client, topic: str, **how: object) -> Records:
    """All that can be read in partition 0."""
    place = Partition(topic)
    consumer = client.consumer(**how)
    consumer.assign(place)
    end = consumer.ends(place)[1]

    def is_read() -> bool:
        # Where everything is deleted meanwhile, there is no position to reach.
        return consumer.position(place) >= end or consumer.ends(place)[0] >= end

    work_until([consumer], is_read)
    got = [(one.offset, one.key, one.value) for one in consumer.forget()]
    consumer.close()
    return got


@check(
    ru="Сообщения старше retention.ms удаляются, смещения продолжаются",
    en="Messages older than retention.ms are deleted; offsets go on",
)
def test_by_time(client: Client, make_topic: MakeTopic) -> None:
    topic = make_topic(retention_ms=500)
    producer, consumer = client.producer(), client.consumer()
    producer.send_all(topic, [b"a", b"b", b"c"])
    until(lambda: consumer.ends(Partition(topic)) == (3, 3))
    assert producer.send(topic, b"d").offset == 3


@check(
    ru="Удаляется сегмент, в котором всё старое; где есть новое — остаётся",
    en="A segment goes when all of it is old; one with something new in it stays",
)
def test_by_segment(librdkafka: Client, make_topic: MakeTopic) -> None:
    topic = make_topic(retention_ms=HOUR_MS, segment_bytes=SEGMENT_BYTES)
    producer, consumer = librdkafka.producer(), librdkafka.consumer()
    for age_hours in (2, 3, 0):
        producer.send(topic, BIG, timestamp_ms=now_ms() - age_hours * HOUR_MS)
    producer.send(topic, b"old beside new", timestamp_ms=now_ms() - 2 * HOUR_MS)
    until(lambda: consumer.ends(Partition(topic)) == (2, 4))
    assert [offset for offset, _, _ in contents(librdkafka, topic)] == [2, 3]


@check(
    ru="retention.bytes: остаются последние сегменты, в сумме не меньше предела",
    en="retention.bytes: the last segments stay, together not less than the limit",
)
def test_by_size(librdkafka: Client, make_topic: MakeTopic) -> None:
    topic = make_topic(retention_bytes=1_500_000, segment_bytes=SEGMENT_BYTES)
    producer, consumer = librdkafka.producer(), librdkafka.consumer()
    for _ in range(5):
        producer.send(topic, BIG)
    until(lambda: consumer.ends(Partition(topic)) == (2, 5))


@check(
    ru="retention.ms=-1: старое остаётся, пока рядом удаляется",
    en="retention.ms=-1: the old stays while it is deleted elsewhere",
)
def test_for_ever(librdkafka: Client, make_topic: MakeTopic) -> None:
    kept, other = make_topic("-kept", retention_ms=-1), make_topic("-other")
    producer, consumer = librdkafka.producer(), librdkafka.consumer()
    for topic in (kept, other):
        producer.send(topic, b"old", timestamp_ms=now_ms() - 24 * 30 * HOUR_MS)
    until(lambda: consumer.ends(Partition(other)) == (1, 1))
    assert contents(librdkafka, kept) == [(0, None, b"old")]


@check(
    ru="Уменьшенный retention.ms действует на то, что уже записано",
    en="A retention.ms made smaller holds for what is written already",
)
def test_altered(admin: AdminClient, librdkafka: Client, make_topic: MakeTopic) -> None:
    topic = make_topic(retention_ms=HOUR_MS)
    consumer = librdkafka.consumer()
    librdkafka.producer().send(topic, b"", timestamp_ms=now_ms() - HOUR_MS // 2)
    alter(admin, topic, "retention.ms", "60000", SET)
    until(lambda: consumer.ends(Partition(topic)) == (1, 1))


class Compacted:
    """A topic whose segments end with every `roll`; times are told, not waited for."""

    def __init__(self, client: Client, make_topic: MakeTopic, **config: object) -> None:
        self._client = client
        self.topic = make_topic(
            cleanup_policy="compact",
            segment_ms=10_000,
            min_cleanable_dirty_ratio=0.001,
            **config,
        )
        self._producer = client.producer()
        self._at_ms = now_ms() - HOUR_MS

    def write(self, *records: tuple[bytes, bytes | None]) -> None:
        for key, value in records:
            self._producer.send(self.topic, value, key=key, timestamp_ms=self._at_ms)

    def roll(self, key: bytes = b"roll") -> None:
        """A message so much later that it begins a segment: the one before may be compacted."""
        self._at_ms += 20_000
        self.write((key, b""))

    def contents(self, **how: object) -> Records:
        return [one for one in contents(self._client, self.topic, **how) if one[1] != b"roll"]


@check(
    ru="Уплотнение оставляет последнее значение каждого ключа на его смещении",
    en="Compaction leaves the last value of every key, at its offset",
)
def test_compaction(client: Client, make_topic: MakeTopic) -> None:
    compacted = Compacted(client, make_topic)
    compacted.write((b"1", b"a"), (b"2", b"b"), (b"1", b"c"), (b"3", b"d"), (b"2", b"e"))
    compacted.roll()
    expected = [(2, b"1", b"c"), (3, b"3", b"d"), (4, b"2", b"e")]
    until(lambda: compacted.contents() == expected)


@check(
    ru="Активный сегмент не уплотняется",
    en="The active segment is not compacted",
)
def test_active_segment(librdkafka: Client, make_topic: MakeTopic) -> None:
    compacted = Compacted(librdkafka, make_topic)
    compacted.write((b"1", b"a"), (b"1", b"b"))
    compacted.roll()
    compacted.write((b"1", b"c"), (b"1", b"d"))
    expected = [(1, b"1", b"b"), (3, b"1", b"c"), (4, b"1", b"d")]
    until(lambda: compacted.contents() == expected)


@check(
    ru="Сжатые пачки уплотняются тоже",
    en="Compressed batches are compacted as well",
)
def test_compressed(librdkafka: Client, make_topic: MakeTopic) -> None:
    compacted = Compacted(librdkafka, make_topic)
    producer = librdkafka.producer(compression="zstd", linger_ms=100)
    keys = [b"%d" % (n % 7) for n in range(100)]
    values = [b"value %d" % n for n in range(100)]
    producer.send_all(compacted.topic, values, keys=keys, timestamp_ms=now_ms() - HOUR_MS)
    compacted.roll()
    expected = [(n, b"%d" % (n % 7), b"value %d" % n) for n in range(93, 100)]
    until(lambda: compacted.contents() == expected)


@check(
    ru="Надгробие: значения ключа нет, само оно остаётся на delete.retention.ms",
    en="A tombstone: the key's values are gone; itself, it stays for delete.retention.ms",
)
def test_tombstone_stays(librdkafka: Client, make_topic: MakeTopic) -> None:
    compacted = Compacted(librdkafka, make_topic, delete_retention_ms=HOUR_MS)
    compacted.write((b"1", b"a"), (b"2", b"b"), (b"1", None))
    compacted.roll()
    until(lambda: compacted.contents() == [(1, b"2", b"b"), (2, b"1", None)])
    compacted.write((b"2", b"c"))
    compacted.roll()
    until(lambda: compacted.contents() == [(2, b"1", None), (4, b"2", b"c")])


@check(
    ru="По прошествии delete.retention.ms надгробие исчезает",
    en="After delete.retention.ms a tombstone is gone",
)
def test_tombstone_goes(librdkafka: Client, make_topic: MakeTopic) -> None:
    compacted = Compacted(librdkafka, make_topic, delete_retention_ms=100)
    compacted.write((b"1", b"a"), (b"2", b"b"), (b"1", None))

    def look() -> Records:
        # A pass needs something new to compact; the first one begins the tombstone's time.
        compacted.roll()
        return compacted.contents()

    until(lambda: look() == [(1, b"2", b"b")])


@check(
    ru="min.compaction.lag.ms: свежее не уплотняется, пока рядом уплотняется",
    en="min.compaction.lag.ms: what is fresh is not compacted while it is elsewhere",
)
def test_compaction_lag(librdkafka: Client, make_topic: MakeTopic) -> None:
    lagging = Compacted(
        librdkafka,
        lambda **config: make_topic("-lagging", **config),
        min_compaction_lag_ms=24 * HOUR_MS,
    )
    other = Compacted(librdkafka, lambda **config: make_topic("-other", **config))
    for compacted in (lagging, other):
        compacted.write((b"1", b"a"), (b"1", b"b"))
        compacted.roll()
    until(lambda: other.contents() == [(1, b"1", b"b")])
    assert lagging.contents() == [(0, b"1", b"a"), (1, b"1", b"b")]


@check(
    ru="Уплотнение и транзакции: отменённое значение не вытесняет зафиксированное",
    en="Compaction and transactions: an aborted value does not replace the committed one",
)
def test_transactions(librdkafka: Client, make_topic: MakeTopic, name: str) -> None:
    compacted = Compacted(librdkafka, make_topic)
    compacted.write((b"1", b"old"))
    producer = librdkafka.producer(transactional_id=name)
    for key, value, is_good in ((b"1", b"kept", True), (b"1", b"lost", False)):
        producer.begin()
        at_ms = now_ms() - HOUR_MS
        producer.send(compacted.topic, value, key=key, timestamp_ms=at_ms)
        (producer.commit if is_good else producer.abort)()

    def look() -> list[bytes | None]:
        # The marker is of now, and so what follows has to be later than that.
        compacted.roll()
        return [value for _, _, value in compacted.contents(isolation=READ_COMMITTED)]

    until(lambda: look() == [b"kept"])


@check(
    ru="compact,delete: уплотняется, а старое удаляется",
    en="compact,delete: it is compacted, and the old is deleted",
)
def test_compact_and_delete(admin: AdminClient, librdkafka: Client, make_topic: MakeTopic) -> None:
    compacted = Compacted(librdkafka, make_topic)
    compacted.write((b"1", b"a"), (b"1", b"b"))
    compacted.roll()
    until(lambda: compacted.contents() == [(1, b"1", b"b")])
    alter(admin, compacted.topic, "cleanup.policy", "compact,delete", SET)
    alter(admin, compacted.topic, "retention.ms", "1000", SET)
    until(lambda: compacted.contents() == [])


@check(
    ru="Сообщение без ключа в уплотняемый топик: INVALID_RECORD",
    en="A message without a key to a compacted topic: INVALID_RECORD",
)
@pytest.mark.parametrize("library", ["librdkafka", "kafka-python"])
def test_no_key(clients: dict[str, Client], library: str, make_topic: MakeTopic) -> None:
    # aiokafka does not know this code.
    topic = make_topic(cleanup_policy="compact")
    producer = clients[library].producer()
    with refused(InvalidRecordError):
        producer.send(topic, b"value")
    assert producer.send(topic, b"value", key=b"key").offset == 0
