"""The asynchronous client of stock pymongo."""

import asyncio
from typing import Any

import pytest
from pymongo import InsertOne
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import DuplicateKeyError

Document = dict[str, Any]


async def test_reads_and_writes(async_database: AsyncDatabase[Document]) -> None:
    things = async_database["things"]
    await things.insert_many([{"_id": n, "v": n % 3} for n in range(250)])
    with pytest.raises(DuplicateKeyError):
        await things.insert_one({"_id": 1})
    await things.bulk_write([InsertOne({"_id": 1000, "v": 7})])
    assert (await things.update_many({"v": 1}, {"$inc": {"v": 10}})).modified_count == 83
    assert [one["_id"] async for one in things.find({"v": 11}).limit(2)] == [1, 4]
    groups = await things.aggregate([{"$sortByCount": "$v"}])
    assert [one["count"] async for one in groups] == [84, 83, 83, 1]
    assert await things.distinct("v") == [0, 2, 7, 11]
    assert (await things.delete_many({})).deleted_count == 251


async def test_many_at_once(async_database: AsyncDatabase[Document]) -> None:
    things = async_database["things"]
    await asyncio.gather(
        *(things.update_one({"_id": n % 7}, {"$inc": {"v": 1}}, upsert=True) for n in range(200))
    )
    assert sum([one["v"] async for one in things.find()]) == 200


async def test_transactions_that_conflict(async_database: AsyncDatabase[Document]) -> None:
    things = async_database["things"]
    await things.insert_one({"_id": 1, "v": 0})

    async def add(session: AsyncClientSession) -> None:
        found = await things.find_one({"_id": 1}, session=session) or {}
        await things.update_one({"_id": 1}, {"$set": {"v": found["v"] + 1}}, session=session)

    async def work() -> None:
        async with async_database.client.start_session() as session:
            await session.with_transaction(add)

    await asyncio.gather(*(work() for _ in range(8)))
    assert await things.find_one() == {"_id": 1, "v": 8}


async def test_a_watcher_hears_of_changes(async_database: AsyncDatabase[Document]) -> None:
    things = async_database["things"]
    async with await things.watch() as stream:
        waiting = asyncio.create_task(stream.next())
        await asyncio.sleep(0)
        await things.insert_one({"_id": 1})
        event = await asyncio.wait_for(waiting, 10)
    assert (event["operationType"], event["fullDocument"]) == ("insert", {"_id": 1})


async def test_a_long_scan_holds_up_nobody(async_database: AsyncDatabase[Document]) -> None:
    things = async_database["things"]
    await things.insert_many([{"_id": n, "n": 3000} for n in range(200)])
    heavy = {
        "$expr": {
            "$lt": [{"$size": {"$filter": {"input": {"$range": [0, "$n"]}, "cond": False}}}, 0]
        }
    }
    long_one = asyncio.create_task(things.count_documents(heavy))
    answered = 0
    while not long_one.done():
        await async_database.command("ping")
        answered += 1
    assert await long_one == 0
    assert answered > 10
