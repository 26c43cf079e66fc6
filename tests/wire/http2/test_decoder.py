"""Connections of HTTP/2 are cut into frames, and frames belong to their exchanges."""

import gzip

import pytest

from stend.kit.fields import Field, every
from stend.wire.decoding import Direction, Role, Unit
from stend.wire.exchanges import Grouping
from stend.wire.http2.decoder import Http2Decoder
from stend.wire.http2.frames import PREFACE
from tests.wire.checking import Heard, check, cuts_of, demand_survival, find, hear
from tests.wire.http2.talking import TRACEPARENT, Talk, frame, request

_SETTINGS = frame(4, 0, 0, b"")


def _named(heard: Heard, name: str) -> Unit:
    return next(one for one in heard.units if one.name == name)


def _of(heard: Heard, exchange: str) -> list[Unit]:
    return [one for one in heard.units if one.exchange == exchange]


def _to_server(*frames: bytes) -> Heard:
    return check(Http2Decoder, [(Direction.TO_SERVER, PREFACE + _SETTINGS + b"".join(frames))])


def test_a_request_and_its_answer() -> None:
    talk = Talk()
    talk.ask(1, "/orders?limit=2", ("traceparent", TRACEPARENT))
    talk.answer(1, "200", ("content-type", "application/json"), body=b'{"items":[]}')
    heard = check(Http2Decoder, talk.said)
    asked, answered, body = _of(heard, "s1")
    assert (asked.name, asked.role, asked.is_last) == ("GET /orders?limit=2", Role.REQUEST, True)
    assert asked.context == TRACEPARENT
    assert asked.facts == {
        "frame_type": "HEADERS",
        "stream_id": "1",
        "method": "GET",
        "path": "/orders?limit=2",
        "authority": "127.0.0.1:8001",
    }
    assert (answered.name, answered.role, answered.is_last) == ("HEADERS", Role.RESPONSE, False)
    assert answered.summary == "200 application/json"
    assert answered.facts["status"] == "200"
    assert (body.name, body.role, body.is_last) == ("DATA", Role.RESPONSE, True)
    # The tree of the body: `items` is a member of the object.
    assert find(heard.tree(body), "items").children


def _body(*frames: bytes, more: tuple[tuple[str, str], ...] = ()) -> list[tuple[Field, ...]]:
    """The trees of the DATA frames of a response with this body."""
    talk = Talk()
    talk.ask(1, "/")
    fields = [(":status", "200"), ("content-type", "application/json"), *more]
    talk.server.send_headers(1, fields)
    for number, one in enumerate(frames, 1):
        talk.server.send_data(1, one, end_stream=number == len(frames))
    talk.pass_on()
    heard = check(Http2Decoder, talk.said)
    return [heard.tree(one)[1:] for one in heard.units if one.name == "DATA"]


def test_a_body_over_several_frames() -> None:
    first, second = _body(b'{"pro', b'duct": 1}')
    assert first[0].value == b'{"pro'
    assert second[0].inner is not None
    assert second[0].inner.data == b'{"product": 1}'
    assert find(second, "product")


def test_an_empty_frame_may_end_a_body() -> None:
    first, second = _body(b'{"product": 1}', b"")
    assert first[0].inner is None
    assert find(second, "product")


def test_a_body_ends_where_its_length_says() -> None:
    first, second = _body(b'{"product": 1}', b"", more=(("content-length", "14"),))
    assert find(first, "product")
    assert second == ()


def test_a_compressed_body() -> None:
    packed = gzip.compress(b'{"product": 1}', mtime=0)
    (only,) = _body(packed, more=(("content-encoding", "gzip"),))
    assert find(only, "product")


def test_a_long_body_is_not_put_together() -> None:
    trees = _body(*[bytes(10_000)] * 3, *[b""] * 2)
    assert trees[-1][0].inner is not None
    decoder = Http2Decoder()
    block = bytes.fromhex("838684")
    frames = frame(1, 4, 1, block) + frame(0, 0, 1, bytes(600_000)) * 2 + frame(0, 1, 1, b"x")
    heard = hear(decoder, [(Direction.TO_SERVER, PREFACE + _SETTINGS + frames)])
    assert find(heard.tree(heard.units[-1]), "data").inner is None


def test_fields_that_say_too_much() -> None:
    """An entry of 4000 octets in the table, and a block of indexes that all mean it."""
    entry = b"\x40\x01a\x7f\xa1\x1e" + b"v" * 4000
    heard = _to_server(frame(1, 4, 1, entry + b"\xbe" * 1000))
    reasons = [one.why_not.en for one in every(heard.tree(heard.units[2])) if one.why_not]
    assert "take more than" in reasons[0]


def test_streams_side_by_side_are_different_exchanges() -> None:
    talk = Talk()
    for stream in (1, 3, 5):
        talk.ask(stream, f"/{stream}")
    for stream in (5, 1, 3):
        talk.answer(stream, "404" if stream == 1 else "204")
    heard = check(Http2Decoder, talk.said)
    grouping = Grouping()
    grouping.add(heard.units)
    found = {one.exchange: one.error for one in heard.units if one.role is Role.RESPONSE}
    assert found == {"s1": "404", "s3": None, "s5": None}
    assert grouping._open == {}


def test_every_setting_and_flag_has_its_name() -> None:
    heard = check(Http2Decoder, Talk().said)
    settings, acknowledged = [
        one for one in heard.of(Direction.TO_SERVER) if one.name == "SETTINGS"
    ]
    assert settings.role is Role.CONTROL
    assert "HEADER_TABLE_SIZE=4096" in settings.summary
    assert acknowledged.summary == "ACK"
    tree = heard.tree(settings)
    assert find(tree, "SETTINGS_MAX_FRAME_SIZE").value == 16384
    assert (
        find(tree, "SETTINGS_MAX_FRAME_SIZE", "identifier").value == "SETTINGS_MAX_FRAME_SIZE (5)"
    )
    assert find(heard.tree(acknowledged), "flags").value == "ACK"


def test_a_dynamic_table_serves_the_second_request() -> None:
    talk = Talk()
    talk.ask(1, "/orders", ("x-request-id", "abc"))
    talk.ask(3, "/orders", ("x-request-id", "abc"))
    heard = check(Http2Decoder, talk.said)
    first, second = (heard.tree(one) for one in heard.units if one.role is Role.REQUEST)
    assert find(first, "x-request-id").type == "literal with incremental indexing"
    assert find(first, "x-request-id", "value", "string").value == "abc"
    again = find(second, "x-request-id")
    assert (again.type, again.value, again.end - again.start) == ("indexed field", "abc", 1)
    assert "dynamic" in str(find(second, "x-request-id", "index").value)


def test_a_huffman_string_shows_its_text() -> None:
    talk = Talk()
    talk.ask(1, "/orders")
    heard = check(Http2Decoder, talk.said)
    string = find(heard.tree(_named(heard, "GET /orders")), ":path", "value", "string")
    assert string.inner is not None
    assert string.inner.data == b"/orders"
    assert string.end - string.start < len(b"/orders")


# RFC 7541 Appendix C.2: each representation, as the specification writes it.
@pytest.mark.parametrize(
    ("block", "name", "value", "kind"),
    [
        (
            "400a637573746f6d2d6b65790d637573746f6d2d686561646572",
            "custom-key",
            "custom-header",
            "literal with incremental indexing",
        ),
        ("040c2f73616d706c652f70617468", ":path", "/sample/path", "literal without indexing"),
        ("100870617373776f726406736563726574", "password", "secret", "literal never indexed"),
        ("82", ":method", "GET", "indexed field"),
    ],
)
def test_each_representation(block: str, name: str, value: str, kind: str) -> None:
    heard = _to_server(frame(1, 0x4, 1, bytes.fromhex(block)))
    one = find(heard.tree(heard.units[2]), name)
    assert (one.value, one.type) == (value, kind)


def test_a_table_that_changes_its_size() -> None:
    heard = _to_server(frame(1, 0x4, 1, bytes.fromhex("3fe11f82")))
    assert find(heard.tree(heard.units[2]), "dynamic_table_size_update").value == 4096


def test_a_field_block_over_several_frames() -> None:
    block = bytes.fromhex("828486410f7777772e6578616d706c652e636f6d")
    heard = _to_server(
        frame(1, 0x1, 1, block[:5]),
        frame(9, 0, 1, block[5:9]),
        frame(9, 0x4, 1, block[9:]),
        frame(1, 0x5, 3, bytes.fromhex("828486be")),
    )
    first, middle, last, other = heard.units[2:]
    assert [one.exchange for one in heard.units[2:]] == ["s1", "s1", "s1", "s3"]
    assert [one.is_last for one in heard.units[2:]] == [False, False, True, True]
    assert find(heard.tree(first), "field_block_fragment").value == "part 1 of a field block"
    assert find(heard.tree(middle), "field_block_fragment").value == "part 2 of a field block"
    assert last.name == "GET /"
    whole = find(heard.tree(last), "field_block_fragment")
    assert whole.inner is not None
    assert whole.inner.data == block
    assert find(heard.tree(last), ":authority").value == "www.example.com"
    assert other.facts["authority"] == "www.example.com"


def test_padding_and_priority() -> None:
    heard = _to_server(
        frame(1, 0x2C, 1, b"\x03" + (0x80000000 | 7).to_bytes(4, "big") + b"\x0f\x82\0\0\0"),
        frame(0, 0x9, 1, b"\x02ab\0\0"),
    )
    tree = heard.tree(heard.units[2])
    assert find(tree, "stream_dependency").value == "exclusive, 7"
    assert find(tree, "weight").value == 16
    assert find(tree, "padding").value == b"\0\0\0"
    assert find(tree, "flags").value == "END_HEADERS, PADDED, PRIORITY"
    data = heard.tree(heard.units[3])
    assert [(one.name, one.start, one.end) for one in data[1:]] == [
        ("pad_length", 9, 10),
        ("content", 10, 12),
        ("padding", 12, 14),
    ]


@pytest.mark.parametrize(
    ("sent", "summary", "error", "field", "value"),
    [
        (frame(3, 0, 1, b"\0\0\0\x08"), "CANCEL", "CANCEL", "error_code", "CANCEL (8)"),
        (frame(6, 1, 0, b"12345678"), "ACK", None, "opaque_data", b"12345678"),
        (
            frame(7, 0, 0, b"\0\0\0\x05\0\0\0\x0btoo_many_pings"),
            "ENHANCE_YOUR_CALM, last stream 5",
            "ENHANCE_YOUR_CALM",
            "additional_debug_data",
            "too_many_pings",
        ),
        (frame(8, 0, 0, b"\0\0\xff\xff"), "+65535", None, "window_size_increment", 65535),
        (frame(2, 0, 1, b"\0\0\0\x03\xff"), "5 B", None, "weight", 256),
        (frame(0x10, 0, 0, b"\0\0\0\x01u=1"), "7 B", None, "payload", b"\0\0\0\x01u=1"),
        (frame(0xEE, 0, 0, b"?"), "1 B", None, "payload", b"?"),
        (frame(4, 0, 0, b"\xab\xcd\0\0\0\x01"), "0xabcd=1", None, "identifier", "0xabcd (43981)"),
    ],
)
def test_frames_without_fields(
    sent: bytes, summary: str, error: str | None, field: str, value: object
) -> None:
    heard = _to_server(sent)
    unit = heard.units[2]
    assert (unit.summary, unit.error, unit.role) == (summary, error, Role.CONTROL)
    assert find(heard.tree(unit), field).value == value


def test_a_reset_ends_the_exchange() -> None:
    talk = Talk()
    talk.ask(1, "/slow")
    talk.client.reset_stream(1, 8)
    talk.pass_on()
    heard = check(Http2Decoder, talk.said)
    grouping = Grouping()
    grouping.add(heard.units)
    reset = _named(heard, "RST_STREAM")
    assert (reset.exchange, reset.error, reset.is_last) == ("s1", "CANCEL", True)
    assert grouping._open == {}


def test_what_comes_after_the_answer_is_in_no_exchange() -> None:
    talk = Talk()
    talk.ask(1, "/upload", ends=False)
    talk.answer(1, "413")
    talk.client.send_data(1, b"too late", end_stream=True)
    talk.pass_on()
    heard = check(Http2Decoder, talk.said)
    late = heard.of(Direction.TO_SERVER)[-1]
    assert (late.name, late.exchange, late.facts["path"]) == ("DATA", None, "/upload")


def test_a_pushed_answer_is_an_exchange_of_its_own() -> None:
    talk = Talk()
    talk.ask(1, "/")
    talk.server.push_stream(1, 2, request("GET", "/style.css"))
    talk.answer(2, "200", body=b"a{}")
    talk.answer(1, "200", body=b"<p>")
    heard = check(Http2Decoder, talk.said)
    promise, headers, data = _of(heard, "s2")
    assert (promise.name, promise.role) == ("GET /style.css", Role.REQUEST)
    assert find(heard.tree(promise), "promised_stream_id").value == 2
    assert headers.facts["path"] == "/style.css"
    assert data.is_last


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (frame(1, 0x4, 1, b"\xff\xff\xff\xff\x0f"), "neither in the static"),
        (frame(1, 0x4, 1, b"\x82\x41\x8f"), "in the middle"),
        (frame(1, 0x4, 1, b"\x00\x82\xff\xff\x00"), "Huffman"),
        (frame(1, 0x4, 1, b"\x3f\xff\xff\xff\xff\x0f"), "are followed here"),
        (frame(1, 0xC, 1, b"\x09\x82"), "does not fit"),
    ],
)
def test_damage_in_a_field_block_leaves_the_frames(broken: bytes, reason: str) -> None:
    heard = _to_server(broken, frame(1, 0x5, 3, b"\x82"), frame(6, 0, 0, bytes(8)))
    reasons = [one.why_not.en for one in every(heard.tree(heard.units[2])) if one.why_not]
    assert reason in reasons[0]
    after = [one.why_not.en for one in every(heard.tree(heard.units[3])) if one.why_not]
    assert "dynamic table of HPACK is unknown" in after[0]
    assert find(heard.tree(heard.units[4]), "opaque_data").value == bytes(8)


def test_a_field_block_that_is_interrupted() -> None:
    heard = _to_server(frame(1, 0, 1, b"\x82"), frame(6, 0, 0, bytes(8)), frame(9, 4, 1, b"\x84"))
    late = heard.tree(heard.units[-1])
    assert [one.why_not for one in every(late) if one.why_not] != []


@pytest.mark.parametrize(
    ("direction", "data"),
    [
        (Direction.TO_SERVER, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
        (Direction.TO_CLIENT, b"HTTP/1.1 400 Bad Request\r\n\r\n"),
    ],
)
def test_what_is_no_http2(direction: Direction, data: bytes) -> None:
    heard = hear(Http2Decoder(), [(direction, data)])
    assert [one.role for one in heard.units] == [Role.BROKEN] * len(heard.units)


def test_a_connection_that_ends_in_a_frame() -> None:
    heard = check(Http2Decoder, [(Direction.TO_SERVER, PREFACE + _SETTINGS + b"\0\0\x08\x06")])
    assert heard.units[-1].role is Role.BROKEN


def test_damaged_bytes() -> None:
    talk = Talk()
    talk.ask(1, "/orders", ("traceparent", TRACEPARENT))
    talk.answer(1, "200", ("content-type", "application/json"), body=b"{}" * 50)
    talk.ask(3, "/orders", ends=False)
    talk.client.reset_stream(3, 8)
    talk.client.ping(b"12345678")
    talk.pass_on()
    demand_survival(Http2Decoder, talk.said, rounds=300)


def test_a_block_in_many_frames_is_put_together_once() -> None:
    frames = b"".join(frame(9, 0, 1, b"\x82") for _ in range(2000))
    heard = _to_server(frame(1, 0, 1, b"\x82") + frames + frame(9, 4, 1, b"\x84"))
    assert heard.units[-1].name == "GET /"
    inner = find(heard.tree(heard.units[-1]), "field_block_fragment").inner
    assert inner is not None
    assert len(inner.data) == 2002


def test_work_grows_with_the_bytes() -> None:
    """A frame that comes in small pieces is looked at when it is whole."""
    body = frame(0, 0, 1, bytes(10_000))
    assert cuts_of(Http2Decoder(), [(Direction.TO_SERVER, PREFACE + _SETTINGS + body)]) < 100
