"""When a log is compacted, and the round that does it slice by slice. Pure.

The rules are those of Kafka's LogCleanerManager and Cleaner. A round first notes the last offset of
each key in the dirty part, then writes the segments anew, several small ones as one. The new ones
take the place of the old ones so that a crash leaves either.
"""

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from stend.engines.kafka.log import names
from stend.engines.kafka.log.checkpoints import Cleaned, write_cleaned
from stend.engines.kafka.log.cleaning import Rules, Transactions, short
from stend.engines.kafka.log.config import LogConfig
from stend.engines.kafka.log.damage import DamagedLogError
from stend.engines.kafka.log.indexes import (
    MAX_RELATIVE_OFFSET,
    TIME_ENTRY_BYTES,
    AbortedTransaction,
)
from stend.engines.kafka.log.producers import Producer
from stend.engines.kafka.log.segment import Segment
from stend.engines.kafka.volume import Volume
from stend.wire.kafka.errors import WireError
from stend.wire.kafka.records import BatchHeader, read_batch_header, records

# Of the log, read between two turns of the event loop.
SLICE_BYTES = 128 * 1024
# Written between two syncs: one of a whole segment would take seconds.
SYNC_BYTES = 1024 * 1024
# Of one round, some 50 MB; the next round goes on behind the last record that it knew.
MAX_KEYS = 250_000


@dataclass(frozen=True, slots=True)
class Dirt:
    """
    Attributes:
        begin: the first offset that was not compacted yet.
        end: the first that may not be compacted, where a segment begins.
        ratio: how much of all that lies before the end is dirty.
        is_overdue: whether it has to be compacted whatever the ratio is.
    """

    begin: int
    end: int
    ratio: float
    is_overdue: bool

    def is_due(self, config: LogConfig) -> bool:
        is_much = self.ratio > config.min_cleanable_dirty_ratio
        return self.begin < self.end and (is_much or self.is_overdue)


def dirt(
    segments: Sequence[Segment],
    config: LogConfig,
    cleaned: Cleaned,
    *,
    last_stable_offset: int,
    now_ms: int,
) -> Dirt:
    """
    Args:
        last_stable_offset: what is above may still be aborted, or lost in a crash.
    """
    begin = max(cleaned.first_dirty_offset, segments[0].base_offset)
    end = segments[-1].base_offset
    clean_bytes = dirty_bytes = 0
    is_overdue = False
    for segment, following in itertools.pairwise(segments):
        if following.base_offset <= begin:
            clean_bytes += segment.size
            continue
        lag_ms = now_ms - segment.largest_timestamp
        if following.base_offset > last_stable_offset or (
            config.min_compaction_lag_ms > 0 and lag_ms < config.min_compaction_lag_ms
        ):
            end = segment.base_offset
            break
        dirty_bytes += segment.size
        if config.max_compaction_lag_ms < now_ms:
            is_overdue |= 0 < segment.first_timestamp < now_ms - config.max_compaction_lag_ms
    whole = clean_bytes + dirty_bytes
    ratio = dirty_bytes / whole if whole else 0.0
    return Dirt(begin, end, ratio, is_overdue and dirty_bytes > 0)


class Round:
    """One compaction of a log, up to an offset.

    Args:
        segments: all that begin before the end.
        aborted: transactions that begin before the end.
        producers: who is active, as they are now.
        replace: puts a new segment where old ones were, and throws these away.
    """

    def __init__(
        self,
        volume: Volume,
        config: LogConfig,
        segments: Sequence[Segment],
        work: Dirt,
        aborted: Sequence[AbortedTransaction],
        producers: Mapping[int, Producer],
        now_ms: int,
        replace: Callable[[Sequence[Segment], Segment], None],
    ) -> None:
        self._volume = volume
        self._config = config
        self._segments = segments
        self._work = work
        self._aborted = aborted
        self._replace = replace
        self._newest: dict[bytes, int] = {}
        self._mapped_end = work.begin
        self._rules = Rules(
            self._newest,
            work.begin,
            work.end,
            {
                number: state.last_offset if state.batches else None
                for number, state in producers.items()
            },
            {number: state.epoch for number, state in producers.items()},
            now_ms,
            config.delete_retention_ms,
            Transactions(aborted),
        )

    def run(self) -> Iterator[None]:
        """Gives back control after each slice.

        Raises:
            DamagedLogError: something cannot be read; nothing was lost.
        """
        yield from self._map()
        self._rules.mapped_end = self._mapped_end
        reached = [one for one in self._segments if one.base_offset < self._mapped_end]
        # Before the first gap: after a crash they must not be taken for damage.
        write_cleaned(self._volume, Cleaned(self._work.begin, self._work.end))
        for group in groups(reached, self._config, self._work.end):
            yield from self._clean(group)
        write_cleaned(self._volume, Cleaned(self._mapped_end, self._work.end))

    @property
    def cleaned(self) -> Cleaned:
        """As it is written when the round is over."""
        return Cleaned(self._mapped_end, self._work.end)

    def _map(self) -> Iterator[None]:
        """Notes the last offset of each key behind the compacted part."""
        transactions = Transactions(
            one for one in self._aborted if one.last_offset >= self._work.begin
        )
        ends = [segment.base_offset for segment in self._segments[1:]] + [self._work.end]
        for segment, end in zip(self._segments, ends, strict=True):
            if end <= self._work.begin:
                continue
            spent = 0
            for position, batch, header in segment.batches(segment.begin_of(self._work.begin)):
                if len(self._newest) >= MAX_KEYS:
                    return
                self._map_batch(transactions, segment, position, batch, header)
                spent += header.size_bytes
                if spent >= SLICE_BYTES:
                    spent = 0
                    yield
            self._mapped_end = end
            segment.rest()
            yield

    def _map_batch(
        self,
        transactions: Transactions,
        segment: Segment,
        position: int,
        batch: bytes,
        header: BatchHeader,
    ) -> None:
        if header.last_offset < self._work.begin:
            return
        try:
            is_gone = transactions.is_gone(batch, header)
            content = () if is_gone or header.is_control else records(batch, 0, header)
        except WireError as error:
            raise _unreadable(segment, position, error) from error
        for record in content:
            if record.key is not None:
                self._newest[short(record.key)] = header.base_offset + record.offset_delta
        self._mapped_end = header.next_offset

    def _clean(self, group: Sequence[Segment]) -> Iterator[None]:
        for part in names.PARTS:
            self._volume.remove(names.file_name(group[0].base_offset, part) + names.CLEANED)
        made = Segment(
            self._volume, group[0].base_offset, group[-1].created_ms, suffix=names.CLEANED
        )
        self._rules.transactions.kept = []
        spent = unsynced = 0
        for segment in group:
            for position, batch, header in segment.batches(0):
                try:
                    left = self._rules.clean(batch, header)
                except WireError as error:
                    raise _unreadable(segment, position, error) from error
                if left is not None:
                    made.append(left, read_batch_header(left), self._config.index_interval_bytes)
                    unsynced += len(left)
                spent += header.size_bytes
                if unsynced >= SYNC_BYTES:
                    made.file.sync()
                    unsynced = 0
                if spent >= SLICE_BYTES:
                    spent = 0
                    yield
        made.aborted = self._rules.transactions.kept
        made.file.sync()
        made.save()
        self._replace(group, made)
        yield


def groups(segments: Sequence[Segment], config: LogConfig, end: int) -> list[list[Segment]]:
    """Which segments become one: as many as fit its size and the reach of its indexes."""
    made: list[list[Segment]] = []
    size = entries = 0
    for place, segment in enumerate(segments):
        following = segments[place + 1].base_offset if place + 1 < len(segments) else end
        size += segment.size
        entries += len(segment.index)
        if (
            made
            and size <= config.segment_bytes
            and entries < config.segment_index_bytes // TIME_ENTRY_BYTES
            and following - 1 - made[-1][0].base_offset <= MAX_RELATIVE_OFFSET
        ):
            made[-1].append(segment)
        else:
            made.append([segment])
            size, entries = segment.size, len(segment.index)
    return made


def _unreadable(segment: Segment, position: int, error: WireError) -> DamagedLogError:
    return DamagedLogError(segment.name, position, f"it cannot be compacted: {error}")
