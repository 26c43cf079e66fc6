"""A compacted log as its tests fill it."""

from dataclasses import replace

from stend.engines.kafka.log.config import LogConfig
from stend.engines.kafka.log.partition_log import PartitionLog
from stend.wire.kafka.compression import Compression
from stend.wire.kafka.records import BatchHeader, batches
from tests.engines.kafka.log.batches import NOW_MS, Pair, batch, seen, stored, sync
from tests.fakes.volume import MemoryVolume

CONFIG = LogConfig(
    cleanup_policies=frozenset(("compact",)),
    segment_bytes=1000,
    index_interval_bytes=100,
    min_cleanable_dirty_ratio=0.0,
    delete_retention_ms=1000,
    file_delete_delay_ms=50,
)
DAY_MS = 86_400_000


class Compacted:
    """A compacted log; `roll` closes its active segment."""

    def __init__(self, config: LogConfig = CONFIG, volume: MemoryVolume | None = None) -> None:
        self.volume = volume or MemoryVolume()
        self.now_ms = NOW_MS
        self.log = PartitionLog.open(self.volume, config, is_clean=False, now_ms=NOW_MS)
        self.sequences: dict[int, int] = {}

    def put(
        self,
        *pairs: Pair,
        number: int = -1,
        txn: bool = False,
        compression: Compression = Compression.NONE,
    ) -> int:
        """The offset of the first."""
        sequence = -1
        if number >= 0:
            sequence = self.sequences.get(number, 0)
            self.sequences[number] = sequence + len(pairs)
        data = batch(
            pairs,
            self.now_ms,
            producer=(number, min(number, 0) or 0, sequence),
            is_transactional=txn,
            compression=compression,
        )
        return self.log.append(data, leader_epoch=0, now_ms=self.now_ms).base_offset

    def end(self, number: int, *, commit: bool) -> int:
        return self.log.append_control(commit, number, 0, 0, leader_epoch=0, now_ms=self.now_ms)

    def roll(self) -> None:
        config = self.log.config
        self.log.config = replace(config, segment_bytes=self.log._segments.active.size + 80)
        self.put((b"active", b"?" * 50))
        self.log.config = config
        sync(self.log)

    def compact(self, later_ms: int = 0) -> None:
        """To the end of the round."""
        self.now_ms += later_ms
        self.log.keep_house(self.now_ms)
        while self.log.is_compacting:
            self.log.keep_house(self.now_ms)
        assert self.log.house_problem is None

    def heads(self) -> list[BatchHeader]:
        return [head for head, _ in batches(stored(self.log))]

    def pairs(self) -> list[tuple[int, bytes | None, bytes | None]]:
        return [
            (one.offset, one.key, one.value)
            for one in seen(stored(self.log))
            if one.key != b"active"
        ]
