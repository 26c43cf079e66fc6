"""Sorts: what orders documents as a sort of MongoDB asks."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from stend.engines.mongo.errors import Code, MongoError
from stend.engines.mongo.query.context import Document
from stend.engines.mongo.query.keys import Parts, index_keys
from stend.engines.mongo.query.operators import shown, truncated
from stend.engines.mongo.query.paths import field_path
from stend.engines.mongo.query.values import MISSING, OrderKey, is_number, order_key

_MOST_KEYS: Final = 32


class Descending:
    """The key of a value, in the opposite order."""

    __slots__ = ("key",)

    def __init__(self, key: OrderKey) -> None:
        self.key = key

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Descending) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    def __lt__(self, other: Any) -> bool:
        if not isinstance(other, Descending):
            return NotImplemented
        return other.key < self.key

    def __gt__(self, other: Any) -> bool:
        if not isinstance(other, Descending):
            return NotImplemented
        return other.key > self.key

    def __repr__(self) -> str:
        return f"Descending({self.key!r})"


SortKey = tuple[Any, ...]


def sort_key(spec: Document) -> Callable[[Document], SortKey]:
    """What to sort documents by, in a sort that keeps the order of equals.

    Args:
        spec: fields and 1 or -1; `$natural` is not for this function.

    Raises:
        MongoError: a field or its direction is none; the function raises it for a document whose
            arrays cannot be combined.
    """
    parts = sort_parts(spec)
    paths = tuple(path for path, _ in parts)
    descending = tuple(direction < 0 for _, direction in parts)
    if len(paths) == 1 and len(paths[0]) == 1:
        return _of_one_field(paths[0][0], descending[0])

    def key(document: Document) -> SortKey:
        keys = [_directed(values, descending) for values in _keys(document, paths)]
        return keys[0] if len(keys) == 1 else min(keys)

    return key


def _keys(document: Document, paths: tuple[Parts, ...]) -> list[tuple[Any, ...]]:
    try:
        return index_keys(document, paths)
    except MongoError as error:
        raise MongoError(
            Code.BadValue, f"cannot sort with keys that are parallel arrays: {error.message}"
        ) from None


def _directed(values: tuple[Any, ...], descending: tuple[bool, ...]) -> SortKey:
    return tuple(
        [
            Descending(order_key(value)) if down else order_key(value)
            for value, down in zip(values, descending, strict=True)
        ]
    )


def _of_one_field(name: str, down: bool) -> Callable[[Document], SortKey]:
    def key(document: Document) -> SortKey:
        value = document.get(name, MISSING)
        if not isinstance(value, list):
            found = order_key(value)
        elif not value:
            return _directed(index_keys(document, ((name,),))[0], (down,))
        else:
            found = (max if down else min)(order_key(item) for item in value)
        return (Descending(found) if down else found,)

    return key


def sort_parts(spec: Document) -> list[tuple[Parts, int]]:
    """The paths of a sort, each with 1 or -1.

    Raises:
        MongoError: a field or its direction is none.
    """
    if len(spec) > _MOST_KEYS:
        raise MongoError(13103, "too many compound keys")
    return [(field_path(name), _direction(name, order)) for name, order in spec.items()]


def _direction(name: str, order: Any) -> int:
    if isinstance(order, Mapping):
        raise _of_metadata(order)
    if not is_number(order):
        raise MongoError(15974, f"Illegal key in $sort specification: {name}: {shown(order)}")
    number = truncated(order)
    if number not in (1, -1):
        raise MongoError(
            15975, "$sort key ordering must be 1 (for ascending) or -1 (for descending)"
        )
    return number


def _of_metadata(order: Document) -> MongoError:
    if list(order) != ["$meta"]:
        return MongoError(
            17312, f"$meta is the only expression supported by $sort right now: {shown(order)}"
        )
    if order["$meta"] == "textScore":
        return MongoError(40218, "query requires text score metadata, but it is not available")
    return MongoError(31138, f"Illegal $meta sort: $meta: {shown(order['$meta'])}")
