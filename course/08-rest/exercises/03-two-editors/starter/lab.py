"""What the check runs: a service of orders with one long operation, and a proxy in front of it.

Sockets, requests and answers are real. Time is not waited for: `Clock` stands still until the
experiment moves it, so 30 s of the proxy and 45 s of work pass in an instant, and always alike.
"""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PROXY_CUTS_AFTER_S = 30
EXPORT_TAKES_S = 45
# Real ones, after which something must be wrong with the experiment itself.
_STUCK_S = 20


class Clock:
    """Seconds that pass when somebody moves it."""

    def __init__(self) -> None:
        self.now = 0.0
        self._changed = threading.Condition()

    def move_to(self, now: float) -> None:
        with self._changed:
            self.now = now
            self._changed.notify_all()

    def told(self) -> None:
        """Something has happened that somebody may wait for."""
        with self._changed:
            self._changed.notify_all()

    def wait(self, is_there: Callable[[], bool], until: float = float("inf")) -> bool:
        """Whether it is there by that time."""
        with self._changed:
            if not self._changed.wait_for(lambda: is_there() or self.now >= until, _STUCK_S):
                raise TimeoutError("the experiment is stuck")
            return is_there()


class Export:
    """A long piece of work. It goes on whether anybody waits for it or not."""

    def __init__(self, number: int, began: float) -> None:
        self.number = number
        self.ends = began + EXPORT_TAKES_S


class Orders:
    """One order that is edited, and exports that are made.

    Attributes:
        waited: how many requests have begun to wait for an export.
    """

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.order: dict[str, Any] = {"lines": 1, "comment": ""}
        self.version = 1
        self.puts = 0
        self.exports: list[Export] = []
        self.keys: dict[str, Export] = {}
        self.waited = 0
        self.lock = threading.Lock()

    @property
    def done(self) -> int:
        return sum(one.ends <= self.clock.now for one in self.exports)

    def put(self, order: dict[str, Any], if_match: str | None) -> int:
        # Comparing and writing are one step: nobody comes between them.
        with self.lock:
            self.puts += 1
            if if_match not in (None, self.etag):
                return 412
            self.order = order
            self.version += 1
            return 200

    @property
    def etag(self) -> str:
        return f'"{self.version}"'

    def begin(self, key: str | None) -> Export:
        """A new export; with a key that has come before, the same one again."""
        with self.lock:
            if key in self.keys:
                return self.keys[key or ""]
            export = Export(len(self.exports) + 1, self.clock.now)
            self.exports.append(export)
            if key:
                self.keys[key] = export
            return export

    def wait_for(self, export: Export) -> None:
        with self.lock:
            self.waited += 1
        self.clock.told()
        self.clock.wait(lambda: False, until=export.ends)


class Quiet(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Nothing."""


def handler(orders: Orders) -> type[BaseHTTPRequestHandler]:
    class Handler(Quiet):
        def do_GET(self) -> None:
            if self.path.startswith("/exports/"):
                export = orders.exports[int(self.path.rpartition("/")[2]) - 1]
                ready = export.ends <= orders.clock.now
                self._answer(200, {"export": export.number, "ready": ready})
                return
            with orders.lock:
                order, etag = dict(orders.order), orders.etag
            self._answer(200, order, ETag=etag)

        def do_PUT(self) -> None:
            status = orders.put(self._body(), self.headers.get("If-Match"))
            self._answer(status, {})

        def do_POST(self) -> None:
            self._body()
            export = orders.begin(self.headers.get("Idempotency-Key"))
            if self.headers.get("Prefer") == "respond-async":
                self._answer(202, {}, Location=f"/exports/{export.number}")
                return
            orders.wait_for(export)
            self._answer(201, {"export": export.number})

        def _body(self) -> dict[str, Any]:
            found: dict[str, Any] = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            return found

        def _answer(self, status: int, body: object, **headers: str) -> None:
            content = json.dumps(body).encode()
            try:
                self.send_response(status)
                for name, value in {**headers, "Content-Length": len(content)}.items():
                    self.send_header(name, str(value))
                self.end_headers()
                self.wfile.write(content)
            except OSError:
                # The proxy has not waited.
                self.close_connection = True

    return Handler


def proxy(clock: Clock, service_port: int) -> type[BaseHTTPRequestHandler]:
    """Passes requests on, and answers 504 when the service takes longer than the proxy waits."""

    class Proxy(Quiet):
        def do_GET(self) -> None:
            self._pass_on()

        def do_POST(self) -> None:
            self._pass_on()

        def _pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            came: list[tuple[int, dict[str, str], bytes]] = []

            def ask() -> None:
                line = HTTPConnection("127.0.0.1", service_port)
                line.request(self.command, self.path, body, dict(self.headers))
                answer = line.getresponse()
                came.append((answer.status, dict(answer.headers), answer.read()))
                line.close()
                clock.told()

            cut_at = clock.now + PROXY_CUTS_AFTER_S
            threading.Thread(target=ask, daemon=True).start()
            # The service is told nothing: it goes on with what it has begun.
            if clock.wait(lambda: bool(came), until=cut_at):
                status, headers, content = came[0]
            else:
                status, headers, content = 504, {}, b"{}"
            self.send_response(status)
            for name in ("Location", "ETag"):
                if name in headers:
                    self.send_header(name, headers[name])
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    return Proxy


@contextmanager
def served(kind: type[BaseHTTPRequestHandler]) -> Iterator[int]:
    """The port that it listens on."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), kind)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.socket.close()
