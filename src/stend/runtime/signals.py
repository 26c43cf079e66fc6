"""How a process is told to end: Ctrl-C and SIGTERM."""

import asyncio
import signal
import sys
from collections.abc import Callable


def on_signals(stop: Callable[[], None]) -> None:
    """Calls `stop` in the running loop, whichever of them comes."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        if sys.platform == "win32":
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop))
        else:
            loop.add_signal_handler(number, stop)
