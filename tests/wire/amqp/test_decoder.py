"""Frames put together by hand: every method, every type of value, what is damaged."""

import gzip
from struct import pack
from typing import Any

import pytest
from pamqp import base, commands

from stend.wire.amqp.content import NAMES, encode_content_header
from stend.wire.amqp.decoder import AmqpDecoder
from stend.wire.amqp.frames import HEARTBEAT, PROTOCOL_HEADER, FrameType, frame
from stend.wire.amqp.methods import encode_method
from stend.wire.amqp.values import encode_table, short_string
from stend.wire.decoding import Direction, Half, Role, Unit
from stend.wire.exchanges import Grouping
from tests.wire.checking import Heard, check, find, hear

C, S = Direction.TO_SERVER, Direction.TO_CLIENT
BASIC = commands.Basic
BODY = b'{"sku": "tea"}'
_SAMPLES: dict[str, Any] = {
    "octet": 1,
    "short": 2,
    "long": 3,
    "longlong": 4,
    "bit": True,
    "shortstr": "some",
    "longstr": b"some",
    "table": {"x": 1},
}


def method(channel: int, kind: type[base.Frame], **arguments: Any) -> bytes:
    """A method; an argument that is not given is empty."""
    empty = {"bit": False, "shortstr": "", "longstr": b"", "table": {}}
    filled = {name: empty.get(kind.amqp_type(name), 0) for name in kind.__slots__}
    return encode_method(channel, kind, **{**filled, **arguments})


def header(channel: int, size: int, **properties: bytes) -> bytes:
    return frame(FrameType.HEADER, channel, encode_content_header(size, properties))


def body(channel: int, data: bytes) -> bytes:
    return frame(FrameType.BODY, channel, data)


def publish(channel: int, key: str, **arguments: Any) -> bytes:
    return method(channel, BASIC.Publish, routing_key=key, **arguments) + header(channel, 0)


def told_of(*talk: tuple[Direction, bytes]) -> Heard:
    return check(AmqpDecoder, talk)


@pytest.mark.parametrize("kind", commands.INDEX_MAPPING.values(), ids=lambda kind: kind.name)
def test_every_method_has_every_argument_as_a_field(kind: type[base.Frame]) -> None:
    full = {name: _SAMPLES[kind.amqp_type(name)] for name in kind.__slots__}
    for arguments in ({}, full):
        heard = told_of((C, method(1, kind, **arguments)))
        (unit,) = heard.units
        assert unit.name == kind.name
        tree = heard.tree(unit)
        shown = {one.name for one in tree}
        for name in kind.__slots__:
            if kind.amqp_type(name) != "bit":
                assert name in shown
        assert not [one for one in tree if one.why_not]


def test_a_content_header_may_have_all_properties() -> None:
    texts = {name: short_string("some") for name in NAMES}
    octets = {"delivery_mode": b"\2", "priority": b"\7", "timestamp": pack(">Q", 1)}
    table = {"headers": encode_table({"x": 1})}
    sent = method(1, BASIC.Publish) + header(1, 3, **{**texts, **octets, **table})
    heard = told_of((C, sent + body(1, b"\xff\0\1")))
    names = {one.name for one in heard.tree(heard.units[1])}
    assert set(NAMES) <= names
    assert heard.tree(heard.units[2])[3].value == b"\xff\0\1"


@pytest.mark.parametrize(
    ("properties", "data"),
    [
        ({"content_type": short_string("application/json")}, BODY),
        ({}, BODY),
        (
            {
                "content_type": short_string("application/json; charset=utf-8"),
                "content_encoding": short_string("gzip"),
            },
            gzip.compress(BODY, mtime=0),
        ),
    ],
)
def test_a_body_in_one_frame_is_read_by_its_type(properties: Any, data: bytes) -> None:
    sent = method(1, BASIC.Publish) + header(1, len(data), **properties) + body(1, data)
    heard = told_of((C, sent))
    assert find(heard.tree(heard.units[2]), "body", "sku").value == "tea"


def test_a_part_of_a_body_is_no_document() -> None:
    kind = {"content_type": short_string("application/json")}
    sent = method(1, BASIC.Publish) + header(1, len(BODY), **kind)
    heard = told_of((C, sent + body(1, BODY[:5]) + body(1, BODY[5:])))
    assert [heard.tree(one)[3].children for one in heard.units[2:]] == [(), ()]


VALUES = (
    (b"t\1", True),
    (b"b\xff", -1),
    (b"B\xff", 255),
    (b"s\xff\xfe", -2),
    (b"u\xff\xfe", 65534),
    (b"I" + pack(">i", -3), -3),
    (b"i" + pack(">I", 3), 3),
    (b"l" + pack(">q", -4), -4),
    (b"L" + pack(">q", 4), 4),
    (b"f" + pack(">f", 0.5), 0.5),
    (b"d" + pack(">d", 0.25), 0.25),
    (b"T" + pack(">Q", 5), 5),
    (b"D\2" + pack(">i", 1234), "12.34"),
    (b"V", "void"),
    (b"S\0\0\0\4some", "some"),
    (b"x\0\0\0\1\xff", b"\xff"),
    (b"A\0\0\0\2t\0", None),
    (b"F\0\0\0\4\1xt\1", None),
)


def bound(entries: bytes) -> bytes:
    """Queue.Bind whose arguments are these entries."""
    payload = pack(">HHH", 50, 20, 0) + b"\0\0\0\0" + pack(">I", len(entries)) + entries
    return frame(FrameType.METHOD, 1, payload)


@pytest.mark.parametrize(("raw", "expected"), VALUES)
def test_every_type_of_value(raw: bytes, expected: object) -> None:
    heard = told_of((C, bound(b"\1k" + raw)))
    entry = find(heard.tree(heard.units[0]), "arguments", "k")
    assert entry.value == expected


@pytest.mark.parametrize(
    "entries",
    [
        b"\1at\1\1bZ",
        b"\1at\1\1bS\0\0\0\xff",
        b"\1at\1\xffb",
        b"\1at\1\1bt",
        b"\1at\1\1bF\0\0\0\2\1x",
        b"\1at\1" + b"\1bF\0\0\xff\xff",
    ],
)
def test_a_damaged_entry_leaves_those_before_it_readable(entries: bytes) -> None:
    heard = told_of((C, bound(entries) + HEARTBEAT))
    tree = heard.tree(heard.units[0])
    assert heard.units[0].role is Role.BROKEN
    assert find(tree, "arguments", "a").value is True
    assert find(tree, "not decoded").why_not is not None
    assert tree[-1].name == "frame_end"
    assert heard.units[1].name == "heartbeat"


def test_tables_in_tables_have_a_bound() -> None:
    entries = b""
    for _ in range(400):
        entries = b"\1kF" + pack(">I", len(entries)) + entries
    heard = told_of((C, bound(entries)))
    why = find(heard.tree(heard.units[0]), "not decoded").why_not
    assert why is not None
    assert "32" in why.en


def test_frames_that_do_not_belong_to_anything() -> None:
    heard = told_of((C, header(1, 3) + body(2, b"abc") + frame(FrameType.METHOD, 1, b"\0")))
    assert [(one.name, one.role, one.exchange) for one in heard.units] == [
        ("header", Role.MESSAGE, None),
        ("body", Role.MESSAGE, None),
        ("not decoded", Role.BROKEN, None),
    ]


def test_an_unknown_method_or_class_of_content_is_shown_as_far_as_it_goes() -> None:
    unknown = frame(FrameType.METHOD, 1, pack(">HH", 99, 1) + b"rest")
    content = frame(FrameType.HEADER, 1, pack(">HHQH", 99, 0, 3, 0x8000) + b"\1x")
    heard = told_of((C, unknown + content))
    assert find(heard.tree(heard.units[0]), "class").value == "99 ?"
    for unit in heard.units:
        assert find(heard.tree(unit), "not decoded")


def test_a_frame_that_does_not_end_as_one_ends_all() -> None:
    heard = hear(AmqpDecoder(), [(C, HEARTBEAT[:-1] + b"\0" + HEARTBEAT)])
    assert [one.role for one in heard.units] == [Role.BROKEN]


@pytest.mark.parametrize(
    "data", [b"GET / HTTP/1.1\r\n\r\n", b"AMPQ\0\0\x09\1", b"\1\0\1\xff\xff\xff\xff"]
)
def test_what_is_not_this_protocol_is_given_up(data: bytes) -> None:
    heard = hear(AmqpDecoder(), [(C, data)])
    assert {one.role for one in heard.units} == {Role.BROKEN}


def test_a_version_that_the_broker_refuses() -> None:
    heard = hear(AmqpDecoder(), [(C, b"AMQP\0\1\0\0"), (S, PROTOCOL_HEADER), (C, HEARTBEAT)])
    asked, refused, rest = heard.units
    assert (asked.summary, refused.error, rest.role) == ("0.1.0.0", "0.0.9.1", Role.BROKEN)


def test_one_confirm_may_be_for_several_publishes() -> None:
    selected = method(1, commands.Confirm.Select)
    sent = publish(1, "a") + publish(1, "b") + publish(1, "c")
    heard = told_of(
        (C, publish(1, "before") + selected + sent),
        (S, method(1, BASIC.Ack, delivery_tag=2, multiple=True)),
        (S, method(1, BASIC.Nack, delivery_tag=3)),
    )
    several, refused = heard.of(S)
    assert (several.exchange, several.facts["delivery_tags"]) == ("c1.p3", "1-2")
    assert several.summary == "≤ 2"
    assert (refused.exchange, refused.error) == ("c1.p4", "Basic.Nack")


def test_a_return_without_confirms_stands_alone() -> None:
    back = method(1, BASIC.Return, reply_code=312, reply_text="NO_ROUTE", routing_key="a")
    heard = told_of((C, publish(1, "a", mandatory=True)), (S, back + header(1, 0)))
    assert [one.exchange for one in heard.units] == ["c1.p1", "c1.p1", "c1.r1", "c1.r1"]
    assert [one.is_last for one in heard.units] == [False, True, False, True]


def test_equal_mandatory_publishes_come_back_in_their_order() -> None:
    back = method(1, BASIC.Return, reply_code=312, reply_text="NO_ROUTE", routing_key="a")
    sent = publish(1, "a", mandatory=True) * 3
    heard = told_of(
        (C, method(1, commands.Confirm.Select) + sent),
        (S, method(1, BASIC.Ack, delivery_tag=1)),
        (S, (back + header(1, 0)) * 2),
    )
    returned = [one.exchange for one in heard.of(S) if one.name == "Basic.Return"]
    assert returned == ["c1.p2", "c1.p3"]


def test_deliveries_of_a_channel_that_was_opened_again_are_others() -> None:
    opened = method(1, commands.Channel.Open)
    delivery = method(1, BASIC.Deliver, delivery_tag=1, consumer_tag="x") + header(1, 0)
    heard = told_of((C, opened), (S, delivery), (C, opened), (S, delivery))
    keys = [one.exchange for one in heard.of(S)]
    assert keys == ["c1.d1", "c1.d1", "c1~2.d1", "c1~2.d1"]


def test_a_consumer_that_was_not_heard_does_what_its_channel_does() -> None:
    deliveries = [
        method(1, BASIC.Deliver, delivery_tag=tag, consumer_tag="x") + header(1, 0)
        for tag in (1, 2)
    ]
    ack = method(1, BASIC.Ack, delivery_tag=1)
    heard = told_of((S, deliveries[0]), (C, ack), (S, deliveries[1]))
    assert [one.is_last for one in heard.of(S)] == [False, True, False, False]


def test_an_answer_is_given_to_the_oldest_question_of_its_kind() -> None:
    asked = [method(1, commands.Queue.Declare, queue=name) for name in ("a", "b")]
    asked.insert(1, method(1, BASIC.Qos, prefetch_count=1))
    answers = [
        method(1, commands.Queue.DeclareOk, queue="a"),
        method(1, BASIC.QosOk),
        method(1, commands.Queue.DeclareOk, queue="b"),
    ]
    heard = told_of((C, b"".join(asked)), (S, b"".join(answers)))
    assert [one.exchange for one in heard.of(S)] == ["c1.q1", "c1.q2", "c1.q3"]


def test_who_does_not_wait_gets_no_answer() -> None:
    heard = told_of((C, method(1, commands.Queue.Declare, queue="a", nowait=True)))
    grouping = Grouping()
    (exchange,) = grouping.add(heard.units)
    assert exchange.is_complete
    assert heard.units[0].role is Role.MESSAGE


def test_a_large_frame_is_looked_at_once_however_it_comes() -> None:
    class Counting(AmqpDecoder):
        cuts = 0

        def _cut(self, half: Half) -> Unit | None:
            self.cuts += 1
            return super()._cut(half)

    decoder = Counting()
    for octet in body(1, b"x" * 20_000):
        decoder.feed(C, bytes((octet,)))
    assert decoder.cuts <= 4
