"""What is taken into a log, with which offsets and times, and what is refused with which code."""

import struct
from dataclasses import replace

import pytest
from crc32c import crc32c

from stend.engines.kafka.errors import BrokerError
from stend.engines.kafka.log.config import LogConfig
from stend.engines.kafka.log.partition_log import Appended, PartitionLog
from stend.wire.kafka.compression import Compression
from stend.wire.kafka.errors import ErrorCode
from stend.wire.kafka.records import Record, batches, build_batch, control_batch, read_batch_header
from tests.engines.kafka.log.batches import NOW_MS, Seen, batch, seen, stored, values
from tests.fakes.volume import Disk, MemoryVolume

COMPACT = LogConfig(cleanup_policies=frozenset(("compact",)))
KEYLESS = [(None, b"value")]


def opened(config: LogConfig | None = None, volume: MemoryVolume | None = None) -> PartitionLog:
    return PartitionLog.open(
        volume or MemoryVolume(), config or LogConfig(), is_clean=True, now_ms=NOW_MS
    )


def append(log: PartitionLog, data: bytes, now_ms: int = NOW_MS) -> Appended:
    return log.append(data, leader_epoch=3, now_ms=now_ms)


def refused(data: bytes, config: LogConfig | None = None) -> BrokerError:
    log = opened(config)
    with pytest.raises(BrokerError) as caught:
        append(log, data)
    assert (log.log_end_offset, log.size_bytes, log.producers()) == (0, 0, [])
    return caught.value


def patched(data: bytes, at: int, form: str, value: int) -> bytes:
    """With another number in the part that the checksum covers."""
    made = bytearray(data)
    struct.pack_into(form, made, at, value)
    struct.pack_into(">I", made, 17, crc32c(bytes(made[21:])))
    return bytes(made)


def test_batches_get_offsets_and_the_leader_epoch() -> None:
    log = opened()
    assert append(log, batch(values("a", "b"))) == Appended(0, 1, -1, False)
    assert append(log, batch(values("c"))) == Appended(2, 2, -1, False)
    heads = [(head.base_offset, head.leader_epoch) for head, _ in batches(stored(log))]
    assert heads == [(0, 3), (2, 3)]
    assert [one.value for one in seen(stored(log))] == [b"a", b"b", b"c"]
    assert (log.log_start_offset, log.log_end_offset, log.synced_offset) == (0, 3, 0)


def test_the_producers_times_are_kept() -> None:
    log = opened()
    append(log, batch(values("a", "b"), NOW_MS - 5_000, step_ms=7))
    assert [one.timestamp for one in seen(stored(log))] == [NOW_MS - 5_000, NOW_MS - 4_993]


@pytest.mark.parametrize("compression", Compression)
def test_the_brokers_time_is_written_where_the_topic_says_so(compression: Compression) -> None:
    log = opened(LogConfig(is_log_append_time=True))
    sent = batch(values("a", "b"), 1, compression=compression)
    assert append(log, sent, NOW_MS + 9) == Appended(0, 1, NOW_MS + 9, False)
    assert [one.timestamp for one in seen(stored(log))] == [NOW_MS + 9] * 2
    assert log.find_time(NOW_MS) == (0, NOW_MS + 9)


def test_a_wrong_greatest_time_in_the_head_is_put_right() -> None:
    log = opened()
    append(log, patched(batch(values("a", "b", "c")), 35, ">q", 5))
    assert log.max_timestamp() == (2, NOW_MS + 2)
    assert [one.value for one in seen(stored(log))] == [b"a", b"b", b"c"]


@pytest.mark.parametrize("source", Compression)
@pytest.mark.parametrize("target", ["uncompressed", "gzip", "snappy", "lz4", "zstd"])
def test_a_topic_can_have_a_codec_of_its_own(source: Compression, target: str) -> None:
    log = opened(LogConfig(compression_type=target))
    producer = (7, 0, 0)
    append(log, batch(values("a", "b"), compression=source, producer=producer))
    ((head, _),) = batches(stored(log))
    expected = Compression.NONE if target == "uncompressed" else Compression[target.upper()]
    assert head.compression is expected
    assert (head.producer_id, head.base_sequence, head.leader_epoch) == (7, 0, 3)
    assert list(seen(stored(log))) == [
        Seen(0, NOW_MS, b"a", b"a", 7),
        Seen(1, NOW_MS + 1, b"b", b"b", 7),
    ]


def test_the_greatest_batch_that_fits_is_taken_and_no_greater_one() -> None:
    data = batch(KEYLESS)
    log = opened(LogConfig(max_message_bytes=len(data)))
    append(log, data)
    error = refused(data, LogConfig(max_message_bytes=len(data) - 1))
    assert error.code is ErrorCode.MESSAGE_TOO_LARGE
    assert f"{len(data)} bytes" in str(error)
    error = refused(data, LogConfig(segment_bytes=len(data) - 1))
    assert error.code is ErrorCode.RECORD_LIST_TOO_LARGE


WRONG_HEADS = {
    "base offset": (patched(batch(KEYLESS), 0, ">q", 1), ErrorCode.INVALID_RECORD),
    "magic 0": (patched(batch(KEYLESS), 16, ">b", 0), ErrorCode.INVALID_RECORD),
    "magic 1": (patched(batch(KEYLESS), 16, ">b", 1), ErrorCode.INVALID_RECORD),
    "magic 3": (patched(batch(KEYLESS), 16, ">b", 3), ErrorCode.INVALID_RECORD),
    "no records": (patched(batch(KEYLESS), 57, ">i", 0), ErrorCode.INVALID_RECORD),
    "negative count": (patched(batch(KEYLESS), 57, ">i", -1), ErrorCode.INVALID_RECORD),
    "more records": (patched(batch(KEYLESS), 57, ">i", 2), ErrorCode.INVALID_RECORD),
    "last delta": (patched(batch(KEYLESS), 23, ">i", 1), ErrorCode.INVALID_RECORD),
    "negative delta": (patched(batch(KEYLESS), 23, ">i", -1), ErrorCode.INVALID_RECORD),
    "count and delta": (
        patched(patched(batch(KEYLESS), 23, ">i", 1), 57, ">i", 2),
        ErrorCode.INVALID_RECORD,
    ),
    "control": (control_batch(7, 0, True, 0, NOW_MS), ErrorCode.INVALID_RECORD),
    "no sequence": (batch(KEYLESS, producer=(7, 0, -1)), ErrorCode.INVALID_RECORD),
    "no producer": (batch(KEYLESS, is_transactional=True), ErrorCode.INVALID_RECORD),
    "codec 5": (patched(batch(KEYLESS), 21, ">h", 5), ErrorCode.UNSUPPORTED_COMPRESSION_TYPE),
    "codec lie": (patched(batch(KEYLESS), 21, ">h", 4), ErrorCode.INVALID_RECORD),
    "append time": (patched(batch(KEYLESS), 21, ">h", 8), ErrorCode.INVALID_TIMESTAMP),
    "checksum": (batch(KEYLESS)[:-1] + b"\x01", ErrorCode.CORRUPT_MESSAGE),
    "cut off": (batch(KEYLESS)[:-1], ErrorCode.CORRUPT_MESSAGE),
    "cut head": (batch(KEYLESS)[:60], ErrorCode.CORRUPT_MESSAGE),
    "short length": (patched(batch(KEYLESS), 8, ">i", 48), ErrorCode.CORRUPT_MESSAGE),
    "negative length": (patched(batch(KEYLESS), 8, ">i", -1), ErrorCode.CORRUPT_MESSAGE),
    "nothing": (b"", ErrorCode.INVALID_RECORD),
    "two batches": (batch(KEYLESS) * 2, ErrorCode.INVALID_RECORD),
    "batch and rest": (batch(KEYLESS) + b"\0", ErrorCode.INVALID_RECORD),
}


@pytest.mark.parametrize("name", WRONG_HEADS)
def test_a_wrong_head_is_refused(name: str) -> None:
    data, code = WRONG_HEADS[name]
    assert refused(data).code is code


def framed(*bodies: bytes, count: int | None = None) -> bytes:
    """A batch of records whose bytes are given."""
    content = [Record(place, 0, None, None, []) for place in range(len(bodies))]
    built = build_batch(content, base_timestamp=NOW_MS, max_timestamp=NOW_MS)
    made = bytearray(built[:61] + b"".join(bodies))
    struct.pack_into(">i", made, 8, len(made) - 12)
    if count is not None:
        struct.pack_into(">i", made, 57, count)
        struct.pack_into(">i", made, 23, count - 1)
    struct.pack_into(">I", made, 17, crc32c(bytes(made[21:])))
    return bytes(made)


# Length, attributes, timestamp delta, offset delta, key, value, headers.
WHOLE = bytes((14, 0, 0, 0, 1, 2, 0x61, 0))
WRONG_RECORDS = {
    "cut off": (14, 0, 0, 0, 1, 2, 0x61),
    "longer": (16, 0, 0, 0, 1, 2, 0x61, 0),
    "bytes behind": (14, 0, 0, 0, 1, 2, 0x61, 0, 0),
    "shorter": (12, 0, 0, 0, 1, 2, 0x61, 0),
    "negative length": (13, 0, 0, 0, 1, 2, 0x61, 0),
    "offset delta": (14, 0, 0, 2, 1, 2, 0x61, 0),
    "key length": (14, 0, 0, 0, 3, 2, 0x61, 0),
    "key beyond": (14, 0, 0, 0, 60, 2, 0x61, 0),
    "value length": (14, 0, 0, 0, 1, 3, 0x61, 0),
    "value beyond": (14, 0, 0, 0, 1, 60, 0x61, 0),
    "headers": (14, 0, 0, 0, 1, 2, 0x61, 1),
    "a header that is not there": (14, 0, 0, 0, 1, 2, 0x61, 2),
    "null name of a header": (18, 0, 0, 0, 1, 2, 0x61, 2, 1, 1),
    "length of a header": (18, 0, 0, 0, 1, 2, 0x61, 2, 0, 3),
    "endless number": (*[0xFF] * 11, 0),
    "number of 65 bits": (32, 0, *[0xFF] * 9, 0x7F, 0, 1, 2, 0x61, 0),
}


@pytest.mark.parametrize("name", WRONG_RECORDS)
@pytest.mark.parametrize("is_compressed", [False, True], ids=["plain", "compressed"])
def test_a_record_that_cannot_be_read_is_refused(name: str, is_compressed: bool) -> None:
    data = framed(bytes(WRONG_RECORDS[name]))
    if is_compressed:
        from stend.wire.kafka.compression import compress

        body = compress(Compression.ZSTD, data[61:])
        made = bytearray(data[:61] + body)
        struct.pack_into(">i", made, 8, len(made) - 12)
        data = patched(bytes(made), 21, ">h", Compression.ZSTD)
    assert refused(data).code is ErrorCode.INVALID_RECORD
    assert refused(data, COMPACT).code is ErrorCode.INVALID_RECORD


def test_hand_made_records_that_are_right_are_taken() -> None:
    with_header = bytes((24, 0, 0, 2, 1, 1, 2, 4)) + b"ab" + bytes((2,)) + b"c"
    log = opened()
    append(log, framed(WHOLE, bytes((with_header[0] - 2,)) + with_header[1:]))
    assert [one.value for one in seen(stored(log))] == [b"a", None]


@pytest.mark.parametrize(
    "bodies", [WHOLE * 99 + WHOLE[:-1], WHOLE * 99, WHOLE * 101, WHOLE * 99 + b"\xff" * 11]
)
def test_the_lengths_in_a_large_batch_must_fill_it(bodies: bytes) -> None:
    assert refused(framed(bodies, count=100)).code is ErrorCode.INVALID_RECORD
    append(opened(), batch(values(*"abcdefghij" * 10)))


@pytest.mark.parametrize(
    ("from_end", "byte"), [(5, 4), (3, 4), (1, 2)], ids=["key", "value", "headers"]
)
def test_the_last_record_of_a_large_batch_is_read_too(from_end: int, byte: int) -> None:
    whole = batch(values(*"abcdefghij" * 100))
    # It ends with key and value, one byte each behind its length, and no headers.
    assert whole[-5:] == b"\x02j\x02j\0"
    append(opened(), whole)
    wrong = patched(whole, len(whole) - from_end, ">B", byte)
    assert refused(wrong).code is ErrorCode.INVALID_RECORD


@pytest.mark.parametrize("size", [0, 1, 50, 56, 57, 120, 8000, 8180, 8183, 8184, 20_000])
def test_a_large_batch_may_have_records_of_any_size(size: int) -> None:
    log = opened()
    append(log, batch([(None, bytes(size)), *values(*"abcdefghij" * 10)]))
    assert log.log_end_offset == 101
    for body in (WHOLE[:-1], b"\x0d" + WHOLE[1:], b"\xff" * 10 + b"\x7f"):
        wrong = framed(WHOLE * 99 + body, count=100)
        assert refused(wrong).code is ErrorCode.INVALID_RECORD


def test_records_of_a_compacted_topic_need_a_key() -> None:
    error = refused(batch([*values("a"), *KEYLESS]), COMPACT)
    assert error.code is ErrorCode.INVALID_RECORD
    assert "record 1: Compacted topic cannot accept message without key" in str(error)
    append(opened(COMPACT), batch([(b"", None)]))


def test_times_out_of_range_are_refused() -> None:
    config = LogConfig(timestamp_before_max_ms=100, timestamp_after_max_ms=10)
    for early, step, is_taken in ((-101, 0, False), (-100, 0, True), (0, 11, False), (0, 10, True)):
        sent = batch(values("a", "b"), NOW_MS + early, step_ms=step)
        if is_taken:
            append(opened(config), sent)
        else:
            assert refused(sent, config).code is ErrorCode.INVALID_TIMESTAMP
    # Where the broker stamps records, nobody asks the producer's clock.
    append(opened(replace(config, is_log_append_time=True)), batch(values("a"), 5))
    # The default bounds only the future.
    append(opened(), batch(values("a"), 0))
    assert refused(batch(values("a"), NOW_MS + 3_600_001)).code is ErrorCode.INVALID_TIMESTAMP


def test_times_beyond_64_bits_are_refused() -> None:
    config = LogConfig(timestamp_after_max_ms=2**63 - 1)
    late = patched(batch(values("a", "b"), NOW_MS), 27, ">q", 2**63 - 1)
    assert refused(late, config).code is ErrorCode.INVALID_TIMESTAMP
    early = patched(batch(values("a", "b"), NOW_MS, step_ms=-1), 27, ">q", -(2**63))
    assert refused(early, config).code is ErrorCode.INVALID_TIMESTAMP


def test_a_record_without_a_time_is_in_no_range() -> None:
    log = opened(LogConfig(timestamp_before_max_ms=100))
    append(log, batch(values("a"), -1))
    assert log.find_time(0) is None
    assert log.max_timestamp() is None


def test_a_compression_bomb_is_refused() -> None:
    huge = batch([(None, bytes(65 * 1024 * 1024))], compression=Compression.ZSTD)
    assert len(huge) < 1_000_000
    assert refused(huge).code is ErrorCode.INVALID_RECORD


def test_a_full_disk_is_told_and_nothing_is_half_written() -> None:
    disk = Disk()
    log = opened(volume=MemoryVolume(disk))
    append(log, batch(values("a"), producer=(7, 0, 0)))
    disk.fails = OSError(28, "No space left on device")
    with pytest.raises(BrokerError, match="No space left") as caught:
        append(log, batch(values("b"), producer=(7, 0, 1)))
    assert caught.value.code is ErrorCode.KAFKA_STORAGE_ERROR
    disk.fails = None
    assert append(log, batch(values("b"), producer=(7, 0, 1))).base_offset == 1
    assert [one.value for one in seen(stored(log))] == [b"a", b"b"]


def test_the_head_that_is_kept_is_the_one_on_the_disk() -> None:
    log = opened(LogConfig(is_log_append_time=True))
    append(log, batch(values("a"), 5, producer=(7, 0, 0)))
    ((head, at),) = batches(stored(log))
    assert head == read_batch_header(stored(log), at)
    assert log.producers()[0].last_timestamp == head.max_timestamp == NOW_MS
