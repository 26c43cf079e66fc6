"""The feed of changes: who follows an order hears of each as it is committed."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from psycopg import Error

from stend.kit.errors import unavailable
from stend.shop.orders.stores.connecting import connect
from stend.shop.orders.stores.tables import CHANGES_CHANNEL

_log = logging.getLogger("stend.orders.feed")
_RECONNECT_S = 0.5


class PostgresOrderFeed:
    """Wakes subscribers through LISTEN and NOTIFY, over one connection for all of them.

    Args:
        on_change: called for a change of any order.
    """

    def __init__(self, url: str, on_change: Callable[[], None]) -> None:
        self._url = url
        self._on_change = on_change
        self._waiting: dict[str, set[asyncio.Event]] = {}
        self._closed = False

    async def run(self) -> None:
        """Listens until cancelled; a lost connection is made again."""
        while True:
            try:
                await self._listen()
            except (Error, OSError) as error:
                _log.warning("the feed of changes is interrupted: %s", error)
            await asyncio.sleep(_RECONNECT_S)

    async def _listen(self) -> None:
        connection = await connect(self._url)
        async with connection:
            await connection.execute(f"LISTEN {CHANGES_CHANNEL}")
            # Whatever changed while nobody listened.
            for order_id in list(self._waiting):
                self._wake(order_id)
            async for notification in connection.notifies():
                self._wake(notification.payload)

    def close(self) -> None:
        """Ends every subscription with UNAVAILABLE: silence would look like an order at rest."""
        self._closed = True
        for order_id in list(self._waiting):
            self._wake(order_id)

    async def _pulses(self, event: asyncio.Event) -> AsyncIterator[None]:
        while not self._closed:
            await event.wait()
            event.clear()
            if not self._closed:
                yield
        raise unavailable("orders", "the service is stopping")

    def _wake(self, order_id: str) -> None:
        self._on_change()
        for event in self._waiting.get(order_id, ()):
            event.set()

    @asynccontextmanager
    async def subscribe(self, order_id: str) -> AsyncIterator[AsyncIterator[None]]:
        event = asyncio.Event()
        self._waiting.setdefault(order_id, set()).add(event)
        try:
            yield self._pulses(event)
        finally:
            waiting = self._waiting[order_id]
            waiting.discard(event)
            if not waiting:
                del self._waiting[order_id]
