"""Takes money for orders, once for every key; who repeats meanwhile is told to come again."""

import hashlib
import json
import os
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import till

KEYS = {row["sha256"]: row for row in json.loads(Path(__file__).with_name("keys.json").read_text())}


class Refusal(Exception):
    def __init__(self, status: int, code: str, **headers: str) -> None:
        super().__init__(code)
        self.status, self.code, self.headers = status, code, headers


class Charges:
    """What was done under which key of which client."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._working: set[tuple[str, str]] = set()
        self._done: dict[tuple[str, str], tuple[str, int, dict[str, Any]]] = {}

    def take(self, client: str, key: str, body: dict[str, Any]) -> tuple[int, dict[str, Any], bool]:
        slot, digest = (client, key), json.dumps(body, sort_keys=True)
        with self._lock:
            if slot in self._done:
                known, status, answer = self._done[slot]
                if known != digest:
                    raise Refusal(422, "key-reused")
                return status, answer, True
            if slot in self._working:
                raise Refusal(409, "in-progress")
            self._working.add(slot)
        try:
            done = self._taken(client, body)
            with self._lock:
                self._done[slot] = (digest, *done)
            return (*done, False)
        finally:
            with self._lock:
                self._working.discard(slot)

    def _taken(self, client: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        try:
            charge_id = till.take(client, body["order_id"], body["amount_minor"])
        except till.Declined:
            return 402, {"code": "declined"}
        except till.Away:
            raise Refusal(503, "till-away") from None
        return 201, {"charge_id": charge_id, **body}


charges = Charges()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Head and body leave together: Nagle's algorithm would hold the second back.
    wbufsize = -1

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        try:
            client = self.client()
            key = self.headers.get("Idempotency-Key", "")
            if not re.fullmatch(r"[\w-]{8,64}", key, re.ASCII):
                raise Refusal(400, "no-idempotency-key")
            status, answer, replayed = charges.take(client, key, checked(raw))
        except Refusal as no:
            self.answer(no.status, {"code": no.code}, **no.headers)
        else:
            self.answer(status, answer, **{"Idempotency-Replayed": str(replayed).lower()})

    def do_GET(self) -> None:
        self.answer(200, {"asked": till.asked, "taken": till.taken})

    def client(self) -> str:
        given = self.headers.get("X-Api-Key", "")
        row = KEYS.get(hashlib.sha256(given.encode()).hexdigest())
        if row is None or not row["is_active"]:
            raise Refusal(401, "unknown-key", **{"WWW-Authenticate": "ApiKey"})
        if "charges:write" not in row["scopes"]:
            raise Refusal(403, "not-allowed")
        return str(row["client"])

    def answer(self, status: int, body: Any, **headers: str) -> None:
        told = json.dumps(body).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(told)))
        self.end_headers()
        self.wfile.write(told)

    def log_message(self, *_: object) -> None:
        """Nothing."""


def checked(raw: bytes) -> dict[str, Any]:
    try:
        body = json.loads(raw)
    except ValueError:
        raise Refusal(400, "no-json") from None
    match body:
        case {"order_id": str(order_id), "amount_minor": int(amount), **others} if not others:
            if 1 <= len(order_id) <= 40 and 1 <= amount <= 1_000_000 and amount is not True:
                return body
    raise Refusal(422, "not-by-the-contract")


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


if __name__ == "__main__":
    Server(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
