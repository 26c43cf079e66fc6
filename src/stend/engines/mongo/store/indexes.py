"""One index: which records have which keys, point lookups at once, ranges in order."""

from bisect import bisect_left, insort
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any, Final

from sortedcontainers import SortedList  # type: ignore[import-untyped]

from stend.engines.mongo.query.sorting import Descending
from stend.engines.mongo.query.values import MISSING, order_key
from stend.engines.mongo.store.index_specs import IndexSpec
from stend.engines.mongo.store.keys import Extractor
from stend.engines.mongo.store.ordering import Key

# What a dict's slot, a tuple and a number take beside the values of a key.
KEY_BYTES: Final = 200
# A plain list of records is fastest up to about here: an insert moves what is behind it.
_MANY_RECORDS: Final = 2000
_CHUNK: Final = 128

Records = Any
Range = tuple[Key, Key]


class Index:
    """
    Args:
        spec: what it is to be.
        is_covered: whether a document belongs into it, for a partial index.

    Attributes:
        is_dropped: whoever scans it has to stop.
        is_unique: no two records have the same key in it.
        key_count: how many pairs of key and record it has.
    """

    def __init__(
        self, spec: IndexSpec, is_covered: Callable[[Mapping[str, Any]], bool] | None = None
    ) -> None:
        self.spec = spec
        self.is_dropped = False
        self.key_count = 0
        self.is_unique = spec.unique or spec.is_id
        self._is_covered = is_covered
        self._extractor = Extractor(spec.paths)
        # An index all of whose directions are -1 is the same one, walked the other way.
        self.walks_backwards = spec.directions[0] < 0
        self._turned = tuple(
            at
            for at, direction in enumerate(spec.directions)
            if (direction < 0) != self.walks_backwards
        )
        self._records: dict[Key, Records] = {}
        # Made when the first range is read: point lookups do not need it.
        self._sorted: SortedList[Key] | None = None

    @property
    def multikey(self) -> frozenset[int]:
        """The positions of the paths that met an array."""
        return frozenset(self._extractor.arrays)

    @property
    def multikey_paths(self) -> dict[str, list[str]]:
        """Where on each path arrays were met."""
        arrays = self._extractor.arrays
        return {path: sorted(arrays.get(at, ())) for at, path in enumerate(self.spec.paths)}

    @property
    def turned(self) -> tuple[int, ...]:
        """The positions whose parts of a key are turned around."""
        return self._turned

    @property
    def size_bytes(self) -> int:
        """About what it takes of the memory."""
        return self.key_count * KEY_BYTES

    def keys_of(self, document: Mapping[str, Any]) -> tuple[Key, ...]:
        """The keys of a document, each once; none where the index does not have it.

        Raises:
            MongoError: two paths of the index lead into different arrays.
        """
        if self._is_covered is not None and not self._is_covered(document):
            return ()
        found = self._extractor.extract(document)
        if self.spec.sparse:
            found = [values for values in found if any(value is not MISSING for value in values)]
        if len(found) == 1:
            return (self.key(found[0]),)
        return tuple(dict.fromkeys(map(self.key, found)))

    def values_of(self, document: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """The values that the keys of a document are of."""
        return self._extractor.extract(document)

    def key(self, values: tuple[Any, ...]) -> Key:
        """The key of one value for each path."""
        if not self._turned:
            return tuple([order_key(value) for value in values])
        parts = list(map(order_key, values))
        for at in self._turned:
            parts[at] = Descending(parts[at])  # type: ignore[call-overload]
        return tuple(parts)

    def add(self, keys: tuple[Key, ...], record: int) -> None:
        """A record has these keys now."""
        self.key_count += len(keys)
        for key in keys:
            held = self._records.get(key)
            if held is None:
                self._records[key] = record
                if self._sorted is not None:
                    self._sorted.add(key)
            elif isinstance(held, int):
                self._records[key] = sorted((held, record))
            elif isinstance(held, SortedList):
                held.add(record)
            else:
                insort(held, record)
                if len(held) > _MANY_RECORDS:
                    self._records[key] = SortedList(held)

    def remove(self, keys: tuple[Key, ...], record: int) -> None:
        """A record has these keys no longer."""
        self.key_count -= len(keys)
        for key in keys:
            held = self._records[key]
            if isinstance(held, int) or len(held) == 1:
                del self._records[key]
                if self._sorted is not None:
                    self._sorted.remove(key)
            elif isinstance(held, SortedList):
                held.remove(record)
            else:
                del held[bisect_left(held, record)]

    def owner(self, key: Key) -> int | None:
        """The record with a key of a unique index."""
        held = self._records.get(key)
        return held if held is None or isinstance(held, int) else held[0]

    def records_at(self, key: Key) -> list[int]:
        """The records with exactly this key, in order."""
        held = self._records.get(key)
        if held is None:
            return []
        return [held] if isinstance(held, int) else list(held)

    def scan(self, low: Key, high: Key, *, backwards: bool) -> Iterator[tuple[Key, int]]:
        """The pairs of key and record from `low` on and below `high`, in order.

        The index may change meanwhile: what is behind the pair that was given last is as it is
        when the scan comes there.
        """
        ends = (True, False)
        while True:
            found = self._order().irange(low, high, inclusive=ends, reverse=backwards)
            chunk = list(islice(found, _CHUNK))
            for key in chunk:
                records = self.records_at(key)
                for record in reversed(records) if backwards else records:
                    yield key, record
            if len(chunk) < _CHUNK:
                return
            if backwards:
                high = chunk[-1]
            else:
                low, ends = chunk[-1], (False, False)

    def count(self, low: Key, high: Key) -> int:
        """How many distinct keys there are from `low` on and below `high`."""
        order = self._order()
        count: int = order.bisect_left(high) - order.bisect_left(low)
        return max(0, count)

    def count_at(self, key: Key) -> int:
        """How many records have exactly this key."""
        held = self._records.get(key)
        if held is None:
            return 0
        return 1 if isinstance(held, int) else len(held)

    @property
    def distinct_count(self) -> int:
        """How many distinct keys it has."""
        return len(self._records)

    def _order(self) -> "SortedList[Key]":
        if self._sorted is None:
            self._sorted = SortedList(self._records)
        return self._sorted
