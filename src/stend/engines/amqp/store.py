"""The journal on disk: segments of batches, each with its length and checksum.

A batch that was cut off by a crash is no part of the journal: nobody was told that it is safe.
Anything else that cannot be read stops the start, because guessing would lose or invent messages.
"""

import contextlib
import os
import zlib
from collections.abc import Iterator
from pathlib import Path
from struct import Struct

from stend.engines.amqp.journal import Journal, Recovered
from stend.engines.amqp.state import Broker

SEGMENT_BYTES = 16 * 1024 * 1024
# Older segments are written again beyond this many; all that lives fits into the memory anyway.
MAX_SEGMENTS = 8
_BATCH = Struct(">II")
_NAME = "journal-{:08}.log"
_PATTERN = "journal-*.log"
# Data only: the size of the file is written with it (fdatasync(2)). macOS and Windows have no such.
_sync = getattr(os, "fdatasync", os.fsync)


class DamagedJournalError(Exception):
    """A segment holds something else than was written to it."""


class Store:
    """One folder. Used from the broker's thread, but for `sync`."""

    def __init__(self, folder: Path, broker: Broker) -> None:
        self._folder = folder
        self._broker = broker
        self._journal: Journal = broker.journal
        self._segments: list[tuple[int, Path]] = []
        self._file = -1
        self._size = 0
        self._unsynced: list[int] = []
        # Segments whose live messages were written again, gone once that is safe.
        self._condemned: list[tuple[int, Path]] = []

    def open(self) -> None:
        """Reads what is there into the broker and begins a new segment.

        Raises:
            DamagedJournalError: what is there cannot be trusted.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        recovered = Recovered()
        paths = sorted(self._folder.glob(_PATTERN))
        self._segments = [(int(path.stem.rpartition("-")[2]), path) for path in paths]
        for segment, path in self._segments:
            is_last = path == paths[-1]
            for batch in _batches(path, may_end_early=is_last):
                recovered.read(batch, segment)
        self._broker.recover(recovered)
        if self._segments:
            self._journal.segment = self._segments[-1][0]
        self._begin_segment()

    @property
    def is_owed(self) -> bool:
        """Whether a sync is wanted even when no client waits for one."""
        return bool(self._condemned)

    def write(self) -> None:
        """Appends what the journal has collected. After this a kill of the process loses nothing.

        Raises:
            OSError: the disk is full or gone; nothing may be promised any more.
        """
        if self._size > SEGMENT_BYTES:
            self._begin_segment()
            self._retire()
        if batch := self._journal.take():
            self._append(batch)

    def files_to_sync(self) -> list[int]:
        """For `sync`: the finished segments first, then the one that is written now."""
        files, self._unsynced = [*self._unsynced, self._file], []
        return files

    def sync(self, files: list[int]) -> None:
        """Waits for the disk; to be called in another thread. Finished segments are closed."""
        for file in files:
            _sync(file)
        for file in files[:-1]:
            os.close(file)

    def synced(self, position: int) -> None:
        """Everything up to this position of the journal is safe: old segments may go."""
        while self._condemned and self._condemned[0][0] <= position:
            self._condemned.pop(0)[1].unlink(missing_ok=True)

    def close(self) -> None:
        self.sync([*self._unsynced, self._file])
        self._unsynced.clear()
        os.close(self._file)

    def _begin_segment(self) -> None:
        # What was recorded for the old segment belongs there.
        if self._file >= 0:
            if batch := self._journal.take():
                self._append(batch)
            self._unsynced.append(self._file)
        self._journal.segment += 1
        path = self._folder / _NAME.format(self._journal.segment)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | getattr(os, "O_BINARY", 0)
        self._file = os.open(path, flags, 0o600)
        self._size = 0
        self._segments.append((self._journal.segment, path))
        pending, self._journal.records[:] = list(self._journal.records), []
        self._journal.snapshot(self._broker.definitions())
        self._append(self._journal.take())
        self._journal.records[:] = pending
        self._sync_folder()
        self._drop_dead()

    def _retire(self) -> None:
        """Writes the live messages of the oldest segments again, so that the disk stays bounded."""
        while len(self._segments) > MAX_SEGMENTS:
            segment, path = self._segments.pop(0)
            self._journal.rewrite(segment)
            self._condemned.append((self._journal.position, path))

    def _drop_dead(self) -> None:
        """Only the oldest may go: a later one tells of the end of messages in those before it."""
        while self._segments[:-1] and not self._journal.live.get(self._segments[0][0]):
            segment, path = self._segments.pop(0)
            self._journal.live.pop(segment, None)
            path.unlink(missing_ok=True)

    def _append(self, batch: bytes) -> None:
        data = _BATCH.pack(len(batch), zlib.crc32(batch)) + batch
        view = memoryview(data)
        while view:
            view = view[os.write(self._file, view) :]
        self._size += len(data)

    def _sync_folder(self) -> None:
        # The name of a new file is in the folder, which is synced apart (fsync(2)); Windows cannot.
        with contextlib.suppress(OSError):
            folder = os.open(self._folder, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)


def _batches(path: Path, *, may_end_early: bool) -> Iterator[bytes]:
    data = path.read_bytes()
    at = 0
    while at < len(data):
        batch = _batch_at(data, at)
        if batch is None:
            if may_end_early and not _whole_batch_after(data, at):
                return
            raise DamagedJournalError(
                f"the journal {path.name} is damaged at byte {at} of {len(data)}: its checksum "
                "does not fit. Restore the file from a copy, or forget all messages with "
                "`stend up --fresh`."
            )
        yield batch
        at += _BATCH.size + len(batch)


def _whole_batch_after(data: bytes, at: int) -> bool:
    """Whether the batch at `at` is all there, so that it was not cut off but changed."""
    if len(data) - at < _BATCH.size:
        return False
    (length, _) = _BATCH.unpack_from(data, at)
    return bool(at + _BATCH.size + length < len(data))


def _batch_at(data: bytes, at: int) -> bytes | None:
    if len(data) - at < _BATCH.size:
        return None
    length, checksum = _BATCH.unpack_from(data, at)
    batch = data[at + _BATCH.size : at + _BATCH.size + length]
    if len(batch) != length or zlib.crc32(batch) != checksum:
        return None
    return batch
