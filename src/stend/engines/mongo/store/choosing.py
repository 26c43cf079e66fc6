"""Which index serves a query best: the one with the fewest keys to read, counted, not guessed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from bson import Regex

from stend.engines.mongo.errors import Code, MongoError
from stend.engines.mongo.query.bounds import Bounds, bounds_of
from stend.engines.mongo.query.sorting import sort_key, sort_parts
from stend.engines.mongo.query.values import equal
from stend.engines.mongo.store.access import Access, access, can_serve
from stend.engines.mongo.store.index_stages import AnyOf, Fetch, IdHack, IndexScan, residual
from stend.engines.mongo.store.indexes import Index
from stend.engines.mongo.store.reading import Matches, Order, Source
from stend.engines.mongo.store.stages import CollectionScan, Stage

# What a document more costs where all must be sorted.
_SORTING: Final = 1.3


@dataclass(frozen=True, slots=True)
class Query:
    """
    Attributes:
        sort: fields with 1 or -1, or `$natural`; empty for any order.
        limit: 0 for none.
        hint: the name or the key pattern of an index, or `$natural`; None for none.
        projection: told of in an explain; the caller computes it.
        may_spill: allowDiskUse: whether a sort may take more than 100 MB.
    """

    filter: Mapping[str, Any] = field(default_factory=dict)
    sort: Mapping[str, Any] = field(default_factory=dict)
    skip: int = 0
    limit: int = 0
    hint: str | Mapping[str, Any] | None = None
    projection: Mapping[str, Any] | None = None
    may_spill: bool = True


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A way through one index; `direction` is 0 where it does not give the order of the sort."""

    access: Access
    direction: int
    cost: float


class Choice:
    """
    Args:
        source: a collection and a view.
        matches: tests the filter.
    """

    def __init__(self, source: Source, matches: Matches, query: Query) -> None:
        self._source = source
        self._matches = matches
        self._query = query
        self._filter = query.filter
        self._sort = {".".join(path): direction for path, direction in sort_parts(query.sort)}

    def stages(self) -> list[tuple[Stage, bool]]:
        """The best first; each with whether it gives the documents in the order of the sort.

        Raises:
            MongoError: there is no such index as the hint names.
        """
        if self._query.hint is not None:
            return [self._hinted(self._query.hint)]
        if (value := _only_id(self._filter)) is not None:
            return [(IdHack(self._source, value[0], self._matches), True)]
        bounds = bounds_of(self._filter)
        found = [self._by(candidate, bounds) for candidate in self._candidates(bounds)]
        return found or [(self._without_index(), not self._sort)]

    def _indexes(self) -> Iterator[Index]:
        for index in self._source.collection.indexes.values():
            if not index.spec.hidden:
                yield index

    def _hinted(self, hint: str | Mapping[str, Any]) -> tuple[Stage, bool]:
        named = [index for index in self._indexes() if _is_named(index, hint)]
        if not named:
            raise self._bad_hint("hint provided does not correspond to an existing index")
        if len(named) > 1:
            raise self._bad_hint("Hint matched multiple indexes, must hint by index name.")
        bounds = bounds_of(self._filter)
        index = named[0]
        if index.spec.partial is not None and not can_serve(index, bounds, self._filter):
            raise MongoError(
                Code.NoQueryExecutionPlans,
                f"error processing query: ns={self._source.collection.namespace} planner returned "
                "error :: caused by :: the hinted partial index does not have all documents that "
                "the filter can match",
            )
        chosen = access(index, bounds)
        return self._by(_Candidate(chosen, self._direction(chosen), 0), bounds)

    def _bad_hint(self, reason: str) -> MongoError:
        return MongoError(
            Code.BadValue,
            f"error processing query: ns={self._source.collection.namespace} planner returned "
            f"error :: caused by :: {reason}",
        )

    def _direction(self, chosen: Access) -> int:
        return chosen.direction_for(self._sort) if self._sort else 1

    def _candidates(self, bounds: Bounds) -> list[_Candidate]:
        """Those that read less than all, or give the order of the sort; the best first."""
        usable = []
        for index in self._indexes():
            if can_serve(index, bounds, self._filter):
                chosen = access(index, bounds)
                direction = self._direction(chosen)
                if 0 in chosen.bounded or (self._sort and direction):
                    usable.append((chosen, direction))
        matching = min([chosen.estimate for chosen, _ in usable], default=0)
        rated = [
            _Candidate(chosen, direction, self._cost(chosen, direction, matching))
            for chosen, direction in usable
        ]
        return sorted(rated, key=lambda each: (each.cost, -len(each.access.bounded)))

    def _cost(self, chosen: Access, direction: int, matching: int) -> float:
        wanted = self._query.skip + self._query.limit
        if not direction:
            return chosen.estimate * _SORTING
        if not self._query.limit or matching <= wanted:
            return chosen.estimate
        # So many keys are read until enough documents have matched.
        return min(chosen.estimate, wanted * chosen.estimate / matching)

    def _by(self, candidate: _Candidate, bounds: Bounds) -> tuple[Stage, bool]:
        scan = IndexScan(candidate.access, candidate.direction or 1)
        told = residual(self._filter, bounds, candidate.access)
        is_sorted = bool(self._sort and candidate.direction)
        order = self._order() if is_sorted else None
        fetch = Fetch(self._source, scan, self._matches, told, order)
        return fetch, is_sorted or not self._sort

    def _order(self) -> Order:
        key = sort_key(self._query.sort)
        return lambda _, document: key(document)

    def _without_index(self) -> Stage:
        scans = self._scans_of_branches()
        if scans is None:
            return CollectionScan(self._source, self._filter, self._matches)
        return Fetch(self._source, AnyOf(scans), self._matches, self._filter)

    def _scans_of_branches(self) -> list[IndexScan] | None:
        """A scan for each branch of `$or`; None where one of them has no index."""
        scans = []
        for branch in self._filter.get("$or", ()):
            bounds = bounds_of(branch)
            usable = [
                chosen
                for index in self._indexes()
                if can_serve(index, bounds, branch)
                and 0 in (chosen := access(index, bounds)).bounded
            ]
            if not usable:
                return None
            scans.append(IndexScan(min(usable, key=lambda each: each.estimate), 1))
        return scans or None


def _only_id(filter_spec: Mapping[str, Any]) -> tuple[Any] | None:
    """The value of `_id`, where the filter asks for nothing else."""
    if len(filter_spec) != 1 or "_id" not in filter_spec:
        return None
    value = filter_spec["_id"]
    if isinstance(value, Mapping):
        if list(value) == ["$eq"]:
            value = value["$eq"]
        elif next(iter(value), "").startswith("$"):
            return None
    return None if isinstance(value, list | Regex) else (value,)


def _is_named(index: Index, hint: str | Mapping[str, Any]) -> bool:
    if isinstance(hint, str):
        return index.spec.name == hint
    return equal(dict(index.spec.key), dict(hint))
