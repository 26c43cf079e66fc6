"""Whoever is cancelled, the pool of reads loses no connection."""

import asyncio
from collections.abc import AsyncIterator

import pytest_asyncio

from stend.shop.orders.stores.read_pool import ReadPool
from tests.shop.postgresql import SharedPostgres
from tests.waiting import until_answered


@pytest_asyncio.fixture
async def pool(postgres: SharedPostgres) -> AsyncIterator[ReadPool]:
    async with ReadPool(
        postgres.empty_database("orders"),
        min_size=2,
        max_size=2,
        timeout=1.0,
        open=False,
        kwargs={"autocommit": True},
    ) as made:
        await made.wait()
        yield made


async def read(pool: ReadPool, done: asyncio.Event) -> None:
    async with pool.connection() as connection:
        await connection.execute("SELECT 1")
        done.set()


async def has_all(pool: ReadPool) -> bool:
    return pool.get_stats()["pool_available"] == 2


async def test_a_connection_comes_back_though_its_borrower_is_cancelled(pool: ReadPool) -> None:
    done = asyncio.Event()
    borrower = asyncio.create_task(read(pool, done))
    await done.wait()
    # The pool is busy with another one: the borrower waits for it, and is cancelled there.
    async with pool._lock:
        await asyncio.sleep(0)
        borrower.cancel()
        await asyncio.wait({borrower})
        assert borrower.cancelled()
    await until_answered(lambda: has_all(pool), 5)


async def test_connections_that_are_checked_come_back_though_nobody_waits(pool: ReadPool) -> None:
    checking = asyncio.create_task(pool.check())
    # The task begins, and the check in it.
    for _ in range(2):
        await asyncio.sleep(0)
    assert pool.get_stats()["pool_available"] == 0
    # As above: the connection that was found to work cannot come back yet.
    async with pool._lock:
        await asyncio.wait({checking}, timeout=0.2)
        assert not checking.done()
        checking.cancel()
        await asyncio.wait({checking})
    await until_answered(lambda: has_all(pool), 5)
