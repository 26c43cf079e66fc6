"""The sagas of a real PostgreSQL, with services that a test makes fail."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from stend.runtime.system import RandomIds, SystemClock
from stend.shop.orders.domain import Order
from stend.shop.orders.saga import Saga, Step
from stend.shop.orders.stores.feed import PostgresOrderFeed
from stend.shop.orders.stores.sagas import SagaStore
from stend.shop.orders.stores.store import PostgresOrderStore
from stend.shop.orders.usecases import GetOrder, Orders
from stend.shop.orders.workers.config import RunnerLimits
from stend.shop.orders.workers.courier_news import CourierNews
from stend.shop.orders.workers.saga_runner import Desks, SagaRunner
from stend.shop.orders.workers.waking import Wakes
from tests.fakes.desks import World
from tests.shop.postgresql import SharedPostgres
from tests.waiting import until_answered

PATIENCE = timedelta(seconds=30)


@pytest.fixture(scope="module")
def database_url(postgres: SharedPostgres) -> str:
    return postgres.empty_database("orders")


@dataclass(slots=True)
class Shop:
    """The use cases, and the sagas of what they place."""

    orders: Orders
    store: PostgresOrderStore
    sagas: SagaStore
    world: World
    placed: list[str] = field(default_factory=list)

    async def place(self, request: Any) -> Order:
        order = (await self.orders.place_order(request)).order
        self.placed.append(order.order_id)
        return order

    async def order(self, order_id: str) -> Order:
        return await self.orders.get_order(GetOrder(order_id))

    async def saga(self, order_id: str) -> Saga:
        saga = await self.sagas.find(order_id)
        assert saga is not None
        return saga

    async def reaches(self, order_id: str, step: Step, timeout_s: float = 20) -> Order:
        """The order when its saga is at this step."""

        async def is_there() -> bool:
            return (await self.saga(order_id)).step is step

        await until_answered(is_there, timeout_s)
        return await self.order(order_id)

    async def ends(self, order_id: str, timeout_s: float = 20) -> Order:
        """The order when its saga is done."""
        return await self.reaches(order_id, Step.DONE, timeout_s)


class NoJitter:
    """The shortest pauses."""

    def random(self) -> float:
        return 0.0


@asynccontextmanager
async def shop_of(url: str, world: World, patience: timedelta = PATIENCE) -> AsyncIterator[Shop]:
    clock, wakes = SystemClock(), Wakes()
    store = PostgresOrderStore(url, 4, 1.0)
    await store.open()
    feed = PostgresOrderFeed(url, wakes.set)
    sagas = SagaStore(store.engine, "a test")
    desks = Desks(world.stock, world.bank, world.points, world.couriers)
    runner = SagaRunner(
        store, sagas, desks, RunnerLimits(16, patience), clock, NoJitter(), wakes.sagas
    )
    news = CourierNews(store, sagas, world.couriers, clock, wakes.sagas)
    tasks = [asyncio.create_task(work()) for work in (feed.run, runner.run, news.run)]
    try:
        yield Shop(Orders(store, feed, clock, RandomIds()), store, sagas, world)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await store.close()
