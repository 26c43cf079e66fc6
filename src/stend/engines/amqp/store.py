"""The journal on disk: segments of batches, each with its length and checksum.

A batch that was cut off by a crash is no part of the journal: nobody was told that it is safe.
Anything else that cannot be read stops the start, because guessing would lose or invent messages.
"""

import contextlib
import os
import zlib
from pathlib import Path
from struct import Struct

from stend.engines.amqp.journal import Journal, Recovered
from stend.engines.amqp.state import Broker

SEGMENT_BYTES = 16 * 1024 * 1024
# Older segments are written again beyond this many; all that lives fits into the memory anyway.
MAX_SEGMENTS = 8
# Length and checksum of the batch, then the checksum of these two: a length that was changed must
# not be taken for a batch that was cut off.
_HEAD = Struct(">II")
_SUM = Struct(">I")
_SECTOR_BYTES = 512
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
            batches, size = _read(path, may_end_early=path == paths[-1])
            for batch in batches:
                recovered.read(batch, segment)
            if size < path.stat().st_size:
                _cut(path, size)
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
            # Its definitions are in the newer segments, once those are safe.
            self._condemned.append((self._journal.position - 1, path))

    def _append(self, batch: bytes) -> None:
        head = _HEAD.pack(len(batch), zlib.crc32(batch))
        data = b"".join((head, _SUM.pack(zlib.crc32(head)), batch))
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


def _cut(path: Path, size: int) -> None:
    """Takes off what a crash has left: the next start must not find it in the middle."""
    with path.open("r+b") as file:
        file.truncate(size)
        os.fsync(file.fileno())


def _read(path: Path, *, may_end_early: bool) -> tuple[list[bytes], int]:
    """The batches of a segment, and how many of its bytes they are.

    Args:
        may_end_early: the broker may have been killed while it wrote this one.

    Raises:
        DamagedJournalError: what is there was not written so.
    """
    data = path.read_bytes()
    batches: list[bytes] = []
    at = 0
    while at < len(data):
        batch = _batch_at(data, at)
        if batch is None:
            if may_end_early and _is_torn(data, at):
                break
            raise DamagedJournalError(
                f"the journal {path.name} is damaged at byte {at} of {len(data)}: its checksum "
                "does not fit. Restore the file from a copy, or forget all messages with "
                "`stend up --fresh`."
            )
        batches.append(batch)
        at += _HEAD.size + _SUM.size + len(batch)
    return batches, at


def _batch_at(data: bytes, at: int) -> bytes | None:
    """The batch that begins there; None when it is not as it was written."""
    length = _length_at(data, at)
    if length is None:
        return None
    begin = at + _HEAD.size + _SUM.size
    batch = data[begin : begin + length]
    _, checksum = _HEAD.unpack_from(data, at)
    return batch if len(batch) == length and zlib.crc32(batch) == checksum else None


def _length_at(data: bytes, at: int) -> int | None:
    """None when the head is cut off, or not as it was written."""
    if len(data) - at < _HEAD.size + _SUM.size:
        return None
    head = data[at : at + _HEAD.size]
    (checksum,) = _SUM.unpack_from(data, at + _HEAD.size)
    length: int = _HEAD.unpack(head)[0]
    return length if zlib.crc32(head) == checksum else None


def _is_torn(data: bytes, at: int) -> bool:
    """Whether what begins there was never written whole, and so promised to nobody.

    A kill leaves a beginning, a power loss may leave sectors of zeros. A batch that is all there
    with another content was changed by somebody else.
    """
    rest = data[at:]
    if len(rest) < _HEAD.size + _SUM.size or not any(rest[: _HEAD.size + _SUM.size]):
        return True
    length = _length_at(data, at)
    if length is None:
        return False
    end = at + _HEAD.size + _SUM.size + length
    if end != len(data):
        return end > len(data)
    sectors = range(at - at % _SECTOR_BYTES + _SECTOR_BYTES, end, _SECTOR_BYTES)
    return any(not any(data[sector : sector + _SECTOR_BYTES]) for sector in sectors)
