"""aiokafka's admin client: older requests than the others', and their answers as they come."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic, RecordsToDelete
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from kafka.errors import (
    InvalidConfigurationError,
    InvalidPartitionsError,
    TopicAlreadyExistsError,
    UnknownTopicOrPartitionError,
)

from tests.engines.suite.checks import check
from tests.engines.suite.kafka.clients.client import Client, Committed, Partition
from tests.engines.suite.kafka.conftest import MakeTopic, Remove
from tests.engines.suite.kafka.refusals import refused
from tests.engines.suite.kafka.test_groups import settled


@pytest.fixture
async def aio_admin(bootstrap: str) -> AsyncIterator[Any]:
    client = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await client.start()
    yield client
    await client.close()


async def own_settings(admin: Any, topic: str) -> dict[str, str]:
    """Those that the topic has of its own."""
    (told,) = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
    (resource,) = told.to_object()["resources"]
    return {
        one["config_names"]: one["config_value"]
        for one in resource["config_entries"]
        if one["config_source"] == 1
    }


@check(
    ru="aiokafka: топики создаются и удаляются, ошибки — в ответе",
    en="aiokafka: topics are made and deleted, errors are in the answer",
)
async def test_topics(aio_admin: Any, name: str, remove: Remove) -> None:
    topic = NewTopic(remove(name), 3, 1)
    codes = []
    for _ in range(2):
        told = (await aio_admin.create_topics([topic])).to_object()
        codes.append(told["topic_errors"][0]["error_code"])
    for _ in range(2):
        told = (await aio_admin.delete_topics([name])).to_object()
        codes.append(told["topic_error_codes"][0]["error_code"])
    assert codes == [0, TopicAlreadyExistsError.errno, 0, UnknownTopicOrPartitionError.errno]


@check(
    ru="aiokafka: описание топиков и кластера",
    en="aiokafka: topics and the cluster described",
)
async def test_describe(aio_admin: Any, make_topic: MakeTopic) -> None:
    topic = make_topic(partitions=2)
    assert topic in await aio_admin.list_topics()
    (told,) = await aio_admin.describe_topics([topic])
    assert sorted(one["partition"] for one in told["partitions"]) == [0, 1]
    cluster = await aio_admin.describe_cluster()
    assert cluster["controller_id"] in {broker["node_id"] for broker in cluster["brokers"]}


@check(
    ru="AlterConfigs заменяет все настройки топика разом",
    en="AlterConfigs replaces all settings of a topic at once",
)
async def test_alter_configs(aio_admin: Any, make_topic: MakeTopic) -> None:
    topic = make_topic(segment_ms=60_000, retention_ms=60_000)
    wanted = ConfigResource(ConfigResourceType.TOPIC, topic, {"retention.ms": "120000"})
    (told,) = await aio_admin.alter_configs([wanted])
    assert told.to_object()["resources"][0]["error_code"] == 0
    bad = ConfigResource(ConfigResourceType.TOPIC, topic, {"retention.ms": "soon"})
    (told,) = await aio_admin.alter_configs([bad])
    assert told.to_object()["resources"][0]["error_code"] == InvalidConfigurationError.errno
    while "segment.ms" in (found := await own_settings(aio_admin, topic)):
        continue
    assert found == {"retention.ms": "120000"}


@check(
    ru="aiokafka: партиций становится больше, но не меньше",
    en="aiokafka: partitions become more, but not fewer",
)
async def test_partitions(aio_admin: Any, make_topic: MakeTopic) -> None:
    topic = make_topic(partitions=2)
    await aio_admin.create_partitions({topic: NewPartitions(3)})
    with refused(InvalidPartitionsError, "currently has 3 partition(s); 1 would not be"):
        await aio_admin.create_partitions({topic: NewPartitions(1)})


@check(
    ru="aiokafka: удаление записей отвечает новым началом партиции",
    en="aiokafka: deleting records answers with the new beginning of the partition",
)
async def test_delete_records(aio_admin: Any, librdkafka: Client, topic: str) -> None:
    librdkafka.producer().send_all(topic, [b""] * 5)
    place = TopicPartition(topic, 0)
    assert await aio_admin.delete_records({place: RecordsToDelete(3)}) == {place: 3}


@check(
    ru="aiokafka: группа в списке, её смещения и описание",
    en="aiokafka: a group in the list, its offsets and its description",
)
async def test_groups(aio_admin: Any, librdkafka: Client, topic: str, group: str) -> None:
    member = librdkafka.consumer(topic, group=group)
    settled([member], [1])
    member.commit({Partition(topic): Committed(2, "two")})
    assert (group, "consumer") in await aio_admin.list_consumer_groups()
    offsets = await aio_admin.list_consumer_group_offsets(group)
    assert offsets[TopicPartition(topic, 0)].offset == 2
    (told,) = await aio_admin.describe_consumer_groups([group])
    (described,) = told.to_object()["groups"]
    assert (described["state"], described["protocol"]) == ("Stable", "range")
    assert len(described["members"]) == 1
