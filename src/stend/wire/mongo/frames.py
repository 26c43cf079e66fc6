"""Cuts a stream into messages: each begins with its own length.

Source: MongoDB Wire Protocol, Standard Message Header.
"""

from enum import IntEnum
from struct import Struct
from typing import NamedTuple

from stend.wire.mongo.errors import WireError

# maxMessageSizeBytes, as `hello` tells it.
MAX_MESSAGE_BYTES = 48_000_000
_HEADER = Struct("<iiii")
HEADER_BYTES = _HEADER.size
_LENGTH = Struct("<i")


class OpCode(IntEnum):
    """What a message is; those between OP_REPLY and OP_COMPRESSED are gone since MongoDB 5.1."""

    OP_REPLY = 1
    OP_UPDATE = 2001
    OP_INSERT = 2002
    OP_QUERY = 2004
    OP_GET_MORE = 2005
    OP_DELETE = 2006
    OP_KILL_CURSORS = 2007
    OP_COMPRESSED = 2012
    OP_MSG = 2013


class Header(NamedTuple):
    """
    Attributes:
        length: of the message in bytes, with this header.
        request_id: chosen by the sender.
        response_to: the request_id of what it answers, or 0.
        op_code: one of `OpCode`, or a stranger.
    """

    length: int
    request_id: int
    response_to: int
    op_code: int


def read_header(data: bytes) -> Header:
    """
    Raises:
        WireError: there are fewer than 16 bytes.
    """
    if len(data) < HEADER_BYTES:
        raise WireError(f"{len(data)} bytes, where a header has {HEADER_BYTES}", at=0)
    return Header(*_HEADER.unpack_from(data))


def framed(op_code: int, request_id: int, response_to: int, *parts: bytes) -> bytes:
    """A message of these parts behind its header."""
    length = HEADER_BYTES + sum(map(len, parts))
    return b"".join((_HEADER.pack(length, request_id, response_to, op_code), *parts))


class FrameReader:
    """Holds at most one unfinished message.

    Args:
        max_bytes: of one message with its header.
    """

    def __init__(self, max_bytes: int = MAX_MESSAGE_BYTES) -> None:
        self.max_bytes = max_bytes
        # Grows with what comes, not with the length that somebody tells.
        self._rest = bytearray()
        self._wanted = _LENGTH.size

    def feed(self, data: bytes) -> list[bytes]:
        """The messages that `data` completes, each with its header.

        Raises:
            WireError: a length that no message has; messages before it are lost, as the
                connection is.
        """
        if not self._rest:
            return self._cut(data)
        self._rest += data
        if len(self._rest) < self._wanted:
            return []
        return self._cut(self._rest)

    def _cut(self, data: bytes | bytearray) -> list[bytes]:
        found: list[bytes] = []
        at, length = 0, len(data)
        self._wanted = _LENGTH.size
        with memoryview(data) as view:
            while length - at >= _LENGTH.size:
                (size,) = _LENGTH.unpack_from(view, at)
                if not HEADER_BYTES <= size <= self.max_bytes:
                    raise WireError(
                        f"a message of {size} bytes, where {HEADER_BYTES} to {self.max_bytes} "
                        "are possible"
                    )
                if at + size > length:
                    self._wanted = size
                    break
                found.append(bytes(view[at : at + size]))
                at += size
            rest = bytearray(view[at:])
        self._rest = rest
        return found
