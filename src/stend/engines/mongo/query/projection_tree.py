"""What a compiled projection does to a document."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from stend.engines.mongo.errors import MongoError
from stend.engines.mongo.query.context import Document, Evaluate
from stend.engines.mongo.query.matching import Matcher
from stend.engines.mongo.query.values import MISSING

Project = Callable[[Document], dict[str, Any]]


@dataclass(slots=True)
class Tree:
    """What a projection says of the fields of a document.

    Attributes:
        children: by name: True to include and False to exclude; None to include where others are,
            and to leave alone where others are excluded; what computes it; a tree of more.
        computes: whether something below is computed.
    """

    children: "dict[str, bool | Evaluate | Tree | None]" = field(default_factory=dict)
    computes: bool = False

    def add(self, path: tuple[str, ...], leaf: "bool | Evaluate | None") -> None:
        """Says it of a path.

        Raises:
            MongoError: the path, or one that it begins or that begins it, is there already.
        """
        tree = self
        for at, name in enumerate(path[:-1], 1):
            tree.computes = tree.computes or callable(leaf)
            child = tree.children.setdefault(name, Tree())
            if not isinstance(child, Tree):
                raise MongoError(
                    31249,
                    f"Path collision at {'.'.join(path)} remaining portion {'.'.join(path[at:])}",
                )
            tree = child
        tree.computes = tree.computes or callable(leaf)
        if path[-1] in tree.children:
            raise MongoError(31250, f"Path collision at {'.'.join(path)}")
        tree.children[path[-1]] = leaf


def including(tree: Tree) -> Project:
    """Keeps the fields of the tree, in the order of the document, and then computes others."""

    def project(document: Document) -> dict[str, Any]:
        found = _include(tree, document)
        if tree.computes:
            _compute(tree, document, found)
        return found

    return project


def _include(tree: Tree, document: Document) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in document.items():
        child = tree.children.get(name, False)
        if child is True or child is None:
            found[name] = value
        elif isinstance(child, Tree):
            inside = _include_value(child, value)
            if inside is not MISSING:
                found[name] = inside
    return found


def _include_value(tree: Tree, value: Any) -> Any:
    if isinstance(value, Mapping):
        return _include(tree, value)
    if isinstance(value, list):
        items = (_include_value(tree, item) for item in value)
        return [item for item in items if item is not MISSING]
    return MISSING


def _compute(tree: Tree, root: Document, found: dict[str, Any]) -> None:
    for name, child in tree.children.items():
        if isinstance(child, Tree):
            if child.computes:
                found[name] = _compute_value(child, root, found.get(name, MISSING))
        elif callable(child):
            _set(found, name, child(root))


def _compute_value(tree: Tree, root: Document, value: Any) -> Any:
    if isinstance(value, list):
        return [_compute_value(tree, root, item) for item in value]
    found = dict(value) if isinstance(value, Mapping) else {}
    _compute(tree, root, found)
    return found


def _set(found: dict[str, Any], name: str, value: Any) -> None:
    if value is MISSING:
        found.pop(name, None)
    else:
        found[name] = value


def excluding(tree: Tree) -> Project:
    """Keeps all but the fields of the tree; what it computes replaces what was there."""

    def project(document: Document) -> dict[str, Any]:
        return _exclude(tree, document)

    return project


def _exclude(tree: Tree, document: Document) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in document.items():
        child = tree.children.get(name)
        if child is None or child is True:
            found[name] = value
        elif isinstance(child, Tree):
            found[name] = _exclude_value(child, value)
        elif child is not False:
            _set(found, name, child(document))
    return found


def _exclude_value(tree: Tree, value: Any) -> Any:
    if isinstance(value, Mapping):
        return _exclude(tree, value)
    if isinstance(value, list):
        return [_exclude_value(tree, item) for item in value]
    return value


def slice_at(
    document: Document, path: tuple[str, ...], skip: int | None, limit: int
) -> dict[str, Any]:
    """The document with the array under a path, or those under it in an array, cut."""
    found = dict(document)
    name, rest = path[0], path[1:]
    value = found.get(name)
    if isinstance(value, list):
        found[name] = (
            [
                slice_at(item, rest, skip, limit) if isinstance(item, Mapping) else item
                for item in value
            ]
            if rest
            else _slice(value, skip, limit)
        )
    elif isinstance(value, Mapping) and rest:
        found[name] = slice_at(value, rest, skip, limit)
    return found


def _slice(array: list[Any], skip: int | None, limit: int) -> list[Any]:
    if skip is None:
        return array[:limit] if limit >= 0 else array[limit:]
    start = max(0, len(array) + skip) if skip < 0 else skip
    return array[start : start + limit]


def at_match(
    match: Matcher, document: Document, found: dict[str, Any], path: tuple[str, ...]
) -> dict[str, Any]:
    """The projected document with only that element of its array that made the filter match."""
    how = match.match(document)
    index = how.array_index if how is not None else None
    value: Any = found
    for depth, name in enumerate(path):
        value = value.get(name)
        if isinstance(value, list):
            return _with(found, path[: depth + 1], [_element(value, index)])
        if not isinstance(value, Mapping):
            break
    return found


def _element(array: list[Any], index: int | None) -> Any:
    if index is None:
        raise MongoError(
            51246,
            "Executor error during find command :: caused by :: positional operator '.$' couldn't "
            "find a matching element in the array",
        )
    if index >= len(array):
        raise MongoError(
            51247,
            "Executor error during find command :: caused by :: positional operator '.$' element "
            "mismatch",
        )
    return array[index]


def _with(document: Document, path: tuple[str, ...], value: Any) -> dict[str, Any]:
    found = dict(document)
    rest = path[1:]
    found[path[0]] = _with(found[path[0]], rest, value) if rest else value
    return found
