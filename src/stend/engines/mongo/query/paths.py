"""Dotted paths: what they reach in a document, through arrays as MongoDB goes."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from stend.engines.mongo.errors import Code, MongoError
from stend.engines.mongo.query.values import MISSING

# A value, and the position in the outermost array that the way to it led through.
Element = tuple[Any, int | None]


def split(path: str) -> tuple[str, ...]:
    """The names of a path: `a.b.0` is a, b, 0."""
    return tuple(path.split("."))


def array_index(name: str) -> int | None:
    """The position that a part of a path can name: `0`, `12`, but not `01` or `-1`."""
    if name.isascii() and name.isdigit() and (name == "0" or name[0] != "0"):
        return int(name) if len(name) < 10 else None
    return None


def elements(
    document: Mapping[str, Any], parts: Sequence[str], *, leaf: bool = True
) -> Iterator[Element]:
    """What a filter looks at under a path.

    Args:
        leaf: whether an array at the end of the path gives its elements, and then itself; else only
            itself.

    Returns:
        the values; one MISSING for each place where a document has no such field. An array on the
        way that holds no documents gives nothing.
    """
    value: Any = document
    last = len(parts)
    for depth, name in enumerate(parts, 1):
        value = value.get(name, MISSING)
        if isinstance(value, list):
            yield from _in_array(value, parts, depth, leaf)
            return
        if not isinstance(value, Mapping):
            yield (value if depth == last else MISSING), None
            return
    yield value, None


def _in_array(array: list[Any], parts: Sequence[str], rest: int, leaf: bool) -> Iterator[Element]:
    if rest == len(parts):
        if leaf:
            for index, item in enumerate(array):
                yield item, index
        yield array, None
        return
    wanted = array_index(parts[rest])
    below = parts[rest:]
    for index, item in enumerate(array):
        if isinstance(item, Mapping):
            for value, _ in elements(item, below, leaf=leaf):
                yield value, index
        if index == wanted:
            yield from _at_index(item, index, parts, rest + 1, leaf)


def _at_index(
    item: Any, index: int, parts: Sequence[str], rest: int, leaf: bool
) -> Iterator[Element]:
    if rest == len(parts):
        # An array inside an array is a value of its own: it is not looked into.
        yield item, index
    elif isinstance(item, Mapping):
        yield from elements(item, parts[rest:], leaf=leaf)
    elif isinstance(item, list):
        yield from _in_array(item, parts, rest, leaf)


# Longer than a stored document can be deep.
MOST_PARTS: Final = 200


def check_length(parts: Sequence[str]) -> None:
    """
    Raises:
        MongoError: a path is longer than any document is deep.
    """
    if len(parts) > MOST_PARTS:
        raise MongoError(Code.Overflow, f"FieldPath is too long: more than {MOST_PARTS} names")


def field_path(name: str) -> tuple[str, ...]:
    """The names of the path of a sort, a projection or an expression.

    Raises:
        MongoError: it is empty or too long, or one of its names is empty or begins with `$`.
    """
    if name == "":
        raise MongoError(40352, "FieldPath cannot be constructed with empty string")
    parts = split(name)
    if name.endswith("."):
        raise MongoError(40353, "FieldPath must not end with a '.'.")
    check_length(parts)
    for part in parts:
        if part == "":
            raise MongoError(15998, "FieldPath field names may not be empty strings.")
        if part.startswith("$"):
            raise MongoError(
                16410,
                "FieldPath field names may not start with '$'. Consider using $getField or "
                "$setField.",
            )
    return parts
