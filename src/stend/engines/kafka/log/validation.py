"""What a client may append, and what becomes of it before it is written. Pure.

Order and texts follow Kafka's UnifiedLog and LogValidator.
"""

from dataclasses import dataclass, replace
from struct import Struct

from crc32c import crc32c

from stend.engines.kafka.errors import BrokerError
from stend.engines.kafka.log.config import LONG_MAX, LogConfig
from stend.engines.kafka.log.framing import Malformed, Stamps, look
from stend.wire.kafka.compression import Compression, decompress
from stend.wire.kafka.errors import ErrorCode, WireError
from stend.wire.kafka.records import (
    BatchHeader,
    build_batch,
    check_crc,
    patch,
    read_batch_header,
    records,
    set_log_append_time,
)

# What is compressed is opened once to look into it; this much of it at most.
MAX_RECORDS_BYTES = 64 * 1024 * 1024
_HEAD_BYTES = 61
_MAGIC_AT = 16
_MAGIC = 2
_CRC_AT = 17
_CHECKED_AT = 21
# The lower byte of the attributes.
_CODEC_AT = 22
_LENGTH_ENDS = 12
_MAX_TIMESTAMP_AT = 35
_CODEC = 0x07
_LENGTH = Struct(">8xi")
_CRC = Struct(">I")
_TIMESTAMP = Struct(">q")
_NO_TIMESTAMP = -1
_TARGETS = {
    "uncompressed": Compression.NONE,
    "gzip": Compression.GZIP,
    "snappy": Compression.SNAPPY,
    "lz4": Compression.LZ4,
    "zstd": Compression.ZSTD,
}


@dataclass(slots=True)
class Ready:
    """A batch as it will be written, but for its offset."""

    data: bytearray
    header: BatchHeader


def ready(batch: bytes, config: LogConfig, now_ms: int) -> Ready:
    """Checks a client's batch and gives it the topic's timestamps and compression.

    Args:
        batch: exactly one (Kafka's ProduceRequest).

    Raises:
        BrokerError: with the code and the words of Kafka.
    """
    if not batch:
        raise _invalid("Produce requests must have at least one record batch per partition")
    header = _header(batch)
    if header.size_bytes != len(batch):
        raise _invalid("Produce requests must contain exactly one record batch per partition")
    _check_header(header)
    _check_size(header.size_bytes, config)
    try:
        check_crc(batch, 0, header)
    except WireError as error:
        raise BrokerError(ErrorCode.CORRUPT_MESSAGE, f"Record is corrupt: {error}") from None
    stamps = _check_records(batch, header, config)
    _check_timestamps(header, stamps, config, now_ms)
    compression = _TARGETS.get(config.compression_type, header.compression)
    if compression != header.compression:
        return _compressed(batch, header, compression, config, now_ms)
    return _stamped(bytearray(batch), header, stamps, config, now_ms)


def _header(batch: bytes) -> BatchHeader:
    left = len(batch)
    if left > _MAGIC_AT and batch[_MAGIC_AT] != _MAGIC:
        raise _invalid(
            f"Produce requests are only allowed to contain record batches with magic version 2, "
            f"not {batch[_MAGIC_AT]}"
        )
    size = _LENGTH_ENDS + _LENGTH.unpack_from(batch)[0] if left >= _HEAD_BYTES else 0
    if not _HEAD_BYTES <= size <= left:
        raise BrokerError(
            ErrorCode.CORRUPT_MESSAGE, f"Record is corrupt: a batch of {size} in {left} bytes"
        )
    if (codec := batch[_CODEC_AT] & _CODEC) > max(Compression):
        raise BrokerError(
            ErrorCode.UNSUPPORTED_COMPRESSION_TYPE, f"Unknown compression type id: {codec}"
        )
    try:
        return read_batch_header(batch)
    except WireError as error:
        raise _invalid(f"Invalid record batch: {error}") from None


def _check_header(header: BatchHeader) -> None:
    if header.base_offset != 0:
        raise _invalid(
            f"The baseOffset of the record batch should be 0, but it is {header.base_offset}"
        )
    if header.count <= 0:
        raise _invalid(f"Invalid reported count for record batch: {header.count}")
    if header.last_offset_delta + 1 != header.count:
        raise _invalid(
            f"Inconsistent batch offset range [0, {header.last_offset_delta}] and count of records "
            f"{header.count}"
        )
    if header.is_control:
        raise _invalid("Clients are not allowed to write control records")
    if header.has_producer and header.base_sequence < 0:
        raise _invalid(
            f"Invalid sequence number {header.base_sequence} in record batch with producerId "
            f"{header.producer_id}"
        )
    if header.is_transactional and not header.has_producer:
        raise _invalid("A transactional record batch has no producerId")


def _check_size(size: int, config: LogConfig) -> None:
    if size > config.max_message_bytes:
        raise BrokerError(
            ErrorCode.MESSAGE_TOO_LARGE,
            f"The record batch size in the append is {size} bytes which exceeds the maximum "
            f"configured value of {config.max_message_bytes} (max.message.bytes).",
        )
    if size > config.segment_bytes:
        raise BrokerError(
            ErrorCode.RECORD_LIST_TOO_LARGE,
            f"Message batch size is {size} bytes in append which exceeds the maximum configured "
            f"segment size of {config.segment_bytes} (segment.bytes).",
        )


def _check_records(batch: bytes, header: BatchHeader, config: LogConfig) -> Stamps:
    """Every record can be read by every consumer; earliest and latest timestamp, as deltas."""
    data, at = batch, _HEAD_BYTES
    try:
        if header.compression is not Compression.NONE:
            data = decompress(header.compression, batch[_HEAD_BYTES:], MAX_RECORDS_BYTES)
            at = 0
        return look(data, at, header.count, needs_key=config.is_compacted)
    except Malformed as error:
        raise _invalid(f"One or more records have been rejected: {error}") from None
    except WireError as error:
        raise _invalid(f"The records cannot be decompressed: {error}") from None


def _check_timestamps(header: BatchHeader, stamps: Stamps, config: LogConfig, now_ms: int) -> None:
    if config.is_log_append_time:
        return
    if header.is_log_append_time:
        raise BrokerError(
            ErrorCode.INVALID_TIMESTAMP,
            "Invalid timestamp type in message. Producer should not set timestamp type to "
            "LogAppendTime.",
        )
    least = now_ms - config.timestamp_before_max_ms
    greatest = min(now_ms + config.timestamp_after_max_ms, LONG_MAX)
    for timestamp in _extremes(header, stamps):
        if timestamp != _NO_TIMESTAMP and not least <= timestamp <= greatest:
            raise BrokerError(
                ErrorCode.INVALID_TIMESTAMP,
                f"Timestamp {timestamp} of message is out of range. The timestamp should be "
                f"within [{least}, {greatest}]",
            )


def _extremes(header: BatchHeader, stamps: Stamps) -> tuple[int, int]:
    return header.base_timestamp + stamps.least, header.base_timestamp + stamps.greatest


def _stamped(
    data: bytearray, header: BatchHeader, stamps: Stamps, config: LogConfig, now_ms: int
) -> Ready:
    if config.is_log_append_time:
        set_log_append_time(data, 0, now_ms)
        return Ready(data, read_batch_header(bytes(data[:_HEAD_BYTES])))
    _, greatest = _extremes(header, stamps)
    if greatest != header.max_timestamp:
        # Look-ups by time go by the header, so what it says must be so (LogValidator).
        _TIMESTAMP.pack_into(data, _MAX_TIMESTAMP_AT, greatest)
        checksum = crc32c(memoryview(data)[_CHECKED_AT:])
        _CRC.pack_into(data, _CRC_AT, checksum)
        header = replace(header, max_timestamp=greatest, crc=checksum)
    return Ready(data, header)


def _compressed(
    batch: bytes, header: BatchHeader, compression: Compression, config: LogConfig, now_ms: int
) -> Ready:
    """The batch built again with the topic's codec."""
    try:
        content = records(batch, 0, header, max_bytes=MAX_RECORDS_BYTES)
    except WireError as error:
        raise _invalid(f"One or more records have been rejected: {error}") from None
    deltas = [record.timestamp_delta for record in content]
    stamps = Stamps(min(deltas), max(deltas))
    data = build_batch(
        content,
        base_timestamp=header.base_timestamp,
        max_timestamp=header.base_timestamp + stamps.greatest,
        producer_id=header.producer_id,
        producer_epoch=header.producer_epoch,
        base_sequence=header.base_sequence,
        compression=compression,
        is_transactional=header.is_transactional,
    )
    _check_size(len(data), config)
    built = read_batch_header(data)
    return _stamped(bytearray(data), built, stamps, config, now_ms)


def place(batch: Ready, base_offset: int, leader_epoch: int) -> None:
    """Gives a batch its offset in the log."""
    patch(batch.data, 0, base_offset, leader_epoch)
    batch.header.base_offset = base_offset
    batch.header.leader_epoch = leader_epoch


def _invalid(text: str) -> BrokerError:
    return BrokerError(ErrorCode.INVALID_RECORD, text)
