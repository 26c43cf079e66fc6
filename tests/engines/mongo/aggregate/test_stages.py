"""Stages: what comes out, in which order, with which kinds of numbers."""

import math
from dataclasses import replace
from itertools import count
from typing import Any

import pytest
from bson import Decimal128, Int64

from stend.engines.mongo.aggregate.compiling import expression_compiler, update_pipeline_compiler
from stend.engines.mongo.aggregate.memory import Holding
from stend.engines.mongo.aggregate.pipeline import Leading, compile_pipeline
from stend.engines.mongo.aggregate.stages import densifying
from stend.engines.mongo.aggregate.stages.writing import MergeStage, OutStage
from stend.engines.mongo.errors import MongoError
from tests.engines.mongo.aggregate.running import CONTEXT, Collections, run, same

SALES: list[dict[str, Any]] = [
    {"_id": 1, "item": "a", "n": 2, "tags": ["x", "y"]},
    {"_id": 2, "item": "b", "n": 1.5, "tags": []},
    {"_id": 3, "item": "a", "n": Int64(3), "tags": None},
    {"_id": 4, "item": None, "n": "x"},
    {"_id": 5, "n": None, "tags": "z"},
]

# Stages, documents, results.
CASES: list[tuple[list[Any], list[dict[str, Any]], list[dict[str, Any]]]] = [
    (
        [{"$group": {"_id": "$item", "n": {"$sum": "$n"}, "c": {"$count": {}}}}],
        SALES,
        [
            {"_id": "a", "n": Int64(5), "c": 2},
            {"_id": "b", "n": 1.5, "c": 1},
            {"_id": None, "n": 0, "c": 2},
        ],
    ),
    # Numbers of all kinds are one group; in an object what is missing is not null.
    (
        [{"$group": {"_id": "$a", "all": {"$push": "$a"}}}],
        [{"a": 1}, {"a": 1.0}, {"a": Int64(1)}, {"a": Decimal128("1.0")}],
        [{"_id": 1, "all": [1, 1.0, Int64(1), Decimal128("1.0")]}],
    ),
    (
        [{"$group": {"_id": {"k": "$a"}, "n": {"$sum": 1}}}],
        [{}, {"a": None}],
        [{"_id": {}, "n": 1}, {"_id": {"k": None}, "n": 1}],
    ),
    (
        [
            {
                "$group": {
                    "_id": None,
                    "min": {"$min": "$n"},
                    "max": {"$max": "$n"},
                    "avg": {"$avg": "$n"},
                    "first": {"$first": "$tags"},
                    "last": {"$last": "$item"},
                    "set": {"$addToSet": "$item"},
                    "pop": {"$stdDevPop": "$_id"},
                    "top": {"$top": {"sortBy": {"_id": -1}, "output": "$_id"}},
                    "two": {"$bottomN": {"sortBy": {"_id": 1}, "output": "$_id", "n": 2}},
                    "firsts": {"$firstN": {"input": "$item", "n": 2}},
                    "lasts": {"$lastN": {"input": "$item", "n": 2}},
                    "least": {"$minN": {"input": "$n", "n": 2}},
                    "median": {"$median": {"input": "$n", "method": "approximate"}},
                }
            }
        ],
        SALES,
        [
            {
                "_id": None,
                "min": 1.5,
                "max": "x",
                "avg": 6.5 / 3,
                "first": ["x", "y"],
                "last": None,
                "set": ["a", "b", None],
                "pop": math.sqrt(2),
                "top": 5,
                "two": [4, 5],
                "firsts": ["a", "b"],
                "lasts": [None, None],
                "least": [1.5, 2],
                "median": 2.0,
            }
        ],
    ),
    ([{"$group": {"_id": None, "n": {"$sum": "$n"}}}], [], []),
    (
        [{"$group": {"_id": None, "n": {"$sum": "$n"}}}],
        [{"n": 2**31 - 1}, {"n": 1}],
        [{"_id": None, "n": Int64(2**31)}],
    ),
    (
        [{"$group": {"_id": None, "n": {"$sum": "$n"}}}],
        [{"n": 0.1}] * 10,
        [{"_id": None, "n": 1.0}],
    ),
    (
        [{"$group": {"_id": None, "n": {"$sum": "$n"}, "a": {"$avg": "$n"}}}],
        [{"n": Decimal128("0.1")}, {"n": 2}],
        [{"_id": None, "n": Decimal128("2.1"), "a": Decimal128("1.05")}],
    ),
    (
        [{"$unwind": "$tags"}],
        SALES,
        [
            {"_id": 1, "item": "a", "n": 2, "tags": "x"},
            {"_id": 1, "item": "a", "n": 2, "tags": "y"},
            {"_id": 5, "n": None, "tags": "z"},
        ],
    ),
    (
        [
            {
                "$unwind": {
                    "path": "$tags",
                    "preserveNullAndEmptyArrays": True,
                    "includeArrayIndex": "i",
                }
            },
            {"$project": {"tags": 1, "i": 1}},
        ],
        SALES,
        [
            {"_id": 1, "tags": "x", "i": Int64(0)},
            {"_id": 1, "tags": "y", "i": Int64(1)},
            {"_id": 2, "i": None},
            {"_id": 3, "tags": None, "i": None},
            {"_id": 4, "i": None},
            {"_id": 5, "tags": "z", "i": None},
        ],
    ),
    (
        [{"$sortByCount": "$k"}],
        [{"k": 1}, {"k": 2}, {"k": 2}],
        [{"_id": 2, "count": 2}, {"_id": 1, "count": 1}],
    ),
    ([{"$match": {"n": {"$gt": 1}}}, {"$count": "n"}], SALES, [{"n": 3}]),
    ([{"$match": {"n": 99}}, {"$count": "n"}], SALES, []),
    (
        [{"$sort": {"n": -1, "_id": 1}}, {"$skip": 1}, {"$limit": 2}, {"$project": {"_id": 1}}],
        SALES,
        [{"_id": 3}, {"_id": 1}],
    ),
    ([{"$sort": {"a": 1}}, {"$limit": 1}], [{"a": [5, 9]}, {"a": [7, 1]}], [{"a": [7, 1]}]),
    (
        [{"$bucket": {"groupBy": "$n", "boundaries": [0, 2, 5], "default": "other"}}],
        SALES,
        [
            {"_id": 0, "count": 1},
            {"_id": 2, "count": 2},
            {"_id": "other", "count": 2},
        ],
    ),
    (
        [{"$bucketAuto": {"groupBy": "$a", "buckets": 2}}],
        [{"a": 1}, {"a": 2}, {"a": 2}, {"a": 3}, {"a": 4}],
        [
            {"_id": {"min": 1, "max": 3}, "count": 3},
            {"_id": {"min": 3, "max": 4}, "count": 2},
        ],
    ),
    (
        [{"$bucketAuto": {"groupBy": "$a", "buckets": 5, "granularity": "POWERSOF2"}}],
        [{"a": 1}, {"a": 5}, {"a": 9}],
        [
            {"_id": {"min": 0.5, "max": 2.0}, "count": 1},
            {"_id": {"min": 2.0, "max": 8.0}, "count": 1},
            {"_id": {"min": 8.0, "max": 16.0}, "count": 1},
        ],
    ),
    ([{"$replaceRoot": {"newRoot": "$a"}}], [{"a": {"b": 1}}], [{"b": 1}]),
    ([{"$replaceWith": {"$mergeObjects": ["$$ROOT", {"x": 1}]}}], [{"a": 1}], [{"a": 1, "x": 1}]),
    (
        [{"$facet": {"n": [{"$count": "c"}], "f": [{"$limit": 1}]}}],
        [{"a": 1}, {"a": 2}],
        [{"n": [{"c": 2}], "f": [{"a": 1}]}],
    ),
    (
        [
            {
                "$redact": {
                    "$cond": [{"$eq": ["$secret", True]}, "$$PRUNE", "$$DESCEND"],
                }
            }
        ],
        [{"a": {"secret": True}, "b": [{"secret": True}, {"c": 1}, 5]}, {"secret": True}],
        [{"b": [{"c": 1}, 5]}],
    ),
    ([{"$sample": {"size": 5}}], [{"a": 1}], [{"a": 1}]),
    # Projections.
    (
        [{"$project": {"a.b": 1}}],
        [{"_id": 1, "a": [{"b": 1, "c": 2}, 3, [{"b": 4}]], "d": 5}],
        [{"_id": 1, "a": [{"b": 1}, [{"b": 4}]]}],
    ),
    ([{"$project": {"a.b": 0}}], [{"a": [{"b": 1, "c": 2}, 3]}], [{"a": [{"c": 2}, 3]}]),
    (
        [{"$project": {"_id": 0, "x": "$a", "b": 1}}],
        [{"_id": 1, "b": 2, "a": 3}],
        [{"b": 2, "x": 3}],
    ),
    (
        [{"$project": {"_id": 0, "a": {"b": {"$add": ["$n", 1]}}}}],
        [{"n": 1, "a": {"c": 5}}],
        [{"a": {"b": 2}}],
    ),
    ([{"$project": {"_id": 0}}], [{"_id": 1, "a": 1}], [{"a": 1}]),
    ([{"$project": {"a": "$missing", "b": "text"}}], [{"_id": 1}], [{"_id": 1, "b": "text"}]),
    (
        [{"$addFields": {"a.b": 1, "c": "$n"}}],
        [{"a": [{}, 5], "n": 7}],
        [{"a": [{"b": 1}, {"b": 1}], "n": 7, "c": 7}],
    ),
    (
        [{"$set": {"a": "$$REMOVE", "b": {"c": 1}}}],
        [{"a": 1, "b": {"d": 2}}],
        [{"b": {"d": 2, "c": 1}}],
    ),
    ([{"$set": {"a": {}, "b": []}}], [{}], [{"a": {}, "b": []}]),
    ([{"$unset": ["a.b", "c"]}], [{"a": {"b": 1, "d": 2}, "c": 3}], [{"a": {"d": 2}}]),
    # Gaps.
    (
        [
            {
                "$densify": {
                    "field": "x",
                    "partitionByFields": ["p"],
                    "range": {"step": 2, "bounds": "partition"},
                }
            }
        ],
        [{"p": 1, "x": 0}, {"p": 1, "x": 5}, {"p": 2, "x": 3}, {"p": 1}],
        [
            {"p": 1},
            {"p": 1, "x": 0},
            {"p": 1, "x": 2},
            {"p": 1, "x": 4},
            {"p": 1, "x": 5},
            {"p": 2, "x": 3},
        ],
    ),
    (
        [{"$densify": {"field": "x", "range": {"step": 1, "bounds": [0, 3]}}}],
        [{"x": -1}, {"x": 1}, {"x": 9}],
        [{"x": -1}, {"x": 0}, {"x": 1}, {"x": 2}, {"x": 9}],
    ),
    (
        [
            {
                "$fill": {
                    "sortBy": {"t": 1},
                    "output": {
                        "a": {"method": "linear"},
                        "b": {"method": "locf"},
                        "c": {"value": "none"},
                    },
                }
            }
        ],
        [{"t": 0, "a": 0, "b": 1}, {"t": 1, "c": None}, {"t": 4, "a": 8, "c": 1}],
        [
            {"t": 0, "a": 0, "b": 1, "c": "none"},
            {"t": 1, "c": "none", "a": 2.0, "b": 1},
            {"t": 4, "a": 8, "c": 1, "b": 1},
        ],
    ),
]


@pytest.mark.parametrize(("stages", "documents", "expected"), CASES)
def test_a_stage_gives_what_mongodb_gives(
    stages: list[Any], documents: list[dict[str, Any]], expected: list[dict[str, Any]]
) -> None:
    found = run(stages, documents)
    assert same({"": found}, {"": expected}), found


def test_documents_are_a_source_of_their_own() -> None:
    assert run([{"$documents": [{"a": 1}]}], collection=None) == [{"a": 1}]
    with pytest.raises(MongoError) as refused:
        run([{"$match": {}}], collection=None)
    assert refused.value.code == 73


@pytest.mark.parametrize(
    ("stages", "documents", "code"),
    [
        ([{"$replaceRoot": {"newRoot": "$x"}}], [{}], 40228),
        ([{"$bucket": {"groupBy": "$a", "boundaries": [0, 1]}}], [{"a": 5}], 40066),
        ([{"$group": {"_id": 1, "x": {"$mergeObjects": "$a"}}}], [{"a": 1}], 40400),
        ([{"$group": {"_id": 1, "x": {"$firstN": {"input": "$a", "n": 0}}}}], [{}], 5787908),
        (
            [{"$densify": {"field": "a", "range": {"step": 1, "bounds": "full"}}}],
            [{"a": "x"}],
            5733201,
        ),
        ([{"$redact": "x"}], [{}], 17053),
        (
            [{"$fill": {"sortBy": {"t": 1}, "output": {"a": {"method": "linear"}}}}],
            [{"t": 1, "a": "x"}],
            14,
        ),
    ],
)
def test_a_document_that_a_stage_cannot_take(
    stages: list[Any], documents: list[dict[str, Any]], code: int
) -> None:
    with pytest.raises(MongoError) as refused:
        run(stages, documents)
    assert refused.value.code == code


def test_a_range_of_too_many_steps_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(densifying, "MAX_GENERATED", 50)
    stage = {"$densify": {"field": "a", "range": {"step": 1, "bounds": [0, 100]}}}
    with pytest.raises(MongoError) as refused:
        run([stage], [{"a": 0}])
    assert refused.value.code == 5897900


PEOPLE: list[dict[str, Any]] = [
    {"_id": 1, "boss": None},
    {"_id": 2, "boss": 1},
    {"_id": 3, "boss": 2},
]


def test_pipelines_in_pipelines_are_not_endless() -> None:
    stage: Any = {"$unionWith": {"coll": "f", "pipeline": []}}
    for _ in range(25):
        stage = {"$unionWith": {"coll": "f", "pipeline": [stage]}}
    with pytest.raises(MongoError) as refused:
        run([stage], [])
    assert refused.value.code == 232


def test_unions_and_graphs() -> None:
    source = Collections(people=PEOPLE)
    assert run([{"$unionWith": "people"}], [{"_id": 0}], source) == [{"_id": 0}, *PEOPLE]
    graph = {
        "from": "people",
        "startWith": "$boss",
        "connectFromField": "boss",
        "connectToField": "_id",
        "as": "bosses",
        "depthField": "depth",
    }
    (found,) = run([{"$graphLookup": graph}], [PEOPLE[2]], source)
    assert [(item["_id"], item["depth"]) for item in found["bosses"]] == [(2, 0), (1, 1)]
    (near,) = run([{"$graphLookup": {**graph, "maxDepth": 0}}], [PEOPLE[2]], source)
    assert [item["_id"] for item in near["bosses"]] == [2]
    some = {**graph, "restrictSearchWithMatch": {"_id": {"$ne": 1}}}
    (met,) = run([{"$graphLookup": some}], [PEOPLE[2]], source)
    assert [item["_id"] for item in met["bosses"]] == [2]


def test_what_a_planner_may_do_first() -> None:
    def leading(stages: list[Any]) -> Leading:
        source = Collections()
        return compile_pipeline(stages, context=CONTEXT, source=source, collection="c").leading

    first = [{"$match": {"a": 1}}, {"$match": {"b": 2}}, {"$sort": {"a": 1}}, {"$limit": 3}]
    assert leading([*first, {"$match": {"c": 1}}]) == Leading(
        match={"$and": [{"a": 1}, {"b": 2}]}, sort={"a": 1}, limit=3, stages=4
    )
    assert leading([{"$group": {"_id": 1}}, {"$sort": {"a": 1}}]) == Leading()
    pipeline = compile_pipeline(first, context=CONTEXT, source=Collections(), collection="c")
    assert list(pipeline.run(iter([{"z": 1}]), done=pipeline.leading.stages)) == [{"z": 1}]


def test_what_is_written_where() -> None:
    def output(stage: Any) -> Any:
        source = Collections()
        compiled = compile_pipeline(
            [stage], context=CONTEXT, source=source, database="d", collection="c"
        )
        assert compiled.names == ()
        return compiled.output

    assert output({"$out": "x"}) == OutStage("d", "x")
    assert output({"$out": {"db": "e", "coll": "x"}}) == OutStage("e", "x")
    merge = output({"$merge": {"into": "x", "on": ["a", "b"], "whenMatched": "replace"}})
    assert isinstance(merge, MergeStage)
    assert (merge.on, merge.when_matched, merge.when_not_matched) == (
        ("a", "b"),
        "replace",
        "insert",
    )
    piped = output({"$merge": {"into": "x", "whenMatched": [{"$set": {"a": "$$new.a"}}]}})
    assert piped.when_matched == "pipeline"
    assert list(piped.variables) == ["new"]


@pytest.mark.limitation("mongo", "stage-memory")
def test_a_stage_holds_no_more_than_its_bound() -> None:
    holding = Holding("$sort", limit_bytes=100)
    holding.add(90)
    with pytest.raises(MongoError) as refused:
        holding.add(70)
    assert refused.value.code == 292


def test_the_deadline_is_checked_in_every_loop() -> None:
    calls = count()

    def tick() -> None:
        next(calls)

    context = replace(CONTEXT, tick=tick)
    documents = [{"a": number} for number in range(1000)]
    run([{"$match": {"a": -1}}], documents, context=context)
    assert next(calls) > 10
    windows = {"$setWindowFields": {"output": {"x": {"$sum": "$a"}}}}
    for stage in ({"$sort": {"a": 1}}, {"$group": {"_id": "$a"}}, windows, {"$count": "n"}):
        before = next(calls)
        run([stage], documents, context=context)
        assert next(calls) > before + 10


def test_what_query_and_update_are_given() -> None:
    evaluate = expression_compiler({"$add": ["$a", 1]}, CONTEXT)
    assert evaluate({"a": 2}) == 3
    update = update_pipeline_compiler([{"$set": {"b": "$a"}}, {"$unset": "a"}], CONTEXT)
    assert update({"a": 1}) == {"b": 1}
    for stages, code in (([{"$match": {}}], 72), ([{"$nonsense": 1}], 40324)):
        with pytest.raises(MongoError) as refused:
            update_pipeline_compiler(stages, CONTEXT)
        assert refused.value.code == code
