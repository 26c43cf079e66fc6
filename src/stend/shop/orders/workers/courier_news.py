"""Takes in the news of deliveries: what they make of an order, and how far they were read."""

import asyncio
import logging
from contextlib import aclosing
from datetime import datetime

from stend.chassis.tracing.recording import begin, entered, resumed
from stend.kit.clock import Clock
from stend.kit.errors import StendError
from stend.shop.orders.ports import CourierDesk, DeliveryNews, OrderStore, PeerRefusal
from stend.shop.orders.saga import Saga
from stend.shop.orders.stores.sagas import SagaStore
from stend.shop.orders.workers.progressing import progressed
from stend.shop.orders.workers.waking import Wake

_log = logging.getLogger("stend.orders.couriers")
_RETRY_S = 0.5


class CourierNews:
    def __init__(
        self,
        orders: OrderStore,
        sagas: SagaStore,
        couriers: CourierDesk,
        clock: Clock,
        wake: Wake,
    ) -> None:
        self._orders = orders
        self._sagas = sagas
        self._couriers = couriers
        self._clock = clock
        self._wake = wake

    async def run(self) -> None:
        """Until cancelled; a broken stream goes on after the news that were taken in."""
        while True:
            try:
                async with aclosing(self._couriers.watch(await self._sagas.cursor())) as stream:
                    async for news in stream:
                        await self._take_in(news)
            except StendError as error:
                _log.warning("no news of couriers: %s", error.detail)
            except PeerRefusal as refusal:
                _log.warning("the news of couriers begin anew: %s", refusal.detail)
                # News that were taken in before change nothing a second time.
                await self._begin_anew()
            await asyncio.sleep(_RETRY_S)

    async def _begin_anew(self) -> None:
        try:
            await self._sagas.take_in("", None, self._clock.now())
        except StendError as error:
            _log.warning("no news of couriers: %s", error.detail)

    async def _take_in(self, news: DeliveryNews) -> None:
        while not await self._try_to_take_in(news):
            # Somebody else changed the order in the same moment: look again.
            continue
        self._wake.set()

    async def _try_to_take_in(self, news: DeliveryNews) -> bool:
        now = self._clock.now()
        # The saga first: an order that is still open now was so then, and its saga went forward.
        saga = await self._sagas.find(news.order_id)
        kept = saga.trace_context if saga else None
        with resumed("orders", kept), entered(begin("news of the courier")):
            return await self._progress(news, saga, now)

    async def _progress(self, news: DeliveryNews, saga: Saga | None, now: datetime) -> bool:
        order = await self._orders.get(news.order_id)
        if order is None or saga is None or news.progress is None:
            return await self._sagas.take_in(news.cursor, None, now)
        move = progressed(saga, order, news.progress, news.store_id, now)
        if move is None:
            return await self._sagas.take_in(news.cursor, None, now)
        return await self._sagas.take_in(news.cursor, (saga, move.after), now, *move.changes)
