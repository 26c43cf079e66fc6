"""Offsets that are committed as a part of a transaction: read, transform, write, exactly once."""

from collections import Counter

from confluent_kafka import ConsumerGroupTopicPartitions
from confluent_kafka.admin import AdminClient

from tests.engines.suite.checks import check
from tests.engines.suite.kafka.clients.client import READ_COMMITTED, Client, Committed, Partition
from tests.engines.suite.kafka.conftest import MakeTopic
from tests.engines.suite.kafka.refusals import done
from tests.engines.suite.kafka.test_offsets import fill, numbers
from tests.engines.suite.kafka.test_transactions import reader
from tests.waiting import until


def stored(admin: AdminClient, group: str) -> dict[Partition, int]:
    """What the group has committed, asked without waiting for open transactions."""
    told = done(admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(group)]))
    return {
        Partition(place.topic, place.partition): place.offset for place in told.topic_partitions
    }


@check(
    ru="Смещения в транзакции сохраняются вместе с ней, не раньше",
    en="Offsets in a transaction are committed together with it, not before",
)
def test_commit(admin: AdminClient, client: Client, topic: str, group: str, name: str) -> None:
    fill(client, topic)
    place = Partition(topic)
    consumer = client.consumer(topic, group=group)
    consumer.take(10)
    producer = client.producer(transactional_id=name)
    producer.begin()
    producer.send_offsets({place: 6}, consumer)
    assert stored(admin, group) == {}
    producer.commit()
    # A commit is answered when it is decided; that it is written everywhere comes after.
    until(lambda: consumer.committed(place) == Committed(6))


@check(
    ru="Смещения отменённой транзакции забыты, прежние остаются",
    en="Offsets of an aborted transaction are forgotten; those before stay",
)
def test_abort(admin: AdminClient, client: Client, topic: str, group: str, name: str) -> None:
    fill(client, topic)
    place = Partition(topic)
    consumer = client.consumer(topic, group=group)
    consumer.take(10)
    consumer.commit({place: Committed(2)})
    producer = client.producer(transactional_id=name)
    producer.begin()
    producer.send_offsets({place: 6}, consumer)
    producer.abort()
    assert consumer.committed(place) == Committed(2)
    assert stored(admin, group) == {place: 2}


@check(
    ru="Прочитать, преобразовать, записать: после сбоя каждое сообщение ровно один раз",
    en="Read, transform, write: after a failure each message exactly once",
)
def test_exactly_once(client: Client, make_topic: MakeTopic, group: str, name: str) -> None:
    source, target = make_topic("-source"), make_topic("-target")
    place = Partition(source)
    fill(client, source, 30)

    def transform(start: int, end: int, *, is_broken: bool) -> None:
        """One life of the worker: what it reads it writes to the other topic."""
        consumer = client.consumer(source, group=group, isolation=READ_COMMITTED)
        producer = client.producer(transactional_id=name)
        producer.begin()
        for message in consumer.take(30 - start)[: end - start]:
            producer.send(target, message.value)
        producer.send_offsets({place: end}, consumer)
        if not is_broken:
            producer.commit()
            until(lambda: consumer.committed(place) == Committed(end))
        consumer.close()

    transform(0, 10, is_broken=False)
    # Dies before it commits: the next one with its transactional id aborts what it has done.
    transform(10, 25, is_broken=True)
    transform(10, 30, is_broken=False)
    got = reader(client, target).values(30)
    assert Counter(got) == Counter(numbers(0, 30))


@check(
    ru="Новый читатель ждёт конца транзакции со смещениями и начинает с верного места",
    en="A new reader waits for the end of a transaction with offsets, and begins where it should",
)
def test_pending_offsets(clients: dict[str, Client], topic: str, group: str, name: str) -> None:
    client = clients["librdkafka"]
    fill(client, topic)
    consumer = client.consumer(topic, group=group, isolation=READ_COMMITTED)
    consumer.take(10)
    producer = client.producer(transactional_id=name)
    producer.begin()
    producer.send_offsets({Partition(topic): 7}, consumer)
    consumer.close()
    following = client.consumer(topic, group=group, isolation=READ_COMMITTED)
    following.work(1)
    assert following.forget() == []
    producer.commit()
    assert following.values(3) == numbers(7, 10)
