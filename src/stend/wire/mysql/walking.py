"""Reads a packet piece by piece, and knows where each piece stands."""

from collections.abc import Callable
from typing import Any

from stend.kit.languages import Text
from stend.kit.nesting import Span
from stend.wire.mysql.errors import WireError
from stend.wire.mysql.source import Source
from stend.wire.reading import MASK, text_of

NOT_DECODED = "not decoded"
_DIFFERENT = Text(
    ru="отсюда байты не такие, как велит протокол для этого пакета",
    en="from here on the bytes are not what the protocol has in this packet",
)


class Walker:
    """
    Args:
        data: a packet with its header, or without.
        at: where to begin.
    """

    def __init__(self, data: bytes, at: int = 0) -> None:
        self._source = Source(data, at)
        self.spans: list[Span] = []

    @property
    def at(self) -> int:
        return self._source.at

    @property
    def rest(self) -> int:
        return self._source.rest

    def peek(self) -> int:
        """The next byte.

        Raises:
            WireError: there is none.
        """
        value = self._source.integer(1)
        self._source.at -= 1
        return value

    def integer(self, size: int, path: str, name: str = "") -> int:
        """An integer of a fixed size.

        Raises:
            WireError: the bytes are not there; as of all others here.
        """
        begin = self.at
        value = self._source.integer(size)
        return int(self._add(path, name or path, f"int<{size}>", value, begin))

    def show_number(self, size: int, path: str, show: Callable[[int], str | int]) -> None:
        """An integer that stands for something: its value tells what."""
        self.show(show(self.integer(size, path)))

    def varied(self, path: str, name: str = "") -> int:
        begin = self.at
        return int(self._add(path, name or path, "int<lenenc>", self._source.varied(), begin))

    def sized(self, path: str) -> bytes:
        """A string behind its length; two pieces, or one when it is empty."""
        size = self.varied(path, "length")
        return self.fixed(size, path, "string<lenenc>")

    def until_zero(self, path: str) -> bytes:
        begin = self.at
        raw = self._source.until_zero()
        self._add(path, path, "string<NUL>", text_of(raw), begin)
        return raw

    def fixed(self, size: int, path: str, kind: str = "string<fix>") -> bytes:
        begin = self.at
        raw = self._source.take(size)
        # Nothing is no piece.
        if raw:
            self._add(path, path, kind, text_of(raw), begin)
        return raw

    def remaining(self, path: str) -> bytes:
        """Whatever is left."""
        return self.fixed(self.rest, path, "string<EOF>")

    def raw(self, size: int, path: str) -> bytes:
        """Bytes that are no text."""
        begin = self.at
        taken = self._source.take(size)
        if taken:
            self._add(path, path, f"byte<{size}>", taken, begin)
        return taken

    def secret(self, size: int, path: str) -> None:
        """Bytes that say too much: a password, or what stands for one."""
        begin = self.at
        if self._source.take(size):
            self._add(path, path, f"byte<{size}>", MASK, begin)

    def show(self, value: Any, kind: str = "") -> None:
        """The last piece says this, which is its number with a name, or its bytes read."""
        last = self.spans[-1]
        self.spans[-1] = last._replace(value=value, type=kind or last.type)

    def null(self, path: str) -> None:
        """The mark of NULL."""
        begin = self.at
        self._source.take(1)
        self._add(path, path, "NULL", None, begin)

    def undecoded(self, why: Text) -> None:
        """Whatever is left, which nobody can read."""
        begin = self.at
        if self._source.remaining():
            self._add("", NOT_DECODED, "bytes", why, begin)

    def tiled(self) -> list[Span]:
        """The pieces; what was not read is one of its own."""
        # An integer that is cut off was begun, and is no piece.
        self._source.at = self.spans[-1].end if self.spans else 0
        self.undecoded(_DIFFERENT)
        return self.spans

    def check_count(self, count: int, least: int) -> None:
        """
        Raises:
            WireError: what is left does not hold so many elements of `least` bytes.
        """
        if count * least > self.rest:
            raise WireError(f"{count} elements, where {self.rest} bytes are left", at=self.at)

    def _add(self, path: str, name: str, kind: str, value: Any, begin: int) -> Any:
        short = name.rpartition(".")[2]
        self.spans.append(Span(path, short, kind, value, begin, self.at))
        return value
