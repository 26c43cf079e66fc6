"""What the processes of the stand's own servers share: how one runs, and when it ends."""

import asyncio
import contextlib
import gc
import logging
import signal
import sys
from collections.abc import Callable, Coroutine
from typing import Any

LOG_FORMAT = "%(asctime)s %(levelname)s %(message)s"
# What a server has made by now lives for long: the collector need not look at it all the time, and
# reference counts free most of what dies.
GC_THRESHOLDS = (50_000, 20, 50)


def run(
    serve: Callable[[], Coroutine[Any, Any, None]],
    log: logging.Logger,
    reasons: tuple[type[Exception], ...],
) -> int:
    """Runs a server to its end.

    Args:
        log: its end is told there when it is none in good order.
        reasons: errors that tell the reader of the log what to do, as OSError does; any other is a
            bug.

    Returns:
        The exit code: 0 after a signal, 1 after an error.
    """
    known: tuple[type[Exception], ...] = (OSError, *reasons)
    logging.basicConfig(level=logging.INFO, format=LOG_FORMAT, stream=sys.stderr)
    try:
        with asyncio.Runner(loop_factory=_new_loop) as runner:
            runner.run(serve())
    except known as error:
        log.error("%s", error)
        return 1
    except Exception:
        log.exception("a bug in the server ends it")
        return 1
    return 0


def settle(thresholds: tuple[int, int, int] = GC_THRESHOLDS) -> None:
    """Called once everything is made that lives as long as the process."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*thresholds)


async def until_signal(*failed: "asyncio.Future[None]") -> None:
    """Returns when the process is asked to end; raises what one of the futures raises.

    On Windows the process is ended at once: what is acknowledged must be safe by then.
    """
    loop = asyncio.get_running_loop()
    stop = loop.create_future()

    def finish() -> None:
        if not stop.done():
            stop.set_result(None)

    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, finish)
    done, _ = await asyncio.wait([stop, *failed], return_when=asyncio.FIRST_COMPLETED)
    for one in done:
        one.result()


def _new_loop() -> asyncio.AbstractEventLoop:
    if sys.platform == "win32":
        # What our servers need of sockets and of psycopg, the default loop there does not have.
        return asyncio.SelectorEventLoop()
    import uvloop

    return uvloop.new_event_loop()
