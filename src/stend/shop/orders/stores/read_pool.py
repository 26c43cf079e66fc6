"""The pool of connections for reads."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

Row = tuple[Any, ...]


class ReadPool(AsyncConnectionPool[AsyncConnection[Row]]):
    """Loses no connection of whoever is cancelled while it comes back.

    psycopg_pool takes a connection back in the task that has borrowed it, and waits for a lock
    there: a deadline that ends this wait would end the connection's life in the pool, too.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._returning: set[asyncio.Task[None]] = set()

    async def putconn(self, conn: AsyncConnection[Row]) -> None:
        await self._to_its_end(super().putconn(conn))

    async def check(self) -> None:
        await self._to_its_end(super().check())

    async def _to_its_end(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._returning.add(task)
        task.add_done_callback(self._returning.discard)
        await asyncio.shield(task)
