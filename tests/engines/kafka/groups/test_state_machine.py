"""Random lives of a group: members come, stall, die and are replaced, the broker is killed.

Whatever happened, once everybody is left alone the group settles: one generation with one leader,
every partition with exactly one of those who are alive, nobody waiting, no request unanswered. What
was committed and acknowledged is never lost. With LONG_TESTS=1 fifty times as many.
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
from stend.wire.kafka.apis import ApiKey
from stend.wire.kafka.errors import ErrorCode
from tests.engines.kafka.groups.consumers import PLACES, At, Consumer, Place, code_of
from tests.engines.kafka.groups.members import GROUP, member_ids, state
from tests.engines.kafka.groups.world import Answer, World
from tests.long_runs import is_long_run

pytestmark = pytest.mark.slow
_LIVES, _STEPS = (3000, 60) if is_long_run() else (60, 60)
_SETTINGS = GroupSettings(initial_rebalance_delay_ms=200, new_member_join_timeout_ms=20_000)
_STATIC = ("pump", "valve")
_PATIENCE = 100

places = st.sampled_from(PLACES)
some = st.integers(0, 1000)


class Lives(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.world = World(_SETTINGS)
        self.consumers: list[Consumer] = []
        self.asked: list[Answer] = []
        self.numbers = count(1)
        # By place: the greatest offset that was acknowledged, those that may be there, and those
        # that must not.
        self.kept: dict[Place, int] = {}
        self.tried: dict[Place, set[int]] = {place: {-1} for place in PLACES}
        self.aborted: set[int] = set()
        self.commits: list[tuple[Answer, Place, int]] = []
        # By producer: what its transaction holds, and how it was ended.
        self.open: dict[int, list[tuple[Answer, Place, int]]] = {}
        self.ended: dict[int, bool] = {}

    # Members

    @property
    def alive(self) -> list[Consumer]:
        return [each for each in self.consumers if each.at is not At.OVER]

    @precondition(lambda self: len(self.alive) < 5)
    @rule(
        instance=st.none() | st.sampled_from(_STATIC),
        version=st.sampled_from((3, 5, 7, 9)),
        sticky=st.booleans(),
    )
    def come(self, instance: str | None, version: int, sticky: bool) -> None:
        """With an instance that is known already, it is the next process of that member."""
        version = 9 if instance is not None else version
        self.consumers.append(
            Consumer(self.world, instance=instance, version=version, sticky=sticky)
        )

    @precondition(lambda self: self.alive)
    @rule(which=some, steps=st.integers(1, 4))
    def go_on(self, which: int, steps: int) -> None:
        consumer = self.alive[which % len(self.alive)]
        for _ in range(steps):
            if not consumer.step():
                consumer.heartbeat()

    @precondition(lambda self: self.alive)
    @rule(which=some)
    def die(self, which: int) -> None:
        self.alive[which % len(self.alive)].die()

    @precondition(lambda self: self.alive)
    @rule(which=some)
    def leave(self, which: int) -> None:
        if not self.world.is_disk_slow:
            self.alive[which % len(self.alive)].leave()

    @rule(ms=st.sampled_from((0, 100, 1_000, 4_000, 11_000, 16_000)))
    def wait(self, ms: int) -> None:
        self.world.sleep(ms)

    # The broker

    @rule()
    def stall_disk(self) -> None:
        self.world.is_disk_slow = True

    @rule()
    def sync_disk(self) -> None:
        self.world.is_disk_slow = False
        self.world.sync_disk()

    @rule(survive=st.none() | st.integers(0, 6))
    def kill_broker(self, survive: int | None) -> None:
        self.note_answers()
        self.commits.clear()
        self.asked.clear()
        for consumer in self.consumers:
            consumer.asked.clear()
        self.world.restart(survive)
        self.world.is_disk_slow = False
        # As the coordinator of transactions does for all that it had decided.
        for producer_id, is_commit in self.ended.items():
            self.world.groups.end_transaction(producer_id, is_commit=is_commit)
        for consumer in self.alive:
            consumer.lose_connection()

    # Offsets

    @precondition(lambda self: any(each.places for each in self.alive))
    @rule(which=some, place=some)
    def commit(self, which: int, place: int) -> None:
        readers = [each for each in self.alive if each.places]
        consumer = readers[which % len(readers)]
        chosen = consumer.places[place % len(consumer.places)]
        offset = next(self.numbers)
        answer = consumer.commit(chosen, offset)
        self.tried[chosen].add(offset)
        self.commits.append((answer, chosen, offset))

    @rule(producer_id=st.integers(1, 3), place=places)
    def commit_in_transaction(self, producer_id: int, place: Place) -> None:
        if producer_id in self.ended:
            return
        offset = next(self.numbers)
        partition = {"partition_index": place[1], "committed_offset": offset}
        answer = self.world.ask(
            ApiKey.TXN_OFFSET_COMMIT,
            2,
            transactional_id="t",
            group_id=GROUP,
            producer_id=producer_id,
            topics=[{"name": place[0], "partitions": [partition]}],
        )
        self.open.setdefault(producer_id, []).append((answer, place, offset))

    @precondition(lambda self: self.open)
    @rule(which=some, is_commit=st.booleans())
    def end_transaction(self, which: int, is_commit: bool) -> None:
        producer_ids = sorted(self.open)
        producer_id = producer_ids[which % len(producer_ids)]
        # A decision is told once it is safe, and so is all that it is about.
        self.sync_disk()
        self._end(producer_id, is_commit)

    def _end(self, producer_id: int, is_commit: bool) -> None:
        for answer, place, offset in self.open.pop(producer_id):
            if is_commit:
                self.tried[place].add(offset)
                if answer.is_there:
                    # Whether a broker that was killed before it could answer has it, nobody knows.
                    assert code_of(answer) is ErrorCode.NONE
                    self.kept[place] = max(self.kept.get(place, -1), offset)
            else:
                self.aborted.add(offset)
        self.world.groups.end_transaction(producer_id, is_commit=is_commit)
        self.world.sync_disk()

    # What must be so

    @invariant()
    def note_answers(self) -> None:
        waiting = []
        for answer, place, offset in self.commits:
            if not answer.is_there:
                waiting.append((answer, place, offset))
            elif code_of(answer) is ErrorCode.NONE:
                self.kept[place] = max(self.kept.get(place, -1), offset)
        self.commits = waiting

    @invariant()
    def committed_offsets_are_there(self) -> None:
        known = self.world.groups.committed(GROUP)
        for place in PLACES:
            offset = known[place].offset if place in known else -1
            assert offset in self.tried[place]
            assert offset >= self.kept.get(place, -1)
            assert offset not in self.aborted

    @invariant()
    def one_leads_each_generation(self) -> None:
        leaders = {
            (each.member.generation, each.member.leader)
            for each in self.alive
            if each.at is At.STABLE and each.member.instance is None
        }
        current = {each for each in leaders if each[0] == max(leaders)[0]}
        assert len(current) <= 1

    @rule()
    def settle(self) -> None:
        """Everybody is left alone for as long as any of Kafka's times may take."""
        self.sync_disk()
        for _ in range(_PATIENCE):
            self.world.sleep(1_000)
            for consumer in self.alive:
                while consumer.step():
                    pass
                consumer.heartbeat()
        self.check_settled()

    def check_settled(self) -> None:
        alive = self.alive
        assert {each.at for each in alive} <= {At.STABLE}
        assert sorted(member_ids(self.world)) == sorted(each.member.id for each in alive)
        assert state(self.world) in ({"Stable"} if alive else {"Empty", "Dead"})
        assert len({each.member.generation for each in alive}) <= 1
        read = [place for each in alive for place in each.places]
        assert sorted(read) == (sorted(PLACES) if alive else [])
        for consumer in self.consumers:
            assert all(answer.is_there for answer in consumer.asked)

    def teardown(self) -> None:
        self.settle()
        for producer_id in list(self.open):
            self._end(producer_id, is_commit=True)
        self.committed_offsets_are_there()


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
