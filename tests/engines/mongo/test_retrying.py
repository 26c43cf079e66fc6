"""A write that is sent again is not done again."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bson import Binary, Int64
from pymongo.synchronous.database import Database

from stend.engines.mongo.asking import ask
from stend.engines.mongo.launcher import MongoConfig
from tests.engines.mongo.running import config_in, running, server_of
from tests.engines.servers import HOST, ready
from tests.waiting import until

Document = dict[str, Any]
_LSID = {"id": Binary(bytes(range(1, 17)), 4)}


@pytest.fixture
def run(server: MongoConfig, database: Database[Document]) -> Iterator[Any]:
    def run(number: int, command: Document) -> Document:
        numbered = {"lsid": _LSID, "txnNumber": Int64(number)}
        return ask(
            HOST, server.port, {**command, "$db": command.get("$db", database.name), **numbered}
        )

    yield run
    ask(HOST, server.port, {"endSessions": [_LSID], "$db": "admin"})


def test_inserts(run: Any, database: Database[Document]) -> None:
    insert = {"insert": "things", "documents": [{"_id": n} for n in range(5)]}
    assert run(1, insert)["n"] == 5
    again = run(1, insert)
    assert (again["n"], again["retriedStmtIds"]) == (5, [0, 1, 2, 3, 4])
    assert "writeErrors" not in again
    # Of another number it is another write.
    assert run(2, insert)["writeErrors"][0]["code"] == 11000


def test_a_part_of_a_batch(run: Any, database: Database[Document]) -> None:
    run(10, {"insert": "things", "documents": [{"_id": 0}, {"_id": 1}]})
    more = {"insert": "things", "documents": [{"_id": 1}, {"_id": 2}], "stmtIds": [1, 2]}
    assert run(10, more)["retriedStmtIds"] == [1]
    assert database["things"].count_documents({}) == 3


def test_updates_and_deletes(run: Any, database: Database[Document]) -> None:
    database["things"].insert_many([{"_id": n, "v": 0} for n in range(3)])
    update = {"update": "things", "updates": [{"q": {"_id": 0}, "u": {"$inc": {"v": 1}}}]}
    for _ in range(3):
        answer = run(20, update)
        assert (answer["n"], answer["nModified"]) == (1, 1)
    upsert = {
        "update": "things",
        "updates": [{"q": {"k": 1}, "u": {"$inc": {"v": 1}}, "upsert": True}],
    }
    assert run(21, upsert)["upserted"] == run(21, upsert)["upserted"]
    delete = {"delete": "things", "deletes": [{"q": {}, "limit": 1}]}
    for _ in range(3):
        assert run(22, delete)["n"] == 1
    assert [one["v"] for one in database["things"].find()] == [0, 0, 1]


def test_find_and_modify(run: Any) -> None:
    command = {
        "findAndModify": "things",
        "query": {"_id": 1},
        "update": {"$inc": {"v": 1}},
        "upsert": True,
        "new": True,
    }
    first, again = run(30, command), run(30, command)
    assert first["value"] == again["value"] == {"_id": 1, "v": 1}
    assert again["retriedStmtId"] == 0


def test_bulk_write(run: Any, database: Database[Document]) -> None:
    command = {
        "bulkWrite": 1,
        "$db": "admin",
        "ops": [
            {"insert": 0, "document": {"_id": 1, "v": 1}},
            {"update": 0, "filter": {"_id": 1}, "updateMods": {"$inc": {"v": 1}}},
        ],
        "nsInfo": [{"ns": f"{database.name}.things"}],
    }
    run(40, command)
    again = run(40, command)
    assert (again["nInserted"], again["nModified"], again["nErrors"]) == (1, 1, 0)
    assert database["things"].find_one() == {"_id": 1, "v": 2}


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ({"find": "things"}, 50768),
        (
            {"update": "things", "updates": [{"q": {}, "u": {"$set": {"a": 1}}, "multi": True}]},
            72,
        ),
        ({"delete": "things", "deletes": [{"q": {}, "limit": 0}]}, 72),
    ],
)
def test_what_cannot_be_repeated(run: Any, command: Document, code: int) -> None:
    answer = run(50, command)
    assert (answer["writeErrors"][0] if "writeErrors" in answer else answer)["code"] == code


def test_another_write_of_the_same_number(run: Any) -> None:
    run(55, {"insert": "things", "documents": [{"_id": 1}]})
    answer = run(55, {"update": "things", "updates": [{"q": {}, "u": {"$set": {"a": 1}}}]})
    assert answer["code"] == 40606


def test_an_older_number(run: Any) -> None:
    insert: Document = {"insert": "things", "documents": [{}]}
    run(61, insert)
    assert run(60, insert)["code"] == 225


def test_answers_outlive_a_kill(tmp_path: Path) -> None:
    config = config_in(tmp_path)
    numbered = {"lsid": _LSID, "txnNumber": Int64(5)}
    update = {"q": {"_id": 1}, "u": {"$inc": {"v": 1}}, "upsert": True}
    increment = {"update": "things", "updates": [update], "$db": "test", **numbered}
    other = {"id": Binary(bytes(range(2, 18)), 4)}
    transaction = {"lsid": other, "txnNumber": Int64(6), "autocommit": False}
    insert = {"insert": "things", "documents": [{"_id": 2}], "$db": "test", **transaction}
    commit = {"commitTransaction": 1, "$db": "admin", **transaction}
    with running(config) as launcher:
        first = ask(HOST, config.port, increment)
        ask(HOST, config.port, {**insert, "startTransaction": True})
        assert ask(HOST, config.port, commit)["ok"] == 1
        server_of(config).kill()
        assert "-9" in (until(launcher.failure) or "")
        launcher.launch()
        ready(launcher)
        assert ask(HOST, config.port, increment)["upserted"] == first["upserted"]
        assert ask(HOST, config.port, commit)["ok"] == 1
        found = ask(HOST, config.port, {"find": "things", "$db": "test"})
        assert found["cursor"]["firstBatch"] == [{"_id": 1, "v": 1}, {"_id": 2}]
