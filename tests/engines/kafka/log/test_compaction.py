"""What compaction leaves, when it happens, and that a crash in it loses nothing."""

from dataclasses import dataclass, replace

import pytest

from stend.engines.kafka.log.compaction import groups
from stend.engines.kafka.log.partition_log import PartitionLog
from stend.engines.kafka.log.segment import Segment
from stend.wire.kafka.compression import Compression
from stend.wire.kafka.records import batches, records
from tests.engines.kafka.log.batches import (
    NOW_MS,
    Seen,
    committed,
    seen,
    stored,
    sync,
)
from tests.engines.kafka.log.compacted import CONFIG, DAY_MS, Compacted
from tests.fakes.volume import Died, Disk, MemoryVolume


def test_the_last_value_of_each_key_stays_where_it_was() -> None:
    one = Compacted()
    one.put((b"a", b"1"), (b"b", b"1"), (b"a", b"2"))
    one.put((b"b", b"2"), (b"c", b"1"))
    one.put((b"a", b"3"))
    one.roll()
    before = {found.offset: found for found in seen(stored(one.log))}
    one.compact()
    assert one.pairs() == [(3, b"b", b"2"), (4, b"c", b"1"), (5, b"a", b"3")]
    assert all(before[found.offset] == found for found in seen(stored(one.log)))
    # The first batch had nothing left; those that lost nothing are the same bytes.
    assert [head.base_offset for head in one.heads()] == [3, 5, 6]
    assert one.log.read(0, 1000, 7) == one.log.read(3, 1000, 7)


def test_a_part_of_a_batch_keeps_its_range_of_offsets() -> None:
    one = Compacted()
    one.put((b"a", b"1"), (b"b", b"1"), (b"a", b"2"), (b"b", b"2"), (b"c", b"1"), number=5)
    one.put((b"c", b"2"), number=5)
    one.roll()
    one.compact()
    head = one.heads()[0]
    assert (head.base_offset, head.last_offset, head.count) == (0, 4, 2)
    assert (head.producer_id, head.base_sequence, head.last_sequence) == (5, 0, 4)
    assert head.max_timestamp == NOW_MS + 3
    assert one.pairs() == [(2, b"a", b"2"), (3, b"b", b"2"), (5, b"c", b"2")]


def test_the_active_segment_is_left_alone() -> None:
    one = Compacted()
    one.put((b"a", b"1"))
    one.put((b"a", b"2"))
    one.compact()
    assert len(one.pairs()) == 2
    one.roll()
    one.put((b"a", b"3"))
    one.compact()
    assert one.pairs() == [(1, b"a", b"2"), (3, b"a", b"3")]


@pytest.mark.parametrize("compression", Compression)
def test_batches_keep_their_codec(compression: Compression) -> None:
    one = Compacted()
    one.put((b"a", b"1" * 100), (b"b", b"1" * 100), (b"a", b"2"), compression=compression)
    one.roll()
    one.compact()
    assert one.heads()[0].compression is compression
    assert one.pairs() == [(1, b"b", b"1" * 100), (2, b"a", b"2")]


def test_log_append_time_stays() -> None:
    one = Compacted(replace(CONFIG, is_log_append_time=True))
    one.put((b"a", b"1"), (b"b", b"1"), (b"a", b"2"))
    one.now_ms += 5
    one.roll()
    one.compact()
    assert one.heads()[0].is_log_append_time
    assert one.log.find_time(0) == (1, NOW_MS)


def test_tombstones_stay_for_their_time_after_the_first_cleaning() -> None:
    one = Compacted()
    one.put((b"a", b"1"), (b"b", b"1"))
    one.put((b"a", None), (b"c", b"1"))
    one.roll()
    # However old it is already: readers must have had the time to see it (KIP-534).
    one.compact(DAY_MS)
    assert one.pairs() == [(1, b"b", b"1"), (2, b"a", None), (3, b"c", b"1")]
    head = one.heads()[1]
    assert head.delete_horizon_ms == NOW_MS + DAY_MS + 1000
    times = {found.offset: found.timestamp for found in seen(stored(one.log))}
    assert (times[2], times[3]) == (NOW_MS, NOW_MS + 1)
    one.roll()
    one.compact(999)
    assert (2, b"a", None) in one.pairs()
    assert one.heads()[1].delete_horizon_ms == head.delete_horizon_ms
    one.roll()
    one.compact(1)
    assert one.pairs() == [(1, b"b", b"1"), (3, b"c", b"1")]


def test_records_without_a_key_from_before_the_topic_was_compacted_go() -> None:
    one = Compacted(replace(CONFIG, cleanup_policies=frozenset(("delete",)), retention_ms=-1))
    one.put((None, b"1"), (b"a", b"1"))
    one.roll()
    one.log.config = CONFIG
    one.compact()
    assert one.pairs() == [(1, b"a", b"1")]


def test_what_a_producer_sent_last_stays_as_an_empty_batch() -> None:
    one = Compacted()
    one.put((b"a", b"1"), number=5)
    one.put((b"a", b"2"), (b"a", b"3"), number=5)
    one.put((b"a", b"4"))
    one.roll()
    one.compact()
    head = one.heads()[0]
    assert (head.base_offset, head.last_offset, head.count) == (1, 2, 0)
    assert (head.base_sequence, head.last_sequence, head.max_timestamp) == (1, 2, NOW_MS + 1)
    # All that is known of the producer can be read from the log again.
    for name in one.volume.names():
        if name.endswith(".snapshot"):
            one.volume.remove(name)
    again = PartitionLog.open(one.volume.after_kill(), CONFIG, is_clean=False, now_ms=NOW_MS)
    (state,) = again.producers()
    assert (state.last_sequence, state.last_offset) == (2, 2)
    # Once it sends more, the empty batch is in nobody's way.
    one.put((b"a", b"5"), number=5)
    one.roll()
    one.compact()
    assert one.heads()[0].base_offset == 4


def test_the_last_batch_of_a_round_stays_so_that_the_log_does_not_lose_its_end() -> None:
    one = Compacted()
    one.put((b"a", b"1"))
    one.put((b"a", b"2"))
    one.end(9, commit=False)
    one.roll()
    assert one.log._segments.active.base_offset == 3
    one.compact()
    one.roll()
    one.compact(2000)
    one.roll()
    one.compact(2000)
    assert [(head.base_offset, head.count) for head in one.heads()][:1] == [(1, 1)]
    volume = one.volume.after_kill()
    assert PartitionLog.open(volume, CONFIG, is_clean=False, now_ms=NOW_MS).log_end_offset == 6


def test_aborted_records_go_and_their_marker_later() -> None:
    one = Compacted()
    one.put((b"a", b"1"))
    one.put((b"a", b"aborted"), (b"b", b"aborted"), number=5, txn=True)
    one.put((b"b", b"1"))
    marker = one.end(5, commit=False)
    one.put((b"z", b"1"), number=5)
    one.roll()
    assert one.log.aborted(0, 99) == [(5, 1)]
    one.compact()
    # An aborted value replaces nothing.
    assert one.pairs() == [(0, b"a", b"1"), (3, b"b", b"1"), (5, b"z", b"1")]
    assert marker in [head.base_offset for head in one.heads()]
    # Readers that were in the middle of it still need the marker, for a while.
    one.roll()
    one.compact(DAY_MS)
    assert one.log.aborted(0, 99) == []
    (head,) = [head for head in one.heads() if head.is_control]
    assert head.delete_horizon_ms == one.now_ms + 1000
    one.roll()
    one.compact(1000)
    assert not any(head.is_control for head in one.heads())


def test_a_commit_marker_goes_when_the_transaction_has_no_records_any_more() -> None:
    one = Compacted()
    one.put((b"a", b"1"), number=5, txn=True)
    marker = one.end(5, commit=True)
    one.put((b"z", b"1"), number=5)
    one.roll()
    for later_ms in (0, 5000, 5000):
        one.compact(later_ms)
        one.roll()
    assert marker in [head.base_offset for head in one.heads()]
    one.put((b"a", b"2"))
    for later_ms in (0, 0, 1000):
        one.roll()
        assert marker in [head.base_offset for head in one.heads()]
        one.compact(later_ms)
    assert marker not in [head.base_offset for head in one.heads()]


def test_nothing_is_compacted_behind_an_open_transaction() -> None:
    one = Compacted()
    one.put((b"a", b"1"))
    one.put((b"a", b"2"))
    one.roll()
    one.put((b"a", b"3"), number=5, txn=True)
    one.put((b"a", b"4"))
    one.roll()
    one.compact()
    assert one.pairs() == [(1, b"a", b"2"), (3, b"a", b"3"), (4, b"a", b"4")]
    one.end(5, commit=True)
    one.roll()
    one.compact()
    assert one.pairs() == [(4, b"a", b"4")]


def test_what_is_not_safe_on_the_disk_is_not_compacted() -> None:
    one = Compacted()
    one.put((b"a", b"1"))
    one.roll()
    one.put((b"a", b"2"))
    one.log.config = replace(CONFIG, segment_bytes=160)
    one.put((b"active", b"2"))
    assert one.log.synced_offset == 2
    one.compact()
    assert one.pairs()[0] == (0, b"a", b"1")
    sync(one.log)
    one.compact()
    assert one.pairs() == [(2, b"a", b"2")]


def test_records_younger_than_the_lag_wait() -> None:
    one = Compacted(replace(CONFIG, min_compaction_lag_ms=100))
    one.put((b"a", b"1"))
    one.put((b"a", b"2"))
    one.roll()
    one.compact(99)
    assert len(one.pairs()) == 2
    one.compact(1)
    assert one.pairs() == [(1, b"a", b"2")]


def test_the_dirty_part_must_be_large_enough_or_too_old() -> None:
    half = replace(CONFIG, min_cleanable_dirty_ratio=0.5, segment_bytes=100_000)
    one = Compacted(half)
    one.put(*((b"%d" % number, b"v" * 100) for number in range(20)))
    one.roll()
    one.compact()
    one.put((b"1", b"new"))
    one.roll()
    one.compact()
    assert len(one.pairs()) == 21
    one.compact(50)
    one.log.config = replace(one.log.config, max_compaction_lag_ms=500)
    one.compact(501)
    assert len(one.pairs()) == 20


def test_a_round_that_ran_out_of_room_goes_on_with_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("stend.engines.kafka.log.compaction.MAX_KEYS", 3)
    one = Compacted()
    for value in (b"1", b"2"):
        for key in range(6):
            one.put((b"%d" % key, value))
        one.roll()
    before = committed(one.log)
    rounds = 0
    while True:
        one.log.keep_house(one.now_ms)
        if not one.log.is_compacting:
            break
        one.compact()
        rounds += 1
    assert rounds > 2
    assert one.pairs() == [(7 + key, b"%d" % key, b"2") for key in range(6)]
    assert set(committed(one.log)) <= set(before)


def test_small_segments_become_one() -> None:
    one = Compacted(replace(CONFIG, segment_bytes=2000))
    for number in range(6):
        one.put((b"a", b"%d" % number), (b"%d" % number, b"x"))
        one.roll()
    assert len([name for name in one.volume.names() if name.endswith(".log")]) == 7
    one.compact()
    one.now_ms += 50
    one.log.keep_house(one.now_ms)
    logs = sorted(name for name in one.volume.names() if ".log" in name)
    assert logs == [f"{0:020}.log", f"{one.log._segments.active.base_offset:020}.log"]
    assert len(one.log._segments.all) == 2


def test_groups_fit_the_size_of_a_segment_and_the_reach_of_its_index() -> None:
    volume = MemoryVolume()
    segments = [
        Segment(volume, base, NOW_MS) for base in (0, 10, 20, 30, 2**31 - 1, 2**31, 2**31 + 30)
    ]
    for segment, size in zip(segments, (400, 600, 1, 0, 0, 0, 5), strict=True):
        segment.size = size
    found = groups(segments, CONFIG, 2**31 + 40)
    bases = [[one.base_offset for one in group] for group in found]
    assert bases == [[0, 10], [20, 30, 2**31 - 1], [2**31, 2**31 + 30]]


def test_a_slice_is_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stend.engines.kafka.log.compaction.SLICE_BYTES", 300)
    one = Compacted(replace(CONFIG, segment_bytes=10_000))
    for number in range(50):
        one.put((b"%d" % (number % 7), b"v" * 50))
    one.roll()
    slices = 0
    one.log.keep_house(one.now_ms)
    while one.log.is_compacting:
        slices += 1
        # In between the log is used as ever.
        one.put((b"more", b"%d" % slices))
        assert one.log.read(0, 10_000, one.log.log_end_offset)
        one.log.keep_house(one.now_ms)
    assert slices > 20
    assert len([1 for _, key, _ in one.pairs() if key != b"more"]) == 7


def test_another_may_have_to_wait_its_turn() -> None:
    one = Compacted()
    one.put((b"a", b"1"))
    one.roll()
    states: list[bool] = []
    for may_begin in (False, True, False):
        one.log.keep_house(one.now_ms, may_begin_compaction=may_begin)
        states.append(one.log.is_compacting)
    assert states == [False, True, True]


def test_compaction_and_retention_go_together() -> None:
    policies = frozenset(("compact", "delete"))
    one = Compacted(replace(CONFIG, cleanup_policies=policies, retention_ms=100))
    one.put((b"a", b"1"))
    one.put((b"a", b"2"), (b"b", b"1"))
    one.roll()
    one.compact(100)
    assert one.pairs() == [(1, b"a", b"2"), (2, b"b", b"1")]
    one.put((b"c", b"1"))
    one.compact(2)
    assert one.pairs() == [(4, b"c", b"1")]
    assert one.log.log_start_offset == 3


def test_an_emptied_segment_stays_where_the_log_begins() -> None:
    one = Compacted()
    one.put((b"a", b"1"))
    one.roll()
    one.put((b"a", b"2"))
    one.put((b"b", b"1"))
    one.log.config = replace(CONFIG, segment_bytes=250)
    one.roll()
    one.compact()
    one.compact(DAY_MS)
    assert one.log.log_start_offset == 0
    assert one.log._segments.all[0].size == 0
    assert one.log.read(0, 1000, one.log.log_end_offset)
    # Of a log that is deleted as well, it goes with what follows it.
    policies = frozenset(("compact", "delete"))
    one.log.config = replace(CONFIG, cleanup_policies=policies, retention_ms=2 * DAY_MS)
    one.compact()
    assert one.log.log_start_offset == 0
    one.compact(2 * DAY_MS)
    assert one.log.log_start_offset > 1


def test_a_batch_that_cannot_be_read_ends_it_and_the_log_goes_on() -> None:
    one = Compacted()
    one.put((b"a", b"1"))
    one.put((b"a", b"2"))
    one.roll()
    one.volume.files[f"{0:020}.log"].data[57:61] = (2).to_bytes(4, "big")
    one.log.keep_house(one.now_ms)
    assert "cannot be compacted" in str(one.log.house_problem)
    one.put((b"b", b"1"))
    assert one.log.read(3, 1000, 4)


@dataclass
class Extreme:
    """Always the least choice, or always the greatest."""

    side: int

    def __call__(self, bound: int) -> int:
        return self.side * (bound - 1)


def table(found: list[Seen]) -> dict[bytes | None, bytes | None]:
    """What a reader of the whole topic knows in the end."""
    known = {one.key: one.value for one in found}
    return {key: value for key, value in known.items() if value is not None}


def prepared(volume: MemoryVolume) -> Compacted:
    """Two segments that become one: aborted records, tombstones, empty batches."""
    one = Compacted(volume=volume)
    one.put((b"a", b"1"), (b"b", b"1"), number=5)
    one.put((b"x", b"aborted"), number=6, txn=True)
    one.roll()
    one.put((b"a", None), (b"c", b"1"))
    one.end(6, commit=False)
    one.put((b"c", b"2"))
    one.roll()
    return one


def test_a_crash_at_any_operation_leaves_the_old_or_the_new() -> None:
    whole = prepared(MemoryVolume())
    before = whole.volume.disk.operations
    whole.compact()
    total = whole.volume.disk.operations - before
    expected = table(committed(whole.log))
    states = {state.producer_id: state.last_sequence for state in whole.log.producers()}
    assert total > 30
    for dies_in in range(1, total + 1):
        disk = Disk()
        one = prepared(MemoryVolume(disk))
        disk.dies_at = disk.operations + dies_in
        with pytest.raises(Died):
            one.compact()
        for after in (
            one.volume.after_kill(),
            one.volume.after_power_loss(Extreme(0)),
            one.volume.after_power_loss(Extreme(1)),
        ):
            again = PartitionLog.open(after, CONFIG, is_clean=False, now_ms=NOW_MS)
            assert again.log_end_offset == whole.log.log_end_offset
            assert table(committed(again)) == expected
            assert states == {one.producer_id: one.last_sequence for one in again.producers()}
            leftovers = (".cleaned", ".swap", ".deleted")
            assert not [name for name in after.names() if name.endswith(leftovers)]


def test_records_of_a_rebuilt_batch_are_the_same_records() -> None:
    one = Compacted()
    one.put((b"a", b"1"), (b"b", b""), (b"", b"empty key"), (b"k" * 40, b"long"), (b"a", b"2"))
    one.roll()
    one.compact()
    data = stored(one.log)
    head, at = next(iter(batches(data)))
    assert [record.offset_delta for record in records(data, at, head)] == [1, 2, 3, 4]
    assert [key for _, key, _ in one.pairs()] == [b"b", b"", b"k" * 40, b"a"]
