"""What a real driver and the stand's server say is decoded to the last byte."""

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest
from pymongo import MongoClient, UpdateOne
from pymongo.errors import DuplicateKeyError, OperationFailure
from pymongo.write_concern import WriteConcern

from stend.kit.fields import account, every
from stend.wire.decoding import Role
from stend.wire.exchanges import Grouping
from stend.wire.mongo.decoder import MongoDecoder
from tests.engines.mongo.running import config_in, running
from tests.engines.servers import HOST
from tests.wire.checking import Heard, check
from tests.wire.recording import recorded

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def _speak(client: "MongoClient[dict[str, Any]]") -> None:
    things = client["shop"]["things"]
    things.insert_many([{"_id": number, "name": f"чай {number}"} for number in range(5)])
    things.create_index("name", unique=True)
    with contextlib.suppress(DuplicateKeyError):
        things.insert_one({"_id": 1})
    found = things.find({"_id": {"$gt": 0}}, batch_size=2, comment={"traceparent": TRACE})
    assert len(list(found)) == 4
    things.bulk_write([UpdateOne({"_id": 1}, {"$set": {"price": 5}}, upsert=True)])
    things.find_one_and_update({"_id": 2}, {"$inc": {"n": 1}})
    assert list(things.aggregate([{"$group": {"_id": None, "n": {"$sum": 1}}}]))
    things.with_options(write_concern=WriteConcern(w=0)).delete_one({"_id": 3})
    with client.start_session() as session, session.start_transaction():
        things.insert_one({"_id": 100}, session=session)
    with contextlib.suppress(OperationFailure):
        client["shop"].command("nothing like this")
    assert client["shop"].list_collection_names()
    things.delete_many({})


@pytest.fixture(scope="module")
def talks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Heard]]:
    config = config_in(tmp_path_factory.mktemp("talks"))
    with running(config), recorded(config.port) as recording:
        for options in ("appname=shop", "compressors=zlib"):
            address = f"mongodb://{HOST}:{recording.port}/?directConnection=true&{options}"
            with MongoClient[dict[str, Any]](address) as client:
                _speak(client)
        recording.stop()
        yield [check(MongoDecoder, talk) for talk in recording.talks]


def test_every_byte_has_a_name(talks: list[Heard]) -> None:
    named = 0
    for heard in talks:
        for unit in heard.units:
            tree = heard.tree(unit)
            found = account(tree, 0, unit.end - unit.start)
            assert found.undecoded == 0
            assert not any(one.why_not for one in every(tree))
            named += found.named
    assert named > 5_000


def test_commands_have_their_answers(talks: list[Heard]) -> None:
    units = [unit for heard in talks for unit in heard.units]
    assert {one.name for one in units} >= {
        "hello",
        "insert",
        "find",
        "getMore",
        "update",
        "findAndModify",
        "aggregate",
        "delete",
        "commitTransaction",
        "createIndexes",
    }
    assert {one.error for one in units} >= {"11000 DuplicateKey", "59 CommandNotFound"}
    assert TRACE in {one.context for one in units}
    assert any(one.name == "delete" and one.role is Role.MESSAGE for one in units)
    for heard in talks:
        exchanges = {one.number: one for one in Grouping().add(heard.units)}.values()
        # A monitor that streams, and what was asked as the client left, may be open.
        assert sum(not one.is_complete for one in exchanges) <= 1


def test_no_field_of_the_protocol_is_without_words(talks: list[Heard]) -> None:
    lacking = {
        one.name
        for heard in talks
        for unit in heard.units
        for one in every(heard.tree(unit))
        if "словаре стенда" in one.meaning.text.ru
    }
    assert lacking <= {"nothing like this", "value"}
