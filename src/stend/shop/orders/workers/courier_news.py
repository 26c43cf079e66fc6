"""Takes in the news of deliveries: what they make of an order, and how far they were read."""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import aclosing
from datetime import datetime

from stend.kit.clock import Clock
from stend.kit.errors import StendError
from stend.shop.orders.domain import Order, OrderStatus
from stend.shop.orders.ports import CourierDesk, DeliveryNews, OrderStore
from stend.shop.orders.saga import Saga, Step, statuses_after, turned_back
from stend.shop.orders.stores.sagas import Change, SagaStore
from stend.shop.orders.workers.waking import Wake

_log = logging.getLogger("stend.orders.couriers")
_RETRY_S = 0.5
_REASON = "delivery-failed: The courier could not deliver the order."


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
            await asyncio.sleep(_RETRY_S)

    async def _take_in(self, news: DeliveryNews) -> None:
        while not await self._try_to_take_in(news):
            # Somebody else changed the order in the same moment: look again.
            continue
        self._wake.set()

    async def _try_to_take_in(self, news: DeliveryNews) -> bool:
        now = self._clock.now()
        order = await self._orders.get(news.order_id)
        saga = await self._sagas.find(news.order_id)
        if order is None or saga is None or news.progress is None:
            return await self._sagas.take_in(news.cursor, None, now)
        statuses = statuses_after(order.status, news.progress)
        if not statuses:
            return await self._sagas.take_in(news.cursor, None, now)
        changes = _changes(order, statuses, now)
        steps = (saga, _following(saga, statuses[-1], now))
        return await self._sagas.take_in(news.cursor, steps, now, *changes)


def _changes(order: Order, statuses: Sequence[OrderStatus], now: datetime) -> list[Change]:
    changes = []
    for status in statuses:
        reason = _REASON if status is OrderStatus.FAILED else None
        order, event = order.advance(status, now, reason)
        changes.append(Change(order, event))
    return changes


def _following(saga: Saga, status: OrderStatus, now: datetime) -> Saga:
    match status:
        case OrderStatus.DELIVERED:
            return saga.at(Step.COMMIT_STOCK, now)
        case OrderStatus.FAILED:
            return turned_back(saga, now)
        case _:
            return saga.at(Step.AWAIT_DELIVERY, now)
