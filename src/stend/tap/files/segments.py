"""TCP segments over IPv4 (RFC 9293 §3.1, RFC 791 §3.1) with their checksums (RFC 1071)."""

import struct
from enum import IntFlag
from ipaddress import IPv4Address

SEGMENT_BYTES = 16 * 1024
_IP_HEADER_BYTES, _TCP_HEADER_BYTES = 20, 20
_VERSION_4_WORDS_5 = 0x45
_DO_NOT_FRAGMENT = 0x4000
_TTL = 64
_TCP = 6
_WINDOW = 65535
_MODULUS = 1 << 32
# Maximum segment size, and a scale by which nobody's window is ever full (RFC 7323 §2).
_SYN_OPTIONS = struct.pack("!BBHBBBB", 2, 4, SEGMENT_BYTES, 1, 3, 3, 14)


class Flag(IntFlag):
    FIN = 0x01
    SYN = 0x02
    PSH = 0x08
    ACK = 0x10


def packet(
    source: tuple[IPv4Address, int],
    target: tuple[IPv4Address, int],
    sequence: int,
    acknowledged: int,
    flags: Flag,
    payload: bytes = b"",
) -> bytes:
    """One IPv4 packet.

    Args:
        sequence, acknowledged: as the connection counts; they wrap at 2**32.
    """
    segment = _segment(source, target, sequence, acknowledged, flags, payload)
    header = struct.pack(
        "!BBHHHBBH4s4s",
        _VERSION_4_WORDS_5,
        0,
        _IP_HEADER_BYTES + len(segment),
        0,
        _DO_NOT_FRAGMENT,
        _TTL,
        _TCP,
        0,
        source[0].packed,
        target[0].packed,
    )
    return _summed(header, 10, b"") + segment


def _segment(
    source: tuple[IPv4Address, int],
    target: tuple[IPv4Address, int],
    sequence: int,
    acknowledged: int,
    flags: Flag,
    payload: bytes,
) -> bytes:
    options = _SYN_OPTIONS if Flag.SYN in flags else b""
    words = (_TCP_HEADER_BYTES + len(options)) // 4
    header = struct.pack(
        "!HHIIBBHHH",
        source[1],
        target[1],
        sequence % _MODULUS,
        acknowledged % _MODULUS if Flag.ACK in flags else 0,
        words << 4,
        flags,
        _WINDOW,
        0,
        0,
    )
    segment = header + options + payload
    pseudo = source[0].packed + target[0].packed + struct.pack("!HH", _TCP, len(segment))
    return _summed(segment, 16, pseudo)


def _summed(data: bytes, at: int, pseudo: bytes) -> bytes:
    """The same with its checksum, whose two bytes at `at` are zero yet."""
    whole = pseudo + data
    if len(whole) % 2:
        whole += b"\0"
    # The one's complement sum of 16-bit words is the whole number modulo 2**16 - 1.
    checksum = 0xFFFF - int.from_bytes(whole) % 0xFFFF
    return data[:at] + struct.pack("!H", checksum % 0xFFFF) + data[at + 2 :]
