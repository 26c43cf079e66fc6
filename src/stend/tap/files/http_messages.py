"""HTTP messages put together from the units of an exchange: start line, fields, content."""

import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field

from stend.kit.fields import Field
from stend.wire.decoding import Unit
from stend.wire.http2.codes import DATA
from stend.wire.http2.frames import content_of, header_of

# Beyond it nobody reads a body in a file of exchanges.
_CONTENT_LIMIT = 8 << 20
_INFORMATIONAL = range(100, 200)
_ZLIB_OR_GZIP = 32 + zlib.MAX_WBITS

Headers = list[tuple[str, str]]


@dataclass(slots=True)
class Message:
    """A request or a response.

    Attributes:
        version: `HTTP/1.1` or `HTTP/2`.
        pseudo: of HTTP/2, without the colon; of HTTP/1.1 the parts of the start line by the same
            names: method, path, status.
        head_bytes, body_bytes: on the wire.
        body: as it was sent, without chunks and frames.
    """

    version: str = ""
    reason: str = ""
    pseudo: dict[str, str] = field(default_factory=dict)
    headers: Headers = field(default_factory=list)
    trailers: Headers = field(default_factory=list)
    head_bytes: int = 0
    body_bytes: int = 0
    body: bytearray = field(default_factory=bytearray)

    def header(self, name: str) -> str | None:
        return next((value for one, value in self.headers if one.lower() == name), None)

    def content(self) -> bytes | None:
        """The body without its Content-Encoding; None where that cannot be undone."""
        coding = (self.header("content-encoding") or "identity").strip().lower()
        if coding == "identity" or not self.body:
            return bytes(self.body)
        if coding not in ("gzip", "x-gzip", "deflate"):
            return None
        try:
            unpacking = zlib.decompressobj(_ZLIB_OR_GZIP)
            made = unpacking.decompress(bytes(self.body), _CONTENT_LIMIT)
        except zlib.error:
            return None
        return made if unpacking.eof else None


def message_of(units: Iterable[tuple[Unit, bytes]]) -> Message:
    """The message of one side; informational responses before the final one are left out."""
    made = Message()
    for unit, data in units:
        tree = unit.fields(data)
        if unit.protocol == "http2" and unit.facts.get("frame_type"):
            _take_frame(made, data, tree)
        else:
            _take_part(made, data, tree)
    return made


def _take_part(made: Message, data: bytes, tree: tuple[Field, ...]) -> None:
    """HTTP/1.1: a whole message, its head, or a piece of a body."""
    named = {one.name: one for one in tree}
    if start := named.get("request-line") or named.get("status-line"):
        _begin(made)
        made.version = _text(data, _inside(start, "HTTP-version"))
        if start.name == "request-line":
            made.pseudo["method"] = _text(data, _inside(start, "method"))
            made.pseudo["path"] = _text(data, _inside(start, "request-target"))
        else:
            made.pseudo["status"] = _text(data, _inside(start, "status-code"))
            made.reason = _text(data, _inside(start, "reason-phrase"))
    if section := named.get("header section"):
        made.headers += _lines(data, section)
        made.head_bytes += section.end
    if empty := named.get("empty line"):
        made.head_bytes += empty.end - empty.start
    for one in tree:
        if one.name not in _HEADS:
            made.body_bytes += one.end - one.start
            _take_body(made, data, one)


_HEADS = frozenset({"request-line", "status-line", "header section", "empty line"})
_CHUNKS = frozenset({"chunk", "last-chunk"})


def _take_body(made: Message, data: bytes, one: Field) -> None:
    if one.name == "message body" and not any(child.name in _CHUNKS for child in one.children):
        made.body += data[one.start : one.end]
        return
    waiting = [one]
    while waiting:
        piece = waiting.pop()
        if piece.name == "chunk-data":
            made.body += data[piece.start : piece.end]
        elif piece.name == "trailer section":
            made.trailers += _lines(data, piece)
        elif piece.name in _CHUNKS or piece is one:
            waiting += piece.children[::-1]


def _take_frame(made: Message, data: bytes, tree: tuple[Field, ...]) -> None:
    """HTTP/2: a frame of the stream."""
    header = header_of(data, 0)
    for one in tree:
        if one.name == "field_block":
            _take_block(made, one)
            made.head_bytes += len(data)
    if header.type == DATA and (span := content_of(header, data)):
        made.body += data[span.start : span.end]
        made.body_bytes += span.end - span.start


def _take_block(made: Message, block: Field) -> None:
    lines = [(one.name, one.value) for one in block.children if isinstance(one.value, str)]
    if any(name in (":status", ":method") for name, _ in lines):
        _begin(made)
        made.version = "HTTP/2"
    is_head = not made.headers and not made.body
    for name, value in lines:
        if name.startswith(":"):
            made.pseudo[name[1:]] = value
        else:
            (made.headers if is_head else made.trailers).append((name, value))


def _begin(made: Message) -> None:
    """A head begins; what an informational response said is over."""
    status = made.pseudo.get("status", "")
    if status.isdecimal() and int(status) in _INFORMATIONAL:
        made.pseudo.clear()
        made.headers.clear()
        made.head_bytes = 0


def _lines(data: bytes, section: Field) -> Headers:
    found = []
    for line in section.children:
        name, value = _inside(line, "field-name"), _inside(line, "field-value")
        if name is not None:
            found.append((_text(data, name), _text(data, value)))
    return found


def _inside(one: Field, name: str) -> Field | None:
    return next((child for child in one.children if child.name == name), None)


def _text(data: bytes, one: Field | None) -> str:
    # Bytes beyond ASCII are allowed and mean nothing (RFC 9110 §5.5).
    return "" if one is None else data[one.start : one.end].decode("latin-1")
