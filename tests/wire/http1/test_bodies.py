"""Bodies that are not waited for: long ones, streams; and values of headers with pieces."""

import base64
import json

import pytest

from stend.kit.fields import every
from stend.wire.content.headers import header_meaning
from stend.wire.decoding import Direction, Role
from stend.wire.http1.decoder import Http1Decoder
from stend.wire.http1.framing import ChunkScan
from stend.wire.http1.parts import PART_BYTES
from tests.wire.checking import Heard, demand_accounting, demand_tiling, find, hear

OUT, BACK = Direction.TO_SERVER, Direction.TO_CLIENT
GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"


def chunk(data: bytes) -> bytes:
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


def checked(talk: list[tuple[Direction, bytes]]) -> Heard:
    """As `check`, with pieces that suit megabytes."""
    heard = hear(Http1Decoder(), talk)
    parts = hear(Http1Decoder(), talk, 70_000)
    demand_tiling(heard)
    for direction in Direction:
        assert [(one.name, one.start, one.end, one.is_last) for one in heard.of(direction)] == [
            (one.name, one.start, one.end, one.is_last) for one in parts.of(direction)
        ]
    for unit in heard.units:
        demand_accounting(heard.tree(unit), unit.end - unit.start)
    return heard


def test_a_long_body_goes_out_in_parts() -> None:
    size = 2 * PART_BYTES + 5
    head = f"POST / HTTP/1.1\r\nContent-Length: {size}\r\n\r\n".encode()
    heard = checked([(OUT, head + b"x" * size + GET)])
    assert [one.name for one in heard.units] == ["POST /", *["body part"] * 3, "GET /"]
    assert [one.is_last for one in heard.units] == [False, False, False, True, True]
    assert [one.exchange for one in heard.units] == ["1", "1", "1", "1", "2"]


def test_a_long_chunk_goes_out_in_parts() -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    body = chunk(b"x" * 10) + chunk(b"y" * (2 * PART_BYTES + 5)) + b"0\r\n\r\n"
    heard = checked([(OUT, GET + GET), (BACK, head + body + b"HTTP/1.1 204 X\r\n\r\n")])
    assert [one.name for one in heard.of(BACK)] == [
        "200 OK",
        "chunk",
        "chunk",
        "body part",
        "body part",
        "last-chunk",
        "204 X",
    ]


def test_a_long_body_until_the_end_goes_out_in_parts() -> None:
    talk = [(OUT, GET), (BACK, b"HTTP/1.0 200 OK\r\n\r\n" + b"x" * (PART_BYTES + 9))]
    heard = checked(talk)
    assert [one.name for one in heard.of(BACK)] == ["200 OK", "body part", "body part"]
    assert [one.is_last for one in heard.of(BACK)] == [False, False, True]


def test_events_are_told_as_they_come() -> None:
    decoder = Http1Decoder()
    decoder.feed(OUT, GET)
    head = STREAM + b"Transfer-Encoding: chunked\r\n\r\n"
    assert [one.name for one in decoder.feed(BACK, head)] == ["200 OK"]
    (event,) = decoder.feed(BACK, chunk(b"event: moved\nid: 7\ndata: {}\n\n"))
    assert (event.name, event.role, event.facts["id"]) == ("event moved", Role.MESSAGE, "7")
    assert event.facts["api"] == "sse"
    (end,) = decoder.feed(BACK, b"0\r\n\r\n")
    assert (end.role, end.is_last) == (Role.RESPONSE, True)


def test_an_event_torn_between_chunks_is_told_in_pieces() -> None:
    head = STREAM + b"Transfer-Encoding: chunked\r\n\r\n"
    body = chunk(b"data: one\r") + chunk(b"\n\r\nda") + chunk(b"ta: two\n\n") + b"0\r\n\r\n"
    heard = hear(Http1Decoder(), [(OUT, GET), (BACK, head + body)])
    trees = [heard.tree(one) for one in heard.of(BACK)]
    assert find(trees[1], "data").value == "one"
    assert find(trees[2], "continuation").value == "\n"
    assert find(trees[3], "continuation").value == "ta: two\n"


def test_events_until_the_end_of_the_connection() -> None:
    body = b"data: 1\n\ndata: 2\r\n\r\ndata: 3"
    heard = hear(Http1Decoder(), [(OUT, GET), (BACK, STREAM + b"\r\n" + body)])
    units = heard.of(BACK)
    assert [one.end - one.start for one in units[1:]] == [9, 11, 7]
    assert units[-1].is_last


def test_a_wrong_chunk_loses_no_chunk_before_it() -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    heard = hear(Http1Decoder(), [(OUT, GET), (BACK, head + chunk(b"good") + b"wrong\r\n")])
    assert [one.name for one in heard.of(BACK)] == ["200 OK", "chunk", "not decoded"]


@pytest.mark.parametrize(
    "headers",
    [b"Content-Length: 1, 2", b"Content-Length: -1", b"Content-Length: x", b"Transfer-Encoding: x"],
)
def test_a_body_of_unknown_length_ends_the_decoding(headers: bytes) -> None:
    heard = hear(Http1Decoder(), [(OUT, b"POST / HTTP/1.1\r\n" + headers + b"\r\n\r\nabc")])
    assert [one.name for one in heard.units] == ["POST /", "not decoded"]
    (reason,) = heard.tree(heard.units[1])
    assert reason.why_not is not None


def test_chunks_before_a_break_are_known() -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    heard = hear(Http1Decoder(), [(OUT, GET), (BACK, head + chunk(b"good") + b"bad\r\nthe be")])
    assert [one.name for one in heard.of(BACK)] == ["200 OK", "chunk", "not decoded"]
    demand_tiling(heard)


def test_lines_that_are_no_headers_are_shown_with_a_reason() -> None:
    lines = b"GET / HTTP/1.1\r\nHost : a\r\nX-Long: a\r\n b\r\nAccept:\t*/* \r\nfoo\r\n\r\n"
    heard = hear(Http1Decoder(), [(OUT, lines)])
    tree = heard.tree(heard.units[0])
    demand_accounting(tree, len(lines))
    assert find(tree, "x-long").value == "a b"
    assert find(tree, "accept").value == "*/*"
    assert len([one for one in every(tree) if one.why_not is not None]) == 2


def test_a_credential_is_opened() -> None:
    parts = [json.dumps(one).encode() for one in ({"alg": "RS256", "kid": "k"}, {"sub": "u-1"})]
    token = b".".join(base64.urlsafe_b64encode(one).rstrip(b"=") for one in [*parts, b"sig"])
    basic = base64.b64encode("я:pass".encode())
    lines = b"Authorization: Bearer " + token + b"\r\nProxy-Authorization: Basic " + basic
    heard = hear(Http1Decoder(), [(OUT, b"GET / HTTP/1.1\r\n" + lines + b"\r\n\r\n")])
    tree = heard.tree(heard.units[0])
    assert find(tree, "authorization", "claims", "sub").value == "u-1"
    assert find(tree, "proxy-authorization", "user-id:password").value == "я:pass"


def test_many_headers_have_their_own_sentence() -> None:
    unknown = header_meaning("x-nobody-knows")
    met = (
        "Accept Accept-Encoding Accept-Language Accept-Ranges Access-Control-Allow-Origin Age "
        "Allow Authorization baggage Cache-Control Connection Content-Disposition Content-Encoding "
        "Content-Length Content-Range Content-Type Cookie Date Deprecation ETag Expect Expires "
        "Forwarded Host Idempotency-Key Idempotency-Replayed If-Match If-Modified-Since "
        "If-None-Match Keep-Alive Last-Event-ID Last-Modified Link Location MCP-Protocol-Version "
        "MCP-Session-Id Origin Prefer Range RateLimit Referer Retry-After Sec-WebSocket-Accept "
        "Sec-WebSocket-Extensions Sec-WebSocket-Key Sec-WebSocket-Protocol Sec-WebSocket-Version "
        "Server Set-Cookie SOAPAction Strict-Transport-Security Sunset TE traceparent tracestate "
        "Trailer Transfer-Encoding Upgrade User-Agent Vary Via webhook-id webhook-signature "
        "webhook-timestamp WWW-Authenticate X-Accel-Buffering X-API-Key X-Forwarded-For "
        "X-Request-ID"
    )
    assert [name for name in met.split() if header_meaning(name) == unknown] == []


def test_each_byte_of_a_chunked_body_is_looked_at_once() -> None:
    body = bytearray(chunk(b"x" * 100) * 1000 + b"0\r\n\r\n")
    scan, starts = ChunkScan(), []
    for size in range(1, len(body) + 1, 500):
        starts.append(scan.at)
        assert scan.end(body[:size], 0) is None
        # What was found before is not looked for again.
        assert size - scan.at <= 107
    assert starts == sorted(starts)
    assert scan.end(body, 0) == len(body)
