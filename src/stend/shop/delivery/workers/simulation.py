"""Makes the steps of deliveries at their moments, and writes down where couriers are."""

import asyncio
import logging

from stend.kit.clock import Clock
from stend.kit.errors import StendError
from stend.shop.delivery.usecases.couriers import Couriers
from stend.shop.delivery.usecases.deliveries import Deliveries

_log = logging.getLogger("stend.delivery.simulation")
# What another process has begun and cannot finish is found this late.
_LOOK_EVERY_S = 5.0
# Also of what is due and does not change, such as a record that nobody can read.
_RETRY_S = 0.5
_SHORTEST_S = 0.02


class Simulation:
    """Sleeps until the next step is due; while somebody rides, it looks up every `step_s`.

    Nothing of it is in memory: after a crash it goes on with what the engine has, and two of them
    make each step once.
    """

    def __init__(
        self, deliveries: Deliveries, couriers: Couriers, clock: Clock, step_s: float
    ) -> None:
        self._deliveries = deliveries
        self._couriers = couriers
        self._clock = clock
        self._step_s = step_s
        self._changed = asyncio.Event()
        self._look_at_s = 0.0

    def wake(self) -> None:
        """Something has changed: what is due next may be sooner."""
        self._changed.set()

    async def run(self) -> None:
        """Until cancelled."""
        stands_still = False
        while True:
            try:
                is_stuck = await self._make_due_steps()
                await self._look_around()
                wait_s = await self._wait_s(_RETRY_S if is_stuck else _SHORTEST_S)
            except StendError as error:
                # Once for an outage, and not for every attempt to end it.
                if not stands_still:
                    _log.warning("the couriers stand still: %s", error.detail)
                stands_still = True
                await asyncio.sleep(_RETRY_S)
            except Exception:  # noqa: BLE001 - whatever a bug raises, the next step may be right
                _log.exception("the couriers stand still")
                await asyncio.sleep(_RETRY_S)
            else:
                stands_still = False
                await self._sleep(wait_s)

    async def _make_due_steps(self) -> bool:
        """Whether something stays due, whatever is done."""
        looked_after: set[str] = set()
        while due := await self._deliveries.due():
            fresh = [one for one in due if one not in looked_after]
            if not fresh:
                return True
            for order_id in fresh:
                looked_after.add(order_id)
                try:
                    await self._deliveries.look_after(order_id)
                except StendError:
                    raise
                except Exception:  # noqa: BLE001 - one broken record must not stop the others
                    _log.exception("the delivery of %s cannot go on", order_id)
        return False

    async def _look_around(self) -> None:
        now_s = asyncio.get_running_loop().time()
        if now_s < self._look_at_s:
            return
        somebody_rides = await self._couriers.look()
        self._look_at_s = now_s + (self._step_s if somebody_rides else _LOOK_EVERY_S)

    async def _wait_s(self, shortest_s: float) -> float:
        due_at = await self._deliveries.next_due()
        look_s = self._look_at_s - asyncio.get_running_loop().time()
        if due_at is None:
            return look_s
        due_s = max((due_at - self._clock.now()).total_seconds(), shortest_s)
        return min(look_s, due_s)

    async def _sleep(self, longest_s: float) -> None:
        # A hundred changes at once are one reason to look.
        await asyncio.sleep(min(_SHORTEST_S, longest_s))
        try:
            async with asyncio.timeout(longest_s):
                await self._changed.wait()
        except TimeoutError:
            return
        # Somebody begins to ride, perhaps.
        self._changed.clear()
        self._look_at_s = min(self._look_at_s, asyncio.get_running_loop().time() + self._step_s)
