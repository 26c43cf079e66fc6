"""Which records go with time, with size, on demand, and when their files do."""

from dataclasses import replace

import pytest

from stend.engines.kafka.errors import BrokerError
from stend.engines.kafka.log.config import LogConfig
from stend.engines.kafka.log.damage import DamagedLogError
from stend.engines.kafka.log.partition_log import PartitionLog
from stend.wire.kafka.errors import ErrorCode
from tests.engines.kafka.log.batches import NOW_MS, batch, seen, stored, sync
from tests.fakes.volume import Died, Disk, MemoryVolume

# Two batches to a segment.
CONFIG = LogConfig(segment_bytes=400, retention_ms=-1, file_delete_delay_ms=30)


class Kept:
    """A log of ten batches, a millisecond apart."""

    def __init__(self, config: LogConfig = CONFIG, disk: Disk | None = None) -> None:
        self.volume = MemoryVolume(disk)
        self.config = config
        self.log = self.opened()
        for number in range(10):
            self.put(NOW_MS + number)
        sync(self.log)

    def opened(self) -> PartitionLog:
        return PartitionLog.open(self.volume, self.config, is_clean=False, now_ms=NOW_MS)

    def put(self, timestamp: int) -> None:
        self.log.append(batch([(None, bytes(100))], timestamp), leader_epoch=0, now_ms=NOW_MS)

    @property
    def bases(self) -> list[int]:
        return sorted(int(name[:20]) for name in self.volume.names() if name.endswith(".log"))

    @property
    def offsets(self) -> list[int]:
        return [one.offset for one in seen(stored(self.log))]

    def restart(self) -> None:
        self.volume = self.volume.after_kill()
        self.log = self.opened()


def test_segments_that_are_too_old_go() -> None:
    one = Kept(replace(CONFIG, retention_ms=1000))
    assert one.bases == [0, 2, 4, 6, 8]
    # The last record of the first segment is just old enough.
    one.log.keep_house(NOW_MS + 1001)
    assert one.log.log_start_offset == 0
    one.log.keep_house(NOW_MS + 1002)
    assert (one.log.log_start_offset, one.offsets) == (2, [*range(2, 10)])
    assert one.bases == [2, 4, 6, 8]
    one.restart()
    assert one.log.log_start_offset == 2


def test_the_active_segment_goes_too_when_all_is_too_old() -> None:
    one = Kept(replace(CONFIG, retention_ms=1000))
    assert one.log.keep_house(NOW_MS + 5000)
    sync(one.log)
    assert (one.log.log_start_offset, one.log.log_end_offset, one.bases) == (10, 10, [10])
    # An empty one is kept: it says where the log goes on.
    one.log.keep_house(NOW_MS + 10_000)
    assert one.bases == [10]
    one.restart()
    assert (one.log.log_start_offset, one.log.log_end_offset) == (10, 10)
    one.put(NOW_MS)
    assert one.offsets == [10]


def test_what_is_not_safe_on_the_disk_does_not_go() -> None:
    one = Kept(replace(CONFIG, retention_ms=1000))
    one.put(NOW_MS + 10)
    one.log.keep_house(NOW_MS + 5000)
    assert one.bases == [10]
    assert one.offsets == [10]
    # It waits for a sync, not for time.
    one.log.keep_house(NOW_MS + 6000)
    assert one.offsets == [10]
    sync(one.log)
    one.log.keep_house(NOW_MS + 6000)
    assert one.offsets == []


def test_as_many_of_the_oldest_go_as_are_too_many() -> None:
    one = Kept()
    size = one.log.size_bytes
    segment = size // 5
    for limit, start in ((size, 0), (size - segment + 1, 0), (size - segment, 2)):
        one.log.config = replace(CONFIG, retention_bytes=limit)
        one.log.keep_house(NOW_MS)
        assert one.log.log_start_offset == start
    one.log.config = replace(CONFIG, retention_bytes=0)
    one.log.keep_house(NOW_MS)
    assert (one.log.log_start_offset, one.log.size_bytes) == (10, 0)


def test_files_go_later_and_are_marked_until_then() -> None:
    one = Kept(replace(CONFIG, retention_bytes=1000))
    one.log.keep_house(NOW_MS)
    deleted = [name for name in one.volume.names() if name.endswith(".deleted")]
    assert f"{0:020}.log.deleted" in deleted
    one.log.keep_house(NOW_MS + 29)
    assert set(deleted) <= set(one.volume.names())
    one.log.keep_house(NOW_MS + 30)
    assert not [name for name in one.volume.names() if name.endswith(".deleted")]


def test_records_are_deleted_on_demand() -> None:
    one = Kept()
    assert one.log.delete_records(5) == 5
    assert one.log.delete_records(3) == 5
    with pytest.raises(BrokerError) as caught:
        one.log.read(4, 1000, 10)
    assert caught.value.code is ErrorCode.OFFSET_OUT_OF_RANGE
    assert one.offsets == [5, 6, 7, 8, 9]
    # Whole segments go at once, of the others the file stays.
    one.log.keep_house(NOW_MS)
    assert one.bases == [4, 6, 8]
    one.restart()
    assert (one.log.log_start_offset, one.offsets) == (5, [5, 6, 7, 8, 9])
    assert one.log.delete_records(10) == 10
    one.log.keep_house(NOW_MS)
    assert one.bases == [8]
    assert one.offsets == []


def test_what_cannot_be_deleted_is_told() -> None:
    one = Kept()
    one.put(NOW_MS + 10)
    for offset in (11, 100, -1):
        with pytest.raises(BrokerError) as caught:
            one.log.delete_records(offset)
        assert caught.value.code is ErrorCode.OFFSET_OUT_OF_RANGE
    one.log.config = replace(CONFIG, cleanup_policies=frozenset(("compact",)))
    with pytest.raises(BrokerError) as caught:
        one.log.delete_records(1)
    assert caught.value.code is ErrorCode.POLICY_VIOLATION
    assert one.log.log_start_offset == 0


def test_records_without_a_time_are_as_old_as_their_segment() -> None:
    one = Kept(replace(CONFIG, retention_ms=1000))
    one.log.keep_house(NOW_MS + 5000)
    sync(one.log)
    one.put(-1)
    sync(one.log)
    one.log.keep_house(NOW_MS + 6000)
    assert one.offsets == [10]
    one.log.keep_house(NOW_MS + 6001)
    assert one.offsets == []


def test_a_lost_first_segment_is_no_retention() -> None:
    one = Kept(replace(CONFIG, retention_bytes=1000))
    one.log.keep_house(NOW_MS)
    start = one.log.log_start_offset
    one.volume.remove(f"{start:020}.log")
    with pytest.raises(
        DamagedLogError, match=f"{start:020}.log is damaged at byte 0: it is missing"
    ):
        one.restart()


def test_a_crash_while_segments_go_loses_nothing_else() -> None:
    for dies_in in range(1, 60):
        disk = Disk()
        one = Kept(replace(CONFIG, retention_bytes=700), disk)
        disk.dies_at = disk.operations + dies_in
        try:
            one.log.keep_house(NOW_MS)
        except Died:
            pass
        else:
            assert dies_in > 10
            break
        for after in (one.volume.after_kill(), one.volume.after_power_loss(lambda bound: 0)):
            again = PartitionLog.open(after, CONFIG, is_clean=False, now_ms=NOW_MS)
            offsets = [record.offset for record in seen(stored(again))]
            assert offsets == [*range(again.log_start_offset, 10)]
            assert again.log_start_offset in (0, 4)
