"""Field blocks of HPACK (RFC 7541): decoded once, in the order of the connection.

The dynamic table changes with every block, so a block is decoded when it comes. What it said, and
where, is kept; the tree is made from that whenever somebody looks.
"""

from typing import NamedTuple

from hpack.exceptions import HPACKError, InvalidTableIndex
from hpack.huffman_table import decode_huffman
from hpack.table import HeaderTable

from stend.kit.languages import Text
from stend.wire.decoding import Undecodable

# What a peer may ask for has no bound; what is followed here has one.
TABLE_LIMIT = 1024 * 1024
BLOCK_LIMIT = 1024 * 1024
# An index of one octet may stand for an entry of thousands: what a block says has a bound, too.
LIST_LIMIT = 1024 * 1024
# Five octets hold 35 bits, more than any length or index that fits into a block.
_INTEGER_OCTETS = 6

INDEXED = "indexed field"
INCREMENTAL = "literal with incremental indexing"
WITHOUT = "literal without indexing"
NEVER = "literal never indexed"
SIZE_UPDATE = "dynamic table size update"

STATIC_LENGTH: int = HeaderTable.STATIC_TABLE_LENGTH


class Literal(NamedTuple):
    """A string that stands in the block: length octets from `start`, the string from `body`."""

    start: int
    body: int
    end: int
    is_huffman: bool
    plain: bytes


class Representation(NamedTuple):
    """One step of a block.

    Attributes:
        kind: one of those above.
        number: the index, or the new size of the table.
        number_end: offset behind the octets of `number`, which begin at `start`.
        name: of the field; empty for an update.
        key: the name where it stands in the block; None where it is the index's.
    """

    kind: str
    start: int
    end: int
    number: int
    number_end: int
    name: bytes = b""
    value: bytes = b""
    key: Literal | None = None
    text: Literal | None = None


class FieldBlock(NamedTuple):
    """A decoded block.

    Attributes:
        why: decoding ended too early; None if it did not.
    """

    steps: tuple[Representation, ...]
    why: Text | None = None

    def fields(self) -> list[tuple[bytes, bytes]]:
        """The field lines, in order."""
        return [(one.name, one.value) for one in self.steps if one.kind != SIZE_UPDATE]


class FieldBlocks:
    """The blocks of one direction of a connection, with their table.

    Attributes:
        lost: why the table is not known any more.
    """

    def __init__(self) -> None:
        self._table = HeaderTable()
        self.lost: Text | None = None

    def decode(self, data: bytes) -> FieldBlock:
        """Follow one block. After one that cannot be decoded no other is."""
        if self.lost is not None:
            return FieldBlock((), self.lost)
        steps: list[Representation] = []
        at = size = 0
        try:
            if len(data) > BLOCK_LIMIT:
                raise Undecodable(
                    f"блок полей длиннее {BLOCK_LIMIT} байт",
                    f"a field block of more than {BLOCK_LIMIT} bytes",
                )
            while at < len(data):
                step = self._step(data, at)
                size += len(step.name) + len(step.value)
                if size > LIST_LIMIT:
                    raise Undecodable(
                        f"поля блока занимают больше {LIST_LIMIT} байт",
                        f"the fields of the block take more than {LIST_LIMIT} bytes",
                        at,
                    )
                steps.append(step)
                at = step.end
        except Undecodable as error:
            self.lose(error.why)
            return FieldBlock(tuple(steps), error.why)
        return FieldBlock(tuple(steps))

    def lose(self, why: Text) -> None:
        """Blocks that follow cannot be decoded, because this one was not."""
        self.lost = Text(
            ru="динамическая таблица HPACK неизвестна: раньше в этом направлении блок полей "
            f"не удалось декодировать ({why.ru})",
            en="the dynamic table of HPACK is unknown: an earlier field block of this direction "
            f"could not be decoded ({why.en})",
        )

    def _step(self, data: bytes, at: int) -> Representation:
        first = data[at]
        # RFC 7541 §6: the kind is told by the first bits.
        if first & 0x80:
            number, end = _integer(data, at, 7)
            name, value = self._entry(number, at)
            return Representation(INDEXED, at, end, number, end, name, value)
        if first & 0xE0 == 0x20:
            return self._resize(data, at)
        kind, prefix = _literal_kind(first)
        return self._literal(data, at, kind, prefix)

    def _resize(self, data: bytes, at: int) -> Representation:
        number, end = _integer(data, at, 5)
        if number > TABLE_LIMIT:
            raise Undecodable(
                f"таблица на {number} байт, здесь прослеживается не больше {TABLE_LIMIT}",
                f"a table of {number} bytes, no more than {TABLE_LIMIT} are followed here",
                at,
            )
        self._table.maxsize = number
        return Representation(SIZE_UPDATE, at, end, number, end)

    def _literal(self, data: bytes, at: int, kind: str, prefix: int) -> Representation:
        number, number_end = _integer(data, at, prefix)
        key = None if number else _string(data, number_end)
        name = key.plain if key else self._entry(number, at)[0]
        text = _string(data, key.end if key else number_end)
        if kind == INCREMENTAL:
            self._table.add(name, text.plain)
        return Representation(kind, at, text.end, number, number_end, name, text.plain, key, text)

    def _entry(self, number: int, at: int) -> tuple[bytes, bytes]:
        try:
            return self._table.get_by_index(number)
        except InvalidTableIndex as error:
            raise Undecodable(
                f"индекса {number} нет ни в статической, ни в динамической таблице",
                f"index {number} is neither in the static nor in the dynamic table",
                at,
            ) from error


def _literal_kind(first: int) -> tuple[str, int]:
    if first & 0xC0 == 0x40:
        return INCREMENTAL, 6
    return (NEVER, 4) if first & 0xF0 == 0x10 else (WITHOUT, 4)


def _integer(data: bytes, at: int, prefix: int) -> tuple[int, int]:
    """A number with a prefix of so many bits, and the offset behind it (RFC 7541 §5.1)."""
    if at >= len(data):
        raise _ended(at)
    mask = (1 << prefix) - 1
    number = data[at] & mask
    if number < mask:
        return number, at + 1
    for position in range(_INTEGER_OCTETS):
        if at + 1 + position >= len(data):
            raise _ended(at)
        octet = data[at + 1 + position]
        number += (octet & 0x7F) << (7 * position)
        if octet < 0x80:
            return number, at + 2 + position
    raise Undecodable("число HPACK слишком велико", "a number of HPACK is too large", at)


def _string(data: bytes, at: int) -> Literal:
    """A string literal (RFC 7541 §5.2)."""
    size, body = _integer(data, at, 7)
    end = body + size
    if end > len(data):
        raise _ended(at)
    raw = data[body:end]
    if not data[at] & 0x80:
        return Literal(at, body, end, False, raw)
    try:
        return Literal(at, body, end, True, decode_huffman(raw))
    except HPACKError as error:
        raise Undecodable(
            "строка не декодируется по коду Хаффмана",
            "a string is not in the Huffman code",
            at,
        ) from error


def _ended(at: int) -> Undecodable:
    return Undecodable(
        "блок полей закончился посреди представления",
        "the field block ended in the middle of a representation",
        at,
    )
