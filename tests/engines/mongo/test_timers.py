"""What the server does by itself: documents expire, and an error in it ends the server."""

import asyncio
from datetime import timedelta

import pytest
from bson import DatetimeMS, ObjectId

from stend.engines.mongo import server as serving
from stend.engines.mongo.cursors import Cursors
from stend.engines.mongo.server import MongoServer
from stend.engines.mongo.sessions import Sessions
from stend.engines.mongo.state import Facts, State
from stend.engines.mongo.store.collection import Collection
from stend.engines.mongo.store.index_specs import parse_index
from tests.engines.mongo.store.standing import NOW, Standing

_LATER = NOW + timedelta(days=1)


def state_of(standing: Standing) -> State:
    return State(
        standing.store,
        Facts(ObjectId(), "x:1", 1, NOW, (), "0", "3", "Linux"),
        lambda: _LATER,
        ObjectId,
        lambda: 0.5,
        lambda bits: 1,
        lambda: 0,
        Sessions(standing.store),
        Cursors(lambda bits: 1),
    )


def expiring(standing: Standing, count: int) -> Collection:
    collection = standing.collection()
    spec = parse_index({"key": {"at": 1}, "name": "ttl", "expireAfterSeconds": 1})
    standing.store.catalogue.create_indexes(collection, [spec])
    at = DatetimeMS(NOW)
    for number in range(count):
        collection.insert({"_id": number, "at": at})
    return collection


def test_many_documents_expire_batch_by_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    async def play() -> list[int]:
        standing = Standing()
        collection = expiring(standing, 25)
        server = MongoServer("127.0.0.1", [], state_of(standing))
        await server.start()
        left = [25]
        while left[-1]:
            await asyncio.sleep(0)
            if collection.count() != left[-1]:
                left.append(collection.count())
        await server.stop()
        return left

    monkeypatch.setattr(serving, "_TTL_BATCH", 10)
    monkeypatch.setattr(serving, "_TTL_S", 0.01)
    assert asyncio.run(play()) == [25, 15, 5, 0]


def test_an_error_between_two_batches_ends_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    results = [10]

    def expire(_now: float, _most: int) -> int:
        if not results:
            raise ZeroDivisionError
        return results.pop()

    async def play() -> None:
        standing = Standing()
        monkeypatch.setattr(standing.store, "expire", expire)
        unheard: list[object] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: unheard.append(context))
        server = MongoServer("127.0.0.1", [], state_of(standing))
        await server.start()
        with pytest.raises(ZeroDivisionError):
            await asyncio.wait_for(server.failed, 5)
        await server.stop()
        assert not unheard

    monkeypatch.setattr(serving, "_TTL_BATCH", 10)
    monkeypatch.setattr(serving, "_TTL_S", 0.01)
    asyncio.run(play())
