"""Random lives of a group of KIP-848: readers come, stall, lose answers, the broker is killed.

At no moment have two members of the group the same partition. Left alone, the group settles: one
epoch, every partition of what is subscribed to with exactly one reader. With LONG_TESTS=1 seventy
times as many.
"""

from itertools import count

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from stend.engines.kafka.groups.settings import GroupSettings
from stend.wire.kafka.errors import ErrorCode
from tests.engines.kafka.groups.readers import GROUP, Reader, described
from tests.engines.kafka.groups.world import World
from tests.long_runs import is_long_run

pytestmark = pytest.mark.slow
_LIVES, _STEPS = (2800, 60) if is_long_run() else (40, 60)
_SETTINGS = GroupSettings(consumer_session_timeout_ms=10_000)
_PATIENCE = 60
# An empty group without offsets is gone after a while, and whoever was long silent with it.
_FENCED = (
    ErrorCode.FENCED_MEMBER_EPOCH,
    ErrorCode.UNKNOWN_MEMBER_ID,
    ErrorCode.GROUP_ID_NOT_FOUND,
)
_GONE = (ErrorCode.FENCED_INSTANCE_ID, ErrorCode.UNRELEASED_INSTANCE_ID)

some = st.integers(0, 1000)
subscriptions = st.sampled_from((("orders",), ("bills",), ("orders", "bills"), ()))


class Lives(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.world = World(_SETTINGS)
        self.readers: list[Reader] = []
        self.away: list[Reader] = []
        self.names = count(1)

    # Readers

    @precondition(lambda self: len(self.readers) < 5)
    @rule(
        topics=subscriptions,
        pattern=st.sampled_from((None, "b.*", "orders|bills")),
        assignor=st.sampled_from((None, "uniform", "range")),
        instance=st.none() | st.sampled_from(("pump", "valve")),
    )
    def come(
        self,
        topics: tuple[str, ...],
        pattern: str | None,
        assignor: str | None,
        instance: str | None,
    ) -> None:
        name = f"r{next(self.names)}"
        self.readers.append(
            Reader(
                self.world,
                name,
                topics=topics,
                pattern=pattern,
                assignor=assignor,
                instance=instance,
                rebalance_ms=15_000,
            )
        )

    def reader(self, which: int) -> Reader:
        return self.readers[which % len(self.readers)]

    @precondition(lambda self: self.readers)
    @rule(which=some, takes=st.booleans(), gives=st.booleans(), is_full=st.booleans())
    def heartbeat(self, which: int, takes: bool, gives: bool, is_full: bool) -> None:
        reader = self.reader(which)
        self.ask(reader, is_full=is_full or reader.epoch == 0)
        if gives:
            reader.revoke()
        if takes:
            reader.take()

    @precondition(lambda self: self.readers and not self.world.is_disk_slow)
    @rule(which=some)
    def lose_answer(self, which: int) -> None:
        self.reader(which).ask()

    @precondition(lambda self: self.readers)
    @rule(which=some, topics=subscriptions)
    def subscribe(self, which: int, topics: tuple[str, ...]) -> None:
        self.reader(which).topics = topics

    @precondition(lambda self: self.readers)
    @rule(which=some)
    def die(self, which: int) -> None:
        self.readers.remove(self.reader(which))

    @precondition(lambda self: self.readers and not self.world.is_disk_slow)
    @rule(which=some)
    def leave(self, which: int) -> None:
        reader = self.reader(which)
        reader.leave(-2 if reader.instance else -1)
        self.readers.remove(reader)

    def ask(self, reader: Reader, *, is_full: bool) -> None:
        if self.world.is_disk_slow:
            self.sync_disk()
        code = reader.heartbeat() if is_full else reader.ping()
        if code in _FENCED:
            reader.epoch, reader.owned, reader.told = 0, frozenset(), frozenset()
        elif code in _GONE:
            self.readers.remove(reader)
        else:
            assert code is ErrorCode.NONE, code

    # The world

    @rule(ms=st.sampled_from((0, 1_000, 4_000, 11_000, 16_000)))
    def wait(self, ms: int) -> None:
        self.world.sleep(ms)

    @rule(topic=st.sampled_from(("orders", "bills")))
    def add_partition(self, topic: str) -> None:
        uuid, partitions = self.world.topics[topic]
        self.world.topics[topic] = (uuid, min(partitions + 1, 8))

    @rule()
    def stall_disk(self) -> None:
        self.world.is_disk_slow = True

    @rule()
    def sync_disk(self) -> None:
        self.world.is_disk_slow = False
        self.world.sync_disk()

    @rule(survive=st.none() | st.integers(0, 3))
    def kill_broker(self, survive: int | None) -> None:
        self.world.restart(survive)
        self.world.is_disk_slow = False

    # What must be so

    @invariant()
    def nobody_reads_what_another_reads(self) -> None:
        members = {each["member_id"] for each in described(self.world)["members"]}
        owned = [each for reader in self.readers if reader.id in members for each in reader.owned]
        assert len(owned) == len(set(owned))

    @rule()
    def settle(self) -> None:
        self.sync_disk()
        for _ in range(_PATIENCE):
            self.world.sleep(1_000)
            for reader in list(self.readers):
                self.ask(reader, is_full=True)
                reader.take()
            self.nobody_reads_what_another_reads()
        self.check_settled()

    def check_settled(self) -> None:
        told = described(self.world)
        assert sorted(each["member_id"] for each in told["members"]) == sorted(
            reader.id for reader in self.readers
        )
        if not self.readers:
            return
        assert told["group_state"] == "Stable"
        assert {reader.epoch for reader in self.readers} == {told["group_epoch"]}
        wanted = {name for reader in self.readers for name in subscribed(reader)}
        assert sorted(each for reader in self.readers for each in reader.owned) == sorted(
            (self.world.topics[name][0], index)
            for name in wanted
            for index in range(self.world.topics[name][1])
        )
        for reader in self.readers:
            topics = {self.world.topics[name][0] for name in subscribed(reader)}
            assert {topic for topic, _ in reader.owned} <= topics

    def teardown(self) -> None:
        self.settle()
        assert GROUP in self.world.groups.ids() or not self.readers


def subscribed(reader: Reader) -> set[str]:
    by_pattern = {None: (), "b.*": ("bills",), "orders|bills": ("orders", "bills")}
    return {*(reader.topics or ()), *by_pattern[reader.pattern]}


def test_lives() -> None:
    run_state_machine_as_test(
        Lives,
        settings=settings(
            max_examples=_LIVES,
            stateful_step_count=_STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
