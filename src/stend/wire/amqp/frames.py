"""Frames of AMQP 0-9-1: cut out of a stream of bytes, and put together (section 4.2).

A frame is an octet of type, two of channel, four of size, the payload and the end octet 0xCE.
"""

from enum import IntEnum
from struct import Struct
from typing import NamedTuple

PROTOCOL_HEADER = b"AMQP\x00\x00\x09\x01"
FRAME_END = b"\xce"
# Type, channel and size before the payload, the end octet after it.
FRAME_OVERHEAD = 8
# Section 4.2.3: what both sides must take before they have negotiated a size.
MIN_FRAME_SIZE = 4096
HEARTBEAT = b"\x08\x00\x00\x00\x00\x00\x00\xce"

FRAME = Struct(">BHI")
_END_OCTET = FRAME_END[0]


class FrameType(IntEnum):
    METHOD = 1
    HEADER = 2
    BODY = 3
    HEARTBEAT = 8


class Frame(NamedTuple):
    """`kind` is the octet as it came: unknown types are the connection's affair."""

    kind: int
    channel: int
    payload: bytes


class AmqpSyntaxError(Exception):
    """The bytes are no AMQP. `code` is the reply code: 501 FRAME_ERROR, or 503 COMMAND_INVALID."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


class FrameReader:
    """Cuts a stream into frames. Holds at most one unfinished frame."""

    def __init__(self, frame_max: int = MIN_FRAME_SIZE) -> None:
        self.frame_max = frame_max
        self._rest = b""

    def feed(self, data: bytes) -> list[Frame]:
        """The frames that `data` completes.

        Raises:
            AmqpSyntaxError: a frame larger than negotiated or with a wrong end octet; frames before
                it are lost, as the connection is.
        """
        buffer = self._rest + data if self._rest else data
        frames: list[Frame] = []
        at, length = 0, len(buffer)
        while length - at >= FRAME_OVERHEAD:
            kind, channel, size = FRAME.unpack_from(buffer, at)
            if size > self.frame_max - FRAME_OVERHEAD:
                raise AmqpSyntaxError(501, f"type {kind}, payload of {size} bytes is too large")
            end = at + 7 + size
            if end >= length:
                break
            if buffer[end] != _END_OCTET:
                raise AmqpSyntaxError(501, f"type {kind}, end octet {buffer[end]:#04x}, not 0xce")
            frames.append(Frame(kind, channel, buffer[at + 7 : end]))
            at = end + 1
        self._rest = buffer[at:]
        return frames


def frame(kind: int, channel: int, payload: bytes) -> bytes:
    return b"".join((FRAME.pack(kind, channel, len(payload)), payload, FRAME_END))
