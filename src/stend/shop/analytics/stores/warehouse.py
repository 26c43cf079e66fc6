"""The warehouse on disk: files of Parquet by table and day, named by one manifest.

A commit writes new files beside the old ones and then replaces the manifest. Until that moment the
new files are no part of the warehouse, and after it they all are: with them the offsets.
"""

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import TypeVar

import filelock

from stend.kit.clock import Clock, rfc3339
from stend.kit.errors import unavailable
from stend.shop.analytics.domain import Freshness, OrderFact, Partition, RejectedRecord
from stend.shop.analytics.ports import Batch
from stend.shop.analytics.stores.durable import (
    UNFINISHED,
    Reached,
    Step,
    make_folders,
    replace_text,
    sync_file,
    sync_folder,
)
from stend.shop.analytics.stores.manifest import (
    FILE_NAME,
    DataFile,
    Manifest,
    read_manifest,
    to_text,
)
from stend.shop.analytics.stores.parquet import ParquetWriter
from stend.shop.analytics.stores.tables import ORDER_EVENTS, REJECTED, TABLES, Table

_log = logging.getLogger("stend.analytics.warehouse")
_LOCK_NAME = "warehouse.lock"
_SUFFIX = ".parquet"
# Who has read the manifest before a merge may still be reading the merged files.
_OLD_FILES_STAY = timedelta(seconds=30)
_ItemT = TypeVar("_ItemT", OrderFact, RejectedRecord)


@dataclass(frozen=True, slots=True)
class Sizes:
    """
    Attributes:
        many_files: so many small files of one day are merged into one.
        small_rows: a file with fewer rows is small. A merge sorts all of them in memory, which
            DuckDB keeps: at 50,000 it takes 40 MB more, and at 5,000 nothing.
    """

    many_files: int = 16
    small_rows: int = 5_000


def _pass(_: Step) -> None:
    """Nobody waits for the steps of a commit."""


class ParquetWarehouse:
    """Implements the port; for one thread at a time, except `freshness`.

    Args:
        folder: of the warehouse alone; made when it is missing.
        reached: called between any two steps of a commit.
    """

    def __init__(
        self, folder: Path, clock: Clock, sizes: Sizes | None = None, reached: Reached = _pass
    ) -> None:
        self._folder = folder
        self._clock = clock
        self._sizes = sizes or Sizes()
        self._reached = reached
        self._writer = ParquetWriter()
        self._manifest = Manifest()
        self._written = 0
        self._old: list[tuple[datetime, str]] = []
        # Opened and closed by different threads of one process.
        self._lock = filelock.FileLock(folder / _LOCK_NAME, thread_local=False)

    def open(self) -> None:
        """Takes the warehouse for this process and removes what an unfinished commit left.

        Raises:
            StendError: UNAVAILABLE, another process has it open.
            DamagedManifestError: the manifest is not to be understood.
            OSError: the folder cannot be read or written.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        try:
            self._lock.acquire(timeout=0)
        except filelock.Timeout:
            raise unavailable("the warehouse", f"another process has {self._folder} open") from None
        self._manifest = read_manifest(self._folder)
        self._remove_left_overs()

    def close(self) -> None:
        self._writer.close()
        self._lock.release()

    def freshness(self) -> Freshness:
        return freshness_of(self._manifest)

    def position(self, partition: Partition) -> int:
        return self._manifest.positions.get(str(partition), 0)

    def follow_topic(self, topic: str, topic_id: str) -> None:
        known = self._manifest.topic_ids.get(topic)
        if known is not None and known != topic_id:
            _log.warning("%s is another topic now (%s, it was %s)", topic, topic_id, known)
            for partition in list(self._manifest.positions):
                if partition.rpartition("/")[0] == topic:
                    self._manifest = self._manifest.restarted(partition, self._clock.now())
        ids = {**self._manifest.topic_ids, topic: topic_id}
        self._manifest = replace(self._manifest, topic_ids=ids)

    def restart(self, partition: Partition) -> None:
        _log.warning(
            "the broker does not know offset %s of %s: it is read from its beginning",
            self.position(partition),
            partition,
        )
        self._manifest = self._manifest.restarted(str(partition), self._clock.now())

    def append(self, batch: Batch) -> None:
        now = self._clock.now()
        facts = [one for one in batch.facts if one.offset >= self.position(one.partition)]
        rejected = [
            one
            for one in batch.rejected
            if one.record.offset >= self.position(one.record.partition)
        ]
        places = {
            str(partition): max(place, self.position(partition))
            for partition, place in batch.positions.items()
        }
        positions = {**self._manifest.positions, **places}
        if positions == self._manifest.positions:
            return
        added = [*self._write_facts(facts, now), *self._write_rejected(rejected, now)]
        newest = [rfc3339(fact.occurred_at) for fact in facts]
        newest += [self._manifest.newest_event_at] if self._manifest.newest_event_at else []
        self._commit(
            self._manifest.next(
                now,
                positions=positions,
                files=(*self._manifest.files, *added),
                newest_event_at=max(newest, key=datetime.fromisoformat, default=None),
            )
        )
        self._remove_old(now)

    def compact(self) -> None:
        days: defaultdict[tuple[str, str], list[DataFile]] = defaultdict(list)
        for file in self._manifest.files:
            if file.rows < self._sizes.small_rows:
                days[file.table, file.day].append(file)
        for (table, day), small in days.items():
            if len(small) >= self._sizes.many_files:
                self._merge(table, day, small)

    def _merge(self, table: str, day: str, small: Sequence[DataFile]) -> None:
        now = self._clock.now()
        path = self._new_path(table, day)
        unfinished = self._unfinished(path)
        self._writer.merge(unfinished, [self._folder / file.path for file in small])
        merged = self._finish(unfinished, path, table, day, sum(file.rows for file in small))
        merged = replace(merged, offsets=_joined(file.offsets for file in small))
        gone = {file.path for file in small}
        stay = [file for file in self._manifest.files if file.path not in gone]
        self._commit(self._manifest.next(now, files=(*stay, merged)))
        self._old += [(now + _OLD_FILES_STAY, path) for path in gone]
        self._remove_old(now)

    # ---- files -----------------------------------------------------------------------------

    def _write_facts(self, facts: Sequence[OrderFact], now: datetime) -> list[DataFile]:
        by_day = sorted(facts, key=_day_of)
        return [
            self._write(ORDER_EVENTS, day, list(same), now)
            for day, same in groupby(by_day, key=_day_of)
        ]

    def _write_rejected(self, rejected: Sequence[RejectedRecord], now: datetime) -> list[DataFile]:
        # When it happened is not known of what cannot be read: the day is that of the reading.
        return [self._write(REJECTED, f"{now:%Y-%m-%d}", rejected, now)] if rejected else []

    def _write(
        self, table: Table[_ItemT], day: str, items: Sequence[_ItemT], now: datetime
    ) -> DataFile:
        path = self._new_path(table.name, day)
        unfinished = self._unfinished(path)
        self._writer.write(unfinished, table, items, now)
        file = self._finish(unfinished, path, table.name, day, len(items))
        return replace(file, offsets=_joined(_offset_of(item) for item in items))

    def _new_path(self, table: str, day: str) -> Path:
        # The commit that brings it, and a number of its own: when a commit fails at its very end,
        # the manifest on the disk may name the files of the first attempt.
        self._written += 1
        name = f"{self._manifest.sequence + 1:010}-{self._written}{_SUFFIX}"
        return self._folder / table / f"date={day}" / name

    def _unfinished(self, path: Path) -> Path:
        make_folders(path.parent, self._folder)
        return path.with_name(path.name + UNFINISHED)

    def _finish(self, unfinished: Path, path: Path, table: str, day: str, rows: int) -> DataFile:
        self._reached(Step.FILE_WRITTEN)
        sync_file(unfinished)
        self._reached(Step.FILE_SYNCED)
        unfinished.replace(path)
        sync_folder(path.parent)
        self._reached(Step.FILE_RENAMED)
        name = path.relative_to(self._folder).as_posix()
        return DataFile(name, table, day, rows, path.stat().st_size, {})

    def _commit(self, manifest: Manifest) -> None:
        replace_text(self._folder / FILE_NAME, to_text(manifest), self._reached)
        self._manifest = manifest

    def _remove_old(self, now: datetime) -> None:
        due = [path for until, path in self._old if until <= now]
        self._old = [(until, path) for until, path in self._old if until > now]
        for path in due:
            (self._folder / path).unlink(missing_ok=True)
        if due:
            self._reached(Step.OLD_FILES_REMOVED)

    def _remove_left_overs(self) -> None:
        (self._folder / (FILE_NAME + UNFINISHED)).unlink(missing_ok=True)
        named = {file.path for file in self._manifest.files}
        for table in TABLES:
            for path in (self._folder / table).rglob("*"):
                if path.is_file() and path.relative_to(self._folder).as_posix() not in named:
                    path.unlink()


def freshness_of(manifest: Manifest) -> Freshness:
    return Freshness(
        sequence=manifest.sequence,
        committed_at=_moment(manifest.committed_at),
        newest_event_at=_moment(manifest.newest_event_at),
        facts=manifest.rows(ORDER_EVENTS.name),
        rejected=manifest.rows(REJECTED.name),
        restarts=len(manifest.restarts),
    )


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _day_of(fact: OrderFact) -> str:
    return f"{fact.occurred_at.astimezone(UTC):%Y-%m-%d}"


def _offset_of(item: OrderFact | RejectedRecord) -> Mapping[str, tuple[int, int]]:
    place = item.record if isinstance(item, RejectedRecord) else item
    return {str(place.partition): (place.offset, place.offset)}


def _joined(ranges: Iterable[Mapping[str, tuple[int, int]]]) -> dict[str, tuple[int, int]]:
    joined: dict[str, tuple[int, int]] = {}
    for one in ranges:
        for partition, (first, last) in one.items():
            low, high = joined.get(partition, (first, last))
            joined[partition] = (min(low, first), max(high, last))
    return joined
