"""Messages: bytes and fields, what is refused, and that nothing but the declared error escapes."""

from random import Random
from typing import Any
from uuid import UUID

import pytest

from stend.wire.kafka import codec
from stend.wire.kafka.apis import ApiKey
from stend.wire.kafka.codec import Codec, Fields
from stend.wire.kafka.errors import UnknownMessageError, WireError
from stend.wire.kafka.frames import FrameReader, frame
from stend.wire.kafka.headers import read_request_header, request_header
from stend.wire.kafka.walking import walk
from tests.long_runs import is_long_run
from tests.wire.kafka.making import codecs, random_fields

_CHANGES = 1500 if is_long_run() else 8
_TOPIC_ID = UUID("00112233-4455-6677-8899-aabbccddeeff")

TABLE: tuple[tuple[Codec, Fields, str], ...] = (
    (codec.request(18, 0), {}, ""),
    (
        codec.request(18, 3),
        {"client_software_name": "ab", "client_software_version": "1"},
        "03 6162 02 31 00",
    ),
    # No topics at all is another question than all topics.
    (codec.request(3, 1), {"topics": []}, "00000000"),
    (codec.request(3, 1), {"topics": None}, "ffffffff"),
    (
        codec.request(3, 12),
        {
            "topics": [{"topic_id": _TOPIC_ID, "name": None}],
            "allow_auto_topic_creation": True,
            "include_topic_authorized_operations": False,
        },
        "02 00112233445566778899aabbccddeeff 00 00 01 00 00",
    ),
    (
        codec.request(12, 3),
        {"group_id": "g", "generation_id": 7, "member_id": "m", "group_instance_id": None},
        "0001 67 00000007 0001 6d ffff",
    ),
    (
        codec.request(12, 4),
        {"group_id": "g", "generation_id": 7, "member_id": "m", "group_instance_id": "i"},
        "02 67 00000007 02 6d 02 69 00",
    ),
    (
        codec.request(0, 3),
        {
            "transactional_id": None,
            "acks": -1,
            "timeout_ms": 1000,
            "topic_data": [{"name": "t", "partition_data": [{"index": 2, "records": b"abc"}]}],
        },
        "ffff ffff 000003e8 00000001 0001 74 00000001 00000002 00000003 616263",
    ),
    (
        codec.request(1, 12),
        {
            "cluster_id": "c",
            "replica_id": -1,
            "max_wait_ms": 500,
            "min_bytes": 1,
            "max_bytes": 2147483647,
            "isolation_level": 1,
            "session_id": 0,
            "session_epoch": -1,
            "topics": [],
            "forgotten_topics_data": [],
            "rack_id": "",
        },
        # The tagged field comes last: one of them, number 0, two bytes.
        "ffffffff 000001f4 00000001 7fffffff 01 00000000 ffffffff 01 01 01 01 00 02 02 63",
    ),
    # KIP-893: a structure that may be null.
    (
        codec.request(75, 0),
        {"topics": [], "response_partition_limit": 2000, "cursor": None},
        "01 000007d0 ff 00",
    ),
    (
        codec.request(75, 0),
        {
            "topics": [{"name": "t"}],
            "response_partition_limit": 2000,
            "cursor": {"topic_name": "t", "partition_index": 1},
        },
        "02 02 74 00 000007d0 01 02 74 00000001 00 00",
    ),
    (
        codec.data("ConsumerProtocolSubscription", 1),
        {
            "topics": ["a", "b"],
            "user_data": None,
            "owned_partitions": [{"topic": "a", "partitions": [0, 1]}],
        },
        "00000002 0001 61 0001 62 ffffffff 00000001 0001 61 00000002 00000000 00000001",
    ),
)
ROWS = pytest.mark.parametrize(
    ("one", "fields", "hexadecimal"),
    TABLE,
    ids=[f"{index}-{row[0].name}-{row[0].version}" for index, row in enumerate(TABLE)],
)


@ROWS
def test_bytes_become_fields(one: Codec, fields: Fields, hexadecimal: str) -> None:
    data = bytes.fromhex(hexadecimal)
    assert one.decode(data) == (fields, len(data))


@ROWS
def test_fields_become_bytes(one: Codec, fields: Fields, hexadecimal: str) -> None:
    assert one.encode(fields).hex() == hexadecimal.replace(" ", "")
    assert b"".join(one.encode_parts(fields)).hex() == hexadecimal.replace(" ", "")


@ROWS
def test_what_stands_around_is_not_read(one: Codec, fields: Fields, hexadecimal: str) -> None:
    data = bytes.fromhex(hexadecimal)
    assert one.decode(b"\xff" * 3 + data + b"\xff" * 20, 3) == (fields, len(data) + 3)


@ROWS
def test_whatever_is_cut_off_is_refused(one: Codec, fields: Fields, hexadecimal: str) -> None:
    data = bytes.fromhex(hexadecimal)
    for end in range(len(data)):
        with pytest.raises(WireError, match=r"byte \d+: "):
            one.decode(data[:end])


def test_requests_come_byte_by_byte() -> None:
    rows: list[tuple[int, int, Fields]] = [
        (ApiKey.HEARTBEAT, 4, {"group_id": "g", "generation_id": 7, "member_id": "m"}),
        (ApiKey.METADATA, 1, {"topics": None}),
        (ApiKey.API_VERSIONS, 0, {}),
    ]
    stream = b"".join(
        frame(request_header(key, version, 5, "me"), codec.request(key, version).encode(fields))
        for key, version, fields in rows
    )
    reader = FrameReader(1000)
    found: list[tuple[int, int, Fields]] = []
    for byte in stream:
        for one in reader.feed(bytes((byte,))):
            header = read_request_header(one)
            message = codec.request(header.api_key, header.version)
            fields, end = message.decode(one, header.body_at)
            assert end == len(one)
            found.append((header.api_key, header.version, fields))
    assert [row[:2] for row in found] == [row[:2] for row in rows]
    for (_, _, sent), (_, _, came) in zip(rows, found, strict=True):
        assert sent.items() <= came.items()


@pytest.mark.parametrize(
    ("one", "hexadecimal", "text"),
    [
        (codec.request(3, 12), "ffffffff0f", "topics, byte 0: a varint of more than 31 bits"),
        (codec.request(3, 12), "ffffffff07", "topics, byte 0: 2147483646 elements of 18 bytes or"),
        (codec.request(3, 1), "7fffffff", "topics, byte 0: 2147483647 elements of 2 bytes or"),
        (codec.request(3, 1), "fffffffe", "topics, byte 0: the count -2"),
        (codec.request(0, 3), "fffe", "transactional_id, byte 0: the length -2"),
        (codec.request(12, 3), "ffff", "group_id, byte 0: null, where a value has to be"),
        (codec.request(12, 4), "00", "group_id, byte 0: null, where a value has to be"),
        (codec.request(12, 3), "0002 67", "group_id, byte 0: 2 bytes of string, where 1 are left"),
        (codec.request(12, 4), "03 ff41", "group_id, byte 1: a string that is not UTF-8"),
        (codec.request(12, 4), "818002", "group_id, byte 0: a string of 32768 bytes, 32767 are"),
        (codec.request(12, 4), "80808080808000", "group_id, byte 0: a varint of more than 31"),
        (codec.request(12, 4), "80", "group_id, byte 0: a varint that is cut off"),
        (codec.request(75, 0), "01 000007d0 02", "cursor, byte 5: 2, where -1 is null and 1 a"),
    ],
)
def test_lengths_are_not_believed(one: Codec, hexadecimal: str, text: str) -> None:
    with pytest.raises(WireError) as refusal:
        one.decode(bytes.fromhex(hexadecimal))
    assert str(refusal.value).startswith(text)


def test_a_varint_may_be_longer_than_it_must() -> None:
    """As for Kafka: some writers leave room for a length before they know it."""
    assert codec.request(18, 3).decode(bytes.fromhex("8180808000 818000 00"))[1] == 9


@pytest.mark.slow
def test_a_small_frame_cannot_fill_the_memory() -> None:
    one = codec.request(20, 4)
    most = 1_000_000
    assert len(one.decode(one.encode({"topic_names": [""] * most}))[0]["topic_names"]) == most
    with pytest.raises(WireError, match="topic_names, byte 0: more than 1000000 elements"):
        one.decode(one.encode({"topic_names": [""] * (most + 1)}))


@pytest.mark.parametrize("key", ["unsigned", "fixed"])
def test_before_the_first_byte_is_nothing(key: str) -> None:
    one = {"unsigned": codec.request(18, 3), "fixed": codec.request(12, 3)}[key]
    for at in (-1, -4, 1000):
        with pytest.raises(WireError, match="have no offset"):
            one.decode(bytes(30), at)


# Tagged fields

_TAGGED = codec.response(18, 3)
_BEFORE_TAGS = "0000 01 00000000 "


@pytest.mark.parametrize(
    ("tags", "epoch", "ready"),
    [
        ("00", -1, False),
        ("01 01 08 0000000000000005", 5, False),
        ("01 63 02 abcd", -1, False),
        ("03 01 08 0000000000000005 03 01 01 63 00", 5, True),
        ("02 0a 03 aabbcc ffff01 00", -1, False),
    ],
)
def test_tags_that_are_not_known_are_skipped(tags: str, epoch: int, ready: bool) -> None:
    data = bytes.fromhex(_BEFORE_TAGS + tags)
    fields, end = _TAGGED.decode(data)
    assert end == len(data)
    assert (fields["finalized_features_epoch"], fields["zk_migration_ready"]) == (epoch, ready)
    assert walk(_TAGGED.message, data)[0] == fields


@pytest.mark.parametrize(
    ("tags", "text"),
    [
        ("01 01 07 00000000000000", "int64 of 8 bytes, where 7 are left"),
        ("01 01 07 00000000000000 00", "tag 1 is not 7 bytes"),
        ("01 01 09 000000000000000000", "tag 1 is not 9 bytes"),
        ("02 03 01 01 01 08 0000000000000005", "tag 1 behind tag 3"),
        ("02 03 01 01 03 01 01", "tag 3 behind tag 3"),
        ("01 63 03 abcd", "tag 99 of 3 bytes, 2 are left"),
        ("01 63", "a varint that is cut off"),
        ("ffffffff07 63 00", "a varint that is cut off"),
        ("01 00 02 02 01", "1 elements of 6 bytes or more, where 1 are left"),
    ],
)
def test_wrong_tagged_fields_are_refused(tags: str, text: str) -> None:
    with pytest.raises(WireError, match=text):
        _TAGGED.decode(bytes.fromhex(_BEFORE_TAGS + tags))


def test_tagged_fields_with_their_default_are_not_written() -> None:
    same = {"finalized_features_epoch": -1, "supported_features": [], "zk_migration_ready": False}
    assert _TAGGED.encode(same) == _TAGGED.encode({}) == bytes.fromhex(_BEFORE_TAGS + "00")
    fetched = codec.response(1, 12)
    partition = {"current_leader": {"leader_id": -1}, "diverging_epoch": {}}
    plain = {"responses": [{"topic": "t", "partitions": [{}]}]}
    assert fetched.encode(
        {"responses": [{"topic": "t", "partitions": [partition]}]}
    ) == fetched.encode(plain)


# Encoding


@pytest.mark.parametrize(
    ("one", "fields", "text"),
    [
        (codec.request(12, 3), {"group_id": None}, "group_id: None is no string"),
        (codec.request(12, 4), {"group_id": None}, "group_id: None is no string"),
        (codec.request(12, 4), {"group_id": b"g"}, "group_id: b'g' is no string"),
        (codec.request(12, 4), {"group_id": "\ud800"}, "group_id: '\\ud800' is no string of"),
        (codec.request(12, 3), {"group_id": "x" * 40_000}, "group_id: a string of 40000 bytes"),
        (codec.request(12, 4), {"group_id": "x" * 40_000}, "group_id: a string of 40000 bytes"),
        (codec.request(12, 3), {"generation_id": 2**31}, "generation_id: 2147483648 is no int32"),
        (codec.request(12, 3), {"generation_id": "7"}, "generation_id: '7' is no int32"),
        (codec.request(12, 3), {"generation_id": None}, "generation_id: None is no int32"),
        (codec.request(12, 3), {"generation_id": 1.5}, "generation_id: 1.5 is no int32"),
        (codec.request(3, 12), {"allow_auto_topic_creation": 1}, "allow_auto_topic_creation: 1 is"),
        (codec.request(20, 4), {"topic_names": "abc"}, "topic_names: 'abc' is no array"),
        (codec.request(20, 4), {"topic_names": ["a", None]}, "topic_names[1]: None is no string"),
        (codec.request(20, 4), {"topic_names": None}, "topic_names: None is no array"),
        (codec.request(3, 12), {"topics": [{"topic_id": "x"}]}, "topics[0].topic_id: 'x' is no"),
        (codec.request(3, 12), {"topics": {"name": "x"}}, "topics: {'name': 'x'} is no array"),
        (codec.request(3, 12), {"topics": ["x"]}, "topics[0]: 'x' is no structure"),
        (codec.request(75, 0), {"cursor": 5}, "cursor: 5 is no structure"),
        (codec.request(75, 0), {"cursor": {"partition_index": ""}}, "cursor.partition_index: ''"),
        (_TAGGED, {"finalized_features_epoch": None}, "finalized_features_epoch: None is no int64"),
        (
            codec.request(0, 9),
            {"topic_data": [{}, {"partition_data": [{"records": "text"}]}]},
            "topic_data[1].partition_data[0].records: 'text' is no records",
        ),
        (
            codec.data("ConsumerProtocolAssignment", 0),
            {"assigned_partitions": [{"topic": "t", "partitions": b"\1"}]},
            "assigned_partitions[0].partitions: b'\\x01' is no array",
        ),
    ],
)
def test_what_cannot_be_encoded_is_told_by_its_path(one: Codec, fields: Fields, text: str) -> None:
    with pytest.raises(WireError) as refusal:
        one.encode(fields)
    assert str(refusal.value).startswith(text)


def test_fields_of_other_versions_are_ignored_and_misspelt_ones_are_found() -> None:
    one = codec.response(3, 1)
    fields = {
        "throttle_time_ms": 5,
        "topics": [{"topic_id": _TOPIC_ID, "nam": "x", "partitions": [{"leader_epoch": 1}]}],
        "brokers": None,
        "contoller_id": 1,
    }
    assert one.strangers(fields) == ["topics[0].nam", "contoller_id"]
    del fields["brokers"]
    assert one.encode(fields) == one.encode({"topics": [{"partitions": [{}]}]})


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview, lambda raw: memoryview(raw)[::1]])
def test_bytes_may_be_any_buffer(kind: Any) -> None:
    def encoded(records: Any) -> bytes:
        partitions = [{"index": 0, "records": records}]
        return codec.request(0, 9).encode(
            {"topic_data": [{"name": "t", "partition_data": partitions}]}
        )

    assert encoded(kind(b"records")) == encoded(b"records")


def test_there_is_no_such_message() -> None:
    with pytest.raises(UnknownMessageError, match="there is no request 999"):
        codec.request(999, 0)
    with pytest.raises(UnknownMessageError, match="FetchRequest has versions 4 to 18, not 3"):
        codec.request(1, 3)
    with pytest.raises(UnknownMessageError, match="there is no Nothing"):
        codec.data("Nothing", 0)
    with pytest.raises(UnknownMessageError, match="there is no request 4 "):
        codec.versions(4)
    assert codec.versions(ApiKey.FETCH) == range(4, 19)
    assert codec.response(1, 12) is codec.response(1, 12)


# Fuzzing


@pytest.mark.slow
def test_only_the_declared_error_escapes() -> None:
    """And both ways of reading take the same bytes for the same message."""
    random = Random(4)
    for one in codecs():
        for _ in range(3):
            data = one.encode(random_fields(one, random))
            for _ in range(_CHANGES):
                compare(one, changed(data, random))


def compare(one: Codec, data: bytes) -> None:
    try:
        fields, end = one.decode(data)
    except WireError:
        with pytest.raises(WireError):
            walk(one.message, data)
        return
    walked, spans = walk(one.message, data)
    # Not by equality: no number is not equal to itself.
    assert repr(sorted(walked.items())) == repr(sorted(fields.items())) or walked == fields
    assert end == (spans[-1].end if spans else 0)
    again = one.encode(fields)
    assert repr(one.decode(again)) == repr((fields, len(again)))


def changed(data: bytes, random: Random) -> bytes:
    made = bytearray(data)
    for _ in range(random.choice((1, 1, 2, 5))):
        at = random.randrange(len(made) + 1)
        match random.randrange(5):
            case 0:
                made[at : at + 1] = random.randbytes(1)
            case 1:
                made[at : at + 1] = random.choice((b"\xff", b"\x7f", b"\x80", b"\0", b"\1"))
            case 2:
                del made[at : at + random.randrange(1, 9)]
            case 3:
                made[at:at] = random.randbytes(random.randrange(1, 6))
            case _:
                made[at : at + 4] = random.choice((b"\x7f\xff\xff\xff", b"\xff\xff\xff\xff\x07"))
    return bytes(made)
