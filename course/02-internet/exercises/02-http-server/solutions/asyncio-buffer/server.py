"""An HTTP/1.1 server: one loop, and a parser that is fed whatever has come."""

import asyncio
import os
import re
from collections.abc import Generator
from datetime import UTC, datetime

REASONS = {
    200: "OK",
    400: "Bad Request",
    404: "Not Found",
    405: "Method Not Allowed",
    413: "Content Too Large",
    414: "URI Too Long",
    431: "Request Header Fields Too Large",
    501: "Not Implemented",
    505: "HTTP Version Not Supported",
}
NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
MOST_BODY = 1 << 20
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class BadRequest(Exception):
    def __init__(self, status: int = 400) -> None:
        super().__init__(status)
        self.status = status


class Connection:
    """What has come and has not been understood yet. `take_…` wait by yielding."""

    def __init__(self, send) -> None:
        self.buffer = bytearray()
        self.send = send
        self.is_open = True

    def run(self) -> Generator[None, None, None]:
        try:
            while self.is_open:
                yield from self.exchange()
        except BadRequest as bad:
            self.answer(bad.status, is_last=True)

    def exchange(self) -> Generator[None, None, None]:
        line = ""
        while not line:
            line = yield from self.take_line(8192, 414)
        method, target, version = self.parts(line)
        fields = yield from self.take_fields()
        hosts = fields.get("host", [])
        if len(hosts) > 1 or (version == "HTTP/1.1" and not hosts):
            raise BadRequest
        length = self.length(fields)
        if fields.get("expect", [""])[0].lower() == "100-continue":
            self.send(CONTINUE)
        if length is None:
            body = yield from self.take_chunks()
        else:
            body = yield from self.take(length)
        options = ",".join(fields.get("connection", [])).lower()
        is_last = "close" in options or (version == "HTTP/1.0" and "keep-alive" not in options)
        status, said, more = self.respond(method, target, body)
        self.answer(status, said, more, is_last=is_last, is_head=method == "HEAD")

    @staticmethod
    def parts(line: str) -> tuple[str, str, str]:
        words = line.split(" ")
        if len(words) != 3 or not NAME.fullmatch(words[0]) or not words[1]:
            raise BadRequest
        if not re.fullmatch(r"HTTP/[0-9]\.[0-9]", words[2]):
            raise BadRequest
        if not words[2].startswith("HTTP/1."):
            raise BadRequest(505)
        path = re.sub(r"^https?://[^/]*", "", words[1])
        return words[0], path.split("?")[0], words[2]

    @staticmethod
    def length(fields: dict[str, list[str]]) -> int | None:
        codings, lengths = fields.get("transfer-encoding"), fields.get("content-length")
        if codings and lengths:
            raise BadRequest
        if codings:
            if [one.lower() for one in codings] != ["chunked"]:
                raise BadRequest(400)
            return None
        if not lengths:
            return 0
        if len(lengths) > 1 or not (lengths[0].isascii() and lengths[0].isdecimal()):
            raise BadRequest
        if len(lengths[0]) > 20 or int(lengths[0]) > MOST_BODY:
            raise BadRequest(413)
        return int(lengths[0])

    @staticmethod
    def respond(method: str, path: str, body: bytes) -> tuple[int, bytes, list[str]]:
        if found := re.fullmatch(r"/items/([a-z0-9]+)", path):
            if method in ("GET", "HEAD"):
                return 200, found[1].encode(), ["Content-Type: text/plain"]
            return 405, b"GET, HEAD\n", ["Allow: GET, HEAD"]
        if path == "/echo":
            if method == "POST":
                return 200, body, []
            return 405, b"POST\n", ["Allow: POST"]
        return 404, b"nothing is here\n", ["Content-Type: text/plain"]

    def answer(self, status, body=b"", more=(), *, is_last=False, is_head=False) -> None:
        date = datetime.now(UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")
        head = [f"HTTP/1.1 {status} {REASONS[status]}", f"Date: {date}", *more]
        head.append(f"Content-Length: {len(body)}")
        if is_last:
            head.append("Connection: close")
            self.is_open = False
        self.send("\r\n".join([*head, "", ""]).encode() + (b"" if is_head else body))

    def take(self, size: int) -> Generator[None, None, bytes]:
        while len(self.buffer) < size:
            yield
        data = bytes(self.buffer[:size])
        del self.buffer[:size]
        return data

    def take_line(self, most: int, status: int = 400) -> Generator[None, None, str]:
        while (end := self.buffer.find(b"\n")) < 0 and len(self.buffer) <= most:
            yield
        if end < 0 or end > most:
            raise BadRequest(status)
        line = yield from self.take(end + 1)
        if not line.endswith(b"\r\n") or b"\0" in line or b"\r" in line[:-2]:
            raise BadRequest
        return line[:-2].decode("latin-1")

    def take_fields(self) -> Generator[None, None, dict[str, list[str]]]:
        fields: dict[str, list[str]] = {}
        left = 16384
        while line := (yield from self.take_line(left, 431)):
            left -= len(line)
            name, colon, value = line.partition(":")
            if not colon or not NAME.fullmatch(name):
                raise BadRequest
            fields.setdefault(name.lower(), []).append(value.strip(" \t"))
        return fields

    def take_chunks(self) -> Generator[None, None, bytes]:
        body = b""
        while True:
            line = yield from self.take_line(8192)
            size = line.split(";")[0].strip(" \t")
            if not re.fullmatch("[0-9a-fA-F]+", size):
                raise BadRequest
            if len(size) > 16 or len(body) + int(size, 16) > MOST_BODY:
                raise BadRequest(413)
            if int(size, 16) == 0:
                yield from self.take_fields()
                return body
            body += yield from self.take(int(size, 16))
            if (yield from self.take(2)) != b"\r\n":
                raise BadRequest


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    connection = Connection(writer.write)
    running = connection.run()
    try:
        next(running)
        # Where nothing more comes the request stays unfinished, and unanswered.
        while data := await reader.read(65536):
            connection.buffer += data
            next(running, None)
            await writer.drain()
            if not connection.is_open:
                break
    except ConnectionError:
        pass
    finally:
        writer.close()


async def main() -> None:
    server = await asyncio.start_server(serve, "127.0.0.1", int(os.environ["PORT"]))
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
