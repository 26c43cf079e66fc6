"""From the broker into the files: from the manifest's offsets, once, whatever happens between."""

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition

from stend.chassis.metrics import CONSUMER_LAG
from stend.shop.analytics.domain import OrderFact, Record, RejectedRecord
from stend.shop.analytics.ports import Batch
from stend.shop.analytics.stores.manifest import read_manifest
from stend.shop.analytics.stores.warehouse import ParquetWarehouse
from stend.shop.analytics.workers.consuming import EventConsumer, Flushing
from stend.shop.analytics.workers.records import fact_or_rejection
from tests.conftest import PROJECT
from tests.shop.analytics.conftest import Broker
from tests.shop.analytics.events import PARTITIONS, TOPIC, FixedClock, event, places_of, record
from tests.waiting import until

Read = Callable[[Record], OrderFact | RejectedRecord]
_QUICK = Flushing(age_s=0.05, look_s=0.3)


class FailingWarehouse(ParquetWarehouse):
    """A disk that is full as long as a test says so."""

    full = False

    def append(self, batch: Batch) -> None:
        if self.full:
            raise OSError("no space left on device")
        super().append(batch)


class Life:
    """One life of the consumer over one warehouse."""

    def __init__(
        self, broker: Broker, folder: Path, flushing: Flushing, read: Read = fact_or_rejection
    ) -> None:
        self.folder = folder
        self.warehouse = FailingWarehouse(folder, FixedClock())
        self.warehouse.open()
        self.consumer = EventConsumer(
            broker.servers, [TOPIC], "test", self.warehouse, read, flushing
        )
        self.consumer.start()

    def end(self) -> None:
        assert self.consumer.stop(10)
        self.warehouse.close()

    def until_caught_up(self, facts: int) -> None:
        until(
            lambda: self.warehouse.freshness().facts >= facts and self.consumer.lag().records == 0
        )
        assert self.warehouse.freshness().facts == facts


Living = Callable[..., AbstractContextManager[Life]]


@pytest.fixture
def living(broker: Broker, tmp_path: Path) -> Living:
    @contextlib.contextmanager
    def live(flushing: Flushing = _QUICK) -> Iterator[Life]:
        life = Life(broker, tmp_path / "warehouse", flushing)
        try:
            yield life
        finally:
            life.end()

    return live


def orders(first: int, last: int, partition: int | None = None) -> list[Record]:
    return [
        record(
            event(f"o{number}", 1, "OrderPlaced"),
            0,
            number % PARTITIONS if partition is None else partition,
        )
        for number in range(first, last)
    ]


def test_every_record_is_written_once_over_several_lives(living: Living, broker: Broker) -> None:
    broker.publish(orders(0, 30))
    with living() as life:
        life.until_caught_up(30)
        broker.publish(orders(30, 60))
        life.until_caught_up(60)
    broker.publish(orders(60, 90))
    with living() as life:
        life.until_caught_up(90)
        expected = [(partition, offset) for partition in range(3) for offset in range(30)]
        assert places_of(life.folder) == expected
    for partition in range(PARTITIONS):
        lag = CONSUMER_LAG.labels("analytics", TOPIC, str(partition))
        assert lag._value.get() == 0


def test_the_offsets_of_a_group_are_nobodys_business(living: Living, broker: Broker) -> None:
    broker.publish(orders(0, 6))
    config = {"bootstrap.servers": broker.servers[0], "group.id": "analytics"}
    other = Consumer(config)
    for partition in range(PARTITIONS):
        other.commit(offsets=[TopicPartition(TOPIC, partition, 2)], asynchronous=False)
    other.close()
    with living() as life:
        life.until_caught_up(6)


def test_what_was_read_is_committed_when_the_consumer_stops(living: Living, broker: Broker) -> None:
    broker.publish(orders(0, 9))
    with living(Flushing(age_s=60, look_s=0.3)) as life:
        until(lambda: len(life.consumer._waiting.facts) == 9)
        # What waits is told as lag: it is not in the warehouse yet.
        until(lambda: life.consumer.lag().records == 9)
        assert life.warehouse.freshness().facts == 0
    assert len(places_of(life.folder)) == 9


def test_many_records_do_not_wait_for_the_clock(living: Living, broker: Broker) -> None:
    broker.publish(orders(0, 120))
    with living(Flushing(rows=40, age_s=60, look_s=0.3)) as life:
        until(lambda: life.warehouse.freshness().facts >= 80)


def test_ends_of_transactions_are_no_lag(living: Living, broker: Broker) -> None:
    broker.publish(orders(0, 3), **{"transactional.id": "relay"})
    with living() as life:
        life.until_caught_up(3)
        broker.publish(orders(3, 6), **{"transactional.id": "relay"})
        life.until_caught_up(6)
    assert [offset for _, offset in places_of(life.folder)] == [0, 2] * 3


def test_an_open_transaction_is_waited_for(living: Living, broker: Broker) -> None:
    """What it has written lies below the end of the partition, and is not passed over."""
    producer = Producer(
        {"bootstrap.servers": broker.servers[0], "transactional.id": "slow", "linger.ms": 0}
    )
    producer.init_transactions(10)
    with living() as life:
        for commit in (True, False):
            producer.begin_transaction()
            (slow,) = orders(0, 1, partition=0)
            producer.produce(TOPIC, slow.value, partition=0, headers=list(slow.headers))
            producer.flush(10)
            before = life.warehouse.freshness().facts
            # Also in its own partition others go on.
            broker.publish(orders(1, 5, partition=1) + orders(5, 6, partition=0))
            _until_facts(life, before + 4)
            if commit:
                producer.commit_transaction(10)
            else:
                producer.abort_transaction(10)
            life.until_caught_up(before + 5 + commit)
    # One of it that was committed, a mark, another's; nothing of the one that was aborted.
    assert [offset for partition, offset in places_of(life.folder) if partition == 0] == [0, 1, 4]


def test_a_bug_of_the_reader_loses_nothing(broker: Broker, tmp_path: Path) -> None:
    failing = [True]

    def read(one: Record) -> OrderFact | RejectedRecord:
        if one.offset == 3 and failing:
            failing.clear()
            raise RecursionError("a bug")
        return fact_or_rejection(one)

    broker.publish(orders(0, 18))
    life = Life(broker, tmp_path / "warehouse", _QUICK, read)
    try:
        life.until_caught_up(18)
    finally:
        life.end()
    assert not failing


def test_what_is_no_event_is_kept_beside_and_holds_nothing_up(
    living: Living, broker: Broker
) -> None:
    good = orders(0, 3, partition=0)
    broker.publish([good[0], replace(good[0], value=b"{"), replace(good[0], value=None), good[1]])
    with living() as life:
        life.until_caught_up(2)
        assert places_of(life.folder) == [(0, 0), (0, 3)]
        assert places_of(life.folder, "rejected") == [(0, 1), (0, 2)]
        assert life.warehouse.freshness().rejected == 2


def test_a_full_disk_is_told_and_waited_out(living: Living, broker: Broker) -> None:
    with living() as life:
        life.until_caught_up(0)
        life.warehouse.full = True
        broker.publish(orders(0, 6))
        until(lambda: life.consumer.lag().failure)
        assert "no space left" in (life.consumer.lag().failure or "")
        assert life.consumer.lag().records is None
        life.warehouse.full = False
        life.until_caught_up(6)
        assert life.consumer.lag().failure is None


# ---- topics ----------------------------------------------------------------------------------


def test_partitions_that_are_added_are_read(living: Living, broker: Broker) -> None:
    with living() as life:
        broker.publish(orders(0, 3))
        life.until_caught_up(3)
        broker.add_partitions(PARTITIONS + 1)
        broker.publish(orders(3, 5, partition=PARTITIONS))
        life.until_caught_up(5)


def test_a_topic_that_comes_later_is_waited_for(running_broker: Broker, tmp_path: Path) -> None:
    life = Life(running_broker, tmp_path / "warehouse", _QUICK)
    try:
        until(lambda: life.consumer.lag().failure is None)
        assert (life.consumer.lag().partitions, life.consumer.lag().records) == ((), None)
        running_broker.create_topic()
        running_broker.publish(orders(0, 3))
        life.until_caught_up(3)
    finally:
        life.end()
        running_broker.delete_topic()


@pytest.mark.parametrize("more", [3, 9], ids=["fewer records than before", "more than before"])
def test_a_topic_that_was_made_again_is_read_from_its_beginning(
    living: Living, broker: Broker, more: int
) -> None:
    broker.publish(orders(0, 6))
    with living() as life:
        life.until_caught_up(6)
    broker.delete_topic()
    broker.create_topic()
    broker.publish(orders(6, 6 + more))
    with living() as life:
        life.until_caught_up(6 + more)
    assert life.warehouse.freshness().restarts == PARTITIONS


def test_a_position_beyond_the_end_is_given_up(
    living: Living, broker: Broker, tmp_path: Path
) -> None:
    broker.publish(orders(0, 6, partition=1))
    with living() as life:
        life.until_caught_up(6)
    path = tmp_path / "warehouse" / "manifest.json"
    # As after a broker that has lost what it had acknowledged.
    path.write_text(path.read_text().replace(f'"{TOPIC}/1": 6', f'"{TOPIC}/1": 60'))
    with living() as life:
        life.until_caught_up(12)
    (restart,) = read_manifest(life.folder).restarts
    assert (restart.partition, restart.position) == (f"{TOPIC}/1", 60)


def test_what_the_broker_has_forgotten_is_remembered_as_lost(
    living: Living, broker: Broker
) -> None:
    broker.publish(orders(0, 6, partition=1))
    with living() as life:
        life.until_caught_up(6)
    broker.publish(orders(6, 12, partition=1))
    broker.delete_records(partition=1, before=9)
    with living() as life:
        life.until_caught_up(9)
        assert places_of(life.folder)[-3:] == [(1, 9), (1, 10), (1, 11)]
    (restart,) = read_manifest(life.folder).restarts
    assert (restart.partition, restart.position) == (f"{TOPIC}/1", 6)


# ---- whoever goes ------------------------------------------------------------------------


def test_a_warehouse_that_is_gone_is_filled_again(living: Living, broker: Broker) -> None:
    broker.publish(orders(0, 6))
    with living() as life:
        life.until_caught_up(6)
    shutil.rmtree(life.folder)
    with living() as life:
        life.until_caught_up(6)


@pytest.mark.slow
def test_a_reader_that_is_killed_again_and_again_loses_and_doubles_nothing(
    broker: Broker, tmp_path: Path
) -> None:
    folder = tmp_path / "warehouse"
    for number in range(4):
        broker.publish(orders(number * 60, number * 60 + 60))
        reader = subprocess.Popen(
            [sys.executable, "-m", "tests.shop.analytics.reading", folder, *broker.servers],
            cwd=PROJECT,
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(PROJECT / "src"), str(PROJECT)])},
        )
        wanted = 240 if number == 3 else number * 60 + 20
        _until_written(folder, wanted)
        reader.kill()
        reader.wait()
    assert places_of(folder) == [(p, offset) for p in range(3) for offset in range(80)]


def _until_written(folder: Path, facts: int) -> None:
    until(lambda: read_manifest(folder).rows("order_events") >= facts)


def _until_facts(life: Life, facts: int) -> None:
    until(lambda: life.warehouse.freshness().facts == facts)
