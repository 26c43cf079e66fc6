"""Whether the records of a batch can be read, without making objects of them. Pure.

Kafka's broker reads each record before it takes a batch (LogValidator), so that no consumer is ever
stuck at one that cannot be read.
"""

from typing import NamedTuple

_MORE = 0x80
_BITS = 0x7F
_NULL = -1


class Malformed(Exception):  # noqa: N818 - an intermediate, not an error for anyone
    """
    Attributes:
        record: its number in the batch; as many as there should be when something follows.
    """

    def __init__(self, record: int, what: str) -> None:
        super().__init__(f"record {record}: {what}")
        self.record = record


class Stamps(NamedTuple):
    """Earliest and latest timestamp, both relative to the batch."""

    least: int
    greatest: int


def measure(data: bytes, at: int, count: int) -> None:
    """Goes from record to record by their lengths: these must be so many and fill the data.

    Raises:
        Malformed: they are not.
    """
    end = len(data)
    seen = 0
    try:
        while at < end:
            size = data[at]
            if size < _MORE:
                at += 1 + (size >> 1)
            else:
                size, at = _varint(data, at)
                if size < 0:
                    break
                at += size
            seen += 1
    except IndexError:
        at = -1
    if at != end or seen != count:
        raise Malformed(min(seen, count), f"the lengths of {count} records do not fill the batch")


def look(data: bytes, at: int, count: int, *, needs_key: bool) -> Stamps:
    """Reads every field of every record.

    Raises:
        Malformed: one cannot be read, has a wrong offset or no key where one is needed.
    """
    least = greatest = 0
    number = 0
    try:
        for number in range(count):
            at, stamp = _record(data, at, number, needs_key)
            if number == 0:
                least = greatest = stamp
            elif stamp > greatest:
                greatest = stamp
            elif stamp < least:
                least = stamp
    except IndexError:
        raise Malformed(number, "it is cut off") from None
    if at != len(data):
        raise Malformed(count, f"{len(data) - at} bytes follow the last record")
    return Stamps(least, greatest)


def _record(data: bytes, at: int, number: int, needs_key: bool) -> tuple[int, int]:
    """The end of one record and its timestamp."""
    size, at = _varint(data, at)
    end = at + size
    if size < 0 or end > len(data):
        raise Malformed(number, f"a length of {size} bytes, where {len(data) - at} are left")
    # One byte of attributes, of which none is in use.
    stamp, at = _varint(data, at + 1)
    delta, at = _varint(data, at)
    if delta != number:
        raise Malformed(number, f"an offset delta of {delta}")
    key, at = _varint(data, at)
    if key == _NULL and needs_key:
        raise Malformed(number, "Compacted topic cannot accept message without key")
    value, at = _varint(data, at + max(key, 0))
    count, at = _varint(data, at + max(value, 0))
    if min(key, value) < _NULL or count < 0:
        raise Malformed(number, f"lengths of {key} and {value}, {count} headers")
    for _ in range(count):
        at = _header(data, at, number)
        if at > end:
            break
    if at != end:
        raise Malformed(number, f"its fields end at byte {at}, its length says {end}")
    return end, stamp


def _header(data: bytes, at: int, number: int) -> int:
    key, at = _varint(data, at)
    if key < 0:
        raise Malformed(number, "a header without a key")
    value, at = _varint(data, at + key)
    if value < _NULL:
        raise Malformed(number, f"a header with a length of {value}")
    return at + max(value, 0)


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """A zigzag number of at most 64 bits and where it ends."""
    byte = data[at]
    at += 1
    if byte < _MORE:
        return (byte >> 1) ^ -(byte & 1), at
    value = byte & _BITS
    shift = 7
    while True:
        byte = data[at]
        at += 1
        value |= (byte & _BITS) << shift
        if byte < _MORE:
            return (value >> 1) ^ -(value & 1), at
        shift += 7
        if shift > 63:
            raise IndexError
