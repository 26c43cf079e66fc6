"""The service as one part of the stand: opens its book, moves its couriers, serves its port."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from starlette.types import ASGIApp

from stend.chassis.access import Access
from stend.chassis.background import keep_running
from stend.chassis.deadlines import within
from stend.chassis.grpc import GrpcLimits
from stend.chassis.intake import Intake
from stend.chassis.redis import redis_client
from stend.kit.clock import Clock
from stend.kit.errors import StendError
from stend.kit.ids import Ids
from stend.shop.delivery.api.grpc.server import GrpcServer
from stend.shop.delivery.domain.city import Pace
from stend.shop.delivery.domain.dispatching import Rules
from stend.shop.delivery.stores.book import RedisDeliveryBook
from stend.shop.delivery.stores.feed import BLOCK_S, RedisDeliveryFeed
from stend.shop.delivery.usecases.couriers import Couriers
from stend.shop.delivery.usecases.deliveries import Deliveries
from stend.shop.delivery.usecases.shifts import Shifts
from stend.shop.delivery.workers.simulation import Simulation

_log = logging.getLogger("stend.delivery")
# Three waits in a row, for a connection, its opening and the answer, stay within the deadline.
_WAITS_PER_DEADLINE = 4
_LONGEST_WAIT_S = 1.0
_PING_DEADLINE_S = 1.0
_SEED_DEADLINE_S = 10.0


@dataclass(frozen=True, slots=True)
class DeliveryConfig:
    """
    Attributes:
        redis_url: `redis://user:password@host:port/database`.
        grpc_address: `host:port` to listen on.
        time_scale: seconds of the city in one second of the clock; with 80 an order is at the door
            about five seconds after it was assigned.
        orders_per_courier: that one of the twenty has at most.
        step_s: between two positions of a courier who rides.
        offer_s: how long a courier at work may think about an offer.
        lease_s: how long his session outlives a service that was killed.
        keep_events: of WatchDeliveries; keep_deliveries: that have ended.
        pool_size: connections to Redis, and one more for the feed.
    """

    redis_url: str
    grpc_address: str
    grpc: GrpcLimits
    time_scale: float = 80.0
    orders_per_courier: int = 5
    step_s: float = 0.5
    offer_s: float = 10.0
    lease_s: float = 10.0
    keep_events: int = 20_000
    keep_deliveries: int = 20_000
    pool_size: int = 16


class DeliveryService:
    def __init__(self, config: DeliveryConfig, clock: Clock, ids: Ids, access: Access) -> None:
        self._config = config
        wait_s = min(config.grpc.deadline_s / _WAITS_PER_DEADLINE, _LONGEST_WAIT_S)
        self._client = redis_client(config.redis_url, config.pool_size, wait_s)
        self._feed_client = redis_client(config.redis_url, 1, BLOCK_S + _LONGEST_WAIT_S)
        self._book = RedisDeliveryBook(self._client, config.keep_events, config.keep_deliveries)
        self._feed = RedisDeliveryFeed(self._feed_client, self._book)
        rules = Rules(
            Pace(config.time_scale), config.orders_per_courier, timedelta(seconds=config.offer_s)
        )
        deliveries = Deliveries(self._book, self._feed, clock, ids, rules, self._wake)
        self._couriers = couriers = Couriers(
            self._book, self._feed, deliveries, rules, config.step_s
        )
        lease = timedelta(seconds=config.lease_s)
        shifts = Shifts(self._book, self._feed, deliveries, ids, rules, lease)
        self._simulation = Simulation(deliveries, couriers, clock, config.step_s)
        intake = Intake("delivery", "grpc", access, config.grpc.deadline_s)
        self._grpc = GrpcServer(deliveries, couriers, shifts, config.grpc, intake)
        self._background: list[asyncio.Task[None]] = []
        self.http: Mapping[str, ASGIApp] = {}

    async def start(self) -> None:
        """
        Raises:
            OSError: the gRPC port is taken.
            StendError: UNAVAILABLE, DEADLINE_EXCEEDED when Redis is away.
        """
        await within(_SEED_DEADLINE_S, self._couriers.look())
        self._background = [
            keep_running("the feed", self._feed.run, _log),
            keep_running("the simulation", self._simulation.run, _log),
        ]
        await self._grpc.start(self._config.grpc_address)
        await self._grpc.set_serving(True)

    async def ping(self) -> None:
        """Whether the service can do its work now; its gRPC health says the same.

        Raises:
            StendError: UNAVAILABLE, DEADLINE_EXCEEDED.
        """
        try:
            await within(_PING_DEADLINE_S, self._book.ping())
        except StendError:
            await self._grpc.set_serving(False)
            raise
        await self._grpc.set_serving(True)

    def end_streams(self) -> None:
        """Lets go of everybody who follows something; they come back when the service does."""
        self._feed.close()

    async def stop(self) -> None:
        self._feed.close()
        await self._grpc.stop()
        for task in self._background:
            task.cancel()
        await asyncio.gather(*self._background, return_exceptions=True)
        for client in (self._client, self._feed_client):
            await client.aclose()

    @property
    def followers(self) -> int:
        """Streams that wait for news now."""
        return self._feed.subscribers

    def _wake(self) -> None:
        self._simulation.wake()
