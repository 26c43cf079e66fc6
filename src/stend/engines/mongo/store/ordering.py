"""Keys in the order of an index: what is above all of them."""

from typing import Any, Final


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
