"""Reads a message from front to back and keeps what it read as a tree of fields.

For protocols where only reading on tells how long a field is: groups are open while their pieces
are read, strings end with a mark, and documents inside of values are taken apart. Where everything
is a length and so many octets, `content.cursor` is the shorter way to write it down.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from stend.kit.fields import Field, Meaning, Value, group, undecoded
from stend.kit.languages import Text
from stend.wire.decoding import Undecodable

# A field takes a hundred times the memory of the three bytes that it may stand for.
FIELDS_LIMIT = 100_000
# So many bytes of documents inside of a message are taken apart; more are shown whole.
OPENED_LIMIT = 256 * 1024
# Shown in the place of what logs in.
MASK = "••••••••"
# Of what stands between two offsets.
Parts = Callable[[bytes, int, int], tuple[Field, ...]]
_LEFT_OVER = Text(
    ru="за последним полем сообщения остались байты, которых формат не предусматривает",
    en="bytes behind the last field of the message, where the format has none",
)


def text_of(raw: bytes) -> str | bytes:
    """Text where it is UTF-8, else the bytes."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw


class Reader:
    """The bytes of one unit, or a part of them, and the fields that were read so far.

    Args:
        meanings: what the fields are for, by their names.
    """

    __slots__ = ("_count", "_fields", "_kind", "_opened", "_shown", "at", "data", "end", "meanings")

    def __init__(
        self, data: bytes, meanings: Mapping[str, Meaning], at: int = 0, end: int | None = None
    ) -> None:
        self.data = data
        self.meanings = meanings
        self.at = at
        self.end = len(data) if end is None else end
        self._fields: list[Field] = []
        self._count = 0
        self._opened = 0
        self._kind = ""
        self._shown: Value = None

    @property
    def rest(self) -> int:
        return self.end - self.at

    def leaf(
        self, name: str, kind: str, size: int, value: Value, why: Meaning | None = None
    ) -> None:
        """The next `size` bytes as a field.

        Args:
            why: its meaning, where that of its name is not meant.

        Raises:
            Undecodable: there are not so many bytes, or there are more fields than anybody reads.
        """
        self.need(size, name)
        self._count += 1
        if self._count > FIELDS_LIMIT:
            raise Undecodable(
                f"в сообщении больше {FIELDS_LIMIT} полей: остальные здесь не показаны",
                f"the message has more than {FIELDS_LIMIT} fields: the others are not shown here",
                self.at,
            )
        end = self.at + size
        found = why or self.meanings[name]
        self._fields.append(Field(name, kind, value, self.at, end, found))
        self.at = end

    def document(self, name: str, kind: str, size: int, value: Value, parts: Parts) -> None:
        """The next `size` bytes as a field that is made of the fields of a document, if it is one.

        Args:
            parts: the fields of the bytes between two offsets; none where they are no document.
        """
        start = self.at
        self.leaf(name, kind, size, value)
        if not 0 < size <= OPENED_LIMIT - self._opened:
            return
        self._opened += size
        if inside := parts(self.data, start, start + size):
            self._fields[-1] = self._fields[-1]._replace(children=inside)

    def need(self, size: int, name: str) -> None:
        """
        Raises:
            Undecodable: there are not so many bytes.
        """
        if size < 0 or size > self.rest:
            raise Undecodable(
                f"поле {name} обрывается: нужно {size} байт, осталось {self.rest}",
                f"the field {name} is cut off: {size} bytes are needed, {self.rest} are left",
                self.at,
            )

    def peek(self, size: int, name: str) -> bytes:
        """The next bytes, without a field for them."""
        self.need(size, name)
        return self.data[self.at : self.at + size]

    def integer(
        self,
        name: str,
        kind: str,
        size: int,
        *,
        signed: bool = False,
        shown: Callable[[int], Value] | None = None,
        why: Meaning | None = None,
    ) -> int:
        """A big-endian number.

        Args:
            shown: what the field shows instead of the number.
        """
        number = int.from_bytes(self.peek(size, name), "big", signed=signed)
        self.leaf(name, kind, size, shown(number) if shown else number, why)
        return number

    def text(self, name: str, kind: str, size: int, why: Meaning | None = None) -> str | bytes:
        value = text_of(self.peek(size, name))
        self.leaf(name, kind, size, value, why)
        return value

    def until_zero(self, name: str, kind: str, why: Meaning | None = None) -> str | bytes:
        """Text with the zero byte that ends it.

        Raises:
            Undecodable: no zero byte follows.
        """
        end = self.data.find(b"\0", self.at, self.end)
        if end < 0:
            raise Undecodable(
                f"строка {name} не кончается нулевым байтом",
                f"the string {name} does not end with a zero byte",
                self.at,
            )
        value = text_of(self.data[self.at : end])
        self.leaf(name, kind, end + 1 - self.at, value, why)
        return value

    def refuse(self, ru: str, en: str, size: int | None = None) -> None:
        """The next bytes, all that are left without `size`, as a leaf that is not decoded."""
        end = self.end if size is None else self.at + size
        if end > self.at:
            self._fields.append(undecoded(self.at, end, Text(ru=ru, en=en)))
        self.at = end

    def add(self, field: Field) -> None:
        """A field that somebody else read; it begins where this reader is."""
        self._fields.append(field)
        self.at = field.end

    def show(self, value: Value, kind: str = "") -> None:
        """What the group that is open says with all its pieces."""
        self._shown, self._kind = value, kind

    @contextmanager
    def group(self, name: str, why: Meaning | None = None) -> Iterator[None]:
        """What is read inside is one field; also what was read before it failed."""
        outer = self._fields, self._shown, self._kind
        self._fields, self._shown, self._kind = [], None, ""
        try:
            yield
        finally:
            inside, shown, kind = self._fields, self._shown, self._kind
            self._fields, self._shown, self._kind = outer
            if inside:
                one = group(name, why or self.meanings[name], inside)
                self._fields.append(one._replace(value=shown, type=kind))

    @contextmanager
    def within(self, size: int, name: str) -> Iterator[None]:
        """Reads exactly the next `size` bytes: what fails inside does not harm what follows.

        Raises:
            Undecodable: there are not so many bytes.
        """
        self.need(size, name)
        outer, self.end = self.end, self.at + size
        try:
            yield
            self.close()
        except Undecodable as error:
            # Also where no byte is left: something is missing, and nothing else would say so.
            self.add(undecoded(self.at, self.end, error.why))
        finally:
            self.end = outer

    def close(self) -> None:
        """What is left is no field of the format."""
        self.refuse(_LEFT_OVER.ru, _LEFT_OVER.en)

    def tree(self, read: Callable[["Reader"], None]) -> tuple[Field, ...]:
        """The fields after `read`; where it gave up, the rest is a leaf that says why."""
        with self.within(self.rest, ""):
            read(self)
        return tuple(self._fields)
