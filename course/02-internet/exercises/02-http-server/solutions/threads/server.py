"""An HTTP/1.1 server: a thread per connection, which reads it as a file."""

import os
import re
import socket
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from http import HTTPStatus
from typing import BinaryIO

MOST_LINE = 8 * 1024
MOST_FIELDS = 16 * 1024
MOST_BODY = 1024 * 1024
TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
REQUEST_LINE = re.compile(rb"(\S+) (\S+) HTTP/(\d)\.(\d)")
ITEM = re.compile(r"/items/([a-z0-9]+)")
DIGITS = re.compile(r"[0-9]+")
HEX = re.compile(rb"[0-9A-Fa-f]{1,16}")


class Refused(Exception):
    """The request cannot be understood, so nobody knows where the next one begins."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Gone(Exception):
    """The client has closed."""


@dataclass
class Request:
    method: str
    path: str
    version: tuple[int, int]
    fields: dict[str, list[str]] = field(default_factory=dict)
    body: bytes = b""

    def one(self, name: str) -> str:
        return ", ".join(self.fields.get(name, ()))

    @property
    def keeps_open(self) -> bool:
        options = [one.strip().lower() for one in self.one("connection").split(",")]
        if self.version == (1, 0):
            return "keep-alive" in options
        return "close" not in options


@dataclass
class Answer:
    status: int
    body: bytes = b""
    fields: Mapping[str, str] = field(default_factory=dict)


def respond(request: Request) -> Answer:
    item = ITEM.fullmatch(request.path)
    if item and request.method in {"GET", "HEAD"}:
        return Answer(200, item[1].encode(), {"Content-Type": "text/plain"})
    if item:
        return Answer(405, fields={"Allow": "GET, HEAD"})
    if request.path == "/echo" and request.method == "POST":
        return Answer(200, request.body, {"Content-Type": "application/octet-stream"})
    if request.path == "/echo":
        return Answer(405, fields={"Allow": "POST"})
    return Answer(404)


def serve(connection: socket.socket) -> None:
    with connection, connection.makefile("rb") as reader:
        try:
            for request in requests(connection, reader):
                keeps_open = request.keeps_open
                write(connection, respond(request), request.method, keeps_open)
                if not keeps_open:
                    return
        except Refused as no:
            write(connection, Answer(no.status), "", keeps_open=False)
        except (Gone, OSError):
            return


def requests(connection: socket.socket, reader: BinaryIO) -> Iterator[Request]:
    while True:
        request = read_head(reader)
        check(request)
        read = framing(request)
        if "100-continue" in request.one("expect").lower():
            connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.body = read(reader)
        yield request


def write(connection: socket.socket, answer: Answer, method: str, keeps_open: bool) -> None:
    lines = [
        f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}",
        f"Date: {formatdate(usegmt=True)}",
        f"Content-Length: {len(answer.body)}",
        *(f"{name}: {value}" for name, value in answer.fields.items()),
    ]
    if not keeps_open:
        lines.append("Connection: close")
    head = "\r\n".join([*lines, "", ""]).encode()
    connection.sendall(head if method == "HEAD" else head + answer.body)


# ---- reading -------------------------------------------------------------------------------------


def read_line(reader: BinaryIO, most: int, status: int) -> bytes:
    line = reader.readline(most + 1)
    if len(line) > most:
        raise Refused(status)
    if not line.endswith(b"\n"):
        raise Gone
    if not line.endswith(b"\r\n"):
        raise Refused(400)
    return line[:-2]


def read_exactly(reader: BinaryIO, size: int) -> bytes:
    data = reader.read(size)
    if len(data) < size:
        raise Gone
    return data


def read_head(reader: BinaryIO) -> Request:
    line = read_line(reader, MOST_LINE, 414)
    # A client of old may send an empty line after a body (RFC 9112, 2.2).
    while not line:
        line = read_line(reader, MOST_LINE, 414)
    found = REQUEST_LINE.fullmatch(line)
    if found is None or not TOKEN.fullmatch(found[1]):
        raise Refused(400)
    if found[3] != b"1":
        raise Refused(505)
    target = found[2].decode("latin-1")
    if target.lower().startswith("http://"):
        target = "/" + target[7:].partition("/")[2]
    version = (int(found[3]), int(found[4]))
    request = Request(found[1].decode(), target.partition("?")[0], version)
    read_fields(reader, request.fields)
    return request


def read_fields(reader: BinaryIO, fields: dict[str, list[str]]) -> None:
    left = MOST_FIELDS
    while line := read_line(reader, left, 431):
        left -= len(line) + 2
        name, colon, value = line.partition(b":")
        # No space before the colon, and no folded lines (RFC 9112, 5.1 and 5.2).
        if not colon or not TOKEN.fullmatch(name):
            raise Refused(400)
        if b"\0" in value or b"\r" in value:
            raise Refused(400)
        fields.setdefault(name.decode().lower(), []).append(value.strip(b" \t").decode("latin-1"))


def check(request: Request) -> None:
    hosts = request.fields.get("host", [])
    if len(hosts) > 1 or (request.version >= (1, 1) and not hosts):
        raise Refused(400)


class Framing:
    """How the end of a body is found."""

    def __init__(self, length: int | None) -> None:
        self._length = length

    def __call__(self, reader: BinaryIO) -> bytes:
        if self._length is None:
            return read_chunks(reader)
        return read_exactly(reader, self._length)


def framing(request: Request) -> Framing:
    """RFC 9112, 6.3."""
    codings, lengths = request.one("transfer-encoding"), request.fields.get("content-length", [])
    if codings and lengths:
        raise Refused(400)
    if codings:
        if codings.lower() != "chunked":
            raise Refused(501)
        return Framing(None)
    if not lengths:
        return Framing(0)
    if len(set(lengths)) > 1 or not DIGITS.fullmatch(lengths[0]):
        raise Refused(400)
    if len(lengths[0]) > 15 or int(lengths[0]) > MOST_BODY:
        raise Refused(413)
    return Framing(int(lengths[0]))


def read_chunks(reader: BinaryIO) -> bytes:
    body = b""
    while True:
        size = read_line(reader, MOST_LINE, 400).partition(b";")[0].rstrip(b" \t")
        if not HEX.fullmatch(size):
            raise Refused(400)
        length = int(size, 16)
        if len(body) + length > MOST_BODY:
            raise Refused(413)
        if length == 0:
            break
        body += read_exactly(reader, length)
        if read_exactly(reader, 2) != b"\r\n":
            raise Refused(400)
    # What trails is read, and passed over.
    read_fields(reader, {})
    return body


def main() -> None:
    with socket.create_server(("127.0.0.1", int(os.environ["PORT"]))) as door:
        while True:
            connection, _ = door.accept()
            threading.Thread(target=serve, args=(connection,), daemon=True).start()


if __name__ == "__main__":
    main()
