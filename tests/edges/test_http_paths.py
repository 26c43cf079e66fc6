"""Bad paths, queries, methods, pages and no HTTP at all: refused, and the stand goes on."""

from collections.abc import Iterator

import httpx
import pytest

from stend.shop.orders.api.rest import translate
from tests.conftest import LiveStand
from tests.edges.raw import Answer, http, sent
from tests.shop.orders.examples import UNKNOWN_ORDER, a_request

ORDERS = "/api/v1/orders"


@pytest.fixture(autouse=True)
def _still_answers(live_stand: LiveStand) -> Iterator[None]:
    yield
    answer = httpx.get(f"{live_stand.url}{ORDERS}?limit=1", timeout=10)
    assert answer.status_code == 200


def placed_from(stand: LiveStand, origin: str) -> Answer:
    """An order that a page of this origin sends."""
    message = translate.request_of(a_request())
    body = message.body or b""
    headers = [*message.headers, ("Content-Length", str(len(body))), ("Origin", origin)]
    return http(stand.port_base, message.method, message.path, headers, [body])


# ---- paths, queries, methods -------------------------------------------------------------------


@pytest.mark.parametrize(
    "order_id",
    [
        "1",
        "ord_1",
        UNKNOWN_ORDER.upper(),
        UNKNOWN_ORDER + "0",
        "%00",
        "ord_%D0%B0",
        "..%2f..%2fetc",
    ],
)
def test_a_bad_order_id_is_refused(live_stand: LiveStand, order_id: str) -> None:
    for method, path in (
        ("GET", f"{ORDERS}/{order_id}"),
        ("GET", f"{ORDERS}/{order_id}/events"),
        ("POST", f"{ORDERS}/{order_id}/cancellation"),
    ):
        answer = http(live_stand.port_base, method, path, [("Content-Length", "0")])
        # A slash, however it is written, leads to another path.
        expected = (404, "no-such-operation") if "2f" in order_id else (422, "invalid-argument")
        assert (answer.status, answer.problem["code"]) == expected


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=101",
        "limit=-1",
        "limit=ten",
        "limit=1.5",
        "limit=",
        "limit=99999999999999999999",
        "limit=5&limit=6",
        "status=PLACED",
        "status=lost",
        "status=",
        "customer_id=42",
        "customer_id=cus_%00",
        "customer_id=",
        "cursor=1",
        "cursor=",
        "cursor=" + "A" * 23,
        "cursor=" + "A" * 21 + "B",
        "cursor=%F0%9F%92%A9",
        "page=2",
        "limit",
        "=",
        "%ff=%fe",
    ],
)
def test_a_bad_query_is_422(live_stand: LiveStand, query: str) -> None:
    answer = http(live_stand.port_base, "GET", f"{ORDERS}?{query}")
    assert (answer.status, answer.problem["code"]) == (422, "invalid-argument"), answer.body


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", ORDERS, {"GET", "POST"}),
        ("PUT", ORDERS, {"GET", "POST"}),
        ("TRACE", ORDERS, {"GET", "POST"}),
        ("PROPFIND", ORDERS, {"GET", "POST"}),
        ("DELETE", f"{ORDERS}/{UNKNOWN_ORDER}", {"GET"}),
        ("GET", f"{ORDERS}/{UNKNOWN_ORDER}/cancellation", {"POST"}),
        ("POST", f"{ORDERS}/{UNKNOWN_ORDER}/events", {"GET"}),
    ],
)
def test_an_unsupported_method_is_405_with_the_allowed_ones(
    live_stand: LiveStand, method: str, path: str, allowed: set[str]
) -> None:
    answer = http(live_stand.port_base, method, path, [("Content-Length", "0")])
    assert (answer.status, answer.problem["code"]) == (405, "method-not-allowed")
    assert set(answer.headers["allow"].split(", ")) == allowed


@pytest.mark.parametrize("path", [f"{ORDERS}/x/y/z", "/docs/secret", f"{ORDERS}/"])
def test_an_unknown_path_of_the_service_is_404(live_stand: LiveStand, path: str) -> None:
    answer = http(live_stand.port_base, "GET", path)
    assert answer.status == 404
    assert answer.problem["code"] == "no-such-operation"


# ---- other people's pages ----------------------------------------------------------------------


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "", "127.0.0.1.evil.example"])
def test_a_foreign_host_is_403(live_stand: LiveStand, host: str) -> None:
    answer = http(live_stand.port_base, "GET", ORDERS, host=host or " ")
    assert (answer.status, answer.problem["code"]) == (403, "forbidden")


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://127.0.0.1.evil.example"]
)
def test_a_post_from_a_foreign_page_is_403(live_stand: LiveStand, origin: str) -> None:
    answer = placed_from(live_stand, origin)
    assert (answer.status, answer.problem["code"]) == (403, "forbidden")


def test_a_post_from_the_own_page_is_accepted(live_stand: LiveStand) -> None:
    assert placed_from(live_stand, live_stand.url).status == 201


# ---- no HTTP at all ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "garbage",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 200,
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"\x00" * 1000,
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /\r\n\r\n",
        b"hello\r\n\r\n",
        b"POST /api/v1/orders HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n",
        b"POST /api/v1/orders HTTP/1.1\r\nHost: localhost\r\nContent-Length: -5\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"BREW /api/v1/orders HTTP/1.1\r\nHost: localhost\r\n\r\n",
    ],
    ids=[
        "tls",
        "http2",
        "nul",
        "version",
        "http-0.9",
        "text",
        "length",
        "negative",
        "chunk",
        "teapot",
    ],
)
def test_garbage_is_answered_with_400_or_closed(live_stand: LiveStand, garbage: bytes) -> None:
    answer = sent(live_stand.port_base, [garbage])
    assert answer == b"" or answer.split(b"\r\n")[0].split()[1].startswith(b"4"), answer
    assert b"Traceback" not in answer
