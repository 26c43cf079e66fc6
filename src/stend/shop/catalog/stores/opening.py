"""Opens the database when it is first needed: its driver costs a quarter of a second to import."""

import asyncio
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from stend.kit.clock import Clock
from stend.kit.errors import unavailable

if TYPE_CHECKING:
    from stend.shop.catalog.stores.mongo import MongoCatalogStore

_PORT = 27017


class MongoOpening:
    """
    Args:
        url: `mongodb://host:port/database`, several hosts, or `mongodb+srv://…`.
        wait_s: see `MongoCatalogStore`.
    """

    def __init__(self, url: str, pool_size: int, wait_s: float, clock: Clock) -> None:
        self._url = url
        self._pool_size = pool_size
        self._wait_s = wait_s
        self._clock = clock
        self._opening = asyncio.Lock()
        self._made: MongoCatalogStore | None = None
        self._is_open = False

    async def store(self) -> "MongoCatalogStore":
        """The store, with its indexes and its seed.

        Raises:
            StendError: UNAVAILABLE; the next call tries again.
        """
        async with self._opening:
            if self._made is None:
                module = await asyncio.to_thread(import_module, "stend.shop.catalog.stores.mongo")
                make: Callable[..., MongoCatalogStore] = module.MongoCatalogStore
                self._made = make(self._url, self._pool_size, self._wait_s, self._clock)
            if not self._is_open:
                await self._made.open()
                self._is_open = True
        return self._made

    async def ping(self) -> None:
        """
        Raises:
            StendError: UNAVAILABLE.
        """
        address = urlsplit(self._url)
        if self._made is None and (address.scheme != "mongodb" or "," in address.netloc):
            # Where it answers, only the driver finds out.
            await self.store()
        if self._made is not None:
            await self._made.ping()
            return
        # Whether somebody listens is known without the driver.
        try:
            _, writer = await asyncio.open_connection(address.hostname, address.port or _PORT)
        except OSError as error:
            raise unavailable("MongoDB", str(error)) from error
        writer.close()

    async def close(self) -> None:
        if self._made is not None:
            await self._made.close()
