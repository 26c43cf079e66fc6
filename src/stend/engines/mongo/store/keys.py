"""The keys that an index has for a document, and which of its paths met arrays."""

from collections.abc import Mapping, Sequence
from typing import Any

from stend.engines.mongo.query.keys import index_keys
from stend.engines.mongo.query.values import MISSING


class Extractor:
    """
    Args:
        paths: the dotted paths of the index, in its order.

    Attributes:
        arrays: by the position of a path, where on it arrays were met, in any document so far.
    """

    def __init__(self, paths: Sequence[str]) -> None:
        self.arrays: dict[int, set[str]] = {}
        self._paths = tuple(paths)
        self._parts = tuple(tuple(path.split(".")) for path in paths)
        self._is_flat = all(len(parts) == 1 for parts in self._parts)

    def extract(self, document: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """The values of each key, MISSING where the document has no such field.

        Raises:
            MongoError: two of the paths lead through different arrays.
        """
        if self._is_flat:
            values = tuple([document.get(path, MISSING) for path in self._paths])
            if list not in map(type, values):
                return [values]
        keys = index_keys(document, self._parts)
        for at, parts in enumerate(self._parts):
            if met := _arrays(document, parts, 0):
                self.arrays.setdefault(at, set()).update(met)
        return keys


def _arrays(value: Any, parts: tuple[str, ...], at: int) -> set[str]:
    """The parts of a path, from its beginning, whose values are arrays."""
    while isinstance(value, Mapping) and at < len(parts):
        value = value.get(parts[at], MISSING)
        at += 1
    if not isinstance(value, list):
        return set()
    met = {".".join(parts[:at])}
    for element in value if at < len(parts) else ():
        met |= _arrays(element, parts, at)
    return met
