"""The header of a frame, and how its payload is unmasked (RFC 6455 §5.2, §5.3)."""

from enum import IntEnum
from typing import NamedTuple

from stend.wire.decoding import Undecodable


class Opcode(IntEnum):
    CONTINUATION = 0x0
    TEXT = 0x1
    BINARY = 0x2
    CLOSE = 0x8
    PING = 0x9
    PONG = 0xA


_NAMES = {one.value: one.name.lower() for one in Opcode}
# The payload length 126 says that 2 octets with the length follow, 127 that 8 do.
_LENGTH_OCTETS = {126: 2, 127: 8}


class Frame(NamedTuple):
    """The header of a frame.

    Attributes:
        rsv: the three reserved bits as a number; 4 is RSV1, which permessage-deflate has.
        key_start: of the masking key; the same as `payload` where there is none.
        payload: offset of the payload data.
        length: of the payload data, in bytes.
    """

    fin: bool
    rsv: int
    opcode: int
    masked: bool
    key_start: int
    payload: int
    length: int

    @property
    def name(self) -> str:
        return _NAMES.get(self.opcode, f"opcode 0x{self.opcode:x}")

    @property
    def is_control(self) -> bool:
        return self.opcode >= Opcode.CLOSE


def header_size(data: bytes | bytearray, at: int) -> int:
    """How many bytes the header takes; the first two have to be there."""
    second = data[at + 1]
    return 2 + _LENGTH_OCTETS.get(second & 0x7F, 0) + (4 if second & 0x80 else 0)


def read_frame(data: bytes | bytearray, at: int = 0) -> Frame:
    """The header that begins at `at`; all of it has to be there. Offsets are from `at`.

    Raises:
        Undecodable: the length is none.
    """
    first, second = data[at], data[at + 1]
    length = second & 0x7F
    octets = _LENGTH_OCTETS.get(length, 0)
    if octets:
        length = int.from_bytes(data[at + 2 : at + 2 + octets], "big")
    if length >= 1 << 63:
        raise Undecodable(
            "старший бит длины кадра должен быть 0",
            "the highest bit of a frame's length must be 0",
            at=at + 2,
        )
    masked = bool(second & 0x80)
    key_start = 2 + octets
    return Frame(
        fin=bool(first & 0x80),
        rsv=first >> 4 & 7,
        opcode=first & 0x0F,
        masked=masked,
        key_start=key_start,
        payload=key_start + (4 if masked else 0),
        length=length,
    )


def unmasked(data: bytes, key: bytes) -> bytes:
    """The payload with the mask taken off, all of it at once."""
    if not data:
        return b""
    mask = (key * (len(data) // 4 + 1))[: len(data)]
    plain = int.from_bytes(data, "little") ^ int.from_bytes(mask, "little")
    return plain.to_bytes(len(data), "little")


def payload_of(frame: Frame, data: bytes) -> bytes:
    """The payload of a whole frame, without its mask."""
    inside = data[frame.payload :]
    return unmasked(inside, data[frame.key_start : frame.payload]) if frame.masked else inside
