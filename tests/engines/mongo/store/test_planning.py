"""Whatever index serves a query, the documents are those of a scan of all, in the order asked."""

from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from bson import DatetimeMS, Decimal128, Int64, ObjectId, Regex

from stend.engines.mongo.errors import Code, MongoError
from stend.engines.mongo.query.matching import compile_filter
from stend.engines.mongo.query.sorting import sort_key
from stend.engines.mongo.store.collection import Collection
from stend.engines.mongo.store.index_specs import parse_index
from tests.engines.mongo.store.standing import CONTEXT, Standing, found, planned

Document = dict[str, Any]

_SCALARS: list[Any] = [
    None,
    0,
    1,
    2,
    Int64(3),
    1.5,
    -0.0,
    float("nan"),
    Decimal128("2"),
    "",
    "a",
    "ab",
    "abc",
    "b",
    True,
    False,
    DatetimeMS(5),
    ObjectId(b"\1" * 12),
    {"x": 1},
    {},
    b"bytes",
]
_INDEXES: list[Document] = [
    {"a": 1},
    {"a": -1},
    {"b": 1, "a": 1},
    {"a": 1, "b": -1},
    {"a": -1, "b": 1, "c": 1},
    {"d.x": 1},
    {"d.x": 1, "d.y": -1},
    {"c": 1, "d.y": 1},
]


def _value(random: Random, depth: int = 0) -> Any:
    if depth < 2 and random.random() < 0.2:
        return [_value(random, depth + 1) for _ in range(random.randrange(4))]
    return random.choice(_SCALARS)


def _document(random: Random, number: int) -> Document:
    document: Document = {"_id": number}
    for name in "abc":
        if random.random() < 0.8:
            document[name] = random.choice(_SCALARS)
    arrays = random.randrange(4)
    if arrays < 3:
        document["abc"[arrays]] = _value(random)
    if random.random() < 0.7 and not any(isinstance(v, list) for v in document.values()):
        inner = [
            {"x": random.choice(_SCALARS), "y": random.choice(_SCALARS)}
            for _ in range(random.randrange(3))
        ]
        document["d"] = inner if random.random() < 0.6 else {"x": _value(random), "y": 1}
    return document


def _condition(random: Random) -> Any:
    operand = random.choice(_SCALARS)
    kind = random.randrange(12)
    if kind < 3:
        return _value(random)
    if kind < 6:
        return {random.choice(["$gt", "$gte", "$lt", "$lte", "$eq", "$ne"]): operand}
    if kind == 6:
        return {"$gte": random.choice([0, "a"]), "$lte": random.choice([2, "b", 1.5])}
    if kind == 7:
        return {"$in": [random.choice(_SCALARS) for _ in range(3)]}
    if kind == 8:
        return {"$exists": random.random() < 0.5}
    if kind == 9:
        return {"$elemMatch": {"$gte": 0, "$lt": 2}}
    if kind == 10:
        return random.choice([Regex("^ab", 0), Regex("b", 0), Regex("^A", 2)])
    return {"$regex": random.choice(["^a", "^ab*", "^a|b", "^ab?c"])}


def _filter(random: Random) -> Document:
    spec: Document = {}
    for path in random.sample(["a", "b", "c", "d.x", "d.y", "d", "_id"], random.randrange(1, 4)):
        spec[path] = random.randrange(40) if path == "_id" else _condition(random)
    if random.random() < 0.15:
        return {"$or": [spec, {"a": _condition(random)}], "c": {"$exists": True}}
    if random.random() < 0.15:
        return {"$and": [spec, {"d": {"$elemMatch": {"x": random.choice(_SCALARS), "y": 1}}}]}
    return spec


def _fits(write: Callable[[], object]) -> bool:
    """Whether the index can have a document: two arrays in one key it cannot."""
    try:
        write()
    except MongoError as error:
        if error.code == Code.CannotIndexParallelArrays:
            return False
        raise
    return True


def _filled(random: Random, index: Document, **options: Any) -> tuple[Collection, list[Document]]:
    spec = parse_index({"key": index, "name": "i", **options})
    is_early = random.random() < 0.5
    standing = Standing()
    collection = standing.collection()
    if is_early:
        standing.store.catalogue.create_indexes(collection, [spec])
    documents = []
    for number in range(40):
        document = _document(random, number)
        if _fits(lambda: collection.insert(document)):  # noqa: B023
            documents.append(document)
    if not is_early:
        standing.store.catalogue.create_indexes(collection, [spec])
    return collection, documents


def _expected(documents: list[Document], spec: Document, sort: Document) -> list[Document] | None:
    """None where two arrays cannot be sorted by."""
    matches = compile_filter(spec, context=CONTEXT).matches
    matching = [document for document in documents if matches(document)]
    try:
        return sorted(matching, key=sort_key(sort)) if sort else matching
    except MongoError as error:
        if error.code == Code.BadValue:
            return None
        raise


def _check(
    collection: Collection, documents: list[Document], spec: Document, sort: Document
) -> None:
    expected = _expected(documents, spec, sort)
    if expected is None:
        return
    actual = found(collection, spec, sort=sort)
    assert sorted(each["_id"] for each in actual) == sorted(each["_id"] for each in expected), spec
    if sort:
        key = sort_key(sort)
        assert [key(each) for each in actual] == [key(each) for each in expected], (spec, sort)


_SORTS: list[Document] = [
    {},
    {},
    {"a": 1},
    {"a": -1},
    {"b": -1, "a": -1},
    {"a": 1, "b": -1},
    {"a": -1, "b": 1},
    {"d.x": 1},
    {"d.x": -1, "d.y": 1},
]


@pytest.mark.parametrize("index", _INDEXES, ids=str)
def test_an_index_gives_what_a_scan_gives(index: Document) -> None:
    random = Random(str(index))
    for _ in range(3):
        collection, documents = _filled(random, index)
        for _ in range(60):
            _check(collection, documents, _filter(random), random.choice(_SORTS))


@pytest.mark.parametrize(
    "options",
    [
        {"sparse": True},
        {"partialFilterExpression": {"a": {"$gt": 0}}},
        {"partialFilterExpression": {"a": {"$exists": True}, "b": {"$gte": "a"}}},
        {"partialFilterExpression": {"$or": [{"a": 1}, {"b": "ab"}]}},
        {"partialFilterExpression": {"a": {"$in": [1, 2]}}},
        {"partialFilterExpression": {"a": {"$type": "number"}}},
    ],
    ids=str,
)
def test_an_index_without_some_documents_is_used_only_where_none_is_missed(
    options: Document,
) -> None:
    random = Random(str(options))
    for index in ({"a": 1}, {"a": 1, "b": 1}, {"b": -1}):
        collection, documents = _filled(random, index, **options)
        for _ in range(60):
            _check(collection, documents, _filter(random), random.choice(_SORTS))
    assert planned(collection, filter={"b": "zz", "a": 1}).winning()


def test_records_that_change_keep_their_index_right() -> None:
    random = Random(7)
    collection, documents = _filled(random, {"a": 1, "b": -1})
    numbers = {document["_id"]: record for record, document in planned(collection).run()}
    for _ in range(200):
        document = random.choice(documents)
        number = document["_id"]
        new = _document(random, number)
        if _fits(lambda: collection.replace(numbers[number], new)):  # noqa: B023
            documents[documents.index(document)] = new
    for _ in range(60):
        _check(collection, documents, _filter(random), random.choice(_SORTS))
    for record in numbers.values():
        collection.delete(record)
    index = collection.indexes["i"]
    assert (index.key_count, index.distinct_count) == (0, 0)
