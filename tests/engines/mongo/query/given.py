"""What tests of filters and updates start from."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from stend.engines.mongo.errors import MongoError
from stend.engines.mongo.query.context import Context
from stend.engines.mongo.query.matching import compile_filter
from stend.engines.mongo.query.values import MISSING

NOW = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)


def field_or_literal(spec: Any, context: Context) -> Any:
    """Expressions as small as tests of their use need them: a field, a value, a comparison."""
    if isinstance(spec, str) and spec.startswith("$"):
        return lambda document: document.get(spec[1:], MISSING)
    if isinstance(spec, Mapping) and list(spec) == ["$eq"]:
        if not isinstance(spec["$eq"], list) or len(spec["$eq"]) != 2:
            raise MongoError(16020, "Expression $eq takes exactly 2 arguments.")
        left, right = (field_or_literal(item, context) for item in spec["$eq"])
        return lambda document: left(document) == right(document)
    return lambda _: spec


def only_set(stages: list[Mapping[str, Any]], context: Context) -> Any:
    """Pipelines as small as tests of their use need them: `$set` of values."""

    def run(document: Mapping[str, Any]) -> dict[str, Any]:
        found = dict(document)
        for stage in stages:
            for name, spec in stage["$set"].items():
                found[name] = field_or_literal(spec, context)(document)
        return found

    return run


CONTEXT = Context(
    now=NOW,
    random=lambda: 0.5,
    compile_expression=field_or_literal,
    compile_pipeline=only_set,
    cluster_time=(1000, 7),
)


def matches(spec: Mapping[str, Any], document: Mapping[str, Any]) -> bool:
    return compile_filter(spec, context=CONTEXT).matches(document)
