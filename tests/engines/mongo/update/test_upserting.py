"""The document that an upsert inserts: what the filter demands exactly, then the update."""

from typing import Any

import pytest
from bson import Regex

from stend.engines.mongo.errors import MongoError
from stend.engines.mongo.update.compiling import compile_update, document_for_upsert
from tests.engines.mongo.query.given import CONTEXT

SET = {"$set": {"z": 1}}

UPSERTED: list[tuple[dict[str, Any], Any, dict[str, Any]]] = [
    ({}, SET, {"z": 1}),
    ({"_id": 7, "b": 2, "a": 1}, SET, {"_id": 7, "a": 1, "b": 2, "z": 1}),
    ({"a.b": 1, "a.c": 2}, SET, {"a": {"b": 1, "c": 2}, "z": 1}),
    ({"a": {"$eq": 1}, "b": {"$gt": 5}}, SET, {"a": 1, "z": 1}),
    ({"a": {"$in": [1]}, "b": {"$in": [1, 2]}, "c": {"$nin": [1]}}, SET, {"a": 1, "z": 1}),
    ({"a": {"$all": [1]}}, SET, {"a": 1, "z": 1}),
    ({"a": {"$all": [{"$elemMatch": {"b": 1}}]}}, SET, {"z": 1}),
    ({"a": Regex("x"), "b": {"$in": [Regex("x")]}}, SET, {"z": 1}),
    ({"a": None}, SET, {"a": None, "z": 1}),
    ({"a": {"b": 1}}, SET, {"a": {"b": 1}, "z": 1}),
    ({"$and": [{"a": 1}, {"b": 2}]}, SET, {"a": 1, "b": 2, "z": 1}),
    ({"$or": [{"a": 1}]}, SET, {"a": 1, "z": 1}),
    ({"$or": [{"a": 1}, {"a": 2}], "$nor": [{"b": 1}]}, SET, {"z": 1}),
    ({"a": 1}, {"$inc": {"a": 2}, "$setOnInsert": {"b": 5}}, {"a": 3, "b": 5}),
    ({"a": 1}, {"$unset": {"a": 1}}, {}),
    ({"a": 1}, {"$set": {"_id": 9}}, {"_id": 9, "a": 1}),
    ({"_id": 7}, {"$set": {"_id": 7}}, {"_id": 7}),
    ({"_id.x": 1}, SET, {"_id": {"x": 1}, "z": 1}),
    ({"a": 1, "_id": 7}, {"b": 2}, {"_id": 7, "b": 2}),
    ({"a": 1}, {"b": 2, "_id": 9}, {"_id": 9, "b": 2}),
    ({"a": 1, "_id": 7}, [{"$set": {"b": "$a"}}], {"_id": 7, "a": 1, "b": 1}),
]


@pytest.mark.parametrize(
    ("spec", "update", "expected"), UPSERTED, ids=[f"{row[0]} {row[1]}" for row in UPSERTED]
)
def test_an_upsert_inserts(spec: dict[str, Any], update: Any, expected: dict[str, Any]) -> None:
    found = document_for_upsert(spec, compile_update(update, context=CONTEXT))
    assert found == expected
    assert list(found) == list(expected)


WRONG: list[tuple[dict[str, Any], Any, int, str]] = [
    ({"a": 1, "$and": [{"a": 1}]}, SET, 54, "path 'a' is matched twice"),
    ({"a": {"$all": [1, 2]}}, SET, 54, "path 'a' is matched twice"),
    ({"a": {"b": 1}, "a.b": 1}, SET, 54, r"both paths 'a\.b' and 'a' are matched"),
    ({"a": 1, "a.b": 1}, SET, 54, r"both paths 'a\.b' and 'a' are matched"),
    ({"_id.x": 1}, {"b": 1}, 111, "'_id' must be exactly specified"),
    ({".".join("a" * 2000): 1}, SET, 15, "FieldPath is too long"),
    ({"$expr": 1}, SET, 224, "not allowed in the query predicate for an upsert"),
    ({"_id": 7}, {"$set": {"_id": 8}}, 66, "immutable field '_id'"),
    ({"_id": 7}, {"_id": 8}, 66, "have been altered to _id: 8"),
    ({"a": 1}, {"$set": {"a.b": 1}}, 28, "Cannot create field 'b'"),
    ({"a": 1}, {"$set": {"a.$": 1}}, 2, "did not find the match"),
    ({}, {"$set": {"_id": [1]}}, 53, "cannot be of type array"),
    ({}, {"_id": {"$x": 1}}, 52, "_id fields may not contain"),
]


@pytest.mark.parametrize(
    ("spec", "update", "code", "message"), WRONG, ids=[f"{row[0]} {row[1]}"[-80:] for row in WRONG]
)
def test_an_upsert_is_refused(spec: dict[str, Any], update: Any, code: int, message: str) -> None:
    updater = compile_update(update, context=CONTEXT)
    with pytest.raises(MongoError, match=message) as refused:
        document_for_upsert(spec, updater)
    assert refused.value.code == code
