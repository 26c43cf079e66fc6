"""HTTP exchanges as HAR: the rules of the format, and what the exchanges said."""

import base64
import gzip
import json
import random
from typing import Any

import h2.config
import h2.connection
import pytest

from stend.tap.files.har import save, talks_of
from stend.tap.reading import Reading
from stend.tap.recording import CHUNK_OVERHEAD_BYTES, Place, Recording
from stend.wire.decoding import StreamDecoder
from stend.wire.http1.decoder import Http1Decoder
from stend.wire.http2.decoder import Http2Decoder
from stend.wire.stacks.choosing import decoder_for
from tests.tap.files.har_rules import check_har
from tests.tap.files.recordings import DOWN, HTTP, UP, Talk, recording, talk

_HTTP2 = Place("orders", "delivery", "grpc")
_OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def _decoder(protocol: str) -> StreamDecoder:
    return Http2Decoder() if protocol == "grpc" else Http1Decoder()


def _saved(made: Recording) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Entries and the log."""
    reading = Reading(made, _decoder)
    reading.advance()
    har = json.loads(save(made.copied(), talks_of(reading), "0.1.0"))
    return check_har(har), har["log"]


def _entry(parts: Talk, place: Place = HTTP) -> dict[str, Any]:
    made = recording()
    talk(made, place, parts)
    (entry,), _ = _saved(made)
    return entry


def test_a_request_and_its_response_are_an_entry_with_its_times() -> None:
    body = b'{"sku":"MILK-001"}'
    asked = b"POST /orders?a=1&b=%20x HTTP/1.1\r\nHost: shop:8000\r\nCookie: a=b; c=d=e\r\n"
    asked += b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
    said = b"HTTP/1.1 201 Created\r\nLocation: /orders/1\r\nContent-Length: 2\r\n"
    said += b"Set-Cookie: s=1; Path=/; HttpOnly; Expires=Wed, 21 Oct 2026 07:28:00 GMT\r\n\r\n"
    entry = _entry([(UP, asked), (UP, body), (DOWN, said), (DOWN, b"ok")])
    request, response = entry["request"], entry["response"]
    assert (entry["_id"], entry["connection"], entry["_target"]) == ("c1.1", "c1", "shop")
    assert entry["startedDateTime"].startswith("2026-09-21T14:13:20.002")
    assert [entry["timings"][name] for name in ("send", "wait", "receive")] == [1, 1, 1]
    assert request["url"] == "http://shop:8000/orders?a=1&b=%20x"
    assert request["queryString"] == [{"name": "a", "value": "1"}, {"name": "b", "value": " x"}]
    assert request["cookies"] == [{"name": "a", "value": "b"}, {"name": "c", "value": "d=e"}]
    assert request["headers"][0] == {"name": "Host", "value": "shop:8000"}
    assert request["postData"] == {"mimeType": "application/json", "text": body.decode()}
    assert (request["headersSize"], request["bodySize"]) == (len(asked), len(body))
    assert (response["status"], response["statusText"]) == (201, "Created")
    assert response["redirectURL"] == "/orders/1"
    assert response["content"]["text"] == "ok"
    (cookie,) = response["cookies"]
    assert cookie["expires"] == "2026-10-21T07:28:00Z"
    assert (cookie["httpOnly"], cookie["secure"], cookie["path"]) == (True, False, "/")


def test_content_is_shown_without_chunks_and_compression() -> None:
    packed = gzip.compress(b"hello " * 50)
    said = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"
    said += b"5\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n" % (packed[:5], len(packed) - 5, packed[5:])
    content = _entry([(UP, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"), (DOWN, said)])["response"][
        "content"
    ]
    assert content["text"] == "hello " * 50
    assert (content["size"], content["compression"]) == (300, 300 - len(packed))


@pytest.mark.parametrize("body", [b"\xff\xfe", b"a\0b"])
def test_content_that_is_no_text_is_in_base64(body: bytes) -> None:
    said = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
    content = _entry([(UP, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"), (DOWN, said)])["response"][
        "content"
    ]
    assert (content["encoding"], base64.b64decode(content["text"])) == ("base64", body)


def test_content_of_an_unknown_coding_stays_as_it_is() -> None:
    said = b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 2\r\n\r\nhi"
    content = _entry([(UP, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"), (DOWN, said)])["response"][
        "content"
    ]
    assert base64.b64decode(content["text"]) == b"hi"


def test_a_form_is_told_by_its_parameters() -> None:
    asked = b"POST /oauth/token HTTP/1.1\r\nHost: x\r\nContent-Length: 7\r\n"
    asked += b"Content-Type: application/x-www-form-urlencoded\r\n\r\na=1&b=2"
    post = _entry([(UP, asked), (DOWN, _OK)])["request"]["postData"]
    assert post["params"] == [{"name": "a", "value": "1"}, {"name": "b", "value": "2"}]


def test_a_request_without_an_answer_has_status_0() -> None:
    entry = _entry([(UP, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")])
    assert entry["response"]["status"] == 0
    assert entry["timings"]["wait"] == 0


def test_an_informational_response_is_not_the_answer() -> None:
    said = [(DOWN, b"HTTP/1.1 100 Continue\r\nX: 1\r\n\r\n"), (DOWN, _OK)]
    entry = _entry([(UP, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"), *said])
    assert entry["response"]["status"] == 200
    assert [one["name"] for one in entry["response"]["headers"]] == ["Content-Length"]


def test_events_of_a_stream_are_one_content() -> None:
    head = (
        b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    events = [b"data: 1\n\n", b"data: 2\n\n"]
    parts = [(DOWN, b"%x\r\n%s\r\n" % (len(one), one)) for one in events]
    asked = (UP, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    content = _entry([asked, (DOWN, head), *parts, (DOWN, b"0\r\n\r\n")])["response"]["content"]
    assert content["text"] == "data: 1\n\ndata: 2\n\n"


def test_streams_of_http2_are_entries_frames_of_the_connection_are_not() -> None:
    sides = [
        h2.connection.H2Connection(h2.config.H2Configuration(client_side=one))
        for one in (True, False)
    ]
    client, server = sides
    client.initiate_connection()
    fields = [(":method", "POST"), (":path", "/a?x=1"), (":scheme", "http"), (":authority", "s:1")]
    client.send_headers(1, [*fields, ("content-type", "text/plain")])
    client.send_data(1, b"hi", end_stream=True)
    up = client.data_to_send()
    server.receive_data(up)
    server.send_headers(1, [(":status", "200"), ("content-type", "text/plain")])
    server.send_data(1, b"ho")
    server.send_headers(1, [("grpc-status", "0")], end_stream=True)
    entry = _entry([(UP, up), (DOWN, server.data_to_send())], _HTTP2)
    request, response = entry["request"], entry["response"]
    assert (request["url"], request["httpVersion"]) == ("http://s:1/a?x=1", "HTTP/2")
    assert request["headers"] == [{"name": "content-type", "value": "text/plain"}]
    assert request["postData"]["text"] == "hi"
    assert (response["status"], response["content"]["text"]) == (200, "ho")
    assert response["_trailers"] == [{"name": "grpc-status", "value": "0"}]


def _frame(text: bytes, opcode: int = 0x81, mask: bytes = b"") -> bytes:
    masked = bytes(one ^ mask[at % 4] for at, one in enumerate(text)) if mask else text
    return bytes((opcode, len(text) | (0x80 if mask else 0))) + mask + masked


def test_messages_of_a_websocket_stand_at_its_handshake() -> None:
    asked = b"GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    asked += b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    said = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    said += b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
    frames = [
        (UP, _frame("заказ".encode(), mask=b"abcd")),
        (DOWN, _frame(b"one ", 0x01) + _frame(b"two", 0x80)),
        (DOWN, _frame(b"\xff\0", 0x82) + _frame(b"", 0x89)),
    ]
    made = recording()
    talk(made, HTTP, [(UP, asked), (DOWN, said), *frames])
    reading = Reading(made, decoder_for)
    reading.advance()
    (entry,) = check_har(json.loads(save(made.copied(), talks_of(reading), "0.1.0")))
    assert entry["response"]["status"] == 101
    assert [(one["type"], one["opcode"], one["data"]) for one in entry["_webSocketMessages"]] == [
        ("send", 1, "заказ"),
        ("receive", 1, "one two"),
        ("receive", 2, "/wA="),
    ]


def test_exchanges_whose_bytes_are_gone_are_counted() -> None:
    made = recording(limit_bytes=3 * (CHUNK_OVERHEAD_BYTES + 50))
    asked = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
    talk(made, HTTP, [(UP, asked), (DOWN, _OK)])
    reading = Reading(made, _decoder)
    reading.advance()
    talks = talks_of(reading)
    talk(made, HTTP, [(UP, asked), (DOWN, _OK)])
    log = json.loads(save(made, talks, "0.1.0"))["log"]
    assert log["entries"] == []
    assert log["comment"].startswith("1 exchanges are left out")


def test_damaged_exchanges_are_told_as_far_as_they_go() -> None:
    chance = random.Random(3)
    asked = b"POST http://[x/a?b=%zz&c HTTP/1.1\r\nHost: x\r\nCookie: a; b=\r\n"
    asked += b"Content-Length: 3\r\n\r\na=1"
    said = b"HTTP/1.1 2\xb20 OK\r\nSet-Cookie: a=b; expires=Wed, 21 Oct 0001 07:28:00 -0000\r\n"
    said += b"Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
    for _ in range(600):
        made = recording()
        parts = []
        for way, data in ((UP, asked), (DOWN, said)):
            damaged = bytearray(data)
            for _ in range(chance.randrange(4)):
                at = chance.randrange(len(damaged))
                damaged[at : at + chance.randrange(3)] = chance.randbytes(chance.randrange(3))
            parts.append((way, bytes(damaged)))
        talk(made, HTTP, parts)
        reading = Reading(made, decoder_for)
        reading.advance()
        check_har(json.loads(save(made.copied(), talks_of(reading), "0.1.0")))
