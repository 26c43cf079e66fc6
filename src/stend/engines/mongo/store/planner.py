"""How the documents of a query are found: by which index, in which order, and what it cost."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from stend.engines.mongo.errors import Code, MongoError
from stend.engines.mongo.query.context import Context
from stend.engines.mongo.query.matching import compile_filter
from stend.engines.mongo.query.sorting import sort_key
from stend.engines.mongo.query.values import is_number
from stend.engines.mongo.store.choosing import Choice, Query
from stend.engines.mongo.store.collection import Collection
from stend.engines.mongo.store.reading import Found, Source
from stend.engines.mongo.store.stages import (
    CollectionScan,
    Eof,
    Part,
    Projection,
    Sorted,
    Stage,
    Told,
)
from stend.engines.mongo.store.transactions import View

__all__ = ["Plan", "Query", "plan"]

SortBy = Callable[[dict[str, Any]], Any]


class Plan:
    """Made by `plan`; runs once."""

    def __init__(self, root: Stage, rejected: list[Stage]) -> None:
        self._root = root
        self._rejected = rejected

    def run(self) -> Iterator[Found]:
        """The documents in their order; others may write between two of them."""
        return self._root.run()

    def winning(self) -> dict[str, Any]:
        """`winningPlan` of an explain."""
        return _tree(self._root, with_counters=False)

    def rejected(self) -> list[dict[str, Any]]:
        """`rejectedPlans` of an explain."""
        return [_tree(stage, with_counters=False) for stage in self._rejected]

    def execution(self) -> dict[str, Any]:
        """nReturned, totalKeysExamined, totalDocsExamined and executionStages, as counted."""
        stages = list(_all(self._root))
        counters = [stage.counters() for stage in stages]
        return {
            "nReturned": self._root.returned,
            "totalKeysExamined": sum(told.get("keysExamined", 0) for told in counters),
            "totalDocsExamined": sum(told.get("docsExamined", 0) for told in counters),
            "executionStages": _tree(self._root, with_counters=True),
        }


def plan(collection: Collection | None, query: Query, *, view: View, context: Context) -> Plan:
    """
    Args:
        collection: None where there is none of that name.

    Raises:
        MongoError: the filter, the sort or the hint is wrong.
    """
    matches = compile_filter(query.filter, context=context).matches
    natural = _natural_direction(query)
    key = sort_key(query.sort) if query.sort and "$natural" not in query.sort else None
    if collection is None:
        return Plan(_finished(Eof(), query), [])
    source = Source(collection, view, context.tick)
    if natural:
        scan = CollectionScan(source, query.filter, matches, backwards=natural < 0)
        return Plan(_finished(_in_order(scan, source, query, key), query), [])
    choice = Choice(source, matches, query)
    roots = [
        _finished(stage if is_sorted else _in_order(stage, source, query, key), query)
        for stage, is_sorted in choice.stages()
    ]
    return Plan(roots[0], roots[1:])


def _natural_direction(query: Query) -> int:
    """Of a `$natural` in the hint or in the sort; 0 for none."""
    hinted = _natural(query.hint) if isinstance(query.hint, Mapping) else 0
    if "$natural" not in query.sort:
        return hinted
    if query.hint is not None and not hinted:
        raise MongoError(
            Code.BadValue,
            "Sort by $natural cannot be combined with a hint of an index",
        )
    return _natural(query.sort)


def _natural(spec: Mapping[str, Any]) -> int:
    if "$natural" not in spec:
        return 0
    if len(spec) > 1 or not is_number(spec["$natural"]) or spec["$natural"] not in (1, -1):
        raise MongoError(
            Code.BadValue, "$natural sort cannot be set to a value other than -1 or 1."
        )
    return int(spec["$natural"])


def _in_order(stage: Stage, source: Source, query: Query, key: SortBy | None) -> Stage:
    if key is None:
        return stage
    limit = query.skip + query.limit if query.limit else None
    return Sorted(source, stage, query.sort, key, limit=limit, may_spill=query.may_spill)


def _finished(root: Stage, query: Query) -> Stage:
    if query.skip:
        root = Part(root, "SKIP", query.skip)
    if query.limit:
        root = Part(root, "LIMIT", query.limit)
    if query.projection:
        root = Projection(root, query.projection)
    return root


def _all(stage: Told) -> Iterator[Told]:
    yield stage
    for each in stage.inputs():
        yield from _all(each)


def _tree(stage: Told, *, with_counters: bool) -> dict[str, Any]:
    told = stage.describe()
    if with_counters:
        told |= {"nReturned": stage.returned, "advanced": stage.returned, **stage.counters()}
    inputs = [_tree(each, with_counters=with_counters) for each in stage.inputs()]
    if len(inputs) == 1:
        told["inputStage"] = inputs[0]
    elif inputs:
        told["inputStages"] = inputs
    return told
