"""The gateway in front of the shop, over HTTP."""

import hashlib
import http.client
import json
import socket

import httpx
import pytest

from stend.shop.orders.api.rest import translate
from stend.shop.orders.usecases import CancelOrder, PlaceOrder
from tests.engines.suite.checks import check
from tests.engines.suite.nginx.conftest import Gateway
from tests.engines.suite.nginx.upstream import LARGE_BYTES
from tests.shop.orders.examples import UNKNOWN_ORDER, a_request

ORDERS = "/api/v1/orders"


def call(base_url: str, operation: PlaceOrder | CancelOrder) -> httpx.Response:
    message = translate.request_of(operation)
    with httpx.Client(base_url=base_url, trust_env=False) as client:
        return client.request(
            message.method, message.path, headers=list(message.headers), content=message.body
        )


def get(url: str) -> httpx.Response:
    return httpx.get(url, trust_env=False, timeout=20)


@check(
    ru="Ответ через шлюз тот же, что и прямой: статус, тип и тело",
    en="An answer through the gateway is the direct one: status, type and body",
)
def test_answers_are_the_same(gateway: Gateway, stand_url: str) -> None:
    placed = call(stand_url, a_request()).json()
    for path in (f"{ORDERS}/{placed['order_id']}", "/docs", f"{ORDERS}/{UNKNOWN_ORDER}"):
        direct, through = get(stand_url + path), get(gateway.http_url + path)
        assert (through.status_code, through.content) == (direct.status_code, direct.content)
        assert through.headers["content-type"] == direct.headers["content-type"]


@check(
    ru="Заказ, размещённый через шлюз, виден напрямую; повтор с тем же ключом узнан",
    en="An order placed through the gateway is seen directly; a repeated key is recognised",
)
def test_an_order_is_placed(gateway: Gateway, stand_url: str) -> None:
    request = a_request()
    first, second = call(gateway.http_url, request), call(gateway.http_url, request)
    assert first.status_code == 201
    assert (second.headers["idempotency-replayed"], second.json()) == ("true", first.json())
    assert get(f"{stand_url}{ORDERS}/{first.json()['order_id']}").json() == first.json()


@check(
    ru="Поток SSE идёт через шлюз событие за событием, без накопления",
    en="An SSE stream passes the gateway event by event, without buffering",
)
def test_events_are_not_held_back(gateway: Gateway, stand_url: str) -> None:
    order_id = call(stand_url, a_request()).json()["order_id"]
    url = f"{gateway.http_url}{ORDERS}/{order_id}/events"
    with httpx.Client(trust_env=False, timeout=20) as client, client.stream("GET", url) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        lines = stream.iter_lines()
        first = next(line for line in lines if line.startswith("event:"))
        # Made only now, with the stream open: a gateway that collects would never show it.
        assert call(stand_url, CancelOrder(order_id)).status_code == 200
        second = next(line for line in lines if line.startswith("event:"))
    assert first != second


@check(
    ru="Соединение остаётся открытым для следующих запросов",
    en="A connection stays open for the next requests",
)
def test_connections_are_kept(gateway: Gateway) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", gateway.http_port, timeout=10)
    try:
        local = set()
        for _ in range(3):
            connection.request("GET", f"{ORDERS}?limit=1")
            assert connection.getresponse().read()
            local.add(connection.sock.getsockname())
        assert len(local) == 1
    finally:
        connection.close()


@check(
    ru="Чужое имя в Host отвергается и через шлюз",
    en="A foreign name in Host is refused through the gateway, too",
)
def test_foreign_host_is_refused(gateway: Gateway) -> None:
    request = b"GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"
    assert refused_with(gateway.http_port, request) in range(400, 500)


@check(
    ru="Испорченные запросы отвергаются, соединение закрывается, шлюз работает дальше",
    en="Broken requests are refused, the connection is closed, the gateway goes on",
)
@pytest.mark.parametrize(
    "request_bytes",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(40),
        b"GET /\x00 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/9.9\r\nHost: localhost\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 9_000 + b"\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
    ],
    ids=["TLS", "NUL", "no host", "version", "long header", "two lengths", "negative length"],
)
def test_broken_requests_are_refused(gateway: Gateway, request_bytes: bytes) -> None:
    assert refused_with(gateway.http_port, request_bytes) in (*range(400, 500), 505)
    assert get(f"{gateway.http_url}{ORDERS}?limit=1").status_code == 200


def refused_with(port: int, request: bytes) -> int:
    """The status of the answer. Whoever waits for the end waits for a lingering close, 5 s."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        client.sendall(request)
        with client.makefile("rb") as answer:
            return int(answer.readline().split()[1])


@check(
    ru="Тело больше предела отвергается с 413",
    en="A body beyond the limit is refused with 413",
)
def test_large_body_is_refused(gateway: Gateway) -> None:
    head = f"POST {ORDERS} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {10**9}\r\n\r\n"
    assert refused_with(gateway.http_port, head.encode()) == 413


@check(
    ru="Шлюз сообщает серверу за ним, кто, откуда и по какой схеме пришёл",
    en="The gateway tells the server behind it who came, from where and by which scheme",
)
def test_forwarded_headers(echo_gateway: Gateway) -> None:
    told = get(f"{echo_gateway.http_url}/a%20b?c=d%26e").json()
    headers = told["headers"]
    assert told["path"] == "/a%20b?c=d%26e"
    assert headers["x-forwarded-for"].endswith("127.0.0.1")
    assert headers["x-forwarded-proto"] == "http"
    assert headers["host"].startswith("127.0.0.1")
    secure = httpx.get(f"{echo_gateway.https_url}/", verify=echo_gateway.trust, trust_env=False)
    assert secure.json()["headers"]["x-forwarded-proto"] == "https"


@check(
    ru="Тело запроса кусками и большой ответ проходят целиком",
    en="A chunked request body and a large answer pass as a whole",
)
def test_bodies_pass_as_a_whole(echo_gateway: Gateway) -> None:
    chunks = [bytes([number]) * 10_000 for number in range(50)]
    with httpx.Client(trust_env=False, timeout=20) as client:
        told = client.post(f"{echo_gateway.http_url}/", content=iter(chunks)).json()
    assert told["body_bytes"] == 500_000
    assert told["sha256"] == hashlib.sha256(b"".join(chunks)).hexdigest()
    assert len(get(f"{echo_gateway.http_url}/large").content) == LARGE_BYTES


@check(
    ru="Сервер за шлюзом не отвечает: 502, и сразу",
    en="The server behind the gateway is dead: 502, and at once",
)
def test_dead_upstream(dead_gateway: Gateway) -> None:
    assert get(f"{dead_gateway.http_url}/").status_code == 502


@check(
    ru="Клиент, который ушёл посреди запроса, не мешает остальным",
    en="A client that leaves in the middle of a request is no trouble for the others",
)
def test_client_that_leaves(gateway: Gateway) -> None:
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", gateway.http_port)) as client:
            client.sendall(b"POST " + ORDERS.encode() + b" HTTP/1.1\r\nHost: localhost\r\nContent-")
    listed = get(f"{gateway.http_url}{ORDERS}?limit=1")
    assert json.loads(listed.content)
