"""The store that the use cases see, over one PostgreSQL."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime

from sqlalchemy import delete, text
from sqlalchemy.ext.asyncio import AsyncConnection

from stend.chassis.migrating import Migrations, migrate
from stend.chassis.postgresql import pooled_engine
from stend.chassis.reaching import reaching_postgresql
from stend.chassis.service import Migrated
from stend.kit.clock import Clock
from stend.shop.stock.domain import Quantity, Reservation
from stend.shop.stock.ports import StockTransaction
from stend.shop.stock.stores.reading import (
    read_imbalances,
    read_quantities,
    read_reservations,
)
from stend.shop.stock.stores.seeding import seed_quantities
from stend.shop.stock.stores.tables import SCHEMA, inbox
from stend.shop.stock.stores.transaction import PostgresTransaction

MIGRATIONS = Migrations(SCHEMA, "stend.shop.stock.stores.migrations")
# Times come back in UTC whatever the server's zone; a statement that outlives every deadline of
# the service is ended by the server itself, even if the service is gone.
_OPTIONS = "-c timezone=UTC -c statement_timeout=15000 -c application_name=stock"


class PostgresStockStore:
    """
    Args:
        url: `postgresql://user:password@host:port/database`.
        pool_size: connections.
        wait_s: how long a command waits for a free connection.
    """

    def __init__(self, url: str, pool_size: int, wait_s: float, clock: Clock) -> None:
        self._clock = clock
        # A command must not be refused because the database was restarted.
        self._engine = pooled_engine(url, _OPTIONS, pool_size, wait_s, pre_ping=True)
        # A read is one statement: BEGIN and ROLLBACK around it would be two more trips.
        self._reading = self._engine.execution_options(isolation_level="AUTOCOMMIT")

    async def open(self) -> Migrated:
        """Brings the schema to its newest version and fills an empty warehouse."""
        async with self._engine.begin() as connection:
            migrated = await migrate(connection, MIGRATIONS)
            await seed_quantities(connection, self._clock.now())
        return migrated

    async def close(self) -> None:
        await self._engine.dispose()

    async def ping(self) -> None:
        """
        Raises:
            StendError: UNAVAILABLE.
        """
        async with self._connected() as connection:
            await connection.execute(text("SELECT 1"))

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[StockTransaction]:
        with reaching_postgresql:
            async with self._engine.begin() as connection:
                yield PostgresTransaction(connection, self._clock)

    async def quantities(self, skus: Sequence[str]) -> Mapping[str, Quantity]:
        async with self._connected() as connection:
            return await read_quantities(connection, skus)

    async def reservations(self, after: str | None, limit: int) -> Sequence[Reservation]:
        async with self._connected() as connection:
            return await read_reservations(connection, after, limit)

    async def imbalances(self) -> Sequence[str]:
        """The skus whose goods do not add up; none, always."""
        async with self._connected() as connection:
            return await read_imbalances(connection)

    async def forget_messages(self, before: datetime) -> int:
        """Returns how many were deleted from the inbox."""
        with reaching_postgresql:
            async with self._engine.begin() as connection:
                old = delete(inbox).where(inbox.c.received_at < before)
                return (await connection.execute(old)).rowcount

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[AsyncConnection]:
        with reaching_postgresql:
            async with self._reading.connect() as connection:
                yield connection
