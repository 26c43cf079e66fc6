"""What the broker knows beside the logs: topics, offsets, groups, transactions, by key. Pure.

Every value replaces the one before it under its key, as in a compacted topic. What one turn of the
broker has put is one batch with one checksum: it is there whole after a crash or not at all. When
the file holds far more than what lives, it is written anew.
"""

import json
import zlib
from collections.abc import Iterator
from struct import Struct

from stend.engines.kafka.barrier import Barrier
from stend.engines.kafka.volume import File, Volume
from stend.wire.kafka.codec import Fields

NAME = "metadata.log"
_HEAD = Struct(">II")
# The length has a checksum of its own: a changed one must not pass for a batch that was cut off.
_SUM = Struct(">I")
_FRONT = _HEAD.size + _SUM.size
_LEAST_REWRITE_BYTES = 1024 * 1024
_REWRITE_RATIO = 4


class DamagedJournalError(Exception):
    """The file holds something else than was written to it."""


class Journal:
    """One file in the broker's folder.

    Raises:
        DamagedJournalError: what is there cannot be trusted.
    """

    def __init__(self, volume: Volume, barrier: Barrier) -> None:
        self._volume = volume
        self._barrier = barrier
        self._file: File = volume.open(NAME)
        self.values: dict[str, Fields] = {}
        self._pending: list[tuple[str, Fields | None]] = []
        self._live_bytes = 0
        self._sizes: dict[str, int] = {}
        self._read()

    def put(self, key: str, value: Fields | None) -> None:
        """The value under this key from now on; None: there is none any more."""
        if value is None:
            self.values.pop(key, None)
        else:
            self.values[key] = value
        self._pending.append((key, value))

    def under(self, prefix: str) -> Iterator[tuple[str, Fields]]:
        """What is kept under keys with this prefix: the rest of the key, and the value."""
        for key, value in list(self.values.items()):
            if key.startswith(prefix):
                yield key[len(prefix) :], value

    def write(self) -> None:
        """Appends what was put. After this a kill of the process loses nothing.

        Raises:
            OSError: the disk is full or gone.
        """
        if not self._pending:
            return
        batch, self._pending = self._pending, []
        for key, value in batch:
            self._count(key, value)
        self._file.append(_framed(batch))
        self._barrier.owes_file(self._file)
        if self._file.size > max(_LEAST_REWRITE_BYTES, _REWRITE_RATIO * self._live_bytes):
            self._rewrite()

    def close(self) -> None:
        self.write()
        self._file.sync()
        self._file.close()

    def _rewrite(self) -> None:
        # It may be in the hands of the thread that syncs; when this is called it no longer is.
        self._barrier.after(self._file.close)
        self._volume.write(NAME, _framed(list(self.values.items())))
        self._file = self._volume.open(NAME)

    def _count(self, key: str, value: Fields | None) -> None:
        self._live_bytes -= self._sizes.pop(key, 0)
        if value is not None:
            size = len(key) + len(json.dumps(value))
            self._sizes[key] = size
            self._live_bytes += size

    def _read(self) -> None:
        data = self._file.read(0, self._file.size)
        at = 0
        while at < len(data):
            end = self._read_batch(data, at)
            if end is None:
                # Cut off by a crash: nobody was told that it is safe.
                self._file.truncate(at)
                return
            at = end

    def _read_batch(self, data: bytes, at: int) -> int | None:
        """Returns where it ends; None when it was cut off."""
        if len(data) - at < _FRONT:
            return None
        head = data[at : at + _HEAD.size]
        size: int
        size, checksum = _HEAD.unpack(head)
        if _SUM.unpack_from(data, at + _HEAD.size)[0] != zlib.crc32(head):
            if not any(data[at:]):
                # Some file systems show zeros where data did not arrive before the power went.
                return None
            raise DamagedJournalError(f"{NAME} is damaged at byte {at}: restore it or erase all")
        payload = data[at + _FRONT : at + _FRONT + size]
        if len(payload) < size:
            return None
        if zlib.crc32(payload) != checksum:
            if at + _FRONT + size == len(data):
                return None
            raise DamagedJournalError(f"{NAME} is damaged at byte {at}: restore it or erase all")
        for key, value in json.loads(payload):
            self._count(key, value)
            if value is None:
                self.values.pop(key, None)
            else:
                self.values[key] = value
        return at + _FRONT + size


def _framed(batch: list[tuple[str, Fields]] | list[tuple[str, Fields | None]]) -> bytes:
    payload = json.dumps(batch, separators=(",", ":")).encode()
    head = _HEAD.pack(len(payload), zlib.crc32(payload))
    return head + _SUM.pack(zlib.crc32(head)) + payload
