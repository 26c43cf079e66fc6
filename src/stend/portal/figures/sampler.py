"""Reads the metrics again and again, and keeps what the figures were."""

import asyncio
import logging
import math
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import suppress

from prometheus_client import CollectorRegistry

from stend.kit.clock import Clock
from stend.portal.figures.bands import ASKED
from stend.portal.figures.computing import figures_of
from stend.portal.figures.figure import WINDOW_S
from stend.portal.figures.reading import MetricsReader, Reading
from stend.portal.figures.ring import Point, Ring

_log = logging.getLogger("stend.figures")
# Two readings of a window while nobody looks, so that whoever comes finds what was before.
IDLE_EVERY_S = 5.0
WATCHED_EVERY_S = 1.0
# A clock and a timer never agree to the last digit.
_TOLERANCE_S = 0.25


class Sampler:
    """
    Attributes:
        ring: what the figures were.
        is_quiet: no customer has asked for anything yet.
    """

    def __init__(self, registry: CollectorRegistry, clock: Clock) -> None:
        self._reader = MetricsReader(registry)
        self._clock = clock
        self._readings: deque[Reading] = deque()
        self._watchers: set[asyncio.Event] = set()
        self._woken = asyncio.Event()
        self._is_closed = False
        self.ring = Ring()
        self.is_quiet = True

    @property
    def is_watched(self) -> bool:
        return bool(self._watchers)

    def sample(self) -> None:
        """Takes one reading."""
        now = self._reader.read(self._clock.now().timestamp())
        if self._readings and now.at_s <= self._readings[-1].at_s:
            # The clock was put back: nothing from before can be compared with what comes.
            self._readings.clear()
        since_s = now.at_s - WINDOW_S - _TOLERANCE_S
        while self._readings and self._readings[0].at_s < since_s:
            self._readings.popleft()
        earlier = self._readings[0] if self._readings else None
        self._readings.append(now)
        self.is_quiet = not any(row[0.0] for row in now.totals.get(ASKED, {}).values())
        self.ring.add(Point(now.at_s, figures_of(earlier, now)))
        for watcher in self._watchers:
            watcher.set()

    async def run(self) -> None:
        """Until cancelled. A reading that fails leaves a gap and a line in the log."""
        loop = asyncio.get_running_loop()
        while True:
            began_s = loop.time()
            try:
                self.sample()
            except Exception:  # noqa: BLE001 - whatever a collector raises, the next one is due
                _log.exception("the metrics were not read")
            await self._pause(began_s)

    async def points(self, after_s: float) -> AsyncGenerator[Point]:
        """Every point later than that, as they come, until `close()`."""
        watcher = asyncio.Event()
        self._watchers.add(watcher)
        self._woken.set()
        try:
            while not self._is_closed:
                last = self.ring.last()
                if last is not None and last.at_s < after_s:
                    # The clock was put back, and the ring begins anew.
                    after_s = -math.inf
                for point in list(self.ring.since(after_s)):
                    after_s = point.at_s
                    yield point
                await watcher.wait()
                watcher.clear()
        finally:
            self._watchers.discard(watcher)

    def close(self) -> None:
        """Ends everybody's `points()`."""
        self._is_closed = True
        for watcher in self._watchers:
            watcher.set()

    async def _pause(self, began_s: float) -> None:
        loop = asyncio.get_running_loop()
        while True:
            self._woken.clear()
            every_s = WATCHED_EVERY_S if self.is_watched else IDLE_EVERY_S
            left_s = began_s + every_s - loop.time()
            if left_s <= 0:
                return
            with suppress(TimeoutError):
                async with asyncio.timeout(left_s):
                    await self._woken.wait()
