"""A dispatcher of JSON-RPC 2.0 over HTTP: so far it calls one method, and believes everything."""

import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import methods


def answer(body: bytes) -> Any:
    request = json.loads(body)
    result = methods.quote(**request["params"])
    return {"jsonrpc": "2.0", "result": result, "id": request.get("id")}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Headers and body leave in one write.
    wbufsize = -1

    def do_POST(self) -> None:
        size = int(self.headers.get("Content-Length") or 0)
        data = json.dumps(answer(self.rfile.read(size))).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: Any) -> None:
        """Every request on the screen would be noise."""


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
