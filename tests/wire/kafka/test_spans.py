"""What stands where: the pieces tile the bytes, and say what the codec says."""

from itertools import pairwise
from random import Random

import pytest

from stend.kit.nesting import Span
from stend.wire.kafka import codec
from stend.wire.kafka.apis import ApiKey
from stend.wire.kafka.frames import frame
from stend.wire.kafka.headers import request_header, response_header
from stend.wire.kafka.records import Compression, Record, build_batch
from stend.wire.kafka.spans import (
    MAX_PIECES,
    NOT_DECODED,
    message_spans,
    request_spans,
    response_spans,
)
from tests.wire.kafka.making import codecs, random_fields


def assert_tiled(spans: list[Span], size: int) -> None:
    assert [one.start for one in spans[:1]] == [0] * bool(size)
    assert all(one.end == other.start for one, other in pairwise(spans))
    assert all(one.start < one.end for one in spans)
    assert (spans[-1].end if spans else 0) == size


def told(spans: list[Span]) -> dict[str, object]:
    """Values of the fields, without what belongs to them."""
    return {one.path: one.value for one in spans if one.path.endswith(one.name)}


def batch(compression: Compression = Compression.NONE) -> bytes:
    content = [
        Record(0, 0, b"key", b"value", [("name", b"x"), ("null", None)]),
        Record(1, 7, None, b"", []),
    ]
    return build_batch(
        content, base_timestamp=1000, max_timestamp=1007, base_offset=5, compression=compression
    )


def test_every_message_is_tiled() -> None:
    random = Random(11)
    for one in codecs():
        for _ in range(3):
            data = one.encode(random_fields(one, random))
            assert_tiled(message_spans(one.message, data), len(data))


def test_a_request_is_tiled_with_its_header() -> None:
    fields = {
        "max_wait_ms": 500,
        "topics": [{"topic": "orders", "partitions": [{"partition": 3, "fetch_offset": 5}]}],
        "cluster_id": "c",
    }
    data = frame(request_header(ApiKey.FETCH, 12, 7, "me") + codec.request(1, 12).encode(fields))
    spans = request_spans(data)
    assert_tiled(spans, len(data))
    found = told(spans)
    assert found["header.correlation_id"] == 7
    assert found["header.client_id"] == "me"
    assert found["topics[0].topic"] == "orders"
    assert found["topics[0].partitions[0].fetch_offset"] == 5
    assert found["cluster_id"] == "c"
    (offset,) = (one for one in spans if one.name == "fetch_offset")
    assert offset.type == "int64"
    assert data[offset.start : offset.end] == bytes.fromhex("0000000000000005")


@pytest.mark.parametrize(("key", "version"), [(18, 3), (12, 4), (12, 0)])
def test_a_response_is_tiled_with_its_header(key: int, version: int) -> None:
    data = frame(response_header(key, version, 7) + codec.response(key, version).encode({}))
    spans = response_spans(data, key, version)
    assert_tiled(spans, len(data))
    assert told(spans)["error_code"] == 0


def test_records_in_a_message_are_opened() -> None:
    fields = {
        "topic_data": [
            {
                "name": "orders",
                "partition_data": [
                    {"index": 0, "records": batch() + batch(Compression.ZSTD)},
                    {"index": 1, "records": b"no batch"},
                    {"index": 2, "records": b""},
                    {"index": 3, "records": None},
                    {"index": 4, "records": batch()[:-1] + b"\1"},
                ],
            }
        ]
    }
    data = frame(request_header(ApiKey.PRODUCE, 9, 7, None) + codec.request(0, 9).encode(fields))
    spans = request_spans(data)
    assert_tiled(spans, len(data))
    found = told(spans)
    path = "topic_data[0].partition_data[0].records.batches"
    assert found[f"{path}[0].base_offset"] == 5
    assert found[f"{path}[0].records[0].key"] == b"key"
    assert found[f"{path}[0].records[0].headers[1].key"] == b"null"
    assert found[f"{path}[0].records[1].timestamp_delta"] == 7
    assert found[f"{path}[1].count"] == 2
    names = {one.path: one.name for one in spans}
    assert names[f"{path}[1].records"] == "records in zstd"
    partial = [one for one in spans if one.name == "batch that is cut off"]
    assert [(one.path, one.value) for one in partial] == [
        ("topic_data[0].partition_data[1].records", b"no batch")
    ]
    # Read as far as it can be.
    damaged = "topic_data[0].partition_data[4].records.batches[0]"
    assert found[f"{damaged}.records[0].key"] == b"key"
    assert str(found[f"{damaged}.crc"]).split()[1] == "≠"


def produced(stored: bytes) -> bytes:
    places = [{"index": 0, "records": stored}]
    fields = {"topic_data": [{"name": "orders", "partition_data": places}]}
    return frame(request_header(ApiKey.PRODUCE, 9, 7, None) + codec.request(0, 9).encode(fields))


def test_batches_are_tiled_up_to_one_that_is_cut_off() -> None:
    data = produced(batch() + batch(Compression.GZIP) + batch()[:40])
    spans = request_spans(data)
    assert_tiled(spans, len(data))
    path = "topic_data[0].partition_data[0].records"
    assert told(spans)[f"{path}.batches[1].base_timestamp"] == 1000
    (cut,) = (one for one in spans if one.name == "batch that is cut off")
    assert (cut.path, cut.end - cut.start) == (path, 40)


def test_what_stands_behind_is_told() -> None:
    data = frame(request_header(12, 4, 7, None) + codec.request(12, 4).encode({}) + b"more")
    spans = request_spans(data)
    assert_tiled(spans, len(data))
    assert (spans[-1].name, spans[-1].value) == ("behind the message", b"more")


def test_unknown_tags_are_pieces() -> None:
    data = codec.request(12, 4).encode({"group_id": "g"})[:-1] + bytes.fromhex(
        "02 05 02 abcd 06 00"
    )
    spans = message_spans(codec.request(12, 4).message, data)
    assert_tiled(spans, len(data))
    assert ("unknown tag 5", b"\xab\xcd") in {(one.name, one.value) for one in spans if one.name}


@pytest.mark.parametrize("data", [b"", b"\0", b"\x7f\xff\0\0\0\0\0\1\xff\xff", bytes(10)])
def test_what_is_no_request_is_one_piece(data: bytes) -> None:
    whole = frame(data)
    spans = request_spans(whole)
    assert_tiled(spans, len(whole))
    assert spans[-1].end == len(whole)


def test_damage_is_a_piece_too() -> None:
    random = Random(3)
    whole = batch() + batch(Compression.LZ4)
    request = frame(
        request_header(0, 9, 7, "me")
        + codec.request(0, 9).encode(
            {"topic_data": [{"name": "t", "partition_data": [{"records": whole}]}]}
        )
    )
    for _ in range(3000):
        data = bytearray(request)
        for _ in range(random.choice((1, 3))):
            data[random.randrange(len(data))] = random.choice((0, 1, 0x7F, 0x80, 0xFF))
        assert_tiled(request_spans(bytes(data)), len(data))


def test_a_tree_has_a_bound() -> None:
    fields = {"topic_names": ["x"] * 150_000}
    data = codec.request(20, 5).encode(fields)
    spans = message_spans(codec.request(20, 5).message, data)
    assert_tiled(spans, len(data))
    assert spans[-1].name == NOT_DECODED
    many = build_batch(
        [Record(at, 0, None, None, []) for at in range(20_000)], base_timestamp=0, max_timestamp=0
    )
    data = produced(many)
    spans = request_spans(data)
    assert_tiled(spans, len(data))
    # The bound is on what stands inside of the records.
    assert len(spans) <= MAX_PIECES + 100
