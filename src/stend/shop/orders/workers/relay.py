"""Carries events from the outbox to a broker: in batches, each order's in order, at least once."""

import asyncio
import contextlib
import logging
from collections.abc import Sequence

from stend.chassis.metrics import OUTBOX_LAG_SECONDS, OUTBOX_PUBLISHED, OUTBOX_ROWS
from stend.kit.clock import Clock
from stend.kit.errors import StendError
from stend.shop.orders.ports import EventPublisher, OutboxEvent
from stend.shop.orders.stores.outbox import Outbox
from stend.shop.orders.workers.waking import Wake

_log = logging.getLogger("stend.orders.relay")
# A notification may be lost with its connection, so the outbox is looked at from time to time.
_LOOK_EVERY_S = 1.0
_RETRY_S = 0.5


class Relay:
    """
    Args:
        target: as metrics and the log name it.
    """

    def __init__(
        self, outbox: Outbox, publisher: EventPublisher, target: str, clock: Clock, wake: Wake
    ) -> None:
        self._outbox = outbox
        self._publisher = publisher
        self._target = target
        self._clock = clock
        self._wake = wake
        self._measured_at_s = 0.0
        # Halved by each failure and doubled by each success: a broker so slow that the whole batch
        # does not make its deadline would otherwise be sent the same one again and again.
        self._most = publisher.most_at_once

    async def run(self) -> None:
        """Until cancelled. What a broker has not confirmed stays and is published again."""
        try:
            while True:
                try:
                    await self._work()
                except StendError as error:
                    _log.warning("events for %s wait: %s", self._target, error.detail)
                    self._most = max(1, self._most // 2)
                    # Without the database the numbers of a moment ago stand; the log tells why.
                    with contextlib.suppress(StendError):
                        await self._measure()
                    # The lead may have gone with the connection.
                    await self._outbox.close()
                    await asyncio.sleep(_RETRY_S)
        finally:
            await self._outbox.close()

    async def _work(self) -> None:
        if not await self._outbox.take_lead():
            await asyncio.sleep(_LOOK_EVERY_S)
            return
        while True:
            self._wake.clear()
            events = await self._outbox.waiting(self._most)
            if not events:
                await self._measure()
                await self._wake.wait(_LOOK_EVERY_S)
                continue
            await self._drain(events)

    async def _drain(self, events: Sequence[OutboxEvent]) -> None:
        """Publishes one batch after the other; meanwhile the one before is confirmed and the one
        behind is read.
        """
        published: Sequence[OutboxEvent] = ()
        while events:
            publishing = asyncio.create_task(self._publisher.publish(events))
            # Neither may be left alone, and either may fail.
            outcome, following = await asyncio.gather(
                publishing,
                self._around(published, events, publishing),
                return_exceptions=True,
            )
            if isinstance(outcome, BaseException):
                raise outcome
            if isinstance(following, BaseException):
                raise following
            self._most = min(self._publisher.most_at_once, 2 * self._most)
            published, events = events, following
        await self._confirm(published)

    async def _around(
        self,
        published: Sequence[OutboxEvent],
        events: Sequence[OutboxEvent],
        publishing: asyncio.Task[None],
    ) -> Sequence[OutboxEvent]:
        await self._confirm(published)
        if _loop_s() - self._measured_at_s >= _LOOK_EVERY_S:
            await self._measure()
        following = await self._outbox.waiting(self._most, besides=events)
        # A broker that is away is waited for, and what waits for it has to be seen meanwhile.
        while not (await asyncio.wait({publishing}, timeout=_LOOK_EVERY_S))[0]:
            await self._measure()
        return following

    async def _confirm(self, published: Sequence[OutboxEvent]) -> None:
        if published:
            await self._outbox.confirm(published, self._clock.now())
            for event in published:
                OUTBOX_PUBLISHED.labels("orders", self._target, event.type).inc()

    async def _measure(self) -> None:
        # Whoever calls hears of a connection that is gone: the next statement would open another
        # one, without the lead.
        self._measured_at_s = _loop_s()
        backlog = await self._outbox.backlog()
        lag_s = (self._clock.now() - backlog.oldest).total_seconds() if backlog.oldest else 0.0
        OUTBOX_ROWS.labels("orders", self._target).set(backlog.rows)
        OUTBOX_LAG_SECONDS.labels("orders", self._target).set(max(lag_s, 0.0))


def _loop_s() -> float:
    return asyncio.get_running_loop().time()
