"""What stands where in a message: a tree of named pieces of its bytes.

The leaves of a tree tile the bytes that it was read from: each begins where another ends, and what
was not understood is a leaf too, with the reason.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from stend.kit.languages import Text

Value = bool | int | float | str | bytes | None


class Meaning(NamedTuple):
    """One sentence on what a field is for.

    Attributes:
        source: the specification and its section: `RFC 9112 §3.1`, `AMQP 0-9-1 §1.8.3.4`.
    """

    text: Text
    source: str


class Field(NamedTuple):
    """A piece of the bytes.

    Attributes:
        name: in the specification's own words: `method`, `correlation_id`, `[2]` in an array.
        type: as the specification names it: `token`, `shortstr`, `int32`; `` for a group that is
            nothing but its pieces.
        value: what the bytes say; of a group, what its pieces say together, if they do: a header.
            None for other groups, and where it is the value.
        start: offset of its first byte in the bytes that the tree was read from.
        end: offset behind its last byte.
        children: its own pieces, which tile it; none for a leaf.
        inner: what the bytes hold when they are turned into others first.
        why_not: why the bytes are not decoded; None where they are.
    """

    name: str
    type: str
    value: Value
    start: int
    end: int
    meaning: Meaning
    children: tuple["Field", ...] = ()
    inner: "Inner | None" = None
    why_not: Text | None = None


class Inner(NamedTuple):
    """Bytes that do not stand on the wire as they are.

    Attributes:
        how: they come from those on the wire: unmasked, inflated, put together from chunks.
        data: the bytes themselves.
        fields: a tree of them; offsets are those in `data`.
    """

    how: Text
    data: bytes
    fields: tuple[Field, ...]


UNDECODED = Meaning(
    Text(
        ru="Байты показаны как есть: причина стоит рядом.",
        en="The bytes are shown as they are, with the reason beside them.",
    ),
    "",
)


def undecoded(start: int, end: int, why: Text) -> Field:
    """A leaf of bytes that nobody could read."""
    return Field("not decoded", "bytes", None, start, end, UNDECODED, why_not=why)


def group(name: str, meaning: Meaning, children: Iterable[Field]) -> Field:
    """A field made of others, at least one."""
    inside = tuple(children)
    return Field(name, "", None, inside[0].start, inside[-1].end, meaning, inside)


def leaves(fields: Iterable[Field]) -> Iterator[Field]:
    """The pieces without pieces of their own, in the order of their bytes; not those of `inner`."""
    waiting = list(fields)[::-1]
    while waiting:
        one = waiting.pop()
        if one.children:
            waiting += one.children[::-1]
        else:
            yield one


def every(fields: Iterable[Field]) -> Iterator[Field]:
    """All fields, groups before their pieces, and those of `inner` behind their outer one."""
    waiting = list(fields)[::-1]
    while waiting:
        one = waiting.pop()
        yield one
        waiting += one.children[::-1]
        if one.inner:
            waiting += one.inner.fields[::-1]


class Accounting(NamedTuple):
    """How many bytes have a name, and how many a reason why they have none."""

    named: int
    undecoded: int


def account(fields: Iterable[Field], start: int, end: int) -> Accounting:
    """
    Raises:
        ValueError: a byte between `start` and `end` belongs to no leaf, or to two.
    """
    reached, unread = start, 0
    for leaf in leaves(fields):
        if leaf.start != reached or leaf.end < leaf.start:
            raise ValueError(f"{leaf.name} is at {leaf.start}, the piece before ends at {reached}")
        reached = leaf.end
        if leaf.why_not is not None:
            unread += leaf.end - leaf.start
    if reached != end:
        raise ValueError(f"the pieces end at {reached}, the bytes at {end}")
    return Accounting(end - start - unread, unread)
