"""How the documents of a query are found: by which index, in which order, and what it cost."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from stend.engines.mongo.query.context import Context
from stend.engines.mongo.query.matching import compile_filter
from stend.engines.mongo.query.sorting import sort_key
from stend.engines.mongo.store.collection import Collection
from stend.engines.mongo.store.stages import (
    CollectionScan,
    Eof,
    Found,
    Part,
    Projection,
    Sorted,
    Source,
    Stage,
)
from stend.engines.mongo.store.transactions import View


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
    matcher = compile_filter(query.filter, context=context)
    key = sort_key(query.sort) if query.sort else None
    if collection is None:
        return Plan(Eof(), [])
    source = Source(collection, view, context.tick)
    root: Stage = CollectionScan(source, query.filter, matcher.matches)
    if key is not None:
        limit = query.skip + query.limit if query.limit else None
        root = Sorted(source, root, query.sort, key, limit=limit, may_spill=query.may_spill)
    return Plan(_finished(root, query), [])


def _finished(root: Stage, query: Query) -> Stage:
    if query.skip:
        root = Part(root, "SKIP", query.skip)
    if query.limit:
        root = Part(root, "LIMIT", query.limit)
    if query.projection:
        root = Projection(root, query.projection, "PROJECTION_DEFAULT")
    return root


def _all(stage: Stage) -> Iterator[Stage]:
    yield stage
    for each in stage.inputs():
        yield from _all(each)


def _tree(stage: Stage, *, with_counters: bool) -> dict[str, Any]:
    told = stage.describe()
    if with_counters:
        told |= {"nReturned": stage.returned, "advanced": stage.returned, **stage.counters()}
    inputs = [_tree(each, with_counters=with_counters) for each in stage.inputs()]
    if len(inputs) == 1:
        told["inputStage"] = inputs[0]
    elif inputs:
        told["inputStages"] = inputs
    return told
