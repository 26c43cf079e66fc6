"""The sparse indexes of a segment, in Kafka's formats (OffsetIndex, TimeIndex, TransactionIndex).

They are kept in memory while a segment grows and written when it is closed: after a kill they are
made again from the log, which has to be read then anyway. Pure.
"""

import sys
from array import array
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from operator import lt
from struct import Struct

_TIME_ENTRY = Struct(">qi")
_ABORTED = Struct(">hqqqq")
_ABORTED_VERSION = 0
OFFSET_ENTRY_BYTES = 8
TIME_ENTRY_BYTES = _TIME_ENTRY.size
MAX_RELATIVE_OFFSET = 2**31 - 1


class DamagedIndexError(Exception):
    """An index file holds something that was never written: it must be made again."""


class OffsetIndex:
    """Where in the file a batch begins, by its last offset; an entry every few kilobytes."""

    __slots__ = ("_base_offset", "_offsets", "_positions")

    def __init__(self, base_offset: int) -> None:
        self._base_offset = base_offset
        self._offsets = array("i")
        self._positions = array("i")

    def __len__(self) -> int:
        return len(self._offsets)

    def append(self, last_offset: int, position: int) -> None:
        self._offsets.append(last_offset - self._base_offset)
        self._positions.append(position)

    def lookup(self, offset: int) -> tuple[int, int]:
        """The last entry up to the offset: the last offset of a batch and where it begins.

        No batch before that one ends at the offset or after it.
        """
        return self._entry(bisect_right(self._offsets, offset - self._base_offset) - 1)

    def before(self, position: int) -> tuple[int, int]:
        """The last entry of a batch that begins up to the position."""
        return self._entry(bisect_right(self._positions, position) - 1)

    def encode(self) -> bytes:
        both = array("i", bytes(2 * self._offsets.itemsize * len(self._offsets)))
        both[::2] = self._offsets
        both[1::2] = self._positions
        return _swapped(both).tobytes()

    def _entry(self, at: int) -> tuple[int, int]:
        if at < 0:
            return self._base_offset, 0
        return self._offsets[at] + self._base_offset, self._positions[at]

    @classmethod
    def decode(cls, data: bytes, base_offset: int, log_bytes: int) -> "OffsetIndex":
        """
        Raises:
            DamagedIndexError: it does not fit a log of this size.
        """
        if len(data) % OFFSET_ENTRY_BYTES:
            raise DamagedIndexError(f"{len(data)} bytes are no entries of {OFFSET_ENTRY_BYTES}")
        both = array("i")
        both.frombytes(data)
        both = _swapped(both)
        index = cls(base_offset)
        index._offsets, index._positions = both[::2], both[1::2]
        if len(index) and (
            not _is_ascending(index._offsets)
            or not _is_ascending(index._positions)
            or index._offsets[0] < 0
            or index._positions[0] < 0
            or index._positions[-1] >= log_bytes
        ):
            raise DamagedIndexError("its entries are not ascending or beyond the log")
        return index


class TimeIndex:
    """How great timestamps were up to an offset: the first batch that had the greatest so far."""

    __slots__ = ("_base_offset", "_offsets", "_timestamps")

    def __init__(self, base_offset: int) -> None:
        self._base_offset = base_offset
        self._timestamps = array("q")
        self._offsets = array("i")

    def __len__(self) -> int:
        return len(self._timestamps)

    @property
    def last(self) -> tuple[int, int]:
        """Timestamp and offset; -1 and the first offset when there is none."""
        if not self._timestamps:
            return -1, self._base_offset
        return self._timestamps[-1], self._offsets[-1] + self._base_offset

    def append(self, timestamp: int, offset: int) -> None:
        """Does nothing when there is an entry as great."""
        if timestamp > self.last[0]:
            self._timestamps.append(timestamp)
            self._offsets.append(offset - self._base_offset)

    def lookup(self, timestamp: int) -> tuple[int, int | None]:
        """The last entry up to the time, offset first: no batch before that is as late."""
        at = bisect_right(self._timestamps, timestamp) - 1
        if at < 0:
            return self._base_offset, None
        return self._offsets[at] + self._base_offset, self._timestamps[at]

    def encode(self) -> bytes:
        return b"".join(map(_TIME_ENTRY.pack, self._timestamps, self._offsets))

    @classmethod
    def decode(cls, data: bytes, base_offset: int) -> "TimeIndex":
        """
        Raises:
            DamagedIndexError: it is none.
        """
        if len(data) % TIME_ENTRY_BYTES:
            raise DamagedIndexError(f"{len(data)} bytes are no entries of {TIME_ENTRY_BYTES}")
        index = cls(base_offset)
        for timestamp, offset in _TIME_ENTRY.iter_unpack(data):
            index._timestamps.append(timestamp)
            index._offsets.append(offset)
        if len(index) and (
            not _is_ascending(index._timestamps)
            or not _is_ascending(index._offsets)
            or index._offsets[0] < 0
        ):
            raise DamagedIndexError("its entries are not ascending")
        return index


@dataclass(frozen=True, slots=True)
class AbortedTransaction:
    """
    Attributes:
        last_offset: of its marker.
        last_stable_offset: what was decided when the marker was written: transactions that come
            in later markers begin there or after.
    """

    producer_id: int
    first_offset: int
    last_offset: int
    last_stable_offset: int


def encode_aborted(transactions: Iterable[AbortedTransaction]) -> bytes:
    return b"".join(
        _ABORTED.pack(
            _ABORTED_VERSION,
            one.producer_id,
            one.first_offset,
            one.last_offset,
            one.last_stable_offset,
        )
        for one in transactions
    )


def decode_aborted(data: bytes) -> list[AbortedTransaction]:
    """
    Raises:
        DamagedIndexError: it is no transaction index.
    """
    if len(data) % _ABORTED.size:
        raise DamagedIndexError(f"{len(data)} bytes are no entries of {_ABORTED.size}")
    transactions: list[AbortedTransaction] = []
    last = -1
    for version, *fields in _ABORTED.iter_unpack(data):
        one = AbortedTransaction(*fields)
        if version != _ABORTED_VERSION or not 0 <= one.first_offset < one.last_offset > last:
            raise DamagedIndexError("its entries are not ascending or of another version")
        transactions.append(one)
        last = one.last_offset
    return transactions


def _swapped(values: "array[int]") -> "array[int]":
    if sys.byteorder == "little":
        values.byteswap()
    return values


def _is_ascending(values: "array[int]") -> bool:
    return all(map(lt, values, values[1:]))
