"""Stock pymongo reads and writes; what is wrong is refused as MongoDB does."""

import datetime as dt
from typing import Any

import pytest
from bson import (
    Binary,
    Code,
    CodecOptions,
    Decimal128,
    Int64,
    MaxKey,
    MinKey,
    ObjectId,
    Regex,
    Timestamp,
)
from pymongo import ASCENDING, DESCENDING, ReturnDocument, WriteConcern
from pymongo.errors import (
    DuplicateKeyError,
    ExecutionTimeout,
    OperationFailure,
    WriteError,
)
from pymongo.synchronous.collection import Collection
from pymongo.synchronous.database import Database

Document = dict[str, Any]
Things = Collection[Document]


class TestInserting:
    def test_one_and_many(self, things: Things) -> None:
        one = things.insert_one({"a": 1})
        many = things.insert_many([{"_id": 7}, {"_id": "x"}])
        assert isinstance(one.inserted_id, ObjectId)
        assert many.inserted_ids == [7, "x"]
        assert [found["_id"] for found in things.find()] == [one.inserted_id, 7, "x"]

    def test_every_type_comes_back_as_it_was(self, things: Things) -> None:
        document = {
            "_id": 1,
            "double": 1.0,
            "minus": -0.0,
            "string": "жук\0",
            "object": {"b": 1, "a": [1, {"c": None}]},
            "binary": Binary(b"\1\2", 5),
            "bytes": b"\1",
            "oid": ObjectId(),
            "bool": True,
            "date": dt.datetime(2026, 1, 2, 3, 4, 5, 678000, dt.UTC),
            "null": None,
            "regex": Regex("^a", "im"),
            "code": Code("f"),
            "int": 5,
            "long": Int64(6),
            "timestamp": Timestamp(7, 8),
            "decimal": Decimal128("1.10"),
            "min": MinKey(),
            "max": MaxKey(),
        }
        things.insert_one(document)
        aware: Things = things.with_options(codec_options=CodecOptions(tz_aware=True))
        found = aware.find_one({"_id": 1})
        assert found == document
        assert found is not None
        assert list(found) == list(document)
        assert str(found["minus"]) == "-0.0"
        assert [type(found[name]) for name in document] == [
            type(value) for value in document.values()
        ]

    def test_a_second_one_of_the_same_id(self, things: Things) -> None:
        things.insert_one({"_id": 1})
        with pytest.raises(DuplicateKeyError) as caught:
            things.insert_one({"_id": 1})
        details = caught.value.details or {}
        assert (details["code"], details["keyPattern"], details["keyValue"]) == (
            11000,
            {"_id": 1},
            {"_id": 1},
        )

    def test_an_id_is_made_and_comes_first(self, database: Database[Document]) -> None:
        database.command("insert", "things", documents=[{"b": 1, "_id": 3}, {"c": 1}])
        first, second = database["things"].find()
        assert list(first) == ["_id", "b"]
        assert isinstance(second["_id"], ObjectId)

    def test_an_empty_timestamp_is_the_time(self, things: Things) -> None:
        things.insert_one({"_id": 1, "t": Timestamp(0, 0), "in": {"t": Timestamp(0, 0)}})
        found = things.find_one() or {}
        assert found["t"].time > 1_700_000_000
        assert found["in"]["t"] == Timestamp(0, 0)

    @pytest.mark.parametrize(
        ("document", "code"),
        [({"_id": [1]}, 53), ({"_id": Regex("a")}, 53), ({"_id": {"$a": 1}}, 52)],
    )
    def test_no_id(self, things: Things, document: Document, code: int) -> None:
        with pytest.raises(WriteError) as caught:
            things.insert_one(document)
        assert caught.value.code == code

    def test_too_large(self, database: Database[Document]) -> None:
        large = {"x": "a" * (16 * 1024 * 1024)}
        answer = database.command("insert", "things", documents=[large])
        assert answer["writeErrors"][0]["code"] == 10334


class TestFinding:
    @pytest.fixture
    def numbers(self, things: Things) -> Things:
        things.insert_many([{"_id": n, "n": n % 10, "tag": "ab"[n % 2]} for n in range(300)])
        return things

    def test_options(self, numbers: Things) -> None:
        found = numbers.find({"n": {"$gte": 8}}, {"n": 1, "_id": 0}, skip=1, limit=3)
        assert list(found.sort([("n", DESCENDING), ("_id", ASCENDING)])) == [{"n": 9}] * 3
        assert numbers.find_one({"n": 3}, sort=[("_id", -1)]) == {"_id": 293, "n": 3, "tag": "b"}
        assert numbers.find_one({"n": 77}) is None

    @pytest.mark.parametrize("size", [0, 1, 7, 299, 300, 301])
    def test_batches_of_any_size_give_all(self, numbers: Things, size: int) -> None:
        found = numbers.find({}, batch_size=size)
        assert [one["_id"] for one in found] == list(range(300))
        assert not found.alive

    def test_a_limit_below_zero_is_one_batch(self, numbers: Things) -> None:
        answer = numbers.database.command(
            "find", "things", filter={}, limit=5, singleBatch=True, batchSize=3
        )
        assert len(answer["cursor"]["firstBatch"]) == 3
        assert answer["cursor"]["id"] == 0

    def test_counts_and_distinct(self, numbers: Things) -> None:
        assert numbers.estimated_document_count() == 300
        assert numbers.count_documents({"n": 3}) == 30
        assert numbers.count_documents({"n": 3}, limit=5, skip=28) == 2
        assert numbers.distinct("tag") == ["a", "b"]
        assert numbers.distinct("n", {"n": {"$lt": 3}}) == [0, 1, 2]
        count = numbers.database.command("count", "things", query={"n": 3}, limit=-7)
        assert count["n"] == 7

    def test_distinct_looks_into_arrays(self, things: Things) -> None:
        things.insert_many(
            [
                {"a": [1, 2, [3]], "b": [{"c": 5}, {"c": [6, 5]}]},
                {"a": 2.0, "b": {"c": 7}},
                {"a": []},
            ]
        )
        assert things.distinct("a") == [1, 2, [3]]
        assert things.distinct("b.c") == [5, 6, 7]
        assert things.distinct("b.0.c") == [5]

    def test_let_and_expr(self, numbers: Things) -> None:
        found = numbers.find({"$expr": {"$eq": ["$_id", "$$wanted"]}}, let={"wanted": 42})
        assert [one["_id"] for one in found] == [42]

    def test_a_snapshot_of_sorts(self, numbers: Things) -> None:
        cursor = numbers.find({}, batch_size=10)
        next(cursor)
        numbers.delete_many({"_id": {"$gte": 250}})
        assert [one["_id"] for one in cursor] == list(range(1, 250))

    def test_a_time_limit_is_kept(self, numbers: Things) -> None:
        slow = {
            "$expr": {
                "$gt": [
                    {
                        "$reduce": {
                            "input": {"$range": [0, {"$add": ["$n", 100_000]}]},
                            "initialValue": 0,
                            "in": {"$add": ["$$value", 1]},
                        }
                    },
                    0,
                ]
            }
        }
        with pytest.raises(ExecutionTimeout) as caught:
            list(numbers.find(slow, max_time_ms=50))
        assert caught.value.code == 50

    def test_positions_and_elements(self, things: Things) -> None:
        things.insert_one({"_id": 1, "a": [{"x": 1, "y": 2}, {"x": 3, "y": 4}]})
        assert things.find_one({"a.x": 3}, {"a.$": 1}) == {"_id": 1, "a": [{"x": 3, "y": 4}]}
        assert things.find_one({}, {"a": {"$elemMatch": {"y": 4}}}) == {
            "_id": 1,
            "a": [{"x": 3, "y": 4}],
        }

    def test_a_hint_must_be_an_index(self, numbers: Things) -> None:
        numbers.create_index("n")
        assert len(list(numbers.find({"n": 1}).hint("n_1"))) == 30
        with pytest.raises(OperationFailure) as caught:
            list(numbers.find({"n": 1}).hint("none"))
        assert caught.value.code == 2


class TestUpdating:
    def test_results(self, things: Things) -> None:
        things.insert_many([{"_id": n, "v": 0} for n in range(3)])
        one = things.update_one({"v": 0}, {"$set": {"v": 1}})
        assert (one.matched_count, one.modified_count, one.upserted_id) == (1, 1, None)
        same = things.update_one({"_id": 0}, {"$set": {"v": 1}})
        assert (same.matched_count, same.modified_count) == (1, 0)
        many = things.update_many({}, {"$inc": {"v": 1}})
        assert (many.matched_count, many.modified_count) == (3, 3)
        assert [found["v"] for found in things.find()] == [2, 1, 1]

    def test_upserts(self, things: Things) -> None:
        made = things.update_one({"_id": 5, "k": "x"}, {"$inc": {"n": 2}}, upsert=True)
        assert made.upserted_id == 5
        assert things.find_one() == {"_id": 5, "k": "x", "n": 2}
        without = things.update_one({"k": "y"}, {"$setOnInsert": {"z": 1}}, upsert=True)
        assert isinstance(without.upserted_id, ObjectId)

    def test_replacement(self, things: Things) -> None:
        things.insert_one({"_id": 1, "a": 1})
        assert things.replace_one({"a": 1}, {"b": 2}).modified_count == 1
        assert things.find_one() == {"_id": 1, "b": 2}
        with pytest.raises(OperationFailure) as caught:
            things.replace_one({"b": 2}, {"_id": 2})
        assert caught.value.code == 66

    def test_arrays(self, things: Things) -> None:
        things.insert_one({"_id": 1, "a": [1, 5, 9], "b": [{"k": 1}, {"k": 2}]})
        things.update_one({"a": 5}, {"$set": {"a.$": 50}})
        things.update_one({}, {"$inc": {"a.$[big]": 1}}, array_filters=[{"big": {"$gt": 8}}])
        things.update_one({}, {"$push": {"a": {"$each": [3, 2], "$sort": 1}}})
        things.update_one({}, {"$pull": {"b": {"k": 1}}})
        assert things.find_one() == {"_id": 1, "a": [1, 2, 3, 10, 51], "b": [{"k": 2}]}

    def test_pipelines(self, things: Things) -> None:
        things.insert_one({"_id": 1, "a": 2})
        things.update_one({}, [{"$set": {"b": {"$multiply": ["$a", "$$k"]}}}], let={"k": 21})
        assert things.find_one() == {"_id": 1, "a": 2, "b": 42}

    def test_a_failure_leaves_what_came_before(self, things: Things) -> None:
        things.insert_many([{"_id": 1, "v": 1}, {"_id": 2, "v": "x"}, {"_id": 3, "v": 1}])
        with pytest.raises(WriteError) as caught:
            things.update_many({}, {"$inc": {"v": 1}})
        assert caught.value.code == 14
        assert [found["v"] for found in things.find()] == [2, "x", 1]

    @pytest.mark.parametrize(
        ("update", "code"),
        [
            ({"$set": {"_id": 2}}, 66),
            ({"$nothing": {"a": 1}}, 9),
            ({"$set": {"a": 1}, "$inc": {"a": 1}}, 40),
            ({"$rename": {"v": "v"}}, 2),
            ({"$set": {"v.x": 1}}, 28),
        ],
    )
    def test_refused(self, things: Things, update: Document, code: int) -> None:
        things.insert_one({"_id": 1, "v": 1})
        with pytest.raises(OperationFailure) as caught:
            things.update_one({}, update)
        assert caught.value.code == code
        assert things.find_one() == {"_id": 1, "v": 1}

    def test_sort_of_an_update(self, things: Things) -> None:
        things.insert_many([{"_id": n} for n in range(5)])
        things.update_one({}, {"$set": {"last": True}}, sort={"_id": -1})
        assert things.find_one({"last": True}) == {"_id": 4, "last": True}


class TestDeleting:
    def test_results(self, things: Things) -> None:
        things.insert_many([{"n": n % 2} for n in range(10)])
        assert things.delete_one({"n": 1}).deleted_count == 1
        assert things.delete_many({"n": 1}).deleted_count == 4
        assert things.delete_many({"n": 1}).deleted_count == 0
        assert things.delete_many({}).deleted_count == 5

    def test_no_limit_but_one_or_none(self, database: Database[Document]) -> None:
        answer = database.command("delete", "things", deletes=[{"q": {}, "limit": 2}], check=False)
        assert answer["writeErrors"][0]["code"] == 9


class TestFindAndModify:
    def test_update_before_and_after(self, things: Things) -> None:
        things.insert_one({"_id": 1, "v": 1})
        assert things.find_one_and_update({}, {"$inc": {"v": 1}}) == {"_id": 1, "v": 1}
        after = things.find_one_and_update(
            {}, {"$inc": {"v": 1}}, projection={"_id": 0}, return_document=ReturnDocument.AFTER
        )
        assert after == {"v": 3}
        assert things.find_one_and_update({"_id": 2}, {"$set": {"v": 1}}) is None

    def test_upsert(self, things: Things) -> None:
        assert things.find_one_and_update({"_id": 2}, {"$set": {"v": 1}}, upsert=True) is None
        made = things.find_one_and_replace(
            {"_id": 3}, {"w": 1}, upsert=True, return_document=ReturnDocument.AFTER
        )
        assert made == {"_id": 3, "w": 1}

    def test_delete(self, things: Things) -> None:
        things.insert_many([{"_id": n} for n in range(3)])
        assert things.find_one_and_delete({}, sort=[("_id", -1)]) == {"_id": 2}
        assert things.find_one_and_delete({"_id": 9}) is None
        assert things.count_documents({}) == 2

    @pytest.mark.parametrize(
        "fields",
        [
            {},
            {"remove": True, "update": {"$set": {"a": 1}}},
            {"remove": True, "new": True},
            {"remove": True, "upsert": True},
        ],
    )
    def test_what_does_not_go_together(
        self, database: Database[Document], fields: Document
    ) -> None:
        with pytest.raises(OperationFailure) as caught:
            database.command("findAndModify", "things", **fields)
        assert caught.value.code == 9


class TestWriteConcern:
    def test_nobody_waits_for_zero(self, things: Things) -> None:
        hasty = things.with_options(write_concern=WriteConcern(w=0))
        assert not hasty.insert_one({"_id": 1}).acknowledged
        assert things.find_one() == {"_id": 1}

    @pytest.mark.parametrize("concern", [WriteConcern(1), WriteConcern("majority", j=True)])
    def test_fulfilled(self, things: Things, concern: WriteConcern) -> None:
        assert things.with_options(write_concern=concern).insert_one({}).acknowledged

    @pytest.mark.parametrize(("wanted", "code"), [(2, 100), ("rack", 79)])
    def test_done_but_not_fulfilled(
        self, database: Database[Document], wanted: int | str, code: int
    ) -> None:
        answer = database.command(
            "insert", "things", documents=[{"_id": 1}], writeConcern={"w": wanted}
        )
        assert (answer["n"], answer["writeConcernError"]["code"]) == (1, code)
