"""Frames that carry a message to a client: Basic.Deliver, Basic.GetOk, Basic.Return. Pure."""

from struct import Struct

from stend.engines.amqp.message import Entry, Message
from stend.wire.amqp.content import (
    encode_body,
    encode_content_header,
    header_items,
    with_headers,
)
from stend.wire.amqp.frames import FRAME, FRAME_END, FRAME_OVERHEAD, FrameType
from stend.wire.amqp.values import long_value, short_string

_METHOD = Struct(">HH")
_BASIC, _RETURN, _DELIVER, _GET_OK = 60, 50, 60, 71
_TAG = Struct(">Q?")
_REPLY_CODE = Struct(">H")
_COUNT = Struct(">I")
_GET_OK_PREFIX = _METHOD.pack(_BASIC, _GET_OK)
_RETURN_PREFIX = _METHOD.pack(_BASIC, _RETURN)


def deliver_prefix(consumer_tag: str) -> bytes:
    """The part of Basic.Deliver that is the same for every message of a consumer."""
    return _METHOD.pack(_BASIC, _DELIVER) + short_string(consumer_tag)


def deliver(channel: int, prefix: bytes, tag: int, entry: Entry, frame_max: int) -> bytes:
    message = entry.message
    method = prefix + _TAG.pack(tag, entry.redelivered) + message.address
    # A consumer is told of returns only when there were some, Basic.Get always (as RabbitMQ does).
    header = _header_of(entry) if entry.deliveries else message.header
    return _content(channel, method, header, message.body, frame_max)


def get_ok(channel: int, tag: int, entry: Entry, remaining: int, frame_max: int) -> bytes:
    message = entry.message
    numbers = _TAG.pack(tag, entry.redelivered)
    method = b"".join((_GET_OK_PREFIX, numbers, message.address, _COUNT.pack(remaining)))
    return _content(channel, method, _header_of(entry), message.body, frame_max)


def returned(channel: int, code: int, text: str, message: Message, frame_max: int) -> bytes:
    method = b"".join((_RETURN_PREFIX, _REPLY_CODE.pack(code), short_string(text), message.address))
    return _content(channel, method, message.header, message.body, frame_max)


def _header_of(entry: Entry) -> bytes:
    message = entry.message
    if entry.deliveries is None:
        return message.header
    # Quorum queues tell how often a message came back undone.
    items = [item for item in header_items(message.properties) if item[0] != "x-delivery-count"]
    items.append(("x-delivery-count", long_value(entry.deliveries)))
    properties = with_headers(message.properties, items)
    return encode_content_header(len(message.body), properties)


def _content(channel: int, method: bytes, header: bytes, body: bytes, frame_max: int) -> bytes:
    # One join for the common case: this runs for every message.
    parts = (
        FRAME.pack(FrameType.METHOD, channel, len(method)),
        method,
        FRAME_END,
        FRAME.pack(FrameType.HEADER, channel, len(header)),
        header,
        FRAME_END,
    )
    if body and len(body) <= frame_max - FRAME_OVERHEAD:
        head = FRAME.pack(FrameType.BODY, channel, len(body))
        return b"".join((*parts, head, body, FRAME_END))
    return b"".join(parts) + encode_body(channel, body, frame_max)
