"""Where the body of a message ends (RFC 9112 §6 and §7)."""

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from stend.wire.decoding import Undecodable
from stend.wire.http1.heads import HEAD_BYTES_LIMIT, Head

_CHUNK_LINE = re.compile(rb"([0-9A-Fa-f]{1,15}+)([^\r\n]*+)(\r?\n)")
_CHUNK_LINE_LIMIT = 4096


class Body(StrEnum):
    """How the end of the body is told.

    TUNNEL, UPGRADE: behind the message the bytes are of another protocol.
    """

    NONE = "none"
    LENGTH = "length"
    CHUNKED = "chunked"
    UNTIL_CLOSE = "until close"
    TUNNEL = "tunnel"
    UPGRADE = "upgrade"


class Framing(NamedTuple):
    body: Body
    length: int = 0


def request_framing(head: Head) -> Framing:
    """
    Raises:
        Undecodable: the end of the body cannot be known.
    """
    if "transfer-encoding" in head.headers:
        if _is_chunked(head):
            return Framing(Body.CHUNKED)
        raise Undecodable(
            "у запроса Transfer-Encoding без chunked: где его конец, неизвестно",
            "a request with Transfer-Encoding and without chunked: nobody knows its end",
        )
    length = _length(head)
    return Framing(Body.LENGTH, length) if length else Framing(Body.NONE)


def response_framing(head: Head, method: str) -> Framing:
    """
    Args:
        method: of the request: it decides whether there is a body at all.

    Raises:
        Undecodable: the end of the body cannot be known.
    """
    if head.status == 101:
        return Framing(Body.UPGRADE)
    if method == "HEAD" or head.status < 200 or head.status in (204, 304):
        return Framing(Body.NONE)
    if method == "CONNECT" and head.status < 300:
        return Framing(Body.TUNNEL)
    if "transfer-encoding" in head.headers:
        return Framing(Body.CHUNKED if _is_chunked(head) else Body.UNTIL_CLOSE)
    length = _length(head)
    if length is None:
        return Framing(Body.UNTIL_CLOSE)
    return Framing(Body.LENGTH, length) if length else Framing(Body.NONE)


def _is_chunked(head: Head) -> bool:
    codings = head.headers["transfer-encoding"].lower().split(",")
    return codings[-1].strip() == "chunked"


def _length(head: Head) -> int | None:
    told = head.headers.get("content-length")
    if told is None:
        return None
    # RFC 9112 §6.3: the same number several times is one number.
    values = {one.strip() for one in told.split(",")}
    value = values.pop()
    if values or not value.isascii() or not value.isdigit() or len(value) > 18:
        raise Undecodable("Content-Length — не одно число", "Content-Length is not one number")
    return int(value)


class ChunkLine(NamedTuple):
    """The line before a chunk's data.

    Attributes:
        size: of the data, in bytes.
        digits_end: behind the digits.
        text_end: where its CRLF begins.
        end: behind its CRLF.
    """

    size: int
    digits_end: int
    text_end: int
    end: int


def chunk_line(data: bytes | bytearray, at: int) -> ChunkLine | None:
    """The size line at `at`; None when its end has not come.

    Raises:
        Undecodable: it is no size.
    """
    found = _CHUNK_LINE.match(data, at)
    if found is not None:
        return ChunkLine(int(found[1], 16), found.end(1), found.end(2), found.end())
    if len(data) - at > _CHUNK_LINE_LIMIT or data.find(b"\n", at) >= 0:
        raise Undecodable("здесь не длина куска", "there is no size of a chunk here", at=at)
    return None


def trailers_end(data: bytes | bytearray, at: int, searched: int = 0) -> int | None:
    """Behind the empty line that ends the trailers at `at`; None when it has not come.

    Args:
        searched: so many bytes were looked through before.
    """
    if data.startswith(b"\r\n", at):
        return at + 2
    if data.startswith(b"\n", at):
        return at + 1
    begin = at + max(0, searched - 2)
    plain, full = data.find(b"\n\n", begin), data.find(b"\n\r\n", begin)
    ends = [end for end in (plain + 2 if plain >= 0 else 0, full + 3 if full >= 0 else 0) if end]
    if ends:
        return min(ends)
    if len(data) - at > HEAD_BYTES_LIMIT:
        raise Undecodable("заголовкам после тела нет конца", "the trailers do not end", at=at)
    return None


def demand_line_break(data: bytes | bytearray, at: int) -> None:
    """
    Raises:
        Undecodable: no CRLF stands behind a chunk's data.
    """
    if data[at : at + 2] != b"\r\n":
        raise Undecodable("кусок длиннее, чем сказано", "a chunk is longer than it says", at=at)


class ChunkScan:
    """Looks for the end of a chunked body, once over each byte.

    Attributes:
        at: so far the body is known, from its beginning.
        wanted: nothing more is learnt before so many bytes of the body are there.
    """

    __slots__ = ("_in_trailers", "_searched", "at", "wanted")

    def __init__(self) -> None:
        self.at = 0
        self.wanted = 1
        self._in_trailers = False
        self._searched = 0

    def end(self, data: bytearray, body: int) -> int | None:
        """The length of the body that begins at `body`; None when its end has not come.

        Raises:
            Undecodable: it is not chunked.
        """
        while not self._in_trailers:
            line = chunk_line(data, body + self.at)
            if line is None:
                self.wanted = len(data) - body + 1
                return None
            if line.size == 0:
                self.at = line.end - body
                self._in_trailers = True
                break
            behind = line.end + line.size + 2
            if behind > len(data):
                self.wanted = behind - body
                return None
            demand_line_break(data, behind - 2)
            self.at = behind - body
        begin = body + self.at
        ended = trailers_end(data, begin, self._searched)
        self._searched = len(data) - begin
        self.wanted = len(data) - body + 1
        return None if ended is None else ended - body


def chunk_lines(data: bytes, at: int) -> Iterator[ChunkLine]:
    """The size lines of a complete chunked body that begins at `at`, the last one, too.

    Raises:
        Undecodable: it is not complete.
    """
    while True:
        line = chunk_line(data, at)
        if line is None:
            raise Undecodable("тело не окончено", "the body is not finished", at=at)
        yield line
        if line.size == 0:
            return
        at = line.end + line.size + 2


def joined(data: bytes, at: int) -> bytes:
    """The content of a complete chunked body that begins at `at`."""
    view = memoryview(data)
    return b"".join(view[one.end : one.end + one.size] for one in chunk_lines(data, at))
