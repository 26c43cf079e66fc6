"""Record batches: built and read, beside aiokafka and kafka-python, and whatever is wrong."""

import warnings
from random import Random
from typing import Any

import pytest
from aiokafka.record.default_records import DefaultRecordBatch as AioBatch
from aiokafka.record.default_records import DefaultRecordBatchBuilder as AioBuilder

from stend.wire.kafka.errors import WireError
from stend.wire.kafka.records import (
    BatchHeader,
    Compression,
    EndMarker,
    Record,
    batches,
    build_batch,
    check_crc,
    control_batch,
    end_marker,
    patch,
    read_batch_header,
    records,
    set_log_append_time,
)
from tests.long_runs import is_long_run

_CHANGES = 200_000 if is_long_run() else 3000
_NOW = 1_760_000_000_123
CONTENT = [
    Record(0, 0, b"key", b"value", [("traceparent", b"00-ab-01"), ("empty", b""), ("null", None)]),
    Record(1, 5, None, b"x" * 5000, []),
    Record(2, -3, b"", None, [("я", b"1"), ("я", b"2")]),
    Record(9, 2**33, b"k" * 63, b"v" * 64, [("n", b"z" * 9000)] * 70),
]
CODECS = pytest.mark.parametrize("compression", list(Compression), ids=lambda one: one.name)


def built(compression: Compression = Compression.NONE, **options: Any) -> bytes:
    return build_batch(
        CONTENT,
        base_timestamp=_NOW,
        max_timestamp=_NOW + 2**33,
        compression=compression,
        **options,
    )


@CODECS
def test_what_is_built_is_read_again(compression: Compression) -> None:
    batch = built(
        compression,
        base_offset=100,
        leader_epoch=3,
        producer_id=5,
        producer_epoch=2,
        base_sequence=7,
        is_transactional=True,
    )
    header = read_batch_header(batch)
    check_crc(batch, 0, header)
    assert records(batch, 0, header) == CONTENT
    assert header == BatchHeader(
        base_offset=100,
        size_bytes=len(batch),
        leader_epoch=3,
        magic=2,
        crc=header.crc,
        attributes=compression | 0b10000,
        last_offset_delta=9,
        base_timestamp=_NOW,
        max_timestamp=_NOW + 2**33,
        producer_id=5,
        producer_epoch=2,
        base_sequence=7,
        count=4,
    )
    assert (header.last_offset, header.next_offset, header.last_sequence) == (109, 110, 16)
    assert header.compression is compression
    assert (header.is_transactional, header.is_control, header.has_producer) == (True, False, True)
    assert (header.is_log_append_time, header.delete_horizon_ms) == (False, None)


# Beside the stock clients


@CODECS
def test_aiokafka_reads_what_is_built(compression: Compression) -> None:
    batch = AioBatch(built(compression, base_offset=100, producer_id=5, is_transactional=True))
    assert batch.validate_crc()
    assert (batch.base_offset, batch.next_offset, batch.producer_id) == (100, 110, 5)
    assert (batch.is_transactional, batch.is_control_batch) == (True, False)
    assert [
        Record(one.offset - 100, one.timestamp - _NOW, one.key, one.value, list(one.headers))
        for one in batch
    ] == CONTENT


@pytest.mark.parametrize("compression", [Compression.NONE, Compression.GZIP])
def test_kafka_python_reads_what_is_built(compression: Compression) -> None:
    """Its other codecs need packages that stend does not have."""
    with warnings.catch_warnings():
        # It reads its schemas in a way that Python is about to drop.
        warnings.simplefilter("ignore", DeprecationWarning)
        from kafka.record.default_records import DefaultRecordBatch
    batch = DefaultRecordBatch(bytearray(built(compression, base_offset=100)))
    assert batch.validate_crc()
    assert [
        Record(one.offset - 100, one.timestamp - _NOW, one.key, one.value, list(one.headers))
        for one in batch
    ] == CONTENT


@CODECS
def test_what_aiokafka_builds_is_read(compression: Compression) -> None:
    builder = AioBuilder(
        magic=2,
        compression_type=int(compression),
        is_transactional=1,
        producer_id=5,
        producer_epoch=2,
        base_sequence=7,
        batch_size=10_000_000,
    )
    for one in CONTENT:
        assert builder.append(
            one.offset_delta,
            timestamp=_NOW + one.timestamp_delta,
            key=one.key,
            value=one.value,
            headers=one.headers,
        )
    batch = bytes(builder.build())
    header = read_batch_header(batch)
    check_crc(batch, 0, header)
    assert records(batch, 0, header) == CONTENT
    assert (header.size_bytes, header.last_offset_delta) == (len(batch), 9)
    assert (header.base_timestamp, header.max_timestamp) == (_NOW, _NOW + 2**33)
    if compression is Compression.NONE:
        assert batch == built(
            producer_id=5, producer_epoch=2, base_sequence=7, is_transactional=True
        )


def test_control_batches_end_transactions() -> None:
    """Bytes as Kafka's EndTransactionMarker has them: version, type; version, epoch."""
    commit = control_batch(5, 2, True, 77, _NOW)
    header = read_batch_header(commit)
    check_crc(commit, 0, header)
    assert (header.is_control, header.is_transactional, header.base_sequence) == (True, True, -1)
    (record,) = records(commit, 0, header)
    assert (record.key, record.value) == (bytes.fromhex("00000001"), bytes.fromhex("00000000004d"))
    assert end_marker(record) == EndMarker(is_commit=True, coordinator_epoch=77)
    theirs = AioBatch(commit)
    assert theirs.is_control_batch
    abort = control_batch(5, 2, False, -1, _NOW)
    (record,) = records(abort, 0, read_batch_header(abort))
    assert end_marker(record) == EndMarker(is_commit=False, coordinator_epoch=-1)


def test_other_control_records_are_no_end_of_a_transaction() -> None:
    """A change of the leader, a later version with more in it, and none at all."""
    assert end_marker(Record(0, 0, bytes.fromhex("00000002"), b"", [])) is None
    later = Record(0, 0, bytes.fromhex("00000001"), bytes.fromhex("000100000005ffff"), [])
    assert end_marker(later) == EndMarker(is_commit=True, coordinator_epoch=5)
    for key, value in ((None, None), (b"\0\0\0", b""), (bytes(4), b"\0\0\0\0\0")):
        with pytest.raises(WireError):
            end_marker(Record(0, 0, key, value, []))


# What a broker changes in place


def test_offset_and_epoch_are_patched_without_a_new_checksum() -> None:
    batch = bytearray(b"before" + built())
    patch(batch, 6, 2**40, 12)
    header = read_batch_header(batch, 6)
    check_crc(batch, 6, header)
    assert (header.base_offset, header.leader_epoch) == (2**40, 12)
    assert bytes(batch[:6]) == b"before"
    assert records(bytes(batch), 6, header) == CONTENT


def test_the_time_of_appending_needs_a_new_checksum() -> None:
    batch = bytearray(b"before" + built() + b"behind")
    set_log_append_time(batch, 6, _NOW + 1)
    header = read_batch_header(batch, 6)
    check_crc(batch, 6, header)
    assert (header.is_log_append_time, header.max_timestamp) == (True, _NOW + 1)
    theirs = AioBatch(bytes(batch[6:-6]))
    assert theirs.validate_crc()
    assert [one.timestamp for one in theirs] == [_NOW + 1] * 4


def test_a_batch_may_be_emptied_by_compaction() -> None:
    batch = build_batch(
        [], base_timestamp=_NOW, max_timestamp=_NOW, base_offset=20, last_offset_delta=9
    )
    header = read_batch_header(batch)
    assert (header.count, header.next_offset, records(batch, 0, header)) == (0, 30, [])
    with pytest.raises(ValueError, match="needs its last offset delta"):
        build_batch([], base_timestamp=_NOW, max_timestamp=_NOW)


def test_a_delete_horizon_leaves_the_times_of_the_records() -> None:
    batch = built(delete_horizon_ms=_NOW + 86_400_000)
    header = read_batch_header(batch)
    assert header.delete_horizon_ms == _NOW + 86_400_000
    found = records(batch, 0, header)
    times = [header.base_timestamp + one.timestamp_delta for one in found]
    assert times == [_NOW + one.timestamp_delta for one in CONTENT]


@pytest.mark.parametrize(
    ("base", "delta", "last"),
    [(0, 4, 4), (2**31 - 1, 0, 2**31 - 1), (2**31 - 3, 4, 1), (-1, 4, -1)],
)
def test_sequence_numbers_begin_anew(base: int, delta: int, last: int) -> None:
    content = [Record(delta, 0, None, b"", [])]
    batch = build_batch(content, base_timestamp=0, max_timestamp=0, base_sequence=base)
    assert read_batch_header(batch).last_sequence == last


def test_numbers_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="no head of a batch"):
        build_batch(CONTENT, base_timestamp=2**63, max_timestamp=0)


# Batches one after another


def test_batches_stand_one_after_another() -> None:
    data = built(base_offset=5) + built(Compression.LZ4, base_offset=15)
    found = list(batches(data))
    assert [(header.base_offset, at) for header, at in found] == [(5, 0), (15, len(built()))]
    assert [records(data, at, header) for header, at in found] == [CONTENT, CONTENT]
    assert list(batches(b"")) == []


def test_a_last_batch_may_be_cut_off_only_where_that_is_allowed() -> None:
    content = [Record(0, 0, b"key", b"value", [])]
    first = build_batch(content, base_timestamp=_NOW, max_timestamp=_NOW)
    for size in range(len(first)):
        data = first + first[:size]
        assert len(list(batches(data, allow_partial=True))) == 1
        if size:
            with pytest.raises(WireError):
                list(batches(data))


def changed_head(at: int, raw: str) -> bytes:
    batch = bytearray(built())
    batch[at : at + len(raw) // 2] = bytes.fromhex(raw)
    return bytes(batch)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", "a record batch of 0 bytes has no head"),
        (bytes(60), "a record batch of 60 bytes has no head"),
        (changed_head(16, "01"), "byte 16: a record batch with magic 1, not 2"),
        (changed_head(8, "00000030"), "byte 8: a record batch of length 48"),
        (changed_head(8, "ffffffff"), "byte 8: a record batch of length -1"),
        (changed_head(21, "0005"), "byte 21: there is no compression 5"),
        (changed_head(57, "ffffffff"), "byte 21: -1 records"),
        (changed_head(23, "ffffffff"), "byte 21: 4 records with the last offset delta -1"),
    ],
)
def test_wrong_heads_are_refused(data: bytes, text: str) -> None:
    with pytest.raises(WireError) as refusal:
        read_batch_header(data)
    assert text in str(refusal.value)
    with pytest.raises(WireError):
        list(batches(data or b"\0"))


def test_a_wrong_checksum_is_found() -> None:
    batch = bytearray(built())
    header = read_batch_header(batch)
    batch[-1] ^= 1
    with pytest.raises(WireError, match=r"byte 17: CRC 0x.* is right"):
        check_crc(batch, 0, header)
    with pytest.raises(WireError, match="are left"):
        check_crc(batch[:-1], 0, header)
    with pytest.raises(WireError, match="are left"):
        records(bytes(batch[:-1]), 0, header)


def of_body(body: str, count: int) -> tuple[bytes, BatchHeader]:
    """A batch with these bytes for its records."""
    empty = build_batch([], base_timestamp=0, max_timestamp=0, last_offset_delta=0)
    data = bytearray(empty + bytes.fromhex(body))
    data[8:12] = (len(data) - 12).to_bytes(4, "big")
    data[57:61] = count.to_bytes(4, "big")
    return bytes(data), read_batch_header(data)


@pytest.mark.parametrize(
    ("body", "count"),
    [
        pytest.param("0c 00 00 00 01 01 00", 2, id="fewer-than-told"),
        pytest.param("0c 00 00 00 01 01 00 00", 1, id="bytes-behind"),
        pytest.param("0c 00 00 00 01 01 00", 1_000_000_000, id="bomb"),
        pytest.param("0e 00 00 00 01 01 00", 1, id="record-longer-than-the-batch"),
        pytest.param("0c 00 00 00 01 01 00 00", 1, id="one-too-long"),
        pytest.param("0a 00 00 00 01 01 00", 1, id="record-shorter-than-its-fields"),
        pytest.param("0c 00 00 00 03 01 00", 1, id="negative-key"),
        pytest.param("0c 00 00 00 01 03 00", 1, id="negative-value"),
        pytest.param("0c 00 00 00 01 01 01", 1, id="negative-headers"),
        pytest.param("0c 00 00 00 01 01 fe ff ff ff 0f", 1, id="headers-bomb"),
        pytest.param("0d 00 00 00 01 01 00", 1, id="negative-length"),
        pytest.param("10 00 00 00 01 01 02 01 01", 1, id="null-name-of-a-header"),
        pytest.param("12 00 00 00 01 01 02 02 ff 01", 1, id="name-that-is-not-utf-8"),
        pytest.param("10 00 00 00 01 01 02 00 03", 1, id="negative-header"),
        pytest.param("22 00 80 80 80 80 80 80 80 80 80 80 01 00 01 01 00 00", 1, id="overlong"),
    ],
)
def test_wrong_records_are_refused(body: str, count: int) -> None:
    data, header = of_body(body, count)
    with pytest.raises(WireError):
        records(data, 0, header)


def test_the_largest_varints_are_read() -> None:
    content = [Record(2**31 - 1, 2**63 - 1, None, None, []), Record(0, -(2**63), None, None, [])]
    batch = build_batch(content, base_timestamp=0, max_timestamp=0)
    assert records(batch, 0, read_batch_header(batch)) == content


def test_a_batch_in_a_buffer_is_read_as_bytes() -> None:
    batch = bytearray(built())
    found = records(batch, 0, read_batch_header(batch))  # type: ignore[arg-type]
    assert found == CONTENT
    assert all(type(one.value) in (bytes, type(None)) for one in found)


@CODECS
def test_output_is_bounded(compression: Compression) -> None:
    bomb = build_batch(
        [Record(0, 0, None, bytes(2_000_000), [])],
        base_timestamp=0,
        max_timestamp=0,
        compression=compression,
    )
    header = read_batch_header(bomb)
    assert len(records(bomb, 0, header, max_bytes=2_000_100)) == 1
    with pytest.raises(WireError):
        records(bomb, 0, header, max_bytes=2_000_000)


def test_only_the_declared_error_escapes() -> None:
    random = Random(7)
    wholes = [built(one) for one in Compression]
    for _ in range(_CHANGES):
        batch = bytearray(random.choice(wholes))
        for _ in range(random.choice((1, 2, 6))):
            at = random.choice((random.randrange(61), random.randrange(len(batch))))
            batch[at] = random.choice((0, 1, 0x7F, 0x80, 0xFF, random.randrange(256)))
        data = bytes(batch[: random.choice((len(batch), random.randrange(len(batch)))) or None])
        try:
            for header, at in batches(data):
                records(data, at, header, max_bytes=10_000_000)
        except WireError:
            pass
