"""Puts pieces that stand one after another into a tree, by the paths of their fields."""

import re
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from stend.kit.fields import Field, Meaning, group

# `("topics", "[0]", "name")` for `topics[0].name`.
Steps = tuple[str, ...]

_STEP = re.compile(r"\[\d+\]|[^.\[]+")


class Span(NamedTuple):
    """A piece of the bytes and what it says, as a walker over them tells it.

    Attributes:
        path: of the field that it belongs to: `topics[0].partitions[2].index`, `row[2]`.
        name: the field's own, or what the piece is for the field: `length`, `count`, `tag`.
        type: as the protocol's documentation names it: `int32`, `string<lenenc>`.
        start: offset of its first byte.
        end: offset behind its last byte.
    """

    path: str
    name: str
    type: str
    value: Any
    start: int
    end: int


class Nest:
    """A tree that is made from front to back: groups are opened, get their pieces, are closed."""

    def __init__(self) -> None:
        self._top: list[Field] = []
        self._open: list[tuple[str, Meaning, list[Field]]] = []

    @property
    def depth(self) -> int:
        return len(self._open)

    def open(self, name: str, meaning: Meaning) -> None:
        self._open.append((name, meaning, []))

    def add(self, one: Field) -> None:
        (self._open[-1][2] if self._open else self._top).append(one)

    def close(self) -> None:
        """A group without pieces is none: it has no bytes."""
        name, meaning, inside = self._open.pop()
        if not inside:
            return
        # A field that is one piece needs no group around it. An element is called by its place.
        only = inside[0]
        own = {name, self._open[-1][0]} if self._open and name.startswith("[") else {name}
        if len(inside) == 1 and not only.children and only.name in own:
            self.add(only._replace(name=name))
            return
        # Folded, it says what its own piece says.
        value = next((one.value for one in inside if one.name in {*own, "value"}), None)
        self.add(group(name, meaning, inside)._replace(value=value))

    def close_to(self, depth: int) -> None:
        while len(self._open) > depth:
            self.close()

    def tree(self) -> tuple[Field, ...]:
        """Everything so far; what is open is closed."""
        self.close_to(0)
        return tuple(self._top)


def nested(
    spans: Iterable[Span],
    leaf: Callable[[Steps, Span], Field],
    around: Callable[[Steps], Meaning],
) -> tuple[Field, ...]:
    """The tree of spans that tile their bytes.

    Args:
        leaf: makes the field of a span.
        around: what the field at these steps is for, where several spans are one.
    """
    nest = Nest()
    steps: Steps = ()
    path = ""
    for span in spans:
        if span.path != path:
            path, before, steps = span.path, steps, tuple(_STEP.findall(span.path))
            shared = _shared(before, steps)
            nest.close_to(shared)
            for depth in range(shared, len(steps)):
                nest.open(steps[depth], around(steps[: depth + 1]))
        nest.add(leaf(steps, span))
    return nest.tree()


def _shared(one: Steps, other: Steps) -> int:
    for depth, (left, right) in enumerate(zip(one, other, strict=False)):
        if left != right:
            return depth
    return min(len(one), len(other))
