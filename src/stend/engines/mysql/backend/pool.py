"""Connections to PostgreSQL that all clients share: few, opened when they are needed."""

import asyncio
from collections import deque

from stend.engines.mysql.backend.link import Link
from stend.engines.mysql.errors import MyError, MySqlError

MAX_LINKS = 40
# Transactions need a second one to go on: those must not be taken by new transactions.
_RESERVED = 12
_WAIT_S = 10.0
_IDLE_S = 30.0
_KEPT = 2


class Pool:
    """
    Args:
        dsn: of the PostgreSQL.

    Attributes:
        open: how many there are.
    """

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._idle: list[Link] = []
        self.open = 0
        self._waiting: deque[tuple[bool, asyncio.Future[None]]] = deque()
        self._loop = asyncio.get_running_loop()
        self._is_closed = False

    async def take(self, *, is_second: bool = False) -> Link:
        """A connection outside of any transaction; give it back by `give_back`.

        Args:
            is_second: of a transaction that holds one already.

        Raises:
            MySqlError: ER_CON_COUNT_ERROR: all are taken for too long.
            LostError: PostgreSQL does not answer.
        """
        if not self._may_take(is_second=is_second):
            await self._wait(is_second=is_second)
        while self._idle:
            link = self._idle.pop()
            if link.is_left_alone():
                return link
            self.open -= 1
            await link.close()
        self.open += 1
        try:
            return await Link.open(self._dsn)
        except BaseException:
            self.open -= 1
            self._wake()
            raise

    async def give_back(self, link: Link) -> None:
        """Takes it back; one that is dead is forgotten."""
        if self._is_closed or not link.is_alive:
            self.open -= 1
            await link.close()
        else:
            link.freed_at = self._loop.time()
            link.forget_settings()
            self._idle.append(link)
        self._wake()

    async def close_idle(self) -> None:
        """Closes connections that nobody has wanted for a while."""
        limit = self._loop.time() - _IDLE_S
        while len(self._idle) > _KEPT and self._idle[0].freed_at < limit:
            self.open -= 1
            await self._idle.pop(0).close()

    async def close(self) -> None:
        self._is_closed = True
        while self._idle:
            self.open -= 1
            await self._idle.pop().close()

    def _may_take(self, *, is_second: bool) -> bool:
        taken = self.open - len(self._idle)
        return taken < (MAX_LINKS if is_second else MAX_LINKS - _RESERVED)

    async def _wait(self, *, is_second: bool) -> None:
        turn: asyncio.Future[None] = self._loop.create_future()
        entry = (is_second, turn)
        self._waiting.append(entry)
        try:
            async with asyncio.timeout(_WAIT_S):
                await turn
        except TimeoutError:
            raise MySqlError(
                MyError.ER_CON_COUNT_ERROR, "Too many connections are in transactions"
            ) from None
        finally:
            if entry in self._waiting:
                self._waiting.remove(entry)

    def _wake(self) -> None:
        for entry in tuple(self._waiting):
            is_second, turn = entry
            if self._may_take(is_second=is_second) and not turn.done():
                self._waiting.remove(entry)
                turn.set_result(None)
                return
