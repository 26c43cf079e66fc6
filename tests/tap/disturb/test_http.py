"""Faults that answer requests of HTTP/1.1, in bytes that are fed whole and one by one."""

import json
import re
from collections.abc import Callable, Iterator

import pytest

from tests.tap.disturb.talking import DOWN, UP, Talk

GET = b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n"
OTHER = b"GET /b HTTP/1.1\r\nHost: x\r\n\r\n"
HEAD = b"HEAD /a HTTP/1.1\r\nHost: x\r\n\r\n"
CHUNKED = (
    b"POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
)
PLAIN = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
OTHER_PLAIN = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nother"


def posted(body: bytes, *, kind: str = "application/json", path: str = "/rpc") -> bytes:
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}"
    return head.encode() + b"\r\n\r\n" + body


def status_of(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def body_of(answer: bytes) -> bytes:
    head, _, body = answer.partition(b"\r\n\r\n")
    length = re.search(rb"Content-Length: (\d+)", head)
    assert length is not None
    assert len(body) == int(length[1])
    return body


@pytest.fixture(params=[1_000_000, 1], ids=["whole", "byte by byte"])
def talk(request: pytest.FixtureRequest) -> Iterator[Talk]:
    made = Talk("http", piece_bytes=request.param)
    yield made
    made.close()


def test_a_request_is_answered_in_the_place_of_the_service(talk: Talk) -> None:
    talk.set("http_status", status=429)
    talk.up(GET)
    assert talk.to_server == b""
    assert talk.to_client.startswith(b"HTTP/1.1 429 Too Many Requests\r\n")
    assert b"\r\nRetry-After: 1\r\n" in talk.to_client
    assert json.loads(body_of(talk.to_client))["status"] == 429
    assert talk.struck == 1
    assert talk.ends.notes == ["answered by the fault: GET /a"]


@pytest.mark.parametrize("request_", [GET, CHUNKED, posted(b"{}")], ids=["GET", "chunked", "POST"])
def test_the_connection_goes_on_behind_it(talk: Talk, request_: bytes) -> None:
    talk.set("http_status", first=1)
    talk.up(request_)
    first = talk.to_client
    assert status_of(first) == 503
    talk.up(request_)
    talk.down(PLAIN)
    assert talk.to_server == request_
    assert talk.to_client == first + PLAIN


def test_head_is_answered_without_a_body(talk: Talk) -> None:
    talk.set("http_status", first=1)
    talk.up(HEAD)
    head, _, body = talk.to_client.partition(b"\r\n\r\n")
    assert b"Content-Length" in head
    assert body == b""
    before = talk.to_client
    talk.up(GET)
    talk.down(PLAIN)
    assert talk.to_client == before + PLAIN


def test_every_so_manieth_is_struck(talk: Talk) -> None:
    talk.set("http_status", every=3)
    for _ in range(6):
        before = talk.to_server
        talk.up(GET)
        if talk.to_server != before:
            talk.down(PLAIN)
    assert talk.to_server == GET * 4
    assert talk.struck == 2
    assert talk.to_client.count(b"503") == talk.to_client.count(b'"status": 503') * 2 == 4


def test_answers_stay_in_the_order_of_pipelined_requests(talk: Talk) -> None:
    talk.set("http_status", every=2)
    talk.up(GET + OTHER + GET + OTHER)
    assert talk.to_server == GET + GET
    assert talk.to_client == b""
    talk.down(PLAIN + OTHER_PLAIN)
    statuses = re.findall(rb"HTTP/1.1 (\d+)", talk.to_client)
    assert statuses == [b"200", b"503", b"200", b"503"]
    assert talk.to_client.startswith(PLAIN)
    assert talk.to_client.index(OTHER_PLAIN) > talk.to_client.index(b"503")


def test_who_waits_for_100_is_not_struck_and_not_held(talk: Talk) -> None:
    talk.set("http_status")
    head = b"POST /up HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n"
    talk.up(head)
    assert talk.to_server == head
    talk.down(b"HTTP/1.1 100 Continue\r\n\r\n")
    talk.up(b"abc")
    assert talk.to_server == head + b"abc"
    talk.down(PLAIN)
    assert talk.struck == 0
    talk.up(GET)
    assert status_of(talk.to_client.split(PLAIN)[1]) == 503


def test_an_upload_of_more_than_a_megabyte_passes_and_the_next_request_is_struck() -> None:
    talk = Talk("http", piece_bytes=50_000)
    talk.set("http_status")
    upload = posted(b"x" * 1_500_000, kind="application/octet-stream")
    talk.up(upload)
    assert talk.to_server == upload
    talk.down(PLAIN)
    talk.up(GET)
    assert talk.to_client.startswith(PLAIN)
    assert status_of(talk.to_client[len(PLAIN) :]) == 503
    talk.close()


@pytest.mark.parametrize("at", [1, 20, len(GET) - 1])
def test_a_request_that_had_begun_is_not_struck(at: int) -> None:
    talk = Talk("http")
    talk.up(GET[:at])
    talk.set("http_status")
    talk.up(GET[at:])
    assert talk.to_server == GET
    talk.down(PLAIN)
    talk.up(OTHER)
    assert talk.to_server == GET
    assert talk.to_client.startswith(PLAIN)
    assert status_of(talk.to_client[len(PLAIN) :]) == 503
    talk.close()


@pytest.mark.parametrize("at", [0, 5, len(PLAIN) - 1])
def test_an_answer_that_is_due_when_the_fault_is_set_comes_first(at: int) -> None:
    talk = Talk("http")
    talk.up(GET)
    talk.down(PLAIN[:at])
    talk.set("http_status")
    talk.up(OTHER)
    assert talk.to_client == PLAIN[:at]
    talk.down(PLAIN[at:])
    assert talk.to_client.startswith(PLAIN)
    assert status_of(talk.to_client[len(PLAIN) :]) == 503
    talk.close()


def test_when_it_is_lifted_in_the_middle_of_a_request_nothing_is_lost(talk: Talk) -> None:
    talk.set("http_status")
    talk.up(GET[:10])
    assert talk.to_server == b""
    talk.clear()
    assert talk.to_server == GET[:10]
    talk.up(GET[10:])
    talk.down(PLAIN)
    assert talk.to_server == GET
    assert talk.to_client == PLAIN
    assert talk.line.is_idle


def test_an_answer_that_it_owes_comes_even_after_it_was_lifted(talk: Talk) -> None:
    talk.set("http_status", every=2)
    talk.up(GET + OTHER)
    talk.clear()
    talk.up(GET)
    talk.down(PLAIN + OTHER_PLAIN)
    assert re.findall(rb"HTTP/1.1 (\d+)", talk.to_client) == [b"200", b"503", b"200"]
    assert talk.line.is_idle


def test_two_faults_on_one_connection_keep_the_order(talk: Talk) -> None:
    talk.set("http_status", "f1", status=500, every=2)
    talk.set("http_status", "f2", status=429, every=3)
    talk.up(GET * 6)
    # The one that was set later is nearer to the client: it takes the third and the sixth.
    assert talk.to_server == GET * 2
    talk.down(PLAIN * 2)
    statuses = re.findall(rb"HTTP/1.1 (\d+)", talk.to_client)
    assert statuses == [b"200", b"500", b"429", b"200", b"500", b"429"]


@pytest.mark.parametrize(
    "data",
    [b"\x16\x03\x01 a handshake of TLS", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(9)],
    ids=["TLS", "HTTP/2"],
)
def test_what_is_no_http_1_passes(talk: Talk, data: bytes) -> None:
    talk.set("http_status")
    talk.up(data)
    talk.down(data)
    assert talk.to_server == data
    assert talk.to_client == data
    assert talk.struck == 0


def call(number: object, method: str = "points") -> dict[str, object]:
    return {"jsonrpc": "2.0", "method": method, "id": number}


@pytest.mark.parametrize("number", [7, "seven", None])
def test_a_call_of_json_rpc_gets_an_error_with_its_id(talk: Talk, number: object) -> None:
    talk.set("jsonrpc_error", code=-32000)
    talk.up(posted(json.dumps(call(number)).encode()))
    assert status_of(talk.to_client) == 200
    answer = json.loads(body_of(talk.to_client))
    assert answer["id"] == number
    assert (answer["error"]["code"], answer["error"]["message"]) == (-32000, "Server error")


def test_a_batch_gets_an_array_without_its_notifications(talk: Talk) -> None:
    talk.set("jsonrpc_error")
    notification = {"jsonrpc": "2.0", "method": "seen"}
    talk.up(posted(json.dumps([call(1), notification, call("b")]).encode()))
    answers = json.loads(body_of(talk.to_client))
    assert [one["id"] for one in answers] == [1, "b"]


NOT_CALLS = {
    "notification": posted(b'{"jsonrpc":"2.0","method":"seen"}'),
    "plain JSON": posted(b'{"id": 1, "method": "points"}'),
    "no JSON": posted(b'{"jsonrpc":'),
    "no JSON of MCP": posted(b"{").replace(b"Host: x", b"Host: x\r\nMCP-Session-Id: 1"),
    "GET": GET,
}


@pytest.mark.parametrize("request_", NOT_CALLS.values(), ids=NOT_CALLS)
@pytest.mark.parametrize("kind", ["jsonrpc_error", "soap_fault", "graphql_error"])
def test_what_is_of_another_api_passes(talk: Talk, kind: str, request_: bytes) -> None:
    talk.set(kind)
    talk.up(request_)
    talk.down(PLAIN)
    assert talk.to_server == request_
    assert talk.to_client == PLAIN
    assert talk.struck == 0


def envelope(space: str) -> bytes:
    return (
        f'<e:Envelope xmlns:e="{space}"><e:Body><Pay xmlns="urn:x"/></e:Body></e:Envelope>'.encode()
    )


@pytest.mark.parametrize(
    ("space", "kind", "code"),
    [
        ("http://schemas.xmlsoap.org/soap/envelope/", "text/xml", b"soap:Server"),
        ("http://www.w3.org/2003/05/soap-envelope", "application/soap+xml", b"soap:Receiver"),
    ],
    ids=["SOAP 1.1", "SOAP 1.2"],
)
def test_a_fault_of_soap_is_of_the_version_of_the_call(
    talk: Talk, space: str, kind: str, code: bytes
) -> None:
    talk.set("soap_fault")
    talk.up(posted(envelope(space), kind=kind))
    assert status_of(talk.to_client) == 500
    assert f"Content-Type: {kind};".encode() in talk.to_client
    assert code in body_of(talk.to_client)
    assert space.encode() in body_of(talk.to_client)


def test_an_operation_of_graphql_gets_errors(talk: Talk) -> None:
    talk.set("graphql_error")
    talk.up(posted(b'{"query": "{ products { id } }"}', path="/graphql"))
    assert status_of(talk.to_client) == 200
    answer = json.loads(body_of(talk.to_client))
    assert answer["data"] is None
    assert answer["errors"][0]["extensions"] == {"code": "INTERNAL_SERVER_ERROR"}


UPGRADE = (
    b"GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
SWITCHED = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
)
TO_SERVER = b"\x81\x82\0\0\0\0hi"
TO_CLIENT = b"\x81\x02yo"
CLOSE = b"\x88\x82\0\0\0\0\x03\xf3"


@pytest.mark.parametrize("say", [lambda t: t.up(TO_SERVER), lambda t: t.down(TO_CLIENT)])
def test_a_websocket_is_closed_in_order(talk: Talk, say: Callable[[Talk], None]) -> None:
    talk.set("websocket_close", code=1013, every=3)
    talk.up(UPGRADE)
    talk.down(SWITCHED)
    talk.up(TO_SERVER)
    talk.down(TO_CLIENT)
    assert talk.struck == 0
    say(talk)
    assert talk.to_server == UPGRADE + TO_SERVER + b"\x88\x82\0\0\0\0\x03\xe9"
    assert talk.to_client == SWITCHED + TO_CLIENT + b"\x88\x16\x03\xf5a fault of the stand"
    # What either side still says is nobody's matter any more.
    talk.down(TO_CLIENT + b"\x88\x02\x03\xe9")
    before = len(talk.ends.log)
    talk.up(CLOSE)
    assert [(one[1], one[2]) for one in talk.ends.log[before:]] == [("fin", DOWN), ("fin", UP)]
    talk.clear()
    talk.down(TO_CLIENT)
    assert talk.to_client.endswith(b"stand")
