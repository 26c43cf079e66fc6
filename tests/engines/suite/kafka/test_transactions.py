"""Transactions: what is seen of them, by whom, and who may end them."""

from confluent_kafka import IsolationLevel, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec
from kafka import KafkaAdminClient
from kafka import TopicPartition as PyPartition
from kafka.errors import InvalidTransactionTimeoutError, TransactionalIdNotFoundError

from tests.engines.suite.checks import check
from tests.engines.suite.kafka.clients.client import (
    READ_COMMITTED,
    READ_UNCOMMITTED,
    Client,
    Consumer,
    Partition,
)
from tests.engines.suite.kafka.conftest import MakeTopic
from tests.engines.suite.kafka.refusals import done, fenced, refused
from tests.waiting import until


def reader(client: Client, topic: str, isolation: str = READ_COMMITTED) -> Consumer:
    """Reads the topic's first partition from its beginning."""
    consumer = client.consumer(isolation=isolation)
    consumer.assign(Partition(topic))
    return consumer


def last_stable(admin: AdminClient, topic: str) -> tuple[int, int]:
    """The ends of partition 0 for read_committed and for read_uncommitted."""
    place = TopicPartition(topic, 0)
    levels = (IsolationLevel.READ_COMMITTED, IsolationLevel.READ_UNCOMMITTED)
    told = [
        done(admin.list_offsets({place: OffsetSpec.latest()}, isolation_level=level))
        for level in levels
    ]
    return told[0].offset, told[1].offset


@check(
    ru="Транзакция видна читателю read_committed целиком, когда зафиксирована",
    en="A transaction is seen by a read_committed reader as a whole, once it is committed",
)
def test_commit(client: Client, topic: str, name: str) -> None:
    consumer = reader(client, topic)
    producer = client.producer(transactional_id=name)
    producer.begin()
    producer.send_all(topic, [b"a", b"b", b"c"])
    consumer.silent()
    producer.commit()
    assert consumer.values(3) == [b"a", b"b", b"c"]


@check(
    ru="Отменённая транзакция не видна read_committed и видна read_uncommitted",
    en="An aborted transaction is not seen by read_committed, and is by read_uncommitted",
)
def test_abort(client: Client, topic: str, name: str) -> None:
    producer = client.producer(transactional_id=name)
    producer.begin()
    producer.send_all(topic, [b"lost", b"too"])
    producer.abort()
    producer.begin()
    producer.send(topic, b"kept")
    producer.commit()
    assert reader(client, topic).values(1) == [b"kept"]
    all_of_them = reader(client, topic, READ_UNCOMMITTED)
    assert all_of_them.values(3) == [b"lost", b"too", b"kept"]


@check(
    ru="Открытая транзакция задерживает read_committed, и то, что написано после неё, тоже",
    en="An open transaction holds back read_committed, and what was written after it as well",
)
def test_open_transaction(client: Client, topic: str, name: str) -> None:
    producer, plain = client.producer(transactional_id=name), client.producer()
    plain.send(topic, b"before")
    producer.begin()
    producer.send(topic, b"inside")
    plain.send(topic, b"after")
    consumer = reader(client, topic)
    assert consumer.values(1) == [b"before"]
    consumer.silent()
    assert len(reader(client, topic, READ_UNCOMMITTED).take(3)) == 3
    producer.commit()
    assert consumer.values(2) == [b"inside", b"after"]


@check(
    ru="Последнее устойчивое смещение: начало самой старой открытой транзакции",
    en="The last stable offset: the beginning of the oldest open transaction",
)
def test_last_stable_offset(admin: AdminClient, librdkafka: Client, topic: str, name: str) -> None:
    first, second = (librdkafka.producer(transactional_id=f"{name}-{n}") for n in (1, 2))
    librdkafka.producer().send(topic, b"")
    for producer in (first, second):
        producer.begin()
        producer.send(topic, b"")
    assert last_stable(admin, topic) == (1, 3)
    first.abort()
    # Its marker has an offset of its own.
    until(lambda: last_stable(admin, topic) == (2, 4))
    second.commit()
    until(lambda: last_stable(admin, topic) == (5, 5))


@check(
    ru="Отметка конца транзакции занимает смещение, но читателю не видна",
    en="The marker of a transaction's end takes an offset, but readers do not see it",
)
def test_marker(client: Client, topic: str, name: str) -> None:
    producer = client.producer(transactional_id=name)
    for value in (b"a", b"b"):
        producer.begin()
        producer.send(topic, value)
        producer.commit()
    consumer = reader(client, topic)
    assert [(one.offset, one.value) for one in consumer.take(2)] == [(0, b"a"), (2, b"b")]
    consumer.silent()
    assert consumer.position(Partition(topic)) == 4


@check(
    ru="Транзакция в нескольких топиках и партициях — одно целое",
    en="A transaction over several topics and partitions is one whole",
)
def test_several_partitions(client: Client, make_topic: MakeTopic, name: str) -> None:
    topics = [make_topic(f"-{end}", partitions=2) for end in "ab"]
    places = [Partition(topic, number) for topic in topics for number in (0, 1)]
    consumer = client.consumer(isolation=READ_COMMITTED)
    consumer.assign(*places)
    producer = client.producer(transactional_id=name)
    for is_good in (False, True):
        producer.begin()
        for place in places:
            producer.send(place.topic, b"%d" % is_good, partition=place.number)
        consumer.silent()
        (producer.commit if is_good else producer.abort)()
    got = consumer.take(4)
    assert {one.partition for one in got} == set(places)
    assert {one.value for one in got} == {b"1"}


@check(
    ru="Перемешанные транзакции: у читателя только зафиксированные, по порядку",
    en="Transactions interleaved: a reader has the committed ones only, in order",
)
def test_interleaved(client: Client, topic: str, name: str) -> None:
    good, bad = (client.producer(transactional_id=f"{name}-{end}") for end in "gb")
    for round_number in range(3):
        good.begin()
        bad.begin()
        for number in range(2):
            good.send(topic, b"good %d-%d" % (round_number, number))
            bad.send(topic, b"bad")
        bad.abort()
        good.commit()
    expected = [b"good %d-%d" % (n, m) for n in range(3) for m in range(2)]
    assert reader(client, topic).values(6) == expected


@check(
    ru="Пустая транзакция фиксируется и отменяется",
    en="An empty transaction is committed, and aborted",
)
def test_empty(client: Client, topic: str, name: str) -> None:
    producer = client.producer(transactional_id=name)
    for end in (producer.commit, producer.abort):
        producer.begin()
        end()
    producer.begin()
    assert producer.send(topic, b"first").offset == 0
    producer.commit()


@check(
    ru="Новый производитель с тем же transactional.id отменяет транзакцию прежнего",
    en="A new producer with the same transactional.id aborts the transaction of the former",
)
def test_takeover(client: Client, topic: str, name: str) -> None:
    former = client.producer(transactional_id=name)
    former.begin()
    former.send(topic, b"lost")
    latter = client.producer(transactional_id=name)
    latter.begin()
    latter.send(topic, b"kept")
    latter.commit()
    assert reader(client, topic).values(1) == [b"kept"]


@check(
    ru="Прежний производитель с тем же transactional.id отгорожен: его фиксация — ошибка",
    en="The former producer with the same transactional.id is fenced: its commit is an error",
)
def test_fenced_on_commit(client: Client, topic: str, name: str) -> None:
    former = client.producer(transactional_id=name)
    former.begin()
    former.send(topic, b"lost")
    client.producer(transactional_id=name)
    with fenced():
        former.commit()
    assert reader(client, topic, READ_UNCOMMITTED).values(1) == [b"lost"]


@check(
    ru="Отгороженный производитель больше ничего не запишет",
    en="A fenced producer writes nothing any more",
)
def test_fenced_on_send(client: Client, topic: str, name: str) -> None:
    former = client.producer(transactional_id=name)
    former.begin()
    former.send(topic, b"lost")
    client.producer(transactional_id=name)
    with fenced():
        former.send(topic, b"late")
        former.commit()
    consumer = reader(client, topic, READ_UNCOMMITTED)
    assert consumer.values(1) == [b"lost"]
    consumer.silent()


@check(
    ru="Транзакция, которая длится дольше своего предела, отменяется брокером",
    en="A transaction that lasts longer than its limit is aborted by the broker",
)
def test_timeout(client: Client, topic: str, name: str) -> None:
    producer = client.producer(transactional_id=name, transaction_timeout_ms=1_000)
    producer.begin()
    producer.send(topic, b"lost")
    client.producer().send(topic, b"after")
    assert reader(client, topic).values(1) == [b"after"]
    with fenced():
        producer.commit()


@check(
    ru="Предел транзакции больше разрешённого: INVALID_TRANSACTION_TIMEOUT",
    en="A limit of a transaction above what is permitted: INVALID_TRANSACTION_TIMEOUT",
)
def test_timeout_too_large(librdkafka: Client, name: str) -> None:
    with refused(InvalidTransactionTimeoutError):
        librdkafka.producer(transactional_id=name, transaction_timeout_ms=900_001)


@check(
    ru="Транзакции видны админ-клиенту: состояние, предел, партиции",
    en="Transactions are seen by the admin client: state, limit, partitions",
)
def test_described(pure_admin: KafkaAdminClient, librdkafka: Client, topic: str, name: str) -> None:
    def state() -> str:
        return str(pure_admin.describe_transactions([name])[name].state.value)

    producer = librdkafka.producer(transactional_id=name, transaction_timeout_ms=20_000)
    assert state() == "Empty"
    producer.begin()
    producer.send(topic, b"")
    told = pure_admin.describe_transactions([name])[name]
    assert told.state.value == "Ongoing"
    assert told.transaction_timeout_ms == 20_000
    assert told.topic_partitions == {PyPartition(topic, 0)}
    producer.commit()
    until(lambda: state() == "CompleteCommit")
    producer.begin()
    producer.send(topic, b"")
    producer.abort()
    until(lambda: state() == "CompleteAbort")


@check(
    ru="Список транзакций отбирается по состоянию",
    en="The list of transactions is filtered by state",
)
def test_listed(pure_admin: KafkaAdminClient, librdkafka: Client, topic: str, name: str) -> None:
    def listed(state: str) -> bool:
        told = pure_admin.list_transactions(state_filters=[state])
        return name in {one.transactional_id for rows in told.values() for one in rows}

    producer = librdkafka.producer(transactional_id=name)
    producer.begin()
    producer.send(topic, b"")
    assert (listed("Ongoing"), listed("CompleteCommit")) == (True, False)
    producer.commit()
    until(lambda: listed("CompleteCommit"))
    assert not listed("Ongoing")


@check(
    ru="Описание неизвестного transactional.id: TRANSACTIONAL_ID_NOT_FOUND",
    en="Describing an unknown transactional.id: TRANSACTIONAL_ID_NOT_FOUND",
)
def test_unknown_id(pure_admin: KafkaAdminClient, name: str) -> None:
    with refused(TransactionalIdNotFoundError):
        pure_admin.describe_transactions([name])


@check(
    ru="Производители партиции: номер, эпоха, последний номер сообщения, начало транзакции",
    en="Producers of a partition: id, epoch, last sequence, the start of the transaction",
)
def test_producers(pure_admin: KafkaAdminClient, librdkafka: Client, topic: str, name: str) -> None:
    producer = librdkafka.producer(transactional_id=name)
    place = PyPartition(topic, 0)
    producer.begin()
    producer.send_all(topic, [b"", b"", b""])
    (told,) = pure_admin.describe_producers([place])[place].active_producers
    described = pure_admin.describe_transactions([name])[name]
    assert (told.producer_id, told.producer_epoch) == (
        described.producer_id,
        described.producer_epoch,
    )
    assert (told.last_sequence, told.current_transaction_start_offset) == (2, 0)
    producer.commit()

    def is_idle() -> bool:
        (one,) = pure_admin.describe_producers([place])[place].active_producers
        return bool(one.current_transaction_start_offset == -1)

    until(is_idle)
