"""The service `notifications` on real engines, and what stands around it."""

import asyncio
import contextlib
import json
import random
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import aio_pika
import httpx
import psycopg
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from stend.chassis.access import Access, OpenAccess
from stend.engines.amqp.launcher import AmqpLauncher
from stend.engines.postgresql.launcher import PostgresConfig, PostgresLauncher, Role
from stend.engines.redis.launcher import RedisLauncher
from stend.runtime.system import RandomIds, SystemClock
from stend.shop.notifications.domain import RetryPolicy
from stend.shop.notifications.service import NotificationsConfig, NotificationsService
from tests.engines.amqp import running as amqp
from tests.engines.redis import running as redis
from tests.engines.servers import HOST, free_port, launched
from tests.folders import open_folder
from tests.waiting import until_async

_ROLES = tuple(Role(name, name) for name in ("notifications", "orders"))
QUICK = RetryPolicy(pauses_s=(0.02, 0.04, 0.08), jitter=0.2)


@dataclass(frozen=True, slots=True)
class Engines:
    postgresql: PostgresLauncher
    redis: RedisLauncher
    amqp: AmqpLauncher
    database_port: int
    redis_url: str
    amqp_url: str

    def database_url(self, role: str = "notifications") -> str:
        return f"postgresql://{role}:{role}@{HOST}:{self.database_port}/lavka"

    def forget_everything(self) -> None:
        """Between two tests: a delivery that one has left would be sent in the next."""
        with psycopg.connect(self.database_url()) as connection:
            exists = connection.execute("SELECT to_regclass('notifications.inbox')").fetchone()
            if exists and exists[0]:
                connection.execute(
                    "TRUNCATE notifications.inbox, notifications.customers, notifications.webhooks "
                    "CASCADE"
                )


@contextlib.contextmanager
def running_engines() -> Iterator[Engines]:
    with open_folder() as folder, contextlib.ExitStack() as stack:
        database = PostgresConfig(
            folder / "postgresql",
            folder / "postgresql.log",
            HOST,
            free_port(),
            "lavka",
            (*_ROLES, Role("lavka", "lavka", owner_of_all=True)),
        )
        redis_config, amqp_config = redis.config_in(folder), amqp.config_in(folder)
        yield Engines(
            stack.enter_context(launched(PostgresLauncher(database), psycopg.OperationalError)),
            stack.enter_context(redis.running(redis_config)),
            stack.enter_context(amqp.running(amqp_config)),
            database.port,
            f"redis://{HOST}:{redis_config.port}/0",
            amqp.url_of(amqp_config),
        )


@contextlib.asynccontextmanager
async def serving(app: ASGIApp, send_buffer_bytes: int | None = None) -> AsyncIterator[str]:
    """`host:port` of a real HTTP server in this loop.

    Args:
        send_buffer_bytes: of the kernel for each connection, so that a test can fill it.
    """
    config = uvicorn.Config(
        app, lifespan="off", log_config=None, access_log=False, timeout_graceful_shutdown=1
    )
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    with socket.create_server((HOST, 0)) as listening:
        if send_buffer_bytes:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, send_buffer_bytes)
        # Not `serve()`: its loop looks ten times a second whether it shall stop.
        await server.startup(sockets=[listening])
        try:
            yield f"{HOST}:{listening.getsockname()[1]}"
        finally:
            await server.shutdown(sockets=[listening])


def by_prefix(apps: Mapping[str, ASGIApp]) -> ASGIApp:
    async def gate(scope: Scope, receive: Receive, send: Send) -> None:
        for prefix, app in apps.items():
            if scope["path"] == prefix or scope["path"].startswith(prefix + "/"):
                await app(scope, receive, send)
                return
        raise AssertionError(scope["path"])

    return gate


@dataclass(slots=True)
class Shop:
    """A running service, a client of its REST API, and orders' side of the exchange."""

    service: NotificationsService
    address: str
    http: httpx.AsyncClient
    exchange: aio_pika.abc.AbstractExchange
    channel: aio_pika.abc.AbstractChannel

    async def publish(self, event: Mapping[str, Any], message_id: str | None = None) -> None:
        body = json.dumps(event).encode()
        await self.publish_raw(
            body, message_id or f"{event['order_id']}:{event['version']}", f"order.{event['type']}"
        )

    async def publish_raw(self, body: bytes, message_id: str, routing_key: str) -> None:
        message = aio_pika.Message(body, message_id=message_id, content_type="application/json")
        await self.exchange.publish(message, routing_key)

    async def register(self, url: str, **more: Any) -> dict[str, Any]:
        answer = await self.http.post("/api/v1/webhooks", json={"url": url, **more})
        assert answer.status_code == 201, answer.text
        registered: dict[str, Any] = answer.json()
        return registered

    async def get(self, path: str) -> dict[str, Any]:
        answer = await self.http.get(path)
        assert answer.status_code == 200, answer.text
        members: dict[str, Any] = answer.json()
        return members

    async def settled(self, webhook_id: str, count: int) -> list[dict[str, Any]]:
        """The deliveries of a webhook, once there are so many and none is pending."""

        async def look() -> list[dict[str, Any]] | None:
            found = await self.deliveries(webhook_id)
            is_settled = all(one["status"] != "pending" for one in found)
            return found if len(found) >= count and is_settled else None

        found = await eventually(look)
        assert found
        return found

    async def deliveries(self, webhook_id: str) -> list[dict[str, Any]]:
        page = await self.get(f"/api/v1/webhooks/{webhook_id}/deliveries")
        return sorted(page["items"], key=lambda one: one["version"])


def config_for(
    engines: Engines, receiver_ports: frozenset[int], **changes: Any
) -> NotificationsConfig:
    config = NotificationsConfig(
        engines.database_url(),
        engines.redis_url,
        engines.amqp_url,
        receiver_ports,
        retries=QUICK,
        attempt_timeout_s=0.5,
    )
    return replace(config, **changes)


def service_of(config: NotificationsConfig, access: Access | None = None) -> NotificationsService:
    chance = random.Random(1)
    return NotificationsService(config, SystemClock(), RandomIds(), chance, access or OpenAccess())


@contextlib.asynccontextmanager
async def running_shop(
    config: NotificationsConfig,
    send_buffer_bytes: int | None = None,
    access: Access | None = None,
) -> AsyncIterator[Shop]:
    service = service_of(config, access)
    try:
        await service.start()
        async with (
            serving(by_prefix(service.http), send_buffer_bytes) as address,
            httpx.AsyncClient(base_url=f"http://{address}", trust_env=False) as http,
            await aio_pika.connect(config.amqp_url) as connection,
        ):
            await service._link.ready(5)
            channel = await connection.channel()
            exchange = await channel.declare_exchange(
                "orders.events", aio_pika.ExchangeType.TOPIC, durable=True
            )
            await until_async(lambda: service._feed._is_listening)
            yield Shop(service, address, http, exchange, channel)
            service.end_streams()
    finally:
        await service.stop()


_LookT = TypeVar("_LookT")


async def eventually(look: Callable[[], Awaitable[_LookT]], timeout_s: float = 10) -> _LookT:
    """Looks again and again, by a request, until the answer is true-like."""
    deadline = time.monotonic() + timeout_s
    while not (seen := await look()):
        assert time.monotonic() < deadline, f"still not so after {timeout_s} s: {seen!r}"
        await asyncio.sleep(0.02)
    return seen


# ---- receivers ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Received:
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        members: dict[str, Any] = json.loads(self.body)
        return members


@dataclass(slots=True)
class Receiver:
    """An HTTP server that does what a test says.

    Attributes:
        statuses: of the next answers, in order; after them 204. None never answers.
        body: of each answer.
    """

    port: int = field(default_factory=free_port)
    statuses: list[int | None] = field(default_factory=list)
    body: bytes = b""
    received: list[Received] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0
    extra_headers: bytes = b""

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}/hooks"

    @contextlib.asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        server = await asyncio.start_server(self._serve, HOST, self.port)
        try:
            yield
        finally:
            server.close()
            await server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            pairs = [line.split(": ", 1) for line in head.split("\r\n")[1:] if line]
            headers = {name.lower(): value for name, value in pairs}
            body = await reader.readexactly(int(headers["content-length"]))
            self.received.append(Received(head.split(" ")[1], headers, body))
            status = self.statuses.pop(0) if self.statuses else 204
            if status is None:
                # Until the sender has had enough.
                await reader.read()
                return
            length = b"" if status == 204 else b"Content-Length: %d\r\n" % len(self.body)
            writer.write(
                b"HTTP/1.1 %d X\r\n%s%sConnection: close\r\n\r\n"
                % (status, self.extra_headers, length)
            )
            if status != 204:
                writer.write(self.body)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self.at_once -= 1
            writer.close()
