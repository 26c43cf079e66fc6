"""The use cases of orders on a PostgreSQL of their own, behind servers of a test."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import psycopg

from stend.engines.postgresql.launcher import PostgresConfig, PostgresLauncher, Role
from stend.runtime.system import RandomIds, SystemClock
from stend.shop.orders.domain import Order, OrderStatus
from stend.shop.orders.stores.feed import PostgresOrderFeed
from stend.shop.orders.stores.store import PostgresOrderStore
from stend.shop.orders.usecases import Orders
from tests.engines.servers import HOST, free_port, launched
from tests.folders import open_folder


@contextlib.contextmanager
def running_database() -> Iterator[str]:
    roles = (Role("orders", "orders"), Role("lavka", "lavka", owner_of_all=True))
    with open_folder() as folder:
        config = PostgresConfig(
            folder / "postgresql", folder / "postgresql.log", HOST, free_port(), "lavka", roles
        )
        with launched(PostgresLauncher(config), psycopg.OperationalError):
            yield f"postgresql://orders:orders@{HOST}:{config.port}/lavka"


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
