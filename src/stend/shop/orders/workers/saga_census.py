"""Counts the sagas that have not ended: how many wait for each step, and the first for how long."""

import asyncio
import contextlib

from stend.chassis.metrics import SAGA_STEP_AGE_SECONDS, SAGAS_OPEN
from stend.kit.clock import Clock
from stend.kit.errors import StendError
from stend.shop.orders.saga import Step
from stend.shop.orders.stores.sagas import SagaStore

_COUNT_EVERY_S = 5.0


class SagaCensus:
    def __init__(self, sagas: SagaStore, clock: Clock) -> None:
        self._sagas = sagas
        self._clock = clock

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            # While the database is away the figures of a moment ago stand; the runner's log tells
            # why.
            with contextlib.suppress(StendError):
                await self.count()
            await asyncio.sleep(_COUNT_EVERY_S)

    async def count(self) -> None:
        """
        Raises:
            StendError: UNAVAILABLE.
        """
        found = {one.step: one for one in await self._sagas.open_steps()}
        now = self._clock.now()
        for step in Step:
            if step is Step.DONE:
                continue
            one = found.get(step)
            # A clock that was put back makes nothing younger than now.
            age_s = max((now - one.since).total_seconds(), 0.0) if one else 0.0
            SAGAS_OPEN.labels(step).set(one.sagas if one else 0)
            SAGA_STEP_AGE_SECONDS.labels(step).set(age_s)
