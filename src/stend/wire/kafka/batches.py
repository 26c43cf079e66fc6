"""Record batches of Kafka (magic 2): their heads, read, checked and patched in place.

A head has 61 bytes; the checksum is CRC-32C of everything from the attributes on, so that a broker
can write offset and leader epoch, which stand before it, without a new one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from struct import Struct

from crc32c import crc32c

from stend.wire.kafka.compression import Compression
from stend.wire.kafka.errors import WireError

HEAD = Struct(">qiibIhiqqqhii")
MAGIC = 2
# Base offset and length are not counted in the length.
LENGTH_ENDS = 12
CRC_AT = 17
ATTRIBUTES_AT = 21
_BASE_OFFSET = Struct(">q")
_LENGTH_AT, _EPOCH_AT, _MAX_TIMESTAMP_AT = 8, 12, 35
_INT = Struct(">i")
CRC = Struct(">I")
_ATTRIBUTES = Struct(">h")
_LONG = Struct(">q")
_SEQUENCES = 2**31

COMPRESSION_MASK = 0b111
LOG_APPEND_TIME = 0b1000
TRANSACTIONAL = 0b1_0000
CONTROL = 0b10_0000
# KIP-534: the base timestamp tells when tombstones and markers may go.
DELETE_HORIZON = 0b100_0000


@dataclass(slots=True)
class BatchHeader:
    """
    Attributes:
        base_offset: of the first record; what a producer sends is 0.
        size_bytes: of the whole batch.
        leader_epoch: -1 until a leader has written it.
        crc: as it stands there; `check_crc` tells whether it is right.
        attributes: 16 bits; the properties read them.
        base_timestamp: milliseconds; what the records' timestamps are told from.
        producer_id: -1 of a producer that is not idempotent; so are its epoch and sequence.
        count: of records; compaction can leave none.
    """

    base_offset: int
    size_bytes: int
    leader_epoch: int
    magic: int
    crc: int
    attributes: int
    last_offset_delta: int
    base_timestamp: int
    max_timestamp: int
    producer_id: int
    producer_epoch: int
    base_sequence: int
    count: int

    @property
    def last_offset(self) -> int:
        return self.base_offset + self.last_offset_delta

    @property
    def next_offset(self) -> int:
        return self.base_offset + self.last_offset_delta + 1

    @property
    def compression(self) -> Compression:
        return Compression(self.attributes & COMPRESSION_MASK)

    @property
    def is_log_append_time(self) -> bool:
        """All records have `max_timestamp`, whatever stands in them."""
        return bool(self.attributes & LOG_APPEND_TIME)

    @property
    def is_transactional(self) -> bool:
        return bool(self.attributes & TRANSACTIONAL)

    @property
    def is_control(self) -> bool:
        return bool(self.attributes & CONTROL)

    @property
    def delete_horizon_ms(self) -> int | None:
        return self.base_timestamp if self.attributes & DELETE_HORIZON else None

    @property
    def has_producer(self) -> bool:
        return self.producer_id != -1

    @property
    def last_sequence(self) -> int:
        """Sequence numbers go back to 0 after 2^31 - 1; -1 where there is none."""
        if self.base_sequence < 0:
            return -1
        return (self.base_sequence + self.last_offset_delta) % _SEQUENCES


def read_batch_header(data: bytes | bytearray, at: int = 0) -> BatchHeader:
    """The head at this place. Whether the rest of the batch is there is not looked at.

    Raises:
        WireError: it is cut off, of an older format, or says what cannot be.
    """
    if not 0 <= at <= len(data) - HEAD.size:
        raise WireError(f"a record batch of {max(len(data) - at, 0)} bytes has no head", at=at)
    offset, length, epoch, magic, *rest = HEAD.unpack_from(data, at)
    if magic != MAGIC:
        raise WireError(f"a record batch with magic {magic}, not {MAGIC}", at=at + CRC_AT - 1)
    header = BatchHeader(offset, LENGTH_ENDS + length, epoch, magic, *rest)
    if header.size_bytes < HEAD.size:
        raise WireError(f"a record batch of length {length}", at=at + _LENGTH_AT)
    if header.attributes & COMPRESSION_MASK > Compression.ZSTD:
        raise WireError(
            f"there is no compression {header.attributes & COMPRESSION_MASK}", at=at + ATTRIBUTES_AT
        )
    if header.last_offset_delta < 0 or header.count < 0:
        raise WireError(
            f"{header.count} records with the last offset delta {header.last_offset_delta}",
            at=at + ATTRIBUTES_AT,
        )
    return header


def check_crc(data: bytes | bytearray, at: int, header: BatchHeader) -> None:
    """
    Raises:
        WireError: the batch is cut off, or was changed after its checksum was made.
    """
    end = at + header.size_bytes
    if end > len(data):
        raise _cut_off(header, len(data) - at, at)
    found = crc32c(memoryview(data)[at + ATTRIBUTES_AT : end])
    if found != header.crc:
        raise WireError(f"CRC {header.crc:#010x}, where {found:#010x} is right", at=at + CRC_AT)


def batches(
    data: bytes | bytearray, *, allow_partial: bool = False
) -> Iterator[tuple[BatchHeader, int]]:
    """Heads of batches that stand one after another, and where each begins.

    Args:
        allow_partial: end before a last batch that is cut off, as consumers have to.

    Raises:
        WireError: a batch is wrong, or cut off.
    """
    at = 0
    while at < len(data):
        left = len(data) - at
        if allow_partial and left < LENGTH_ENDS:
            return
        if left >= LENGTH_ENDS:
            (length,) = _INT.unpack_from(data, at + _LENGTH_AT)
            if allow_partial and length >= HEAD.size - LENGTH_ENDS and length > left - LENGTH_ENDS:
                return
        header = read_batch_header(data, at)
        if header.size_bytes > left:
            raise _cut_off(header, left, at)
        yield header, at
        at += header.size_bytes


def patch(batch: bytearray, at: int, base_offset: int, leader_epoch: int) -> None:
    """Writes what the leader of a partition decides; the checksum stays right."""
    _BASE_OFFSET.pack_into(batch, at, base_offset)
    _INT.pack_into(batch, at + _EPOCH_AT, leader_epoch)


def set_log_append_time(batch: bytearray, at: int, timestamp: int) -> None:
    """The batch gets the broker's time, in milliseconds, and a new checksum."""
    (attributes,) = _ATTRIBUTES.unpack_from(batch, at + ATTRIBUTES_AT)
    _ATTRIBUTES.pack_into(batch, at + ATTRIBUTES_AT, attributes | LOG_APPEND_TIME)
    _LONG.pack_into(batch, at + _MAX_TIMESTAMP_AT, timestamp)
    (length,) = _INT.unpack_from(batch, at + _LENGTH_AT)
    with memoryview(batch) as view:
        made = crc32c(view[at + ATTRIBUTES_AT : at + LENGTH_ENDS + length])
    CRC.pack_into(batch, at + CRC_AT, made)


def _cut_off(header: BatchHeader, left: int, at: int) -> WireError:
    return WireError(f"a record batch of {header.size_bytes} bytes, where {left} are left", at=at)
