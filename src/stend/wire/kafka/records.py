"""Records of Kafka (magic 2): read out of batches, and put into new ones.

Names of `batches` are here too: whoever needs records needs them.
"""

from collections.abc import Sequence
from struct import Struct
from struct import error as StructError  # noqa: N812 - it is an exception, named as one
from typing import NamedTuple

from crc32c import crc32c

from stend.wire.kafka.batches import (
    ATTRIBUTES_AT,
    CONTROL,
    CRC,
    CRC_AT,
    DELETE_HORIZON,
    HEAD,
    LENGTH_ENDS,
    LOG_APPEND_TIME,
    MAGIC,
    TRANSACTIONAL,
    BatchHeader,
    batches,
    check_crc,
    patch,
    read_batch_header,
    set_log_append_time,
)
from stend.wire.kafka.compression import Compression, compress, decompress
from stend.wire.kafka.errors import WireError
from stend.wire.kafka.varints import Malformed, more_signed, signed

__all__ = [
    "MAX_BYTES",
    "MAX_RECORDS",
    "BatchHeader",
    "Compression",
    "EndMarker",
    "Record",
    "batches",
    "build_batch",
    "check_crc",
    "control_batch",
    "end_marker",
    "patch",
    "read_batch_header",
    "records",
    "set_log_append_time",
]

Headers = list[tuple[str, bytes | None]]
# What a compressed batch may become.
MAX_BYTES = 64 * 1024 * 1024
# librdkafka's own bound (batch.num.messages). Records of seven bytes would fill the memory.
MAX_RECORDS = 1_000_000
# Length, attributes, two deltas, two null lengths, no headers.
_LEAST_RECORD = 7
_INT_LIMIT = 2**31
# A varint of one byte that is not negative has none of these bits.
_LONG_OR_NEGATIVE = 0x81
_NULL = 1
_ABORT, _COMMIT = 0, 1
_CONTROL_VERSION = 0
# Version and type; version and the epoch of the coordinator.
_CONTROL_KEY = Struct(">hh")
_END_MARKER = Struct(">hi")
_SIGNED = tuple(signed(value) for value in range(1024))


class Record(NamedTuple):
    """
    Attributes:
        offset_delta: from the base offset of the batch.
        timestamp_delta: milliseconds from its base timestamp.
        key: None where there is none.
        value: None is a tombstone in a compacted topic.
        headers: may have a name more than once.
    """

    offset_delta: int
    timestamp_delta: int
    key: bytes | None
    value: bytes | None
    headers: Headers


class EndMarker(NamedTuple):
    """What ends a transaction in a log."""

    is_commit: bool
    coordinator_epoch: int


def records(data: bytes, at: int, header: BatchHeader, max_bytes: int = MAX_BYTES) -> list[Record]:
    """All records of the batch at this place.

    Args:
        max_bytes: of the records when they are not compressed any more.

    Raises:
        WireError: they are cut off, too many or too large, or anything else than the head says.
    """
    begin, end = at + HEAD.size, at + header.size_bytes
    if end > len(data):
        raise WireError(f"a batch of {header.size_bytes} bytes, where {len(data) - at} are left")
    compression = header.compression
    if compression is not Compression.NONE or type(data) is not bytes:
        data = decompress(compression, bytes(data[begin:end]), max_bytes)
        begin, end = 0, len(data)
    if end - begin > max_bytes:
        raise WireError(f"{end - begin} bytes of records, where {max_bytes} are the most")
    if header.count * _LEAST_RECORD > end - begin or header.count > MAX_RECORDS:
        raise WireError(f"{header.count} records in {end - begin} bytes")
    try:
        return _parse(data, begin, end, header.count)
    except (Malformed, IndexError, UnicodeDecodeError):
        raise WireError(f"the records are not {header.count} whole ones", at=at) from None


def _parse(data: bytes, at: int, end: int, count: int) -> list[Record]:  # noqa: C901 - without calls
    """What is usual needs no call: this runs for each record that is looked at.

    That each field ends inside of its record is checked once, at the end of the record: lengths
    are never negative, so that nothing before it can have been outside.
    """
    found: list[Record] = []
    add, new = found.append, tuple.__new__
    for _ in range(count):
        size = data[at]
        at += 1
        if size & _LONG_OR_NEGATIVE:
            size, at = _length(data, size, at)
        else:
            size >>= 1
        stop = at + size
        # Records have attributes, too; no bit of them is used.
        time = data[at + 1]
        at += 2
        if time & _LONG_OR_NEGATIVE:
            time, at = _number(data, time, at)
        else:
            time >>= 1
        offset = data[at]
        at += 1
        if offset & _LONG_OR_NEGATIVE:
            offset, at = _number(data, offset, at)
        else:
            offset >>= 1
        key = value = None
        size = data[at]
        at += 1
        if size != _NULL:
            if size & _LONG_OR_NEGATIVE:
                size, at = _length(data, size, at)
            else:
                size >>= 1
            key = data[at : at + size]
            at += size
        size = data[at]
        at += 1
        if size != _NULL:
            if size & _LONG_OR_NEGATIVE:
                size, at = _length(data, size, at)
            else:
                size >>= 1
            value = data[at : at + size]
            at += size
        headers: Headers = []
        if data[at]:
            at = _read_headers(data, at, headers)
        else:
            at += 1
        if at != stop or at > end:
            raise Malformed
        add(new(Record, (offset, time, key, value, headers)))
    if at != end:
        raise Malformed
    return found


def _read_headers(data: bytes, at: int, into: Headers) -> int:
    count, at = _small_length(data, at)
    for _ in range(count):
        size, at = _small_length(data, at)
        if at + size > len(data):
            raise Malformed
        name = str(data[at : at + size], "utf-8")
        at += size
        value = None
        if data[at] == _NULL:
            at += 1
        else:
            size, at = _small_length(data, at)
            value = data[at : at + size]
            at += size
        into.append((name, value))
    return at


def _small_length(data: bytes, at: int) -> tuple[int, int]:
    first = data[at]
    if first & _LONG_OR_NEGATIVE:
        return _length(data, first, at + 1)
    return first >> 1, at + 1


def _length(data: bytes, first: int, at: int) -> tuple[int, int]:
    """A length of more than one byte; most have two."""
    second = data[at]
    if second < 0x80 <= first and not first & 1:
        return (first & 0x7F | second << 7) >> 1, at + 1
    size, at = _number(data, first, at)
    if not 0 <= size < _INT_LIMIT:
        raise Malformed
    return size, at


def _number(data: bytes, first: int, at: int) -> tuple[int, int]:
    if first < 0x80:
        return (first >> 1) ^ -(first & 1), at
    second = data[at]
    if second < 0x80:
        value = first & 0x7F | second << 7
        return (value >> 1) ^ -(value & 1), at + 1
    return more_signed(data, first, at)


def build_batch(
    content: Sequence[Record],
    *,
    base_timestamp: int,
    max_timestamp: int,
    base_offset: int = 0,
    leader_epoch: int = -1,
    producer_id: int = -1,
    producer_epoch: int = -1,
    base_sequence: int = -1,
    compression: Compression = Compression.NONE,
    is_transactional: bool = False,
    is_control: bool = False,
    is_log_append_time: bool = False,
    last_offset_delta: int | None = None,
    delete_horizon_ms: int | None = None,
) -> bytes:
    """A batch with its checksum.

    Args:
        content: its records; may be empty, as after compaction.
        base_timestamp: what the records' `timestamp_delta` are told from, in milliseconds.
        last_offset_delta: the last record's when left out; after compaction the original one.
        delete_horizon_ms: when tombstones and markers in it may go (KIP-534). It takes the place
            of the base timestamp; the records keep their times.

    Raises:
        ValueError: a number does not fit, or there are neither records nor a last offset delta.
    """
    if last_offset_delta is None:
        if not content:
            raise ValueError("an empty batch needs its last offset delta")
        last_offset_delta = content[-1].offset_delta
    shift = 0
    if delete_horizon_ms is not None:
        shift, base_timestamp = base_timestamp - delete_horizon_ms, delete_horizon_ms
    attributes = (
        compression.value
        | LOG_APPEND_TIME * is_log_append_time
        | TRANSACTIONAL * is_transactional
        | CONTROL * is_control
        | DELETE_HORIZON * (delete_horizon_ms is not None)
    )
    body = compress(compression, b"".join([_encoded(one, shift) for one in content]))
    return _whole(
        body,
        base_offset,
        HEAD.size - LENGTH_ENDS + len(body),
        leader_epoch,
        MAGIC,
        0,
        attributes,
        last_offset_delta,
        base_timestamp,
        max_timestamp,
        producer_id,
        producer_epoch,
        base_sequence,
        len(content),
    )


def _whole(body: bytes, *fields: int) -> bytes:
    try:
        head = HEAD.pack(*fields)
    except StructError as error:
        raise ValueError(f"no head of a batch: {error}") from None
    checked = head[ATTRIBUTES_AT:]
    checksum = CRC.pack(crc32c(body, crc32c(checked)))
    return b"".join((head[:CRC_AT], checksum, checked, body))


def _encoded(record: Record, shift: int) -> bytes:
    """A record with its length before it."""
    offset, time, key, value, headers = record
    body = b"".join(
        (
            b"\0",
            _signed(time + shift),
            _signed(offset),
            _sized(key),
            _sized(value),
            _signed(len(headers)),
            *[_sized(name.encode()) + _sized(one) for name, one in headers],
        )
    )
    return _signed(len(body)) + body


def _signed(value: int) -> bytes:
    return _SIGNED[value] if 0 <= value < len(_SIGNED) else signed(value)


def _sized(raw: bytes | None) -> bytes:
    return b"\x01" if raw is None else _signed(len(raw)) + raw


def control_batch(
    producer_id: int,
    producer_epoch: int,
    is_commit: bool,
    coordinator_epoch: int,
    timestamp: int,
) -> bytes:
    """The marker that ends a transaction (EndTransactionMarker)."""
    key = _CONTROL_KEY.pack(_CONTROL_VERSION, is_commit)
    value = _END_MARKER.pack(_CONTROL_VERSION, coordinator_epoch)
    return build_batch(
        [Record(0, 0, key, value, [])],
        base_timestamp=timestamp,
        max_timestamp=timestamp,
        producer_id=producer_id,
        producer_epoch=producer_epoch,
        is_transactional=True,
        is_control=True,
    )


def end_marker(record: Record) -> EndMarker | None:
    """What a record of a control batch says; None when it is another kind of control record.

    Raises:
        WireError: it is no control record.
    """
    key, value = record.key or b"", record.value or b""
    if len(key) < _CONTROL_KEY.size:
        raise WireError(f"the key of a control record has {len(key)} bytes")
    _, kind = _CONTROL_KEY.unpack_from(key)
    if kind not in (_ABORT, _COMMIT):
        return None
    # Later versions may have more fields behind (EndTransactionMarker.deserializeValue).
    if len(value) < _END_MARKER.size:
        raise WireError(f"an end of a transaction of {len(value)} bytes")
    return EndMarker(kind == _COMMIT, _END_MARKER.unpack_from(value)[1])
