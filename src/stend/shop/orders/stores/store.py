"""The store that the use cases see, over one PostgreSQL."""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime

from psycopg import AsyncConnection
from psycopg.types.json import set_json_loads
from pydantic_core import from_json
from sqlalchemy.ext.asyncio import AsyncEngine

from stend.chassis.migrating import Migrations, migrate
from stend.chassis.postgresql import CONNECT_TIMEOUT_S, pooled_engine
from stend.chassis.reaching import reaching_postgresql
from stend.chassis.service import Migrated
from stend.chassis.tracing.postgresql import TracedCursor
from stend.kit.errors import StendError
from stend.shop.orders.domain import Order, OrderEvent, Price
from stend.shop.orders.ports import KeyedOrder, KeyedRequest, OrderFilter
from stend.shop.orders.stores.connecting import OPTIONS
from stend.shop.orders.stores.read_pool import ReadPool, Row
from stend.shop.orders.stores.reading import OrderReader
from stend.shop.orders.stores.seeding import seed_price_list
from stend.shop.orders.stores.tables import SCHEMA
from stend.shop.orders.stores.writing import OrderWriter

_log = logging.getLogger("stend.orders.store")
_RECONNECT_S = 0.5
MIGRATIONS = Migrations(SCHEMA, "stend.shop.orders.stores.migrations")


class PostgresOrderStore:
    """
    Args:
        url: `postgresql://user:password@host:port/database`.
        pool_size: connections for reads, as many again for writes, and as many for workers.
        wait_s: how long a request waits for a free connection.
    """

    def __init__(self, url: str, pool_size: int, wait_s: float) -> None:
        self._pool = ReadPool(
            url,
            min_size=1,
            max_size=pool_size,
            timeout=wait_s,
            reconnect_timeout=1,
            open=False,
            configure=_configure,
            kwargs={
                "autocommit": True,
                "options": OPTIONS,
                "connect_timeout": CONNECT_TIMEOUT_S,
                "cursor_factory": TracedCursor,
            },
        )
        self.engine: AsyncEngine = pooled_engine(url, OPTIONS, pool_size, wait_s)
        # What is done behind the answer, however much of it, keeps no customer waiting.
        self.workers_engine: AsyncEngine = pooled_engine(url, OPTIONS, pool_size, wait_s)
        self._reader = OrderReader(self._pool)
        self._writer = OrderWriter(self.engine)

    async def open(self) -> None:
        """Brings the schema to its newest version, fills the price list, opens the pools."""
        await self.migrate()
        await self._pool.open()

    async def migrate(self) -> Migrated:
        async with self.engine.begin() as connection:
            migrated = await migrate(connection, MIGRATIONS)
            await seed_price_list(connection)
        return migrated

    async def close(self) -> None:
        # Its workers may be connecting to a server that hangs; they are not worth waiting for.
        await self._pool.close(timeout=1)
        await self._dispose()

    async def ping(self) -> None:
        """
        Raises:
            StendError: UNAVAILABLE.
        """
        try:
            with reaching_postgresql:
                async with self._pool.connection() as connection:
                    await connection.execute("SELECT 1")
        except StendError:
            # Each connection that did not survive would fail one write after the recovery.
            await self._dispose()
            raise

    async def _dispose(self) -> None:
        await self.engine.dispose()
        await self.workers_engine.dispose()

    async def prices(self, skus: Sequence[str]) -> Mapping[str, Price]:
        with reaching_postgresql:
            return await self._reader.prices(skus)

    async def find_keyed(self, key: str, now: datetime) -> KeyedOrder | None:
        with reaching_postgresql:
            return await self._reader.find_keyed(key, now)

    async def add(
        self, order: Order, event: OrderEvent, request: KeyedRequest, now: datetime
    ) -> KeyedOrder | None:
        with reaching_postgresql:
            while not await self._writer.add(order, event, request, now):
                earlier = await self._reader.find_keyed(request.key, now)
                if earlier:
                    return earlier
                # The key expired and was forgotten between the two statements: take it again.
        return None

    async def get(self, order_id: str) -> Order | None:
        with reaching_postgresql:
            return await self._reader.get(order_id)

    async def list_page(
        self, wanted: OrderFilter, before_id: str | None, limit: int
    ) -> Sequence[Order]:
        with reaching_postgresql:
            return await self._reader.list_page(wanted, before_id, limit)

    async def save(self, order: Order, event: OrderEvent) -> bool:
        with reaching_postgresql:
            return await self._writer.save(order, event)

    async def history(self, order_id: str, after_version: int) -> Sequence[OrderEvent]:
        with reaching_postgresql:
            return await self._reader.history(order_id, after_version)

    async def forget_expired_keys(self, now: datetime) -> int:
        with reaching_postgresql:
            return await self._writer.forget_expired_keys(now)

    async def forget_published(self, before: datetime) -> int:
        with reaching_postgresql:
            return await self._writer.forget_published(before)


async def _configure(connection: AsyncConnection[Row]) -> None:
    # The lines of an order come as JSON: the standard library would take four times as long.
    set_json_loads(from_json, connection)
