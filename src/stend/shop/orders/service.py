"""The service as one part of the stand: opens its store, serves its protocols, closes again."""

import asyncio
import logging
from collections.abc import Awaitable
from dataclasses import dataclass

from starlette.types import ASGIApp

from stend.chassis.deadlines import within
from stend.kit.clock import Clock
from stend.kit.errors import StendError
from stend.kit.ids import Ids
from stend.shop.orders.api.grpc.server import GrpcLimits, GrpcServer
from stend.shop.orders.api.rest.server import RestLimits, create_app
from stend.shop.orders.stores.store import PostgresOrderFeed, PostgresOrderStore
from stend.shop.orders.usecases import Orders

_log = logging.getLogger("stend.orders")
# Expired keys are refused a use at once; forgetting them only keeps the table small.
_FORGET_KEYS_EVERY_S = 3600.0
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
        pool_size: connections for reads, and as many again for writes.
    """

    database_url: str
    grpc_address: str
    pool_size: int
    rest: RestLimits
    grpc: GrpcLimits


class OrdersService:
    def __init__(self, config: OrdersConfig, clock: Clock, ids: Ids) -> None:
        self._config = config
        self._clock = clock
        self._store = PostgresOrderStore(
            config.database_url,
            config.pool_size,
            min(_POOL_WAIT_S, config.rest.deadline_s / 2),
        )
        self._feed = PostgresOrderFeed(config.database_url)
        orders = Orders(self._store, self._feed, clock, ids)
        self._grpc = GrpcServer(orders, config.grpc)
        self._background: list[asyncio.Task[None]] = []
        self.http: ASGIApp = create_app(orders, config.rest)

    async def start(self) -> None:
        """
        Raises:
            OSError: the gRPC port is taken.
            psycopg.Error, sqlalchemy.exc.SQLAlchemyError: the database refused the migration.
        """
        await self._store.open()
        self._background = [_forever(self._feed.run()), _forever(self._forget_keys())]
        await self._grpc.start(self._config.grpc_address)
        await self._grpc.set_serving(True)

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

    def end_streams(self) -> None:
        """Lets go of everybody who follows an order; they come back when the service does."""
        self._feed.close()

    async def stop(self) -> None:
        await self._grpc.stop()
        for task in self._background:
            task.cancel()
        await asyncio.gather(*self._background, return_exceptions=True)
        await self._store.close()

    async def _forget_keys(self) -> None:
        while True:
            try:
                await self._store.forget_expired_keys(self._clock.now())
            except StendError as error:
                _log.warning("expired idempotency keys stay for now: %s", error.detail)
            await asyncio.sleep(_FORGET_KEYS_EVERY_S)


def _forever(work: Awaitable[None]) -> asyncio.Task[None]:
    return asyncio.ensure_future(work)
