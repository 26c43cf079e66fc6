"""One broker for all tests of the service; each test has a topic of its own."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from confluent_kafka import Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewPartitions, NewTopic

from stend.engines.kafka.launcher import KafkaConfig, KafkaLauncher
from stend.shop.analytics.domain import Record
from tests.engines.kafka.running import bootstrap_of, config_in, running
from tests.folders import open_folder
from tests.shop.analytics.events import PARTITIONS, TOPIC


@dataclass(frozen=True, slots=True)
class Broker:
    """The topic `orders.events` on a broker that a test may stop, and fill."""

    config: KafkaConfig
    launcher: KafkaLauncher

    @property
    def servers(self) -> tuple[str, ...]:
        return (bootstrap_of(self.config),)

    def create_topic(self) -> None:
        admin = self._admin()
        admin.create_topics([NewTopic(TOPIC, PARTITIONS)])[TOPIC].result(10)

    def delete_topic(self) -> None:
        admin = self._admin()
        admin.delete_topics([TOPIC])[TOPIC].result(10)

    def add_partitions(self, count: int) -> None:
        admin = self._admin()
        admin.create_partitions([NewPartitions(TOPIC, count)])[TOPIC].result(10)

    def delete_records(self, partition: int, before: int) -> None:
        """Those with smaller offsets, as retention would."""
        admin, place = self._admin(), TopicPartition(TOPIC, partition, before)
        admin.delete_records([place])[place].result(10)

    def publish(self, records: list[Record], **config: str) -> None:
        """In their partitions, in their order; the offsets are the broker's own."""
        producer = Producer({"bootstrap.servers": self.servers[0], "linger.ms": 0, **config})
        transactional = "transactional.id" in config
        if transactional:
            producer.init_transactions(10)
            producer.begin_transaction()
        for one in records:
            producer.produce(
                TOPIC,
                one.value,
                one.key,
                partition=one.partition.number,
                headers=list(one.headers),
            )
        if transactional:
            producer.commit_transaction(10)
        assert producer.flush(10) == 0

    def _admin(self) -> AdminClient:
        return AdminClient({"bootstrap.servers": self.servers[0]})


@pytest.fixture(scope="session")
def running_broker() -> Iterator[Broker]:
    with open_folder() as folder:
        config = config_in(folder, auto_create_topics=False)
        with running(config) as launcher:
            yield Broker(config, launcher)


@pytest.fixture
def broker(running_broker: Broker) -> Iterator[Broker]:
    """The broker with an empty topic."""
    running_broker.create_topic()
    yield running_broker
    running_broker.delete_topic()
