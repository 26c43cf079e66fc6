"""Every query operator of MongoDB's reference is done, or refused with MongoDB's own code."""

from typing import Any

import pytest
from bson import Code

from stend.engines.mongo.errors import MongoError
from stend.engines.mongo.query.matching import compile_filter
from stend.engines.mongo.query.projection import compile_projection
from tests.engines.mongo.query.given import CONTEXT

# The pages of "Query and Projection Operators" of the manual of 8.0, with a filter that is right.
DONE: dict[str, dict[str, Any]] = {
    "$eq": {"a": {"$eq": 1}},
    "$gt": {"a": {"$gt": 0}},
    "$gte": {"a": {"$gte": 1}},
    "$in": {"a": {"$in": [1]}},
    "$lt": {"a": {"$lt": 2}},
    "$lte": {"a": {"$lte": 1}},
    "$ne": {"a": {"$ne": 2}},
    "$nin": {"a": {"$nin": [2]}},
    "$and": {"$and": [{"a": 1}]},
    "$not": {"a": {"$not": {"$gt": 1}}},
    "$nor": {"$nor": [{"a": 2}]},
    "$or": {"$or": [{"a": 1}]},
    "$exists": {"a": {"$exists": True}},
    "$type": {"a": {"$type": "int"}},
    "$expr": {"$expr": "$a"},
    "$jsonSchema": {"$jsonSchema": {"required": ["a"]}},
    "$mod": {"a": {"$mod": [2, 1]}},
    "$regex": {"s": {"$regex": "^x", "$options": "i"}},
    "$all": {"l": {"$all": [1]}},
    "$elemMatch": {"l": {"$elemMatch": {"$gt": 0}}},
    "$size": {"l": {"$size": 2}},
    "$bitsAllClear": {"a": {"$bitsAllClear": 2}},
    "$bitsAllSet": {"a": {"$bitsAllSet": 1}},
    "$bitsAnyClear": {"a": {"$bitsAnyClear": 2}},
    "$bitsAnySet": {"a": {"$bitsAnySet": 1}},
    "$comment": {"a": 1, "$comment": "x"},
    "$sampleRate": {"$sampleRate": 1.0},
    "$alwaysTrue": {"$alwaysTrue": 1},
}
DOCUMENT = {"a": 1, "s": "Xy", "l": [1, 2]}

POINT = {"type": "Point", "coordinates": [0, 0]}

# With the code that MongoDB has for it: where there is no index of its kind, and no JavaScript.
REFUSED: dict[str, tuple[dict[str, Any], int]] = {
    "$text": ({"$text": {"$search": "x"}}, 27),
    "$where": ({"$where": "this.a == 1"}, 2),
    "$where with a function": ({"$where": Code("return true")}, 2),
    "$near": ({"p": {"$near": {"$geometry": POINT}}}, 291),
    "$nearSphere": ({"p": {"$nearSphere": [0, 0]}}, 291),
    "$near not first": ({"p": {"$gt": 1, "$near": [0, 0]}}, 2),
    "$geoWithin": ({"p": {"$geoWithin": {"$box": [[0, 0], [1, 1]]}}}, 238),
    "$geoIntersects": ({"p": {"$geoIntersects": {"$geometry": POINT}}}, 238),
    "unknown": ({"a": {"$like": "x"}}, 2),
    "unknown at the top": ({"$xor": []}, 2),
    "a modifier": ({"a": {"$set": 1}}, 2),
    "$maxDistance alone": ({"a": {"$maxDistance": 1}}, 2),
}


@pytest.mark.parametrize("name", DONE)
def test_an_operator_is_done(name: str) -> None:
    assert compile_filter(DONE[name], context=CONTEXT).matches(DOCUMENT)


@pytest.mark.parametrize("name", REFUSED)
def test_an_operator_is_refused_with_the_code_of_mongodb(name: str) -> None:
    spec, code = REFUSED[name]
    with pytest.raises(MongoError) as refused:
        compile_filter(spec, context=CONTEXT)
    assert refused.value.code == code


PROJECTED: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "$": ({"l.$": 1}, {"l": [2]}),
    "$elemMatch": ({"l": {"$elemMatch": {"$gt": 1}}}, {"l": [2]}),
    "$slice": ({"l": {"$slice": -1}, "a": 1}, {"a": 1, "l": [2]}),
}


@pytest.mark.parametrize("name", PROJECTED)
def test_an_operator_of_projections_is_done(name: str) -> None:
    spec, expected = PROJECTED[name]
    match = compile_filter({"l": {"$gt": 1}}, context=CONTEXT)
    assert compile_projection(spec, context=CONTEXT, match=match)(DOCUMENT) == expected


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("textScore", 40218),
        ("searchScore", 40218),
        ("searchHighlights", 40218),
        ("geoNearDistance", 40218),
        ("geoNearPoint", 40218),
        ("indexKey", 238),
        ("recordId", 238),
        ("sortKey", 238),
        ("nothing", 17308),
    ],
)
def test_metadata_of_projections_is_refused(name: str, code: int) -> None:
    with pytest.raises(MongoError) as refused:
        compile_projection({"x": {"$meta": name}}, context=CONTEXT, match=None)
    assert refused.value.code == code
