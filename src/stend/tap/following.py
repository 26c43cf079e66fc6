"""Tells who follows a recording that something has come; not more often than anybody can look."""

import asyncio
from collections.abc import AsyncIterator

from stend.tap.recording import Recording

# What comes within it is told of together. Less often, and rows come late; more often, and a page
# that draws five hundred of them a second has no time left.
EVERY_S = 0.07


class Changes:
    """Watches a recording for any number of followers. Costs nothing while there are none."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._events: set[asyncio.Event] = set()
        self._is_closed = False

    async def follow(self, every_s: float = EVERY_S) -> AsyncIterator[None]:
        """Yields once after whatever has come since, until `close`."""
        event = asyncio.Event()
        self._events.add(event)
        self._recording.on_change = self._tell
        try:
            while not self._is_closed:
                await event.wait()
                event.clear()
                yield
                await asyncio.sleep(every_s)
        finally:
            self._events.discard(event)
            if not self._events:
                self._recording.on_change = _nothing

    def close(self) -> None:
        """Ends all that follow."""
        self._is_closed = True
        self._tell()

    def _tell(self) -> None:
        for event in self._events:
            event.set()


def _nothing() -> None:
    """Nobody follows."""
