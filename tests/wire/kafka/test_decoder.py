"""What a connection of Kafka says, unit by unit, and what each byte is for."""

from random import Random
from typing import Any
from uuid import UUID

import pytest

from stend.kit.fields import account, every
from stend.wire.decoding import Direction, Role
from stend.wire.exchanges import Grouping
from stend.wire.kafka import codec, schema
from stend.wire.kafka.apis import ApiKey
from stend.wire.kafka.decoder import KafkaDecoder
from stend.wire.kafka.frames import frame
from stend.wire.kafka.headers import request_header, response_header
from stend.wire.kafka.meanings import around
from stend.wire.kafka.records import Compression, Record, build_batch
from stend.wire.kafka.trees import request_tree, response_tree
from stend.wire.reading import MASK
from tests.wire.checking import (
    Talk,
    check,
    demand_accounting,
    demand_meanings,
    demand_survival,
    find,
    hear,
)
from tests.wire.gaps import behind_gap
from tests.wire.kafka.making import random_fields

TO_SERVER, TO_CLIENT = Direction.TO_SERVER, Direction.TO_CLIENT
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def asked(key: ApiKey, version: int, number: int, **fields: Any) -> tuple[Direction, bytes]:
    header = request_header(key, version, number, "me")
    return TO_SERVER, frame(header + codec.request(key, version).encode(fields))


def answered(key: ApiKey, version: int, number: int, **fields: Any) -> tuple[Direction, bytes]:
    header = response_header(key, version, number)
    return TO_CLIENT, frame(header + codec.response(key, version).encode(fields))


def batch(compression: Compression = Compression.NONE, count: int = 3) -> bytes:
    headers = [("traceparent", TRACE.encode()), ("empty", None)]
    content = [Record(at, at, b"key", b'{"order": 7}', headers) for at in range(count)]
    return build_batch(
        content, base_timestamp=1_700_000_000_000, max_timestamp=0, compression=compression
    )


def produced(records: bytes, acks: int = -1) -> tuple[Direction, bytes]:
    data = [{"name": "orders.events", "partition_data": [{"index": 0, "records": records}]}]
    return asked(ApiKey.PRODUCE, 9, 7, acks=acks, topic_data=data)


def talk_of_a_producer() -> Talk:
    result = {"index": 0, "error_code": 6, "base_offset": 41}
    return [
        produced(batch()),
        answered(
            ApiKey.PRODUCE,
            9,
            7,
            responses=[{"name": "orders.events", "partition_responses": [result]}],
        ),
    ]


def test_a_request_and_its_response() -> None:
    heard = check(KafkaDecoder, talk_of_a_producer())
    request, response = heard.units
    assert (request.name, request.role, request.summary) == (
        "Produce v9",
        Role.REQUEST,
        "orders.events[0] ×3",
    )
    assert request.context == TRACE
    assert request.facts == {
        "api": "Produce",
        "version": "9",
        "correlation_id": "7",
        "client_id": "me",
        "acks": "-1 all",
        "topics": "orders.events",
        "partitions": "0",
        "records": "3",
    }
    assert (response.role, response.error) == (Role.RESPONSE, "NOT_LEADER_OR_FOLLOWER")
    assert response.facts["offsets"] == "41"
    (exchange,) = {one.number: one for one in Grouping().add(heard.units)}.values()
    assert exchange.is_complete
    tree = heard.tree(request)
    record = find(tree, "batches", "records").children[1]
    assert [one.name for one in record.children] == [
        "length",
        "attributes",
        "timestamp_delta",
        "offset_delta",
        "key",
        "value",
        "headers",
    ]
    assert find(record.children, "headers", "[0]", "key", "key").value == "traceparent"
    assert find(record.children, "value", "value", "order").value == 7
    assert str(find(tree, "crc").value).endswith("✓")
    assert find(heard.tree(response), "error_code").value == "6 NOT_LEADER_OR_FOLLOWER"


def test_a_producer_that_wants_no_answer() -> None:
    heard = check(KafkaDecoder, [produced(batch(), acks=0)])
    (unit,) = heard.units
    assert (unit.role, unit.is_last) == (Role.MESSAGE, True)
    (exchange,) = Grouping().add(heard.units)
    assert exchange.is_complete


@pytest.mark.parametrize("compression", list(Compression)[1:])
def test_compressed_records_are_opened(compression: Compression) -> None:
    heard = check(KafkaDecoder, [produced(batch(compression))])
    (unit,) = heard.units
    assert unit.context == TRACE
    inner = find(heard.tree(unit), f"records in {compression.name.lower()}").inner
    assert inner is not None
    assert find(inner.fields, "records", "[2]", "offset_delta").value == 2


def test_a_bomb_is_shown_up_to_its_bound() -> None:
    content = [Record(0, 0, None, bytes(3_000_000), []), Record(1, 0, None, b"x", [])]
    bomb = build_batch(content, base_timestamp=0, max_timestamp=0, compression=Compression.ZSTD)
    heard = check(KafkaDecoder, [produced(bomb)])
    inner = find(heard.tree(heard.units[0]), "records in zstd").inner
    assert inner is not None
    assert account(inner.fields, 0, len(inner.data)).undecoded > 2_999_900
    content = [Record(0, 0, None, bytes(30_000_000), [])]
    bomb = build_batch(content, base_timestamp=0, max_timestamp=0, compression=Compression.ZSTD)
    heard = check(KafkaDecoder, [produced(bomb)])
    assert any(one.why_not for one in every(heard.tree(heard.units[0])))


def test_a_fetch() -> None:
    wanted = [{"topic": "orders", "partitions": [{"partition": 3, "fetch_offset": 5}]}]
    found = [{"partition_index": 3, "high_watermark": 9, "records": batch() + batch()[:50]}]
    heard = check(
        KafkaDecoder,
        [
            asked(ApiKey.FETCH, 12, 1, topics=wanted),
            answered(ApiKey.FETCH, 12, 1, responses=[{"topic": "orders", "partitions": found}]),
        ],
    )
    request, response = heard.units
    assert (request.summary, request.facts["offsets"]) == ("orders[3]", "5")
    assert (response.summary, response.facts["records"]) == ("orders[3] ×3", "3")
    assert (response.context, response.facts["offsets"]) == (TRACE, "0")
    assert find(heard.tree(response), "batch that is cut off").value == batch()[:50]


def test_a_group_is_told_of() -> None:
    subscription = b"\0\1" + codec.data("ConsumerProtocolSubscription", 1).encode(
        {"topics": ["orders"], "owned_partitions": [{"topic": "orders", "partitions": [2]}]}
    )
    protocols = [{"name": "range", "metadata": subscription}, {"name": "own", "metadata": b"any"}]
    heard = check(
        KafkaDecoder,
        [
            asked(ApiKey.JOIN_GROUP, 9, 1, group_id="g", member_id="m", protocols=protocols),
            asked(ApiKey.HEARTBEAT, 4, 2, group_id="g", generation_id=3, member_id="m"),
            answered(ApiKey.HEARTBEAT, 4, 2, error_code=27),
        ],
    )
    join, beat, answer = heard.units
    content = find(heard.tree(join), "content")
    assert find(content.children, "topics", "[0]", "topics").value == "orders"
    assert (beat.summary, beat.facts["group_id"], beat.facts["generation"]) == ("g", "g", "3")
    assert answer.error == "REBALANCE_IN_PROGRESS"


def test_whose_request_was_not_seen() -> None:
    heard = check(KafkaDecoder, [answered(ApiKey.METADATA, 12, 9), *talk_of_a_producer()])
    assert [one.role for one in heard.units] == [Role.BROKEN, Role.REQUEST, Role.RESPONSE]
    assert "не виден" in heard.tree(heard.units[0])[-1].why_not.ru  # type: ignore[union-attr]


def test_unknown_apis_do_not_end_the_decoding() -> None:
    strange = b"\x03\xe7\0\1\0\0\0\5\0\1xwhat"
    heard = check(
        KafkaDecoder,
        [
            (TO_SERVER, frame(strange) + frame(b"") + frame(b"ab")),
            (TO_CLIENT, frame(b"\0\0\0\5" + b"answer")),
            *talk_of_a_producer(),
        ],
    )
    names = [one.name for one in heard.units]
    assert names == [
        "API 999 v1",
        "not decoded",
        "not decoded",
        "API 999 v1",
        "Produce v9",
        "Produce v9",
    ]


def test_versions_in_a_version_that_is_not_known() -> None:
    later = b"\0\x12\0\x63\0\0\0\1\0\2me\0"
    body = codec.response(18, 0).encode({"error_code": 35})
    heard = check(KafkaDecoder, [(TO_SERVER, frame(later)), (TO_CLIENT, frame(b"\0\0\0\1" + body))])
    assert [one.name for one in heard.units] == ["ApiVersions v99", "ApiVersions v0"]
    assert heard.units[1].error == "UNSUPPORTED_VERSION"


def test_raw_tokens_of_sasl() -> None:
    heard = check(
        KafkaDecoder,
        [
            asked(ApiKey.SASL_HANDSHAKE, 0, 1, mechanism="PLAIN"),
            answered(ApiKey.SASL_HANDSHAKE, 0, 1, mechanisms=["PLAIN"]),
            (TO_SERVER, frame(b"\0anna\0secret")),
            (TO_CLIENT, frame(b"")),
            asked(ApiKey.METADATA, 4, 2),
            answered(ApiKey.METADATA, 4, 2),
        ],
    )
    assert [one.name for one in heard.units][2:] == [
        "SASL token",
        "SASL token",
        "Metadata v4",
        "Metadata v4",
    ]


def test_secrets_are_not_shown() -> None:
    heard = check(
        KafkaDecoder, [asked(ApiKey.SASL_AUTHENTICATE, 2, 1, auth_bytes=b"\0anna\0secret")]
    )
    assert find(heard.tree(heard.units[0]), "auth_bytes", "auth_bytes").value == MASK


def test_topics_are_told_by_name_once_metadata_has_told_their_ids() -> None:
    topic = UUID(int=5)
    heard = check(
        KafkaDecoder,
        [
            asked(ApiKey.METADATA, 12, 1),
            answered(ApiKey.METADATA, 12, 1, topics=[{"name": "orders", "topic_id": topic}]),
            asked(
                ApiKey.FETCH, 13, 2, topics=[{"topic_id": topic, "partitions": [{"partition": 0}]}]
            ),
        ],
    )
    assert heard.units[-1].summary == "orders[0]"


def test_a_length_of_no_frame_gives_the_stream_up() -> None:
    heard = hear(KafkaDecoder(), [(TO_SERVER, b"GET / HTTP/1.1\r\n\r\n"), (TO_CLIENT, b"\xff" * 9)])
    assert {one.role for one in heard.units} == {Role.BROKEN}


def test_every_field_of_every_message_is_explained() -> None:
    random = Random(5)
    for key in ApiKey:
        for version in codec.versions(key):
            request = codec.request(key, version)
            data = frame(
                request_header(key, version, 1, "me")
                + request.encode(random_fields(request, random))
            )
            response = codec.response(key, version)
            answer = frame(
                response_header(key, version, 1) + response.encode(random_fields(response, random))
            )
            for tree, size in (
                (request_tree(data, key), len(data)),
                (response_tree(answer, key, version), len(answer)),
            ):
                demand_accounting(tree, size)
                demand_meanings(tree)


def test_no_name_is_without_its_sentence() -> None:
    lacking = set()
    for key in ApiKey:
        api = codec.request(key, codec.versions(key)[-1]).name.removesuffix("Request")
        for version in codec.versions(key):
            for one in (schema.request(key, version), schema.response(key, version)):
                for path in _paths(one.fields):
                    try:
                        around(api, path)
                    except LookupError:
                        lacking.add((api, path))
    assert lacking == set()


def _paths(fields: tuple[schema.Field, ...], outer: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found = []
    for one in fields:
        path = (*outer, one.name)
        found.append(path)
        if one.is_array:
            path = (*path, "[0]")
            found.append(path)
        found += _paths(one.fields, path)
    return found


def test_damage_stays_where_it_is() -> None:
    talk = [*talk_of_a_producer(), produced(batch(Compression.SNAPPY))]
    demand_survival(KafkaDecoder, talk, rounds=400)


def test_the_work_grows_with_the_bytes() -> None:
    class Counting(KafkaDecoder):
        cuts = 0

        def _cut(self, half: Any) -> Any:
            Counting.cuts += 1
            return super()._cut(half)

    def cuts_of(size: int) -> int:
        Counting.cuts = 0
        hear(Counting(), [produced(b"x" * size)], 1)
        return Counting.cuts

    assert cuts_of(4000) == cuts_of(1000)


def listings(*numbers: int) -> Talk:
    """A broker is asked, and asked again before it has answered."""
    requests = [asked(ApiKey.LIST_GROUPS, 0, one) for one in numbers]
    answers = [answered(ApiKey.LIST_GROUPS, 0, one, error_code=0, groups=[]) for one in numbers]
    return [*requests, *answers]


@pytest.mark.parametrize("heard", [0, 1, 4])
def test_behind_a_gap_requests_find_their_answers_again(heard: int) -> None:
    talk = [*listings(1, 2), *listings(3, 4), *listings(5, 6), *talk_of_a_producer()]
    for gone in range(1, 12 - heard):
        units = behind_gap(KafkaDecoder, talk, gone, heard)
        request, response = units[-2:]
        assert (request.context, response.facts["offsets"]) == (TRACE, "41")
        assert request.exchange == response.exchange
        # An answer whose question nobody heard is not guessed at.
        questions = {one.exchange for one in units if one.role is Role.REQUEST}
        assert {one.exchange for one in units if one.role is Role.RESPONSE} <= questions


def test_behind_a_gap_the_rest_of_a_frame_is_taken_for_no_frame() -> None:
    (_, data), (_, answer) = talk_of_a_producer()
    for cut in range(1, len(data)):
        decoder = KafkaDecoder()
        units = decoder.skip(TO_SERVER, cut) + decoder.feed(TO_SERVER, data[cut:])
        assert [one.name for one in units] == ["not decoded"], cut
        units = decoder.feed(TO_SERVER, data) + decoder.feed(TO_CLIENT, answer)
        assert [one.name for one in units] == ["Produce v9", "Produce v9"]


def test_behind_a_gap_a_large_request_may_come_in_pieces() -> None:
    (_, data), _ = talk_of_a_producer()
    decoder = KafkaDecoder()
    found = decoder.skip(TO_SERVER, 1_000_000)
    for at in range(0, len(data), 100):
        found += decoder.feed(TO_SERVER, data[at : at + 100])
    assert [(one.name, one.start, one.end) for one in found] == [
        ("Produce v9", 1_000_000, 1_000_000 + len(data))
    ]
