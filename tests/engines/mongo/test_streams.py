"""Change streams: what is told of each change, where a stream resumes, when it ends."""

from typing import Any

import pytest
from bson import Timestamp
from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError
from pymongo.synchronous.change_stream import ChangeStream
from pymongo.synchronous.collection import Collection
from pymongo.synchronous.database import Database

Document = dict[str, Any]
Things = Collection[Document]
_SOON: dict[str, Any] = {"max_await_time_ms": 10}


def told(stream: ChangeStream[Document], count: int) -> list[Document]:
    return [stream.next() for _ in range(count)]


def test_events_of_documents(things: Things) -> None:
    with things.watch(**_SOON) as stream:
        things.insert_one({"_id": 1, "a": {"b": 1, "c": 2}, "l": [1, 2, 3]})
        things.update_one({}, {"$set": {"a.b": 5}, "$unset": {"a.c": 1}})
        things.update_one({}, {"$set": {"a.b": 5}})
        things.replace_one({}, {"x": 1})
        things.delete_one({})
        insert, update, replace, delete = told(stream, 4)
        assert stream.try_next() is None
    ns = {"db": things.database.name, "coll": "things"}
    assert insert["fullDocument"] == {"_id": 1, "a": {"b": 1, "c": 2}, "l": [1, 2, 3]}
    assert [list(one) for one in (insert, update, delete)] == [
        ["_id", "operationType", "clusterTime", "wallTime", *rest]
        for rest in (
            ["fullDocument", "ns", "documentKey"],
            ["ns", "documentKey", "updateDescription"],
            ["ns", "documentKey"],
        )
    ]
    assert update["updateDescription"] == {
        "updatedFields": {"a.b": 5},
        "removedFields": ["a.c"],
        "truncatedArrays": [],
    }
    assert (replace["operationType"], replace["fullDocument"]) == ("replace", {"_id": 1, "x": 1})
    assert (delete["operationType"], delete["documentKey"], delete["ns"]) == (
        "delete",
        {"_id": 1},
        ns,
    )


def test_the_document_as_it_is(things: Things) -> None:
    things.insert_many([{"_id": 1}, {"_id": 2}])
    with things.watch(full_document="updateLookup", **_SOON) as stream:
        things.update_one({"_id": 1}, {"$set": {"a": 1}})
        things.update_one({"_id": 2}, {"$set": {"a": 1}})
        things.update_one({"_id": 1}, {"$set": {"a": 2}})
        things.delete_one({"_id": 2})
        first, second, _ = told(stream, 3)
    assert first["fullDocument"] == {"_id": 1, "a": 2}
    assert second["fullDocument"] is None


def test_stages_behind_it(things: Things) -> None:
    pipeline: list[Document] = [
        {"$match": {"fullDocument.v": {"$gt": 5}}},
        {"$project": {"v": "$fullDocument.v"}},
    ]
    with things.watch(pipeline, **_SOON) as stream:
        things.insert_many([{"v": n} for n in (1, 7, 3, 9)])
        assert [one["v"] for one in told(stream, 2)] == [7, 9]
    with things.watch([{"$project": {"_id": 0}}], **_SOON) as stream:
        things.insert_one({})
        with pytest.raises(PyMongoError, match="resume token"):
            stream.next()
    with pytest.raises(OperationFailure) as caught, things.watch([{"$sort": {"a": 1}}]):
        pass
    assert caught.value.code == 20


def test_a_transaction_is_told_when_it_is_committed(
    things: Things, client: MongoClient[Document]
) -> None:
    with things.watch(**_SOON) as stream, client.start_session() as session:
        with session.start_transaction():
            things.insert_one({"_id": 1}, session=session)
            things.insert_one({"_id": 2}, session=session)
            assert stream.try_next() is None
        first, second = told(stream, 2)
        assert first["lsid"]["id"] == session.session_id["id"]
    assert first["clusterTime"] == second["clusterTime"]
    assert first["txnNumber"] == second["txnNumber"]
    assert first["_id"] != second["_id"]


def test_resuming(things: Things) -> None:
    with things.watch(**_SOON) as stream:
        things.insert_many([{"_id": n} for n in range(5)])
        _, second = told(stream, 2)
    for option in ("resume_after", "start_after"):
        more: dict[str, Any] = {option: second["_id"]}
        with things.watch(**more, **_SOON) as stream:
            assert [one["documentKey"]["_id"] for one in told(stream, 3)] == [2, 3, 4]
            last = stream.resume_token
        with things.watch(resume_after=last, **_SOON) as stream:
            assert stream.try_next() is None
    with things.watch(start_at_operation_time=second["clusterTime"], **_SOON) as stream:
        assert [one["documentKey"]["_id"] for one in told(stream, 4)] == [1, 2, 3, 4]


def test_a_token_moves_on_without_events(things: Things) -> None:
    with things.watch(**_SOON) as stream:
        before = stream.resume_token
        things.database["others"].insert_one({})
        assert stream.try_next() is None
        assert stream.resume_token != before


def test_history_that_is_lost(things: Things) -> None:
    with (
        pytest.raises(OperationFailure) as caught,
        things.watch(start_at_operation_time=Timestamp(1, 1)),
    ):
        pass
    assert caught.value.code == 286
    with pytest.raises(OperationFailure) as bad, things.watch(resume_after={"_data": "xyz"}):
        pass
    assert bad.value.code == 260


class TestEnds:
    def test_a_drop_ends_the_stream_of_a_collection(self, things: Things) -> None:
        things.insert_one({})
        with things.watch(**_SOON) as stream:
            things.drop()
            drop, invalidate = told(stream, 2)
            assert (drop["operationType"], invalidate["operationType"]) == ("drop", "invalidate")
            assert not stream.alive
        with (
            pytest.raises(OperationFailure) as caught,
            things.watch(resume_after=invalidate["_id"]),
        ):
            pass
        assert caught.value.code == 260
        things.insert_one({"_id": 1})
        with things.watch(start_after=invalidate["_id"], **_SOON) as stream:
            assert stream.next()["documentKey"] == {"_id": 1}

    def test_a_new_name_too(self, things: Things) -> None:
        things.insert_one({})
        with things.watch(**_SOON) as stream:
            things.rename("others")
            rename, invalidate = told(stream, 2)
        assert rename["to"] == {"db": things.database.name, "coll": "others"}
        assert invalidate["operationType"] == "invalidate"

    def test_of_a_database(self, database: Database[Document]) -> None:
        with database.watch(**_SOON) as stream:
            database["a"].insert_one({})
            database["b"].insert_one({})
            database["b"].drop()
            database.client.drop_database(database)
            kinds = [one["operationType"] for one in told(stream, 6)]
        assert kinds == ["insert", "insert", "drop", "drop", "dropDatabase", "invalidate"]

    def test_of_everything(self, client: MongoClient[Document], things: Things) -> None:
        with client.watch(**_SOON) as stream:
            things.insert_one({})
            things.drop()
            client.drop_database(things.database)
            assert [one["operationType"] for one in told(stream, 2)] == ["insert", "drop"]


def test_the_catalogue_if_it_is_asked_for(database: Database[Document]) -> None:
    with database.watch(show_expanded_events=True, **_SOON) as stream:
        database.create_collection("a")
        database["a"].create_index("x")
        database["a"].drop_index("x_1")
        kinds = [one["operationType"] for one in told(stream, 3)]
    assert kinds == ["create", "createIndexes", "dropIndexes"]


@pytest.mark.limitation("mongo", "images")
def test_documents_before_a_change_are_not_kept(things: Things) -> None:
    things.insert_one({"_id": 1})
    with pytest.raises(OperationFailure) as caught:
        things.database.create_collection("b", changeStreamPreAndPostImages={"enabled": True})
    assert caught.value.code == 238
    with things.watch(full_document="whenAvailable", **_SOON) as stream:
        things.update_one({}, {"$set": {"a": 1}})
        assert stream.next()["fullDocument"] is None
    with things.watch(full_document_before_change="required", **_SOON) as stream:
        things.update_one({}, {"$set": {"a": 2}})
        with pytest.raises(PyMongoError, match="pre-image"):
            stream.next()
