"""Tells who follows that a fault was set, or has ended."""

import asyncio
from collections.abc import AsyncIterator

from stend.tap.faults import Faults


class FaultChanges:
    """For any number of followers, none of which keeps another one waiting."""

    def __init__(self, faults: Faults) -> None:
        self._events: set[asyncio.Event] = set()
        faults.on_change.append(self._tell)

    async def follow(self) -> AsyncIterator[None]:
        """Yields once after whatever has changed since; changes in between are merged."""
        event = asyncio.Event()
        self._events.add(event)
        try:
            while True:
                await event.wait()
                event.clear()
                yield
        finally:
            self._events.discard(event)

    def _tell(self) -> None:
        for event in self._events:
            event.set()
