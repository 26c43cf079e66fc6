"""The stages of a plan that read an index."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from stend.engines.mongo.errors import Code, MongoError
from stend.engines.mongo.query.bounds import Bounds
from stend.engines.mongo.store.access import Access
from stend.engines.mongo.store.index_specs import ID_INDEX
from stend.engines.mongo.store.ordering import Key
from stend.engines.mongo.store.reading import Found, Matches, Order, Reading, Source
from stend.engines.mongo.store.stages import Counted, Told


class IndexScan(Counted):
    """
    Args:
        direction: 1 to follow the index in its order, -1 for the opposite.
    """

    def __init__(self, access: Access, direction: int) -> None:
        super().__init__()
        self.access = access
        self._direction = direction
        self._examined = 0

    def records(self) -> Iterator[int]:
        """The records of the keys, some perhaps more than once."""
        index = self.access.index
        for key, record in self._pairs():
            if index.is_dropped:
                raise MongoError(Code.QueryPlanKilled, f"index '{index.spec.name}' dropped")
            self._examined += 1
            if not self.access.checked or self.access.holds(key):
                self.returned += 1
                yield record

    def _pairs(self) -> Iterator[tuple[Key, int]]:
        index = self.access.index
        backwards = (self._direction < 0) != index.walks_backwards
        for low, high, is_point in (
            reversed(self.access.ranges) if backwards else self.access.ranges
        ):
            if is_point:
                records = index.records_at(low)
                for record in reversed(records) if backwards else records:
                    yield low, record
            else:
                yield from index.scan(low, high, backwards=backwards)

    def describe(self) -> dict[str, Any]:
        index = self.access.index
        return {
            "stage": "IXSCAN",
            "keyPattern": dict(index.spec.key),
            "indexName": index.spec.name,
            "isMultiKey": bool(index.multikey),
            "multiKeyPaths": index.multikey_paths,
            "isUnique": index.is_unique,
            "isSparse": index.spec.sparse,
            "isPartial": index.spec.partial is not None,
            "indexVersion": 2,
            "direction": "forward" if self._direction > 0 else "backward",
            "indexBounds": self.access.shown_bounds(self._direction),
        }

    def counters(self) -> dict[str, Any]:
        return {"keysExamined": self._examined}


class AnyOf(Counted):
    """The records of several scans: a filter with `$or`."""

    def __init__(self, scans: list[IndexScan]) -> None:
        super().__init__()
        self._scans = scans

    def records(self) -> Iterator[int]:
        """The records of all of them, some perhaps more than once."""
        for scan in self._scans:
            for record in scan.records():
                self.returned += 1
                yield record

    def describe(self) -> dict[str, Any]:
        return {"stage": "OR"}

    def inputs(self) -> Sequence[Told]:
        return self._scans


class Fetch(Counted):
    """The documents of records, each once, those that match.

    Args:
        told_filter: what the index has not made sure of, for an explain; all of the filter is
            tested, for a record may have changed since its key was read.
        order: of the records, where it matters.
    """

    def __init__(
        self,
        source: Source,
        scan: IndexScan | AnyOf,
        matches: Matches,
        told_filter: Mapping[str, Any],
        order: Order | None = None,
    ) -> None:
        super().__init__()
        self._scan = scan
        self._told_filter = told_filter
        self._reading = Reading(source, matches, order)

    def run(self) -> Iterator[Found]:
        for found in self._reading.run(self._scan.records()):
            self.returned += 1
            yield found

    def describe(self) -> dict[str, Any]:
        told = {"filter": dict(self._told_filter)} if self._told_filter else {}
        return {"stage": "FETCH", **told}

    def counters(self) -> dict[str, Any]:
        return {"docsExamined": self._reading.examined}

    def inputs(self) -> Sequence[Told]:
        return [self._scan]


class IdHack(Counted):
    """The one document with an `_id`."""

    def __init__(self, source: Source, value: Any, matches: Matches) -> None:
        super().__init__()
        self._source = source
        self._value = value
        self._reading = Reading(source, matches)
        self._keys = 0

    def run(self) -> Iterator[Found]:
        index = self._source.collection.indexes[ID_INDEX]
        records = index.records_at(index.key((self._value,)))
        self._keys = len(records)
        for found in self._reading.run(iter(records), is_distinct=True):
            self.returned += 1
            yield found

    def describe(self) -> dict[str, Any]:
        return {"stage": "IDHACK"}

    def counters(self) -> dict[str, Any]:
        return {"keysExamined": self._keys, "docsExamined": self._reading.examined}


def residual(filter_spec: Mapping[str, Any], bounds: Bounds, access: Access) -> dict[str, Any]:
    """What of a filter the keys of an index do not make sure of."""
    sure = {
        path
        for at, path in enumerate(access.index.spec.paths)
        if at in access.bounded
        and bounds[path].is_exact
        and (at not in access.index.multikey or len(bounds[path].predicates) == 1)
    }
    return {name: operand for name, operand in filter_spec.items() if name not in sure}
