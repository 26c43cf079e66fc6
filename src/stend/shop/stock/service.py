"""The service as one part of the stand: opens its store and works off its queue."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from starlette.types import ASGIApp

from stend.chassis.access import Access
from stend.chassis.amqp import AmqpLink
from stend.chassis.background import keep_running
from stend.chassis.deadlines import within
from stend.chassis.intake import Intake
from stend.chassis.reaching import reaching_postgresql
from stend.chassis.service import Migrated
from stend.kit.clock import Clock
from stend.kit.errors import StendError
from stend.kit.ids import Ids
from stend.shop.stock.api.amqp.server import AmqpLimits, StockAmqpServer, reply_to_json
from stend.shop.stock.stores.store import PostgresStockStore
from stend.shop.stock.usecases import Stock

_log = logging.getLogger("stend.stock")
# A command that comes again after a week is not the same one any more.
_KEEP_MESSAGES = timedelta(days=7)
_FORGET_MESSAGES_EVERY_S = 3600.0
_POOL_WAIT_S = 1.0
_PING_DEADLINE_S = 1.0


@dataclass(frozen=True, slots=True)
class StockConfig:
    """
    Attributes:
        database_url: `postgresql://user:password@host:port/database`.
        amqp_url: `amqp://user:password@host:port/vhost`.
        pool_size: connections to the database.
    """

    database_url: str
    amqp_url: str
    pool_size: int
    amqp: AmqpLimits


class StockService:
    def __init__(self, config: StockConfig, clock: Clock, ids: Ids, access: Access) -> None:
        self._clock = clock
        wait_s = min(_POOL_WAIT_S, config.amqp.deadline_s / 2)
        self._store = PostgresStockStore(config.database_url, config.pool_size, wait_s, clock)
        self._link = AmqpLink(config.amqp_url, "stock")
        stock = Stock(self._store, clock, reply_to_json)
        intake = Intake("stock", "amqp", access, config.amqp.deadline_s)
        StockAmqpServer(stock, self._link, intake, ids, config.amqp)
        self._background: list[asyncio.Task[None]] = []
        self.http: Mapping[str, ASGIApp] = {}

    async def start(self) -> None:
        """
        Raises:
            psycopg.Error, sqlalchemy.exc.SQLAlchemyError: the database refused the migration.
        """
        await self._store.open()
        self._background = [keep_running("the inbox's keeper", self._forget_messages, _log)]
        self._link.start()

    async def migrate(self) -> Migrated:
        """See `Migrates`."""
        with reaching_postgresql:
            return await self._store.open()

    async def ping(self) -> None:
        """Whether commands are worked off now.

        Raises:
            StendError: UNAVAILABLE, DEADLINE_EXCEEDED.
        """
        await within(_PING_DEADLINE_S, self._store.ping())
        await self._link.ready(_PING_DEADLINE_S)

    def end_streams(self) -> None:
        """Nobody follows anything here."""

    async def stop(self) -> None:
        await self._link.stop()
        for task in self._background:
            task.cancel()
        await asyncio.gather(*self._background, return_exceptions=True)
        await self._store.close()

    async def imbalances(self) -> list[str]:
        """The skus whose goods do not add up: on hand + reserved + committed = received.

        Raises:
            StendError: UNAVAILABLE.
        """
        return [*await self._store.imbalances()]

    async def _forget_messages(self) -> None:
        while True:
            try:
                await self._store.forget_messages(self._clock.now() - _KEEP_MESSAGES)
            except StendError as error:
                _log.warning("old messages stay in the inbox for now: %s", error.detail)
            await asyncio.sleep(_FORGET_MESSAGES_EVERY_S)
