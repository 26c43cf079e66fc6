"""Cache-aside in Redis: what was read lately, invalidated by version, and dispensable.

Each entry carries the version of the catalogue it was read at. A change sets a new version, and
with that one write every older entry is worth nothing, also one that a slow reader writes later.
Versions are ULIDs and no counter: a Redis that lost its data must not count up to an old one again.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import cast

from prometheus_client import Counter
from redis.asyncio import Redis

from stend.chassis.metrics import REGISTRY
from stend.chassis.redis import reaching_redis, redis_client
from stend.kit.chance import Chance
from stend.kit.errors import StendError
from stend.kit.ids import Ids

CACHE_REQUESTS = Counter(
    "shop_cache_requests_total",
    "Reads through a cache; result is hit, miss, joined (the load of another) or bypassed.",
    ("service", "result"),
    registry=REGISTRY,
)
_SERVICE = "catalog"
_PREFIX = "catalog:cache:"
_VERSION_KEY = "catalog:version"
_SEPARATOR = "\n"
_NOTHING = "null"
_log = logging.getLogger("stend.catalog.cache")


@dataclass(frozen=True, slots=True)
class CacheLimits:
    """
    Attributes:
        ttl_s: how long an entry lives; the bound of staleness where an invalidation cannot reach.
        jitter: up to this part of the time is added, so that entries do not die all at once.
        wait_s: for Redis; a cache that is slower than what it caches is none.
        pause_s: after a failure Redis is left alone for so long.
    """

    ttl_s: float = 30.0
    jitter: float = 0.2
    wait_s: float = 0.1
    pause_s: float = 1.0


class RedisCache:
    """Reads through Redis, one load per key however many wait for it, and without Redis, too.

    Args:
        url: `redis://host:port/0`.
    """

    def __init__(self, url: str, limits: CacheLimits, ids: Ids, chance: Chance) -> None:
        self._redis: Redis = redis_client(url, pool_size=16, wait_s=limits.wait_s)
        self._limits = limits
        self._ids = ids
        self._chance = chance
        self._flights: dict[str, asyncio.Task[str]] = {}
        self._paused_until = 0.0
        self._is_away = False
        # A change that Redis has not heard of: until it has, nothing it says may be believed.
        self._is_outdated = False

    async def read(self, key: str, load: Callable[[], Awaitable[str]]) -> str:
        """The cached text, or the loaded one, which is cached then.

        Raises:
            StendError: of the load; never of Redis.
        """
        flight = self._flights.get(key)
        if flight is None:
            flight = asyncio.create_task(self._fetch(key, load))
            self._flights[key] = flight
            flight.add_done_callback(lambda done: self._land(key, done))
        else:
            CACHE_REQUESTS.labels(_SERVICE, "joined").inc()
        # A caller who goes away must not take the load from those who wait for it, too.
        return await asyncio.shield(flight)

    async def invalidate(self) -> None:
        """After a change was written: whoever reads from now on sees it.

        Where Redis cannot be reached this process bypasses it until it has heard of the change;
        other processes may answer with what was, for at most the life of an entry.
        """
        # Nobody may join a load that began before the change.
        self._flights.clear()
        self._is_outdated = True
        await self._renew_version()

    async def close(self) -> None:
        for flight in list(self._flights.values()):
            flight.cancel()
        # The pool was handed over, so it is not closed by itself.
        await self._redis.aclose(close_connection_pool=True)

    async def _fetch(self, key: str, load: Callable[[], Awaitable[str]]) -> str:
        version, cached = await self._look(_PREFIX + key)
        if cached is not None:
            CACHE_REQUESTS.labels(_SERVICE, "hit").inc()
            return cached
        CACHE_REQUESTS.labels(_SERVICE, "bypassed" if version is None else "miss").inc()
        text = await load()
        # What does not exist has any number of names, and must not fill the cache.
        if version is not None and text != _NOTHING:
            await self._keep(_PREFIX + key, version, text)
        return text

    async def _look(self, key: str) -> tuple[str | None, str | None]:
        """The version of the catalogue, None where Redis is away, and what is cached of it."""
        if self._is_paused() or (self._is_outdated and not await self._renew_version()):
            return None, None
        try:
            with reaching_redis:
                version, entry = await self._texts(_VERSION_KEY, key)
                if version is None:
                    await self._redis.set(_VERSION_KEY, self._ids.ulid(), nx=True)
                    (version,) = await self._texts(_VERSION_KEY)
        except StendError as error:
            self._pause(error)
            return None, None
        self._is_away = False
        entry_version, _, text = (entry or "").partition(_SEPARATOR)
        return version, text if entry and entry_version == version else None

    async def _texts(self, *keys: str) -> list[str | None]:
        # redis-py's types do not know decode_responses.
        return cast("list[str | None]", await self._redis.mget(keys))

    async def _keep(self, key: str, version: str, text: str) -> None:
        life_s = self._limits.ttl_s * (1 + self._limits.jitter * self._chance.random())
        try:
            with reaching_redis:
                entry = version + _SEPARATOR + text
                await self._redis.set(key, entry, px=max(round(life_s * 1000), 1))
        except StendError as error:
            self._pause(error)

    async def _renew_version(self) -> bool:
        if self._is_paused():
            return False
        try:
            with reaching_redis:
                await self._redis.set(_VERSION_KEY, self._ids.ulid())
        except StendError as error:
            self._pause(error)
            return False
        self._is_outdated = False
        return True

    def _is_paused(self) -> bool:
        return asyncio.get_running_loop().time() < self._paused_until

    def _pause(self, error: StendError) -> None:
        # Once per outage, and not once per request of it.
        if not self._is_away:
            _log.warning("the catalogue is read without its cache: %s", error.value)
        self._is_away = True
        self._paused_until = asyncio.get_running_loop().time() + self._limits.pause_s

    def _land(self, key: str, done: asyncio.Task[str]) -> None:
        if self._flights.get(key) is done:
            del self._flights[key]
        # Retrieved here, so that an error nobody waits for any more is not reported as lost.
        if not done.cancelled():
            done.exception()
