"""Where the payload of a message is in the bytes of a connection, protocol by protocol."""

import pytest

from stend.runtime.payloads import NotThisProtocolError, Part, payloads
from stend.wire.amqp.frames import PROTOCOL_HEADER, FrameType
from stend.wire.amqp.frames import frame as amqp_frame
from stend.wire.kafka import codec
from stend.wire.kafka.apis import ApiKey
from stend.wire.kafka.frames import frame as kafka_frame
from stend.wire.kafka.headers import request_header, response_header
from stend.wire.kafka.records import Record, build_batch

_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_UPGRADE = b"GET /ws HTTP/1.1\r\nUpgrade: websocket\r\n\r\n"
_SWITCHING = b"HTTP/1.1 101 Switching Protocols\r\n\r\n"


def http2(kind: int, payload: bytes, flags: int = 0) -> bytes:
    return len(payload).to_bytes(3) + bytes([kind, flags]) + (1).to_bytes(4) + payload


def message(size: int) -> bytes:
    return b"\0" + size.to_bytes(4) + b"m" * size


def sizes(parts: list[Part]) -> list[int]:
    return [part.size for part in parts]


def produced(*values: bytes) -> bytes:
    records = [Record(at, 0, b"key", value, [("a", b"header")]) for at, value in enumerate(values)]
    block = bytes(build_batch(records, base_timestamp=0, max_timestamp=0))
    data = {"index": 0, "records": block}
    fields = {"acks": -1, "timeout_ms": 1, "topic_data": [{"name": "t", "partition_data": [data]}]}
    head = request_header(ApiKey.PRODUCE, 7, 5, "me")
    return kafka_frame(head, codec.request(ApiKey.PRODUCE, 7).encode(fields))


def fetched(*values: bytes) -> tuple[bytes, bytes]:
    records = [Record(at, 0, None, value, []) for at, value in enumerate(values)]
    block = bytes(build_batch(records, base_timestamp=0, max_timestamp=0))
    partition = {"partition_index": 0, "records": block}
    fields = {"responses": [{"topic": "t", "partitions": [partition]}]}
    request = codec.request(ApiKey.FETCH, 11).encode({"topics": []})
    response = codec.response(ApiKey.FETCH, 11).encode(fields)
    return (
        kafka_frame(request_header(ApiKey.FETCH, 11, 6, "me"), request),
        kafka_frame(response_header(ApiKey.FETCH, 11, 6), response),
    )


@pytest.mark.parametrize(
    ("up", "down", "sent", "received"),
    [
        (b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n", [], []),
        (
            b"POST / HTTP/1.1\r\ncontent-length: 3\r\n\r\nabc" * 2,
            b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabcd" * 2,
            [3, 3],
            [4, 4],
        ),
        # A length without a body: 304 tells that of what was not sent (RFC 9110, section 8.6).
        (b"", b"HTTP/1.1 304 Not Modified\r\nContent-Length: 4\r\n\r\n", [], []),
        (
            b"",
            (
                b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1;x=y\r\n!\r\n"
                b"0\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
            ),
            [],
            [5, 1, 0, 2],
        ),
        # The last one is still on its way.
        (b"POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nab", b"HTTP/1.1 200", [], []),
    ],
)
def test_http(up: bytes, down: bytes, sent: list[int], received: list[int]) -> None:
    told = payloads("rest", up, down)
    assert (sizes(told[0]), sizes(told[1])) == (sent, received)
    assert all(part.end <= len(up) for part in told[0])


def test_grpc_without_prefixes_frames_and_padding() -> None:
    whole = message(300)
    down = b"".join(
        [
            http2(4, b""),
            http2(1, b"headers"),
            # One message in two frames, two messages in one, a padded one.
            http2(0, whole[:7]) + http2(0, whole[7:]),
            http2(0, message(2) + message(3)),
            http2(0, b"\x04" + message(9) + b"\0" * 4, flags=0x08),
        ]
    )
    sent, received = payloads("grpc", _PREFACE + http2(0, message(1)), down)
    assert sizes(sent) == [1]
    assert sizes(received) == [2, 298, 5, 9]
    assert received[-1].end == len(down)


def test_websocket_without_heads_and_masks() -> None:
    up = _UPGRADE + b"\x81\x85mask" + b"hello" + b"\x89\x80mask" + b"\xc1\xfe\x01\x00mask"
    up += b"x" * 256
    down = _SWITCHING + b"\x81\x7f" + (70_000).to_bytes(8) + b"y" * 70_000 + b"\x8a\x00"
    sent, received = payloads("websocket", up, down)
    assert sizes(sent) == [5, 256]
    assert sizes(received) == [70_000]


def test_amqp_has_it_in_body_frames() -> None:
    frames = b"".join(
        [
            amqp_frame(FrameType.METHOD, 1, b"publish"),
            amqp_frame(FrameType.HEADER, 1, b"properties"),
            amqp_frame(FrameType.BODY, 1, b"a body"),
            amqp_frame(FrameType.HEARTBEAT, 0, b""),
        ]
    )
    sent, received = payloads("amqp", PROTOCOL_HEADER + frames, frames + frames[:9])
    assert (sizes(sent), sizes(received)) == ([6], [6])


def test_kafka_has_it_in_the_values_of_records() -> None:
    request, response = fetched(b"four", b"two")
    up = produced(b"hello", b"!") + request
    sent, received = payloads("kafka", up, response)
    assert (sizes(sent), sizes(received)) == ([6], [7])
    assert received[0].end == len(response)


@pytest.mark.parametrize(
    ("protocol", "up", "down"),
    [
        ("grpc", b"GET / HTTP/1.1\r\n\r\n", b""),
        ("amqp", b"HELO me\r\n", b""),
        ("rest", b"POST / HTTP/1.1\r\nContent-Length: many\r\n\r\n", b""),
        ("rest", b"nothing of it\r\n and no colon\r\n\r\n", b""),
        ("kafka", kafka_frame(b"short"), b""),
        # An answer to nothing.
        ("kafka", b"", kafka_frame(b"\0\0\0\x07")),
    ],
)
def test_what_is_not_the_protocol_is_not_guessed_at(protocol: str, up: bytes, down: bytes) -> None:
    with pytest.raises(NotThisProtocolError):
        payloads(protocol, up, down)
