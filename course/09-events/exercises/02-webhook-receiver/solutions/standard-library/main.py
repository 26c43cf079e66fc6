"""An inbox that is written before the answer, and a few threads that work it off."""

import base64
import hashlib
import hmac
import json
import os
import queue
import threading
import time
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

SECRET = base64.b64decode(os.environ["WEBHOOK_SECRET"].removeprefix("whsec_"))
SOURCE = urlsplit(os.environ["SOURCE_URL"])
TOLERANCE_S = 300
WORKERS = 4
PAUSE_S = 0.05


class Inbox:
    """Every message once, whoever brings it and however often."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.ids: set[str] = set()
        self.waiting: queue.Queue[dict[str, Any]] = queue.Queue()

    def put(self, message_id: str, event: dict[str, Any]) -> None:
        with self.lock:
            if message_id in self.ids:
                return
            self.ids.add(message_id)
            self.waiting.put(event)


class Orders:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.by_id: dict[str, dict[str, Any]] = {}

    def get(self, order_id: str) -> dict[str, Any] | None:
        with self.lock:
            found = self.by_id.get(order_id)
            return dict(found) if found else None

    def renew(self, state: dict[str, Any]) -> None:
        with self.lock:
            order = self._known(state["order_id"])
            if state["version"] > order["version"]:
                order.update(version=state["version"], status=state["status"])

    def add_points(self, order_id: str, points: int) -> None:
        with self.lock:
            self._known(order_id)["points"] += points

    def _known(self, order_id: str) -> dict[str, Any]:
        if order_id not in self.by_id:
            new = {"order_id": order_id, "version": 0, "status": None, "points": 0}
            self.by_id[order_id] = new
        return self.by_id[order_id]


inbox = Inbox()
orders = Orders()


def is_genuine(headers: Any, body: bytes) -> bool:
    message_id, sent_at = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not message_id or not sent_at.isdecimal():
        return False
    if not -TOLERANCE_S <= time.time() - int(sent_at) <= TOLERANCE_S:
        return False
    digest = hmac.new(SECRET, f"{message_id}.{sent_at}.".encode() + body, hashlib.sha256).digest()
    wanted = b"v1," + base64.b64encode(digest)
    given = headers.get("webhook-signature", "").encode("utf-8", "surrogateescape").split()
    return any(hmac.compare_digest(wanted, one) for one in given)


def work() -> None:
    while True:
        event = inbox.waiting.get()
        data = event.get("data")
        match event.get("type"):
            case "order.status":
                orders.renew(data)
            case "points.earned":
                orders.add_points(data["order_id"], data["points"])
            case "order.changed":
                orders.renew(asked(data["order_id"]))


def asked(order_id: str) -> dict[str, Any]:
    while True:
        line = HTTPConnection(SOURCE.hostname or "", SOURCE.port, timeout=10)
        try:
            line.request("GET", f"/orders/{order_id}")
            answer = line.getresponse()
            if answer.status == 200:
                state: dict[str, Any] = json.load(answer)
                return state
        except (OSError, HTTPException, ValueError):
            pass
        finally:
            line.close()
        time.sleep(PAUSE_S)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path != "/webhooks":
            return self.answer(404)
        if not is_genuine(self.headers, body):
            return self.answer(401)
        try:
            event = json.loads(body)
        except ValueError:
            return self.answer(400)
        if not isinstance(event, dict):
            return self.answer(400)
        inbox.put(self.headers["webhook-id"], event)
        return self.answer(202)

    def do_GET(self) -> None:
        order = orders.get(self.path.removeprefix("/orders/"))
        self.answer(200 if order else 404, order)

    def answer(self, status: int, body: object = None) -> None:
        content = json.dumps(body).encode() if body else b""
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Nothing."""


class Server(ThreadingHTTPServer):
    request_queue_size = 128


if __name__ == "__main__":
    for _ in range(WORKERS):
        threading.Thread(target=work, daemon=True).start()
    Server(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
