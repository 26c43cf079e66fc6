"""Reads fields from bytes, one behind another, and notes where each of them stood.

For binary specifications made of numbers and of vectors with their length in front (TLS, DNS, the
frames of HTTP/2): a vector is a range of its own, read by a function of its own, and damage inside
of it ends there; a field may be called otherwise than its meaning. Where only reading finds the end
of a field, `wire.reading` keeps one reader and its open groups.
"""

from collections.abc import Callable, Mapping

from stend.kit.fields import Field, Inner, Meaning, Value, undecoded
from stend.kit.languages import Text
from stend.wire.decoding import Undecodable

# Two octets can be a field; nobody reads so many, and the memory must not grow by them.
FIELDS_LIMIT = 20_000

_SURPLUS = Text(
    ru="после последнего поля остались байты, которых спецификация здесь не описывает",
    en="bytes are left behind the last field that the specification describes here",
)


class Cursor:
    """Goes over a range of bytes; numbers are big-endian.

    Attributes:
        at: offset of the next byte.
        end: offset behind the last byte of the range.
        fields: what was read so far; tiles the bytes up to `at`.

    Args:
        meanings: of all fields, by name or by the `key` that a call gives instead.
    """

    def __init__(
        self,
        data: bytes,
        at: int,
        end: int,
        meanings: Mapping[str, Meaning],
        budget: list[int] | None = None,
    ) -> None:
        self.data = data
        self.at = at
        self.end = end
        self.meanings = meanings
        self.fields: list[Field] = []
        self._budget = [FIELDS_LIMIT] if budget is None else budget

    @property
    def rest(self) -> int:
        return self.end - self.at

    def number(
        self,
        name: str,
        size: int,
        shown: Callable[[int], Value] | None = None,
        kind: str = "",
        key: str = "",
    ) -> int:
        """An unsigned number of `size` octets.

        Raises:
            Undecodable: the range ends before.
        """
        number = int.from_bytes(self.peek(size, name), "big")
        value: Value = shown(number) if shown else number
        self.add(name, kind or f"uint{8 * size}", value, size, key)
        return number

    def octets(
        self,
        name: str,
        size: int,
        kind: str = "opaque",
        value: Value = None,
        key: str = "",
        inner: Inner | None = None,
    ) -> bytes:
        """`size` octets, shown as `value`, else as they are.

        Raises:
            Undecodable: the range ends before.
        """
        data = self.peek(size, name)
        self.add(name, kind, data if value is None else value, size, key, inner)
        return data

    def group(
        self,
        name: str,
        size: int,
        read: Callable[["Cursor"], None],
        key: str = "",
        value: Value = None,
    ) -> None:
        """The next `size` octets as a group that `read` fills.

        What `read` cannot decode, or leaves, is in the group with the reason.

        Raises:
            Undecodable: the range ends before.
        """
        self.peek(size, name)
        self.put(Field(name, "", value, self.at, self.at + size, self.meaning(key or name)))
        place = len(self.fields) - 1
        inside = self._inside(size)
        inside.finish(read)
        self.fields[place] = self.fields[place]._replace(children=tuple(inside.fields))

    def vector(
        self, name: str, prefix: int, read: Callable[["Cursor"], None], key: str = ""
    ) -> None:
        """A length of `prefix` octets and so many octets, as one group.

        Raises:
            Undecodable: the range ends before.
        """
        size = int.from_bytes(self.peek(prefix, name), "big")

        def length_first(inside: "Cursor") -> None:
            inside.number("length", prefix, key="vector length")
            inside.finish(read)

        if prefix + size > self.rest:
            start = self.at
            raise _short(name, start, prefix + size, self.rest)
        self.group(name, prefix + size, length_first, key)

    def finish(self, read: Callable[["Cursor"], None]) -> None:
        """Let `read` go over the rest; what it cannot decode, or leaves, gets the reason."""
        try:
            read(self)
        except Undecodable as error:
            self._leave(error.why)
        else:
            self._leave(_SURPLUS)

    def peek(self, size: int, name: str) -> bytes:
        """The next octets, without consuming them.

        Raises:
            Undecodable: the range ends before.
        """
        if size > self.rest:
            raise _short(name, self.at, size, self.rest)
        return self.data[self.at : self.at + size]

    def add(
        self,
        name: str,
        kind: str,
        value: Value,
        size: int,
        key: str = "",
        inner: Inner | None = None,
    ) -> None:
        """A leaf of the next `size` octets."""
        end = self.at + size
        self.put(Field(name, kind, value, self.at, end, self.meaning(key or name), (), inner))
        self.at = end

    def put(self, field: Field) -> None:
        """A field that somebody else has read; `at` is the caller's.

        Raises:
            Undecodable: more fields than are shown.
        """
        if not self._budget[0]:
            raise Undecodable(
                f"в сообщении больше {FIELDS_LIMIT} полей, дальше они не показаны",
                f"the message has more than {FIELDS_LIMIT} fields, no more are shown",
                self.at,
            )
        self._budget[0] -= 1
        self.fields.append(field)

    def meaning(self, key: str) -> Meaning:
        return self.meanings[key]

    def _inside(self, size: int) -> "Cursor":
        inside = Cursor(self.data, self.at, self.at + size, self.meanings, self._budget)
        self.at += size
        return inside

    def _leave(self, why: Text) -> None:
        if self.rest:
            self.fields.append(undecoded(self.at, self.end, why))
            self.at = self.end


def read_all(
    data: bytes,
    meanings: Mapping[str, Meaning],
    read: Callable[[Cursor], None],
    start: int = 0,
) -> tuple[Field, ...]:
    """All bytes of `data` from `start` as `read` sees them, the rest with the reason."""
    cursor = Cursor(data, start, len(data), meanings)
    cursor.finish(read)
    return tuple(cursor.fields)


def _short(name: str, at: int, size: int, rest: int) -> Undecodable:
    return Undecodable(
        f"`{name}` занимает {size} байт, а осталось {rest}",
        f"`{name}` takes {size} bytes, {rest} are left",
        at,
    )
