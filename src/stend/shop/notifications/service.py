"""The service as one part of the stand: opens its stores, serves its protocols, closes again."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from starlette.types import ASGIApp

from stend.chassis.access import Access
from stend.chassis.amqp import AmqpLink
from stend.chassis.background import keep_running
from stend.chassis.deadlines import within
from stend.chassis.event_stream import StreamLimits
from stend.chassis.intake import Intake
from stend.chassis.lazy import LazyApp
from stend.chassis.service import Migrated
from stend.chassis.websocket import FrameServer, SocketLimits
from stend.kit.chance import Chance
from stend.kit.clock import Clock
from stend.kit.errors import StendError
from stend.kit.ids import Ids
from stend.shop.notifications.clients.webhook.guard import AddressGuard
from stend.shop.notifications.clients.webhook.sender import HttpSender
from stend.shop.notifications.domain import RetryPolicy
from stend.shop.notifications.stores.live import RedisFeed
from stend.shop.notifications.stores.store import PostgresNotificationStore
from stend.shop.notifications.usecases import Notifications
from stend.shop.notifications.workers.announcing import Announcer
from stend.shop.notifications.workers.consuming import EventConsumer
from stend.shop.notifications.workers.delivering import Deliverer, DeliveryLimits
from stend.shop.notifications.workers.waking import Wake

_log = logging.getLogger("stend.notifications")
SERVICE = "notifications"
REST_PREFIXES = ("/api/v1/webhooks", "/api/v1/notifications")
SOCKET_PATH = "/ws/notifications"
PATH_PREFIXES = (*REST_PREFIXES, SOCKET_PATH)
# Always shorter than the deadline, so that a database that is away is told as UNAVAILABLE.
_POOL_WAIT_S = 1.0
_PING_DEADLINE_S = 1.0
# Of what was received, with all deliveries and attempts: older events cannot be replayed.
_KEEP_EVENTS = timedelta(days=30)
_FORGET_EVERY_S = 3600.0
# A lease outlives an attempt by the time it takes to write it down.
_LEASE_MARGIN_S = 2.0
# Standard Webhooks recommends hours and days; here a lesson lasts minutes.
_TEACHING_RETRIES = RetryPolicy(pauses_s=(0.5, 1.0, 2.0, 4.0, 8.0), jitter=0.2)


@dataclass(frozen=True, slots=True)
class NotificationsConfig:
    """
    Attributes:
        database_url: `postgresql://user:password@host:port/database`.
        redis_url: `redis://host:port/0`.
        amqp_url: `amqp://user:password@host:port/`.
        allowed_loopback_ports: of this machine, that webhooks may be sent to.
        loopback_taps: ports that lead to some of these, and are gone through on the way there.
        pool_size: connections to the database.
        deadline_s: for one operation.
        body_limit_bytes: largest request body.
        most_webhooks: registered at one time.
        attempt_timeout_s: for one attempt of a webhook.
        most_deliveries, most_deliveries_per_webhook: under way at one time.
        feed_entries, feed_keep_s: what the live feed remembers per order and per customer. Whoever
            asks for more is answered from the database, so it is little: Redis is small.
    """

    database_url: str
    redis_url: str
    amqp_url: str
    allowed_loopback_ports: frozenset[int] = frozenset()
    loopback_taps: Mapping[int, int] = field(default_factory=dict)
    pool_size: int = 5
    deadline_s: float = 5.0
    body_limit_bytes: int = 65_536
    stream: StreamLimits = field(default_factory=StreamLimits)
    socket: SocketLimits = field(default_factory=SocketLimits)
    most_webhooks: int = 1000
    retries: RetryPolicy = _TEACHING_RETRIES
    attempt_timeout_s: float = 3.0
    most_deliveries: int = 32
    most_deliveries_per_webhook: int = 4
    feed_entries: int = 50
    feed_keep_s: int = 300


class NotificationsService:
    """
    Args:
        chance: jitter of the pauses between attempts.
    """

    def __init__(
        self, config: NotificationsConfig, clock: Clock, ids: Ids, chance: Chance, access: Access
    ) -> None:
        self._access = access
        self._config = config
        self._clock = clock
        self._store = PostgresNotificationStore(
            config.database_url, config.pool_size, min(_POOL_WAIT_S, config.deadline_s / 2)
        )
        self._feed = RedisFeed(config.redis_url, config.feed_entries, config.feed_keep_s)
        guard = AddressGuard(config.allowed_loopback_ports)
        self._sender = HttpSender(guard, config.attempt_timeout_s, config.loopback_taps)
        to_deliver, to_announce = Wake(), Wake()
        self._notifications = Notifications(
            self._store, self._feed, guard, clock, ids, to_deliver.set, config.most_webhooks
        )
        limits = DeliveryLimits(
            config.retries,
            config.most_deliveries,
            config.most_deliveries_per_webhook,
            config.attempt_timeout_s + _LEASE_MARGIN_S,
        )
        self._deliverer = Deliverer(self._store, self._sender, limits, clock, chance, to_deliver)
        self._announcer = Announcer(self._store, self._feed, clock, to_announce)
        self._link = AmqpLink(config.amqp_url, SERVICE)
        self._consumer = EventConsumer(self._notifications, (to_deliver, to_announce))
        self._consumer.attach(self._link)
        self._background: list[asyncio.Task[None]] = []
        self._socket: FrameServer | None = None
        rest = LazyApp(self._make_rest)
        self.http: Mapping[str, ASGIApp] = {
            **dict.fromkeys(REST_PREFIXES, rest),
            SOCKET_PATH: LazyApp(self._make_socket),
        }

    async def start(self) -> None:
        """
        Raises:
            StendError: UNAVAILABLE: the database cannot be reached.
            sqlalchemy.exc.SQLAlchemyError: it refused the migration.
        """
        await self._store.open()
        self._background = [
            keep_running("the live feed", self._feed.run, _log),
            keep_running("the announcer", self._announcer.run, _log),
            keep_running("the deliverer", self._deliverer.run, _log),
            keep_running("the inbox's keeper", self._forget_events, _log),
        ]
        self._link.start()

    async def migrate(self) -> Migrated:
        """See `Migrates`."""
        return await self._store.open()

    async def ping(self) -> None:
        """Redis and RabbitMQ may be away: webhooks go on, listeners are told, events wait.

        Raises:
            StendError: UNAVAILABLE, DEADLINE_EXCEEDED.
        """
        await within(_PING_DEADLINE_S, self._store.ping())

    def end_streams(self) -> None:
        self._feed.end_listeners()
        if self._socket:
            self._socket.end_streams()

    async def stop(self) -> None:
        self.end_streams()
        await self._link.stop()
        await self._consumer.stop()
        for task in self._background:
            task.cancel()
        await asyncio.gather(*self._background, return_exceptions=True)
        await self._sender.close()
        await self._feed.close()
        await self._store.close()

    async def _forget_events(self) -> None:
        while True:
            try:
                await self._store.forget(self._clock.now() - _KEEP_EVENTS)
            except StendError as error:
                _log.warning("old events stay in the inbox for now: %s", error.detail)
            await asyncio.sleep(_FORGET_EVERY_S)

    def _make_rest(self) -> ASGIApp:
        from stend.shop.notifications.api.rest.server import RestLimits
        from stend.shop.notifications.api.rest.server import create_app as create_rest

        limits = RestLimits(self._config.body_limit_bytes, self._config.stream)
        return create_rest(self._notifications.on_behalf_of, self._intake("rest"), limits)

    def _make_socket(self) -> ASGIApp:
        from stend.shop.notifications.api.websocket.server import create_app

        self._socket = create_app(
            self._notifications.on_behalf_of, self._intake("websocket"), self._config.socket
        )
        return self._socket

    def _intake(self, protocol: str) -> Intake:
        return Intake(SERVICE, protocol, self._access, self._config.deadline_s)
