"""Metadata locks: DDL waits for those who use a table, and they for it, as in MySQL.

A statement shares the tables that it names, a transaction until it ends; DDL takes tables for
itself, all at once, so that it never holds one while it waits for another.
"""

import asyncio
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from stend.engines.mysql.errors import MyError, MySqlError
from stend.engines.mysql.tables.model import TableName


@dataclass(slots=True, eq=False)
class Holder:
    """Who holds locks: a transaction, or one statement."""

    shared: set[TableName] = field(default_factory=set)
    alone: frozenset[TableName] = frozenset()


@dataclass(slots=True, eq=False)
class _Waiting:
    holder: Holder
    tables: frozenset[TableName]
    is_alone: bool
    turn: asyncio.Future[None]


class MetadataLocks:
    """Locks of all tables, in the order in which they were asked for."""

    def __init__(self) -> None:
        self._shared: dict[TableName, set[Holder]] = {}
        self._alone: dict[TableName, Holder] = {}
        self._waiting: deque[_Waiting] = deque()

    async def share(
        self, holder: Holder, tables: Iterable[TableName], timeout_s: float | None
    ) -> None:
        """
        Raises:
            MySqlError: ER_LOCK_WAIT_TIMEOUT.
        """
        wanted = frozenset(tables) - holder.shared
        if wanted:
            await self._take(holder, wanted, is_alone=False, timeout_s=timeout_s)

    async def take_alone(
        self, holder: Holder, tables: Iterable[TableName], timeout_s: float | None
    ) -> None:
        """
        Raises:
            MySqlError: ER_LOCK_WAIT_TIMEOUT.
        """
        await self._take(holder, frozenset(tables), is_alone=True, timeout_s=timeout_s)

    def release(self, holder: Holder) -> None:
        """Whatever the holder has; who waits for it goes on."""
        if not holder.shared and not holder.alone:
            return
        for one in holder.shared:
            holders = self._shared[one]
            holders.discard(holder)
            if not holders:
                del self._shared[one]
        for one in holder.alone:
            del self._alone[one]
        holder.shared.clear()
        holder.alone = frozenset()
        self._wake()

    async def _take(
        self,
        holder: Holder,
        tables: frozenset[TableName],
        *,
        is_alone: bool,
        timeout_s: float | None,
    ) -> None:
        ahead = {one for waiting in self._waiting for one in waiting.tables if waiting.is_alone}
        # Who waits to be alone goes first, or it would wait for ever.
        if not (tables & ahead) and self._is_free(holder, tables, is_alone=is_alone):
            self._grant(holder, tables, is_alone=is_alone)
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        waiting = _Waiting(holder, tables, is_alone, turn)
        self._waiting.append(waiting)
        try:
            async with asyncio.timeout(timeout_s):
                await turn
        except TimeoutError:
            raise MySqlError(
                MyError.ER_LOCK_WAIT_TIMEOUT,
                "Lock wait timeout exceeded; try restarting transaction",
            ) from None
        finally:
            if waiting in self._waiting:
                self._waiting.remove(waiting)
                self._wake()

    def _is_free(self, holder: Holder, tables: frozenset[TableName], *, is_alone: bool) -> bool:
        if any(self._alone.get(one, holder) is not holder for one in tables):
            return False
        return not is_alone or all(self._shared.get(one, set()) <= {holder} for one in tables)

    def _grant(self, holder: Holder, tables: frozenset[TableName], *, is_alone: bool) -> None:
        if is_alone:
            holder.alone |= tables
            self._alone.update(dict.fromkeys(tables, holder))
            return
        holder.shared |= tables
        for one in tables:
            self._shared.setdefault(one, set()).add(holder)

    def _wake(self) -> None:
        blocked: set[TableName] = set()
        for waiting in tuple(self._waiting):
            if waiting.turn.done():
                continue
            is_blocked = bool(waiting.tables & blocked)
            if not is_blocked and self._is_free(
                waiting.holder, waiting.tables, is_alone=waiting.is_alone
            ):
                self._grant(waiting.holder, waiting.tables, is_alone=waiting.is_alone)
                self._waiting.remove(waiting)
                waiting.turn.set_result(None)
            elif waiting.is_alone:
                blocked |= waiting.tables
