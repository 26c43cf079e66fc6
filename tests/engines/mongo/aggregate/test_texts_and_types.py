"""Strings, regular expressions, conversions, objects, arrays and sets."""

import math
from typing import Any

import pytest
from bson import Binary, DatetimeMS, Decimal128, Int64, ObjectId, Regex, Timestamp

from stend.engines.mongo.aggregate import memory
from stend.engines.mongo.errors import MongoError
from stend.engines.mongo.query.values import MISSING
from tests.engines.mongo.aggregate.running import date, same, value

OID = ObjectId("5ab9cbfa31c2ab715d42129e")

STRINGS: list[tuple[Any, Any]] = [
    ({"$concat": ["a", "é", "b"]}, "aéb"),
    ({"$concat": ["a", None]}, None),
    ({"$toUpper": "aéß"}, "Aéß"),
    ({"$toLower": None}, ""),
    ({"$toUpper": 1.5}, "1.5"),
    ({"$strcasecmp": ["abc", "ABD"]}, -1),
    ({"$substrBytes": ["éclair", 0, 2]}, "é"),
    ({"$substrBytes": ["abc", 1, -1]}, "bc"),
    ({"$substrBytes": ["abc", 9, 1]}, ""),
    ({"$substrCP": ["éclair", 0, 2]}, "éc"),
    ({"$strLenBytes": "é€"}, 5),
    ({"$strLenCP": "é€😀"}, 3),
    ({"$indexOfBytes": ["é€x", "x"]}, 5),
    ({"$indexOfCP": ["é€x", "x"]}, 2),
    ({"$indexOfCP": ["abcabc", "a", 1]}, 3),
    ({"$indexOfCP": ["abc", "c", 0, 2]}, -1),
    ({"$indexOfCP": ["abc", "", 3]}, 3),
    ({"$indexOfCP": [None, "x"]}, None),
    ({"$trim": {"input": " \n a b \u00a0"}}, "a b"),
    ({"$ltrim": {"input": "xxayx", "chars": "xy"}}, "ayx"),
    ({"$rtrim": {"input": "xxayx", "chars": "xy"}}, "xxa"),
    ({"$trim": {"input": "a", "chars": None}}, None),
    ({"$split": ["a-b--c", "-"]}, ["a", "b", "", "c"]),
    ({"$split": ["abc", "x"]}, ["abc"]),
    ({"$replaceOne": {"input": "aXbX", "find": "X", "replacement": "-"}}, "a-bX"),
    ({"$replaceAll": {"input": "aXbX", "find": "X", "replacement": "-"}}, "a-b-"),
    ({"$replaceAll": {"input": None, "find": "X", "replacement": "-"}}, None),
    ({"$regexMatch": {"input": "Hello", "regex": "^h", "options": "i"}}, True),
    (
        {"$regexFind": {"input": "éab", "regex": "(a)(x)?b"}},
        {"match": "ab", "idx": 1, "captures": ["a", None]},
    ),
    ({"$regexFind": {"input": "x", "regex": "y"}}, None),
    (
        {"$regexFindAll": {"input": "a1b2", "regex": Regex("[a-z]")}},
        [
            {"match": "a", "idx": 0, "captures": []},
            {"match": "b", "idx": 2, "captures": []},
        ],
    ),
    ({"$regexFindAll": {"input": None, "regex": "a"}}, []),
]

CONVERSIONS: list[tuple[Any, Any]] = [
    ({"$toInt": "12"}, 12),
    ({"$toInt": 5.9}, 5),
    ({"$toInt": True}, 1),
    ({"$toLong": "-7"}, Int64(-7)),
    ({"$toLong": date("1970-01-01T00:00:01Z")}, Int64(1000)),
    ({"$toDouble": "1e3"}, 1000.0),
    ({"$toDouble": False}, 0.0),
    ({"$toDecimal": 2.5}, Decimal128("2.50000000000000")),
    ({"$toDecimal": "1.10"}, Decimal128("1.10")),
    ({"$toDecimal": 7}, Decimal128("7")),
    ({"$toString": 1.0}, "1"),
    ({"$toString": 0.1}, "0.1"),
    ({"$toString": Int64(5)}, "5"),
    ({"$toString": True}, "true"),
    ({"$toString": OID}, str(OID)),
    ({"$toString": date("2018-03-27T11:59:24.001Z")}, "2018-03-27T11:59:24.001Z"),
    ({"$toString": Decimal128("1E+3")}, "1E+3"),
    ({"$toBool": "false"}, True),
    ({"$toBool": 0.0}, False),
    ({"$toBool": None}, None),
    ({"$toObjectId": str(OID)}, OID),
    ({"$toDate": OID}, date("2018-03-27T04:43:38Z")),
    ({"$toDate": 1500.7}, DatetimeMS(1500)),
    ({"$toDate": "2018-03-03"}, date("2018-03-03T00:00:00Z")),
    ({"$toDate": Timestamp(5, 1)}, DatetimeMS(5000)),
    (
        {"$toUUID": "0e3b9063-8abd-4eb3-9f9f-f4c59fd30a60"},
        Binary(bytes.fromhex("0e3b90638abd4eb39f9ff4c59fd30a60"), 4),
    ),
    ({"$convert": {"input": "x", "to": "int", "onError": "bad"}}, "bad"),
    ({"$convert": {"input": None, "to": "int", "onNull": 0}}, 0),
    ({"$convert": {"input": 1, "to": None}}, None),
    ({"$convert": {"input": "aGk=", "to": {"type": "binData"}, "format": "base64"}}, b"hi"),
    ({"$convert": {"input": b"hi", "to": "string", "format": "hex"}}, "6869"),
    ({"$convert": {"input": 5, "to": 2}}, "5"),
    ({"$type": "$missing"}, "missing"),
    ({"$type": Int64(1)}, "long"),
    ({"$isNumber": Decimal128("1")}, True),
]

OBJECTS_AND_ARRAYS: list[tuple[Any, Any]] = [
    ("$a.b", [1, 2]),
    ("$a.c", []),
    ("$missing", MISSING),
    ({"$mergeObjects": [{"a": 1}, None, {"b": 2, "a": 3}]}, {"a": 3, "b": 2}),
    ({"$mergeObjects": {"$slice": ["$a", 2]}}, {"b": 2}),
    ({"$objectToArray": {"x": 1}}, [{"k": "x", "v": 1}]),
    ({"$arrayToObject": [[["a", 1], ["b", 2]]]}, {"a": 1, "b": 2}),
    ({"$arrayToObject": [[{"k": "a", "v": 1}]]}, {"a": 1}),
    ({"$getField": {"field": "x.y", "input": {"$literal": {"x.y": 5}}}}, 5),
    ({"$setField": {"field": "x", "input": {"a": 1}, "value": 2}}, {"a": 1, "x": 2}),
    ({"$unsetField": {"field": "a", "input": {"a": 1, "b": 2}}}, {"b": 2}),
    ({"$bsonSize": {"a": 1}}, 12),
    ({"$binarySize": "é"}, 2),
    ({"$literal": {"$add": [1, 2]}}, {"$add": [1, 2]}),
    ({"x": "$missing", "y": [1, "$missing"]}, {"y": [1, None]}),
    ({"$let": {"vars": {"z": 2}, "in": {"$multiply": ["$$z", "$n"]}}}, 6),
    ({"$cond": [False, 1, "$$REMOVE"]}, MISSING),
    ({"$ifNull": [None, "$missing", 3]}, 3),
    ({"$switch": {"branches": [{"case": {"$gt": ["$n", 2]}, "then": "big"}]}}, "big"),
    ({"$eq": ["$missing", None]}, False),
    ({"$lt": ["$missing", None]}, True),
    ({"$eq": [1, 1.0]}, True),
    ({"$gt": ["a", 5]}, True),
    ({"$cmp": [2, Decimal128("2.0")]}, 0),
    ({"$and": []}, True),
    ({"$or": []}, False),
    ({"$and": [1, "x", {}]}, True),
    ({"$not": [0]}, True),
    ({"$arrayElemAt": [[1, 2, 3], -1]}, 3),
    ({"$arrayElemAt": [[1], 5]}, MISSING),
    ({"$first": [[]]}, MISSING),
    ({"$last": {"$literal": [1, 2]}}, 2),
    ({"$concatArrays": [[1], [2, 3]]}, [1, 2, 3]),
    ({"$in": [2.0, [1, 2]]}, True),
    ({"$indexOfArray": [[1, 2, 1], 1, 1]}, 2),
    ({"$isArray": [[1]]}, True),
    ({"$reverseArray": [[1, 2]]}, [2, 1]),
    ({"$size": [[1, 2]]}, 2),
    ({"$slice": [[1, 2, 3], -2]}, [2, 3]),
    ({"$slice": [[1, 2, 3], 1, 1]}, [2]),
    ({"$slice": [[1, 2, 3], -9, 2]}, [1, 2]),
    ({"$range": [0, 10, 3]}, [0, 3, 6, 9]),
    ({"$range": [5, 0, 1]}, []),
    ({"$map": {"input": [1, 2], "as": "x", "in": {"$add": ["$$x", "$n"]}}}, [4, 5]),
    ({"$map": {"input": None, "in": 1}}, None),
    ({"$filter": {"input": [1, 2, 3, 4], "cond": {"$gt": ["$$this", 1]}, "limit": 2}}, [2, 3]),
    (
        {"$reduce": {"input": [1, 2, 3], "initialValue": 0, "in": {"$add": ["$$value", "$$this"]}}},
        6,
    ),
    (
        {"$zip": {"inputs": [[1, 2], ["a"]], "useLongestLength": True, "defaults": [0, "z"]}},
        [[1, "a"], [2, "z"]],
    ),
    ({"$zip": {"inputs": [[1, 2], ["a"]]}}, [[1, "a"]]),
    ({"$sortArray": {"input": [3, 1, 2], "sortBy": -1}}, [3, 2, 1]),
    ({"$sortArray": {"input": [{"a": 2}, {"a": 1}], "sortBy": {"a": 1}}}, [{"a": 1}, {"a": 2}]),
    ({"$firstN": {"input": [1, 2, 3], "n": 2}}, [1, 2]),
    ({"$lastN": {"input": [1, 2, 3], "n": 2}}, [2, 3]),
    ({"$maxN": {"input": [1, None, 3], "n": 2}}, [3, 1]),
    ({"$minN": {"input": [4, 2, 3], "n": 2}}, [2, 3]),
    ({"$setUnion": [[3, 1], [1.0, 2]]}, [1, 2, 3]),
    ({"$setIntersection": [[1, 2, 3], [3, 2]]}, [2, 3]),
    ({"$setDifference": [[1, 2, 1, 3], [2]]}, [1, 3]),
    ({"$setEquals": [[1, 2], [2, 1, 1]]}, True),
    ({"$setIsSubset": [[1], [1, 2]]}, True),
    ({"$anyElementTrue": [[0, None]]}, False),
    ({"$allElementsTrue": [[]]}, True),
    ({"$sum": [1, "x", 2.5]}, 3.5),
    ({"$sum": "$a.b"}, 3),
    ({"$avg": [1, 2]}, 1.5),
    ({"$avg": []}, None),
    ({"$max": [1, None, "x"]}, "x"),
    ({"$min": []}, None),
    ({"$stdDevSamp": [1, 3]}, math.sqrt(2)),
    ({"$stdDevSamp": [1]}, None),
    ({"$median": {"input": [3, 1, 2], "method": "approximate"}}, 2.0),
    ({"$percentile": {"input": [1, 2, 3, 4], "p": [0.25, 1], "method": "approximate"}}, [1.0, 4.0]),
    ({"$rand": {}}, 0.25),
    ("$$NOW", date("2024-05-06T00:00:00Z")),
    ("$$ROOT.n", 3),
    ({"$tsSecond": Timestamp(7, 9)}, Int64(7)),
    ({"$tsIncrement": Timestamp(7, 9)}, Int64(9)),
]

DOCUMENT = {"a": [{"b": 1}, {"b": 2}, 5, [{"b": 9}]], "n": 3}


@pytest.mark.parametrize(("spec", "expected"), STRINGS + CONVERSIONS + OBJECTS_AND_ARRAYS[3:])
def test_an_expression_gives_what_mongodb_gives(spec: Any, expected: Any) -> None:
    assert same(value(spec, DOCUMENT), expected), value(spec, DOCUMENT)


@pytest.mark.parametrize(("spec", "expected"), OBJECTS_AND_ARRAYS[:3])
def test_a_path_goes_through_arrays(spec: Any, expected: Any) -> None:
    assert same(value(spec, DOCUMENT), expected)


@pytest.mark.parametrize(
    ("spec", "code"),
    [
        ({"$concat": [1]}, 16702),
        ({"$toUpper": True}, 16007),
        ({"$substrBytes": ["é", 1, 1]}, 28656),
        ({"$substrBytes": ["é", 0, 1]}, 28657),
        ({"$substrBytes": ["a", -1, 1]}, 50752),
        ({"$substrCP": ["a", 0, -1]}, 34454),
        ({"$strLenCP": None}, 34471),
        ({"$strLenBytes": "$missing"}, 34473),
        ({"$split": ["a", ""]}, 40087),
        ({"$trim": {"input": 1}}, 50699),
        ({"$trim": {"chars": "x"}}, 50695),
        ({"$replaceAll": {"input": 1, "find": "a", "replacement": ""}}, 51746),
        ({"$regexMatch": {"input": "a", "regex": "("}}, 51111),
        ({"$regexMatch": {"input": "a", "regex": Regex("a", 2), "options": "i"}}, 51107),
        ({"$regexMatch": {"input": 1, "regex": "a"}}, 51104),
        ({"$toInt": "1.5"}, 241),
        ({"$toInt": 2**31}, 241),
        ({"$toInt": math.nan}, 241),
        ({"$toInt": "0x1"}, 241),
        ({"$toLong": 1e300}, 241),
        ({"$toDate": 5}, 241),
        ({"$toDate": "nonsense"}, 241),
        ({"$toObjectId": "x"}, 241),
        ({"$toDouble": "1e999"}, 241),
        ({"$convert": {"input": 1, "to": "nonsense"}}, 2),
        ({"$convert": {"input": 1, "to": 1.5}}, 9),
        ({"$convert": {"input": 1}}, 9),
        ({"$convert": {"input": b"x", "to": "string"}}, 4341115),
        ({"$arrayElemAt": [1, 0]}, 28689),
        ({"$arrayElemAt": [[1], 0.5]}, 28691),
        ({"$size": 1}, 17124),
        ({"$in": [1, 2]}, 40081),
        ({"$range": [0, 5, 0]}, 34449),
        ({"$range": [0, 2**31 - 1]}, 146),
        ({"$slice": [[1], 0, 0]}, 28729),
        ({"$map": {"input": 1, "in": 1}}, 16883),
        ({"$map": {"input": [], "in": 1, "x": 1}}, 16879),
        ({"$map": {"input": [], "as": "X", "in": 1}}, 16867),
        ({"$filter": {"input": [1], "cond": 1, "limit": 0}}, 327392),
        ({"$reduce": {"input": 1, "initialValue": 0, "in": 1}}, 40080),
        ({"$zip": {"inputs": []}}, 34465),
        ({"$firstN": {"input": [], "n": 0}}, 5787908),
        ({"$setEquals": [[1]]}, 17045),
        ({"$setEquals": "$x"}, 17045),
        ({"$setEquals": [[1], 2]}, 17044),
        ({"$setUnion": [1]}, 17043),
        ({"$arrayToObject": [[1]]}, 40398),
        ({"$mergeObjects": [1]}, 40400),
        ({"$setField": {"field": "$x", "input": {}, "value": 1}}, 4161108),
        ({"$getField": {"field": 5, "input": {}}}, 5654602),
        ({"$cond": [1, 2]}, 16020),
        ({"$cond": {"if": 1, "then": 2}}, 17082),
        ({"$ifNull": [1]}, 1257300),
        ({"$switch": {"branches": []}}, 40068),
        ({"$switch": {"branches": [{"case": False, "then": 1}]}}, 40066),
        ({"$let": {"vars": {}}}, 16877),
        ({"a": 1, "$add": [1]}, 16410),
        ({"$add": [1], "a": 1}, 15983),
        ("$", 16872),
        ("$a.", 40353),
        ("$a..b", 15998),
        ("$$x", 17276),
        ("$$.a", 16869),
        ({"$percentile": {"input": [1], "p": [2], "method": "approximate"}}, 7750303),
        ({"$median": {"input": [1], "method": "exact"}}, 2),
    ],
)
def test_what_cannot_be_is_refused_with_its_code(spec: Any, code: int) -> None:
    with pytest.raises(MongoError) as refused:
        value(spec, DOCUMENT)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("spec", "code"),
    [
        (
            {
                "$reduce": {
                    "input": {"$range": [0, 60]},
                    "initialValue": "ab",
                    "in": {"$concat": ["$$value", "$$value"]},
                }
            },
            13548,
        ),
        (
            {
                "$reduce": {
                    "input": {"$range": [0, 60]},
                    "initialValue": [1],
                    "in": {"$concatArrays": ["$$value", "$$value"]},
                }
            },
            146,
        ),
        (
            {
                "$reduce": {
                    "input": {"$range": [0, 60]},
                    "initialValue": 1,
                    "in": {"a": "$$value", "b": "$$value"},
                }
            },
            146,
        ),
        (
            {"$reduce": {"input": {"$range": [0, 400]}, "initialValue": 1, "in": {"a": "$$value"}}},
            15,
        ),
        ({"$map": {"input": {"$range": [0, 1000]}, "in": {"$range": [0, 10_000]}}}, 146),
    ],
)
def test_an_expression_that_grows_without_end_is_stopped(
    spec: Any, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "STAGE_LIMIT_BYTES", 1_000_000)
    monkeypatch.setattr(memory, "_VALUE_LIMIT_BYTES", 1_000_000)
    with pytest.raises(MongoError) as refused:
        value(spec)
    assert refused.value.code == code


def test_an_expression_too_deep_is_refused() -> None:
    spec: Any = 1
    for _ in range(300):
        spec = {"$abs": spec}
    with pytest.raises(MongoError) as refused:
        value(spec)
    assert refused.value.code == 15
