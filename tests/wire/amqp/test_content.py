"""Content headers: fourteen properties, each in its own bytes."""

import contextlib
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pamqp import commands, header

from stend.wire.amqp.content import (
    NAMES,
    decode_content_header,
    encode_body,
    encode_content_header,
    header_items,
    headers_of,
    octet_property,
    text_property,
    timestamp_property,
    with_headers,
)
from stend.wire.amqp.frames import AmqpSyntaxError, FrameReader
from stend.wire.amqp.values import string_value

MOMENT = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
ALL = header.ContentHeader(
    body_size=5,
    properties=commands.Basic.Properties(
        content_type="application/json",
        content_encoding="gzip",
        headers={"a": 1, "b": "two"},
        delivery_mode=2,
        priority=7,
        correlation_id="c-1",
        reply_to="replies",
        expiration="60000",
        message_id="m-1",
        timestamp=MOMENT,
        message_type="order.placed",
        user_id="lavka",
        app_id="orders",
    ),
).marshal()


def test_all_properties_are_read() -> None:
    content = decode_content_header(ALL)
    properties = content.properties
    assert content.body_size == 5
    assert list(properties) == [name for name in NAMES if name != "cluster_id"]
    assert headers_of(properties) == {"a": 1, "b": "two"}
    assert (
        octet_property(properties, "delivery_mode"),
        octet_property(properties, "priority"),
    ) == (
        2,
        7,
    )
    assert text_property(properties, "correlation_id") == "c-1"
    assert timestamp_property(properties) == int(MOMENT.timestamp())
    assert text_property({}, "app_id") is None
    assert octet_property({}, "priority") is None
    assert timestamp_property({}) is None


def test_a_header_is_written_as_it_was_read() -> None:
    content = decode_content_header(ALL)
    assert encode_content_header(content.body_size, content.properties) == ALL


def test_headers_change_and_the_rest_stays() -> None:
    properties = decode_content_header(ALL).properties
    items = [*header_items(properties), ("c", string_value("three"))]
    changed = with_headers(properties, items)
    assert headers_of(changed) == {"a": 1, "b": "two", "c": "three"}
    assert {**changed, "headers": properties["headers"]} == properties
    assert "headers" not in with_headers(properties, [])


@pytest.mark.parametrize("end", range(len(ALL)))
def test_a_header_that_is_cut_off_is_refused(end: int) -> None:
    with pytest.raises(AmqpSyntaxError) as refusal:
        decode_content_header(ALL[:end])
    assert refusal.value.code == 501


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"\x00\x0a" + ALL[2:], "of class 10"),
        (ALL[:2] + b"\x00\x01" + ALL[4:], "with weight 1"),
        (ALL + b"x", "1 bytes left over"),
        (ALL[:12] + b"\xff\xff" + ALL[14:], "more than one word"),
    ],
)
def test_a_wrong_header_is_refused(raw: bytes, why: str) -> None:
    with pytest.raises(AmqpSyntaxError, match=why):
        decode_content_header(raw)


def test_a_property_that_is_no_text_is_refused_when_it_is_asked_for() -> None:
    raw = encode_content_header(0, {"user_id": b"\x01\xff"})
    properties = decode_content_header(raw).properties
    with pytest.raises(AmqpSyntaxError, match="user_id is not UTF-8"):
        text_property(properties, "user_id")


@pytest.mark.parametrize("size", [0, 1, 4088, 4089, 10_000])
def test_a_body_is_cut_to_the_negotiated_size(size: int) -> None:
    body = bytes(size)
    frames = FrameReader().feed(encode_body(3, body, 4096))
    assert b"".join(one.payload for one in frames) == body
    assert all(one.kind == 3 and one.channel == 3 for one in frames)
    assert len(frames) == -(-size // 4088)


@given(st.binary(max_size=80))
def test_only_the_declared_error_escapes(data: bytes) -> None:
    for raw in (data, ALL[:12] + data):
        with contextlib.suppress(AmqpSyntaxError):
            content = decode_content_header(raw)
            assert encode_content_header(content.body_size, content.properties) == raw
