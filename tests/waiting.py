"""Waits for something to become true, never for time to pass."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

_T = TypeVar("_T")
_LOOK_EVERY_S = 0.02


def until(look: Callable[[], _T], timeout_s: float = 20) -> _T:
    """Looks again and again until the answer is true-like, and hands it back."""
    deadline = time.monotonic() + timeout_s
    while not (seen := look()):
        assert time.monotonic() < deadline, f"still not so after {timeout_s} s: {seen!r}"
        time.sleep(_LOOK_EVERY_S)
    return seen


async def until_async(look: Callable[[], _T], timeout_s: float = 20) -> _T:
    """The same inside of an event loop."""
    deadline = time.monotonic() + timeout_s
    while not (seen := look()):
        assert time.monotonic() < deadline, f"still not so after {timeout_s} s: {seen!r}"
        await asyncio.sleep(_LOOK_EVERY_S)
    return seen


async def until_answered(ask: Callable[[], Awaitable[_T]], timeout_s: float = 20) -> _T:
    """Asks again and again until the answer is true-like, and hands it back."""
    deadline = time.monotonic() + timeout_s
    while not (seen := await ask()):
        assert time.monotonic() < deadline, f"still not so after {timeout_s} s: {seen!r}"
        await asyncio.sleep(_LOOK_EVERY_S)
    return seen
