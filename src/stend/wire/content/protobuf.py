"""Protobuf messages as trees: by the descriptors of a contract, else by wire type alone.

Descriptors come from the caller. Nothing of the library is needed for the walk itself.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from stend.kit.fields import Field, Meaning, Value, undecoded
from stend.kit.languages import Text
from stend.wire.content import protobuf_contract as contract
from stend.wire.content.protobuf_meanings import MEANINGS
from stend.wire.decoding import Undecodable

if TYPE_CHECKING:
    from google.protobuf.descriptor import Descriptor, FieldDescriptor

# The library goes to 100; here every level takes several calls of Python.
DEPTH_LIMIT = 64
FIELDS_LIMIT = 20_000

VARINT, I64, LEN, SGROUP, EGROUP, I32 = range(6)
WIRE_TYPES = ("VARINT", "I64", "LEN", "SGROUP", "EGROUP", "I32")
_FIXED_SIZES = {I64: 8, I32: 4}

ANY = "google.protobuf.Any"


class Tag(NamedTuple):
    """What leads a field in: its number and how its value is written."""

    number: int
    wire_type: int
    start: int
    end: int


class _Walk(NamedTuple):
    """One message on its way.

    Attributes:
        comments: of the contract, by the full names of fields.
        budget: how many fields may still be shown, in a list of one.
    """

    data: bytes
    comments: Mapping[str, str]
    depth: int
    budget: list[int]

    def deeper(self) -> "_Walk":
        return self._replace(depth=self.depth + 1)


def message_fields(
    data: bytes,
    start: int,
    end: int,
    kind: "Descriptor | None",
    comments: Mapping[str, str] = contract.NO_COMMENTS,
) -> tuple[Field, ...]:
    """The tree of the message between `start` and `end`.

    Damage ends the tree with the reason; what was read before it stays.

    Args:
        kind: the message's descriptor; None where there is no contract.
        comments: what the contract says of fields, by their full names.
    """
    return tuple(_fields(_Walk(data, comments, 0, [FIELDS_LIMIT]), start, end, kind))


def status_type() -> "Descriptor":
    """`google.rpc.Status`, together with the details that it usually holds."""
    from google.rpc import error_details_pb2, status_pb2

    # Named, so that the details are in the pool where `Any` is looked up.
    del error_details_pb2
    found: Descriptor = status_pb2.Status.DESCRIPTOR
    return found


def _fields(walk: _Walk, start: int, end: int, kind: "Descriptor | None") -> Iterator[Field]:
    at = start
    type_url = ""
    while at < end:
        try:
            one = _field(walk, at, end, kind, type_url)
        except Undecodable as error:
            yield undecoded(at, end, error.why)
            return
        if kind is not None and kind.full_name == ANY and one.name == "type_url":
            type_url = str(one.value)
        yield one
        at = one.end


def _field(walk: _Walk, at: int, end: int, kind: "Descriptor | None", type_url: str = "") -> Field:
    if not walk.budget[0]:
        raise Undecodable(
            f"в сообщении больше {FIELDS_LIMIT} полей, дальше они не показаны",
            f"the message has more than {FIELDS_LIMIT} fields, no more are shown",
        )
    walk.budget[0] -= 1
    tag = _tag(walk.data, at, end)
    known = kind.fields_by_number.get(tag.number) if kind is not None else None
    if known is not None and not contract.fits(known, tag.wire_type):
        known = None
    if tag.wire_type == SGROUP:
        return _group(walk, tag, end, kind, known)
    if tag.wire_type == LEN:
        return _length_delimited(walk, tag, end, kind, known, type_url)
    return _scalar(walk, tag, end, kind, known)


def _tag(data: bytes, at: int, end: int) -> Tag:
    number, behind = varint(data, at, end)
    tag = Tag(number >> 3, number & 7, at, behind)
    if tag.wire_type > I32 or not 0 < tag.number < 1 << 29:
        raise Undecodable(
            f"такого тега нет: поле {tag.number}, тип {tag.wire_type}",
            f"there is no such tag: field {tag.number}, wire type {tag.wire_type}",
            at,
        )
    if tag.wire_type == EGROUP:
        raise Undecodable(
            f"конец группы {tag.number}, которая не начиналась",
            f"the end of group {tag.number}, which did not begin",
            at,
        )
    return tag


def _tag_field(tag: Tag) -> Field:
    said = f"{tag.number}: {WIRE_TYPES[tag.wire_type]}"
    return Field("tag", "varint", said, tag.start, tag.end, MEANINGS["tag"])


def _scalar(
    walk: _Walk, tag: Tag, end: int, kind: "Descriptor | None", known: "FieldDescriptor | None"
) -> Field:
    value, behind = _number(walk.data, tag.wire_type, tag.end, end, known)
    wire = WIRE_TYPES[tag.wire_type]
    one = Field("value", wire, value, tag.end, behind, MEANINGS[wire])
    return _named(walk, tag, kind, known, (_tag_field(tag), one), value)


def _number(
    data: bytes, wire_type: int, at: int, end: int, known: "FieldDescriptor | None"
) -> tuple[Value, int]:
    """A value of a wire type without a length, and the offset behind it."""
    if wire_type == VARINT:
        number, behind = varint(data, at, end)
        return (contract.from_varint(known, number) if known else number), behind
    behind = at + _FIXED_SIZES[wire_type]
    if behind > end:
        raise _short(at)
    raw = data[at:behind]
    return (contract.from_fixed(known, raw) if known else int.from_bytes(raw, "little")), behind


def _length_delimited(
    walk: _Walk,
    tag: Tag,
    end: int,
    kind: "Descriptor | None",
    known: "FieldDescriptor | None",
    type_url: str,
) -> Field:
    size, body = varint(walk.data, tag.end, end)
    behind = body + size
    if behind > end:
        raise _short(tag.end)
    length = Field("length", "varint", size, tag.end, body, MEANINGS["length"])
    inside, value = _body(walk, body, behind, kind, known, type_url)
    return _named(walk, tag, kind, known, (_tag_field(tag), length, *inside), value)


def _body(
    walk: _Walk,
    body: int,
    end: int,
    kind: "Descriptor | None",
    known: "FieldDescriptor | None",
    type_url: str,
) -> tuple[tuple[Field, ...], Value]:
    """What stands behind a length: its pieces, and what they say together."""
    message = known.message_type if known is not None else None
    if message is None and known is not None and known.name == "value" and type_url:
        message = contract.of_any(kind, type_url)
    if message is not None:
        return _nested(walk, body, end, message)
    if known is not None and not contract.is_text_or_bytes(known):
        return tuple(_packed(walk, body, end, known)), None
    raw = walk.data[body:end]
    value: Value = contract.text_or_bytes(known, raw) if known is not None else raw
    return (Field("value", "LEN", value, body, end, MEANINGS["LEN"]),), value


def _nested(
    walk: _Walk, body: int, end: int, message: "Descriptor"
) -> tuple[tuple[Field, ...], Value]:
    if walk.depth == DEPTH_LIMIT:
        why = Text(
            ru=f"вложенность больше {DEPTH_LIMIT} сообщений",
            en=f"more than {DEPTH_LIMIT} messages inside each other",
        )
        return (undecoded(body, end, why),) if body < end else (), None
    inside = tuple(_fields(walk.deeper(), body, end, message))
    return inside, contract.said(message, inside)


def _packed(walk: _Walk, body: int, end: int, known: "FieldDescriptor") -> Iterator[Field]:
    wire_type = contract.wire_type(known)
    wire = WIRE_TYPES[wire_type]
    at, number = body, 0
    while at < end:
        try:
            if not walk.budget[0]:
                raise Undecodable(
                    f"больше {FIELDS_LIMIT} значений, дальше они не показаны",
                    f"more than {FIELDS_LIMIT} values, no more are shown",
                )
            walk.budget[0] -= 1
            value, behind = _number(walk.data, wire_type, at, end, known)
        except Undecodable as error:
            yield undecoded(at, end, error.why)
            return
        yield Field(f"[{number}]", wire, value, at, behind, MEANINGS["packed"])
        at, number = behind, number + 1


def _group(
    walk: _Walk, tag: Tag, end: int, kind: "Descriptor | None", known: "FieldDescriptor | None"
) -> Field:
    if walk.depth == DEPTH_LIMIT:
        raise Undecodable(
            f"вложенность больше {DEPTH_LIMIT} групп",
            f"more than {DEPTH_LIMIT} groups inside each other",
        )
    inside: list[Field] = [_tag_field(tag)]
    at = tag.end
    message = known.message_type if known is not None else None
    while True:
        number, behind = varint(walk.data, at, end)
        if number & 7 == EGROUP:
            break
        inside.append(_field(walk.deeper(), at, end, message))
        at = inside[-1].end
    if number >> 3 != tag.number:
        raise Undecodable(
            f"группа {tag.number} закончилась тегом группы {number >> 3}",
            f"group {tag.number} ended with the tag of group {number >> 3}",
            at,
        )
    inside.append(
        Field("end_group", "varint", f"{tag.number}: EGROUP", at, behind, MEANINGS["end_group"])
    )
    return _named(walk, tag, kind, known, tuple(inside), None)


def _named(
    walk: _Walk,
    tag: Tag,
    kind: "Descriptor | None",
    known: "FieldDescriptor | None",
    children: tuple[Field, ...],
    value: Value,
) -> Field:
    start, end = children[0].start, children[-1].end
    if known is not None:
        meaning = contract.meaning(known, walk.comments)
        return Field(known.name, contract.type_name(known), value, start, end, meaning, children)
    meaning = _stranger(tag, kind)
    wire = WIRE_TYPES[tag.wire_type]
    return Field(f"field {tag.number}", wire, value, start, end, meaning, children)


def _stranger(tag: Tag, kind: "Descriptor | None") -> Meaning:
    if kind is None:
        return MEANINGS["without contract"]
    if tag.number in kind.fields_by_number:
        return MEANINGS["wrong wire type"]
    return MEANINGS["not in the contract"]


def varint(data: bytes, at: int, end: int) -> tuple[int, int]:
    """A number of 64 bits, seven in each octet, and the offset behind it.

    Raises:
        Undecodable: it goes on beyond `end`, or has more than ten octets.
    """
    number = 0
    for position in range(10):
        if at + position >= end:
            raise _short(at)
        octet = data[at + position]
        number |= (octet & 0x7F) << (7 * position)
        if octet < 0x80:
            return number & 0xFFFF_FFFF_FFFF_FFFF, at + position + 1
    raise Undecodable("varint длиннее десяти байт", "a varint of more than ten octets", at)


def _short(at: int) -> Undecodable:
    return Undecodable(
        "сообщение закончилось посреди поля", "the message ended in the middle of a field", at
    )
