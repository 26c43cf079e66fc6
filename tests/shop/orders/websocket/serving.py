"""The use cases of orders on a database of their own, behind servers of a test."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

from stend.runtime.system import RandomIds, SystemClock
from stend.shop.orders.domain import Order, OrderStatus
from stend.shop.orders.stores.feed import PostgresOrderFeed
from stend.shop.orders.stores.store import PostgresOrderStore
from stend.shop.orders.usecases import Orders


@dataclass(slots=True)
class Desk:
    """The use cases, and the courier's hand: what no operation of a customer can bring about."""

    orders: Orders
    store: PostgresOrderStore
    feed: PostgresOrderFeed

    async def move(self, order: Order, status: OrderStatus) -> Order:
        moved, event = order.advance(status, SystemClock().now())
        assert await self.store.save(moved, event)
        return moved

    async def deliver(self, order: Order) -> Order:
        for status in (
            OrderStatus.RESERVED,
            OrderStatus.PAID,
            OrderStatus.PICKING,
            OrderStatus.ON_THE_WAY,
            OrderStatus.DELIVERED,
        ):
            order = await self.move(order, status)
        return order


@contextlib.asynccontextmanager
async def running_desk(database_url: str) -> AsyncIterator[Desk]:
    store = PostgresOrderStore(database_url, 5, 1.0)
    feed = PostgresOrderFeed(database_url, lambda: None)
    await store.open()
    following = asyncio.create_task(feed.run())
    try:
        yield Desk(Orders(store, feed, SystemClock(), RandomIds()), store, feed)
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
        await store.close()
