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
        multikey: the positions of paths that met an array, in any document so far.
    """

    def __init__(self, paths: Sequence[str]) -> None:
        self.multikey: set[int] = set()
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
        self.multikey.update(
            at for at, parts in enumerate(self._parts) if _meets_array(document, parts)
        )
        return keys


def _meets_array(value: Any, parts: tuple[str, ...]) -> bool:
    for part in parts:
        if not isinstance(value, Mapping):
            break
        value = value.get(part, MISSING)
    return isinstance(value, list)
