"""The HTTP server of this process and the services behind it. Imports the frameworks."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import uvicorn
from starlette.types import ASGIApp

from stend.kit.clock import Clock
from stend.kit.ids import Ids
from stend.portal.app import create_portal
from stend.runtime.addresses import Addresses
from stend.runtime.http import HttpGate
from stend.runtime.parts import Parts
from stend.runtime.settings import Settings
from stend.shop.orders.api.grpc.client import GrpcClient
from stend.shop.orders.api.grpc.server import GrpcLimits
from stend.shop.orders.api.reply import OrdersClient
from stend.shop.orders.api.rest.client import RestClient
from stend.shop.orders.api.rest.server import PATH_PREFIXES, RestLimits
from stend.shop.orders.service import OrdersConfig, OrdersService


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        # The stand handles signals itself: the HTTP server is one of the things it stops.
        yield


class Serving:
    def __init__(
        self, settings: Settings, addresses: Addresses, parts: Parts, alone: str | None
    ) -> None:
        self._settings = settings
        self._addresses = addresses
        self._parts = parts
        self._alone = alone
        self._clients: dict[str, OrdersClient] = {}
        self._server: _Server | None = None
        self._task: asyncio.Task[None] | None = None
        self._gate: HttpGate | None = None
        self._orders: OrdersService | None = None
        self._clock: Clock | None = None
        self._ids: Ids | None = None

    async def start(self, clock: Clock, ids: Ids) -> None:
        """Opens the HTTP port; the portal answers from now on, services as they get ready."""
        self._clock, self._ids = clock, ids
        self._gate = HttpGate(
            self._parts,
            (*self._settings.stand.allowed_hosts, self._addresses.name),
            PATH_PREFIXES if self._parts.services else (),
            None if self._alone else self._portal(ids),
        )
        config = uvicorn.Config(
            self._gate,
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            # Nothing stands in front of this port that could be trusted with the client's address.
            proxy_headers=False,
            timeout_graceful_shutdown=1,
        )
        self._server = _Server(config)
        listening = socket.create_server(
            (self._addresses.host, self._addresses.http_port), backlog=2048
        )
        # The socket listens already: a request that comes before the loop gets to it waits.
        self._task = asyncio.create_task(self._server.serve(sockets=[listening]))

    def orders(self) -> OrdersService:
        """A new service behind its paths; a former one that failed to start is replaced."""
        if self._gate is None or self._clock is None or self._ids is None:
            raise RuntimeError("start() comes first")
        limits = self._settings.orders
        service = OrdersService(
            OrdersConfig(
                database_url=self._addresses.orders_database_url,
                grpc_address=f"{self._addresses.host}:{self._addresses.grpc_port}",
                pool_size=limits.pool_size,
                rest=RestLimits(
                    deadline_s=limits.deadline_s,
                    body_limit_bytes=limits.body_limit_bytes,
                    heartbeat_s=limits.heartbeat_s,
                    stream_s=limits.stream_s,
                ),
                grpc=GrpcLimits(limits.deadline_s, limits.body_limit_bytes),
            ),
            self._clock,
            self._ids,
        )
        for prefix in PATH_PREFIXES:
            self._gate.services[prefix] = service.http
        self._orders = service
        return service

    def end_streams(self) -> None:
        """Before the HTTP port closes, which waits for what is still open."""
        self._parts.close()
        if self._orders:
            self._orders.end_streams()

    async def stop(self) -> None:
        if self._server and self._task:
            self._server.should_exit = True
            await asyncio.gather(self._task, return_exceptions=True)
        for client in self._clients.values():
            await client.close()

    def _portal(self, ids: Ids) -> ASGIApp:
        self._clients = {
            "rest": RestClient(self._addresses.orders_rest_url),
            "grpc": GrpcClient(self._addresses.orders_grpc_target),
        }
        return create_portal(
            stand=self._parts,
            clients=self._clients,
            ids=ids,
            grpc_target=self._addresses.orders_grpc_target,
            public_url=self._addresses.http_url,
        )
