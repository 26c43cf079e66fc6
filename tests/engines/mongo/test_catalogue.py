"""Databases, collections and indexes through stock pymongo."""

import datetime as dt
from typing import Any

import pytest
from pymongo import ASCENDING, DESCENDING, IndexModel, MongoClient
from pymongo.errors import CollectionInvalid, DuplicateKeyError, OperationFailure, WriteError
from pymongo.synchronous.collection import Collection
from pymongo.synchronous.database import Database

from tests.waiting import until

Document = dict[str, Any]
Things = Collection[Document]


class TestCollections:
    def test_listed(self, database: Database[Document]) -> None:
        database.create_collection("b")
        database["a"].insert_one({})
        assert database.list_collection_names() == ["a", "b"]
        told = database.list_collections(filter={"name": "b"}).to_list()
        assert [(one["name"], one["type"], one["options"]) for one in told] == [
            ("b", "collection", {})
        ]
        assert told[0]["idIndex"] == {"v": 2, "key": {"_id": 1}, "name": "_id_"}
        with pytest.raises(CollectionInvalid):
            database.create_collection("b")

    def test_databases(self, client: MongoClient[Document], database: Database[Document]) -> None:
        assert database.name not in client.list_database_names()
        database["a"].insert_one({})
        (told,) = [one for one in client.list_databases() if one["name"] == database.name]
        assert (told["empty"], told["sizeOnDisk"] > 0) == (False, True)
        client.drop_database(database)
        assert database.name not in client.list_database_names()

    def test_dropped_and_renamed(self, database: Database[Document]) -> None:
        database["a"].insert_one({"_id": 1})
        database["b"].insert_one({"_id": 2})
        with pytest.raises(OperationFailure) as caught:
            database["a"].rename("b")
        assert caught.value.code == 48
        database["a"].rename("b", dropTarget=True)
        assert list(database["b"].find()) == [{"_id": 1}]
        database["b"].drop()
        database["b"].drop()
        assert database.list_collection_names() == []

    def test_a_dropped_one_ends_its_cursors(self, database: Database[Document]) -> None:
        database["a"].insert_many([{} for _ in range(10)])
        cursor = database["a"].find(batch_size=2)
        next(cursor)
        database["a"].drop()
        with pytest.raises(OperationFailure) as caught:
            list(cursor)
        assert caught.value.code == 175

    @pytest.mark.parametrize("name", ["a$b", "system.x", "x" * 255])
    def test_no_name(self, database: Database[Document], name: str) -> None:
        with pytest.raises(OperationFailure) as caught:
            database.command("insert", name, documents=[{}])
        assert caught.value.code == 73

    def test_statistics(self, database: Database[Document]) -> None:
        database["a"].insert_many([{"x": "y" * 100} for _ in range(10)])
        database["a"].create_index("x")
        told = database.command("collStats", "a")
        assert (told["count"], told["nindexes"], told["size"] > 1000) == (10, 2, True)
        assert database.command("dbStats")["objects"] == 10
        assert database.validate_collection("a")["valid"]
        (staged,) = database["a"].aggregate([{"$collStats": {"count": {}, "storageStats": {}}}])
        assert (staged["count"], staged["storageStats"]["count"]) == (10, 10)


class TestValidators:
    @pytest.fixture
    def people(self, database: Database[Document]) -> Things:
        schema = {
            "bsonType": "object",
            "required": ["name"],
            "properties": {"name": {"bsonType": "string"}, "age": {"minimum": 0}},
        }
        return database.create_collection("people", validator={"$jsonSchema": schema})

    def test_they_validate(self, people: Things) -> None:
        people.insert_one({"_id": 1, "name": "Ann", "age": 5})
        for document in ({}, {"name": 5}, {"name": "Bob", "age": -1}):
            with pytest.raises(WriteError) as caught:
                people.insert_one(document)
            assert caught.value.code == 121
            assert "errInfo" in (caught.value.details or {})
        with pytest.raises(WriteError) as caught:
            people.update_one({}, {"$set": {"age": -5}})
        assert caught.value.code == 121
        with pytest.raises(OperationFailure) as failed:
            people.find_one_and_update({}, {"$unset": {"name": 1}})
        assert failed.value.code == 121
        people.with_options().insert_many([{"_id": 2}], bypass_document_validation=True)
        assert people.find_one({"_id": 1}) == {"_id": 1, "name": "Ann", "age": 5}

    def test_they_change(self, people: Things) -> None:
        people.database.command("collMod", "people", validationLevel="off")
        people.insert_one({"age": -1})
        options = people.options()
        assert options["validationLevel"] == "off"
        people.database.command("collMod", "people", validationLevel="strict", validator={})
        people.insert_one({"age": -1})


class TestIndexes:
    def test_kinds(self, things: Things) -> None:
        assert things.create_index("a") == "a_1"
        names = things.create_indexes(
            [
                IndexModel([("b", DESCENDING), ("c.d", ASCENDING)]),
                IndexModel("e", unique=True, sparse=True, name="mine"),
                IndexModel("f", partialFilterExpression={"g": {"$gt": 5}}),
                IndexModel("h", expireAfterSeconds=3600),
            ]
        )
        assert names == ["b_-1_c.d_1", "mine", "f_1", "h_1"]
        told = things.index_information()
        assert told["mine"] == {"v": 2, "key": [("e", 1)], "unique": True, "sparse": True}
        assert told["h_1"]["expireAfterSeconds"] == 3600
        things.drop_index("mine")
        things.drop_index([("a", 1)])
        things.drop_indexes()
        assert list(things.index_information()) == ["_id_"]

    def test_unique(self, things: Things) -> None:
        things.insert_many([{"a": 1}, {"a": 1}])
        with pytest.raises(DuplicateKeyError):
            things.create_index("a", unique=True)
        things.delete_one({})
        things.create_index("a", unique=True)
        with pytest.raises(DuplicateKeyError) as caught:
            things.update_one({"a": 2}, {"$set": {"a": 1}}, upsert=True)
        assert (caught.value.details or {})["keyValue"] == {"a": 1}
        assert things.count_documents({}) == 1

    def test_conflicts(self, things: Things) -> None:
        things.create_index("a")
        things.create_index("a")
        for more, code in (({"unique": True}, 86), ({"name": "other"}, 85)):
            with pytest.raises(OperationFailure) as caught:
                things.create_index("a", **more)
            assert caught.value.code in (code, 85)
        with pytest.raises(OperationFailure) as gone:
            things.drop_index("none")
        assert gone.value.code == 27

    def test_an_explain_says_which_one_serves(self, things: Things) -> None:
        things.insert_many([{"a": n % 10, "b": n} for n in range(100)])
        things.create_index([("a", 1), ("b", -1)])
        told = things.find({"a": 3, "b": {"$gt": 50}}).explain()
        stage = told["queryPlanner"]["winningPlan"]["inputStage"]
        assert (stage["stage"], stage["indexName"]) == ("IXSCAN", "a_1_b_-1")
        figures = told["executionStats"]
        assert (figures["nReturned"], figures["totalKeysExamined"]) == (5, 5)
        assert figures["totalDocsExamined"] == 5
        scan = things.find({"b": 7}).explain()
        assert scan["queryPlanner"]["winningPlan"]["stage"] == "COLLSCAN"
        assert scan["executionStats"]["totalDocsExamined"] == 100

    @pytest.mark.parametrize(
        "command",
        [
            {"count": "things", "query": {"a": 1}},
            {"distinct": "things", "key": "b", "query": {"a": 1}},
            {"update": "things", "updates": [{"q": {"a": 1}, "u": {"$set": {"b": 1}}}]},
            {"delete": "things", "deletes": [{"q": {"a": 1}, "limit": 0}]},
            {"findAndModify": "things", "query": {"a": 1}, "remove": True},
            {"aggregate": "things", "pipeline": [{"$match": {"a": 1}}], "cursor": {}},
            {
                "aggregate": "things",
                "pipeline": [{"$match": {"a": 1}}, {"$group": {"_id": "$b"}}],
                "cursor": {},
            },
        ],
    )
    def test_other_commands_explained(self, things: Things, command: Document) -> None:
        things.insert_many([{"a": n % 5, "b": n} for n in range(20)])
        things.create_index("a")
        told = things.database.command("explain", command, verbosity="executionStats")
        assert "'indexName': 'a_1'" in str(told)
        assert things.count_documents({}) == 20
        assert things.count_documents({"b": 1}) == 1

    def test_an_aggregate_that_explains_itself(self, things: Things) -> None:
        things.insert_one({"a": 1})
        told = things.database.command(
            "aggregate", "things", pipeline=[{"$match": {"a": 1}}, {"$out": "x"}], explain=True
        )
        assert "COLLSCAN" in str(told["stages"][0])
        assert things.database.list_collection_names() == ["things"]

    def test_time_to_live(self, things: Things) -> None:
        now = dt.datetime.now(dt.UTC)
        things.insert_many(
            [
                {"_id": 1, "at": now - dt.timedelta(seconds=100)},
                {"_id": 2, "at": now + dt.timedelta(seconds=100)},
                {"_id": 3, "at": "never"},
            ]
        )
        things.create_index("at", expireAfterSeconds=10)
        until(lambda: things.find_one({"_id": 1}) is None, 5)
        assert [one["_id"] for one in things.find()] == [2, 3]

    def test_hidden(self, things: Things) -> None:
        things.create_index("a", hidden=True)
        assert "IXSCAN" not in str(things.find({"a": 1}).explain())
        things.database.command("collMod", "things", index={"name": "a_1", "hidden": False})
        assert "IXSCAN" in str(things.find({"a": 1}).explain())


class TestOutputs:
    def test_out(self, things: Things) -> None:
        database = things.database
        database["target"].insert_one({"_id": "old"})
        database["target"].create_index("n")
        things.insert_many([{"_id": n, "n": n * 2} for n in range(3)])
        things.aggregate([{"$match": {"_id": {"$gt": 0}}}, {"$out": "target"}])
        assert list(database["target"].find()) == [{"_id": 1, "n": 2}, {"_id": 2, "n": 4}]
        assert "n_1" in database["target"].index_information()
        with pytest.raises(OperationFailure) as caught:
            things.aggregate([{"$project": {"_id": "same"}}, {"$out": "target"}])
        assert caught.value.code == 11000
        assert database["target"].count_documents({}) == 2
        assert sorted(database.list_collection_names()) == ["target", "things"]

    def test_merge(self, things: Things) -> None:
        target = things.database["target"]
        target.insert_many([{"_id": 1, "k": 1}, {"_id": 5, "k": 5}])
        things.insert_many([{"_id": n, "v": n} for n in (1, 2)])
        things.aggregate([{"$merge": "target"}])
        assert list(target.find()) == [
            {"_id": 1, "k": 1, "v": 1},
            {"_id": 5, "k": 5},
            {"_id": 2, "v": 2},
        ]
        things.aggregate(
            [
                {
                    "$merge": {
                        "into": "target",
                        "whenMatched": [{"$set": {"sum": {"$add": ["$v", "$$new.v"]}}}],
                        "whenNotMatched": "fail",
                    }
                }
            ]
        )
        assert target.find_one({"_id": 2}) == {"_id": 2, "v": 2, "sum": 4}
        things.insert_one({"_id": 9})
        with pytest.raises(OperationFailure) as caught:
            things.aggregate([{"$merge": {"into": "target", "whenNotMatched": "fail"}}])
        assert caught.value.code == 13113
        with pytest.raises(OperationFailure) as unindexed:
            things.aggregate([{"$merge": {"into": "target", "on": "v"}}])
        assert unindexed.value.code == 51183
