"""Work that goes on as long as its service runs, whatever goes wrong in it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

_AGAIN_AFTER_S = 1.0


def keep_running(
    name: str, work: Callable[[], Awaitable[None]], log: logging.Logger
) -> asyncio.Task[None]:
    """Begins the work, and begins it anew whenever it ends, until the task is cancelled.

    What a worker knows to go wrong it deals with itself. This is for the rest: a bug, or an answer
    of an engine that nobody expected, must not end it in silence.

    Args:
        name: as the log tells of it.
    """
    return asyncio.create_task(_forever(name, work, log), name=name)


async def _forever(name: str, work: Callable[[], Awaitable[None]], log: logging.Logger) -> None:
    while True:
        try:
            await work()
        except asyncio.CancelledError:
            if _is_asked_to_end():
                raise
            # A client cancels what waits on a connection that it has lost.
            log.exception("%s is cancelled by nobody and begins anew", name)
        except Exception:
            log.exception("%s is interrupted and begins anew", name)
        else:
            log.error("%s has ended and begins anew", name)
        await asyncio.sleep(_AGAIN_AFTER_S)


def _is_asked_to_end() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
