"""Projections: what is kept, cut, computed, and what cannot be asked for together."""

from typing import Any

import pytest
from bson import Int64

from stend.engines.mongo.errors import MongoError
from stend.engines.mongo.query.matching import compile_filter
from stend.engines.mongo.query.projection import compile_projection
from tests.engines.mongo.query.given import CONTEXT

DOCUMENT: dict[str, Any] = {
    "_id": 1,
    "a": [{"b": 1, "c": 2}, 5, [{"b": 7}, 8], {"b": 3}],
    "o": {"x": 1, "y": {"z": 2}},
    "t": [1, 2, 3],
}
A, OBJ, T = DOCUMENT["a"], DOCUMENT["o"], DOCUMENT["t"]

PROJECTED: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({}, DOCUMENT),
    ({"_id": 1}, {"_id": 1}),
    ({"_id": 0}, {"a": A, "o": OBJ, "t": T}),
    ({"o": 1}, {"_id": 1, "o": OBJ}),
    ({"o": True, "_id": False}, {"o": OBJ}),
    ({"o": Int64(5)}, {"_id": 1, "o": OBJ}),
    ({"nothing": 1}, {"_id": 1}),
    # The order is that of the document.
    ({"t": 1, "o": 1}, {"_id": 1, "o": OBJ, "t": T}),
    ({"a.b": 1}, {"_id": 1, "a": [{"b": 1}, [{"b": 7}], {"b": 3}]}),
    ({"a": {"b": 1, "c": 1}}, {"_id": 1, "a": [{"b": 1, "c": 2}, [{"b": 7}], {"b": 3}]}),
    ({"t.x": 1}, {"_id": 1, "t": []}),
    ({"_id": 1, "o.x.y": 1}, {"_id": 1, "o": {}}),
    ({"o.y.z": 1}, {"_id": 1, "o": {"y": {"z": 2}}}),
    ({"a": 0}, {"_id": 1, "o": OBJ, "t": T}),
    ({"_id": 1, "a": 0}, {"_id": 1, "o": OBJ, "t": T}),
    (
        {"a.b": 0, "o": 0, "t": 0},
        {"_id": 1, "a": [{"c": 2}, 5, [{}, 8], {}]},
    ),
    ({"o": {"y": {"z": 0}}, "a": 0, "t": 0}, {"_id": 1, "o": {"x": 1, "y": {}}}),
    ({"a": 0, "o": 0, "t.x": 0}, {"_id": 1, "t": T}),
    # $slice alone excludes nothing.
    ({"t": {"$slice": 2}}, {**DOCUMENT, "t": [1, 2]}),
    ({"t": {"$slice": -2}, "a": 0, "o": 0}, {"_id": 1, "t": [2, 3]}),
    ({"t": {"$slice": [1, 1]}, "o": 1}, {"_id": 1, "o": OBJ, "t": [2]}),
    ({"t": {"$slice": [-2, 1]}, "_id": 1}, {"_id": 1, "t": [2]}),
    ({"t": {"$slice": [-9, 2]}, "_id": 0, "o": 1}, {"o": OBJ, "t": [1, 2]}),
    ({"t": {"$slice": [9, 2]}, "o": 1}, {"_id": 1, "o": OBJ, "t": []}),
    ({"o": {"$slice": 1}, "t": 1}, {"_id": 1, "o": OBJ, "t": T}),
    # $elemMatch comes after what is kept.
    ({"t": {"$elemMatch": {"$gt": 1}}}, {"_id": 1, "t": [2]}),
    ({"t": {"$elemMatch": {"$gt": 1}}, "_id": 0}, {"t": [2]}),
    ({"a": {"$elemMatch": {"b": 3}}, "t": 1}, {"_id": 1, "t": T, "a": [{"b": 3}]}),
    ({"t": {"$elemMatch": {"$gt": 9}}}, {"_id": 1}),
    ({"o": {"$elemMatch": {"$gt": 9}}}, {"_id": 1}),
    ({"t": {"$elemMatch": {"$gt": 2}}, "a": 0}, {"_id": 1, "o": OBJ, "t": [3]}),
    # The element that matched.
    ({"t.$": 1}, {"_id": 1, "t": [2]}),
    ({"o": 1, "t.$": 1}, {"_id": 1, "o": OBJ, "t": [2]}),
    # Computed fields.
    ({"n": "$t"}, {"_id": 1, "n": T}),
    ({"n": "text", "o": 1}, {"_id": 1, "o": OBJ, "n": "text"}),
    ({"t": "$nothing"}, {"_id": 1}),
    ({"t": "$_id", "a": 1}, {"_id": 1, "a": A, "t": 1}),
    ({"o.w": "$_id"}, {"_id": 1, "o": {"w": 1}}),
    ({"o.x": 1, "o.w": "$_id"}, {"_id": 1, "o": {"x": 1, "w": 1}}),
    ({"n.m": "$_id"}, {"_id": 1, "n": {"m": 1}}),
    ({"n": {"$eq": ["$_id", 1]}}, {"_id": 1, "n": True}),
    ({"_id": "$t"}, {"_id": T}),
]


@pytest.mark.parametrize(("spec", "expected"), PROJECTED, ids=[str(row[0]) for row in PROJECTED])
def test_a_projection_gives(spec: dict[str, Any], expected: dict[str, Any]) -> None:
    match = compile_filter({"t": {"$gt": 1}}, context=CONTEXT)
    before = repr(DOCUMENT)
    found = compile_projection(spec, context=CONTEXT, match=match)(DOCUMENT)
    assert found == expected
    assert list(found) == list(expected)
    assert repr(DOCUMENT) == before


def test_a_field_computed_inside_an_array_is_in_each_of_its_elements() -> None:
    document = {"a": [{"b": 1, "c": 1}, 5, [{"b": 2}]], "v": 7}
    project = compile_projection({"a.b": 1, "a.w": "$v"}, context=CONTEXT, match=None)
    assert project(document) == {"a": [{"b": 1, "w": 7}, [{"b": 2, "w": 7}]]}


def test_the_element_is_that_of_the_whole_filter() -> None:
    document = {"g": [{"k": [1, 2]}, {"k": [3]}], "one": 5}
    match = compile_filter({"g.k": 3, "one": 5}, context=CONTEXT)
    project = compile_projection({"g.$": 1}, context=CONTEXT, match=match)
    assert project(document) == {"g": [{"k": [3]}]}
    plain = compile_projection({"one.$": 1}, context=CONTEXT, match=match)
    assert plain(document) == {"one": 5}


WRONG: list[tuple[dict[str, Any], int]] = [
    ({"a": 1, "o": 0}, 31254),
    ({"a": 0, "o": 1}, 31253),
    ({"a": 1, "a.b": 1}, 31249),
    ({"a.b": 1, "a": 1}, 31250),
    ({"a": {}}, 51270),
    ({"": 1}, 40352),
    ({"a.": 1}, 40353),
    ({"a..b": 1}, 15998),
    ({".".join("a" * 2000): "$t"}, 15),
    ({"$a": 1}, 16410),
    ({"a": {"$gt": 1, "$lt": 2}}, 16410),
    ({"a": 0, "n": "$t"}, 31310),
    ({"a": 0, "n": {"$eq": [1, 1]}}, 31252),
    ({"t.$": 1, "a.$": 1}, 31276),
    ({"t.$": 1, "a": {"$elemMatch": {}}}, 31255),
    ({"a": {"$elemMatch": {}}, "t.$": 1}, 31256),
    ({"o.$": 1}, 31277),
    ({"t.$.x": 1}, 31394),
    ({"t.$": {"x": 1}}, 31271),
    ({"t.$": "x"}, 31308),
    ({"o.x": {"$elemMatch": {}}}, 31275),
    ({"a": {"$elemMatch": 1}}, 31274),
    ({"t": {"$slice": [1, 0]}}, 28724),
    ({"t": {"$meta": 1}}, 17307),
]


@pytest.mark.parametrize(("spec", "code"), WRONG, ids=[str(row[0])[:80] for row in WRONG])
def test_a_wrong_projection_is_refused(spec: dict[str, Any], code: int) -> None:
    match = compile_filter({"t": 2}, context=CONTEXT)
    with pytest.raises(MongoError) as refused:
        compile_projection(spec, context=CONTEXT, match=match)
    assert refused.value.code == code


def test_an_element_needs_a_filter_and_a_match() -> None:
    with pytest.raises(MongoError) as refused:
        compile_projection({"t.$": 1}, context=CONTEXT, match=None)
    assert refused.value.code == 51050
    nothing = compile_filter({"t": {"$ne": 9}}, context=CONTEXT)
    project = compile_projection({"t.$": 1}, context=CONTEXT, match=nothing)
    with pytest.raises(MongoError) as refused:
        project(DOCUMENT)
    assert refused.value.code == 51246
    elsewhere = compile_filter({"t": {"$ne": 9}, "a.b": 3}, context=CONTEXT)
    project = compile_projection({"t.$": 1}, context=CONTEXT, match=elsewhere)
    with pytest.raises(MongoError) as refused:
        project({**DOCUMENT, "t": [1]})
    assert refused.value.code == 51247


def test_an_expression_that_is_none_is_told_by_its_name() -> None:
    def unknown(spec: Any, context: Any) -> Any:
        raise MongoError(168, "Unrecognized expression '$like'")

    context = CONTEXT.without_expressions()
    with pytest.raises(MongoError) as refused:
        compile_projection({"n": {"$like": 1}}, context=context, match=None)
    assert refused.value.code == 224
    with pytest.raises(MongoError, match=r"Unknown expression \$like") as refused:
        compile_projection(
            {"n": {"$like": 1}},
            context=type(CONTEXT)(CONTEXT.now, CONTEXT.random, compile_expression=unknown),
            match=None,
        )
    assert refused.value.code == 31325
