"""Settings of topics and of the broker: read, altered, validated."""

from typing import Any

import pytest
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    ConfigSource,
)
from kafka import KafkaAdminClient
from kafka.admin import ConfigResource as PyResource
from kafka.admin import ConfigResourceType as PyType
from kafka.errors import InvalidConfigurationError, UnknownTopicOrPartitionError

from tests.engines.suite.checks import check
from tests.engines.suite.kafka.clients.librdkafka import Librdkafka
from tests.engines.suite.kafka.conftest import MakeTopic
from tests.engines.suite.kafka.refusals import done, refused
from tests.waiting import until

SET, DELETE = AlterConfigOpType.SET, AlterConfigOpType.DELETE
APPEND, SUBTRACT = AlterConfigOpType.APPEND, AlterConfigOpType.SUBTRACT
# What Kafka 4 says of a topic with no settings of its own.
DEFAULTS = {
    "cleanup.policy": "delete",
    "compression.type": "producer",
    "delete.retention.ms": "86400000",
    "max.message.bytes": "1048588",
    "message.timestamp.type": "CreateTime",
    "min.cleanable.dirty.ratio": "0.5",
    "min.compaction.lag.ms": "0",
    "min.insync.replicas": "1",
    "retention.bytes": "-1",
    "retention.ms": "604800000",
    "segment.bytes": "1073741824",
    "segment.ms": "604800000",
}


def of_topic(topic: str, *entries: ConfigEntry) -> ConfigResource:
    return ConfigResource(ConfigResource.Type.TOPIC, topic, incremental_configs=list(entries))


def settings(admin: AdminClient, topic: str) -> dict[str, Any]:
    told: dict[str, Any] = done(admin.describe_configs([of_topic(topic)]))
    return told


def alter(admin: AdminClient, topic: str, name: str, value: str | None, how: Any) -> None:
    entry = ConfigEntry(name, value, incremental_operation=how)
    done(admin.incremental_alter_configs([of_topic(topic, entry)]))


def becomes(admin: AdminClient, topic: str, name: str, value: str) -> None:
    """The controller answers before the broker knows."""
    until(lambda: settings(admin, topic)[name].value == value)


@check(
    ru="Настройки нового топика — по умолчанию, как у Kafka, своих у него нет",
    en="The settings of a new topic are Kafka's defaults; it has none of its own",
)
def test_defaults(admin: AdminClient, topic: str) -> None:
    told = settings(admin, topic)
    assert {name: told[name].value for name in DEFAULTS} == DEFAULTS
    assert not any(told[name].source == ConfigSource.DYNAMIC_TOPIC_CONFIG.value for name in told)
    assert told["retention.ms"].source == ConfigSource.DEFAULT_CONFIG.value
    assert told["retention.ms"].is_default


@check(
    ru="Своя настройка топика видна как своя, прочие остаются по умолчанию",
    en="A setting of the topic's own is shown as such; the others remain defaults",
)
def test_own_setting(admin: AdminClient, make_topic: MakeTopic) -> None:
    topic = make_topic(retention_ms=60_000)
    told = settings(admin, topic)
    assert told["retention.ms"].value == "60000"
    assert told["retention.ms"].source == ConfigSource.DYNAMIC_TOPIC_CONFIG.value
    assert not told["retention.ms"].is_default
    assert told["segment.ms"].is_default


@check(
    ru="Изменение по одной настройке: SET ставит, DELETE возвращает значение по умолчанию",
    en="Settings altered one by one: SET sets, DELETE returns to the default",
)
def test_set_and_delete(admin: AdminClient, make_topic: MakeTopic) -> None:
    topic = make_topic(segment_ms=60_000)
    alter(admin, topic, "retention.ms", "120000", SET)
    becomes(admin, topic, "retention.ms", "120000")
    assert settings(admin, topic)["segment.ms"].value == "60000"
    alter(admin, topic, "retention.ms", None, DELETE)
    becomes(admin, topic, "retention.ms", DEFAULTS["retention.ms"])
    assert settings(admin, topic)["retention.ms"].is_default


@check(
    ru="APPEND и SUBTRACT меняют список",
    en="APPEND and SUBTRACT change a list",
)
def test_append_and_subtract(admin: AdminClient, topic: str) -> None:
    alter(admin, topic, "cleanup.policy", "compact", APPEND)
    becomes(admin, topic, "cleanup.policy", "delete,compact")
    alter(admin, topic, "cleanup.policy", "delete", SUBTRACT)
    becomes(admin, topic, "cleanup.policy", "compact")


@check(
    ru="APPEND к настройке, которая не список: INVALID_CONFIG",
    en="APPEND to a setting that is no list: INVALID_CONFIG",
)
def test_append_to_no_list(admin: AdminClient, topic: str) -> None:
    with refused(InvalidConfigurationError):
        alter(admin, topic, "retention.ms", "1", APPEND)


@check(
    ru="Негодное значение: INVALID_CONFIG, прежнее остаётся",
    en="A bad value: INVALID_CONFIG, the one before stays",
)
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("retention.ms", "-2"),
        ("cleanup.policy", "delete,shrink"),
        ("message.timestamp.type", "Yesterday"),
        ("no.such.setting", "1"),
        ("min.cleanable.dirty.ratio", "1.5"),
    ],
)
def test_bad_value(admin: AdminClient, topic: str, name: str, value: str) -> None:
    with refused(InvalidConfigurationError):
        alter(admin, topic, name, value, SET)
    told = settings(admin, topic)
    assert name not in told or told[name].is_default


@check(
    ru="validate_only проверяет, но не меняет",
    en="validate_only checks and does not change",
)
def test_validate_only(admin: AdminClient, topic: str) -> None:
    for value, is_good in (("120000", True), ("-7", False)):
        entry = ConfigEntry("retention.ms", value, incremental_operation=SET)
        told = admin.incremental_alter_configs([of_topic(topic, entry)], validate_only=True)
        if is_good:
            done(told)
        else:
            with refused(InvalidConfigurationError):
                done(told)
    assert settings(admin, topic)["retention.ms"].is_default


@check(
    ru="Настройки топика, которого нет: UNKNOWN_TOPIC_OR_PARTITION при чтении и записи",
    en="Settings of a topic that is not there: UNKNOWN_TOPIC_OR_PARTITION, read or written",
)
def test_unknown_topic(admin: AdminClient, name: str) -> None:
    with refused(UnknownTopicOrPartitionError):
        settings(admin, name)
    with refused(UnknownTopicOrPartitionError):
        alter(admin, name, "retention.ms", "1000", SET)


@check(
    ru="Изменённый max.message.bytes действует на следующие сообщения",
    en="An altered max.message.bytes holds for the messages that follow",
)
def test_takes_effect(admin: AdminClient, librdkafka: Librdkafka, topic: str) -> None:
    producer = librdkafka.producer()
    assert producer.send(topic, bytes(50_000)).offset == 0
    alter(admin, topic, "max.message.bytes", "10000", SET)
    becomes(admin, topic, "max.message.bytes", "10000")
    with pytest.raises(Exception, match="MSG_SIZE_TOO_LARGE"):
        producer.send(topic, bytes(50_000))


@check(
    ru="Настройки брокера читаются: идентификатор, число партиций, создание топиков",
    en="The broker's settings can be read: its id, number of partitions, making of topics",
)
def test_broker(admin: AdminClient) -> None:
    broker = admin.describe_cluster().result(20).nodes[0].id
    resource = ConfigResource(ConfigResource.Type.BROKER, str(broker))
    told = done(admin.describe_configs([resource]))
    assert told["num.partitions"].value == "1"
    assert told["auto.create.topics.enable"].value == "true"
    assert told["log.retention.hours"].value == "168"
    assert told["node.id"].value == str(broker)
    assert told["node.id"].is_read_only


@check(
    ru="kafka-python: настройка топика ставится и сбрасывается",
    en="kafka-python: a setting of a topic is made and reset",
)
def test_kafka_python(pure_admin: KafkaAdminClient, make_topic: MakeTopic) -> None:
    topic = make_topic()

    def resource(**configs: str) -> PyResource:
        return PyResource(PyType.TOPIC, topic, {k.replace("_", "."): v for k, v in configs.items()})

    def own() -> dict[str, str]:
        asked = PyResource(PyType.TOPIC, topic)
        told = pure_admin.describe_configs([asked], config_filter="dynamic")["topic"][topic]
        return {
            name: one["value"]
            for name, one in told.items()
            if one["config_source"] == "DYNAMIC_TOPIC_CONFIG"
        }

    pure_admin.alter_configs([resource(retention_ms="120000")])
    until(lambda: own() == {"retention.ms": "120000"})
    pure_admin.reset_configs([resource(retention_ms="")])
    until(lambda: own() == {})
