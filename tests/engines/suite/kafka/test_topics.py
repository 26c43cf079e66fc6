"""Topics through the admin clients: made, described, enlarged, deleted, and what is refused."""

import uuid
from typing import Any

import pytest
from confluent_kafka import ElectionType, KafkaException, TopicCollection, TopicPartition
from confluent_kafka.admin import AdminClient, NewPartitions, NewTopic
from kafka import KafkaAdminClient
from kafka.errors import (
    ElectionNotNeededError,
    IncompatibleBrokerVersion,
    InvalidConfigurationError,
    InvalidPartitionsError,
    InvalidReplicationAssignmentError,
    InvalidReplicationFactorError,
    InvalidTopicError,
    TopicAlreadyExistsError,
    UnknownTopicOrPartitionError,
)

from stend.kit.languages import Text
from tests.engines.suite.checks import check, refused_on_embedded
from tests.engines.suite.kafka.clients.client import Client, Partition
from tests.engines.suite.kafka.clients.librdkafka import Librdkafka
from tests.engines.suite.kafka.conftest import MakeTopic, Remove, is_known
from tests.engines.suite.kafka.refusals import done, refused
from tests.waiting import until

INTERNAL = "__consumer_offsets"


def create(admin: AdminClient, *topics: NewTopic, **how: Any) -> None:
    for one in admin.create_topics(list(topics), **how).values():
        one.result(20)


def described(admin: AdminClient, topic: str) -> Any:
    return done(admin.describe_topics(TopicCollection([topic])))


@check(
    ru="Новый топик: партиции, лидер и реплики те, что просили",
    en="A new topic: partitions, leader and replicas are the ones asked for",
)
def test_create(admin: AdminClient, make_topic: MakeTopic) -> None:
    topic = make_topic(partitions=3)
    told = described(admin, topic)
    assert told.name == topic
    assert not told.is_internal
    assert [one.id for one in told.partitions] == [0, 1, 2]
    brokers = {broker.id for broker in done_cluster(admin).nodes}
    for one in told.partitions:
        assert one.leader.id in brokers
        assert [node.id for node in one.replicas] == [one.leader.id]
        assert [node.id for node in one.isr] == [one.leader.id]


def done_cluster(admin: AdminClient) -> Any:
    return admin.describe_cluster().result(20)


@check(
    ru="Идентификатор топика: свой у каждого, у пересозданного новый",
    en="A topic id: each topic has its own, and one made anew has a new one",
)
def test_topic_id(admin: AdminClient, make_topic: MakeTopic) -> None:
    topic, other = make_topic(), make_topic("-other")
    ids = [str(described(admin, name).topic_id) for name in (topic, other)]
    done(admin.delete_topics([topic]))
    until(lambda: not is_known(admin, topic))
    make_topic()
    ids.append(str(described(admin, topic).topic_id))
    assert len(set(ids)) == 3


@check(
    ru="Без числа партиций (−1) берётся num.partitions брокера",
    en="Without a number of partitions (−1) the broker's num.partitions is taken",
)
def test_default_partitions(admin: AdminClient, name: str, remove: Remove) -> None:
    create(admin, NewTopic(remove(name)))
    until(lambda: is_known(admin, name))
    assert len(described(admin, name).partitions) == 1


@check(
    ru="Топик уже есть: TOPIC_ALREADY_EXISTS",
    en="The topic is there already: TOPIC_ALREADY_EXISTS",
)
def test_existing(admin: AdminClient, topic: str) -> None:
    with refused(TopicAlreadyExistsError, f"Topic '{topic}' already exists."):
        create(admin, NewTopic(topic, 1, 1))


@check(
    ru="Негодные имена топиков: INVALID_TOPIC_EXCEPTION",
    en="Bad names of topics: INVALID_TOPIC_EXCEPTION",
)
@pytest.mark.parametrize(
    "bad", ["", ".", "..", "a b", "кириллица", "a/b", "a" * 250], ids=lambda bad: bad[:9] or "empty"
)
def test_bad_names(pure_admin: KafkaAdminClient, bad: str) -> None:
    with refused(InvalidTopicError):
        pure_admin.create_topics({bad: {"num_partitions": 1, "replication_factor": 1}})


@check(
    ru="Имя из 249 допустимых символов годится",
    en="A name of 249 permitted characters is good",
)
def test_long_name(admin: AdminClient, remove: Remove) -> None:
    topic = remove(f"suite-{uuid.uuid4().hex}.A_z-".ljust(249, "9"))
    create(admin, NewTopic(topic, 1, 1))
    until(lambda: is_known(admin, topic))


@check(
    ru="Точка и подчёркивание — одно имя метрики: второй такой топик отвергается",
    en="A dot and an underscore make one name of a metric: the second such topic is refused",
)
def test_colliding_names(admin: AdminClient, make_topic: MakeTopic, name: str) -> None:
    make_topic(".a")
    with refused(InvalidTopicError, "collides with existing topic"):
        create(admin, NewTopic(f"{name}_a", 1, 1))


@check(
    ru="Реплик больше, чем брокеров: INVALID_REPLICATION_FACTOR",
    en="More replicas than brokers: INVALID_REPLICATION_FACTOR",
)
def test_replication_factor(admin: AdminClient, name: str) -> None:
    for factor in (7, 0):
        with refused(InvalidReplicationFactorError):
            create(admin, NewTopic(name, 1, factor))
    assert not is_known(admin, name)


@check(
    ru="Ноль партиций: INVALID_PARTITIONS",
    en="No partitions: INVALID_PARTITIONS",
)
def test_no_partitions(admin: AdminClient, name: str) -> None:
    with refused(InvalidPartitionsError):
        create(admin, NewTopic(name, 0, 1))


@check(
    ru="Реплики на неизвестном брокере: INVALID_REPLICA_ASSIGNMENT",
    en="Replicas on an unknown broker: INVALID_REPLICA_ASSIGNMENT",
)
def test_replica_assignment(admin: AdminClient, name: str) -> None:
    with refused(InvalidReplicationAssignmentError):
        create(admin, NewTopic(name, 1, replica_assignment=[[77]]))


@check(
    ru="Неизвестная настройка топика: INVALID_CONFIG, топика нет",
    en="An unknown setting of a topic: INVALID_CONFIG, and there is no topic",
)
@pytest.mark.parametrize(
    "config",
    [
        {"no.such.setting": "1"},
        {"retention.ms": "soon"},
        {"cleanup.policy": "shrink"},
        {"segment.bytes": "1"},
        {"compression.type": "rar"},
        {"min.insync.replicas": "0"},
    ],
    ids=lambda config: next(iter(config)),
)
def test_bad_config(admin: AdminClient, name: str, config: dict[str, str]) -> None:
    with refused(InvalidConfigurationError):
        create(admin, NewTopic(name, 1, 1, config=config))
    assert not is_known(admin, name)


@check(
    ru="validate_only: проверено, но не создано",
    en="validate_only: checked, but not made",
)
def test_validate_only(admin: AdminClient, name: str, topic: str) -> None:
    fresh = f"{name}-fresh"
    create(admin, NewTopic(fresh, 3, 1), validate_only=True)
    with refused(TopicAlreadyExistsError):
        create(admin, NewTopic(topic, 3, 1), validate_only=True)
    assert not is_known(admin, fresh)


@check(
    ru="Один негодный топик в запросе не мешает остальным",
    en="One bad topic of a request does not hinder the others",
)
def test_several(admin: AdminClient, name: str, topic: str, remove: Remove) -> None:
    fresh = remove(f"{name}-fresh")
    told = admin.create_topics([NewTopic(topic, 1, 1), NewTopic(fresh, 2, 1)])
    with refused(TopicAlreadyExistsError):
        told[topic].result(20)
    told[fresh].result(20)
    until(lambda: is_known(admin, fresh))
    assert len(described(admin, fresh).partitions) == 2


@check(
    ru="Удалённого топика нет; его имя можно занять, прежних сообщений в нём не будет",
    en="A deleted topic is gone; its name may be taken, and none of its messages come back",
)
def test_delete(admin: AdminClient, client: Client, make_topic: MakeTopic) -> None:
    topic = make_topic()
    client.producer().send(topic, b"old")
    done(admin.delete_topics([topic]))
    until(lambda: not is_known(admin, topic))
    make_topic()
    assert client.producer().send(topic, b"new").offset == 0
    consumer = client.consumer()
    consumer.assign(Partition(topic))
    assert consumer.values(1) == [b"new"]


@check(
    ru="Удалить топик, которого нет: UNKNOWN_TOPIC_OR_PARTITION",
    en="Deleting a topic that is not there: UNKNOWN_TOPIC_OR_PARTITION",
)
def test_delete_unknown(admin: AdminClient, name: str) -> None:
    with refused(UnknownTopicOrPartitionError):
        done(admin.delete_topics([name]))


@check(
    ru="Партиций становится больше, сообщения на месте, новые партиции пишутся и читаются",
    en="Partitions are added: the messages stay, the new partitions are written and read",
)
def test_more_partitions(admin: AdminClient, client: Client, topic: str) -> None:
    client.producer().send(topic, b"first")
    done(admin.create_partitions([NewPartitions(topic, 3)]))
    until(lambda: len(described(admin, topic).partitions) == 3)
    client.producer().send(topic, b"second", partition=2)
    consumer = client.consumer()
    consumer.assign(Partition(topic, 0), Partition(topic, 2))
    assert set(consumer.values(2)) == {b"first", b"second"}


@check(
    ru="Партиций не становится меньше или столько же: INVALID_PARTITIONS",
    en="Partitions do not become fewer or as many: INVALID_PARTITIONS",
)
@pytest.mark.parametrize("count", [1, 2])
def test_fewer_partitions(admin: AdminClient, make_topic: MakeTopic, count: int) -> None:
    topic = make_topic(partitions=2)
    with refused(InvalidPartitionsError):
        done(admin.create_partitions([NewPartitions(topic, count)]))
    assert len(described(admin, topic).partitions) == 2


@check(
    ru="Добавить партиции только для проверки или неизвестному топику",
    en="Partitions added for validation only, or to an unknown topic",
)
def test_partitions_validated(admin: AdminClient, topic: str, name: str) -> None:
    done(admin.create_partitions([NewPartitions(topic, 5)], validate_only=True))
    assert len(described(admin, topic).partitions) == 1
    with refused(UnknownTopicOrPartitionError):
        done(admin.create_partitions([NewPartitions(f"{name}-none", 5)]))


@check(
    ru="Описание топика, которого нет: UNKNOWN_TOPIC_OR_PARTITION, и он не появляется",
    en="Describing a topic that is not there: UNKNOWN_TOPIC_OR_PARTITION; it does not appear",
)
def test_describe_unknown(admin: AdminClient, name: str) -> None:
    for _ in range(2):
        with refused(UnknownTopicOrPartitionError):
            described(admin, name)


@check(
    ru="Список топиков: созданные в нём есть и не помечены как внутренние",
    en="The list of topics: those that were made are in it, and are not marked as internal",
)
def test_list(pure_admin: KafkaAdminClient, make_topic: MakeTopic) -> None:
    topics = {make_topic("-a"), make_topic("-b")}
    assert topics <= set(pure_admin.list_topics())
    internal = {one["name"] for one in pure_admin.describe_topics() if one["is_internal"]}
    assert not internal & topics


@refused_on_embedded(
    Text(
        ru="Служебных топиков нет: смещения групп лежат в журнале брокера",
        en="There are no internal topics: offsets of groups are in the broker's journal",
    ),
    raises=KafkaException,
)
@check(
    ru="Смещения групп лежат во внутреннем топике __consumer_offsets",
    en="Offsets of groups are in the internal topic __consumer_offsets",
)
def test_internal_topic(admin: AdminClient, librdkafka: Librdkafka, topic: str, group: str) -> None:
    # The first group of a broker makes it.
    librdkafka.consumer(group=group).committed(Partition(topic))
    assert described(admin, INTERNAL).is_internal


@check(
    ru="Описание кластера: идентификатор, контроллер и адрес брокера",
    en="The cluster described: its id, the controller and the broker's address",
)
def test_describe_cluster(admin: AdminClient, bootstrap: str) -> None:
    told = done_cluster(admin)
    # 16 octets in base 64, as topic ids are written.
    assert len(told.cluster_id) == 22
    assert told.controller.id in {node.id for node in told.nodes}
    assert bootstrap in {f"{node.host}:{node.port}" for node in told.nodes}


@check(
    ru="DescribeLogDirs: размер партиции на диске растёт с тем, что записано",
    en="DescribeLogDirs: the size of a partition on disk grows with what is written",
)
def test_log_dirs(pure_admin: KafkaAdminClient, librdkafka: Librdkafka, topic: str) -> None:
    def size() -> int:
        (folder,) = pure_admin.describe_log_dirs({topic: [0]})[0]["log_dirs"]
        (told,) = folder["topics"]
        return int(told["partitions"][0]["partition_size"])

    assert size() == 0
    librdkafka.producer().send(topic, bytes(5_000))
    assert 5_000 < size() < 6_000


@check(
    ru="Выборы лидера не нужны: ELECTION_NOT_NEEDED",
    en="An election of a leader is not needed: ELECTION_NOT_NEEDED",
)
def test_elect_leaders(admin: AdminClient, topic: str) -> None:
    place = TopicPartition(topic, 0)
    told = admin.elect_leaders(ElectionType.PREFERRED, [place]).result(20)
    assert told[place].code() == ElectionNotNeededError.errno


@refused_on_embedded(
    Text(
        ru="Партиции не переносятся между брокерами, и список переносов не объявлен",
        en="Partitions are not moved between brokers, and the list of moves is not told",
    ),
    raises=IncompatibleBrokerVersion,
)
@check(
    ru="Список переносов партиций между брокерами пуст",
    en="The list of partitions on their way between brokers is empty",
)
def test_reassignments(pure_admin: KafkaAdminClient) -> None:
    assert pure_admin.list_partition_reassignments() == {}
