"""Reading from any offset, by any size; segments; records by time."""

import pytest

from stend.engines.kafka.errors import BrokerError
from stend.engines.kafka.log.config import LogConfig
from stend.engines.kafka.log.partition_log import PartitionLog
from stend.wire.kafka.compression import Compression
from stend.wire.kafka.errors import ErrorCode
from stend.wire.kafka.records import batches
from tests.engines.kafka.log.batches import NOW_MS, batch, seen, stored, sync, values
from tests.fakes.volume import MemoryVolume

SMALL = LogConfig(segment_bytes=700, index_interval_bytes=100)


def opened(config: LogConfig = SMALL, volume: MemoryVolume | None = None) -> PartitionLog:
    return PartitionLog.open(volume or MemoryVolume(), config, is_clean=True, now_ms=NOW_MS)


def filled(log: PartitionLog, count: int = 40) -> PartitionLog:
    """Batches of one, two and three records, ten milliseconds apart."""
    for number in range(count):
        pairs = values(*(f"{number}-{place}" for place in range(number % 3 + 1)))
        compression = Compression(number % len(Compression))
        data = batch(pairs, NOW_MS + number * 10, compression=compression)
        log.append(data, leader_epoch=0, now_ms=NOW_MS)
    return log


def bases(volume: MemoryVolume) -> list[int]:
    return sorted(int(name[:20]) for name in volume.names() if name.endswith(".log"))


def test_from_every_offset_up_to_every_other() -> None:
    log = filled(opened())
    heads = [(head.base_offset, head.last_offset) for head, _ in batches(stored(log))]
    for offset in range(log.log_end_offset):
        for end in range(offset + 1, log.log_end_offset + 1, 3):
            found = [head.base_offset for head, _ in batches(log.read(offset, 10_000, end))]
            fitting = [first for first, last in heads if last >= offset and last < end]
            # One segment at a time.
            assert found == fitting[: len(found)]
            assert bool(found) == bool(fitting)


def test_no_more_than_asked_for_but_at_least_one() -> None:
    log = filled(opened())
    end = log.log_end_offset
    sizes = [head.size_bytes for head, _ in batches(log.read(0, 10_000, end))]
    for limit in range(sum(sizes) + 2):
        data = log.read(0, limit, end, at_least_one=False)
        fitting = [sum(sizes[:count]) for count in range(len(sizes) + 1)]
        assert len(data) == max(size for size in fitting if size <= limit)
        assert len(log.read(0, limit, end)) == max(len(data), sizes[0])
    assert log.read(0, 10_000, 0) == b""
    assert log.read(end, 10_000, end) == b""


def test_outside_of_the_log_there_is_nothing() -> None:
    log = filled(opened())
    sync(log)
    log.delete_records(5)
    for offset in (-1, 0, 4, log.log_end_offset + 1):
        with pytest.raises(BrokerError) as caught:
            log.read(offset, 1000, log.log_end_offset)
        assert caught.value.code is ErrorCode.OFFSET_OUT_OF_RANGE


def test_segments_have_kafkas_names_and_begin_where_the_last_one_ended() -> None:
    volume = MemoryVolume()
    log = filled(opened(volume=volume))
    log.close()
    heads = {head.base_offset for head, _ in batches(stored(opened(volume=volume)))}
    assert bases(volume)[0] == 0
    assert len(bases(volume)) > 3
    assert set(bases(volume)) <= heads
    kinds = {name[20:] for name in volume.names()}
    assert kinds == {".log", ".index", ".timeindex", ".txnindex", ".snapshot"}
    assert all(len(volume.read(f"{base:020}.log")) <= 700 for base in bases(volume))


def test_the_age_of_the_records_begins_a_segment() -> None:
    volume = MemoryVolume()
    log = opened(LogConfig(segment_ms=100), volume)
    for offset_ms in (50, 0, 150, 151, 200):
        data = batch(values("a"), NOW_MS + offset_ms)
        log.append(data, leader_epoch=0, now_ms=NOW_MS)
    assert bases(volume) == [0, 3]
    # Without times it is the age of the segment.
    log.append(batch(values("a"), NOW_MS + 252), leader_epoch=0, now_ms=NOW_MS)
    log.append(batch(values("a"), -1), leader_epoch=0, now_ms=NOW_MS + 1000)
    assert bases(volume) == [0, 3, 5]
    volume = MemoryVolume()
    log = opened(LogConfig(segment_ms=100), volume)
    for age_ms in (0, 100, 101, 102):
        log.append(batch(values("a"), -1), leader_epoch=0, now_ms=NOW_MS + age_ms)
    assert bases(volume) == [0, 2]


def test_a_compacted_log_begins_segments_in_time_to_be_compacted() -> None:
    volume = MemoryVolume()
    policies = frozenset(("compact",))
    log = opened(LogConfig(max_compaction_lag_ms=100, cleanup_policies=policies), volume)
    for offset_ms in (0, 100, 101):
        log.append(batch(values("a"), NOW_MS + offset_ms), leader_epoch=0, now_ms=NOW_MS)
    assert bases(volume) == [0, 2]


@pytest.mark.parametrize(("index_bytes", "held"), [(24, 3), (36, 4)])
def test_a_full_index_begins_a_segment(index_bytes: int, held: int) -> None:
    volume = MemoryVolume()
    log = opened(LogConfig(index_interval_bytes=0, segment_index_bytes=index_bytes), volume)
    for number in range(held + 1):
        log.append(batch(values("a"), NOW_MS + number), leader_epoch=0, now_ms=NOW_MS)
    assert bases(volume)[0] == 0
    assert len(bases(volume)) == 2
    log.close()
    for base in bases(volume):
        assert len(volume.read(f"{base:020}.index")) <= index_bytes
        assert len(volume.read(f"{base:020}.timeindex")) <= index_bytes


def test_every_time_is_found_exactly() -> None:
    log = filled(opened())
    known = [(one.offset, one.timestamp) for one in seen(stored(log))]
    for timestamp in range(NOW_MS - 2, NOW_MS + 400):
        expected = next((one for one in known if one[1] >= timestamp), None)
        assert log.find_time(timestamp) == expected
    assert log.max_timestamp() == max(known, key=lambda one: one[1])


def test_times_that_go_back_are_found_too() -> None:
    log = opened()
    for number, stamp in enumerate([5, 9, 3, 9, 7, 12, 1, 12, 0, 30, 2, 8] * 3):
        data = batch(values(f"{number}"), NOW_MS + stamp)
        log.append(data, leader_epoch=0, now_ms=NOW_MS)
    known = [(one.offset, one.timestamp) for one in seen(stored(log))]
    for timestamp in range(NOW_MS - 2, NOW_MS + 35):
        expected = next((one for one in known if one[1] >= timestamp), None)
        assert log.find_time(timestamp) == expected
    assert log.max_timestamp() == (9, NOW_MS + 30)


def test_within_a_batch_the_times_may_go_back() -> None:
    log = opened()
    data = batch(values("a", "b", "c"), NOW_MS, step_ms=-5, compression=Compression.GZIP)
    log.append(data, leader_epoch=0, now_ms=NOW_MS)
    assert log.find_time(NOW_MS - 7) == (0, NOW_MS)
    assert log.max_timestamp() == (0, NOW_MS)


def test_deleted_records_are_not_found_by_time() -> None:
    log = filled(opened())
    sync(log)
    log.delete_records(8)
    assert log.find_time(0) == (8, NOW_MS + 41)
    log.delete_records(log.log_end_offset)
    assert log.find_time(0) is None
    assert log.max_timestamp() is None


def test_few_files_are_open_at_a_time() -> None:
    volume = MemoryVolume()
    log = filled(opened(volume=volume), 200)
    sync(log)
    stored(log)
    log.find_time(NOW_MS + 1000)
    log.max_timestamp()
    log.keep_house(NOW_MS)
    assert len(log._segments.all) > 20
    assert sum(segment.is_open for segment in log._segments) <= 3
