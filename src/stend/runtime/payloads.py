"""Where in the bytes of a conversation the payload of each message is: pure, protocol by protocol.

Payload is what the protocol itself calls the content of a message: the body of HTTP (RFC 9112,
section 6) whatever it holds, the application data of a WebSocket frame (RFC 6455, section 5.2), the
message of gRPC without its five bytes of prefix ("gRPC over HTTP/2"), the content body of AMQP
(0-9-1, section 4.2.6), the value of a Kafka record.
"""

from collections.abc import Callable, Iterator, Mapping
from struct import Struct
from struct import error as StructError  # noqa: N812 - it is an exception, named as one
from typing import NamedTuple

from stend.shop.orders.api.protocols import Protocol
from stend.wire.amqp.frames import FRAME, FRAME_OVERHEAD, PROTOCOL_HEADER, FrameType
from stend.wire.kafka import codec
from stend.wire.kafka.apis import ApiKey
from stend.wire.kafka.batches import batches
from stend.wire.kafka.compression import Compression
from stend.wire.kafka.errors import WireError
from stend.wire.kafka.frames import LENGTH
from stend.wire.kafka.headers import read_request_header, response_header
from stend.wire.kafka.records import records

_HTTP2_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_HTTP2_HEAD_BYTES = 9
_DATA, _PADDED = 0, 0x08
_GRPC_PREFIX_BYTES = 5
_CONTROL_OPCODES = 0x8
_SHORT = Struct(">H")
_LONG = Struct(">Q")
_WITHOUT_BODY = (b"1", b"204", b"304")


class Part(NamedTuple):
    """A piece of payload: where in the stream it has come to its end, and how large it is."""

    end: int
    size: int


Parts = list[Part]
# Of what went up and what came down.
Reader = Callable[[bytes, bytes], tuple[Parts, Parts]]


class NotThisProtocolError(Exception):
    """The bytes are not what they should be, so nothing can be said of their payload."""


def payloads(protocol: str, up: bytes, down: bytes) -> tuple[Parts, Parts]:
    """
    Raises:
        NotThisProtocolError: the bytes are of another protocol or cut off where they must not be.
    """
    try:
        return _READERS[protocol](up, down)
    except (ValueError, IndexError, KeyError, StructError, WireError) as error:
        raise NotThisProtocolError(str(error) or type(error).__name__) from error


def _http(up: bytes, down: bytes) -> tuple[Parts, Parts]:
    return list(_http_bodies(up, 0)), list(_http_bodies(down, 0))


def _http_bodies(data: bytes, at: int) -> Iterator[Part]:
    while (head_end := data.find(b"\r\n\r\n", at)) >= 0:
        lines = data[at:head_end].lower().split(b"\r\n")
        headers = dict(line.split(b":", 1) for line in lines[1:])
        at = head_end + 4
        if b"chunked" in headers.get(b"transfer-encoding", b""):
            yield from (parts := list(_chunks(data, at)))
            at = parts[-1].end if parts else len(data)
        elif not lines[0].startswith(b"http/") or _has_body(lines[0].split(b" ")[1]):
            size = int(headers.get(b"content-length", b"0"))
            at += size
            if size and at <= len(data):
                yield Part(at, size)


def _has_body(status: bytes) -> bool:
    return not status.startswith(_WITHOUT_BODY)


def _chunks(data: bytes, at: int) -> Iterator[Part]:
    """The last one, of no size, ends where the message does."""
    while (line_end := data.find(b"\r\n", at)) >= 0:
        size = int(data[at:line_end].split(b";")[0], 16)
        at = line_end + 2 + size + 2
        if at > len(data):
            return
        yield Part(at, size)
        if size == 0:
            return


def _websocket(up: bytes, down: bytes) -> tuple[Parts, Parts]:
    """After one exchange of HTTP: the handshake."""
    return list(_frames(up)), list(_frames(down))


def _frames(data: bytes) -> Iterator[Part]:
    at = data.find(b"\r\n\r\n") + 4
    while at + 2 <= len(data):
        opcode, length = data[at] & 0x0F, data[at + 1] & 0x7F
        masked = data[at + 1] & 0x80
        at += 2
        # Section 5.2: a longer length follows, in two bytes or in eight.
        if length == 126:
            (length,), at = _SHORT.unpack_from(data, at), at + 2
        elif length == 127:
            (length,), at = _LONG.unpack_from(data, at), at + 8
        at += (4 if masked else 0) + length
        if at <= len(data) and opcode < _CONTROL_OPCODES:
            yield Part(at, length)


def _grpc(up: bytes, down: bytes) -> tuple[Parts, Parts]:
    if up and not up.startswith(_HTTP2_PREFACE[: len(up)]):
        raise ValueError("a connection that does not begin with the preface of HTTP/2")
    return list(_messages(up, len(_HTTP2_PREFACE))), list(_messages(down, 0))


def _messages(data: bytes, at: int) -> Iterator[Part]:
    """The prefix of a message stands once, before its first byte, in whichever frame."""
    inside: dict[int, int] = {}
    while at + _HTTP2_HEAD_BYTES <= len(data):
        size, kind, flags = int.from_bytes(data[at : at + 3]), data[at + 3], data[at + 4]
        stream = int.from_bytes(data[at + 5 : at + 9]) & 0x7FFF_FFFF
        begin = at + _HTTP2_HEAD_BYTES
        at = begin + size
        if kind != _DATA or at > len(data):
            continue
        if flags & _PADDED:
            size -= 1 + data[begin]
            begin += 1
        payload, inside[stream] = _without_prefixes(
            data[begin : begin + size], inside.get(stream, 0)
        )
        if payload:
            yield Part(at, payload)


def _without_prefixes(data: bytes, left: int) -> tuple[int, int]:
    """How much of it is messages, and how much of the last one is still to come.

    Args:
        left: what is still to come of a message that began in a frame before.
    """
    payload, at = 0, 0
    while at < len(data):
        if left == 0:
            left = int.from_bytes(data[at + 1 : at + _GRPC_PREFIX_BYTES])
            at += _GRPC_PREFIX_BYTES
        taken = min(left, len(data) - at)
        payload, left, at = payload + taken, left - taken, at + taken
    return payload, left


def _amqp(up: bytes, down: bytes) -> tuple[Parts, Parts]:
    if up and not up.startswith(PROTOCOL_HEADER[: len(up)]):
        raise ValueError("a connection that does not begin with the protocol header of AMQP")
    return list(_bodies(up, len(PROTOCOL_HEADER))), list(_bodies(down, 0))


def _bodies(data: bytes, at: int) -> Iterator[Part]:
    while at + FRAME_OVERHEAD <= len(data):
        kind, _, size = FRAME.unpack_from(data, at)
        at += FRAME_OVERHEAD + size
        if kind == FrameType.BODY and at <= len(data):
            yield Part(at, size)


def _kafka(up: bytes, down: bytes) -> tuple[Parts, Parts]:
    asked: dict[int, tuple[int, int]] = {}
    sent, received = [], []
    for end, frame in _kafka_frames(up):
        header = read_request_header(frame)
        asked[header.correlation_id] = header.api_key, header.version
        if header.api_key == ApiKey.PRODUCE:
            fields, _ = codec.request(header.api_key, header.version).decode(frame, header.body_at)
            blocks = [one["records"] for t in fields["topic_data"] for one in t["partition_data"]]
            sent.append(Part(end, sum(map(_values, blocks))))
    for end, frame in _kafka_frames(down):
        (correlation_id,) = LENGTH.unpack_from(frame)
        api_key, version = asked[correlation_id]
        if api_key == ApiKey.FETCH:
            at = len(response_header(api_key, version, correlation_id))
            fields, _ = codec.response(api_key, version).decode(frame, at)
            blocks = [one["records"] for t in fields["responses"] for one in t["partitions"]]
            received.append(Part(end, sum(map(_values, blocks))))
    return sent, received


def _kafka_frames(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + LENGTH.size <= len(data):
        (size,) = LENGTH.unpack_from(data, at)
        begin, at = at + LENGTH.size, at + LENGTH.size + size
        if at <= len(data):
            yield at, data[begin:at]


def _values(block: bytes | None) -> int:
    data, size = block or b"", 0
    for header, at in batches(data, allow_partial=True):
        if header.compression is not Compression.NONE:
            raise ValueError("a batch that is compressed as a whole, values and all")
        size += sum(len(record.value or b"") for record in records(data, at, header))
    return size


_READERS: Mapping[str, Reader] = {
    Protocol.REST: _http,
    Protocol.JSONRPC: _http,
    Protocol.SOAP: _http,
    Protocol.GRAPHQL: _http,
    Protocol.GRPC: _grpc,
    Protocol.WEBSOCKET: _websocket,
    Protocol.AMQP: _amqp,
    Protocol.KAFKA: _kafka,
    Protocol.MCP: _http,
}
