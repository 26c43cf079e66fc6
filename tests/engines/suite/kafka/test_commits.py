"""Committed offsets: kept by the broker for a group, read by whoever comes next."""

from typing import Any

import pytest
from confluent_kafka import ConsumerGroupTopicPartitions, TopicPartition
from confluent_kafka.admin import AdminClient
from kafka import KafkaAdminClient, OffsetAndMetadata
from kafka import TopicPartition as PyPartition
from kafka.errors import (
    GroupIdNotFoundError,
    GroupSubscribedToTopicError,
    NonEmptyGroupError,
    OffsetMetadataTooLargeError,
    UnknownMemberIdError,
    UnknownTopicOrPartitionError,
)

from tests.engines.suite.checks import check
from tests.engines.suite.kafka.clients.client import Client, Committed, Partition
from tests.engines.suite.kafka.clients.librdkafka import Librdkafka
from tests.engines.suite.kafka.conftest import MakeTopic
from tests.engines.suite.kafka.refusals import done, refused
from tests.engines.suite.kafka.test_offsets import fill, numbers
from tests.waiting import until


@check(
    ru="Сохранённое смещение: следующий потребитель группы продолжает с него",
    en="A committed offset: the next consumer of the group goes on from it",
)
def test_resume(client: Client, topic: str, group: str) -> None:
    fill(client, topic)
    first = client.consumer(topic, group=group)
    first.take(10)
    first.commit({Partition(topic): Committed(4)})
    first.close()
    second = client.consumer(topic, group=group)
    assert second.values(6) == numbers(4, 10)


@check(
    ru="commit без смещений сохраняет позицию",
    en="A commit without offsets keeps the position",
)
def test_commit_of_the_position(client: Client, topic: str, group: str) -> None:
    fill(client, topic)
    consumer = client.consumer(topic, group=group)
    consumer.take(10)
    consumer.commit()
    assert consumer.committed(Partition(topic)) == Committed(10)


@check(
    ru="Ничего не сохранено: у группы нет смещения",
    en="Nothing was committed: the group has no offset",
)
def test_nothing_committed(client: Client, topic: str, group: str) -> None:
    consumer = client.consumer(topic, group=group)
    assert consumer.committed(Partition(topic)) is None


@check(
    ru="Смещение можно сохранить без членства в группе",
    en="An offset can be committed without being a member of the group",
)
def test_commit_without_membership(client: Client, topic: str, group: str) -> None:
    fill(client, topic)
    consumer = client.consumer(group=group)
    consumer.assign(Partition(topic))
    consumer.commit({Partition(topic): Committed(7)})
    consumer.close()
    assert client.consumer(topic, group=group).values(3) == numbers(7, 10)


@check(
    ru="Метаданные сохраняются вместе со смещением",
    en="Metadata is kept together with the offset",
)
@pytest.mark.parametrize("library", ["librdkafka", "kafka-python"])
def test_metadata(clients: dict[str, Client], library: str, topic: str, group: str) -> None:
    consumer = clients[library].consumer(group=group)
    consumer.assign(Partition(topic))
    consumer.commit({Partition(topic): Committed(3, "шаг 3")})
    assert consumer.committed(Partition(topic)) == Committed(3, "шаг 3")


@check(
    ru="Метаданные длиннее 4096: OFFSET_METADATA_TOO_LARGE, прежнее смещение остаётся",
    en="Metadata above 4096: OFFSET_METADATA_TOO_LARGE, the offset before stays",
)
def test_metadata_too_large(clients: dict[str, Client], topic: str, group: str) -> None:
    # confluent-kafka sends a zero octet after it, which counts.
    consumer = clients["kafka-python"].consumer(group=group)
    place = Partition(topic)
    consumer.assign(place)
    consumer.commit({place: Committed(1, "x" * 4_096)})
    with refused(OffsetMetadataTooLargeError):
        consumer.commit({place: Committed(2, "x" * 4_097)})
    assert consumer.committed(place) == Committed(1, "x" * 4_096)


@check(
    ru="Группы независимы: у каждой своё смещение",
    en="Groups are independent: each has its own offset",
)
def test_groups_are_independent(librdkafka: Librdkafka, topic: str, group: str) -> None:
    place = Partition(topic)
    one, other = (librdkafka.consumer(group=name) for name in (group, f"{group}-other"))
    one.commit({place: Committed(5)})
    assert other.committed(place) is None
    assert one.committed(place) == Committed(5)


@check(
    ru="Смещение меньше прежнего и больше конца партиции тоже сохраняется",
    en="An offset below the one before, or past the end, is kept as well",
)
def test_any_offset_is_kept(librdkafka: Librdkafka, topic: str, group: str) -> None:
    place = Partition(topic)
    consumer = librdkafka.consumer(group=group)
    for offset in (100, 3, 1_000_000_000_000):
        consumer.commit({place: Committed(offset)})
        assert consumer.committed(place) == Committed(offset)


@check(
    ru="Асинхронный commit: ответ приходит в обратный вызов",
    en="An asynchronous commit: the answer comes to the callback",
)
def test_asynchronous_commit(librdkafka: Librdkafka, topic: str, group: str) -> None:
    told: list[Any] = []
    consumer = librdkafka.consumer_with(
        settings={"on_commit": lambda error, places: told.append((error, places[0].offset))},
        group=group,
    )
    consumer.raw.commit(offsets=[TopicPartition(topic, 0, 4)], asynchronous=True)
    until(lambda: consumer.poll(0.05) or told)
    assert told == [(None, 4)]


@check(
    ru="Автоматический commit при закрытии: прочитанное не приходит снова",
    en="The automatic commit on closing: what was read does not come again",
)
def test_auto_commit(librdkafka: Librdkafka, topic: str, group: str) -> None:
    fill(librdkafka, topic)
    first = librdkafka.consumer_with(topic, settings={"enable.auto.commit": True}, group=group)
    first.take(10)
    first.close()
    consumer = librdkafka.consumer(group=group)
    assert consumer.committed(Partition(topic)) == Committed(10)


@check(
    ru="Смещения группы через админ-клиента: прочитать и изменить",
    en="Offsets of a group through the admin client: read and altered",
)
def test_alter_offsets(admin: AdminClient, make_topic: MakeTopic, group: str) -> None:
    topic = make_topic(partitions=2)
    given = [TopicPartition(topic, 0, 3), TopicPartition(topic, 1, 8)]
    altered = done(admin.alter_consumer_group_offsets([ConsumerGroupTopicPartitions(group, given)]))
    assert [place.error for place in altered.topic_partitions] == [None, None]
    told = done(admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(group)]))
    found = [(place.topic, place.partition, place.offset) for place in told.topic_partitions]
    assert sorted(found) == [(topic, 0, 3), (topic, 1, 8)]


@check(
    ru="Смещения группы, в которой есть члены, чужой не изменит: UNKNOWN_MEMBER_ID",
    en="Offsets of a group with members are not altered by others: UNKNOWN_MEMBER_ID",
)
def test_alter_offsets_of_a_living_group(
    admin: AdminClient, client: Client, topic: str, group: str
) -> None:
    fill(client, topic)
    member = client.consumer(topic, group=group)
    member.take(10)
    wanted = ConsumerGroupTopicPartitions(group, [TopicPartition(topic, 0, 1)])
    told = done(admin.alter_consumer_group_offsets([wanted]))
    assert told.topic_partitions[0].error.code() == UnknownMemberIdError.errno
    assert member.committed(Partition(topic)) is None


@check(
    ru="Смещение несуществующей партиции: UNKNOWN_TOPIC_OR_PARTITION",
    en="An offset of a partition that is not there: UNKNOWN_TOPIC_OR_PARTITION",
)
def test_offset_of_an_unknown_partition(librdkafka: Librdkafka, topic: str, group: str) -> None:
    consumer = librdkafka.consumer(group=group)
    with refused(UnknownTopicOrPartitionError):
        consumer.commit({Partition(topic, 5): Committed(1)})


@check(
    ru="Удаление смещений: партиция снова без смещения, остальные целы",
    en="Offsets deleted: the partition has none again, the others are whole",
)
def test_delete_offsets(
    pure_admin: KafkaAdminClient, librdkafka: Librdkafka, make_topic: MakeTopic, group: str
) -> None:
    topic = make_topic(partitions=2)
    zero, one = Partition(topic, 0), Partition(topic, 1)
    consumer = librdkafka.consumer(group=group)
    consumer.commit({zero: Committed(3), one: Committed(4)})
    pure_admin.delete_group_offsets(group, [PyPartition(*zero)])
    assert consumer.committed(zero) is None
    assert consumer.committed(one) == Committed(4)


@check(
    ru="Удалить смещения топика, на который группа подписана: GROUP_SUBSCRIBED_TO_TOPIC",
    en="Deleting offsets of a topic that the group is subscribed to: GROUP_SUBSCRIBED_TO_TOPIC",
)
def test_delete_offsets_of_a_living_group(
    pure_admin: KafkaAdminClient, client: Client, topic: str, group: str
) -> None:
    fill(client, topic)
    member = client.consumer(topic, group=group)
    member.take(10)
    member.commit()
    place = PyPartition(topic, 0)
    told = pure_admin.delete_group_offsets(group, [place])
    assert told == {place: GroupSubscribedToTopicError}
    assert member.committed(Partition(topic)) == Committed(10)


@check(
    ru="Удалить смещения группы, которой нет: GROUP_ID_NOT_FOUND",
    en="Deleting offsets of a group that is not there: GROUP_ID_NOT_FOUND",
)
def test_delete_offsets_of_no_group(pure_admin: KafkaAdminClient, topic: str, group: str) -> None:
    with refused(GroupIdNotFoundError):
        pure_admin.delete_group_offsets(group, [PyPartition(topic, 0)])


@check(
    ru="Удаление группы стирает её смещения; с членами — NON_EMPTY_GROUP",
    en="Deleting a group erases its offsets; with members it is NON_EMPTY_GROUP",
)
def test_delete_group(admin: AdminClient, client: Client, topic: str, group: str) -> None:
    fill(client, topic)
    member = client.consumer(topic, group=group)
    member.take(10)
    member.commit()
    with refused(NonEmptyGroupError):
        done(admin.delete_consumer_groups([group]))
    member.close()
    done(admin.delete_consumer_groups([group]))
    with refused(GroupIdNotFoundError):
        done(admin.delete_consumer_groups([group]))
    assert client.consumer(group=group).committed(Partition(topic)) is None


@check(
    ru="Удаление топика стирает его смещения у групп",
    en="Deleting a topic erases its offsets in groups",
)
def test_deleted_topic(
    admin: AdminClient, librdkafka: Librdkafka, make_topic: MakeTopic, group: str
) -> None:
    topic, kept = make_topic(), make_topic("-kept")
    consumer = librdkafka.consumer(group=group)
    consumer.commit({Partition(topic): Committed(3), Partition(kept): Committed(4)})
    done(admin.delete_topics([topic]))

    def left() -> list[tuple[str, int]]:
        told = done(admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(group)]))
        return [(place.topic, place.offset) for place in told.topic_partitions]

    until(lambda: left() == [(kept, 4)])


@check(
    ru="kafka-python: сдвиг смещений группы на начало и на конец",
    en="kafka-python: offsets of a group reset to the beginning and to the end",
)
def test_alter_offsets_by_kafka_python(
    pure_admin: KafkaAdminClient, librdkafka: Librdkafka, topic: str, group: str
) -> None:
    place = PyPartition(topic, 0)
    pure_admin.alter_group_offsets(group, {place: OffsetAndMetadata(4, "by hand", -1)})
    told = pure_admin.list_group_offsets({group: [place]})[group][place]
    assert (told.offset, told.metadata) == (4, "by hand")
    assert librdkafka.consumer(group=group).committed(Partition(topic)) == Committed(4, "by hand")
