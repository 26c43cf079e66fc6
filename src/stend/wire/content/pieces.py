"""Messages with a length in front, cut out of data whose boundaries are others."""

from typing import NamedTuple

# A message is kept until its last piece only up to here.
JOINED_LIMIT = 16 * 1024 * 1024


class Piece(NamedTuple):
    """What some data hold of one message, at `start` to `end`.

    Attributes:
        number: which message it is, from 1.
        part: which piece of the message it is, from 1.
        before: the earlier pieces, where this is the last of several.
        is_last: the message is complete.
        size: of the whole message; None while its prefix is not complete.
        is_kept: the earlier pieces were not too long to be kept.
    """

    number: int
    part: int
    start: int
    end: int
    before: tuple[bytes, ...]
    is_last: bool
    size: int | None
    is_kept: bool


class MessageCutter:
    """Finds messages in data that come in pieces of other lengths.

    Args:
        prefix: how many octets lead a message in: one, and behind it its length.
    """

    def __init__(self, prefix: int) -> None:
        self._size = prefix
        self._number = 1
        self._before: list[bytes] = []
        self._parts = 0
        self._seen = 0
        self._prefix = b""

    def cut(self, data: bytes) -> tuple[Piece, ...]:
        """The pieces of messages that the next data hold; they tile it."""
        found: list[Piece] = []
        at = 0
        while at < len(data):
            found.append(self._piece(data, at))
            at = found[-1].end
        return tuple(found)

    def _piece(self, data: bytes, start: int) -> Piece:
        missing = self._size - len(self._prefix)
        self._prefix += data[start : start + missing]
        size = None
        end = len(data)
        if len(self._prefix) == self._size:
            size = int.from_bytes(self._prefix[1:], "big")
            end = min(end, start + self._size + size - self._seen)
        is_last = size is not None and self._seen + end - start == self._size + size
        is_kept = size is None or size <= JOINED_LIMIT
        before = tuple(self._before) if is_last and is_kept else ()
        piece = Piece(self._number, self._parts + 1, start, end, before, is_last, size, is_kept)
        self._go_on(data, piece)
        return piece

    def _go_on(self, data: bytes, piece: Piece) -> None:
        if piece.is_last:
            self._number += 1
            self._before, self._parts, self._seen, self._prefix = [], 0, 0, b""
            return
        self._parts += 1
        self._seen += piece.end - piece.start
        if piece.is_kept:
            self._before.append(data[piece.start : piece.end])
