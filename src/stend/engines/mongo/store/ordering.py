"""Keys in the order of an index: what is turned around for -1, and what is above every key."""

from typing import Any, Final

from stend.engines.mongo.query.values import OrderKey


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


class _Top:
    """Above every key, turned around or not."""

    __slots__ = ()

    def __lt__(self, other: object) -> bool:
        return False

    def __gt__(self, other: object) -> bool:
        return other is not self


TOP: Final = _Top()

# One key of an index: a part for each of its paths.
Key = tuple[Any, ...]
