"""Expressions of constants: computed once, before any document is read."""

from typing import Any

import pytest

from stend.engines.mongo.errors import MongoError
from tests.engines.mongo.aggregate.running import run, value


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        (["$$REMOVE", 1], [None, 1]),
        ([{"$literal": "$a"}, {"$add": [1, 2]}], ["$a", 3]),
        ({"x": {"$literal": "$a"}, "y": "$$REMOVE"}, {"x": "$a"}),
        ({"$mergeObjects": [{"a": {"$literal": "$b"}}]}, {"a": "$b"}),
    ],
)
def test_what_is_constant_is_a_value_all_the_same(spec: Any, expected: Any) -> None:
    assert value(spec) == expected


@pytest.mark.parametrize(
    ("spec", "code"),
    [
        ({"$divide": [1, 0]}, 2),
        ({"$toInt": "x"}, 241),
        ({"$cond": ["$a", {"$sqrt": -1}, 1]}, 28714),
        ({"$map": {"input": "$a", "in": {"$add": ["x", {"$literal": 1}]}}}, 14),
    ],
)
def test_a_constant_without_a_value_fails_without_a_document(spec: Any, code: int) -> None:
    with pytest.raises(
        MongoError, match=r"^Failed to optimize pipeline :: caused by :: (?!Failed to optimize)"
    ) as refused:
        run([{"$project": {"a": spec}}], [])
    assert refused.value.code == code


def test_what_depends_on_a_document_fails_with_one_only() -> None:
    stages = [{"$project": {"a": {"$divide": [1, "$b"]}}}]
    assert run(stages, []) == []
    with pytest.raises(MongoError) as refused:
        run(stages, [{"b": 0}])
    assert refused.value.code == 2


def test_a_field_by_its_name_alone_is_no_constant() -> None:
    assert value({"$getField": "a.b"}, {"a.b": 5}) == 5
