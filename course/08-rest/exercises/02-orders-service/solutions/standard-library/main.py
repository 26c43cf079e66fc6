"""Orders over REST with nothing but the standard library: a thread for each connection."""

import json
import os
import re
import threading
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

ONE = re.compile(r"^/orders/([^/]+)$")


class Refusal(Exception):
    def __init__(self, status: int, title: str, **headers: str) -> None:
        super().__init__(title)
        self.status = status
        self.headers = headers


class Orders:
    """The store. Everything that reads and then writes does so under one lock."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.placed: list[dict[str, Any]] = []
        self.versions: dict[str, int] = {}
        self.by_key: dict[str, tuple[Any, str]] = {}

    def place(self, key: str, new: dict[str, Any]) -> dict[str, Any]:
        with self.lock:
            known = self.by_key.get(key)
            if known:
                body, order_id = known
                if body != new:
                    raise Refusal(422, "This key belongs to another body.")
                return self.get(order_id)
            order = {"order_id": uuid.uuid4().hex, "comment": None, **new}
            self.placed.append(order)
            self.versions[order["order_id"]] = 1
            self.by_key[key] = (new, order["order_id"])
            return order

    def get(self, order_id: str) -> dict[str, Any]:
        for order in self.placed:
            if order["order_id"] == order_id:
                return order
        raise Refusal(404, f"There is no order {order_id}.")

    def change(self, order_id: str, etag: str | None, comment: str | None) -> dict[str, Any]:
        with self.lock:
            order = self.get(order_id)
            if etag is None:
                raise Refusal(428, "If-Match is missing.")
            if etag != self.etag(order):
                raise Refusal(412, "The order has changed since you read it.")
            order["comment"] = comment
            self.versions[order_id] += 1
            return dict(order)

    def etag(self, order: dict[str, Any]) -> str:
        return f'"v{self.versions[order["order_id"]]}"'

    def page(self, customer_id: str, limit: int, cursor: str | None) -> dict[str, Any]:
        start = 0
        if cursor is not None:
            places = [n for n, one in enumerate(self.placed) if one["order_id"] == cursor]
            if not places:
                raise Refusal(400, "This is no cursor of this list.")
            start = places[0] + 1
        rest = [one for one in self.placed[start:] if one["customer_id"] == customer_id]
        page = rest[:limit]
        more = len(rest) > limit
        return {"orders": page, "next_cursor": page[-1]["order_id"] if more else None}


def check_new(body: Any) -> dict[str, Any]:
    check(isinstance(body, dict), "an object is expected")
    check(set(body) <= {"customer_id", "lines", "comment"}, "an unknown field")
    check(is_text(body.get("customer_id"), 40), "customer_id: 1 to 40 characters")
    lines = body.get("lines")
    check(isinstance(lines, list) and 1 <= len(lines) <= 50, "lines: 1 to 50 of them")
    for line in lines:
        check(isinstance(line, dict) and set(line) == {"sku", "quantity"}, "sku and quantity")
        check(is_text(line["sku"], 40), "sku: 1 to 40 characters")
        check(type(line["quantity"]) is int and 1 <= line["quantity"] <= 99, "quantity: 1 to 99")
    check_comment(body.get("comment"))
    return body


def check_comment(comment: Any) -> None:
    check(comment is None or (isinstance(comment, str) and len(comment) <= 200), "comment")


def is_text(value: Any, longest: int) -> bool:
    return isinstance(value, str) and 1 <= len(value) <= longest


def check(holds: bool, rule: str) -> None:
    if not holds:
        raise Refusal(422, rule)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Headers and body leave together: two small writes would wait for each other's
    # acknowledgement, 40 ms per answer (Nagle's algorithm, RFC 896, and delayed ACK).
    wbufsize = -1
    orders = Orders()

    def do_POST(self) -> None:
        self.answering(self.post)

    def do_GET(self) -> None:
        self.answering(self.get)

    def do_PATCH(self) -> None:
        self.answering(self.patch)

    def do_PUT(self) -> None:
        self.answering(self.other)

    def do_DELETE(self) -> None:
        self.answering(self.other)

    def answering(self, method: Any) -> None:
        size = int(self.headers.get("Content-Length") or 0)
        self.body = self.rfile.read(size)
        self.url = urlsplit(self.path)
        self.one = ONE.match(self.url.path)
        try:
            method()
        except Refusal as no:
            body = {"title": str(no), "status": no.status}
            self.answer(no.status, body, "application/problem+json", **no.headers)

    def post(self) -> None:
        if self.url.path != "/orders":
            self.other()
        new = check_new(self.json())
        key = self.headers.get("Idempotency-Key")
        if not key:
            raise Refusal(400, "Idempotency-Key is missing.")
        order = self.orders.place(key, new)
        self.answer_order(201, order, Location=f"/orders/{order['order_id']}")

    def get(self) -> None:
        if self.one:
            order = self.orders.get(self.one[1])
            if self.headers.get("If-None-Match") == self.orders.etag(order):
                self.answer(304, None, ETag=self.orders.etag(order))
            else:
                self.answer_order(200, order)
        elif self.url.path == "/orders":
            asked = {name: values[0] for name, values in parse_qs(self.url.query).items()}
            limit = asked.get("limit", "20")
            if "customer_id" not in asked or not re.match(r"^([1-9]\d?|100)$", limit):
                raise Refusal(400, "customer_id is required, limit is from 1 to 100.")
            page = self.orders.page(asked["customer_id"], int(limit), asked.get("cursor"))
            self.answer(200, page)
        else:
            self.other()

    def patch(self) -> None:
        if not self.one:
            self.other()
        body = self.json()
        check(isinstance(body, dict) and set(body) == {"comment"}, "comment is expected")
        check_comment(body["comment"])
        order = self.orders.change(self.one[1], self.headers.get("If-Match"), body["comment"])
        self.answer_order(200, order)

    def other(self) -> None:
        if self.url.path == "/orders":
            raise Refusal(405, "This method is not for orders.", Allow="GET, POST")
        if self.one:
            raise Refusal(405, "This method is not for an order.", Allow="GET, PATCH")
        raise Refusal(404, "There is no such address.")

    def json(self) -> Any:
        media_type = self.headers.get("Content-Type", "").split(";")[0].strip()
        if media_type != "application/json":
            raise Refusal(415, "The body has to be application/json.")
        try:
            return json.loads(self.body)
        except ValueError:
            raise Refusal(400, "The body is no JSON.") from None

    def answer_order(self, status: int, order: dict[str, Any], **headers: str) -> None:
        self.answer(status, order, ETag=self.orders.etag(order), **headers)

    def answer(
        self, status: int, body: Any, media_type: str = "application/json", **headers: str
    ) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        data = b"" if body is None else json.dumps(body).encode()
        if body is not None:
            self.send_header("Content-Type", media_type)
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: Any) -> None:
        """Every request on the screen would be noise."""


if __name__ == "__main__":
    Server = type("Server", (ThreadingHTTPServer,), {"request_queue_size": 128})
    Server(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
