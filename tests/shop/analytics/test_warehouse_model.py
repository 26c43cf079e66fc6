"""Whatever is done to a warehouse, in any order, it holds what a set of offsets would hold."""

from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from stend.shop.analytics.domain import Partition, Record
from stend.shop.analytics.stores.durable import Step
from stend.shop.analytics.stores.manifest import read_manifest
from stend.shop.analytics.stores.warehouse import ParquetWarehouse, Sizes
from tests.folders import open_folder
from tests.shop.analytics.events import TOPIC, FixedClock, batch_of, event, places_of, record

_PARTITIONS = 2
_SIZES = Sizes(many_files=3, small_rows=20)


@dataclass(frozen=True, slots=True)
class Read:
    """The consumer hands over the next records of a partition, and some before them again."""

    partition: int
    again: int
    fresh: int
    bad_every: int


@dataclass(frozen=True, slots=True)
class Fail:
    """The disk fails at the next time that this step is reached."""

    step: Step


@dataclass(frozen=True, slots=True)
class PassTime:
    seconds: float


@dataclass(frozen=True, slots=True)
class Reopen:
    """The process ends without a word, and another one comes."""


@dataclass(frozen=True, slots=True)
class Lose:
    """The broker does not know the position any more."""

    partition: int


_PARTITION = st.integers(0, _PARTITIONS - 1)
_ACTS = st.lists(
    st.builds(Read, _PARTITION, st.integers(0, 3), st.integers(0, 4), st.integers(2, 9))
    | st.builds(Fail, st.sampled_from(Step))
    | st.builds(PassTime, st.sampled_from([1.0, 40.0]))
    | st.builds(Reopen)
    | st.builds(Lose, _PARTITION),
    min_size=3,
    max_size=12,
)


@dataclass
class World:
    """A warehouse beside what it should hold."""

    folder: Path
    clock: FixedClock = field(default_factory=FixedClock)
    positions: list[int] = field(default_factory=lambda: [0] * _PARTITIONS)
    facts: list[tuple[int, int]] = field(default_factory=list)
    rejected: list[tuple[int, int]] = field(default_factory=list)
    failing: Step | None = None

    def __post_init__(self) -> None:
        self.warehouse = self.opened()

    def opened(self) -> ParquetWarehouse:
        warehouse = ParquetWarehouse(self.folder, self.clock, _SIZES, self.reached)
        warehouse.open()
        return warehouse

    def reached(self, step: Step) -> None:
        if step is self.failing:
            self.failing = None
            raise OSError("the disk has failed")

    def act(self, act: Read | Fail | PassTime | Reopen | Lose) -> None:
        match act:
            case Read():
                self.read(act)
            case Fail(step):
                self.failing = step
            case PassTime(seconds):
                self.clock.pass_time(seconds)
            case Reopen():
                self.failing = None
                self.warehouse.close()
                self.warehouse = self.opened()
            case Lose(partition):
                self.warehouse.restart(Partition(TOPIC, partition))
                # Remembered with the next commit, as the consumer makes one.
                self.positions[partition] = 0
                self.read(Read(partition, 0, 1, 9))

    def read(self, act: Read) -> None:
        position = self.positions[act.partition]
        first = max(0, position - act.again)
        last = position + act.fresh
        records = [_record(act, offset) for offset in range(first, last)]
        # The consumer tries until it has been done.
        while not self.is_done(records):
            continue
        for one in records:
            if one.offset >= position:
                kept = self.facts if one.headers else self.rejected
                kept.append((act.partition, one.offset))
        self.positions[act.partition] = max(position, last)

    def is_done(self, records: list[Record]) -> bool:
        try:
            self.warehouse.append(batch_of(records))
            self.warehouse.compact()
        except OSError:
            return False
        return True

    def check(self) -> None:
        assert places_of(self.folder) == sorted(self.facts)
        assert places_of(self.folder, "rejected") == sorted(self.rejected)
        for number, position in enumerate(self.positions):
            assert self.warehouse.position(Partition(TOPIC, number)) == position
        files = read_manifest(self.folder).files
        assert sum(one.rows for one in files) == len(self.facts) + len(self.rejected)
        assert all((self.folder / one.path).is_file() for one in files)
        for table in {one.table for one in files}:
            small = [one for one in files if one.table == table and one.rows < _SIZES.small_rows]
            assert len(small) < _SIZES.many_files


def _record(act: Read, offset: int) -> Record:
    if offset % act.bad_every == 1:
        return Record(Partition(TOPIC, act.partition), offset, None, b"?", ())
    told = event(f"o{act.partition}-{offset}", 1, "OrderPlaced")
    return record(told, offset, act.partition)


@settings(deadline=None, max_examples=12)
@given(acts=_ACTS)
def test_it_holds_what_a_set_of_offsets_would_hold(
    acts: list[Read | Fail | PassTime | Reopen | Lose],
) -> None:
    with open_folder() as folder:
        world = World(folder / "warehouse")
        for act in acts:
            world.act(act)
            world.check()
        world.warehouse.close()
