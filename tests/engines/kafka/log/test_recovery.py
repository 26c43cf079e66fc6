"""What is there after a kill, a power loss, a clean end; what is damage and stops the start."""

import contextlib
import random
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stend.engines.kafka.errors import BrokerError
from stend.engines.kafka.log.config import LogConfig
from stend.engines.kafka.log.damage import DamagedLogError
from stend.engines.kafka.log.partition_log import PartitionLog
from stend.wire.kafka.records import batches
from tests.engines.kafka.log.batches import (
    NOW_MS,
    Seen,
    batch,
    committed,
    seen,
    stored,
    sync,
    values,
)
from tests.fakes.volume import Died, Disk, MemoryVolume
from tests.long_runs import is_long_run

CONFIG = LogConfig(segment_bytes=700, index_interval_bytes=100)
FIRST = f"{0:020}"


def opened(volume: MemoryVolume, *, is_clean: bool, config: LogConfig = CONFIG) -> PartitionLog:
    return PartitionLog.open(volume, config, is_clean=is_clean, now_ms=NOW_MS)


def append(log: PartitionLog, number: int) -> None:
    """One of several kinds of batches, by its number."""
    kind, sequence = number % 4, number // 4
    if kind == 3 and sequence % 2:
        log.append_control(sequence % 4 == 1, 9, 0, 0, leader_epoch=0, now_ms=NOW_MS)
        return
    producer = {0: (-1, -1, -1), 1: (8, 0, sequence), 2: (-1, -1, -1), 3: (9, 0, sequence // 2)}
    data = batch(
        values(f"{number}")[: 2 if kind == 2 else 1],
        NOW_MS + number,
        producer=producer[kind],
        is_transactional=kind == 3,
    )
    log.append(data, leader_epoch=0, now_ms=NOW_MS)


def filled(volume: MemoryVolume, count: int = 40) -> PartitionLog:
    log = opened(volume, is_clean=True)
    for number in range(count):
        append(log, number)
    return log


def told(log: PartitionLog) -> tuple[object, ...]:
    """Everything that a log says about itself."""
    sync(log)
    return (
        list(seen(stored(log))),
        committed(log),
        log.open_transactions(),
        log.producers(),
        log.aborted(0, 1000),
        [log.find_time(NOW_MS + number) for number in range(45)],
        log.max_timestamp(),
        (log.log_start_offset, log.log_end_offset),
    )


def names(volume: MemoryVolume, kind: str) -> list[str]:
    return sorted(name for name in volume.names() if name.endswith(kind))


def cut(volume: MemoryVolume, name: str, size: int) -> None:
    del volume.files[name].data[size:]


def flip(volume: MemoryVolume, name: str, at: int) -> None:
    volume.files[name].data[at] ^= 0x10


@pytest.mark.parametrize("is_clean", [True, False], ids=["clean", "killed"])
def test_a_log_is_as_it_was(is_clean: bool) -> None:
    volume = MemoryVolume()
    log = filled(volume)
    before = told(log)
    if is_clean:
        log.close()
    again = opened(volume.after_kill(), is_clean=is_clean)
    assert told(again) == before
    assert again.synced_offset == again.log_end_offset


def test_a_batch_that_was_cut_off_by_a_kill_is_gone_and_all_before_it_is_there() -> None:
    volume = MemoryVolume()
    log = filled(volume)
    last = names(volume, ".log")[-1]
    whole = told(log)
    begin = len(volume.files[last].data)
    append(log, 40)
    for end in range(begin, len(volume.files[last].data)):
        torn = volume.after_kill()
        cut(torn, last, end)
        again = opened(torn, is_clean=False)
        assert told(again) == whole
        assert len(torn.files[last].data) == begin
        append(again, 40)
        assert told(again) == told(log)


def test_everything_may_be_cut_off_in_the_last_segment() -> None:
    volume = MemoryVolume()
    filled(volume)
    last = names(volume, ".log")[-1]
    ends = [0]
    for head, _ in batches(bytes(volume.files[last].data)):
        ends.append(ends[-1] + head.size_bytes)
    for end in range(len(volume.files[last].data)):
        torn = volume.after_kill()
        cut(torn, last, end)
        opened(torn, is_clean=False)
        assert len(torn.files[last].data) == max(size for size in ends if size <= end)


def test_a_tail_of_zeros_is_cut_off() -> None:
    volume = MemoryVolume()
    log = filled(volume)
    last = names(volume, ".log")[-1]
    before, size = told(log), len(volume.files[last].data)
    for zeros in (1, 11, 12, 100, 5000):
        torn = volume.after_kill()
        torn.files[last].data += bytes(zeros)
        assert told(opened(torn, is_clean=False)) == before
        assert len(torn.files[last].data) == size


def test_a_hole_of_zeros_in_a_batch_is_cut_off_with_all_behind_it() -> None:
    volume = MemoryVolume()
    log = opened(volume, is_clean=True, config=LogConfig())
    log.append(batch(values("a")), leader_epoch=0, now_ms=NOW_MS)
    size = log.size_bytes
    for text in ("b", "c"):
        data = batch([(None, text.encode() * 2000)])
        log.append(data, leader_epoch=0, now_ms=NOW_MS)
    volume.files[FIRST + ".log"].data[1024:1536] = bytes(512)
    again = opened(volume.after_kill(), is_clean=False)
    assert (again.log_end_offset, again.size_bytes) == (1, size)


def test_a_changed_byte_in_a_whole_batch_stops_the_start() -> None:
    volume = MemoryVolume()
    filled(volume)
    last = names(volume, ".log")[-1]
    heads = list(batches(bytes(volume.files[last].data)))
    for head, at in heads:
        for place in range(at, at + head.size_bytes):
            # Kafka keeps no checksum of the leader epoch, and neither do we.
            if 12 <= place - at < 16:
                continue
            damaged = volume.after_kill()
            flip(damaged, last, place)
            # What is behind cannot be told from a batch that was cut off.
            if (head, at) == heads[-1] and 8 <= place - at < 12:
                continue
            with pytest.raises(DamagedLogError, match=f"{last} is damaged at byte {at}"):
                opened(damaged, is_clean=False)


def test_damage_in_the_middle_is_told_and_nothing_is_thrown_away() -> None:
    volume = MemoryVolume()
    filled(volume)
    for name in names(volume, ".snapshot"):
        volume.remove(name)
    logs = names(volume, ".log")
    assert len(logs) > 3
    for name in logs[:-1]:
        size = len(volume.files[name].data)
        for change in (
            lambda found, name=name: flip(found, name, 100),
            lambda found, name=name, size=size: cut(found, name, size - 1),
            lambda found, name=name: cut(found, name, 0),
            lambda found, name=name: found.remove(name),
        ):
            damaged = volume.after_kill()
            change(damaged)
            kept = {one: bytes(damaged.files[one].data) for one in names(damaged, ".log")}
            with pytest.raises(DamagedLogError, match="is damaged at byte"):
                opened(damaged, is_clean=False)
            assert {one: bytes(damaged.files[one].data) for one in kept} == kept


def test_a_log_that_lost_its_safe_end_stops_the_start() -> None:
    volume = MemoryVolume()
    log = filled(volume)
    log.close()
    last = names(volume, ".log")[-1]
    cut(volume, last, 0)
    for is_clean in (True, False):
        with pytest.raises(DamagedLogError, match="was known to reach"):
            opened(volume.after_kill(), is_clean=is_clean)
    for name in names(volume, ".log"):
        volume.remove(name)
    with pytest.raises(DamagedLogError, match="was known to reach"):
        opened(volume.after_kill(), is_clean=False)


DAMAGES: dict[str, Callable[[MemoryVolume, str], None]] = {
    "missing": lambda volume, name: volume.remove(name),
    "empty": lambda volume, name: cut(volume, name, 0),
    "odd": lambda volume, name: volume.files[name].data.append(0),
    "zeros": lambda volume, name: volume.files[name].data.extend(bytes(24)),
    "shifted": lambda volume, name: volume.files[name].data.__setitem__(slice(0, 1), b""),
    "other numbers": lambda volume, name: flip(volume, name, -1) if volume.read(name) else None,
    "other first number": lambda volume, name: flip(volume, name, 3) if volume.read(name) else None,
}


# A transaction index has no checksum: like Kafka, we believe one that could be right.
BELIEVED = ("empty", "other numbers", "other first number")
CASES = [
    (kind, damage)
    for kind in (".index", ".timeindex", ".txnindex", ".snapshot")
    for damage in DAMAGES
    if kind != ".txnindex" or damage not in BELIEVED
]


@pytest.mark.parametrize(("kind", "damage"), CASES)
@pytest.mark.parametrize("is_clean", [True, False], ids=["clean", "killed"])
def test_indexes_and_snapshots_are_made_again(kind: str, damage: str, is_clean: bool) -> None:
    volume = MemoryVolume()
    log = filled(volume)
    before = told(log)
    log.close()
    for name in names(volume, kind):
        DAMAGES[damage](volume, name)
    for _ in range(2):
        volume = volume.after_kill()
        assert told(opened(volume, is_clean=is_clean)) == before


def test_leftovers_are_thrown_away() -> None:
    volume = MemoryVolume()
    log = filled(volume)
    before = told(log)
    log.close()
    kept = set(volume.names())
    for name in (
        f"{0:020}.log.deleted",
        f"{0:020}.index.deleted",
        f"{7:020}.snapshot.tmp",
        f"{0:020}.log.cleaned",
        f"{0:020}.timeindex.cleaned",
        # Nothing was decided yet: its log is not there.
        f"{0:020}.index.swap",
        # Its log is gone.
        f"{3:020}.index",
        f"{3:020}.txnindex",
    ):
        volume.open(name).append(b"junk")
    again = opened(volume, is_clean=False)
    assert set(volume.names()) == kept
    assert told(again) == before


@settings(max_examples=300 if is_long_run() else 40, deadline=None)
@given(seed=st.integers(0, 2**32), kill_only=st.booleans())
def test_death_at_any_moment_keeps_what_was_safe(seed: int, kill_only: bool) -> None:
    """Only appends and syncs; everything else is in the state machine."""
    chance = random.Random(seed)
    disk = Disk(choose=chance.randrange, dies_at=chance.randrange(1, 200))
    volume = MemoryVolume(disk)
    log: PartitionLog | None = None
    known: list[Seen] = []
    try:
        log = opened(volume, is_clean=True)
        for number in range(60):
            append(log, number)
            if chance.random() < 0.3:
                sync(log)
                known = list(seen(stored(log)))
    except Died:
        pass
    after = volume.after_kill() if kill_only else volume.after_power_loss(chance.randrange)
    again = opened(after, is_clean=False)
    found = list(seen(stored(again)))
    assert found[: len(known)] == known
    if log is not None:
        assert again.log_end_offset >= (log.log_end_offset if kill_only else log.synced_offset)
        disk.dies_at = None
        if again.log_end_offset <= log.log_end_offset:
            assert found == list(seen(stored(log)))[: len(found)]
    # And it goes on.
    again.append(batch(values("z")), leader_epoch=0, now_ms=NOW_MS)
    assert list(seen(stored(again)))[:-1] == found
    again.close()
    assert list(seen(stored(opened(after.after_kill(), is_clean=True))))[:-1] == found


@settings(max_examples=3000 if is_long_run() else 150, deadline=None)
@given(seed=st.integers(0, 2**32), is_clean=st.booleans())
def test_whatever_is_in_the_files_only_the_declared_error_escapes(
    seed: int, is_clean: bool
) -> None:
    chance = random.Random(seed)
    volume = MemoryVolume()
    log = filled(volume)
    sync(log)
    log.delete_records(3)
    log.close()
    whole = list(seen(stored(opened(volume.after_kill(), is_clean=True))))
    for _ in range(chance.randrange(1, 4)):
        damage_somewhere(volume, chance)
    try:
        again = opened(volume, is_clean=is_clean)
    except DamagedLogError:
        return
    checked = log._segments.active.base_offset
    # What is trusted is not read, so its damage is found by who reads it.
    with contextlib.suppress(BrokerError):
        for begin in range(again.log_start_offset, again.log_end_offset):
            data = again.read(begin, 1000, again.log_end_offset)
            if begin >= checked and not is_clean:
                assert set(seen(data)) <= set(whole)
    with contextlib.suppress(BrokerError):
        again.find_time(NOW_MS + 20)
    with contextlib.suppress(BrokerError):
        again.max_timestamp()
    again.aborted(0, 1000)
    again.keep_house(NOW_MS)
    with contextlib.suppress(BrokerError):
        again.append(batch(values("z")), leader_epoch=0, now_ms=NOW_MS)
    with contextlib.suppress(DamagedLogError):
        again.close()


def damage_somewhere(volume: MemoryVolume, chance: random.Random) -> None:
    name = chance.choice(sorted(volume.files))
    data = volume.files[name].data
    if not data:
        return
    at = chance.randrange(len(data))
    kind = chance.randrange(4)
    if kind == 0:
        data[at] = chance.randrange(256)
    elif kind == 1:
        del data[at:]
    elif kind == 2:
        data[at:at] = chance.randbytes(chance.randrange(1, 30))
    else:
        end = min(len(data), at + chance.randrange(1, 100))
        data[at:end] = bytes(end - at)
