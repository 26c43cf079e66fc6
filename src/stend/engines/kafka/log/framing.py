"""Whether the records of a batch can be read, without making objects of them. Pure.

Kafka's broker reads each record before it takes a batch (LogValidator), so that no consumer is ever
stuck at one that cannot be read.
"""

from typing import NamedTuple

_MORE = 0x80
_BITS = 0x7F
_NULL = -1
# A varint of one byte that is not negative has none of these bits.
_LONG_OR_NEGATIVE = 0x81
_LAST_SHIFT = 63


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


def look(data: bytes, at: int, count: int, *, needs_key: bool) -> Stamps:
    """Reads every field of every record: for all of them in one loop, it is run for each record.

    Raises:
        Malformed: one cannot be read, has a wrong offset or no key where one is needed.
    """
    whole = len(data)
    stamps: list[int] = []
    number = 0
    try:
        for number in range(count):
            size, at = data[at], at + 1
            size, at = _more(data, size, at) if size & _LONG_OR_NEGATIVE else (size >> 1, at)
            end = at + size
            if size < 0 or end > whole:
                raise Malformed(number, f"a length of {size} bytes, where {whole - at} are left")
            # One byte of attributes, of which none is in use.
            stamp, at = data[at + 1], at + 2
            stamp, at = _more(data, stamp, at) if stamp & _LONG_OR_NEGATIVE else (stamp >> 1, at)
            delta, at = data[at], at + 1
            delta, at = _more(data, delta, at) if delta & _LONG_OR_NEGATIVE else (delta >> 1, at)
            if delta != number:
                raise Malformed(number, f"an offset delta of {delta}")
            key, at = data[at], at + 1
            key, at = _more(data, key, at) if key & _LONG_OR_NEGATIVE else (key >> 1, at)
            if key < 0:
                _check_null(number, "key", key, may_be_null=not needs_key)
            else:
                at += key
            value, at = data[at], at + 1
            value, at = _more(data, value, at) if value & _LONG_OR_NEGATIVE else (value >> 1, at)
            if value < 0:
                _check_null(number, "value", value, may_be_null=True)
            else:
                at += value
            at = _headers(data, at, end, number) if data[at] else at + 1
            if at != end:
                raise Malformed(number, f"its fields end at byte {at}, its length says {end}")
            stamps.append(stamp)
    except IndexError:
        raise Malformed(number, "it is cut off") from None
    if at != whole:
        raise Malformed(count, f"{whole - at} bytes follow the last record")
    return Stamps(min(stamps), max(stamps))


def _check_null(number: int, what: str, size: int, *, may_be_null: bool) -> None:
    if size != _NULL:
        raise Malformed(number, f"a {what} of {size} bytes")
    if not may_be_null:
        raise Malformed(number, "Compacted topic cannot accept message without key")


def _headers(data: bytes, at: int, end: int, number: int) -> int:
    count, at = _varint(data, at)
    if count < 0:
        raise Malformed(number, f"{count} headers")
    for _ in range(count):
        key, at = _varint(data, at)
        if key < 0:
            raise Malformed(number, "a header without a key")
        value, at = _varint(data, at + key)
        if value < _NULL:
            raise Malformed(number, f"a header with a length of {value}")
        at += max(value, 0)
        if at > end:
            break
    return at


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """A zigzag number of at most 64 bits and where it ends."""
    return _more(data, data[at], at + 1)


def _more(data: bytes, value: int, at: int) -> tuple[int, int]:
    """The same, behind its first byte."""
    if value >= _MORE:
        byte = data[at]
        at += 1
        value = value & _BITS | (byte & _BITS) << 7
        shift = 14
        while byte >= _MORE:
            if shift > _LAST_SHIFT:
                raise IndexError
            byte = data[at]
            at += 1
            value |= (byte & _BITS) << shift
            shift += 7
        if value >> 64:
            raise IndexError
    return (value >> 1) ^ -(value & 1), at
