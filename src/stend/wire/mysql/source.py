"""Reads and writes the protocol's own kinds of values: integers and strings of several forms."""

from struct import Struct

from stend.wire.mysql.errors import WireError

_NULL = 0xFB
_TWO, _THREE, _EIGHT = 0xFC, 0xFD, 0xFE
_DOUBLE = Struct("<d")
_FLOAT = Struct("<f")


class Source:
    """A payload that is read from front to back.

    Attributes:
        at: where it has come to.
    """

    __slots__ = ("_data", "at")

    def __init__(self, data: bytes, at: int = 0) -> None:
        self._data = data
        self.at = at

    @property
    def rest(self) -> int:
        """How many bytes are left."""
        return len(self._data) - self.at

    def take(self, size: int) -> bytes:
        """
        Raises:
            WireError: there are not so many.
        """
        end = self.at + size
        if size < 0 or end > len(self._data):
            raise WireError(f"{size} bytes, where {self.rest} are left", at=self.at)
        taken = self._data[self.at : end]
        self.at = end
        return taken

    def integer(self, size: int, *, is_signed: bool = False) -> int:
        """
        Raises:
            WireError: there are not so many bytes.
        """
        return int.from_bytes(self.take(size), "little", signed=is_signed)

    def float32(self) -> float:
        value: float = _FLOAT.unpack(self.take(4))[0]
        return value

    def float64(self) -> float:
        value: float = _DOUBLE.unpack(self.take(8))[0]
        return value

    def varied(self) -> int:
        """An integer of one to nine bytes.

        Raises:
            WireError: it is cut off, or none.
        """
        begin = self.at
        first = self.integer(1)
        if first < _NULL:
            return first
        size = {_TWO: 2, _THREE: 3, _EIGHT: 8}.get(first)
        if size is None:
            raise WireError(f"an integer that begins with {first:#x}", at=begin)
        return self.integer(size)

    def sized(self) -> bytes:
        """A string behind its length."""
        return self.take(self.varied())

    def until_zero(self) -> bytes:
        """
        Raises:
            WireError: no zero byte follows.
        """
        end = self._data.find(b"\0", self.at)
        if end < 0:
            raise WireError("a string without its zero byte", at=self.at)
        taken = self._data[self.at : end]
        self.at = end + 1
        return taken

    def remaining(self) -> bytes:
        return self.take(self.rest)

    def text(self, raw: bytes, what: str) -> str:
        """
        Raises:
            WireError: the bytes are not UTF-8.
        """
        try:
            return raw.decode()
        except UnicodeDecodeError:
            raise WireError(f"{what} is not UTF-8", at=self.at) from None

    def end(self, what: str) -> None:
        """
        Raises:
            WireError: bytes are left.
        """
        if self.rest:
            raise WireError(f"{self.rest} bytes behind {what}", at=self.at)


def varied(number: int) -> bytes:
    """An integer in one to nine bytes."""
    if number < _NULL:
        return number.to_bytes(1, "little")
    if number < 1 << 16:
        return b"\xfc" + number.to_bytes(2, "little")
    if number < 1 << 24:
        return b"\xfd" + number.to_bytes(3, "little")
    return b"\xfe" + number.to_bytes(8, "little")


def sized(raw: bytes) -> bytes:
    """A string behind its length."""
    return varied(len(raw)) + raw
