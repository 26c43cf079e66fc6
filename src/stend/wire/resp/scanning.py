"""Finds where one value of RESP ends, however many pieces it comes in.

A value may be ten megabytes of nested arrays: what was looked at once is not looked at again.
"""

from typing import NamedTuple

from stend.wire.decoding import HELD_BYTES_LIMIT, Undecodable

CRLF = b"\r\n"
# Replies of real servers have about ten levels.
MAX_DEPTH = 32
_LINE_LIMIT = 1024 * 1024
_LENGTH_DIGITS = 19
# So many elements are remembered: enough for the names of keys and of channels.
_HEADS = 64
_STREAMED = -1
_CHUNKS = -2

LINES = frozenset(b"+-:,(#_")
BULKS = frozenset(b"$!=")
AGGREGATES = frozenset(b"*~%>|")
_PAIRS = frozenset(b"%|")
_ATTRIBUTE = ord("|")
_CHUNK, _END = ord(";"), ord(".")


class Head(NamedTuple):
    """An element of the outermost value: its type octet and where its data are."""

    kind: int
    start: int
    end: int


class _Level:
    """An aggregate that is not over; an attribute is no value of what is around it."""

    __slots__ = ("is_attribute", "missing")

    def __init__(self, missing: int, *, is_attribute: bool = False) -> None:
        self.missing = missing
        self.is_attribute = is_attribute


class Scan:
    """One value, from its first byte; offsets are counted from there.

    Args:
        is_request: it has to be an array of bulk strings.

    Attributes:
        kind: its type octet; that of an attribute before it does not count.
        at: what is before is understood.
        wanted: nothing more can be told before so many bytes are there.
        heads: the first elements, where the value is an aggregate; else the value itself.
        count: how many elements the value says it has; None where it does not.
    """

    __slots__ = (
        "_is_due",
        "_is_request",
        "_levels",
        "_searched",
        "_size",
        "at",
        "count",
        "heads",
        "kind",
        "wanted",
    )

    def __init__(self, *, is_request: bool = False) -> None:
        self.at = 0
        self.kind = 0
        self.wanted = 1
        self.heads: list[Head] = []
        self.count: int | None = None
        self._is_request = is_request
        self._is_due = True
        self._searched = 0
        self._levels: list[_Level] = []
        self._size: tuple[int, int] | None = None

    def go_on(self, data: bytearray, base: int) -> bool:
        """Whether the value ends in `data`; it begins at `base`. `at` tells where it ends.

        Raises:
            Undecodable: it is no value of RESP, or larger than what is held.
        """
        while True:
            if self._size is not None:
                if not self._bulk(data, base):
                    return False
            elif not self._line(data, base):
                return False
            if not self._is_due:
                return True

    def _bulk(self, data: bytearray, base: int) -> bool:
        """The data behind a length."""
        kind, size = self._size or (0, 0)
        end = self.at + size
        if len(data) - base < end + len(CRLF):
            self.wanted = end + len(CRLF)
            return False
        if data[base + end : base + end + len(CRLF)] != CRLF:
            raise Undecodable(
                f"за {size} байтами строки нет CRLF: длина не сошлась",
                f"no CRLF follows the {size} bytes of a string: its length is wrong",
                end,
            )
        self._remember(kind, self.at, end)
        self.at = end + len(CRLF)
        self._size = None
        if kind != _CHUNK:
            self._element()
        return True

    def _line(self, data: bytearray, base: int) -> bool:
        end = data.find(CRLF, base + max(self.at, self._searched)) - base
        if end < 0:
            # The next piece may begin with the second byte of CRLF.
            self._searched = max(len(data) - base - 1, self.at)
            self.wanted = len(data) - base + 1
            if self._searched - self.at > _LINE_LIMIT:
                raise Undecodable(
                    f"строка длиннее {_LINE_LIMIT} байт не закончилась CRLF",
                    f"a line of more than {_LINE_LIMIT} bytes has no CRLF",
                    self.at,
                )
            return False
        begin, self.at = self.at, end + len(CRLF)
        self._searched = self.at
        self._head(data[base + begin], bytes(data[base + begin + 1 : base + end]), begin)
        return True

    def _head(self, kind: int, rest: bytes, begin: int) -> None:
        """The line that every value begins with."""
        if self._is_request and kind != (ord("$") if self._levels else ord("*")):
            raise Undecodable(
                f"команда — массив строк, а здесь стоит {bytes((kind,))!r}",
                f"a command is an array of strings, and {bytes((kind,))!r} stands here",
                begin,
            )
        if not self._levels and kind != _ATTRIBUTE:
            self.kind = kind
        if kind in LINES:
            self._remember(kind, begin + 1, begin + 1 + len(rest))
            self._element()
        elif kind in BULKS:
            self._begin_bulk(kind, rest, begin)
        elif kind in AGGREGATES:
            self._begin_aggregate(kind, rest, begin)
        elif kind == _CHUNK and self._top == _CHUNKS:
            self._chunk(rest, begin)
        elif kind == _END and self._top == _STREAMED and not rest:
            if not self._levels.pop().is_attribute:
                self._element()
        else:
            raise Undecodable(
                f"октета типа {bytes((kind,))!r} здесь быть не может",
                f"the type octet {bytes((kind,))!r} cannot stand here",
                begin,
            )

    @property
    def _top(self) -> int:
        return self._levels[-1].missing if self._levels else 0

    def _begin_bulk(self, kind: int, rest: bytes, begin: int) -> None:
        if rest == b"?" and kind == ord("$"):
            self._deeper(_Level(_CHUNKS), begin)
            return
        size = number(rest, begin)
        if size < 0:
            self._remember(ord("_"), self.at, self.at)
            self._element()
            return
        self._sized(kind, size, begin)

    def _chunk(self, rest: bytes, begin: int) -> None:
        size = number(rest, begin)
        if size > 0:
            self._sized(_CHUNK, size, begin)
            return
        self._levels.pop()
        self._element()

    def _sized(self, kind: int, size: int, begin: int) -> None:
        if self.at + size > HELD_BYTES_LIMIT:
            raise Undecodable(
                f"строка в {size} байт: больше {HELD_BYTES_LIMIT} не держат",
                f"a string of {size} bytes: no more than {HELD_BYTES_LIMIT} are held",
                begin,
            )
        self._size = (kind, size)

    def _begin_aggregate(self, kind: int, rest: bytes, begin: int) -> None:
        is_attribute = kind == _ATTRIBUTE
        count = _STREAMED if rest == b"?" else number(rest, begin)
        if rest != b"?" and count < 0:
            self._remember(ord("_"), self.at, self.at)
            self._element()
            return
        if not is_attribute:
            if self._levels:
                self._remember(kind, self.at, self.at)
            else:
                self.count = count if count >= 0 else None
        if count == 0:
            if not is_attribute:
                self._element()
            return
        missing = count * 2 if kind in _PAIRS and count > 0 else count
        self._deeper(_Level(missing, is_attribute=is_attribute), begin)

    def _deeper(self, level: _Level, begin: int) -> None:
        if len(self._levels) >= MAX_DEPTH:
            raise Undecodable(
                f"значения вложены глубже {MAX_DEPTH} уровней",
                f"values are nested deeper than {MAX_DEPTH} levels",
                begin,
            )
        self._levels.append(level)

    def _element(self) -> None:
        """A value is over; perhaps the one around it is, too."""
        while self._levels:
            level = self._levels[-1]
            if level.missing < 0:
                return
            level.missing -= 1
            if level.missing:
                return
            self._levels.pop()
            if level.is_attribute:
                # What it tells of follows: it is no value itself.
                return
        self._is_due = False

    def _remember(self, kind: int, start: int, end: int) -> None:
        is_outer = not self._levels or (len(self._levels) == 1 and not self._levels[0].is_attribute)
        if is_outer and len(self.heads) < _HEADS:
            self.heads.append(Head(kind, start, end))


def number(digits: bytes, at: int) -> int:
    """A length or a count; below zero for what is not there.

    Raises:
        Undecodable: it is no number, or -1 is not what is below zero.
    """
    if digits == b"-1":
        return -1
    if not digits.isdigit() or len(digits) > _LENGTH_DIGITS:
        raise Undecodable(
            f"{digits[:40]!r} — не длина и не количество",
            f"{digits[:40]!r} is no length and no count",
            at,
        )
    return int(digits)
