"""A log and the plainest model of it: a list of what was appended, and who appended it."""

from collections import deque
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from stend.engines.kafka.disk import DiskVolume
from stend.engines.kafka.errors import BrokerError
from stend.engines.kafka.log.config import LogConfig
from stend.engines.kafka.log.partition_log import PartitionLog
from stend.engines.kafka.volume import Volume
from stend.wire.kafka.compression import Compression
from stend.wire.kafka.errors import ErrorCode
from tests.engines.kafka.log.batches import (
    NOW_MS,
    Pair,
    Seen,
    batch,
    committed,
    seen,
    stored,
    sync,
)
from tests.fakes.volume import Choose, Died, MemoryVolume

SEQUENCES = 2**31


@dataclass(slots=True)
class Sent:
    first_sequence: int
    first_offset: int
    count: int


@dataclass(slots=True)
class Knows:
    """What must be known of a producer."""

    epoch: int
    batches: deque[Sent] = field(default_factory=lambda: deque(maxlen=5))
    open_since: int | None = None

    @property
    def next_sequence(self) -> int:
        if not self.batches:
            return 0
        return (self.batches[-1].first_sequence + self.batches[-1].count) % SEQUENCES


@dataclass(slots=True)
class Entry:
    """A batch that was appended, or a marker.

    Attributes:
        is_aborted: None while its transaction is open.
    """

    records: list[Seen]
    first_offset: int
    count: int
    producer_id: int = -1
    epoch: int = -1
    sequence: int = -1
    is_transactional: bool = False
    is_aborted: bool | None = False
    marker: bool | None = None

    @property
    def end(self) -> int:
        return self.first_offset + self.count


class Place(Protocol):
    """Where the log lives between two lives of the process."""

    volume: Volume

    def restart(self) -> None: ...


@dataclass
class Memory:
    volume: MemoryVolume = field(default_factory=MemoryVolume)

    def restart(self) -> None:
        self.volume = self.volume.after_kill()

    def lose_power(self, choose: Choose) -> None:
        self.volume = self.volume.after_power_loss(choose)


@dataclass
class Real:
    path: Path

    def __post_init__(self) -> None:
        self.volume: Volume = DiskVolume(self.path)

    def restart(self) -> None:
        self.volume = DiskVolume(self.path)


class World:
    """Does things to the log and to the model, and compares them."""

    def __init__(self, place: Memory | Real, config: LogConfig) -> None:
        self.place = place
        self.config = config
        self.now_ms = NOW_MS
        self.entries: list[Entry] = []
        self.start = 0
        self.log = self._opened(is_clean=True)

    @property
    def end(self) -> int:
        return self.entries[-1].end if self.entries else 0

    def producer(self, producer_id: int) -> Knows | None:
        """By all entries, as the log has to know it."""
        known: Knows | None = None
        for entry in self.entries:
            if entry.producer_id != producer_id:
                continue
            if known is None:
                known = Knows(entry.epoch)
            if known.epoch != entry.epoch:
                known.epoch = entry.epoch
                known.batches.clear()
            if entry.marker is not None:
                known.open_since = None
                continue
            known.batches.append(Sent(entry.sequence, entry.first_offset, entry.count))
            if entry.is_transactional and known.open_since is None:
                known.open_since = entry.first_offset
        return known

    def open_transactions(self) -> dict[int, int]:
        found: dict[int, int] = {}
        for entry in self.entries:
            if entry.marker is not None:
                found.pop(entry.producer_id, None)
            elif entry.is_transactional:
                found.setdefault(entry.producer_id, entry.first_offset)
        return found

    def _first_unstable(self) -> int:
        """Of what is open, or would be after a power loss."""
        found: dict[int, int] = {}
        for entry in self.entries:
            is_safe = entry.end <= self.log.synced_offset
            if entry.marker is not None and is_safe:
                found.pop(entry.producer_id, None)
            elif entry.is_transactional and entry.marker is None:
                found.setdefault(entry.producer_id, entry.first_offset)
        return min(found.values(), default=self.end)

    def append(
        self,
        pairs: list[Pair],
        compression: Compression = Compression.NONE,
        producer: tuple[int, int, int] = (-1, -1, -1),
        *,
        is_transactional: bool = False,
    ) -> None:
        """What must be taken; before it is, it is in the model: a crash may keep it."""
        first = self.end
        records = [
            Seen(first + place, self.now_ms + place, key, value, producer[0])
            for place, (key, value) in enumerate(pairs)
        ]
        number, epoch, sequence = producer
        is_aborted = None if is_transactional else False
        entry = Entry(
            records, first, len(pairs), number, epoch, sequence, is_transactional, is_aborted
        )
        self.entries.append(entry)
        data = batch(
            pairs,
            self.now_ms,
            compression=compression,
            producer=producer,
            is_transactional=is_transactional,
        )
        appended = self.log.append(data, leader_epoch=0, now_ms=self.now_ms)
        assert (appended.base_offset, appended.last_offset) == (first, entry.end - 1)
        assert not appended.is_duplicate

    def refuse(self, pairs: list[Pair], producer: tuple[int, int, int], *, txn: bool) -> ErrorCode:
        data = batch(pairs, self.now_ms, producer=producer, is_transactional=txn)
        try:
            self.log.append(data, leader_epoch=0, now_ms=self.now_ms)
        except BrokerError as error:
            return error.code
        raise AssertionError("it was taken")

    def end_transaction(self, producer_id: int, epoch: int, *, is_commit: bool) -> None:
        marker = Entry([], self.end, 1, producer_id, epoch, marker=is_commit)
        self.entries.append(marker)
        offset = self.log.append_control(
            is_commit, producer_id, epoch, 0, leader_epoch=0, now_ms=self.now_ms
        )
        assert offset == marker.first_offset
        self._settle()

    def sync(self) -> None:
        sync(self.log)

    def restart(self) -> None:
        """A clean end and a new beginning."""
        self.log.close()
        self.place.restart()
        self.log = self._opened(is_clean=True)
        assert self.log.log_end_offset == self.end

    def kill(self) -> None:
        """All that was done is still there."""
        before = self.log.log_end_offset
        self._close_files()
        self.place.restart()
        self._reopen(before)

    def lose_power(self, choose: Choose) -> None:
        safe = self.log.synced_offset
        assert isinstance(self.place, Memory)
        self.place.lose_power(choose)
        self._reopen(safe)

    def die(self, choose: Choose, *, kill_only: bool) -> None:
        """In the middle of something: see `Died`."""
        if kill_only:
            self.kill()
        else:
            self.lose_power(choose)

    def keep_house(self) -> None:
        """All that is due; retention moves the beginning of the model too."""
        self.log.keep_house(self.now_ms)
        while self.log.is_compacting:
            self.log.keep_house(self.now_ms)
        assert self.log.house_problem is None
        self.start = self.log.log_start_offset

    def delete_records(self, offset: int) -> None:
        self.start = max(self.start, offset)
        assert self.log.delete_records(offset) == self.start

    def check(self) -> None:
        """Everything that the log says, against the model."""
        log = self.log
        assert (log.log_start_offset, log.log_end_offset) == (self.start, self.end)
        assert log.open_transactions() == self.open_transactions()
        everything = [one for entry in self.entries for one in entry.records]
        found = list(seen(stored(log)))
        self._check_part(found, everything)
        decided = [
            one for entry in self.entries if entry.is_aborted is False for one in entry.records
        ]
        self._check_committed(committed(log), decided)
        self._check_producers()
        self._check_times(found)

    def _check_part(self, found: list[Seen], everything: list[Seen]) -> None:
        """What is there was appended, at that offset and time; without compaction it is all."""
        known = {one.offset: one for one in everything}
        visible = [one for one in found if one.offset >= self.start]
        assert visible == [known[one.offset] for one in visible]
        offsets = [one.offset for one in visible]
        assert offsets == sorted(set(offsets))
        if not self.config.is_compacted:
            assert visible == [one for one in everything if one.offset >= self.start]

    def _check_committed(self, found: list[Seen], decided: list[Seen]) -> None:
        first_open = self._first_unstable()
        visible = [one for one in found if one.offset >= self.start]
        expected = [one for one in decided if self.start <= one.offset < first_open]
        if not self.config.is_compacted:
            assert visible == expected
            return
        assert set(visible) <= set(expected)
        assert _table(visible) == _table(expected)
        # A tombstone that is seen is the last word.
        last = {one.key: one.offset for one in expected}
        newest = {one.key: one.offset for one in visible}
        for key, offset in newest.items():
            if offset != last[key]:
                raise AssertionError(f"{key!r} is old at {offset}")

    def _check_producers(self) -> None:
        states = {state.producer_id: state for state in self.log.producers()}
        for producer_id in {entry.producer_id for entry in self.entries} - {-1}:
            known = self.producer(producer_id)
            assert known is not None
            state = states[producer_id]
            assert state.epoch == known.epoch
            assert [one.first_offset for one in state.batches] == [
                one.first_offset for one in known.batches
            ]
            assert state.first_open_offset == known.open_since

    def _check_times(self, found: list[Seen]) -> None:
        if any(entry.marker is not None for entry in self.entries):
            # Markers have a time too, which no consumer sees.
            return
        visible = [(one.offset, one.timestamp) for one in found if one.offset >= self.start]
        for timestamp in {stamp for _, stamp in visible[::7]}:
            expected = next(one for one in visible if one[1] >= timestamp)
            assert self.log.find_time(timestamp) == expected

    def _reopen(self, at_least: int) -> None:
        self.log = self._opened(is_clean=False)
        end = self.log.log_end_offset
        assert at_least <= end <= self.end
        assert self.log.synced_offset == end
        self.entries = [entry for entry in self.entries if entry.end <= end]
        assert self.end == end
        self._settle()
        # A new beginning is safe before anyone is told of it.
        assert self.log.log_start_offset >= self.start or end < self.start
        self.start = self.log.log_start_offset

    def _settle(self) -> None:
        """What became of each transaction, by the markers there are."""
        still_open: dict[int, list[Entry]] = {}
        for entry in self.entries:
            if entry.is_transactional:
                entry.is_aborted = None
                still_open.setdefault(entry.producer_id, []).append(entry)
            elif entry.marker is not None:
                for ended in still_open.pop(entry.producer_id, ()):
                    ended.is_aborted = not entry.marker

    def _opened(self, *, is_clean: bool) -> PartitionLog:
        return PartitionLog.open(
            self.place.volume, self.config, is_clean=is_clean, now_ms=self.now_ms
        )

    def _close_files(self) -> None:
        """So that thousands of lives do not use up the numbers of open files."""
        for segment in self.log._segments:
            segment.rest()


def _table(records: list[Seen]) -> dict[bytes | None, bytes | None]:
    known = {one.key: one.value for one in records}
    return {key: value for key, value in known.items() if value is not None}


def compacted(config: LogConfig) -> LogConfig:
    return replace(config, cleanup_policies=frozenset(("compact",)))


__all__ = ["Died", "Memory", "Real", "World", "compacted"]
