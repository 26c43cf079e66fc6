"""The service as one part of the stand: opens its store, serves its protocols, closes again."""

import asyncio
import importlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from starlette.types import ASGIApp

from stend.chassis.access import Access
from stend.chassis.background import keep_running
from stend.chassis.deadlines import within
from stend.chassis.grpc import GrpcLimits
from stend.chassis.intake import Intake
from stend.chassis.lazy import has_failed
from stend.chassis.reaching import reaching_postgresql
from stend.chassis.service import Migrated
from stend.kit.chance import Chance
from stend.kit.clock import Clock
from stend.kit.errors import StendError, unavailable
from stend.kit.ids import Ids
from stend.shop.orders.api.grpc.server import GrpcServer
from stend.shop.orders.api.limits import RestLimits
from stend.shop.orders.api.serving import HttpApps, Served
from stend.shop.orders.reconciliation.requesting import Reconciliations
from stend.shop.orders.stores.feed import PostgresOrderFeed
from stend.shop.orders.stores.reconciliations import PostgresRunStore
from stend.shop.orders.stores.store import PostgresOrderStore
from stend.shop.orders.usecases import Orders
from stend.shop.orders.workers.config import WorkersConfig
from stend.shop.orders.workers.waking import Wakes

if TYPE_CHECKING:
    from stend.shop.orders.workers.assembly import Workers

_log = logging.getLogger("stend.orders")
_NAME = "orders"
_ASSEMBLY = "stend.shop.orders.workers.assembly"
# Expired keys are refused a use at once; forgetting them only keeps the table small.
_FORGET_EVERY_S = 3600.0
# Long enough to look at what the relays have done; the history of an order stays for good.
_KEEP_PUBLISHED = timedelta(days=1)
# Always shorter than the deadline: a database that is away is told as UNAVAILABLE, and a queue of
# a second is thousands of statements long.
_POOL_WAIT_S = 1.0
_PING_DEADLINE_S = 1.0


@dataclass(frozen=True, slots=True)
class OrdersConfig:
    """
    Attributes:
        database_url: `postgresql://user:password@host:port/database`.
        grpc_address: `host:port` to listen on.
        pool_size: connections for reads, as many again for writes, and as many for workers.
        workers: of sagas, relays and the reconciliation.
    """

    database_url: str
    grpc_address: str
    pool_size: int
    rest: RestLimits
    grpc: GrpcLimits
    workers: WorkersConfig


class OrdersService:
    def __init__(
        self, config: OrdersConfig, clock: Clock, ids: Ids, chance: Chance, access: Access
    ) -> None:
        self._config = config
        self._clock = clock
        self._ids = ids
        self._chance = chance
        self._wakes = Wakes()
        self._store = PostgresOrderStore(
            config.database_url,
            config.pool_size,
            min(_POOL_WAIT_S, config.rest.deadline_s / 2),
        )
        self._feed = PostgresOrderFeed(config.database_url, self._wakes.set)
        orders = Orders(self._store, self._feed, clock, ids)
        intake = Intake("orders", "grpc", access, config.grpc.deadline_s)
        self._grpc = GrpcServer(orders.on_behalf_of, config.grpc, intake)
        self._background: list[asyncio.Task[None]] = []
        self._starting: asyncio.Task[None] | None = None
        self._workers: Workers | None = None
        runs = PostgresRunStore(self._store.engine)
        self._served = Served(
            orders.on_behalf_of,
            Reconciliations(runs, clock, ids, self._wakes.reconciler.set).on_behalf_of,
            self._store.prices,
            lambda protocol: self._intake(protocol, access),
            config.rest,
            clock,
        )
        self._apps = HttpApps(self._served)
        self.http: Mapping[str, ASGIApp] = self._apps.by_path

    async def start(self) -> None:
        """
        Raises:
            OSError: the gRPC port is taken.
            psycopg.Error, sqlalchemy.exc.SQLAlchemyError: the database refused the migration.
        """
        await self._store.open()
        self._background = [
            keep_running("the feed", self._feed.run, _log),
            keep_running("the keeper of keys and events", self._forget, _log),
        ]
        await self._grpc.start(self._config.grpc_address)
        await self._grpc.set_serving(True)
        self._starting = asyncio.create_task(self._start_workers(self._config.workers))
        self._starting.add_done_callback(_tell_failure)
        self._background.append(self._starting)

    async def migrate(self) -> Migrated:
        """See `Migrates`."""
        with reaching_postgresql:
            return await self._store.migrate()

    async def ping(self) -> None:
        """Whether the service can do its work now; its gRPC health says the same.

        Raises:
            StendError: UNAVAILABLE, DEADLINE_EXCEEDED.
        """
        try:
            await within(_PING_DEADLINE_S, self._store.ping())
        except StendError:
            await self._grpc.set_serving(False)
            raise
        await self._grpc.set_serving(True)
        if self._starting and has_failed(self._starting):
            # Orders are taken all the same, and nobody would move them on.
            raise unavailable("The workers of orders", "they did not start; the log tells why")

    def end_streams(self) -> None:
        """Lets go of everybody who follows an order; they come back when the service does."""
        self._apps.end_streams()
        self._feed.close()

    async def stop(self) -> None:
        await self._grpc.stop()
        for task in self._background:
            task.cancel()
        await asyncio.gather(*self._background, return_exceptions=True)
        if self._workers:
            await self._workers.stop()
        await self._store.close()

    async def _start_workers(self, config: WorkersConfig) -> None:
        # Clients of four protocols take most of a second to import. Orders are taken meanwhile.
        assembly = await asyncio.to_thread(importlib.import_module, _ASSEMBLY)
        self._workers = assembly.Workers(
            config, self._store, self._served, self._ids, self._chance, self._wakes
        )
        self._workers.start()

    def _intake(self, protocol: str, access: Access) -> Intake:
        return Intake(_NAME, protocol, access, self._config.rest.deadline_s)

    async def _forget(self) -> None:
        while True:
            now = self._clock.now()
            try:
                await self._store.forget_expired_keys(now)
                await self._store.forget_published(now - _KEEP_PUBLISHED)
            except StendError as error:
                _log.warning("expired keys and published events stay for now: %s", error.detail)
            await asyncio.sleep(_FORGET_EVERY_S)


def _tell_failure(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()):
        _log.error("the workers cannot be started: orders are taken and wait", exc_info=error)
