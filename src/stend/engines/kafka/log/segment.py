"""One segment: a run of the log in a file of its own, with its indexes. Pure."""

import contextlib
from collections.abc import Iterator
from struct import Struct

from stend.engines.kafka.log import names
from stend.engines.kafka.log.damage import DamagedLogError
from stend.engines.kafka.log.indexes import (
    MAX_RELATIVE_OFFSET,
    OFFSET_ENTRY_BYTES,
    TIME_ENTRY_BYTES,
    AbortedTransaction,
    DamagedIndexError,
    OffsetIndex,
    TimeIndex,
    decode_aborted,
    encode_aborted,
)
from stend.engines.kafka.volume import File, Volume
from stend.wire.kafka.errors import WireError
from stend.wire.kafka.records import BatchHeader, read_batch_header

# Base offset, length of what comes after it, last offset delta: enough to go from batch to batch.
_WALK = Struct(">qi11xi")
_HEAD_BYTES = 12
_LEAST_BATCH_BYTES = 61
# Read at a time by who goes through a segment, and by who looks for a batch near an index entry.
_CHUNK_BYTES = 1024 * 1024
_LOOK_BYTES = 8 * 1024


class Segment:
    """
    Attributes:
        base_offset: in the file's name; the first batch has it or, after compaction, a later one.
        created_ms: when it was made or opened: the age of records without a timestamp.
        aborted: transactions whose marker is here.
    """

    __slots__ = (
        "_file",
        "_first_timestamp",
        "_greatest",
        "_index",
        "_since_entry",
        "_suffix",
        "_time_index",
        "_volume",
        "aborted",
        "base_offset",
        "created_ms",
        "size",
    )

    def __init__(
        self, volume: Volume, base_offset: int, created_ms: int, *, suffix: str = "", size: int = 0
    ) -> None:
        self.base_offset = base_offset
        self.created_ms = created_ms
        self.size = size
        self.aborted: list[AbortedTransaction] = []
        self._volume = volume
        self._suffix = suffix
        self._file: File | None = None
        self._index: OffsetIndex | None = None if size else OffsetIndex(base_offset)
        self._time_index: TimeIndex | None = None if size else TimeIndex(base_offset)
        # Timestamp and offset; the last entry of a closed segment's time index.
        self._greatest: tuple[int, int] | None = None if size else (-1, base_offset)
        self._first_timestamp: int | None = None
        self._since_entry = 0

    @property
    def name(self) -> str:
        return self._part(names.LOG)

    @property
    def file(self) -> File:
        if self._file is None:
            self._file = self._volume.open(self.name)
        return self._file

    @property
    def is_open(self) -> bool:
        return self._file is not None

    @property
    def index(self) -> OffsetIndex:
        return self._load_indexes()[0] if self._index is None else self._index

    @property
    def time_index(self) -> TimeIndex:
        return self._load_indexes()[1] if self._time_index is None else self._time_index

    @property
    def greatest(self) -> tuple[int, int]:
        """The greatest timestamp and the last offset of the first batch that has it; -1: none."""
        return self._read_greatest() if self._greatest is None else self._greatest

    @property
    def largest_timestamp(self) -> int:
        """How old the segment is: by its records, or by when it was made when they do not say."""
        greatest = self.greatest[0]
        return greatest if greatest >= 0 else self.created_ms

    @property
    def first_timestamp(self) -> int:
        """Of the first batch, its greatest; -1 when it has none."""
        if self._first_timestamp is None and self.size:
            was_open = self.is_open
            header = self.header(self.file.read(0, _LEAST_BATCH_BYTES), 0, 0)
            self._first_timestamp = header.max_timestamp
            if not was_open:
                self.rest()
        return -1 if self._first_timestamp is None else self._first_timestamp

    def waited_ms(self, now_ms: int, timestamp: int) -> int:
        """How long it has been the active one, by the clock of the records (LogSegment)."""
        if self.first_timestamp >= 0:
            return timestamp - self.first_timestamp
        return now_ms - self.created_ms

    def holds(self, offset: int) -> bool:
        """Whether an index entry can tell of the offset."""
        return 0 <= offset - self.base_offset <= MAX_RELATIVE_OFFSET

    def check_reach(self, header: BatchHeader, position: int) -> None:
        """
        Raises:
            DamagedLogError: no batch of this segment can have such offsets.
        """
        if not (self.holds(header.base_offset) and self.holds(header.last_offset)):
            raise DamagedLogError(
                self.name,
                position,
                f"offsets {header.base_offset} to {header.last_offset} are out of its reach",
            )

    def is_index_full(self, index_bytes: int) -> bool:
        return (
            len(self.index) >= index_bytes // OFFSET_ENTRY_BYTES
            # The last entry is made when the segment is closed.
            or len(self.time_index) + 1 >= index_bytes // TIME_ENTRY_BYTES
        )

    def append(self, data: bytes | bytearray, header: BatchHeader, interval_bytes: int) -> None:
        """One batch, with its final offset."""
        position = self.size
        self.file.append(data)
        self.size += len(data)
        self.note(header, position, interval_bytes)

    def note(self, header: BatchHeader, position: int, interval_bytes: int) -> None:
        """Enters a batch that stands in the file into the indexes."""
        last_offset = header.last_offset
        if position == 0:
            self._first_timestamp = header.max_timestamp
        if header.max_timestamp > self.greatest[0]:
            self._greatest = (header.max_timestamp, last_offset)
        if self._since_entry > interval_bytes:
            self.index.append(last_offset, position)
            self.time_index.append(*self.greatest)
            self._since_entry = 0
        self._since_entry += header.size_bytes

    def find(self, offset: int) -> tuple[int, int] | None:
        """Position and size of the first batch that ends at the offset or after it."""
        position = self.begin_of(offset)
        while position < self.size:
            data = self.file.read(position, _LOOK_BYTES)
            at = 0
            while at + _WALK.size <= len(data):
                base_offset, length, last_delta = _WALK.unpack_from(data, at)
                size = self._sized(length, position + at)
                if base_offset + last_delta >= offset:
                    return position + at, size
                at += size
            if at == 0:
                raise DamagedLogError(self.name, position, "the head of a batch is cut off")
            position += at
        return None

    def begin_of(self, offset: int) -> int:
        """Where to begin looking for the offset, by an index entry that is true."""
        last_offset, position = self.index.lookup(offset)
        if position and not self._ends_at(position, last_offset):
            self._rebuild()
            position = self.index.lookup(offset)[1]
        return position

    def read(
        self, offset: int, max_bytes: int, up_to_offset: int, *, at_least_one: bool
    ) -> bytes | None:
        """Whole batches from the one with the offset on, of those below `up_to_offset`.

        Returns:
            None when all of the segment is before the offset.
        """
        found = self.find(offset)
        if found is None:
            return None
        begin, first_size = found
        if first_size > max_bytes:
            if not at_least_one:
                return b""
            max_bytes = first_size
        data = self.file.read(begin, min(max_bytes, self.size - begin))
        end = self._end_of_whole(data, begin, up_to_offset)
        return data if end == len(data) else data[:end]

    def from_time(
        self, timestamp: int, from_offset: int
    ) -> Iterator[tuple[int, bytes, BatchHeader]]:
        """Batches from the first on that may hold a record as late, as those before do not."""
        offset, stamp = self.time_index.lookup(timestamp)
        if stamp is not None and not self._has_stamp(offset, stamp):
            self._rebuild()
            offset, _ = self.time_index.lookup(timestamp)
        yield from self.batches(self.begin_of(max(offset, from_offset)))

    def batches(self, position: int) -> Iterator[tuple[int, bytes, BatchHeader]]:
        """From a position on where a batch begins: its position, its bytes and its header.

        Raises:
            DamagedLogError: there is no batch where one must be.
        """
        while position < self.size:
            data = self.file.read(position, _CHUNK_BYTES)
            at = 0
            while at + _LEAST_BATCH_BYTES <= len(data):
                size = self._sized(_WALK.unpack_from(data, at)[1], position + at)
                if at + size > len(data):
                    break
                yield position + at, data[at : at + size], self.header(data, at, position)
                at += size
            if at == 0:
                size = self._whole_size(data, position)
                data = self.file.read(position, size)
                yield position, data, self.header(data, 0, position)
                at = size
            position += at

    def header(self, data: bytes, at: int, position: int) -> BatchHeader:
        """
        Raises:
            DamagedLogError: it is none.
        """
        try:
            return read_batch_header(data, at)
        except WireError as error:
            raise DamagedLogError(self.name, position + at, str(error)) from error

    def end_offset(self) -> int:
        """One more than the last offset in the file: its last batches are read."""
        end = self.base_offset
        for _, _, header in self.batches(self.begin_of(self.base_offset + MAX_RELATIVE_OFFSET)):
            end = header.next_offset
        return end

    def save(self) -> None:
        """Writes the indexes; they are safe when this returns."""
        # Retention goes by the last entry (LogSegment.onBecomeInactiveSegment).
        self.time_index.append(*self.greatest)
        self._save_indexes()
        self.save_aborted()

    def save_aborted(self) -> None:
        self._save(names.TRANSACTION_INDEX, encode_aborted(self.aborted))

    def load_aborted(self) -> None:
        """
        Raises:
            DamagedIndexError: the file is missing or damaged.
        """
        try:
            self.aborted = decode_aborted(self._volume.read(self._part(names.TRANSACTION_INDEX)))
        except FileNotFoundError:
            raise DamagedIndexError("there is no transaction index") from None

    def reset(self) -> None:
        """Forgets the indexes, so that `note` makes them again from the first batch."""
        self._index = OffsetIndex(self.base_offset)
        self._time_index = TimeIndex(self.base_offset)
        self._greatest = (-1, self.base_offset)
        self._first_timestamp = None
        self._since_entry = 0

    def rest(self) -> None:
        """Closes the file and drops the indexes until they are wanted again."""
        if self._file is not None:
            self._file.close()
            self._file = None
        self._index = self._time_index = None

    def truncate(self, size: int) -> None:
        self.file.truncate(size)
        self.size = size

    def rename(self, suffix: str, *, log_first: bool) -> None:
        """All parts; the name of the log decides about the others. To be at rest before."""
        for part in names.PARTS if log_first else reversed(names.PARTS):
            with contextlib.suppress(FileNotFoundError):
                self._volume.rename(self._part(part), self._part(part, suffix))
        self._suffix = suffix

    def remove(self) -> None:
        for part in names.PARTS:
            self._volume.remove(self._part(part))

    def _part(self, kind: str, suffix: str | None = None) -> str:
        suffix = self._suffix if suffix is None else suffix
        return names.file_name(self.base_offset, kind) + suffix

    def _save_indexes(self) -> None:
        self._save(names.INDEX, self.index.encode())
        self._save(names.TIME_INDEX, self.time_index.encode())

    def _save(self, kind: str, data: bytes) -> None:
        file = self._volume.open(self._part(kind))
        try:
            file.truncate(0)
            file.append(data)
            file.sync()
        finally:
            file.close()

    def _ends_at(self, position: int, last_offset: int) -> bool:
        head = self.file.read(position, _WALK.size)
        if len(head) < _WALK.size:
            return False
        base_offset, length, last_delta = _WALK.unpack(head)
        is_inside = _LEAST_BATCH_BYTES <= length + _HEAD_BYTES <= self.size - position
        return is_inside and bool(base_offset + last_delta == last_offset)

    def _has_stamp(self, offset: int, stamp: int) -> bool:
        """Whether an entry of the time index is true."""
        found = self.find(offset)
        if found is None:
            return False
        head = self.file.read(found[0], _LEAST_BATCH_BYTES)
        header = self.header(head, 0, found[0])
        return header.last_offset == offset and header.max_timestamp == stamp

    def _read_greatest(self) -> tuple[int, int]:
        """By the last entry, when it is true."""
        was_open = self.is_open
        stamp, offset = self.time_index.last
        if stamp >= 0 and not self._has_stamp(offset, stamp):
            self._rebuild()
            stamp, offset = self.greatest
        self._greatest = stamp, offset
        if not was_open:
            self.rest()
        return stamp, offset

    def _load_indexes(self) -> tuple[OffsetIndex, TimeIndex]:
        try:
            index = self._volume.read(self._part(names.INDEX))
            times = self._volume.read(self._part(names.TIME_INDEX))
            # Then no record has a time, which is as rare as a file that is damaged so.
            if self.size and not times:
                return self._rebuild()
            self._index = OffsetIndex.decode(index, self.base_offset, self.size)
            self._time_index = TimeIndex.decode(times, self.base_offset)
        except (FileNotFoundError, DamagedIndexError):
            return self._rebuild()
        return self._index, self._time_index

    def _rebuild(self, interval_bytes: int = 4096) -> tuple[OffsetIndex, TimeIndex]:
        """Makes the indexes again from the batches, whose heads are read."""
        self.reset()
        for position, _, header in self.batches(0):
            self.check_reach(header, position)
            self.note(header, position, interval_bytes)
        self.time_index.append(*self.greatest)
        # Not to be made again each time; when the disk is full they will be.
        with contextlib.suppress(OSError):
            self._save_indexes()
        return self.index, self.time_index

    def _end_of_whole(self, data: bytes, begin: int, up_to_offset: int) -> int:
        """How many of the bytes are whole batches below the offset."""
        at = self._near_end(data, begin, up_to_offset)
        while at + _WALK.size <= len(data):
            base_offset, length, last_delta = _WALK.unpack_from(data, at)
            size = self._sized(length, begin + at)
            if at + size > len(data) or base_offset + last_delta >= up_to_offset:
                break
            at += size
        return at

    def _near_end(self, data: bytes, begin: int, up_to_offset: int) -> int:
        """Where the last of them begins that has an entry: no batch before it is looked at."""
        by_size = self.index.before(begin + len(data) - _WALK.size)
        by_offset = self.index.lookup(up_to_offset - 1)
        last_offset, position = min(by_size, by_offset)
        at = position - begin
        if at <= 0:
            return 0
        base_offset, _, last_delta = _WALK.unpack_from(data, at)
        # An entry that is not true: all batches are looked at.
        return at if base_offset + last_delta == last_offset else 0

    def _whole_size(self, data: bytes, position: int) -> int:
        if len(data) < _LEAST_BATCH_BYTES:
            raise DamagedLogError(self.name, position, "the head of a batch is cut off")
        return self._sized(_WALK.unpack_from(data)[1], position)

    def _sized(self, length: int, position: int) -> int:
        size = length + _HEAD_BYTES
        if not _LEAST_BATCH_BYTES <= size <= self.size - position:
            raise DamagedLogError(
                self.name, position, f"a batch of {size} bytes in {self.size - position} bytes"
            )
        return size
