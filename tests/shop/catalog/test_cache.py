"""The cache: hits, one load for many, invalidation, and life without Redis."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from stend.engines.redis.launcher import RedisConfig, RedisLauncher
from stend.kit.errors import StendError, unavailable
from stend.shop.catalog.stores.cache import CacheLimits, RedisCache
from tests.engines.redis.running import config_in as redis_config_in
from tests.engines.servers import launched
from tests.folders import open_folder
from tests.shop.catalog.serving import (
    PRODUCTS,
    Engines,
    FreshIds,
    NoJitter,
    cache_count,
    desk_on,
)
from tests.waiting import until_async

pytestmark = pytest.mark.asyncio(loop_scope="module")


class Source:
    """What is cached: a text that changes, and how often it was asked for."""

    def __init__(self) -> None:
        self.text = "old"
        self.loads = 0
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def load(self) -> str:
        self.loads += 1
        text = self.text
        await self.may_answer.wait()
        return text


def url_of(config: RedisConfig) -> str:
    return f"redis://127.0.0.1:{config.port}/0"


class Always:
    def __init__(self, value: float) -> None:
        self._value = value

    def random(self) -> float:
        return self._value


def cache_on(url: str, **more: float) -> RedisCache:
    limits = CacheLimits(**{"pause_s": 0.05, **more})
    return RedisCache(url, limits, FreshIds(), NoJitter())


@pytest_asyncio.fixture(loop_scope="module")
async def cache(engines: Engines) -> AsyncIterator[RedisCache]:
    made = cache_on(engines.redis_url)
    await made._redis.flushdb()
    yield made
    await made.close()


@pytest.fixture
def own_redis() -> Iterator[RedisConfig]:
    """Of a server that the test starts, stops and starts again."""
    with open_folder() as folder:
        yield redis_config_in(folder)


@pytest.fixture
def source() -> Source:
    return Source()


async def reads_until_it_hits(cache: RedisCache, source: Source, text: str) -> None:
    """Whatever way it is read until then, it is the text."""
    hits = cache_count("hit")
    async with asyncio.timeout(5):
        while cache_count("hit") == hits:
            assert await cache.read("k", source.load) == text


# ---- with Redis --------------------------------------------------------------------------------


async def test_what_was_loaded_once_is_read_from_the_cache(
    cache: RedisCache, source: Source
) -> None:
    hits, misses = cache_count("hit"), cache_count("miss")
    assert [await cache.read("k", source.load) for _ in range(3)] == ["old"] * 3
    assert source.loads == 1
    assert (cache_count("hit") - hits, cache_count("miss") - misses) == (2, 1)


async def test_fifty_parallel_misses_cost_one_load(cache: RedisCache, source: Source) -> None:
    source.may_answer.clear()
    joined = cache_count("joined")
    readers = [asyncio.create_task(cache.read("k", source.load)) for _ in range(50)]
    await until_async(lambda: source.loads == 1)
    # One of those who wait goes away, and the others get their answer all the same.
    readers[0].cancel()
    source.may_answer.set()
    assert await asyncio.gather(*readers[1:]) == ["old"] * 49
    assert (source.loads, cache_count("joined") - joined) == (1, 49)


async def test_a_load_that_fails_is_told_to_all_and_not_kept(cache: RedisCache) -> None:
    loads = 0

    async def load() -> str:
        nonlocal loads
        loads += 1
        await asyncio.sleep(0)
        raise unavailable("MongoDB", "gone")

    results = await asyncio.gather(
        *(cache.read("k", load) for _ in range(5)), return_exceptions=True
    )
    assert all(isinstance(result, StendError) for result in results)
    with pytest.raises(StendError):
        await cache.read("k", load)
    assert loads == 2


async def test_after_an_invalidation_everybody_reads_the_new(
    cache: RedisCache, engines: Engines, source: Source
) -> None:
    other = cache_on(engines.redis_url)
    for reader in (cache, other):
        assert await reader.read("k", source.load) == "old"
    source.text = "new"
    await cache.invalidate()
    for reader in (cache, other):
        assert await reader.read("k", source.load) == "new"
    assert source.loads == 2
    await other.close()


async def test_a_slow_reader_from_before_the_change_leaves_nothing_stale(
    cache: RedisCache, source: Source
) -> None:
    source.may_answer.clear()
    slow = asyncio.create_task(cache.read("k", source.load))
    await until_async(lambda: source.loads == 1)
    source.text = "new"
    await cache.invalidate()
    # Who comes after the change does not join the load from before it.
    fresh = asyncio.create_task(cache.read("k", source.load))
    await until_async(lambda: source.loads == 2)
    source.may_answer.set()
    assert (await slow, await fresh) == ("old", "new")
    assert await cache.read("k", source.load) == "new"


async def test_entries_live_for_a_time_that_varies(engines: Engines, source: Source) -> None:
    lives = []
    for chance in (0.0, 0.5, 1.0):
        limits = CacheLimits(ttl_s=10.0, jitter=0.2)
        cache = RedisCache(engines.redis_url, limits, FreshIds(), Always(chance))
        await cache._redis.flushdb()
        await cache.read("k", source.load)
        lives.append(await cache._redis.pttl("catalog:cache:k"))
        await cache.close()
    assert [round(life / 1000) for life in lives] == [10, 11, 12]


async def test_what_does_not_exist_is_not_kept(cache: RedisCache) -> None:
    async def nothing() -> str:
        return "null"

    await cache.read("product:NONE-000", nothing)
    assert await cache._redis.keys("catalog:cache:*") == []


async def test_a_redis_that_lost_its_data_does_not_count_up_to_an_old_version(
    cache: RedisCache, source: Source
) -> None:
    versions = set()
    for _ in range(3):
        await cache.read("k", source.load)
        versions.add(await cache._redis.get("catalog:version"))
        await cache._redis.flushdb()
    assert (len(versions), source.loads) == (3, 3)


async def test_searches_and_later_pages_do_not_fill_the_cache(engines: Engines) -> None:
    async with desk_on(engines.mongo_url("cache_keys"), engines.redis_url) as desk:
        redis = desk.service._cache._redis
        await redis.flushdb()
        following = (await desk.http.get(PRODUCTS)).json()["next"]
        for path in (f"{PRODUCTS}?query=milk", following, f"{PRODUCTS}?query=bread"):
            assert (await desk.http.get(path)).status_code == 200
        assert await redis.keys("catalog:cache:*") == ["catalog:cache:page:None:21"]


# ---- without Redis -----------------------------------------------------------------------------


async def test_the_catalogue_answers_without_redis_and_says_so(engines: Engines) -> None:
    nowhere = "redis://127.0.0.1:1/0"
    async with desk_on(engines.mongo_url("without_redis"), nowhere) as desk:
        bypassed = cache_count("bypassed")
        product = await desk.product("MILK-001")
        changed = await desk.set_price("MILK-001", 9_000, product["version"])
        assert changed.status_code == 200
        assert await desk.product("MILK-001") == changed.json()
        assert cache_count("bypassed") - bypassed == 2


async def test_a_change_that_redis_did_not_hear_of_is_not_hidden_by_old_entries(
    own_redis: RedisConfig, source: Source
) -> None:
    cache = cache_on(url_of(own_redis))
    with launched(RedisLauncher(own_redis)):
        assert await cache.read("k", source.load) == "old"
    source.text = "new"
    await cache.invalidate()
    assert await cache.read("k", source.load) == "new"
    # The old entry is there again: it was on the disk.
    with launched(RedisLauncher(own_redis)):
        await reads_until_it_hits(cache, source, "new")
        await cache.close()


async def test_redis_that_is_stopped_and_started_again_costs_nobody_an_answer(
    engines: Engines, own_redis: RedisConfig
) -> None:
    async with desk_on(engines.mongo_url("restarted"), url_of(own_redis)) as desk:

        async def until_cached() -> None:
            hits = cache_count("hit")
            async with asyncio.timeout(5):
                while cache_count("hit") == hits:
                    assert (await desk.product("BRD-001"))["sku"] == "BRD-001"

        with launched(RedisLauncher(own_redis)):
            await until_cached()
        bypassed = cache_count("bypassed")
        for _ in range(5):
            assert (await desk.product("BRD-001"))["sku"] == "BRD-001"
        assert cache_count("bypassed") - bypassed == 5
        with launched(RedisLauncher(own_redis)):
            await until_cached()
