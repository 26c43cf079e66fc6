"""Tells everybody who waits that something has happened: one reader of the stream for all."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from redis.asyncio import Redis

from stend.chassis.redis import reaching_redis
from stend.kit.errors import StendError, unavailable
from stend.shop.delivery.stores.book import PREFIX, RedisDeliveryBook

_log = logging.getLogger("stend.delivery.feed")
# The connection's own time limit has to be longer.
BLOCK_S = 10.0
_ENTRIES = 500
_FIRST_PAUSE_S = 0.1
_LONGEST_PAUSE_S = 1.0


class _Signal:
    def __init__(self) -> None:
        self._happened = asyncio.Event()
        self.is_over = False

    def set(self) -> None:
        self._happened.set()

    async def wait(self, timeout_s: float | None) -> None:
        if not self.is_over:
            try:
                async with asyncio.timeout(timeout_s):
                    await self._happened.wait()
            except TimeoutError:
                return
        if self.is_over:
            raise unavailable("delivery", "the service is about to stop")
        self._happened.clear()


class RedisDeliveryFeed:
    """
    Args:
        client: of its own, as it waits for `BLOCK_S` at a time.
    """

    def __init__(self, client: Redis, book: RedisDeliveryBook) -> None:
        self._client: Any = client
        self._book = book
        self._signals: set[_Signal] = set()
        self._is_closed = False

    @property
    def subscribers(self) -> int:
        return len(self._signals)

    @asynccontextmanager
    async def subscribe(self) -> AsyncIterator[_Signal]:
        signal = _Signal()
        signal.is_over = self._is_closed
        self._signals.add(signal)
        try:
            yield signal
        finally:
            self._signals.discard(signal)

    async def run(self) -> None:
        """Until cancelled. When Redis is away everybody is woken, to find that out himself."""
        pause_s = _FIRST_PAUSE_S
        while True:
            try:
                cursor = await self._book.newest_cursor()
                # What happened while nobody read.
                self._wake_all()
                pause_s = _FIRST_PAUSE_S
                await self._follow(cursor)
            except StendError as error:
                # Once for an outage, and not for every attempt to end it.
                if pause_s == _FIRST_PAUSE_S:
                    _log.warning("the feed of deliveries stands still: %s", error.detail)
                self._wake_all()
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)

    def close(self) -> None:
        """Everybody who waits now or later is told that the service stops."""
        self._is_closed = True
        for signal in self._signals:
            signal.is_over = True
        self._wake_all()

    async def _follow(self, cursor: str) -> None:
        stream = f"{PREFIX}events"
        while True:
            with reaching_redis:
                news = await self._client.xread(
                    {stream: cursor}, count=_ENTRIES, block=int(BLOCK_S * 1000)
                )
            for entries in _entries(news):
                cursor = entries[-1][0]
                self._wake_all()

    def _wake_all(self) -> None:
        for signal in self._signals:
            signal.set()


def _entries(news: Any) -> list[Any]:
    """Per stream: RESP3 has a map where RESP2 has pairs."""
    if not news:
        return []
    if isinstance(news, dict):
        return [batch for batches in news.values() for batch in batches]
    return [entries for _, entries in news]
