"""Varints of Kafka's protocol: unsigned ones of messages, zigzag ones of records."""

_MAX_INT = 2**31 - 1
_BITS_OF_INT = 35
_BITS_OF_LONG = 70
_CONTINUED = 0x80


class Malformed(Exception):  # noqa: N818 - it never leaves this package
    """The bytes are wrong; where and why is found by a second, slower look."""


def more(data: bytes, first: int, at: int) -> tuple[int, int]:
    """The rest of an unsigned varint whose first byte says that there is more.

    Raises:
        Malformed: more than five bytes, or a value that Java's int does not hold.
        IndexError: it is cut off.
    """
    value, shift = first & 0x7F, 7
    while shift < _BITS_OF_INT:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < _CONTINUED:
            if value > _MAX_INT:
                break
            return value, at
        shift += 7
    raise Malformed


def unsigned(value: int) -> bytes:
    if value < _CONTINUED:
        return bytes((value,))
    made = bytearray()
    while value >= _CONTINUED:
        made.append(value & 0x7F | _CONTINUED)
        value >>= 7
    made.append(value)
    return bytes(made)


def more_signed(data: bytes, first: int, at: int) -> tuple[int, int]:
    """The rest of a zigzag varint or varlong, of at most 64 bits."""
    value, shift = first & 0x7F, 7
    while shift < _BITS_OF_LONG:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < _CONTINUED:
            if value >> 64:
                break
            return (value >> 1) ^ -(value & 1), at
        shift += 7
    raise Malformed


def signed(value: int) -> bytes:
    """Zigzag: small numbers of either sign are short."""
    return unsigned(value << 1 if value >= 0 else (-value << 1) - 1)
