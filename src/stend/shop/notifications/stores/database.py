"""The connections of the service, and the one way to a transaction."""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from stend.chassis.migrating import Migrations, migrate
from stend.chassis.postgresql import pooled_engine
from stend.chassis.reaching import reaching_postgresql
from stend.chassis.service import Migrated
from stend.kit.errors import StendError
from stend.shop.notifications.stores.tables import SCHEMA

MIGRATIONS = Migrations(SCHEMA, "stend.shop.notifications.stores.migrations")
_OPTIONS = "-c timezone=UTC -c statement_timeout=15000 -c application_name=notifications"
# Sorts this lock among the advisory locks of the database; the number is arbitrary and ours.
_ORDER_LOCK = 7_461_002


class Database:
    """
    Args:
        url: `postgresql://user:password@host:port/database`.
        wait_s: how long a request waits for a free connection.
    """

    def __init__(self, url: str, pool_size: int, wait_s: float) -> None:
        self._engine = pooled_engine(url, _OPTIONS, pool_size, wait_s)
        self._statements = self._engine.execution_options(isolation_level="AUTOCOMMIT")

    async def open(self) -> Migrated:
        """Brings the schema to its newest version."""
        async with self.transaction() as connection:
            return await migrate(connection, MIGRATIONS)

    async def close(self) -> None:
        await self._engine.dispose()

    async def ping(self) -> None:
        """
        Raises:
            StendError: UNAVAILABLE.
        """
        try:
            async with self.statement() as connection:
                await connection.execute(text("SELECT 1"))
        except StendError:
            # Each connection that did not survive would fail one request after the recovery.
            await self._engine.dispose()
            raise

    @asynccontextmanager
    async def statement(self) -> AsyncIterator[AsyncConnection]:
        """For one statement: a transaction around it would be two more trips to the server.

        Raises:
            StendError: UNAVAILABLE.
        """
        with reaching_postgresql:
            async with self._statements.connect() as connection:
                yield connection

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """
        Raises:
            StendError: UNAVAILABLE.
        """
        with reaching_postgresql:
            async with self._engine.begin() as connection:
                yield connection


async def lock_orders(connection: AsyncConnection, order_ids: Collection[str]) -> None:
    """One transaction at a time deals with an order, until it ends.

    Without it an event and a webhook that are written at once would not see each other. Locks are
    taken in one order, so that no two transactions wait for each other.
    """
    locks = text(
        "SELECT pg_advisory_xact_lock(:lock, key) FROM ("
        "SELECT DISTINCT hashtext(order_id) AS key FROM unnest(CAST(:order_ids AS text[])) "
        "AS order_id ORDER BY key) AS keys"
    )
    await connection.execute(locks, {"lock": _ORDER_LOCK, "order_ids": list(order_ids)})
