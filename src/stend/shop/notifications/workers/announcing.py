"""Tells the live feed what the inbox has: an outbox towards Redis, so that it may be away."""

import asyncio
import logging

from stend.chassis.retrying import pauses
from stend.chassis.tracing.recording import batch_entered
from stend.kit.clock import Clock
from stend.kit.errors import StendError
from stend.shop.notifications.ports import LiveFeed, NotificationStore
from stend.shop.notifications.workers.waking import Wake

_log = logging.getLogger("stend.notifications.announcer")
_BATCH = 200
_LOOK_EVERY_S = 2.0


class Announcer:
    def __init__(self, store: NotificationStore, feed: LiveFeed, clock: Clock, wake: Wake) -> None:
        self._store = store
        self._feed = feed
        self._clock = clock
        self._wake = wake

    async def run(self) -> None:
        """Until cancelled. A notification that is told twice is remembered once."""
        delays = pauses()
        while True:
            try:
                if not await self._announce():
                    await self._wake.wait(_LOOK_EVERY_S)
                delays = pauses()
            except StendError as error:
                _log.warning("listeners hear later: %s", error.detail)
                await asyncio.sleep(next(delays))

    async def _announce(self) -> bool:
        """Whether there was something to tell."""
        waiting = await self._store.unannounced(_BATCH)
        if not waiting:
            return False
        contexts = [notification.event.trace_context for notification in waiting]
        with batch_entered("notifications", "tell listeners", contexts):
            await self._feed.announce(waiting)
            event_ids = [notification.event.event_id for notification in waiting]
            await self._store.mark_announced(event_ids, self._clock.now())
        return True
