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
    try:
        async with asyncio.timeout(deadline_s + _CANCELLING_S), asyncio.timeout(deadline_s):
            return await work
    except TimeoutError:
        raise deadline_exceeded(deadline_s) from None
