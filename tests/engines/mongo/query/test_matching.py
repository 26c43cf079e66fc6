"""What a filter finds: values, arrays on the way, null and what is missing, types kept apart."""

from typing import Any

import pytest
from bson import Binary, Code, Decimal128, Int64, MaxKey, MinKey, ObjectId, Regex

from stend.engines.mongo.errors import MongoError
from stend.engines.mongo.query.matching import compile_filter
from stend.engines.mongo.query.values import decode, encode
from tests.engines.mongo.query.given import CONTEXT, matches

NAN = float("nan")

# Filters, documents that they find, documents that they do not.
FOUND: list[tuple[dict[str, Any], list[dict[str, Any]], list[dict[str, Any]]]] = [
    ({}, [{}, {"a": 1}], []),
    # Equality: numbers of all types, objects with their order, arrays whole or by an element.
    (
        {"a": 1},
        [{"a": 1}, {"a": 1.0}, {"a": Int64(1)}, {"a": Decimal128("1.0")}, {"a": [0, 1]}],
        [{"a": True}, {"a": "1"}, {}, {"a": [[1]]}, {"a": {"b": 1}}],
    ),
    ({"a": True}, [{"a": True}], [{"a": 1}]),
    ({"a": {"b": 1, "c": 2}}, [{"a": {"b": 1.0, "c": 2}}], [{"a": {"c": 2, "b": 1}}]),
    ({"a": {"b": 1}}, [{"a": [{"b": 1}]}], [{"a": {"b": 1, "c": 1}}]),
    ({"a": {}}, [{"a": {}}], [{"a": {"b": 1}}, {}]),
    ({"a": [1, 2]}, [{"a": [1, 2]}, {"a": [[1, 2], 3]}], [{"a": [2, 1]}, {"a": [1, 2, 3]}]),
    ({"a": NAN}, [{"a": NAN}, {"a": Decimal128("NaN")}], [{"a": 1}, {}]),
    # Null is equal to what is missing.
    ({"a": None}, [{"a": None}, {}, {"a": [1, None]}], [{"a": 0}, {"a": []}, {"a": [1]}]),
    ({"a.b": None}, [{}, {"a": 1}, {"a": {}}, {"a": [{"b": 1}, {}]}], [{"a": [1]}, {"a": []}]),
    ({"a": {"$ne": None}}, [{"a": 0}, {"a": []}], [{}, {"a": None}, {"a": [None]}]),
    ({"a": {"$in": [None, 5]}}, [{}, {"a": None}, {"a": 5}], [{"a": 1}]),
    # Paths lead through arrays, and positions are names.
    ({"a.b": 1}, [{"a": [{"b": 0}, {"b": 1}]}, {"a": {"b": [1]}}], [{"a": [[{"b": 1}]]}]),
    ({"a.0": 1}, [{"a": [1]}, {"a": {"0": 1}}, {"a": [{"0": 1}]}], [{"a": [0, 1]}, {"a": [[1]]}]),
    ({"a.0": [1]}, [{"a": [[1]]}], [{"a": [1]}]),
    ({"a.0.b": 1}, [{"a": [{"b": 1}]}, {"a": [{"b": [1]}]}], [{"a": [{}, {"b": 1}]}]),
    ({"a.0.0": 1}, [{"a": [[1]]}, {"a": [{"0": 1}]}], [{"a": [1]}]),
    ({"a.1.b": 5}, [{"a": [0, [{"b": 5}]]}], [{"a": [[{"b": 5}], 0]}]),
    ({"a.01": 1}, [{"a": {"01": 1}}], [{"a": [0, 1]}]),
    ({"ref.$id": 1}, [{"ref": {"$ref": "c", "$id": 1}}], [{"ref": {"$ref": "c", "$id": 2}}]),
    ({"r": {"$ref": "c", "$id": 1}}, [{"r": {"$ref": "c", "$id": 1}}], [{"r": 1}]),
    # Comparisons stay in the class of their operand.
    (
        {"a": {"$gt": 1}},
        [{"a": 2}, {"a": 1.5}, {"a": Decimal128("1.1")}, {"a": [0, 5]}, {"a": float("inf")}],
        [{"a": 1}, {"a": "2"}, {"a": None}, {}, {"a": True}, {"a": NAN}, {"a": [[5]]}],
    ),
    ({"a": {"$lt": 1}}, [{"a": 0}, {"a": -5}], [{"a": NAN}, {"a": None}, {}, {"a": MinKey()}]),
    ({"a": {"$gte": "b"}}, [{"a": "b"}, {"a": "c"}], [{"a": "a"}, {"a": {}}, {"a": 5}]),
    ({"a": {"$lte": None}}, [{"a": None}, {}], [{"a": 0}]),
    ({"a": {"$lt": None}}, [], [{"a": None}, {}, {"a": MinKey()}]),
    ({"a": {"$gte": NAN}}, [{"a": NAN}], [{"a": 1}]),
    ({"a": {"$gt": NAN}}, [], [{"a": NAN}, {"a": 1}]),
    ({"a": {"$gt": [1]}}, [{"a": [2]}, {"a": [1, 0]}, {"a": [[3]]}], [{"a": [1]}, {"a": 2}]),
    ({"a": {"$gt": {"b": 1}}}, [{"a": {"b": 2}}, {"a": {"b": "x"}}], [{"a": {"b": 0}}, {"a": 5}]),
    ({"a": {"$gt": MinKey()}}, [{"a": 1}, {"a": None}, {}], [{"a": MinKey()}]),
    ({"a": {"$lte": MaxKey()}}, [{"a": 1}, {"a": MaxKey()}, {}], []),
    ({"a": {"$lt": MaxKey()}}, [{"a": "x"}], [{"a": MaxKey()}]),
    ({"a": {"$gt": False}}, [{"a": True}], [{"a": 1}]),
    # Each condition may be met by another element.
    ({"a": {"$gt": 3, "$lt": 2}}, [{"a": [1, 5]}], [{"a": 1}, {"a": [2.5]}]),
    ({"a": {"$elemMatch": {"$gt": 1, "$lt": 3}}}, [{"a": [0, 2]}], [{"a": [1, 5]}, {"a": 2}]),
    (
        {"a": {"$elemMatch": {"b": 1, "c": 2}}},
        [{"a": [{"b": 1, "c": 2}]}],
        [{"a": [{"b": 1}, {"c": 2}]}, {"a": {"b": 1, "c": 2}}],
    ),
    ({"a": {"$elemMatch": {"$eq": 1}}}, [{"a": [1]}], [{"a": [[1]]}]),
    ({"a": {"$elemMatch": {"$size": 1}}}, [{"a": [[7]]}], [{"a": [7]}]),
    ({"a": {"$elemMatch": {"$elemMatch": {"$gt": 1}}}}, [{"a": [[0, 2]]}], [{"a": [0, 2]}]),
    ({"a": {"$elemMatch": {"$not": {"$gt": 1}}}}, [{"a": [5, 0]}], [{"a": [5]}, {"a": []}]),
    ({"a": {"$elemMatch": {"0": 1}}}, [{"a": [[1]]}, {"a": [{"0": 1}]}], [{"a": [1]}]),
    ({"a": {"$elemMatch": {"$or": [{"b": 1}, {"b": 2}]}}}, [{"a": [{"b": 2}]}], [{"a": [2]}]),
    ({"a": {"$elemMatch": {}}}, [{"a": [{}]}, {"a": [[]]}], [{"a": []}, {"a": [1]}]),
    ({"a.b": {"$elemMatch": {"c": 1}}}, [{"a": [{"b": [{"c": 1}]}]}], [{"a": [{"b": {"c": 1}}]}]),
    # Sets.
    ({"a": {"$in": [1, "x", Regex("^y")]}}, [{"a": 1.0}, {"a": ["yz"]}], [{"a": "zy"}, {}]),
    ({"a": {"$in": [[1]]}}, [{"a": [1]}, {"a": [[1]]}], [{"a": 1}]),
    ({"a": {"$in": []}}, [], [{}, {"a": []}]),
    ({"a": {"$nin": [1, None]}}, [{"a": 2}], [{"a": 1}, {}, {"a": [1, 2]}]),
    ({"a": {"$all": [1, 2]}}, [{"a": [2, 1, 0]}], [{"a": [1]}, {"a": 1}]),
    ({"a": {"$all": [1]}}, [{"a": 1}, {"a": [1]}], [{"a": 2}]),
    ({"a": {"$all": [[1, 2]]}}, [{"a": [1, 2]}, {"a": [[1, 2]]}], [{"a": [2, 1]}]),
    ({"a": {"$all": []}}, [], [{}, {"a": []}]),
    ({"a": {"$all": [Regex("^x"), "y"]}}, [{"a": ["xx", "y"]}], [{"a": ["x"]}]),
    (
        {"a": {"$all": [{"$elemMatch": {"b": 1}}, {"$elemMatch": {"b": 2}}]}},
        [{"a": [{"b": 1}, {"b": 2}]}],
        [{"a": [{"b": 1}]}],
    ),
    # Logic.
    ({"$or": [{"a": 1}, {"b": 2}]}, [{"a": 1}, {"b": 2}], [{"a": 2}]),
    ({"$and": [{"a": {"$gt": 1}}, {"a": {"$lt": 3}}]}, [{"a": 2}], [{"a": 5}]),
    ({"$nor": [{"a": 1}, {"b": 1}]}, [{}, {"a": 2}], [{"a": 1}, {"b": 1}]),
    ({"a": {"$not": {"$gt": 1}}}, [{}, {"a": 1}, {"a": "x"}], [{"a": 2}, {"a": [0, 2]}]),
    ({"a": {"$not": Regex("^x")}}, [{"a": "y"}, {}, {"a": 1}], [{"a": "x"}, {"a": ["y", "x"]}]),
    ({"a": {"$not": {"$regex": "^X", "$options": "i"}}}, [{"a": "y"}], [{"a": "x"}]),
    ({"a": {"$not": {"$not": {"$eq": 1}}}}, [{"a": 1}], [{"a": 2}]),
    ({"a": {"$not": {"$gt": 0, "$lt": 5}}}, [{"a": 7}], [{"a": 3}]),
    # Elements.
    ({"a": {"$exists": True}}, [{"a": None}, {"a": []}], [{}]),
    ({"a": {"$exists": 0}}, [{}], [{"a": None}]),
    ({"a": {"$exists": Decimal128("0")}}, [{}], [{"a": 1}]),
    ({"a": {"$exists": "no"}}, [{"a": 1}], [{}]),
    ({"a.b": {"$exists": True}}, [{"a": [1, {"b": 1}]}], [{"a": [1]}, {"a": 1}, {"a": []}]),
    ({"a": {"$type": "number"}}, [{"a": 1}, {"a": 1.5}, {"a": ["x", 1]}], [{"a": "1"}, {}]),
    ({"a": {"$type": ["string", 10]}}, [{"a": "x"}, {"a": None}], [{}, {"a": 1}]),
    ({"a": {"$type": "array"}}, [{"a": []}, {"a": [1]}, {"a": [[1]]}], [{"a": 1}]),
    ({"a": {"$type": 16}}, [{"a": 1}], [{"a": Int64(1)}]),
    ({"a": {"$type": -1}}, [{"a": MinKey()}], [{"a": 1}]),
    ({"a": {"$type": "javascript"}}, [{"a": Code("x")}], [{"a": "x"}]),
    # Evaluation.
    (
        {"a": {"$mod": [4, 1]}},
        [{"a": 5}, {"a": 5.9}, {"a": Decimal128("5")}],
        [{"a": 6}, {"a": "5"}],
    ),
    ({"a": {"$mod": [4, -1]}}, [{"a": -5}], [{"a": 5}, {"a": 3}]),
    ({"a": {"$mod": [4.9, 0]}}, [{"a": 8}], [{"a": NAN}, {"a": float("inf")}, {"a": 1e300}]),
    ({"$expr": {"$eq": ["$a", "$b"]}}, [{"a": 1, "b": 1}], [{"a": 1, "b": 2}]),
    ({"$expr": "$a"}, [{"a": "x"}, {"a": 1}, {"a": []}], [{"a": 0}, {"a": None}, {}]),
    ({"a": Regex("ab+", "i")}, [{"a": "xABB"}, {"a": ["x", "ab"]}], [{"a": "a"}, {"a": 1}]),
    ({"a": Regex("x")}, [{"a": Regex("x")}], [{"a": Regex("x", "i")}]),
    ({"a": {"$eq": Regex("x")}}, [{"a": Regex("x")}], [{"a": "x"}]),
    ({"a": {"$regex": "^x", "$ne": "xx"}}, [{"a": "xy"}], [{"a": "xx"}, {"a": "y"}]),
    ({"a": {"$options": "i", "$regex": "^X"}}, [{"a": "x"}], [{"a": "y"}]),
    ({"a": {"$regex": Regex("^X", "i")}}, [{"a": "x"}], []),
    ({"$jsonSchema": {"required": ["a"]}}, [{"a": 1}], [{}]),
    ({"a": 1, "$comment": "why"}, [{"a": 1}], [{"a": 2}]),
    ({"$alwaysTrue": 1}, [{}], []),
    ({"$alwaysFalse": 1}, [], [{}]),
    ({"$sampleRate": 0.6}, [{}], []),
    ({"$sampleRate": 0.5}, [], [{}]),
    # Arrays and bits.
    ({"a": {"$size": 2}}, [{"a": [1, [2]]}], [{"a": [1]}, {"a": "xx"}, {"a": [[1, 2]]}]),
    ({"a": {"$size": 0.0}}, [{"a": []}], [{}]),
    ({"a": {"$bitsAllSet": 6}}, [{"a": 7}, {"a": 6.0}], [{"a": 4}, {"a": 6.5}, {"a": "6"}]),
    ({"a": {"$bitsAllSet": [1, 2]}}, [{"a": b"\x06"}], [{"a": b"\x02"}]),
    ({"a": {"$bitsAllClear": b"\x01"}}, [{"a": 6}, {"a": b""}], [{"a": 7}]),
    ({"a": {"$bitsAnySet": 6}}, [{"a": 4}, {"a": -1}], [{"a": 1}]),
    ({"a": {"$bitsAnyClear": [100]}}, [{"a": 1}, {"a": Binary(b"\xff", 0)}], [{"a": -1}]),
    ({"a": {"$bitsAllSet": [200]}}, [{"a": -1}], [{"a": 1}, {"a": 2.0**70}]),
]


@pytest.mark.parametrize(
    ("spec", "found", "passed"), FOUND, ids=[str(spec) for spec, _, _ in FOUND]
)
def test_a_filter_finds(
    spec: dict[str, Any], found: list[dict[str, Any]], passed: list[dict[str, Any]]
) -> None:
    matcher = compile_filter(decode(encode(spec)), context=CONTEXT)
    for document in found:
        assert matcher.matches(document), document
        assert matcher.match(document) is not None
    for document in passed:
        assert not matcher.matches(document), document
        assert matcher.match(document) is None


@pytest.mark.parametrize(
    ("spec", "document", "index"),
    [
        ({"a": 2}, {"a": [1, 2]}, 1),
        ({"a": 1}, {"a": 1}, None),
        ({"a": [1]}, {"a": [1]}, None),
        ({"a.b": 2}, {"a": [{"b": 1}, {"b": 2}]}, 1),
        ({"a.b": 2}, {"a": [{"b": [1, 2]}]}, 0),
        ({"a.1.b": 2}, {"a": [0, {"b": [1, 2]}]}, 1),
        ({"a": {"$elemMatch": {"$gt": 1}}}, {"a": [0, 1, 2]}, 2),
        ({"a.b": {"$elemMatch": {"c": 1}}}, {"a": [{}, {"b": [{"c": 0}, {"c": 1}]}]}, 1),
        ({"a": 1, "b": 2}, {"a": [0, 1], "b": [2]}, 0),
        ({"$or": [{"a": 9}, {"b": 2}]}, {"a": [1], "b": [1, 2]}, 1),
        ({"a": {"$ne": 5}}, {"a": [1, 2]}, None),
        ({"a": {"$all": [1, 2]}}, {"a": [1, 2]}, 1),
        ({"a": {"$in": [7, 2]}}, {"a": [1, 2]}, 1),
        ({"$nor": [{"a": 5}]}, {"a": [1]}, None),
    ],
)
def test_the_element_that_matched_is_known(
    spec: dict[str, Any], document: dict[str, Any], index: int | None
) -> None:
    match = compile_filter(spec, context=CONTEXT).match(document)
    assert match is not None
    assert match.array_index == index


WRONG: list[tuple[dict[str, Any], int, str]] = [
    ({"a": {"$in": 1}}, 2, r"\$in needs an array"),
    ({"a": {"$nin": "x"}}, 2, r"\$nin needs an array"),
    ({"a": {"$in": [{"$gt": 1}]}}, 2, r"cannot nest \$ under \$in"),
    ({"a": {"$ne": Regex("x")}}, 2, r"Can't have regex as arg to \$ne\."),
    ({"a": {"$gt": Regex("x")}}, 2, r"Can't have RegEx as arg to predicate over field 'a'\."),
    ({"a": {"$not": 1}}, 2, r"\$not needs a regex or a document"),
    ({"a": {"$not": {}}}, 2, r"\$not cannot be empty"),
    ({"a": {"$gt": 1, "b": 2}}, 2, "unknown operator: b"),
    ({"a": {"$where": "x"}}, 2, r"\$where cannot be applied to a field"),
    ({"$or": {}}, 2, r"\$or must be an array"),
    ({"$and": []}, 2, r"\$and/\$or/\$nor must be a nonempty array"),
    ({"$nor": [1]}, 2, r"\$or/\$and/\$nor entries need to be full objects"),
    ({"a": {"$size": "x"}}, 2, r"Failed to parse \$size\. Expected a number"),
    ({"a": {"$size": -1}}, 2, r"Failed to parse \$size\. Expected a non-negative number"),
    ({"a": {"$size": 1.5}}, 2, r"Failed to parse \$size\. Expected an integer"),
    ({"a": {"$size": Int64(2**40)}}, 2, "Cannot represent in an int"),
    ({"a": {"$mod": 1}}, 2, "malformed mod, needs to be an array"),
    ({"a": {"$mod": [1]}}, 2, "malformed mod, not enough elements"),
    ({"a": {"$mod": [1, 2, 3]}}, 2, "malformed mod, too many elements"),
    ({"a": {"$mod": ["x", 1]}}, 2, "malformed mod, divisor not a number"),
    ({"a": {"$mod": [0, 1]}}, 2, "divisor cannot be 0"),
    ({"a": {"$mod": [NAN, 1]}}, 2, "malformed mod, divisor value is invalid"),
    ({"a": {"$type": "nothing"}}, 2, "Unknown type name alias: nothing"),
    ({"a": {"$type": 55}}, 2, "Invalid numerical type code: 55"),
    ({"a": {"$type": 0}}, 2, "Invalid numerical type code: 0"),
    ({"a": {"$type": []}}, 9, "must match at least one type"),
    ({"a": {"$type": None}}, 14, "type must be represented as a number or a string"),
    ({"a": {"$elemMatch": 1}}, 2, r"\$elemMatch needs an Object"),
    ({"a": {"$all": 1}}, 2, r"\$all needs an array"),
    ({"a": {"$all": [{"$gt": 1}]}}, 2, r"no \$ expressions in \$all"),
    ({"a": {"$all": [{"$elemMatch": {}}, 1]}}, 2, r"\$all/\$elemMatch has to be consistent"),
    ({"a": {"$regex": 1}}, 2, r"\$regex has to be a string"),
    ({"a": {"$regex": "x", "$options": 1}}, 2, r"\$options has to be a string"),
    ({"a": {"$regex": "x", "$options": "g"}}, 51108, "invalid flag in regex options: g"),
    ({"a": {"$regex": Regex("x", "i"), "$options": "i"}}, 51075, r"both \$regex and \$options"),
    ({"a": {"$options": "i", "$regex": Regex("x", "i")}}, 51074, r"both \$regex and \$options"),
    ({"a": {"$options": "i"}}, 2, r"\$options needs a \$regex"),
    ({"a": {"$regex": "("}}, 51091, "Regular expression is invalid"),
    ({"a": {"$bitsAllSet": "x"}}, 2, "takes an Array, a number, or a BinData"),
    ({"a": {"$bitsAllSet": -1}}, 9, "Expected a non-negative number"),
    ({"a": {"$bitsAnySet": 1.5}}, 9, "Expected an integer"),
    ({"a": {"$bitsAnySet": [-1]}}, 2, "bit positions must be >= 0"),
    ({"a": {"$bitsAnySet": ["x"]}}, 2, "bit positions must be an integer"),
    ({"a": {"$bitsAnySet": [2**40]}}, 2, "cannot be represented as a 32-bit signed integer"),
    ({"$alwaysTrue": 2}, 9, r"\$alwaysTrue must be an integer value of 1"),
    ({"$sampleRate": 2}, 2, r"must be in \[0, 1\]"),
    ({"$sampleRate": "x"}, 2, "must be a numeric type"),
    ({"$jsonSchema": 1}, 14, r"\$jsonSchema must be an object"),
    ({"a": {"$elemMatch": {"$expr": 1}}}, 2, "can only be applied to the top-level document"),
    ({"a": {"$elemMatch": {"$text": {}}}}, 2, "can only be applied to the top-level document"),
]


@pytest.mark.parametrize(("spec", "code", "message"), WRONG, ids=[str(row[0]) for row in WRONG])
def test_a_wrong_filter_is_refused(spec: dict[str, Any], code: int, message: str) -> None:
    with pytest.raises(MongoError, match=message) as refused:
        compile_filter(spec, context=CONTEXT)
    assert refused.value.code == code


def test_a_filter_without_expressions_refuses_them() -> None:
    with pytest.raises(MongoError) as refused:
        compile_filter({"$expr": 1}, context=CONTEXT.without_expressions())
    assert refused.value.code == 224


def test_a_filter_may_not_be_deeper_than_mongodb_allows() -> None:
    spec: dict[str, Any] = {"a": 1}
    for _ in range(150):
        spec = {"$and": [spec]}
    with pytest.raises(MongoError, match="maximum query tree depth"):
        compile_filter(spec, context=CONTEXT)


def test_an_id_is_found_by_its_value() -> None:
    identifier = ObjectId("0123456789ab0123456789ab")
    assert matches({"_id": identifier}, {"_id": ObjectId(str(identifier))})
