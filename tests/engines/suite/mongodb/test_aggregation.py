"""Pipelines: stages and expressions."""

import datetime as dt
from typing import Any

import pytest
from bson import Decimal128, Int64
from pymongo.errors import AutoReconnect, OperationFailure

from stend.kit.languages import Text
from tests.engines.suite.checks import check, differs_on_real
from tests.engines.suite.mongodb.conftest import (
    FERRETDB_HAS_NOT,
    Document,
    Documents,
    code_of,
    computed,
    ids,
    not_in_ferretdb,
    piped,
    several,
)

_MOMENT = dt.datetime(2026, 3, 29, 22, 30, tzinfo=dt.UTC)
_EXPRESSIONS: list[tuple[Any, Any]] = [
    ({"$add": [1, 2.5]}, 3.5),
    ({"$subtract": [5, 7]}, -2),
    ({"$multiply": [3, Int64(4)]}, 12),
    ({"$divide": [7, 2]}, 3.5),
    ({"$mod": [-7, 3]}, -1),
    ({"$round": [2.5, 0]}, 2.0),
    ({"$trunc": [-1.9]}, -1.0),
    ({"$add": [2147483647, 1]}, 2147483648),
    ({"$add": [Decimal128("0.1"), Decimal128("0.2")]}, Decimal128("0.3")),
    ({"$abs": -3}, 3),
    ({"$concat": ["a", "-", "b"]}, "a-b"),
    ({"$concat": ["a", None]}, None),
    ({"$toUpper": "abc"}, "ABC"),
    ({"$strLenCP": "ёж"}, 2),
    ({"$strLenBytes": "ёж"}, 4),
    ({"$substrCP": ["лавка", 1, 3]}, "авк"),
    ({"$split": ["a,b,c", ","]}, ["a", "b", "c"]),
    ({"$indexOfCP": ["лавка", "в"]}, 2),
    ({"$trim": {"input": "  x "}}, "x"),
    ({"$regexMatch": {"input": "Milk", "regex": "^m", "options": "i"}}, True),
    ({"$replaceAll": {"input": "a-b-c", "find": "-", "replacement": ""}}, "abc"),
    ({"$cond": [{"$gt": [2, 1]}, "yes", "no"]}, "yes"),
    ({"$ifNull": ["$missing", "x"]}, "x"),
    (
        {"$switch": {"branches": [{"case": {"$eq": [1, 2]}, "then": "a"}], "default": "b"}},
        "b",
    ),
    ({"$cmp": [1, "a"]}, -1),
    ({"$in": [2, [1, 2]]}, True),
    ({"$size": [[1, 2, 3]]}, 3),
    ({"$arrayElemAt": [[1, 2, 3], -1]}, 3),
    ({"$slice": [[1, 2, 3, 4], 1, 2]}, [2, 3]),
    ({"$concatArrays": [[1], [2, 3]]}, [1, 2, 3]),
    ({"$filter": {"input": [1, 5, 2], "as": "n", "cond": {"$gt": ["$$n", 1]}}}, [5, 2]),
    ({"$map": {"input": [1, 2], "as": "n", "in": {"$multiply": ["$$n", 10]}}}, [10, 20]),
    (
        {"$reduce": {"input": [1, 2, 3], "initialValue": 0, "in": {"$add": ["$$value", "$$this"]}}},
        6,
    ),
    ({"$range": [0, 10, 4]}, [0, 4, 8]),
    ({"$reverseArray": [[1, 2]]}, [2, 1]),
    ({"$setUnion": [[1, 2], [2, 3]]}, [1, 2, 3]),
    ({"$sortArray": {"input": [3, 1, 2], "sortBy": -1}}, [3, 2, 1]),
    ({"$zip": {"inputs": [[1, 2], ["a", "b"]]}}, [[1, "a"], [2, "b"]]),
    ({"$objectToArray": {"a": 1}}, [{"k": "a", "v": 1}]),
    ({"$arrayToObject": [[["a", 1], ["b", 2]]]}, {"a": 1, "b": 2}),
    ({"$mergeObjects": [{"a": 1}, {"b": 2, "a": 3}]}, {"a": 3, "b": 2}),
    ({"$let": {"vars": {"a": 2}, "in": {"$pow": ["$$a", 3]}}}, 8),
    ({"$toInt": "42"}, 42),
    ({"$toString": 1.5}, "1.5"),
    ({"$toDouble": True}, 1.0),
    ({"$convert": {"input": "x", "to": "int", "onError": -1}}, -1),
    ({"$isNumber": "$missing"}, False),
    ({"$year": _MOMENT}, 2026),
    ({"$hour": {"date": _MOMENT, "timezone": "Europe/Moscow"}}, 1),
    ({"$dayOfWeek": _MOMENT}, 1),
    (
        {"$dateToString": {"date": _MOMENT, "format": "%d.%m.%Y %H:%M", "timezone": "+03:00"}},
        "30.03.2026 01:30",
    ),
    (
        {"$dateAdd": {"startDate": _MOMENT, "unit": "month", "amount": -1}},
        dt.datetime(2026, 2, 28, 22, 30, tzinfo=dt.UTC),
    ),
    (
        {
            "$dateDiff": {
                "startDate": dt.datetime(2026, 1, 31, tzinfo=dt.UTC),
                "endDate": dt.datetime(2026, 2, 1, tzinfo=dt.UTC),
                "unit": "month",
            }
        },
        1,
    ),
    (
        {"$dateTrunc": {"date": _MOMENT, "unit": "hour"}},
        dt.datetime(2026, 3, 29, 22, tzinfo=dt.UTC),
    ),
    (
        {"$dateFromString": {"dateString": "2026-01-02T03:04:05+03:00"}},
        dt.datetime(2026, 1, 2, 0, 4, 5, tzinfo=dt.UTC),
    ),
    ({"$literal": "$x"}, "$x"),
]


@differs_on_real(FERRETDB_HAS_NOT, raises=(OperationFailure, AssertionError, AutoReconnect))
@check(
    ru="Выражения: арифметика, строки, массивы, объекты, даты, преобразования",
    en="Expressions: arithmetic, texts, arrays, objects, dates, conversions",
)
@pytest.mark.parametrize(("expression", "expected"), _EXPRESSIONS)
def test_expressions(items: Documents, expression: Any, expected: Any) -> None:
    answer = computed(items, expression)
    assert answer == expected
    assert type(answer) is type(expected) or isinstance(answer, Int64)


@differs_on_real(FERRETDB_HAS_NOT, raises=OperationFailure)
@check(
    ru="$group: $sum, $avg, $min, $max, $first, $push, $addToSet",
    en="$group: $sum, $avg, $min, $max, $first, $push, $addToSet",
)
def test_group(shop: Documents) -> None:
    grouped = piped(
        shop,
        {"$sort": {"_id": 1}},
        {
            "$group": {
                "_id": "$who",
                "n": {"$sum": 1},
                "total": {"$sum": "$total"},
                "mean": {"$avg": "$total"},
                "low": {"$min": "$total"},
                "high": {"$max": "$total"},
                "first": {"$first": "$_id"},
                "all": {"$push": "$_id"},
            }
        },
        {"$sort": {"_id": 1}},
    )
    assert grouped[0] == {
        "_id": "anna",
        "n": 2,
        "total": 30.5,
        "mean": 15.25,
        "low": 10.5,
        "high": 20,
        "first": 1,
        "all": [1, 2],
    }
    assert [one["_id"] for one in grouped] == ["anna", "boris", "vera"]


@check(
    ru="$match, $group с $sum, $sort, $skip и $limit",
    en="$match, $group with $sum, $sort, $skip and $limit",
)
def test_plain_pipeline(shop: Documents) -> None:
    assert piped(
        shop,
        {"$match": {"total": {"$gt": 1}}},
        {"$group": {"_id": "$who", "sum": {"$sum": "$total"}}},
        {"$sort": {"sum": -1}},
        {"$skip": 1},
        {"$limit": 1},
    ) == [{"_id": "anna", "sum": 30.5}]


@check(
    ru="$unwind раскладывает массив, пустой и отсутствующий пропускает",
    en="$unwind lays an array out and leaves out an empty and a missing one",
)
def test_unwind(shop: Documents) -> None:
    lines = piped(shop, {"$unwind": "$lines"}, {"$sort": {"_id": 1}})
    assert [(one["_id"], one["lines"]["sku"]) for one in lines] == [
        *((1, "milk"), (2, "bread"), (2, "milk"), (4, "tea")),
    ]


@not_in_ferretdb
@check(
    ru="$unwind с includeArrayIndex и preserveNullAndEmptyArrays",
    en="$unwind with includeArrayIndex and preserveNullAndEmptyArrays",
)
def test_unwind_options(shop: Documents) -> None:
    unwind = {"path": "$lines", "includeArrayIndex": "at", "preserveNullAndEmptyArrays": True}
    lines = piped(shop, {"$unwind": unwind}, {"$sort": {"_id": 1, "at": 1}})
    assert [(one["_id"], one["at"]) for one in lines] == [
        *((1, 0), (2, 0), (2, 1), (3, None), (4, 0), (5, None)),
    ]


@differs_on_real(FERRETDB_HAS_NOT, raises=OperationFailure)
@check(
    ru="$lookup соединяет коллекции по полю и по вложенному конвейеру",
    en="$lookup joins collections by a field and by a pipeline of its own",
)
def test_lookup(shop: Documents) -> None:
    people = shop.database["people"]
    people.insert_many([{"_id": "anna", "city": "Omsk"}, {"_id": "boris", "city": "Perm"}])
    by_field = {"from": "people", "localField": "who", "foreignField": "_id", "as": "person"}
    joined = piped(shop, {"$match": {"_id": {"$in": [1, 4]}}}, {"$lookup": by_field})
    assert [one["person"] for one in joined] == [[{"_id": "anna", "city": "Omsk"}], []]
    by_pipeline = {
        "from": "orders",
        "let": {"name": "$_id"},
        "pipeline": [
            {"$match": {"$expr": {"$eq": ["$who", "$$name"]}}},
            {"$group": {"_id": None, "sum": {"$sum": "$total"}}},
        ],
        "as": "sums",
    }
    joined = piped(people, {"$lookup": by_pipeline}, {"$sort": {"_id": 1}})
    assert [one["sums"][0]["sum"] for one in joined] == [30.5, 37]


@not_in_ferretdb
@check(
    ru="$facet считает несколько сводок за один проход",
    en="$facet works several summaries out in one pass",
)
def test_facet(shop: Documents) -> None:
    (answer,) = piped(
        shop,
        {
            "$facet": {
                "count": [{"$count": "n"}],
                "top": [{"$sort": {"total": -1}}, {"$limit": 1}, {"$project": {"total": 1}}],
            }
        },
    )
    assert answer == {"count": [{"n": 5}], "top": [{"_id": 5, "total": 30}]}


@not_in_ferretdb
@check(
    ru="$bucket и $sortByCount",
    en="$bucket and $sortByCount",
)
def test_buckets(shop: Documents) -> None:
    bucket = {"groupBy": "$total", "boundaries": [0, 10, 25], "default": "more"}
    assert piped(shop, {"$bucket": bucket}) == [
        *({"_id": 0, "count": 2}, {"_id": 10, "count": 2}, {"_id": "more", "count": 1}),
    ]
    counted = piped(shop, {"$sortByCount": "$who"})
    assert counted[2] == {"_id": "vera", "count": 1}


@not_in_ferretdb
@check(
    ru="$setWindowFields: номер, накопленная сумма и скользящее среднее",
    en="$setWindowFields: number, running total and moving average",
)
def test_window_fields(shop: Documents) -> None:
    rows = piped(
        shop,
        {
            "$setWindowFields": {
                "partitionBy": "$who",
                "sortBy": {"total": 1},
                "output": {
                    "number": {"$documentNumber": {}},
                    "running": {
                        "$sum": "$total",
                        "window": {"documents": ["unbounded", "current"]},
                    },
                    "mean": {"$avg": "$total", "window": {"documents": [-1, 1]}},
                },
            }
        },
        {"$sort": {"_id": 1}},
        {"$project": {"number": 1, "running": 1, "mean": 1}},
    )
    assert rows[1] == {"_id": 2, "number": 2, "running": 30.5, "mean": 15.25}
    assert rows[4] == {"_id": 5, "number": 2, "running": 37, "mean": 18.5}


@not_in_ferretdb
@check(
    ru="$graphLookup обходит дерево категорий",
    en="$graphLookup walks a tree of categories",
)
def test_graph_lookup(items: Documents) -> None:
    items.insert_many(
        [
            {"_id": "food", "parent": None},
            {"_id": "dairy", "parent": "food"},
            {"_id": "milk", "parent": "dairy"},
        ]
    )
    graph = {
        "from": "items",
        "startWith": "$parent",
        "connectFromField": "parent",
        "connectToField": "_id",
        "as": "above",
        "depthField": "far",
    }
    (milk,) = piped(items, {"$match": {"_id": "milk"}}, {"$graphLookup": graph})
    above = {one["_id"]: one["far"] for one in milk["above"]}
    assert above == {"dairy": 0, "food": 1}


@not_in_ferretdb
@check(
    ru="$replaceRoot, $unionWith и $count",
    en="$replaceRoot, $unionWith and $count",
)
def test_other_stages(shop: Documents) -> None:
    roots = piped(
        shop, {"$unwind": "$lines"}, {"$replaceRoot": {"newRoot": "$lines"}}, {"$limit": 1}
    )
    assert roots == [{"sku": "milk", "n": 2}]
    both = piped(shop, {"$unionWith": {"coll": "orders"}}, {"$count": "n"})
    assert both == [{"n": 10}]


@not_in_ferretdb
@check(
    ru="$merge пишет результат в другую коллекцию, $out заменяет её",
    en="$merge writes into another collection, $out replaces it",
)
def test_output_stages(shop: Documents) -> None:
    sums = shop.database["sums"]
    sums.insert_one({"_id": "anna", "note": "kept"})
    group: Document = {"$group": {"_id": "$who", "total": {"$sum": "$total"}}}
    piped(shop, group, {"$merge": {"into": "sums", "whenMatched": "merge"}})
    assert sums.find_one({"_id": "anna"}) == {"_id": "anna", "note": "kept", "total": 30.5}
    assert sums.count_documents({}) == 3
    piped(shop, {"$match": {"who": "vera"}}, group, {"$out": "sums"})
    assert list(sums.find()) == [{"_id": "vera", "total": 1}]


@differs_on_real(FERRETDB_HAS_NOT, raises=(OperationFailure, AssertionError))
@check(
    ru="$addFields, $set и $unset добавляют и убирают поля",
    en="$addFields, $set and $unset add fields and take them away",
)
def test_fields(shop: Documents) -> None:
    (one,) = piped(
        shop,
        {"$match": {"_id": 2}},
        {"$set": {"count": {"$size": "$lines"}, "who": {"$toUpper": "$who"}}},
        {"$unset": ["lines", "total"]},
    )
    assert one == {"_id": 2, "who": "ANNA", "count": 2}


@differs_on_real(Text(ru="FerretDB отвечает 40234", en="FerretDB answers with 40234"))
@check(
    ru="Неизвестная стадия — ошибка 40324",
    en="A stage that does not exist is error 40324",
)
def test_unknown_stage(items: Documents) -> None:
    assert code_of(lambda: piped(items, {"$matsch": {}})) == 40324


@check(
    ru="Неизвестное выражение — ошибка 168",
    en="An expression that does not exist is error 168",
)
def test_unknown_expression(items: Documents) -> None:
    several(items, [1])
    assert code_of(lambda: piped(items, {"$project": {"x": {"$addd": [1, 2]}}})) in (168, 31325)


@differs_on_real(FERRETDB_HAS_NOT, raises=(OperationFailure, AssertionError))
@check(
    ru="Деление на ноль в выражении — ошибка, а не бесконечность",
    en="A division by zero in an expression is an error, not infinity",
)
def test_division_by_zero(items: Documents) -> None:
    several(items, [0])
    divided = {"$project": {"x": {"$divide": [1, "$v"]}}}
    # 2 since MongoDB 5, 16608 before.
    assert code_of(lambda: piped(items, divided)) in (2, 16608)


@check(
    ru="Результат конвейера приходит порциями",
    en="What a pipeline gives arrives in batches",
)
def test_batches(items: Documents) -> None:
    several(items, list(range(1000)))
    found = items.aggregate([{"$match": {"v": {"$gte": 10}}}, {"$sort": {"v": 1}}], batchSize=50)
    assert ids(found) == list(range(10, 1000))
