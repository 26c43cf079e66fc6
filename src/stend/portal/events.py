"""Server-sent events of the portal (HTML Living Standard, section 9.2)."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import suppress
from typing import TypeVar

from starlette.responses import StreamingResponse

ItemT = TypeVar("ItemT")

HEARTBEAT_S = 15.0
# A comment: keeps the connection alive and tells a dead one from a silent one.
HEARTBEAT = ": \n\n"


def frame(event: str, data: str = "") -> str:
    """One event. Every line of the data has to be a field of its own."""
    lines = "".join(f"data: {line}\n" for line in data.split("\n"))
    return f"event: {event}\n{lines}\n"


def stream(frames: AsyncIterator[str]) -> StreamingResponse:
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(frames, media_type="text/event-stream", headers=headers)


async def beating(
    source: AsyncIterator[ItemT], every_s: float = HEARTBEAT_S
) -> AsyncGenerator[ItemT | None, None]:
    """The items of `source`, and None after every silence of `every_s`.

    A plain `wait_for(anext(source))` would cancel the source itself at the first silence.
    """
    waiting: asyncio.Task[ItemT] | None = None
    try:
        while True:
            waiting = waiting or asyncio.ensure_future(_next(source))
            done, _ = await asyncio.wait({waiting}, timeout=every_s)
            if not done:
                yield None
                continue
            try:
                item = waiting.result()
            except StopAsyncIteration:
                return
            finally:
                waiting = None
            yield item
    finally:
        await _let_go(waiting, source)


async def _next(source: AsyncIterator[ItemT]) -> ItemT:
    return await anext(source)


async def _let_go(waiting: "asyncio.Task[ItemT] | None", source: AsyncIterator[ItemT]) -> None:
    if waiting is not None:
        waiting.cancel()
        with suppress(asyncio.CancelledError, StopAsyncIteration):
            await waiting
    if isinstance(source, AsyncGenerator):
        await source.aclose()


async def merged(
    first: AsyncIterator[ItemT], second: AsyncIterator[ItemT]
) -> AsyncGenerator[ItemT, None]:
    """What either yields, as it comes. Ends with `first`."""
    waiting: dict[asyncio.Task[ItemT], AsyncIterator[ItemT]] = {}
    try:
        for source in (first, second):
            waiting[asyncio.ensure_future(_next(source))] = source
        while True:
            done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                source = waiting.pop(task)
                try:
                    item = task.result()
                except StopAsyncIteration:
                    if source is first:
                        return
                    continue
                waiting[asyncio.ensure_future(_next(source))] = source
                yield item
    finally:
        for task, source in waiting.items():
            await _let_go(task, source)
