"""The time that one operation may take, kept the same way over every protocol."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from stend.kit.errors import deadline_exceeded

_ResultT = TypeVar("_ResultT")
# A cancelled statement first asks PostgreSQL to end it, and psycopg waits ten seconds for that. A
# server that hangs does not answer; the second cancellation makes psycopg close the connection.
_CANCELLING_S = 0.3


async def within(deadline_s: float, work: Awaitable[_ResultT]) -> _ResultT:
    """
    Raises:
        StendError: DEADLINE_EXCEEDED, a moment after the deadline at the latest.
    """
    deadline = _Deadline(deadline_s)
    try:
        return await work
    except asyncio.CancelledError:
        if not deadline.passed():
            raise
        raise deadline_exceeded(deadline_s) from None
    finally:
        deadline.end()


class _Deadline:
    """One timer for the running task. asyncio.timeout cancels once; this cancels twice."""

    def __init__(self, deadline_s: float) -> None:
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("a deadline belongs to a task")
        self._task = task
        self._cancellations = 0
        self._loop = asyncio.get_running_loop()
        self._timer = self._loop.call_later(deadline_s, self._cancel)

    def passed(self) -> bool:
        """Whether the cancellation was ours alone; somebody else's has to go on."""
        return 0 < self._cancellations == self._task.cancelling()

    def end(self) -> None:
        self._timer.cancel()
        for _ in range(self._cancellations):
            self._task.uncancel()

    def _cancel(self) -> None:
        self._cancellations += 1
        self._task.cancel()
        if self._cancellations == 1:
            self._timer = self._loop.call_later(_CANCELLING_S, self._cancel)
