"""Commits, and reads that none of them may disturb."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from stend.engines.mysql.backend.changes import Changes
from stend.engines.mysql.tables.model import TableName

Tables = frozenset[TableName]


class Commits:
    """
    Attributes:
        changes: what the commits have changed.
    """

    def __init__(self) -> None:
        self.changes = Changes()
        self._still: Counter[TableName] = Counter()
        self._held_up = 0
        self._waiting: list[asyncio.Future[None]] = []

    @asynccontextmanager
    async def commit(self, tables: Tables) -> AsyncIterator[None]:
        """A commit that changes these tables is sent inside."""
        self._held_up += 1
        try:
            while any(self._still[one] for one in tables):
                await self._turn()
        finally:
            self._held_up -= 1
        self.changes.begin(tables)
        try:
            yield
        finally:
            self.changes.end(tables)
            self._wake()

    @asynccontextmanager
    async def still(self, tables: Tables) -> AsyncIterator[None]:
        """Inside, no commit changes these tables. Nothing inside may wait for others."""
        # Readers one after another must not hold up a commit for ever.
        while self._held_up:
            await self._turn()
        self._still.update(tables)
        try:
            while self.changes.are_committing(tables):
                await self._turn()
            yield
        finally:
            self._still -= Counter(tables)
            self._wake()

    async def _turn(self) -> None:
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        await turn

    def _wake(self) -> None:
        waiting, self._waiting = self._waiting, []
        for one in waiting:
            if not one.done():
                one.set_result(None)
