"""Identifiers that sort by time: ULID (github.com/ulid/spec), 48 bits of time and 80 of chance."""

import base64
import re
from typing import Protocol

# Crockford's base 32: no I, L, O and U, so that a person can read an id out over the phone.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
# All that two letters spell, so that half as many steps make an id.
_PAIRS = [first + second for first in _ALPHABET for second in _ALPHABET]
_VALUES = {letter: value for value, letter in enumerate(_ALPHABET)}
_LENGTH = 26
_SHIFTS = range(5 * (_LENGTH - 2), -1, -10)
ULID_BYTES = 16

ULID_PATTERN = "[0-7][0-9A-HJKMNP-TV-Z]{25}"
_ULID = re.compile(ULID_PATTERN)


class Ids(Protocol):
    def ulid(self) -> str:
        """A fresh ULID, 26 characters."""
        ...


def encode_ulid(raw: bytes) -> str:
    """16 bytes, big-endian, to 26 characters. The first holds only 3 bits (ULID spec, Encoding)."""
    number = int.from_bytes(raw, "big")
    return "".join([_PAIRS[(number >> shift) & 1023] for shift in _SHIFTS])


def decode_ulid(ulid: str) -> bytes:
    """Back to 16 bytes.

    Raises:
        ValueError: not 26 letters of the alphabet, or above 2^128 - 1.
    """
    if not _ULID.fullmatch(ulid):
        raise ValueError(f"not a ULID: {ulid!r}")
    number = 0
    for letter in ulid:
        number = number << 5 | _VALUES[letter]
    return number.to_bytes(ULID_BYTES, "big")


def to_token(ulid: str) -> str:
    """A ULID as an opaque, URL-safe token of 22 characters, for cursors."""
    return base64.urlsafe_b64encode(decode_ulid(ulid)).decode().rstrip("=")


def from_token(token: str) -> str:
    """Back from `to_token`.

    Raises:
        ValueError: the token does not carry exactly 16 bytes.
    """
    raw = base64.b64decode(token + "==", altchars=b"-_", validate=True)
    if len(raw) != ULID_BYTES:
        raise ValueError(f"a cursor carries {ULID_BYTES} bytes, this one {len(raw)}")
    return encode_ulid(raw)
