"""Messages of HTTP/1.1: where they end, what they are called, what stands where in them."""

import gzip

import pytest

from stend.wire.decoding import Direction, Role, Unit
from stend.wire.http1.decoder import Http1Decoder
from tests.wire.checking import check, demand_survival, find, hear

OUT, BACK = Direction.TO_SERVER, Direction.TO_CLIENT
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
GET = b"GET /api/v1/orders/7?expand=lines&page=2 HTTP/1.1\r\nHost: shop:8000\r\n\r\n"
POST = (
    b"POST /api/v1/orders HTTP/1.1\r\nHost: shop\r\n"
    b"Content-Type: application/json; charset=utf-8\r\n"
    b"Idempotency-Key: k-1\r\ntraceparent: "
    + TRACE.encode()
    + b"\r\nContent-Length: 23\r\n\r\n"
    + b'{"customer_id": "c-17"}'
)
OK = b'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{"id": 7}'
CHUNKED = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    b'4;note=x\r\n{"id\r\n5\r\n": 7}\r\n0\r\nContent-Digest: none\r\n\r\n'
)
PROBLEM = (
    b"HTTP/1.1 409 Conflict\r\nContent-Type: application/problem+json\r\nContent-Length: 53\r\n\r\n"
    b'{"type":"x","title":"t","status":409,"detail":"soon"}'
)


def _gzipped() -> bytes:
    body = gzip.compress(b'{"id": 7}', mtime=0)
    head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def test_a_request_and_its_answer_are_an_exchange() -> None:
    heard = check(Http1Decoder, [(OUT, POST), (BACK, OK)])
    asked, answered = heard.units
    assert (asked.name, asked.role, asked.is_last) == ("POST /api/v1/orders", Role.REQUEST, True)
    assert (answered.name, answered.role, answered.is_last) == ("200 OK", Role.RESPONSE, True)
    assert asked.exchange == answered.exchange == "1"
    assert asked.context == TRACE
    assert asked.facts["idempotency_key"] == "k-1"
    assert asked.facts["api"] == answered.facts["api"] == "rest"
    assert asked.summary == "application/json, 23 B"
    tree = heard.tree(asked)
    assert find(tree, "message body", "customer_id").value == "c-17"
    assert find(tree, "traceparent", "trace-id").value == "0af7651916cd43dd8448eb211c80319c"
    assert find(tree, "content-type", "parameter-value").value == "utf-8"


def test_a_query_is_taken_apart() -> None:
    heard = check(Http1Decoder, [(OUT, GET)])
    assert find(heard.tree(heard.units[0]), "request-target", "query", "page").value == "2"


def test_pipelined_requests_are_answered_in_their_order() -> None:
    head = b"HEAD /a HTTP/1.1\r\n\r\n"
    no_body = b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n"
    heard = check(Http1Decoder, [(OUT, GET + head + POST), (BACK, CHUNKED + no_body + OK)])
    assert [one.exchange for one in heard.of(OUT)] == ["1", "2", "3"]
    assert [one.exchange for one in heard.of(BACK)] == ["1", "2", "3"]
    assert heard.of(BACK)[1].end - heard.of(BACK)[1].start == len(no_body)


def test_chunks_are_put_together() -> None:
    heard = check(Http1Decoder, [(OUT, GET), (BACK, CHUNKED)])
    tree = heard.tree(heard.units[1])
    body = find(tree, "message body")
    assert body.inner is not None
    assert body.inner.data == b'{"id": 7}'
    assert find(body.inner.fields, "id").value == 7
    assert find(tree, "chunk-ext").value == ";note=x"
    assert find(tree, "trailer section", "content-digest").value == "none"


@pytest.mark.parametrize(
    ("status", "method", "has_body"),
    [(204, "GET", False), (304, "GET", False), (200, "HEAD", False), (200, "GET", True)],
)
def test_not_every_response_has_a_body(status: int, method: str, has_body: bool) -> None:
    asked = f"{method} / HTTP/1.1\r\n\r\n".encode() * 2
    head = f"HTTP/1.1 {status} X\r\nContent-Length: 2\r\n\r\n".encode()
    answers = (head + b"ab" if has_body else head) * 2
    heard = check(Http1Decoder, [(OUT, asked), (BACK, answers)])
    assert [one.name for one in heard.of(BACK)] == [f"{status} X"] * 2


def test_an_interim_answer_comes_before_the_final_one() -> None:
    head, body = POST[: -len(b'{"customer_id": "c-17"}')], POST[-23:]
    heard = check(
        Http1Decoder,
        [(OUT, head), (BACK, b"HTTP/1.1 100 Continue\r\n\r\n"), (OUT, body), (BACK, OK)],
    )
    interim, final = heard.of(BACK)
    assert (interim.exchange, interim.is_last) == ("1", False)
    assert (final.exchange, final.is_last) == ("1", True)


def test_a_body_that_ends_with_the_connection() -> None:
    heard = check(Http1Decoder, [(OUT, GET), (BACK, b"HTTP/1.0 200 OK\r\n\r\nhello")])
    assert [one.name for one in heard.of(BACK)] == ["200 OK"]
    assert find(heard.tree(heard.of(BACK)[0]), "message body", "content").end == 24


def test_a_compressed_body_is_inflated() -> None:
    heard = check(Http1Decoder, [(OUT, GET), (BACK, _gzipped())])
    content = find(heard.tree(heard.units[1]), "encoded content")
    assert content.inner is not None
    assert find(content.inner.fields, "id").value == 7


def test_an_error_is_told() -> None:
    heard = check(Http1Decoder, [(OUT, GET), (BACK, PROBLEM)])
    assert heard.units[1].error == "409"


def test_what_is_no_http_is_given_up_with_a_reason() -> None:
    heard = hear(Http1Decoder(), [(OUT, b"\x16\x03\x01\x00\xa5hello"), (BACK, b"220 smtp\r\n")])
    assert {one.role for one in heard.units} == {Role.BROKEN}


def test_a_connection_that_ends_in_a_body_still_has_its_head() -> None:
    heard = check(Http1Decoder, [(OUT, GET), (BACK, OK[:-4])])
    assert [one.name for one in heard.of(BACK)] == ["200 OK", "not decoded"]


def test_damaged_messages_give_trees_all_the_same() -> None:
    talk = [(OUT, GET + POST), (BACK, CHUNKED + PROBLEM + _gzipped())]
    demand_survival(Http1Decoder, talk, rounds=300)


@pytest.mark.parametrize("piece", [None, 1])
def test_what_comes_behind_a_message_is_another(piece: int | None) -> None:
    heard = hear(Http1Decoder(), [(OUT, GET + POST[:30])], piece, ends=False)
    units: list[Unit] = heard.units
    assert [one.end for one in units] == [len(GET)]
