"""Domain names, which may end in a pointer to where the rest stands (RFC 1035 §4.1.4)."""

from typing import NamedTuple

from stend.kit.fields import Field
from stend.wire.content.cursor import Cursor
from stend.wire.decoding import Undecodable
from stend.wire.dns.meanings import MEANINGS

# §2.3.4: 255 octets with the lengths.
_NAME_LIMIT = 255
# A name has at most 127 labels; so many pointers one after another are none that lead anywhere.
_POINTERS_LIMIT = 127
_POINTER = 0xC0


class Name(NamedTuple):
    """A name: its text, and the offset behind what stands of it in its place."""

    text: str
    end: int


def name_at(data: bytes, at: int, end: int, base: int = 0) -> Name:
    """The name that begins at `at`; pointers count from `base`.

    Raises:
        Undecodable: it is too long, goes beyond `end`, or its pointers lead in circles.
    """
    labels: list[str] = []
    size, behind, jumps = 0, -1, 0
    while True:
        octet = _octet(data, at, end)
        if octet & _POINTER == _POINTER:
            target = base + ((octet & 0x3F) << 8 | _octet(data, at + 1, end))
            behind = at + 2 if behind < 0 else behind
            jumps += 1
            # Each leads back, to what was there before (§4.1.4): so none can lead in a circle.
            if target >= at or jumps > _POINTERS_LIMIT:
                raise Undecodable(
                    f"указатель на {target - base} не ведёт назад: имя пошло бы по кругу",
                    f"the pointer to {target - base} does not lead back: the name would go round",
                    at,
                )
            at = target
            continue
        if octet > 63:
            raise Undecodable(
                f"метки длиной {octet} не бывает: предел 63",
                f"a label of {octet} octets; the limit is 63",
                at,
            )
        size += octet + 1
        if at + 1 + octet > end or size > _NAME_LIMIT:
            raise Undecodable(
                "имя не помещается в сообщение или длиннее 255 октетов",
                "the name does not fit into the message, or has more than 255 octets",
                at,
            )
        if not octet:
            break
        labels.append(_shown(data[at + 1 : at + 1 + octet]))
        at += 1 + octet
    return Name(".".join(labels) + "." if labels else ".", at + 1 if behind < 0 else behind)


def read_name(at: Cursor, name: str, base: int) -> str:
    """A name as a group of labels; what a pointer leads to is its value.

    Raises:
        Undecodable: see `name_at`.
    """
    # What a pointer leads to is outside of the range, but inside of the message.
    found = name_at(at.data, at.at, at.end, base)
    pieces = tuple(_pieces(at.data, at.at, found.end, base))
    meaning = at.meaning(name)
    at.put(Field(name, "domain-name", found.text, at.at, found.end, meaning, pieces))
    at.at = found.end
    return found.text


def _pieces(data: bytes, at: int, end: int, base: int) -> list[Field]:
    pieces: list[Field] = []
    while at < end:
        octet = data[at]
        if octet & _POINTER == _POINTER:
            target = (octet & 0x3F) << 8 | data[at + 1]
            rest = name_at(data, base + target, at, base).text
            said = f"→ {target}: {rest}"
            pieces.append(Field("pointer", "2 + 14 bits", said, at, at + 2, MEANINGS["pointer"]))
            return pieces
        if not octet:
            pieces.append(Field("root", "uint8", 0, at, at + 1, MEANINGS["root"]))
            return pieces
        behind = at + 1 + octet
        meaning = MEANINGS["label"]
        pieces.append(Field("label", "label", _shown(data[at + 1 : behind]), at, behind, meaning))
        at = behind
    return pieces


def _octet(data: bytes, at: int, end: int) -> int:
    if at >= end:
        raise Undecodable("имя закончилось раньше времени", "the name ended before its time", at)
    return data[at]


def _shown(label: bytes) -> str:
    """As zone files write it: octets that are no letters as `\\DDD` (RFC 1035 §5.1)."""
    return "".join(
        chr(one) if 0x20 < one < 0x7F and one not in b".\\" else f"\\{one:03d}" for one in label
    )
