"""Nothing that the Kafka broker has acknowledged is lost when it is killed, nothing is twice."""

import random
from collections import Counter
from pathlib import Path

import pytest
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from stend.engines.kafka.launcher import KafkaConfig
from tests.engines.kafka.running import bootstrap_of, broker_of, config_in, running
from tests.guarantees.kafka_traffic import (
    IN_TRANSACTION,
    ORDERS,
    PARTITIONS,
    PAYMENTS,
    Ledger,
    Traffic,
    end_offset,
    read_log,
)
from tests.guarantees.killing import KILLS, kill, restart, until_grown

pytestmark = pytest.mark.slow
READ_UNCOMMITTED, READ_COMMITTED = 0, 1


def test_kills_lose_and_repeat_nothing(tmp_path: Path) -> None:
    config, ledger = config_in(tmp_path), Ledger()
    with running(config) as launcher:
        _create_topics(config)
        with Traffic(config, ledger):
            for number in range(KILLS):
                # Not always at a round moment: the kills meet the logs in different states.
                draw = random.Random(number)
                acknowledged, committed = draw.randrange(50, 500), draw.randrange(1, 5)
                until_grown(
                    (ledger.acknowledged, acknowledged),
                    (ledger.committed, committed),
                    failures=ledger.failures,
                    timeout_s=60,
                )
                kill(broker_of(config), launcher)
                _check_acknowledged(config, ledger)
                restart(launcher)
        _check_ends(config)
    assert not ledger.failures
    _check_orders(config, ledger)
    _check_payments(config, ledger)


def _create_topics(config: KafkaConfig) -> None:
    admin = AdminClient({"bootstrap.servers": bootstrap_of(config)})
    made = admin.create_topics([NewTopic(name, PARTITIONS) for name in (ORDERS, PAYMENTS)])
    for one in made.values():
        one.result(10)


def _check_acknowledged(config: KafkaConfig, ledger: Ledger) -> None:
    """Each acknowledged message lies where the broker said, in the files of the dead broker."""
    promised = dict(ledger.acknowledged)
    logs = [read_log(config, ORDERS, number, is_torn=True) for number in range(PARTITIONS)]
    for value, (partition, offset) in promised.items():
        assert logs[partition].values.get(offset) == value


def _check_ends(config: KafkaConfig) -> None:
    """No open transaction holds readers back."""
    for topic in (ORDERS, PAYMENTS):
        for partition in range(PARTITIONS):
            ends = {
                end_offset(config, topic, partition, isolation)
                for isolation in (READ_UNCOMMITTED, READ_COMMITTED)
            }
            assert len(ends) == 1


def _check_orders(config: KafkaConfig, ledger: Ledger) -> None:
    logs = [read_log(config, ORDERS, partition) for partition in range(PARTITIONS)]
    found = Counter(value for log in logs for value in log.values.values())
    assert set(found) == ledger.sent == set(ledger.acknowledged)
    assert set(found.values()) == {1}


def _check_payments(config: KafkaConfig, ledger: Ledger) -> None:
    logs = [read_log(config, PAYMENTS, partition) for partition in range(PARTITIONS)]
    assert not any(log.open_producers for log in logs)
    committed = Counter(
        log.values[offset]
        for log in logs
        for offset, is_committed in log.is_committed.items()
        if is_committed
    )
    assert set(committed.values()) == {1}
    transactions = Counter(value.decode().partition("/")[0] for value in committed)
    assert set(transactions.values()) == {IN_TRANSACTION}
    assert set(transactions) == ledger.committed
    assert not ledger.committed & ledger.aborted
    assert ledger.aborted
