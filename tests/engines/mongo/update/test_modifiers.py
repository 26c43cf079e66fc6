"""What each modifier makes of a document, and what it refuses."""

from typing import Any

import pytest
from bson import Binary, Code, DatetimeMS, Decimal128, Int64, Regex, Timestamp

from stend.engines.mongo.errors import MongoError
from stend.engines.mongo.query.matching import compile_filter
from stend.engines.mongo.query.values import identical
from stend.engines.mongo.update.compiling import Kind, compile_update
from tests.engines.mongo.query.given import CONTEXT, NOW

Document = dict[str, Any]


def updated(
    update: Any,
    document: Document,
    *,
    found_by: Document | None = None,
    array_filters: list[Any] | None = None,
    is_insert: bool = False,
) -> Document:
    match = compile_filter(found_by or {}, context=CONTEXT).match(document)
    assert match is not None
    updater = compile_update(update, array_filters=array_filters or [], context=CONTEXT)
    before = repr(document)
    found = updater.apply(document, match, is_insert)
    assert repr(document) == before
    return found


# An update, a document without _id, what comes of it.
UPDATED: list[tuple[Document, Document, Document]] = [
    # $set: fields are made in the order of their names, positions of their numbers.
    ({"$set": {"b": 1, "a": 2}}, {}, {"a": 2, "b": 1}),
    ({"$set": {"a": 1}, "$inc": {"B": 1}}, {"z": 0}, {"z": 0, "B": 1, "a": 1}),
    ({"$set": {"a": 1}}, {"a": 1.0}, {"a": 1}),
    ({"$set": {"a.b.c": 1}}, {}, {"a": {"b": {"c": 1}}}),
    ({"$set": {"a.b": 1, "a.c": 2}}, {"a": {"b": 0}}, {"a": {"b": 1, "c": 2}}),
    ({"$set": {"a.0": 1}}, {"a": [0, 5]}, {"a": [1, 5]}),
    ({"$set": {"a.3": 1}}, {"a": [0]}, {"a": [0, None, None, 1]}),
    ({"$set": {"a.10": 10, "a.9": 9}}, {"a": [0] * 9}, {"a": [0] * 9 + [9, 10]}),
    ({"$set": {"a.0": 1}}, {}, {"a": {"0": 1}}),
    ({"$set": {"a.0.b": 1}}, {"a": []}, {"a": [{"b": 1}]}),
    ({"$set": {"a": {"$b": 1}}}, {}, {"a": {"$b": 1}}),
    ({"$set": {"a.$b": 1}}, {}, {"a": {"$b": 1}}),
    ({"$set": {}}, {"a": 1}, {"a": 1}),
    ({"$setOnInsert": {"a": 1}}, {}, {}),
    ({"$setOnInsert": {"a.b": 1}}, {"a": 5}, {"a": 5}),
    # $unset
    ({"$unset": {"a": "", "b.c": 1}}, {"a": 1, "b": {"c": 1}}, {"b": {}}),
    ({"$unset": {"a.1": 1}}, {"a": [1, 2, 3]}, {"a": [1, None, 3]}),
    ({"$unset": {"a.b": 1, "x": 1, "a.0.c": 1}}, {"a": 5}, {"a": 5}),
    # $inc and $mul: the wider type; an int32 that runs over is an int64.
    ({"$inc": {"a": 1}}, {"a": 1}, {"a": 2}),
    ({"$inc": {"a": 1}}, {}, {"a": 1}),
    ({"$inc": {"a": 1}}, {"a": 2**31 - 1}, {"a": Int64(2**31)}),
    ({"$inc": {"a": Int64(1)}}, {"a": 1}, {"a": Int64(2)}),
    ({"$inc": {"a": Int64(0)}}, {"a": 1}, {"a": Int64(1)}),
    ({"$inc": {"a": 0.5}}, {"a": 1}, {"a": 1.5}),
    ({"$inc": {"a": Decimal128("0.10")}}, {"a": 1}, {"a": Decimal128("1.10")}),
    ({"$inc": {"a": Decimal128("1")}}, {"a": 0.1}, {"a": Decimal128("1.100000000000000")}),
    ({"$mul": {"a": 100.0}}, {"a": Decimal128("2")}, {"a": Decimal128("200.000000000000")}),
    ({"$inc": {"a": 1e308}}, {"a": 1.7e308}, {"a": float("inf")}),
    ({"$inc": {"a": -1}}, {"a": Int64(-(2**63) + 1)}, {"a": Int64(-(2**63))}),
    ({"$mul": {"a": 3}}, {"a": 2}, {"a": 6}),
    ({"$mul": {"a": 2**20}}, {"a": 2**20}, {"a": Int64(2**40)}),
    ({"$mul": {"a": 1.5}}, {}, {"a": 0.0}),
    ({"$mul": {"a": Int64(5)}}, {}, {"a": Int64(0)}),
    ({"$mul": {"a": 5}}, {}, {"a": 0}),
    # $min and $max: by the order of all types.
    ({"$min": {"a": 1}}, {"a": 2}, {"a": 1}),
    ({"$min": {"a": 2.0}}, {"a": 2}, {"a": 2}),
    ({"$min": {"a": None}}, {"a": 2}, {"a": None}),
    ({"$max": {"a": "x"}}, {"a": 2}, {"a": "x"}),
    ({"$max": {"a": 1}}, {"a": 2}, {"a": 2}),
    ({"$min": {"a": 1}, "$max": {"b": 1}}, {}, {"a": 1, "b": 1}),
    # $rename
    ({"$rename": {"a": "b"}}, {"a": 1, "c": 2}, {"c": 2, "b": 1}),
    ({"$rename": {"a": "b"}}, {"a": 1, "b": 2}, {"b": 1}),
    ({"$rename": {"a": "b"}}, {"b": 2}, {"b": 2}),
    ({"$rename": {"a.b": "c.d.e"}}, {"a": {"b": [1]}}, {"a": {}, "c": {"d": {"e": [1]}}}),
    ({"$rename": {"a": "b", "c": "d"}}, {"a": 1, "c": 2}, {"b": 1, "d": 2}),
    # $currentDate
    ({"$currentDate": {"a": True}}, {}, {"a": DatetimeMS(NOW)}),
    ({"$currentDate": {"a": {"$type": "date"}}}, {"a": 1}, {"a": DatetimeMS(NOW)}),
    ({"$currentDate": {"a": {"$type": "timestamp"}}}, {}, {"a": Timestamp(1000, 7)}),
    # $push
    ({"$push": {"a": 1}}, {}, {"a": [1]}),
    ({"$push": {"a": [1]}}, {"a": [0]}, {"a": [0, [1]]}),
    ({"$push": {"a": {"b": 1}}}, {"a": []}, {"a": [{"b": 1}]}),
    ({"$push": {"a": {"$each": [1, 2]}}}, {"a": [0]}, {"a": [0, 1, 2]}),
    ({"$push": {"a": {"$each": []}}}, {}, {"a": []}),
    ({"$push": {"a": {"$each": [9], "$position": 0}}}, {"a": [1, 2]}, {"a": [9, 1, 2]}),
    ({"$push": {"a": {"$each": [8, 9], "$position": -1}}}, {"a": [1, 2]}, {"a": [1, 8, 9, 2]}),
    ({"$push": {"a": {"$each": [9], "$position": -5}}}, {"a": [1, 2]}, {"a": [9, 1, 2]}),
    ({"$push": {"a": {"$each": [9], "$position": 5}}}, {"a": [1, 2]}, {"a": [1, 2, 9]}),
    ({"$push": {"a": {"$each": [3], "$slice": 2}}}, {"a": [1, 2]}, {"a": [1, 2]}),
    ({"$push": {"a": {"$each": [3], "$slice": -2}}}, {"a": [1, 2]}, {"a": [2, 3]}),
    ({"$push": {"a": {"$each": [3], "$slice": 0}}}, {"a": [1, 2]}, {"a": []}),
    ({"$push": {"a": {"$each": [0], "$sort": -1}}}, {"a": [1, 3, 2]}, {"a": [3, 2, 1, 0]}),
    # First inserted, then sorted, then cut, whatever the order they are written in.
    (
        {"$push": {"a": {"$slice": 2, "$sort": 1, "$position": 0, "$each": [0, 9]}}},
        {"a": [5]},
        {"a": [0, 5]},
    ),
    (
        {"$push": {"a": {"$each": [{"n": 1}], "$sort": {"n": 1}}}},
        {"a": [{"n": 2}, {"n": 1, "m": 0}, 7]},
        {"a": [7, {"n": 1, "m": 0}, {"n": 1}, {"n": 2}]},
    ),
    (
        {"$push": {"a": {"$each": [], "$sort": {"x.y": -1, "z": 1}}}},
        {"a": [{"x": {"y": 1}, "z": 2}, {"x": {"y": 1}, "z": 1}, {"x": {"y": 2}}, {"x": [1]}]},
        {"a": [{"x": {"y": 2}}, {"x": {"y": 1}, "z": 1}, {"x": {"y": 1}, "z": 2}, {"x": [1]}]},
    ),
    # $addToSet
    ({"$addToSet": {"a": 1}}, {}, {"a": [1]}),
    ({"$addToSet": {"a": 1.0}}, {"a": [1]}, {"a": [1]}),
    ({"$addToSet": {"a": [1]}}, {"a": [1]}, {"a": [1, [1]]}),
    (
        {"$addToSet": {"a": {"b": 1, "c": 1}}},
        {"a": [{"c": 1}]},
        {"a": [{"c": 1}, {"b": 1, "c": 1}]},
    ),
    (
        {"$addToSet": {"a": {"b": 1, "c": 1}}},
        {"a": [{"b": 1.0, "c": 1}]},
        {"a": [{"b": 1.0, "c": 1}]},
    ),
    ({"$addToSet": {"a": {"$each": [1, 2, 2.0, 3]}}}, {"a": [1]}, {"a": [1, 2, 3]}),
    ({"$addToSet": {"a": {"$each": [2, 2]}}}, {}, {"a": [2]}),
    # $pop
    ({"$pop": {"a": 1}}, {"a": [1, 2]}, {"a": [1]}),
    ({"$pop": {"a": -1}}, {"a": [1, 2]}, {"a": [2]}),
    ({"$pop": {"a": 1.0, "b": 1}}, {"a": []}, {"a": []}),
    # $pull
    ({"$pull": {"a": 1}}, {"a": [1, 2, 1.0, [1]]}, {"a": [2, [1]]}),
    ({"$pull": {"a": [1]}}, {"a": [1, [1]]}, {"a": [1]}),
    ({"$pull": {"a": {"$gte": 2}}}, {"a": [1, 2, 3, "x", [5]]}, {"a": [1, "x"]}),
    ({"$pull": {"a": {"b": 1}}}, {"a": [{"b": 1, "c": 2}, {"b": 2}, 1]}, {"a": [{"b": 2}, 1]}),
    ({"$pull": {"a": {"b": {"$in": [1]}}}}, {"a": [{"b": [1]}, {"b": 2}]}, {"a": [{"b": 2}]}),
    ({"$pull": {"a": Regex("^x")}}, {"a": ["xy", "y"]}, {"a": ["y"]}),
    ({"$pull": {"a": {"$in": [1, Regex("^x")]}}}, {"a": [1, "x", 2]}, {"a": [2]}),
    ({"$pull": {"a": {"$elemMatch": {"b": 1}}}}, {"a": [[{"b": 1}], {"b": 1}]}, {"a": [{"b": 1}]}),
    (
        {"$pull": {"a": {"$or": [{"b": 1}, {"b": 2}]}}},
        {"a": [{"b": 1}, {"b": 3}]},
        {"a": [{"b": 3}]},
    ),
    ({"$pull": {"a": None}}, {"a": [None, 1]}, {"a": [1]}),
    ({"$pull": {"b": 1}}, {"a": 1}, {"a": 1}),
    ({"$pullAll": {"a": [1, "x"]}}, {"a": [1, 1.0, "x", 2]}, {"a": [2]}),
    # $bit
    ({"$bit": {"a": {"and": 6, "or": 1}}}, {"a": 5}, {"a": 5}),
    ({"$bit": {"a": {"xor": Int64(1)}}}, {"a": 5}, {"a": Int64(4)}),
    ({"$bit": {"a": {"or": 5}}}, {}, {"a": 5}),
    # Replacements
    ({"b": 2}, {"a": 1}, {"b": 2}),
    ({}, {"a": 1}, {}),
    (
        {"t": Timestamp(0, 0), "o": {"t": Timestamp(0, 0)}},
        {},
        {"t": Timestamp(1000, 7), "o": {"t": Timestamp(0, 0)}},
    ),
]


@pytest.mark.parametrize(
    ("update", "document", "expected"), UPDATED, ids=[f"{row[0]} of {row[1]}" for row in UPDATED]
)
def test_an_update_gives(update: Document, document: Document, expected: Document) -> None:
    for more in ({}, {"_id": 7}):
        found = updated(update, {**more, **document})
        assert list(found) == list({**more, **expected})
        assert identical(found, {**more, **expected}), found


def test_an_insert_sets_more() -> None:
    update = {"$setOnInsert": {"a": 1}, "$set": {"b": 2}}
    assert updated(update, {}, is_insert=True) == {"a": 1, "b": 2}


def test_values_of_an_update_are_not_shared_with_documents() -> None:
    value: dict[str, Any] = {"list": [1]}
    updater = compile_update({"$set": {"a": value}, "$push": {"b": value}}, context=CONTEXT)
    first = updater.apply({}, None, False)
    first["a"]["list"].append(2)
    first["b"][0]["list"].append(3)
    assert updater.apply({}, None, False) == {"a": {"list": [1]}, "b": [{"list": [1]}]}


def test_kinds_are_told_apart() -> None:
    specs: list[Any] = [{"$set": {}}, {"a": 1}, []]
    kinds = [compile_update(spec, context=CONTEXT).kind for spec in specs]
    assert kinds == [Kind.MODIFIERS, Kind.REPLACEMENT, Kind.PIPELINE]


FULL = {"_id": 7, "a": [1, 2], "n": 5, "s": "x", "o": {"p": 1}, "d": 1.5, "big": Int64(2**63 - 1)}

WRONG: list[tuple[Any, int, str]] = [
    ({"$like": {"a": 1}}, 9, r"Unknown modifier: \$like\. Expected a valid update modifier"),
    ({"$set": {"a": 1}, "b": 1}, 9, "Unknown modifier: b"),
    ({"$set": 1}, 9, "Modifiers operate on fields but we found type int instead"),
    ({"a": 1, "$set": {"a": 1}}, 52, r"The dollar \(\$\) prefixed field '\$set'"),
    ({"$set": {"": 1}}, 56, "An empty update path is not valid"),
    ({"$set": {"a..b": 1}}, 56, "contains an empty field name"),
    ({"$set": {".".join("a" * 2000): 1}}, 15, "FieldPath is too long"),
    ({"$set": {"$a": 1}}, 52, r"The dollar \(\$\) prefixed field '\$a'"),
    ({"$set": {"a": 1}, "$inc": {"a": 1}}, 40, "'a' would create a conflict at 'a'"),
    ({"$set": {"a": 1, "a.b": 1}}, 40, r"'a\.b' would create a conflict at 'a'"),
    ({"$set": {"a.b": 1, "a": 1}}, 40, "'a' would create a conflict at 'a'"),
    ({"$set": {"a.$[]": 1, "a.0": 1}}, 40, r"'a\.0' would create a conflict at 'a'"),
    ({"$set": {"n.x": 1}}, 28, r"Cannot create field 'x' in element \{n: 5\}"),
    ({"$set": {"a.x": 1}}, 28, "Cannot create field 'x' in element"),
    ({"$set": {"a.2000000": 1}}, 34, "can't backfill more than 1500000 elements"),
    ({"$set": {"_id": 8}}, 66, "would modify the immutable field '_id'"),
    ({"$set": {"_id": 7.0}}, 66, "would modify the immutable field '_id'"),
    ({"$set": {"_id.x": 8}}, 66, "would modify the immutable field '_id'"),
    ({"$unset": {"_id": 1}}, 66, "would modify the immutable field '_id'"),
    ({"$inc": {"_id": 1}}, 66, "would modify the immutable field '_id'"),
    ({"$rename": {"_id": "x"}}, 66, "would modify the immutable field '_id'"),
    ({"$rename": {"n": "_id"}}, 66, "would modify the immutable field '_id'"),
    ({"_id": 8}, 66, "was found to have been altered to _id: 8"),
    ({"$inc": {"n": "x"}}, 14, "Cannot increment with non-numeric argument"),
    ({"$mul": {"n": None}}, 14, "Cannot multiply with non-numeric argument"),
    ({"$inc": {"s": 1}}, 14, "has the field 's' of non-numeric type string"),
    ({"$inc": {"a": 1}}, 14, "of non-numeric type array"),
    ({"$inc": {"big": 1}}, 2, r"\$inc operations to current value \(\(NumberLong\)9223"),
    ({"$mul": {"big": 2}}, 2, r"Failed to apply \$mul operations"),
    ({"$rename": {"n": 1}}, 2, "must be a string"),
    ({"$rename": {"n": "n"}}, 2, "must differ"),
    ({"$rename": {"o": "o.q"}}, 2, "must not be on the same path"),
    ({"$rename": {"a.$": "b"}}, 2, r"The source field for \$rename may not be dynamic: a\.\$"),
    ({"$rename": {"n": "a.$[]"}}, 2, "The destination field for"),
    ({"$rename": {"a.0": "b"}}, 2, "The source field cannot be an array element, 'a.0'"),
    ({"$rename": {"n": "a.0"}}, 2, "The destination field cannot be an array element, 'a.0'"),
    ({"$rename": {"n.x": "b"}}, 28, "cannot use the part"),
    ({"$rename": {"n": "s.x"}}, 28, "Cannot create field 'x' in element"),
    ({"$rename": {"n": ""}}, 56, "An empty update path"),
    ({"$rename": {"n": "q"}, "$set": {"n": 1}}, 40, "conflict at 'n'"),
    ({"$rename": {"n": "q"}, "$set": {"q": 1}}, 40, "conflict at 'q'"),
    ({"$currentDate": {"x": 1}}, 2, r"int is not valid type for \$currentDate"),
    ({"$currentDate": {"x": {"$type": "time"}}}, 2, "is required to be 'date' or 'timestamp'"),
    ({"$currentDate": {"x": {"y": 1}}}, 2, r"Unrecognized \$currentDate option: y"),
    ({"$push": {"n": 1}}, 2, "The field 'n' must be an array but is of type int in document"),
    ({"$push": {"a": {"$each": 1}}}, 2, r"The argument to \$each in \$push must be an array"),
    ({"$push": {"a": {"$each": [], "$like": 1}}}, 2, r"Unrecognized clause in \$push: \$like"),
    ({"$push": {"a": {"$each": [], "$slice": "x"}}}, 2, r"The value for \$slice must be"),
    ({"$push": {"a": {"$each": [], "$position": 1.5}}}, 2, r"The value for \$position must be"),
    ({"$push": {"a": {"$each": [], "$sort": 2}}}, 2, "must be either 1 or -1"),
    ({"$push": {"a": {"$each": [], "$sort": {}}}}, 2, r"The \$sort pattern is empty"),
    ({"$push": {"a": {"$each": [], "$sort": {"x": 0}}}}, 2, "must be either 1 or -1"),
    ({"$push": {"a": {"$each": [], "$sort": {"x.": 1}}}}, 2, "has an empty part"),
    ({"$push": {"a": {"$each": [], "$sort": {"": 1}}}}, 2, "field cannot be empty"),
    ({"$push": {"a": {"$each": [], "$sort": "x"}}}, 2, r"The \$sort is invalid"),
    ({"$addToSet": {"n": 1}}, 2, "has non-array type int"),
    ({"$addToSet": {"a": {"$each": 1}}}, 14, r"The argument to \$each in \$addToSet"),
    ({"$addToSet": {"a": {"$each": [], "$slice": 1}}}, 2, "Found unexpected fields after"),
    ({"$pop": {"a": 2}}, 9, r"\$pop expects 1 or -1, found: 2"),
    ({"$pop": {"a": "x"}}, 9, "Expected a number in"),
    ({"$pop": {"n": 1}}, 14, "Path 'n' contains an element of non-array type 'int'"),
    ({"$pop": {"n.x": 1}}, 28, r"Cannot use the part \(x\) of \(n\.x\) to traverse"),
    ({"$pull": {"n": 1}}, 2, r"Cannot apply \$pull to a non-array value"),
    ({"$pull": {"a": {"$like": 1}}}, 2, r"unknown top level operator: \$like"),
    ({"$pull": {"a": {"$expr": 1}}}, 224, "not allowed in this context"),
    ({"$pullAll": {"a": 1}}, 2, r"\$pullAll requires an array argument but was given a int"),
    ({"$pullAll": {"s": []}}, 2, "non-array value"),
    ({"$bit": {"n": 1}}, 2, r"The \$bit modifier is not compatible with a int"),
    ({"$bit": {"n": {}}}, 2, "at least one bitwise operation"),
    ({"$bit": {"n": {"not": 1}}}, 2, "only supports 'and', 'or', and 'xor', not 'not'"),
    ({"$bit": {"n": {"or": 1.5}}}, 2, "a 'double' is not supported here"),
    ({"$bit": {"d": {"or": 1}}}, 2, "of non-integer type double"),
]


@pytest.mark.parametrize(
    ("update", "code", "message"), WRONG, ids=[str(row[0])[:80] for row in WRONG]
)
def test_an_update_is_refused(update: Any, code: int, message: str) -> None:
    with pytest.raises(MongoError, match=message) as refused:
        compile_update(update, context=CONTEXT).apply(FULL, None, False)
    assert refused.value.code == code


def test_an_id_may_be_set_to_what_it_is() -> None:
    assert updated({"$set": {"_id": 7, "n": 1}}, {"_id": 7}) == {"_id": 7, "n": 1}
    assert updated({"n": 1, "_id": 7}, {"_id": 7}) == {"_id": 7, "n": 1}
    assert list(updated({"n": 1, "_id": 7}, {"_id": 7})) == ["_id", "n"]


@pytest.mark.parametrize("value", [[1], Regex("x")])
def test_an_id_may_not_be_of_every_type(value: Any) -> None:
    with pytest.raises(MongoError, match="'_id' value cannot be of type") as refused:
        updated({"$set": {"_id": value}}, {}, is_insert=True)
    assert refused.value.code == 53


def test_the_matched_element_is_updated() -> None:
    document = {"a": [{"k": 1, "v": [1]}, {"k": 2, "v": [2]}], "b": [5, 6]}
    update = {"$set": {"a.$.v.0": 9}, "$inc": {"a.$.k": 1}}
    found = updated(update, document, found_by={"a.k": 2})
    assert found["a"] == [{"k": 1, "v": [1]}, {"k": 3, "v": [9]}]
    both = updated({"$set": {"a.$.x": 1, "a.1.y": 2}}, document, found_by={"a.k": 2})
    assert both["a"][1] == {"k": 2, "v": [2], "x": 1, "y": 2}


POSITIONAL: list[tuple[Document, Document, int, str]] = [
    ({"$set": {"a.$": 1}}, {}, 2, "did not find the match needed from the query"),
    ({"$set": {"$": 1}}, {}, 2, "element in the first position"),
    ({"$set": {"a.$.b.$": 1}}, {"a": 1}, 2, "Too many positional"),
    ({"$set": {"a.$": 1, "a.0": 2}}, {"a": 1}, 40, r"Update created a conflict at 'a\.0'"),
]


@pytest.mark.parametrize(("update", "found_by", "code", "message"), POSITIONAL)
def test_the_matched_element_must_be_known(
    update: Document, found_by: Document, code: int, message: str
) -> None:
    with pytest.raises(MongoError, match=message) as refused:
        updated(update, {"a": [1, 2]}, found_by=found_by)
    assert refused.value.code == code


FILTERED: list[tuple[Document, list[Any], Document, Document]] = [
    ({"$inc": {"a.$[]": 1}}, [], {"a": [1, 2]}, {"a": [2, 3]}),
    ({"$set": {"a.$[].x": 0}}, [], {"a": [{"x": 1}, {}]}, {"a": [{"x": 0}, {"x": 0}]}),
    ({"$set": {"a.$[e]": 0}}, [{"e": {"$gt": 1}}], {"a": [1, 2, 3]}, {"a": [1, 0, 0]}),
    ({"$set": {"a.$[e]": 0}}, [{"e": [5]}], {"a": [5, [5]]}, {"a": [5, 0]}),
    (
        {"$set": {"a.$[e].v": 0}},
        [{"e.k": 2, "e.n": {"$lt": 5}}],
        {"a": [{"k": 2, "n": 1}, {"k": 2, "n": 9}, {"k": 1}]},
        {"a": [{"k": 2, "n": 1, "v": 0}, {"k": 2, "n": 9}, {"k": 1}]},
    ),
    (
        {"$inc": {"a.$[e].v.$[f]": 10}},
        [{"e.k": 2}, {"f": {"$gte": 2}}],
        {"a": [{"k": 1, "v": [5]}, {"k": 2, "v": [1, 2]}]},
        {"a": [{"k": 1, "v": [5]}, {"k": 2, "v": [1, 12]}]},
    ),
    (
        {"$set": {"a.$[e].x": 1, "a.$[f].y": 2}},
        [{"e.k": 1}, {"f.k": 1}],
        {"a": [{"k": 1}, {"k": 2}]},
        {"a": [{"k": 1, "x": 1, "y": 2}, {"k": 2}]},
    ),
    (
        {"$set": {"a.$[e].x": 1}},
        [{"$or": [{"e.k": 1}, {"e.k": 3}]}],
        {"a": [{"k": 1}, {"k": 2}, {"k": 3}]},
        {"a": [{"k": 1, "x": 1}, {"k": 2}, {"k": 3, "x": 1}]},
    ),
    ({"$unset": {"a.$[e]": 1}}, [{"e": 2}], {"a": [1, 2]}, {"a": [1, None]}),
    ({"$set": {"a.$[e]": 0}}, [{"e": 9}], {"a": [1]}, {"a": [1]}),
    ({"$push": {"a.$[].l": 1}}, [], {"a": [{"l": [0]}, {}]}, {"a": [{"l": [0, 1]}, {"l": [1]}]}),
]


@pytest.mark.parametrize(
    ("update", "filters", "document", "expected"), FILTERED, ids=[str(row[0]) for row in FILTERED]
)
def test_filtered_elements_are_updated(
    update: Document, filters: list[Any], document: Document, expected: Document
) -> None:
    assert updated(update, document, array_filters=filters) == expected


FILTERS_WRONG: list[tuple[Any, list[Any], int, str]] = [
    ({"$set": {"a.$[e]": 1}}, [], 2, "No array filter found for identifier 'e' in path"),
    ({"$set": {"n": 1}}, [{"e": 1}], 9, "identifier 'e' was not used in the update"),
    ({"$set": {"a.$[e]": 1}}, [{"e": 1}, {"e": 2}], 9, "multiple array filters with the same"),
    ({"$set": {"a.$[e]": 1}}, [{"e": 1, "f": 2}], 9, "Expected a single top-level field name"),
    ({"$set": {"a.$[e]": 1}}, [{}], 9, "without a top-level field name"),
    ({"$set": {"a.$[E]": 1}}, [{"E": 1}], 2, "beginning with a lowercase letter"),
    ({"$set": {"a.$[e]": 1}}, [{"e": {"$like": 1}}], 2, r"unknown operator: \$like"),
    ({"$set": {"a.$[e]": 1}}, [{"$expr": 1}], 9, "without a top-level field name"),
    ({"$set": {"a.$[e]": 1}}, [1], 14, "must be an object"),
    ({"$set": {"$[].a": 1}}, [], 2, "in the first position"),
    ({"$set": {"n.$[]": 1}}, [], 2, "Cannot apply array updates to non-array element n: 5"),
    ({"$set": {"x.$[]": 1}}, [], 2, "must exist in the document in order to apply array updates"),
    ({"$set": {"a.$[].x": 1, "a.$[e].x": 1}}, [{"e": {"k": 1}}], 40, "created a conflict at"),
    ({"b": 1}, [{"e": 1}], 9, "arrayFilters may not be specified"),
    ([{"$set": {}}], [{"e": 1}], 9, "arrayFilters may not be specified for pipeline"),
]


@pytest.mark.parametrize(
    ("update", "filters", "code", "message"),
    FILTERS_WRONG,
    ids=[f"{row[0]} {row[1]}" for row in FILTERS_WRONG],
)
def test_wrong_filters_of_elements_are_refused(
    update: Any, filters: list[Any], code: int, message: str
) -> None:
    document = {"_id": 7, "a": [{"k": 1}], "n": 5}
    with pytest.raises(MongoError, match=message) as refused:
        updated(update, document, array_filters=filters)
    assert refused.value.code == code


def test_a_pipeline_updates() -> None:
    found = updated([{"$set": {"b": "$a"}}], {"_id": 7, "a": 1})
    assert found == {"_id": 7, "a": 1, "b": 1}
    with pytest.raises(MongoError) as refused:
        updated([{"$set": {"_id": 5}}], {"_id": 7})
    assert refused.value.code == 66


def test_what_is_not_touched_keeps_its_bytes() -> None:
    document = {"_id": 7, "x": Binary(b"u" * 16, 4), "c": Code("f", {"a": 1}), "z": -0.0, "n": 1}
    assert identical(updated({"$inc": {"n": 1}}, document), {**document, "n": 2})
