"""Runs expressions and pipelines in tests, and compares results byte for byte."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from bson import DatetimeMS

from stend.engines.mongo.aggregate.expressions.table import evaluator
from stend.engines.mongo.aggregate.pipeline import compile_pipeline
from stend.engines.mongo.query.context import Context
from stend.engines.mongo.query.matching import compile_filter
from stend.engines.mongo.query.values import MISSING, identical

CONTEXT = Context(now=datetime(2024, 5, 6, tzinfo=UTC), random=lambda: 0.25)


def value(spec: Any, document: Mapping[str, Any] | None = None) -> Any:
    """What an expression gives for a document."""
    return evaluator(spec, CONTEXT)(document or {})


def same(left: Any, right: Any) -> bool:
    """Whether two results are the same to the byte: an int32 is no int64."""
    if left is MISSING or right is MISSING:
        return left is right
    return identical(left, right)


def date(text: str) -> DatetimeMS:
    """A moment written as ISO 8601 with a zone."""
    return DatetimeMS(datetime.fromisoformat(text))


class Collections:
    """Collections in memory, by name."""

    def __init__(self, **collections: list[dict[str, Any]]) -> None:
        self.collections = collections
        self.asked: list[Mapping[str, Any]] = []

    def scan(
        self, database: str, collection: str, criteria: Mapping[str, Any], context: Context
    ) -> Iterator[dict[str, Any]]:
        self.asked.append(criteria)
        matcher = compile_filter(criteria, context=context)
        return (item for item in self.collections.get(collection, []) if matcher.matches(item))


def run(
    stages: Sequence[Any],
    documents: Sequence[dict[str, Any]] = (),
    source: Collections | None = None,
    *,
    context: Context = CONTEXT,
    collection: str | None = "c",
) -> list[dict[str, Any]]:
    """The results of a pipeline."""
    pipeline = compile_pipeline(
        stages,
        context=context,
        source=source or Collections(),
        database="d",
        collection=collection,
    )
    return list(pipeline.run(iter(documents)))
