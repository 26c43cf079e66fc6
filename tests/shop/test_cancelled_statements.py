"""A cancelled statement leaves its connection in the pool, or closed; never to the collector."""

import asyncio
import contextlib
import gc
import warnings
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from random import Random

import psycopg
import pytest
import pytest_asyncio
from psycopg import waiting
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from stend.chassis.deadlines import within
from stend.chassis.postgresql import PooledConnection, pooled_engine
from stend.kit.errors import StendError
from tests.shop.postgresql import SharedPostgres
from tests.waiting import until_answered

POOL_SIZE = 4
_ROUNDS, _AT_ONCE = 15, 3 * POOL_SIZE
_STATEMENT = text("SELECT pg_sleep(0.02)")
_LONGEST_S = 0.05

Opened = Callable[[AsyncEngine], AbstractAsyncContextManager[AsyncConnection]]


def transaction(engine: AsyncEngine) -> AbstractAsyncContextManager[AsyncConnection]:
    return engine.begin()


def statement(engine: AsyncEngine) -> AbstractAsyncContextManager[AsyncConnection]:
    return engine.execution_options(isolation_level="AUTOCOMMIT").connect()


async def ended_by_a_deadline(engine: AsyncEngine, opened: Opened, random: Random) -> None:
    with contextlib.suppress(StendError):
        await within(random.uniform(0.001, _LONGEST_S), _work(engine, opened))


async def cancelled(engine: AsyncEngine, opened: Opened, random: Random) -> None:
    await _cancelled(engine, opened, random, times=1)


async def cancelled_twice(engine: AsyncEngine, opened: Opened, random: Random) -> None:
    await _cancelled(engine, opened, random, times=2)


async def _work(engine: AsyncEngine, opened: Opened) -> None:
    async with opened(engine) as connection:
        await connection.execute(_STATEMENT)
        await connection.execute(_STATEMENT)


async def _cancelled(engine: AsyncEngine, opened: Opened, random: Random, times: int) -> None:
    task = asyncio.create_task(_work(engine, opened))
    for _ in range(times):
        # Not for a condition: the moment is to be any, in the middle of whatever is done.
        await asyncio.wait({task}, timeout=random.uniform(0, _LONGEST_S) / times)
        task.cancel()
    await asyncio.gather(task, return_exceptions=True)


@pytest.fixture(params=[False, True], ids=["as it comes", "with a ping"])
def pre_ping(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest_asyncio.fixture
async def engine(postgres: SharedPostgres, pre_ping: bool) -> AsyncIterator[AsyncEngine]:
    url = postgres.empty_database("orders")
    engine = pooled_engine(url, "-c timezone=UTC", POOL_SIZE, 1.0, pre_ping=pre_ping)
    yield engine
    await engine.dispose()


@pytest.fixture
def complaints() -> Iterator[list[warnings.WarningMessage]]:
    """Warnings, also those that are raised in a collector and so can fail nothing."""
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        yield seen


@pytest.mark.slow
@pytest.mark.parametrize("opened", [transaction, statement])
@pytest.mark.parametrize("ended", [ended_by_a_deadline, cancelled, cancelled_twice])
async def test_the_pool_is_whole_after_many_cancelled_statements(
    engine: AsyncEngine,
    opened: Opened,
    ended: Callable[[AsyncEngine, Opened, Random], "asyncio.Future[None]"],
    complaints: list[warnings.WarningMessage],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    # As on a busy loop: psycopg gives way wherever it can.
    monkeypatch.setattr(waiting, "MAX_BUSY_TIME", 0)
    random = Random(7)
    for _ in range(_ROUNDS):
        await asyncio.gather(*(ended(engine, opened, random) for _ in range(_AT_ONCE)))

    async def is_whole() -> bool:
        # The connection of a request that was cancelled twice comes back a moment later.
        return "Current Checked out connections: 0" in engine.pool.status()

    await until_answered(is_whole, 5)
    gc.collect()
    assert [str(one.message) for one in complaints] == []
    assert [one for one in caplog.messages if "garbage collector" in one] == []
    # Every place is free, and nothing of another's transaction is left in it.
    held = [await engine.connect() for _ in range(POOL_SIZE)]
    for connection in held:
        raw = await connection.get_raw_connection()
        driver = raw.driver_connection
        assert isinstance(driver, PooledConnection)
        assert driver.autocommit is False
        assert driver.info.transaction_status is psycopg.pq.TransactionStatus.IDLE
        await connection.close()


@pytest.mark.parametrize("opened", [transaction, statement])
async def test_a_connection_whose_server_has_hung_up_is_not_handed_out(
    engine: AsyncEngine, opened: Opened
) -> None:
    async with opened(engine) as connection:
        ended = (await connection.execute(text("SELECT pg_backend_pid()"))).scalar_one()
    async with await PooledConnection.connect(
        engine.url.set(drivername="postgresql").render_as_string(hide_password=False),
        autocommit=True,
    ) as other:
        await other.execute("SELECT pg_terminate_backend(%s, 5000)", (ended,))
    async with opened(engine) as connection:
        assert (await connection.execute(text("SELECT pg_backend_pid()"))).scalar_one() != ended


async def test_a_connection_that_another_task_uses_is_not_switched(
    postgres: SharedPostgres,
) -> None:
    url = postgres.empty_database("orders")
    async with await PooledConnection.connect(url, autocommit=True) as connection:
        using = asyncio.create_task(connection.execute("SELECT pg_sleep(30)"))
        await until_answered(lambda: _is_active(connection), 5)
        with pytest.raises(RuntimeError, match="two tasks"):
            await connection.set_autocommit(False)
        using.cancel()
        await asyncio.gather(using, return_exceptions=True)
        await connection.set_autocommit(False)
        assert connection.autocommit is False


async def _is_active(connection: PooledConnection) -> bool:
    return connection.info.transaction_status is psycopg.pq.TransactionStatus.ACTIVE
