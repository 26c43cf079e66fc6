"""Many writes at once: bulk_write of a collection and of a client, GridFS."""

import io
from typing import Any

import gridfs
import pytest
from pymongo import (
    DeleteMany,
    DeleteOne,
    InsertOne,
    MongoClient,
    ReplaceOne,
    UpdateMany,
    UpdateOne,
)
from pymongo.errors import BulkWriteError, ClientBulkWriteException
from pymongo.synchronous.collection import Collection
from pymongo.synchronous.database import Database

Document = dict[str, Any]
Things = Collection[Document]


def test_ordered(things: Things) -> None:
    result = things.bulk_write(
        [
            InsertOne({"_id": 1, "v": 1}),
            InsertOne({"_id": 2, "v": 1}),
            UpdateOne({"_id": 1}, {"$inc": {"v": 1}}),
            UpdateMany({}, {"$inc": {"v": 1}}),
            ReplaceOne({"_id": 3}, {"v": 9}, upsert=True),
            DeleteOne({"_id": 2}),
            DeleteMany({"v": 100}),
        ]
    )
    assert (result.inserted_count, result.matched_count, result.modified_count) == (2, 3, 3)
    assert (result.deleted_count, result.upserted_ids) == (1, {4: 3})
    assert list(things.find()) == [{"_id": 1, "v": 3}, {"_id": 3, "v": 9}]


@pytest.mark.parametrize(("ordered", "left"), [(True, [1, 2]), (False, [1, 2, 3])])
def test_a_failure_in_the_middle(things: Things, ordered: bool, left: list[int]) -> None:
    writes = [InsertOne({"_id": n}) for n in (1, 2, 1, 3)]
    with pytest.raises(BulkWriteError) as caught:
        things.bulk_write(writes, ordered=ordered)
    details = caught.value.details or {}
    assert details["nInserted"] == len(left)
    (error,) = details["writeErrors"]
    assert (error["index"], error["code"], error["keyValue"]) == (2, 11000, {"_id": 1})
    assert [one["_id"] for one in things.find()] == left


def test_more_than_one_message_holds(things: Things) -> None:
    things.insert_many({"_id": n, "x": "y" * 500_000} for n in range(98))
    assert things.count_documents({}) == 98
    # And more than one batch of a reply.
    assert [one["_id"] for one in things.find()] == list(range(98))


class TestOfAClient:
    def test_several_collections(
        self, client: MongoClient[Document], database: Database[Document]
    ) -> None:
        first, second = f"{database.name}.a", f"{database.name}.b"
        result = client.bulk_write(
            [
                InsertOne({"_id": 1}, namespace=first),
                InsertOne({"_id": 1}, namespace=second),
                UpdateOne({"_id": 1}, {"$set": {"v": 1}}, namespace=second),
                UpdateMany({"_id": 5}, {"$set": {"v": 1}}, upsert=True, namespace=first),
                DeleteMany({"_id": 1}, namespace=first),
            ],
            verbose_results=True,
        )
        assert (result.inserted_count, result.upserted_count) == (2, 1)
        assert (result.matched_count, result.modified_count, result.deleted_count) == (1, 1, 1)
        assert result.update_results[3].upserted_id == 5
        assert list(database["a"].find()) == [{"_id": 5, "v": 1}]
        assert list(database["b"].find()) == [{"_id": 1, "v": 1}]

    @pytest.mark.parametrize("ordered", [True, False])
    def test_failures(
        self, client: MongoClient[Document], database: Database[Document], ordered: bool
    ) -> None:
        name = f"{database.name}.a"
        with pytest.raises(ClientBulkWriteException) as caught:
            client.bulk_write(
                [InsertOne({"_id": n}, namespace=name) for n in (1, 1, 2)], ordered=ordered
            )
        (error,) = caught.value.details["writeErrors"]
        assert (error["idx"], error["code"]) == (1, 11000)
        assert database["a"].count_documents({}) == (1 if ordered else 2)

    def test_in_a_transaction(
        self, client: MongoClient[Document], database: Database[Document]
    ) -> None:
        name = f"{database.name}.a"
        with client.start_session() as session:
            session.start_transaction()
            client.bulk_write([InsertOne({"_id": 1}, namespace=name)], session=session)
            session.abort_transaction()
        assert database["a"].find_one() is None


class TestGridFs:
    def test_files(self, database: Database[Document]) -> None:
        files = gridfs.GridFSBucket(database, chunk_size_bytes=1000)
        content = bytes(range(256)) * 40
        name = files.upload_from_stream("a.bin", io.BytesIO(content), metadata={"k": 1})
        assert files.open_download_stream(name).read() == content
        stream = files.open_download_stream_by_name("a.bin")
        stream.seek(5000)
        assert stream.read(10) == content[5000:5010]
        assert [one.filename for one in files.find({"metadata.k": 1})] == ["a.bin"]
        files.rename(name, "b.bin")
        files.delete(name)
        assert database["fs.chunks"].find_one() is None
        with pytest.raises(gridfs.NoFile):
            files.open_download_stream(name)

    def test_the_older_class(self, database: Database[Document]) -> None:
        files = gridfs.GridFS(database)
        name = files.put(b"hello", filename="h")
        assert files.get(name).read() == b"hello"
        assert files.list() == ["h"]
        assert files.exists(name)
