"""Collections and indexes: which can be, which conflict, which are refused."""

from typing import Any

import pytest
from bson import DatetimeMS, Int64, Regex

from stend.engines.mongo.errors import MongoError
from stend.engines.mongo.store.collection import Collection
from stend.engines.mongo.store.index_specs import parse_index
from stend.engines.mongo.store.names import check_collection
from stend.engines.mongo.store.options import parse_options
from tests.engines.mongo.store.standing import Standing, found, planned

Document = dict[str, Any]


@pytest.mark.parametrize(
    ("database", "name", "is_right"),
    [
        ("db", "c", True),
        ("db", "a.b-c d", True),
        ("d" * 63, "c", True),
        ("d" * 64, "c", False),
        ("", "c", False),
        ("a.b", "c", False),
        ("a b", "c", False),
        ("a$", "c", False),
        ("db", "", False),
        ("db", ".c", False),
        ("db", "c.", False),
        ("db", "a..b", False),
        ("db", "a$b", False),
        ("db", "system.users", False),
        ("db", "c" * 252, True),
        ("db", "c" * 253, False),
    ],
)
def test_names(database: str, name: str, *, is_right: bool) -> None:
    if is_right:
        check_collection(database, name)
        return
    with pytest.raises(MongoError) as refused:
        check_collection(database, name)
    assert refused.value.code == 73


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({}, 0),
        ({"capped": False}, 0),
        ({"storageEngine": {}, "idIndex": {"key": {"_id": 1}, "name": "_id_"}}, 0),
        ({"changeStreamPreAndPostImages": {"enabled": False}}, 0),
        ({"validator": {"a": 1}, "validationLevel": "moderate", "validationAction": "warn"}, 0),
        ({"capped": True, "size": 1000}, 238),
        ({"size": 1000}, 72),
        ({"timeseries": {"timeField": "t"}}, 238),
        ({"viewOn": "c", "pipeline": []}, 238),
        ({"clusteredIndex": {"key": {"_id": 1}, "unique": True}}, 238),
        ({"changeStreamPreAndPostImages": {"enabled": True}}, 238),
        ({"collation": {"locale": "en"}}, 238),
        ({"validator": 1}, 14),
        ({"validationLevel": "some"}, 2),
        ({"validationAction": 1}, 14),
        ({"foo": 1}, 40415),
        ({"idIndex": {"key": {"a": 1}, "name": "_id_"}}, 2),
    ],
    ids=str,
)
def test_options(options: Document, code: int) -> None:
    if not code:
        parsed = parse_options(options)
        assert parse_options(parsed.document()) == parsed
        return
    with pytest.raises(MongoError) as refused:
        parse_options(options)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("spec", "code"),
    [
        ({"key": {"a": 1}, "name": "a"}, 0),
        ({"key": {"a": 1.0, "b.c": -1}, "name": "a", "v": 2, "background": True}, 0),
        ({"key": {"a": Int64(1)}, "name": "a", "unique": 1, "hidden": False}, 0),
        ({"key": {"a": 1}, "name": "a", "expireAfterSeconds": 0}, 0),
        ({"key": {"a": 1}, "name": "a", "collation": {"locale": "simple"}}, 0),
        ({"key": {"_id": 1}, "name": "any"}, 0),
        ({"name": "a"}, 9),
        ({"key": {"a": 1}}, 9),
        ({"key": 1, "name": "a"}, 14),
        ({"key": {}, "name": "a"}, 67),
        ({"key": {"a": 0}, "name": "a"}, 67),
        ({"key": {"a": {}}, "name": "a"}, 67),
        ({"key": {"a": True}, "name": "a"}, 67),
        ({"key": {"a": "text"}, "name": "a"}, 67),
        ({"key": {"a": "hashed"}, "name": "a"}, 67),
        ({"key": {"a": "2dsphere"}, "name": "a"}, 67),
        ({"key": {"a": "foo"}, "name": "a"}, 67),
        ({"key": {"$**": 1}, "name": "a"}, 67),
        ({"key": {"a..b": 1}, "name": "a"}, 67),
        ({"key": {"a.$b": 1}, "name": "a"}, 67),
        ({"key": {str(number): 1 for number in range(33)}, "name": "a"}, 13103),
        ({"key": {"a": 1}, "name": ""}, 67),
        ({"key": {"a": 1}, "name": "*"}, 2),
        ({"key": {"a": 1}, "name": "_id_"}, 2),
        ({"key": {"_id": -1}, "name": "a"}, 2),
        ({"key": {"_id": 1}, "name": "a", "unique": True}, 197),
        ({"key": {"a": 1}, "name": "a", "foo": 1}, 197),
        ({"key": {"a": 1}, "name": "a", "weights": {}}, 67),
        ({"key": {"a": 1}, "name": "a", "v": 1}, 67),
        ({"key": {"a": 1}, "name": "a", "unique": "yes"}, 14),
        ({"key": {"a": 1}, "name": "a", "collation": {"locale": "ru"}}, 67),
        ({"key": {"a": 1}, "name": "a", "expireAfterSeconds": -1}, 67),
        ({"key": {"a": 1}, "name": "a", "expireAfterSeconds": "1"}, 67),
        ({"key": {"a": 1, "b": 1}, "name": "a", "expireAfterSeconds": 1}, 67),
        ({"key": {"a": 1}, "name": "a", "partialFilterExpression": 1}, 14),
        ({"key": {"a": 1}, "name": "a", "partialFilterExpression": {"a": {"$ne": 1}}}, 67),
        ({"key": {"a": 1}, "name": "a", "partialFilterExpression": {"a": {"$exists": False}}}, 67),
        ({"key": {"a": 1}, "name": "a", "partialFilterExpression": {"$nor": []}}, 67),
        ({"key": {"a": 1}, "name": "a", "sparse": True, "partialFilterExpression": {"a": 1}}, 67),
    ],
    ids=str,
)
def test_index_specs(spec: Document, code: int) -> None:
    if not code:
        parsed = parse_index(spec)
        assert parse_index(parsed.document()) == parsed
        return
    with pytest.raises(MongoError) as refused:
        parse_index(spec)
    assert refused.value.code == code


_THERE = {"key": {"a": 1}, "name": "a_1"}


@pytest.mark.parametrize(
    ("spec", "code"),
    [
        (_THERE, None),
        ({"key": {"_id": 1}, "name": "_id_"}, None),
        ({"key": {"a": 1}, "name": "other"}, 85),
        ({"key": {"a": 1}, "name": "a_1", "expireAfterSeconds": 5}, 85),
        ({"key": {"a": 1}, "name": "other", "hidden": True}, 85),
        ({"key": {"b": 1}, "name": "a_1"}, 86),
        ({"key": {"a": 1}, "name": "a_1", "unique": True}, 86),
        ({"key": {"a": 1}, "name": "unique", "unique": True}, 0),
        ({"key": {"a": -1}, "name": "a_-1"}, 0),
    ],
    ids=str,
)
def test_indexes_that_are_there(spec: Document, code: int | None) -> None:
    standing = Standing()
    collection = standing.collection()
    catalogue = standing.store.catalogue
    catalogue.create_indexes(collection, [parse_index(_THERE)])
    if code:
        with pytest.raises(MongoError) as refused:
            catalogue.create_indexes(collection, [parse_index(spec)])
        assert refused.value.code == code
        return
    created = catalogue.create_indexes(collection, [parse_index(spec)])
    assert created == ([] if code is None else [spec["name"]])


def test_there_are_at_most_64_indexes_and_all_or_none_are_made() -> None:
    standing = Standing()
    collection = standing.collection()
    specs = [parse_index({"key": {f"f{n}": 1}, "name": f"f{n}"}) for n in range(64)]
    with pytest.raises(MongoError, match="too many indexes"):
        standing.store.catalogue.create_indexes(collection, specs)
    assert list(collection.indexes) == ["_id_"]
    standing.store.catalogue.create_indexes(collection, specs[:-1])
    assert len(collection.indexes) == 64
    with pytest.raises(MongoError, match="cannot drop _id index"):
        standing.store.catalogue.drop_indexes(collection, ["_id_"])


def test_a_unique_index_cannot_be_made_over_duplicates() -> None:
    standing = Standing()
    collection = standing.collection()
    for number in range(3):
        collection.insert({"_id": number, "a": {"b": number // 2}})
    before = standing.store.memory_bytes
    spec = parse_index({"key": {"a.b": 1, "c": -1}, "name": "u", "unique": True})
    with pytest.raises(MongoError) as duplicate:
        standing.store.catalogue.create_indexes(collection, [spec])
    assert duplicate.value.code == 11000
    assert duplicate.value.message == (
        "E11000 duplicate key error collection: db.c index: u dup key: { a.b: 0, c: null }"
    )
    assert duplicate.value.details == {
        "keyPattern": {"a.b": 1, "c": -1},
        "keyValue": {"a.b": 0, "c": None},
    }
    assert (list(collection.indexes), standing.store.memory_bytes) == (["_id_"], before)


@pytest.mark.parametrize(
    ("options", "first", "second", "code"),
    [
        ({}, {"a": 1}, {"a": 1.0}, 11000),
        ({}, {}, {"a": None}, 11000),
        ({}, {"a": [1, 2]}, {"a": [2, 3]}, 11000),
        ({}, {"a": [1, 1]}, {"a": [2, 2]}, 0),
        ({}, {"a": []}, {"a": None}, 0),
        ({}, {"a": []}, {"a": []}, 11000),
        ({"sparse": True}, {}, {}, 0),
        ({"sparse": True}, {"a": None}, {"a": None}, 11000),
        ({"partialFilterExpression": {"b": 1}}, {"a": 1}, {"a": 1}, 0),
        ({"partialFilterExpression": {"b": 1}}, {"a": 1, "b": 1}, {"a": 1}, 0),
        ({"partialFilterExpression": {"b": 1}}, {"a": 1, "b": 1}, {"a": 1, "b": 1}, 11000),
    ],
    ids=str,
)
def test_unique_indexes(options: Document, first: Document, second: Document, code: int) -> None:
    standing = Standing()
    collection = standing.collection()
    spec = parse_index({"key": {"a": 1}, "name": "u", "unique": True, **options})
    standing.store.catalogue.create_indexes(collection, [spec])
    collection.insert({"_id": 1, **first})
    if not code:
        collection.insert({"_id": 2, **second})
        return
    with pytest.raises(MongoError) as duplicate:
        collection.insert({"_id": 2, **second})
    assert duplicate.value.code == code
    record = collection.insert({"_id": 3, "a": "other", "b": 1})
    with pytest.raises(MongoError) as duplicate:
        collection.replace(record, {"_id": 3, "b": 1, **second})
    assert duplicate.value.code == code
    assert found(collection, {"a": "other"}) == [{"_id": 3, "a": "other", "b": 1}]


def test_a_duplicate_empty_array_is_told() -> None:
    standing = Standing()
    collection = standing.collection()
    spec = parse_index({"key": {"a": 1, "b": 1}, "name": "u", "unique": True})
    standing.store.catalogue.create_indexes(collection, [spec])
    collection.insert({"_id": 1, "a": []})
    with pytest.raises(MongoError) as duplicate:
        collection.insert({"_id": 2, "a": []})
    assert duplicate.value.message.endswith("dup key: { a: undefined, b: null }")
    assert duplicate.value.details == {
        "keyPattern": {"a": 1, "b": 1},
        "keyValue": {"a": None, "b": None},
    }


def test_a_collection_is_created_once() -> None:
    standing = Standing()
    catalogue = standing.store.catalogue
    collection = standing.collection()
    assert standing.collection() is collection
    with pytest.raises(MongoError) as other_options:
        standing.collection(options={"validator": {"a": 1}})
    assert other_options.value.code == 48
    with pytest.raises(MongoError) as other_case:
        catalogue.create("DB", "c", parse_options({}))
    assert other_case.value.code == 13297
    assert (catalogue.databases(), [each.name for each in catalogue.of("db")]) == (["db"], ["c"])


def test_names_that_a_transaction_will_take_are_taken() -> None:
    standing = Standing()
    catalogue = standing.store.catalogue
    catalogue.create("db", "c", parse_options({}), standing.store.begin())
    with pytest.raises(MongoError) as other_case:
        catalogue.create("DB", "c", parse_options({}), standing.store.begin())
    assert other_case.value.code == 13297


def test_renaming() -> None:
    standing = Standing()
    catalogue = standing.store.catalogue
    first, second = standing.collection("a"), standing.collection("b")
    first.insert({"_id": 1})
    for database, name, code in (("db", "b", 48), ("db", "a", 20), ("x", "c", 115), ("db", "", 73)):
        with pytest.raises(MongoError) as refused:
            catalogue.rename(first, database, name, drops_target=False)
        assert refused.value.code == code
    scan = planned(second).run()
    second.insert({"_id": 2})
    catalogue.rename(first, "db", "b", drops_target=True)
    with pytest.raises(MongoError) as killed:
        list(scan)
    assert killed.value.code == 175
    assert catalogue.find("db", "a") is None
    assert catalogue.find("db", "b") is first
    assert found(first) == [{"_id": 1}]


def test_what_is_dropped_frees_the_memory() -> None:
    standing = Standing()
    catalogue = standing.store.catalogue
    collection = standing.collection()
    catalogue.create_indexes(collection, [parse_index({"key": {"a": 1}, "name": "a"})])
    for number in range(10):
        collection.insert({"_id": number, "a": [1, 2, 3]})
    scan = planned(collection, filter={"a": 1}).run()
    next(scan)
    catalogue.drop_indexes(collection, ["a"])
    with pytest.raises(MongoError, match="index 'a' dropped"):
        list(scan)
    catalogue.drop(collection)
    assert standing.store.memory_bytes == 0
    assert catalogue.databases() == []
    assert list(planned(None, filter={"a": 1}).run()) == []


def test_validators() -> None:
    standing = Standing()
    schema = {"required": ["n"], "properties": {"n": {"bsonType": "int"}}}
    collection = standing.collection(options={"validator": {"$jsonSchema": schema}})
    with pytest.raises(MongoError) as failed:
        collection.insert({"_id": 1, "n": "x"})
    assert (failed.value.code, failed.value.message) == (121, "Document failed validation")
    info = failed.value.details["errInfo"]
    assert info["failingDocumentId"] == 1
    assert info["details"]["operatorName"] == "$jsonSchema"
    assert info["details"]["schemaRulesNotSatisfied"]
    bad = collection.insert({"_id": 1, "n": "x"}, is_checked=False)
    good = collection.insert({"_id": 2, "n": 1})
    view = standing.store.begin()
    standing.store.catalogue.find("db", "c", view)
    for record, number, seen in ((bad, 1, None), (good, 2, None), (good, 2, view)):
        with pytest.raises(MongoError) as failed:
            collection.replace(record, {"_id": number, "n": "y"}, seen)
        assert failed.value.code == 121
    standing.store.abort(view)
    modify = standing.store.catalogue.modify
    modify(collection, {"validationLevel": "moderate"})
    assert collection.replace(bad, {"_id": 1, "n": "y"})
    with pytest.raises(MongoError) as failed:
        collection.replace(good, {"_id": 2, "n": "y"})
    assert failed.value.code == 121
    modify(collection, {"validationAction": "warn"})
    assert collection.replace(good, {"_id": 2, "n": "y"})
    assert len(standing.warnings) == 1
    modify(collection, {"validationAction": "error", "validationLevel": "off"})
    collection.insert({"_id": 3})
    with pytest.raises(MongoError) as wrong:
        modify(collection, {"validator": {"a": {"$foo": 1}}})
    assert wrong.value.code == 2
    assert collection.options.validator == {"$jsonSchema": schema}


def test_internal_databases_have_no_validators() -> None:
    catalogue = Standing().store.catalogue
    with pytest.raises(MongoError) as refused:
        catalogue.create("admin", "c", parse_options({"validator": {"a": 1}}))
    assert refused.value.code == 72
    collection = catalogue.create("config", "c", parse_options({}))
    with pytest.raises(MongoError, match="in the config internal database"):
        catalogue.modify(collection, {"validator": {"a": 1}})


def test_a_validator_of_several_clauses_tells_which_failed() -> None:
    standing = Standing()
    validator = {"a": {"$gt": 1, "$lt": 5}, "$and": [{"b": 1}, {"$or": [{"c": 1}, {"_id": 1}]}]}
    collection = standing.collection(options={"validator": validator})
    with pytest.raises(MongoError) as failed:
        collection.insert({"_id": 1, "a": 7})
    assert failed.value.details["errInfo"]["details"] == {
        "operatorName": "$and",
        "clausesNotSatisfied": [
            {"index": 1, "details": {"operatorName": "$lt", "specifiedAs": {"a": {"$lt": 5}}}},
            {"index": 2, "details": {"operatorName": "$eq", "specifiedAs": {"b": 1}}},
        ],
    }


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ({"_id": [1]}, 53),
        ({"_id": Regex("a", 0)}, 53),
        ({"a": 1}, 53),
        ({"_id": {"$a": 1}}, 52),
        ({"_id": 1, "a": "x" * (16 * 1024 * 1024)}, 10334),
        ({"_id": 1, "a": 2**70}, 2),
    ],
    ids=["array", "regex", "none", "dollar", "large", "number"],
)
def test_documents_that_cannot_be_stored(document: Document, code: int) -> None:
    with pytest.raises(MongoError) as refused:
        Standing().collection().insert(document)
    assert refused.value.code == code


def test_a_document_can_be_so_deep() -> None:
    collection = Standing().collection()

    def nested(levels: int) -> Document:
        inner: Document = {"_id": levels}
        for at in range(levels):
            inner = {"a": inner} if at % 2 else {"a": [inner]}
        return {"_id": levels, "a": inner}

    collection.insert(nested(100))
    with pytest.raises(MongoError, match="exceeds 180 levels"):
        collection.insert(nested(140))


def test_the_id_of_a_record_stays() -> None:
    collection = Standing().collection()
    record = collection.insert({"_id": 1})
    was = collection.raw(record)
    for other in ({"_id": 2}, {"_id": 1.0}):
        with pytest.raises(MongoError) as refused:
            collection.replace(record, other)
        assert refused.value.code == 66
    assert collection.replace(record, {"_id": 1, "a": 1}, was=was)
    assert not collection.replace(record, {"_id": 1, "a": 2}, was=was)
    assert not collection.delete(record, was=was)
    assert collection.delete(record)
    assert not collection.delete(record)
    assert not collection.replace(record, {"_id": 1})


def _insert_many(collection: Collection, numbers: range) -> None:
    for number in numbers:
        collection.insert({"_id": number, "t": "x" * 5000})


def test_the_memory_has_a_limit_and_deleting_helps() -> None:
    standing = Standing(memory_limit_bytes=100_000)
    collection = standing.collection()
    records = [collection.insert({"_id": number, "t": "x" * 5000}) for number in range(17)]
    with pytest.raises(MongoError) as full:
        _insert_many(collection, range(20, 40))
    assert full.value.code == 14031
    for record in records:
        collection.delete(record)
    collection.insert({"_id": 99, "t": "x" * 5000})


def test_documents_expire() -> None:
    standing = Standing()
    collection = standing.collection()
    spec = parse_index({"key": {"at": -1}, "name": "ttl", "expireAfterSeconds": 10})
    standing.store.catalogue.create_indexes(collection, [spec])
    now = standing.seconds

    def at(seconds: float) -> DatetimeMS:
        return DatetimeMS(int((now + seconds) * 1000))

    values: list[Any] = [at(-11), at(-10), at(-9), [at(5), at(-60)], None, "x", 5, [], at(5)]
    for number, value in enumerate(values):
        collection.insert({"_id": number, "at": value})
    view = standing.store.begin()
    standing.store.catalogue.find("db", "c", view)
    held = next(record for record, document in planned(collection).run() if document["_id"] == 0)
    collection.delete(held, view)
    assert standing.store.expire(now) == 2
    standing.store.abort(view)
    assert standing.store.expire(now, most=5) == 1
    assert [document["_id"] for document in found(collection)] == [2, 4, 5, 6, 7, 8]
    catalogue = standing.store.catalogue
    catalogue.modify(collection, {}, index="ttl", expire_after_s=0)
    assert standing.store.expire(now) == 1
    assert collection.indexes["ttl"].spec.document()["expireAfterSeconds"] == 0
