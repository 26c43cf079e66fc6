"""Errors of MongoDB in the place of its answers."""

import asyncio
from collections.abc import Iterator, Mapping
from typing import Any

import bson
import pymongo
import pytest
from pymongo.errors import NotPrimaryError, OperationFailure

from stend.wire.mongo.frames import OpCode, framed
from stend.wire.mongo.messages import read_msg
from tests.engines.mongo.running import config_in, running
from tests.engines.servers import HOST
from tests.folders import open_folder
from tests.tap.disturb.talking import Talk
from tests.tap.disturb.tapped import tapped


def message(number: int, document: Mapping[str, Any], answers: int = 0) -> bytes:
    return framed(OpCode.OP_MSG, number, answers, bytes(5), bson.encode(document))


def document_of(data: bytes) -> dict[str, Any]:
    return bson.decode(read_msg(data).body)


INSERT = {"insert": "orders", "documents": [{"_id": 1}], "$db": "shop"}
SESSION = {"id": bson.Binary(bytes(16), 4)}
IN_TRANSACTION = {
    **INSERT,
    "lsid": SESSION,
    "txnNumber": bson.Int64(3),
    "autocommit": False,
}
OK = {"ok": 1.0, "n": 1}
# After "not primary" the driver waits for what its monitor hears next: ten seconds otherwise.
_OPTIONS = "directConnection=true&heartbeatFrequencyMS=500"


@pytest.fixture(params=[1_000_000, 1], ids=["whole", "byte by byte"])
def talk(request: pytest.FixtureRequest) -> Iterator[Talk]:
    made = Talk("mongodb", piece_bytes=request.param)
    yield made
    made.close()


def test_a_write_fails_and_the_next_passes(talk: Talk) -> None:
    talk.set("mongo_write_conflict", first=1)
    talk.up(message(5, INSERT))
    assert talk.to_server == b""
    answer = document_of(talk.to_client)
    assert (answer["ok"], answer["code"], answer["codeName"]) == (0, 112, "WriteConflict")
    assert "errorLabels" not in answer
    assert int.from_bytes(talk.to_client[8:12], "little") == 5
    talk.up(message(6, INSERT))
    talk.down(message(9, OK, 6))
    assert talk.to_server == message(6, INSERT)
    assert talk.to_client.endswith(message(9, OK, 6))


def test_in_a_transaction_the_server_aborts_it(talk: Talk) -> None:
    talk.set("mongo_write_conflict")
    talk.up(message(5, IN_TRANSACTION))
    sent = document_of(talk.to_server)
    assert sent == {
        "abortTransaction": 1,
        "$db": "admin",
        "lsid": SESSION,
        "txnNumber": 3,
        "autocommit": False,
    }
    assert talk.to_client == b""
    talk.down(message(9, {"ok": 1.0}, 5))
    assert document_of(talk.to_client)["errorLabels"] == ["TransientTransactionError"]


@pytest.mark.parametrize(
    "document",
    [{"ping": 1, "$db": "admin"}, {"find": "orders", "$db": "shop"}, {"hello": 1, "$db": "admin"}],
    ids=lambda one: next(iter(one)),
)
def test_what_writes_nothing_passes(talk: Talk, document: dict[str, Any]) -> None:
    talk.set("mongo_not_primary")
    talk.up(message(1, document))
    talk.down(message(2, OK, 1))
    assert talk.to_server == message(1, document)
    assert talk.to_client == message(2, OK, 1)


def test_a_write_that_may_be_repeated_says_so(talk: Talk) -> None:
    talk.set("mongo_not_primary")
    talk.up(message(1, {**INSERT, "txnNumber": bson.Int64(1)}))
    assert document_of(talk.to_client)["errorLabels"] == ["RetryableWriteError"]


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with open_folder() as folder:
        config = config_in(folder)
        with running(config):
            yield config.port


async def test_pymongo_raises_the_error_and_goes_on(port: int) -> None:
    async with tapped(port, "mongodb") as tap:
        url = f"mongodb://{HOST}:{tap.port}/?{_OPTIONS}&retryWrites=false"

        def insert(client: "pymongo.MongoClient[dict[str, Any]]") -> None:
            client.shop.first.insert_one({})

        client: pymongo.MongoClient[dict[str, Any]] = pymongo.MongoClient(url)
        await asyncio.to_thread(insert, client)
        fault = tap.set("mongo_write_conflict")
        with pytest.raises(OperationFailure) as raised:
            await asyncio.to_thread(insert, client)
        assert raised.value.code == 112
        tap.faults.clear(fault.id)
        fault = tap.set("mongo_not_primary")
        with pytest.raises(NotPrimaryError):
            await asyncio.to_thread(insert, client)
        tap.faults.clear(fault.id)
        await asyncio.to_thread(insert, client)
        assert await asyncio.to_thread(client.shop.first.count_documents, {}) == 2
        await asyncio.to_thread(client.close)


async def test_the_driver_repeats_a_transaction_and_a_write(port: int) -> None:
    async with tapped(port, "mongodb") as tap:
        url = f"mongodb://{HOST}:{tap.port}/?{_OPTIONS}"
        client: pymongo.MongoClient[dict[str, Any]] = pymongo.MongoClient(url)
        orders = client.shop.second
        tried = []

        def transfer() -> None:
            def body(session: Any) -> None:
                tried.append(1)
                orders.insert_one({"step": 1}, session=session)
                orders.insert_one({"step": 2}, session=session)

            with client.start_session() as session:
                session.with_transaction(body)

        def insert() -> None:
            orders.insert_one({"step": 3})

        await asyncio.to_thread(orders.insert_one, {"step": 0})
        # The second write of the transaction: the first one is undone.
        fault = tap.set("mongo_write_conflict", every=2, first=1)
        await asyncio.to_thread(transfer)
        assert len(tried) == 2
        assert fault.struck == 1
        tap.faults.clear(fault.id)
        fault = tap.set("mongo_not_primary", first=1)
        await asyncio.to_thread(insert)
        assert fault.struck == 1
        found = await asyncio.to_thread(lambda: [one["step"] for one in orders.find()])
        assert found == [0, 1, 2, 3]
        await asyncio.to_thread(client.close)
