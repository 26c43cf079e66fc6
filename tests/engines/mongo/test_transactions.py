"""Transactions of two sessions at once: nothing of an aborted one, conflicts, snapshots."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from bson import Binary, Int64
from pymongo import MongoClient, ReadPreference
from pymongo.errors import DuplicateKeyError, OperationFailure
from pymongo.read_concern import ReadConcern
from pymongo.synchronous.client_session import ClientSession
from pymongo.synchronous.collection import Collection
from pymongo.synchronous.database import Database
from pymongo.write_concern import WriteConcern

from stend.engines.mongo.asking import ask
from stend.engines.mongo.launcher import MongoConfig
from tests.engines.servers import HOST

Document = dict[str, Any]
Things = Collection[Document]
_TRANSIENT = "TransientTransactionError"
_LSID = {"id": Binary(bytes(range(16)), 4)}


@pytest.fixture
def first(client: MongoClient[Document]) -> Iterator[ClientSession]:
    with client.start_session() as session:
        yield session


@pytest.fixture
def second(client: MongoClient[Document]) -> Iterator[ClientSession]:
    with client.start_session() as session:
        yield session


@pytest.fixture
def stock(things: Things) -> Things:
    things.insert_many([{"_id": n, "left": 10} for n in range(3)])
    return things


def test_nothing_of_an_aborted_one_is_left(stock: Things, first: ClientSession) -> None:
    database = stock.database
    with first.start_transaction():
        stock.update_many({}, {"$inc": {"left": -1}}, session=first)
        stock.delete_one({"_id": 0}, session=first)
        stock.insert_one({"_id": 7}, session=first)
        database["new"].insert_one({"_id": 1}, session=first)
        database["indexed"].create_index("a", session=first)
        assert stock.count_documents({}, session=first) == 3
        first.abort_transaction()
    assert list(stock.find()) == [{"_id": n, "left": 10} for n in range(3)]
    assert database.list_collection_names() == ["things"]


def test_others_see_it_when_it_is_committed(
    stock: Things, first: ClientSession, second: ClientSession
) -> None:
    with first.start_transaction():
        stock.update_one({"_id": 0}, {"$set": {"left": 0}}, session=first)
        stock.database["new"].insert_one({"_id": 1}, session=first)
        assert stock.find_one({"_id": 0}, session=first) == {"_id": 0, "left": 0}
        assert stock.find_one({"_id": 0}) == {"_id": 0, "left": 10}
        assert stock.find_one({"_id": 0}, session=second) == {"_id": 0, "left": 10}
        assert stock.database["new"].find_one() is None
    assert stock.find_one({"_id": 0}) == {"_id": 0, "left": 0}
    assert stock.database["new"].find_one() == {"_id": 1}


def test_a_snapshot_does_not_see_later_commits(
    stock: Things, first: ClientSession, second: ClientSession
) -> None:
    with first.start_transaction():
        assert stock.count_documents({"left": 10}, session=first) == 3
        stock.update_one({"_id": 0}, {"$set": {"left": 1}})
        stock.insert_one({"_id": 9, "left": 10})
        stock.delete_one({"_id": 1})
        with second.start_transaction():
            stock.update_one({"_id": 2}, {"$set": {"left": 2}}, session=second)
        assert list(stock.find(session=first)) == [{"_id": n, "left": 10} for n in range(3)]
        found = stock.aggregate([{"$group": {"_id": None, "n": {"$sum": "$left"}}}], session=first)
        assert next(found)["n"] == 30
    assert [one["_id"] for one in stock.find()] == [0, 2, 9]


def test_the_second_writer_is_told_to_start_again(
    stock: Things, first: ClientSession, second: ClientSession
) -> None:
    first.start_transaction()
    second.start_transaction()
    stock.update_one({"_id": 0}, {"$inc": {"left": -1}}, session=first)
    with pytest.raises(OperationFailure) as caught:
        stock.update_one({"_id": 0}, {"$inc": {"left": -1}}, session=second)
    assert caught.value.code == 112
    assert caught.value.has_error_label(_TRANSIENT)
    # Its transaction is over.
    with pytest.raises(OperationFailure) as gone:
        stock.find_one({}, session=second)
    assert gone.value.code == 251
    assert gone.value.has_error_label(_TRANSIENT)
    second.abort_transaction()
    first.commit_transaction()
    assert stock.find_one({"_id": 0}) == {"_id": 0, "left": 9}


def test_a_write_of_what_changed_since_the_snapshot(stock: Things, first: ClientSession) -> None:
    first.start_transaction()
    stock.find_one({}, session=first)
    stock.update_one({"_id": 0}, {"$inc": {"left": -1}})
    with pytest.raises(OperationFailure) as caught:
        stock.update_one({"_id": 0}, {"$inc": {"left": -1}}, session=first)
    assert (caught.value.code, caught.value.has_error_label(_TRANSIENT)) == (112, True)
    first.abort_transaction()
    assert stock.find_one({"_id": 0}) == {"_id": 0, "left": 9}


def test_a_write_outside_waits_for_the_transaction(stock: Things, first: ClientSession) -> None:
    first.start_transaction()
    stock.update_one({"_id": 0}, {"$inc": {"left": -1}}, session=first)
    waiting = threading.Thread(target=stock.update_one, args=({"_id": 0}, {"$inc": {"left": -5}}))
    waiting.start()
    # Others are not held up meanwhile.
    stock.update_one({"_id": 1}, {"$inc": {"left": -5}})
    assert waiting.is_alive()
    first.commit_transaction()
    waiting.join(10)
    assert [one["left"] for one in stock.find()] == [4, 5, 10]


def test_waiting_has_a_limit(stock: Things, first: ClientSession) -> None:
    first.start_transaction()
    stock.update_one({"_id": 0}, {"$inc": {"left": -1}}, session=first)
    with pytest.raises(OperationFailure) as caught:
        stock.database.command(
            "update", "things", updates=[{"q": {"_id": 0}, "u": {"$set": {"x": 1}}}], maxTimeMS=30
        )
    assert caught.value.code == 50
    first.abort_transaction()


def test_with_transaction_tries_again(
    stock: Things, client: MongoClient[Document], first: ClientSession
) -> None:
    attempts = []

    def work(session: ClientSession) -> int:
        attempts.append(stock.find_one({"_id": 0}, session=session))
        if len(attempts) == 1:
            stock.update_one({"_id": 0}, {"$set": {"left": 5}})
        stock.update_one({"_id": 0}, {"$inc": {"left": 1}}, session=session)
        return len(attempts)

    assert first.with_transaction(work) == 2
    assert stock.find_one({"_id": 0}) == {"_id": 0, "left": 6}


def test_an_error_ends_it(stock: Things, first: ClientSession) -> None:
    first.start_transaction()
    stock.insert_one({"_id": 8}, session=first)
    with pytest.raises(DuplicateKeyError):
        stock.insert_one({"_id": 1}, session=first)
    with pytest.raises(OperationFailure) as caught:
        first.commit_transaction()
    assert caught.value.code == 251
    assert stock.find_one({"_id": 8}) is None


def test_cursors_read_in_it(stock: Things, first: ClientSession) -> None:
    with first.start_transaction():
        cursor = stock.find(session=first, batch_size=2)
        assert next(cursor)["_id"] == 0
        stock.delete_one({"_id": 2})
        assert [one["_id"] for one in cursor] == [1, 2]
    first.start_transaction()
    cursor = stock.find(session=first, batch_size=1)
    next(cursor)
    first.abort_transaction()
    with pytest.raises(OperationFailure) as caught:
        list(cursor)
    assert caught.value.code in (43, 50740)


def test_concerns_and_preferences(stock: Things, first: ClientSession) -> None:
    with first.start_transaction(
        ReadConcern("snapshot"), WriteConcern("majority"), ReadPreference.PRIMARY
    ):
        stock.insert_one({"_id": 5}, session=first)
    assert stock.find_one({"_id": 5}) == {"_id": 5}


@pytest.mark.parametrize(
    "command",
    [
        {"count": "things"},
        {"drop": "things"},
        {"listCollections": 1},
        {"collStats": "things"},
        {"explain": {"find": "things"}},
    ],
)
def test_what_cannot_be_part_of_it(stock: Things, first: ClientSession, command: Document) -> None:
    first.start_transaction()
    with pytest.raises(OperationFailure) as caught:
        stock.database.command(command, session=first)
    assert caught.value.code == 263
    first.abort_transaction()


class TestByHand:
    """What a client does wrong, or again because it heard no answer."""

    @pytest.fixture
    def run(self, server: MongoConfig, database: Database[Document]) -> Iterator[Any]:
        def run(number: int, command: Document, **more: Any) -> Document:
            told = {"lsid": _LSID, "txnNumber": Int64(number), "autocommit": False, **more}
            is_end = next(iter(command)) in ("commitTransaction", "abortTransaction")
            name = "admin" if is_end else database.name
            return ask(HOST, server.port, {**command, **told, "$db": name})

        yield run
        for ending in ("killSessions", "endSessions"):
            ask(HOST, server.port, {ending: [_LSID], "$db": "admin"})

    def code(self, run: Any, *arguments: Any, **more: Any) -> int | None:
        answer = run(*arguments, **more)
        assert not answer["ok"]
        return int(answer["code"])

    def test_numbers(self, run: Any) -> None:
        find = {"find": "things"}
        assert self.code(run, 1, find) == 251
        run(10, find, startTransaction=True)
        run(10, find)
        assert self.code(run, 10, find, startTransaction=True) == 117
        run(10, find)
        assert self.code(run, 9, find, startTransaction=True) == 225
        run(11, find, startTransaction=True)
        run(12, find, startTransaction=True)
        assert self.code(run, 11, find) == 225
        assert self.code(run, 13, find) == 251

    def test_the_end_may_be_asked_for_again(self, run: Any) -> None:
        insert = {"insert": "things", "documents": [{"_id": 1}]}
        run(20, insert, startTransaction=True)
        for _ in range(3):
            run(20, {"commitTransaction": 1})
        assert self.code(run, 20, {"abortTransaction": 1}) == 256
        assert self.code(run, 20, insert) == 256
        run(21, {"find": "things"}, startTransaction=True)
        run(21, {"abortTransaction": 1})
        assert self.code(run, 21, {"abortTransaction": 1}) == 251
        assert self.code(run, 21, {"commitTransaction": 1}) == 251

    @pytest.mark.parametrize(
        "more",
        [
            {"autocommit": True, "startTransaction": True},
            {"startTransaction": False},
            {"startTransaction": True, "writeConcern": {"w": 1}},
            {"startTransaction": True, "readConcern": {"level": "linearizable"}},
        ],
    )
    def test_fields_that_do_not_go_together(self, run: Any, more: Document) -> None:
        insert = {"insert": "things", "documents": [{}]}
        assert self.code(run, 30, insert, **more) == 72

    def test_a_read_concern_later(self, run: Any) -> None:
        run(40, {"find": "things"}, startTransaction=True)
        later = {"readConcern": {"level": "snapshot"}}
        assert self.code(run, 40, {"find": "things"}, **later) == 72

    def test_a_session_that_is_killed(self, run: Any, database: Database[Document]) -> None:
        run(50, {"insert": "things", "documents": [{"_id": 1}]}, startTransaction=True)
        database.client.admin.command({"killSessions": [_LSID]})
        assert self.code(run, 50, {"commitTransaction": 1}) == 251
        assert database["things"].find_one() is None
