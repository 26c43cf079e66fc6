"""Puts pieces that stand one after another into a tree, by the paths of their fields."""

import re
from collections.abc import Callable, Iterable
from typing import Protocol, TypeVar

from stend.kit.fields import Field, Meaning, group

# `("topics", "[0]", "name")` for `topics[0].name`.
Steps = tuple[str, ...]

_STEP = re.compile(r"\[\d+\]|[^.\[]+")


class Piece(Protocol):
    """What a walker over bytes tells: `path` of the field, and the piece's own name."""

    @property
    def path(self) -> str: ...
    @property
    def name(self) -> str: ...


P = TypeVar("P", bound=Piece)


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
    pieces: Iterable[P],
    leaf: Callable[[Steps, P], Field],
    around: Callable[[Steps], Meaning],
) -> tuple[Field, ...]:
    """The tree of pieces that tile their bytes.

    Args:
        leaf: makes the field of a piece.
        around: what the field at these steps is for, where several pieces are one.
    """
    nest = Nest()
    steps: Steps = ()
    path = ""
    for piece in pieces:
        if piece.path != path:
            path, before, steps = piece.path, steps, tuple(_STEP.findall(piece.path))
            shared = _shared(before, steps)
            nest.close_to(shared)
            for depth in range(shared, len(steps)):
                nest.open(steps[depth], around(steps[: depth + 1]))
        nest.add(leaf(steps, piece))
    return nest.tree()


def _shared(one: Steps, other: Steps) -> int:
    for depth, (left, right) in enumerate(zip(one, other, strict=False)):
        if left != right:
            return depth
    return min(len(one), len(other))
