"""Frames of WebSocket: header, mask, fragments, compression, and what is talked inside."""

import json
import zlib

import pytest

from stend.wire.decoding import Direction, Role
from stend.wire.websocket.decoder import WebSocketDecoder
from tests.wire.checking import check, demand_survival, find

OUT, BACK = Direction.TO_SERVER, Direction.TO_CLIENT
KEY = b"\x37\xfa\x21\x3d"
DEFLATE = "permessage-deflate; client_max_window_bits=15"


def frame(payload: bytes, opcode: int = 1, *, fin: bool = True, rsv1: bool = False) -> bytes:
    """A frame of a server."""
    first = bytes([(0x80 if fin else 0) | (0x40 if rsv1 else 0) | opcode])
    if len(payload) < 126:
        return first + bytes([len(payload)]) + payload
    if len(payload) < 65536:
        return first + b"\x7e" + len(payload).to_bytes(2, "big") + payload
    return first + b"\x7f" + len(payload).to_bytes(8, "big") + payload


def masked(payload: bytes, opcode: int = 1, *, fin: bool = True, rsv1: bool = False) -> bytes:
    """The same frame of a client."""
    plain = frame(payload, opcode, fin=fin, rsv1=rsv1)
    header = len(plain) - len(payload)
    body = bytes(one ^ KEY[at % 4] for at, one in enumerate(payload))
    return plain[:1] + bytes([plain[1] | 0x80]) + plain[2:header] + KEY + body


def text(message: object) -> bytes:
    return json.dumps(message).encode()


def deflating() -> WebSocketDecoder:
    return WebSocketDecoder(extensions=DEFLATE)


class Deflater:
    """What a peer does with one direction's messages."""

    def __init__(self) -> None:
        self._deflater = zlib.compressobj(wbits=-15)

    def __call__(self, message: bytes) -> bytes:
        flushed = self._deflater.compress(message) + self._deflater.flush(zlib.Z_SYNC_FLUSH)
        return flushed[:-4]


def test_the_examples_of_the_specification() -> None:
    # RFC 6455 §5.7.
    hello = bytes.fromhex("818537fa213d7f9f4d5158")
    fragments = bytes.fromhex("010348656c80026c6f")
    heard = check(WebSocketDecoder, [(OUT, hello), (BACK, fragments)])
    (asked,) = heard.of(OUT)
    assert find(heard.tree(asked), "Payload data", "text").value == "Hello"
    first, last = heard.of(BACK)
    assert (first.name, first.is_last, last.name, last.is_last) == (
        "text fragment",
        False,
        "continuation",
        True,
    )
    assert first.exchange == last.exchange
    assert find(heard.tree(last), "fragment", "text").value == "Hello"


def test_the_examples_of_compression() -> None:
    # RFC 7692 §7.2.3: the second message points back into the first.
    talk = [
        (BACK, bytes.fromhex("c107f248cdc9c90700")),
        (BACK, bytes.fromhex("c105f200110000")),
    ]
    heard = check(deflating, talk)
    for unit in heard.units:
        assert find(heard.tree(unit), "compressed data", "text").value == "Hello"


def test_a_message_in_compressed_fragments() -> None:
    deflate = Deflater()
    one, two = deflate(text({"a": "x" * 50})), deflate(text({"a": "x" * 50, "b": 1}))
    talk = [
        (OUT, masked(one, rsv1=True)),
        (OUT, masked(two[:3], fin=False, rsv1=True) + masked(b"mid", 9)),
        (OUT, masked(two[3:], 0)),
    ]
    heard = check(deflating, talk)
    assert [unit.name for unit in heard.units] == ["text", "text fragment", "ping", "continuation"]
    assert find(heard.tree(heard.units[3]), "compressed data", "b").value == 1


def test_without_takeover_every_message_stands_alone() -> None:
    def make() -> WebSocketDecoder:
        return WebSocketDecoder(extensions="permessage-deflate; server_no_context_takeover")

    one = Deflater()(b"hello hello")
    heard = check(make, [(BACK, frame(b"\xff\xff", rsv1=True)), (BACK, frame(one, rsv1=True))])
    damaged, good = heard.units
    assert any(leaf.why_not for leaf in find(heard.tree(damaged), "Payload data").children)
    assert find(heard.tree(good), "compressed data", "text").value == "hello hello"


def test_a_bomb_is_not_followed() -> None:
    deflate = Deflater()
    bomb, after = deflate(b"\0" * 40_000_000), deflate(b"after")
    heard = check(deflating, [(BACK, frame(bomb, 2, rsv1=True)), (BACK, frame(after, rsv1=True))])
    assert [unit.name for unit in heard.units] == ["binary", "text"]
    for unit in heard.units:
        assert any(leaf.why_not for leaf in find(heard.tree(unit), "Payload data").children)


@pytest.mark.parametrize("size", [0, 125, 126, 65535, 65536])
def test_every_form_of_length(size: int) -> None:
    talk = [(OUT, masked(b"a" * size)), (BACK, frame(b"a" * size, 2))]
    heard = check(WebSocketDecoder, talk)
    assert [unit.end for unit in heard.units] == [len(data) for _, data in talk]


def test_a_close_has_code_and_reason() -> None:
    talk = [(BACK, frame(b"\x11\x38idle", 8)), (OUT, masked(b"\x03\xe8", 8))]
    heard = check(WebSocketDecoder, talk)
    first, second = heard.units
    assert (first.name, first.error, first.summary, first.is_last) == (
        "close 4408",
        "4408",
        "idle",
        False,
    )
    assert (second.name, second.error, second.is_last) == ("close 1000", None, True)
    assert find(heard.tree(first), "status code").value == 4408
    assert find(heard.tree(first), "reason").value == "idle"


def test_a_pong_belongs_to_its_ping() -> None:
    heard = check(WebSocketDecoder, [(BACK, frame(b"a1", 9)), (OUT, masked(b"a1", 10))])
    ping, pong = sorted(heard.units, key=lambda unit: unit.name)
    assert (ping.exchange, ping.is_last, pong.is_last) == (pong.exchange, False, True)


def test_a_subscription_of_graphql_is_an_exchange() -> None:
    query = "subscription Track($id: ID!) { orderEvents(id: $id) { status } }"
    subscribe = {"id": "1", "type": "subscribe", "payload": {"query": query}}
    talk = [
        (OUT, masked(text({"type": "connection_init"}))),
        (BACK, frame(text({"type": "connection_ack"}))),
        (OUT, masked(text(subscribe))),
        (BACK, frame(text({"id": "1", "type": "next", "payload": {"data": {"a": 1}}}))),
        (BACK, frame(text({"id": "1", "type": "complete"}))),
    ]
    heard = check(lambda: WebSocketDecoder(subprotocol="graphql-transport-ws"), talk)
    asked = heard.of(OUT)[1]
    assert asked.facts["graphql_operation"] == "subscription Track"
    assert asked.role is Role.REQUEST
    _, after, end = heard.of(BACK)
    assert [asked.exchange, after.exchange, end.exchange] == ["graphql 1"] * 3
    assert (after.role, after.is_last, end.role, end.is_last) == (
        Role.MESSAGE,
        False,
        Role.RESPONSE,
        True,
    )
    assert find(heard.tree(asked), "query", "Name").value == "subscription"


def test_json_rpc_answers_its_question() -> None:
    talk = [
        (OUT, masked(text({"jsonrpc": "2.0", "id": 7, "method": "points", "params": {}}))),
        (BACK, frame(text({"jsonrpc": "2.0", "id": 7, "error": {"code": -32601}}))),
    ]
    heard = check(WebSocketDecoder, talk)
    asked, answered = heard.of(OUT)[0], heard.of(BACK)[0]
    assert asked.facts["rpc_method"] == "points"
    assert (answered.exchange, answered.error) == (asked.exchange, "-32601")


def test_messages_with_an_id_and_a_type_belong_together() -> None:
    talk = [
        (OUT, masked(text({"id": "1", "type": "TrackOrder", "params": {}}))),
        (BACK, frame(text({"id": "1", "type": "event", "event": {}}))),
        (BACK, frame(text({"id": "1", "type": "error", "error": {"code": "x"}}))),
    ]
    heard = check(WebSocketDecoder, talk)
    assert {unit.exchange for unit in heard.units} == {"id 1"}
    assert heard.of(BACK)[1].error == "x"


def test_what_breaks_the_rules_is_shown_with_a_reason() -> None:
    talk = [
        (BACK, frame(b"x", 3)),
        (BACK, frame(b"lost", 0)),
        (BACK, frame(b"x", rsv1=True)),
        (BACK, frame(b"\x03", 8)),
    ]
    heard = check(WebSocketDecoder, talk)
    for unit in heard.units:
        assert any(leaf.why_not for leaf in find(heard.tree(unit), "Payload data").children)


def test_damaged_frames_give_trees_all_the_same() -> None:
    deflate = Deflater()
    talk = [
        (OUT, masked(deflate(text({"id": 1, "type": "a"})), rsv1=True) + masked(b"x", 9)),
        (BACK, frame(text({"a": 1}), fin=False) + frame(b"x", 0) + frame(b"\x03\xe8", 8)),
    ]
    demand_survival(deflating, talk, rounds=300)
