"""Counterparties over SOAP: so far one operation, one version, and text instead of XML."""

import os
import re
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

WSDL = Path(__file__).with_name("counterparty.wsdl")
ANSWER = """<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/">
  <soap:Body>
    <RegisterResponse><inn>{inn}</inn></RegisterResponse>
  </soap:Body>
</soap:Envelope>"""


def answer(body: bytes) -> bytes:
    found = re.search(r"<inn>(\d+)</inn>", body.decode())
    inn = found[1] if found else ""
    return ANSWER.format(inn=inn).encode()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Headers and body leave in one write.
    wbufsize = -1

    def do_GET(self) -> None:
        self.send(WSDL.read_bytes())

    def do_POST(self) -> None:
        size = int(self.headers.get("Content-Length") or 0)
        self.send(answer(self.rfile.read(size)))

    def send(self, data: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/xml; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: Any) -> None:
        """Every request on the screen would be noise."""


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
