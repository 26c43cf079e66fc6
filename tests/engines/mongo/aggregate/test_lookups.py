"""$lookup: which documents join, and what the other collection is asked for."""

from typing import Any

import pytest
from bson import Regex

from tests.engines.mongo.aggregate.running import Collections, run


def test_a_lookup_joins_by_values_and_by_elements() -> None:
    source = Collections(f=[{"_id": 1, "k": 1}, {"_id": 2, "k": [1, 2]}, {"_id": 3}])
    stage = {"$lookup": {"from": "f", "localField": "x", "foreignField": "k", "as": "j.k"}}
    found = run([stage], [{"x": 1}, {"x": [2, 9]}, {}, {"x": []}, {"x": [Regex("a"), 2]}], source)
    assert [[item["_id"] for item in document["j"]["k"]] for document in found] == [
        [1, 2],
        [2],
        [3],
        [3],
        [2],
    ]


def test_a_lookup_with_variables_sees_those_of_the_outer_one() -> None:
    source = Collections(f=[{"_id": number} for number in range(3)])
    inner = {
        "$lookup": {
            "from": "f",
            "let": {"w": "$_id"},
            "pipeline": [
                {
                    "$match": {
                        "$expr": {"$and": [{"$eq": ["$_id", "$$w"]}, {"$gt": ["$_id", "$$v"]}]}
                    }
                },
                {"$project": {"sum": {"$add": ["$$v", "$$w"]}}},
            ],
            "as": "inner",
        }
    }
    outer = {"$lookup": {"from": "f", "let": {"v": "$v"}, "pipeline": [inner], "as": "outer"}}
    found = run([outer], [{"v": 0}, {"v": 1}], source)
    sums = [
        [[item["sum"] for item in middle["inner"]] for middle in document["outer"]]
        for document in found
    ]
    assert sums == [[[], [1], [2]], [[], [], [3]]]


def test_a_lookup_has_both_forms_at_once() -> None:
    source = Collections(f=[{"_id": 1, "k": 1, "n": 5}, {"_id": 2, "k": 1, "n": 9}])
    stage = {
        "$lookup": {
            "from": "f",
            "localField": "x",
            "foreignField": "k",
            "let": {"m": "$m"},
            "pipeline": [{"$match": {"$expr": {"$gt": ["$n", "$$m"]}}}],
            "as": "j",
        }
    }
    assert run([stage], [{"x": 1, "m": 6}], source)[0]["j"] == [{"_id": 2, "k": 1, "n": 9}]


@pytest.mark.parametrize(
    ("match", "asked"),
    [
        ({"$expr": {"$eq": ["$k", "$$v"]}}, [{"k": {"$eq": 5}}]),
        ({"$expr": {"$and": [{"$eq": ["$$v", "$k"]}, {"$gt": ["$n", 0]}]}}, [{"k": {"$eq": 5}}]),
        ({"n": {"$gt": 1}, "$or": [{"k": 5}]}, [{"n": {"$gt": 1}}]),
        ({"$expr": {"$eq": ["$k", "$$list"]}}, []),
        ({"$expr": {"$eq": ["$k", "$$nothing"]}}, []),
        ({"$expr": {"$or": [{"$eq": ["$k", "$$v"]}, True]}}, []),
    ],
)
def test_a_lookup_asks_its_collection_for_what_its_pipeline_matches(match: Any, asked: Any) -> None:
    source = Collections(f=[{"k": 5, "n": 9}, {"k": 4}])
    stage = {
        "$lookup": {
            "from": "f",
            "let": {"v": "$v", "list": "$list", "nothing": "$nothing"},
            "pipeline": [{"$match": match}],
            "as": "j",
        }
    }
    run([stage], [{"v": 5, "list": [5]}], source)
    assert source.asked == [{"$and": [{}, *asked]}]
