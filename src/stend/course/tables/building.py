"""Puts a target message together, field after field."""

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from stend.course.tables.paths import EACH, Part, Path
from stend.kit.json import JsonObject, JsonValue


class _Elements(dict[int, "_Node"]):
    """An array whose elements come in any order, and perhaps not all of them."""


class _Members(dict[str, "_Node"]):
    """An object."""


_Node: TypeAlias = _Elements | _Members | JsonValue


class Building:
    """
    Args:
        targets: paths of all fields.
    """

    def __init__(self, targets: Iterable[Path]) -> None:
        self._root = _Members()
        # Those whose elements are values by themselves: one without a value is left out.
        self._plain = {one for one in targets if one.parts[-1] is EACH}

    def reserve(self, array: Path, outer: Sequence[int], size: int) -> None:
        """
        Args:
            array: ends with `[]`.
            outer: indices of the elements that it stands in.
        """
        elements = self._at(array.parts[:-1], outer, _Elements)
        if isinstance(elements, _Elements) and array not in self._plain:
            for at in range(size):
                elements.setdefault(at, _Members())

    def put(self, path: Path, indices: Sequence[int], value: JsonValue) -> None:
        last = path.parts[-1]
        if last is EACH:
            elements = self._at(path.parts[:-1], indices[:-1], _Elements)
            if isinstance(elements, _Elements):
                elements[indices[-1]] = value
            return
        members = self._at(path.parts[:-1], indices, _Members)
        if isinstance(members, _Members):
            members[str(last)] = value

    def built(self) -> JsonObject:
        return {name: _plain(one) for name, one in self._root.items()}

    def _at(
        self, parts: Sequence[Part], indices: Sequence[int], kind: type[_Elements | _Members]
    ) -> _Node:
        """What stands there, made on the way if it was not."""
        node: _Node = self._root
        left = list(indices)
        for at, part in enumerate(parts):
            follows = parts[at + 1] if at + 1 < len(parts) else None
            inner = kind if at + 1 == len(parts) else _Elements if follows is EACH else _Members
            made: _Node = inner()
            if isinstance(node, _Elements):
                node = node.setdefault(left.pop(0), made)
            elif isinstance(node, _Members):
                node = node.setdefault(str(part), made)
        return node


def _plain(node: _Node) -> JsonValue:
    if isinstance(node, _Elements):
        return [_plain(node[at]) for at in sorted(node)]
    if isinstance(node, _Members):
        return {name: _plain(one) for name, one in node.items()}
    return node
