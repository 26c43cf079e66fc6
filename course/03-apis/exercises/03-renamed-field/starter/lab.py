"""What the check runs: a service of orders, and five programs that read its answers.

Sockets, requests and answers are real. In v2 the service calls `total_minor` by another name,
`amount_minor`; nothing else changes, and nobody has touched the programs.
"""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

SMALL, LARGE = "ord_1001", "ord_1002"
_ORDERS: dict[str, dict[str, Any]] = {
    SMALL: {"order_id": SMALL, "status": "paid", "total_minor": 23_970, "lines": ["MILK-001"]},
    LARGE: {"order_id": LARGE, "status": "paid", "total_minor": 5_000_000, "lines": ["OVEN-001"]},
}
_PRICE_MINOR, _TEN_PERCENT = 10_000, 10


class Version(Enum):
    """What the service gives: the old name, the new one, or both."""

    V1 = "v1"
    RENAMED = "renamed"
    BOTH = "both"


# ---- the service -------------------------------------------------------------------------------


class Service:
    """
    Attributes:
        log: the status of every answer.
    """

    def __init__(self, version: Version) -> None:
        self.version = version
        self.log: list[int] = []

    def order(self, order_id: str) -> dict[str, Any]:
        order = dict(_ORDERS[order_id])
        if self.version is not Version.V1:
            order["amount_minor"] = order["total_minor"]
        if self.version is Version.RENAMED:
            del order["total_minor"]
        return order

    def quote(self, asked: dict[str, Any]) -> dict[str, Any]:
        """A price, lower with a promo code. What it does not know in a request it skips."""
        name = "promo" if self.version is Version.V1 else "promo_code"
        price = _PRICE_MINOR * int(asked["quantity"])
        if asked.get(name) == "TEN":
            price -= price * _TEN_PERCENT // 100
        return {"price_minor": price}


@contextmanager
def served(service: Service) -> Iterator[int]:
    """Serves it. Yields the port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(200, service.order(self.path.rpartition("/")[2]))

        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            self._answer(200, service.quote(json.loads(self.rfile.read(length))))

        def _answer(self, status: int, told: dict[str, Any]) -> None:
            service.log.append(status)
            body = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """The service has a log of its own."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()


# ---- five programs that read an order ----------------------------------------------------------


def sheet(port: int, order_id: str) -> str:
    """The courier's sheet: what to carry."""
    order = _read(port, order_id)
    return f"{order['order_id']}: {', '.join(order['lines'])}"


def receipt(port: int, order_id: str) -> str:
    """The till: how much to write on the receipt."""
    order = _read(port, order_id)
    return f"to pay: {order['total_minor'] / 100:.2f}"


def revenue(port: int, order_id: str) -> str:
    """The report: what is added to the revenue of the day."""
    order = _read(port, order_id)
    return f"revenue: +{order.get('total_minor', 0)}"


def guard(port: int, order_id: str) -> str:
    """The guard against fraud: is the order so dear that a person has to look at it?"""
    order = _read(port, order_id)
    is_dear = (order.get("total_minor") or 0) > 1_000_000
    return "a person looks" if is_dear else "pass"


@dataclass
class PartnersOrder:
    """What the partner has generated from v1."""

    order_id: str
    status: str
    total_minor: int
    lines: list[str]


def partner(port: int, order_id: str) -> str:
    """The partner's program: only the status interests it."""
    order = PartnersOrder(**_read(port, order_id))
    return f"{order.order_id} is {order.status}"


CONSUMERS: dict[str, Callable[[int, str], str]] = {
    "sheet": sheet,
    "receipt": receipt,
    "revenue": revenue,
    "guard": guard,
    "partner": partner,
}


def _read(port: int, order_id: str) -> dict[str, Any]:
    return _asked(port, "GET", f"/orders/{order_id}")[1]


# ---- and one that sends a request --------------------------------------------------------------


def old_customer(port: int) -> tuple[int, int]:
    """An app of the time of v1 asks for a price with its promo code. The status and the price."""
    status, told = _asked(port, "POST", "/quotes", {"quantity": 2, "promo": "TEN"})
    return status, told["price_minor"]


def _asked(
    port: int, method: str, path: str, body: dict[str, Any] | None = None
) -> tuple[int, dict[str, Any]]:
    line = HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        line.request(method, path, json.dumps(body) if body else None)
        answer = line.getresponse()
        told: dict[str, Any] = json.loads(answer.read())
        return answer.status, told
    finally:
        line.close()
