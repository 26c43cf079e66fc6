"""Content: the header frame with its properties, and the bodies (sections 2.3.5.2 and 4.2.6).

Properties stay in the bytes of their sender. What a server must know is read; what it must change
is changed in place, the rest is passed on as it came.
"""

from struct import Struct
from struct import error as StructError  # noqa: N812 - it is an exception, named as one
from typing import NamedTuple

from stend.wire.amqp.frames import FRAME_OVERHEAD, FrameType, frame
from stend.wire.amqp.values import (
    Items,
    Value,
    join_table,
    read_table,
    short_string,
    split_table,
    syntax_error,
)

BASIC = 60
_HEADER = Struct(">HHQH")
_TIMESTAMP = Struct(">Q")
_LAST_FLAG = 1

# In the order of the wire, the first at bit 15 (class basic of the specification's XML).
NAMES = (
    "content_type",
    "content_encoding",
    "headers",
    "delivery_mode",
    "priority",
    "correlation_id",
    "reply_to",
    "expiration",
    "message_id",
    "timestamp",
    "type",
    "user_id",
    "app_id",
    "cluster_id",
)
_BITS = tuple((1 << (15 - place), name) for place, name in enumerate(NAMES))
_OCTETS = frozenset(("delivery_mode", "priority"))


class ContentHeader(NamedTuple):
    """`payload` is that of the header frame, to be sent again as it is."""

    body_size: int
    properties: dict[str, bytes]
    payload: bytes


def decode_content_header(payload: bytes) -> ContentHeader:
    """Each property in its own bytes, in the order of the wire.

    Raises:
        AmqpSyntaxError: 501 when it is cut off, of another class, or has bytes left over.
    """
    try:
        class_id, weight, body_size, flags = _HEADER.unpack_from(payload)
    except StructError:
        raise syntax_error("a content header is cut off") from None
    if class_id != BASIC or weight:
        raise syntax_error(f"a content header of class {class_id} with weight {weight}")
    # There are fourteen properties: a further word of flags can only mean unknown ones.
    if flags & _LAST_FLAG:
        raise syntax_error("a content header has more than one word of property flags")
    properties: dict[str, bytes] = {}
    at = _HEADER.size
    for bit, name in _BITS:
        if flags & bit:
            end = _property_end(name, payload, at)
            properties[name] = payload[at:end]
            at = end
    if at != len(payload):
        raise syntax_error(f"a content header has {len(payload) - at} bytes left over")
    return ContentHeader(body_size, properties, payload)


def encode_content_header(body_size: int, properties: dict[str, bytes]) -> bytes:
    """The payload of a header frame. Order of `properties` does not matter."""
    flags, parts = 0, []
    for bit, name in _BITS:
        if name in properties:
            flags |= bit
            parts.append(properties[name])
    return b"".join((_HEADER.pack(BASIC, 0, body_size, flags), *parts))


def headers_of(properties: dict[str, bytes]) -> dict[str, Value]:
    raw = properties.get("headers")
    return read_table(raw)[0] if raw else {}


def header_items(properties: dict[str, bytes]) -> Items:
    raw = properties.get("headers")
    return split_table(raw)[0] if raw else []


def with_headers(properties: dict[str, bytes], items: Items) -> dict[str, bytes]:
    """The properties with other headers; the rest is passed on as it came."""
    changed = {name: value for name, value in properties.items() if name != "headers"}
    return {**changed, "headers": join_table(items)} if items else changed


def text_property(properties: dict[str, bytes], name: str) -> str | None:
    """A property that is a short string.

    Raises:
        AmqpSyntaxError: it is not UTF-8.
    """
    raw = properties.get(name)
    if raw is None:
        return None
    try:
        return raw[1:].decode()
    except UnicodeDecodeError:
        raise syntax_error(f"the property {name} is not UTF-8") from None


def octet_property(properties: dict[str, bytes], name: str) -> int | None:
    raw = properties.get(name)
    return raw[0] if raw else None


def timestamp_property(properties: dict[str, bytes]) -> int | None:
    """Seconds since 1970 (section 4.2.5.4)."""
    raw = properties.get("timestamp")
    seconds: int | None = _TIMESTAMP.unpack(raw)[0] if raw else None
    return seconds


def encode_text(text: str) -> bytes:
    return short_string(text)


def encode_body(channel: int, body: bytes, frame_max: int) -> bytes:
    """As many body frames as the negotiated size asks for; an empty body has none."""
    step = frame_max - FRAME_OVERHEAD
    if not body:
        return b""
    if len(body) <= step:
        return frame(FrameType.BODY, channel, body)
    return b"".join(
        frame(FrameType.BODY, channel, body[at : at + step]) for at in range(0, len(body), step)
    )


def _property_end(name: str, payload: bytes, at: int) -> int:
    if name in _OCTETS:
        end = at + 1
    elif name == "timestamp":
        end = at + _TIMESTAMP.size
    elif name == "headers":
        # Read whole, so that nobody is sent a table that cannot be read.
        _, end = read_table(payload, at)
    elif at < len(payload):
        end = at + 1 + payload[at]
    else:
        end = at + 1
    if end > len(payload):
        raise syntax_error(f"the property {name} is cut off")
    return end
