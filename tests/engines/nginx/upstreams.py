"""What stands behind the gateway in its tests: a small HTTP server and a small gRPC server."""

import base64
import contextlib
import hashlib
import json
import threading
from collections.abc import Iterator
from concurrent import futures
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import grpc

from tests.engines.servers import HOST

# RFC 6455, section 1.3.
_WEBSOCKET_ID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class EchoServer(ThreadingHTTPServer):
    """Tells what it was asked; `go_on` lets the event stream send its second event."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__((HOST, 0), _Echo)
        self.go_on = threading.Event()

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is no error here."""


class _Echo(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: EchoServer

    def do_GET(self) -> None:
        if self.headers.get("Upgrade") == "websocket":
            self._upgrade()
        elif self.path == "/events":
            self._events()
        elif self.path == "/teapot":
            self._answer(502, b"the service's own answer", "text/plain")
        else:
            self._tell(b"")

    def do_POST(self) -> None:
        if self.headers.get("Transfer-Encoding") == "chunked":
            self._tell(self._chunks())
        else:
            self._tell(self.rfile.read(int(self.headers.get("Content-Length", 0))))

    def log_message(self, *_: object) -> None:
        """Nothing: the test reads answers."""

    def _chunks(self) -> bytes:
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _tell(self, body: bytes) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        told = {"path": self.path, "headers": headers, "body_bytes": len(body)}
        self._answer(200, json.dumps(told).encode(), "application/json")

    def _answer(self, status: int, body: bytes, media_type: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _events(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(b"data: one\n\n")
        self.wfile.flush()
        self.server.go_on.wait(timeout=20)
        self.wfile.write(b"data: two\n\n")
        self.close_connection = True

    def _upgrade(self) -> None:
        key = self.headers["Sec-WebSocket-Key"].encode()
        accept = base64.b64encode(hashlib.sha1(key + _WEBSOCKET_ID).digest())  # noqa: S324
        self.send_response(101)
        self.send_header("Upgrade", "websocket")
        self.send_header("Connection", "Upgrade")
        self.send_header("Sec-WebSocket-Accept", accept.decode())
        self.end_headers()
        # Frames are bytes to the gateway, so bytes are enough here.
        self.wfile.write(self.rfile.read(5).upper())
        self.close_connection = True


@contextlib.contextmanager
def http_server() -> Iterator[EchoServer]:
    with EchoServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            server.go_on.set()
            server.shutdown()
            thread.join()


@contextlib.contextmanager
def grpc_server() -> Iterator[int]:
    """`/stand.test.Echo/Upper` for one message, `/stand.test.Echo/Each` for a stream of them."""
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=8))
    handlers: dict[str, grpc.RpcMethodHandler[bytes, bytes]] = {
        "Upper": grpc.unary_unary_rpc_method_handler(_upper),
        "Each": grpc.stream_stream_rpc_method_handler(_each),
    }
    server.add_generic_rpc_handlers(
        (grpc.method_handlers_generic_handler("stand.test.Echo", handlers),)
    )
    port = server.add_insecure_port(f"{HOST}:0")
    server.start()
    try:
        yield port
    finally:
        server.stop(grace=None).wait()


def _upper(request: bytes, context: grpc.ServicerContext) -> bytes:
    seen = {key: value for key, value in context.invocation_metadata() if key.startswith("x-")}
    context.set_trailing_metadata((("seen", json.dumps(seen)),))
    return request.upper()


def _each(requests: Iterator[bytes], context: grpc.ServicerContext) -> Iterator[bytes]:
    for request in requests:
        yield str(len(request)).encode()
