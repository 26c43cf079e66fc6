"""The HTTP server of this process and the services behind it. Imports the frameworks."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from stend.chassis.lazy import imported
from stend.chassis.metrics import REGISTRY
from stend.chassis.service import ReadsWithoutGroup, Service
from stend.portal.figures.sampler import Sampler
from stend.portal.messages.logs import Reader
from stend.portal.messages.watch import BrokerAccess
from stend.portal.snippets.snippet import Places
from stend.runtime.classroom import classroom
from stend.runtime.hops import from_outside, shown, shown_config
from stend.runtime.http import HttpGate
from stend.runtime.lending import DemoCredentials, LentClients
from stend.runtime.listening import HttpServer, listening_at
from stend.runtime.making import Surroundings
from stend.runtime.parts import Parts
from stend.runtime.services import PLANS, ServicePlan
from stend.runtime.taps import Taps
from stend.runtime.tracing import Tracing

# A service may allow less.
_WS_MESSAGE_LIMIT_BYTES = 1024 * 1024


class Serving:
    def __init__(self, around: Surroundings, parts: Parts, taps: Taps, alone: str | None) -> None:
        self._around = around
        self._addresses = around.addresses
        self._parts = parts
        self._taps = taps
        self._alone = alone
        self._clients: LentClients | None = None
        self._server: HttpServer | None = None
        self._task: asyncio.Task[None] | None = None
        self._gate: HttpGate | None = None
        self._portal: ASGIApp | None = None
        self._sampler = Sampler(REGISTRY, around.clock)
        self._sampling: asyncio.Task[None] | None = None
        self._services: dict[str, Service] = {}
        self._classroom = classroom(around.clock, self._addresses.port_base)
        self._tracing = Tracing(around.settings.trace, taps.now_ns)

    async def start(self) -> None:
        """Opens the HTTP port; the portal answers from now on, services as they get ready."""
        self._tracing.start()
        self._gate = HttpGate(
            self._parts,
            (*self._around.settings.stand.allowed_hosts, self._addresses.name),
            {path: part.name for part in self._parts.services for path in PLANS[part.name].paths},
            None if self._alone else self._ask_portal,
            self._tracing,
        )
        config = uvicorn.Config(
            self._gate,
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            # Nothing stands in front of this port that could be trusted with the client's address.
            proxy_headers=False,
            ws="websockets-sansio",
            ws_max_size=_WS_MESSAGE_LIMIT_BYTES,
            # Who looks at the wire should see what was said, and a comparison what it takes: of an
            # order that the connection has had before, compression leaves 14 bytes.
            ws_per_message_deflate=False,
            timeout_graceful_shutdown=1,
        )
        self._server = HttpServer(config)
        if not self._alone:
            self._sampling = asyncio.create_task(self._sampler.run())
        listening = listening_at(self._addresses.host, self._addresses.http_port)
        # The socket listens already: a request that comes before the loop gets to it waits.
        self._task = asyncio.create_task(self._server.serve(sockets=[listening]))

    def make(self, plan: ServicePlan) -> Service:
        addresses = self._taps.addresses_for(plan.name)
        return plan.make(replace(self._around, addresses=addresses))

    def admit(self, name: str, service: Service) -> None:
        """Requests for its paths come to the service from now on."""
        if self._gate is None:
            raise RuntimeError("start() comes first")
        self._gate.services |= service.http
        self._services[name] = service

    def end_streams(self) -> None:
        """Before the HTTP port closes, which waits for what is still open."""
        self._parts.close()
        self._taps.wire.changes.close()
        self._sampler.close()
        self._tracing.store.close()
        self._classroom.close()
        for service in self._services.values():
            service.end_streams()

    async def stop(self) -> None:
        if self._sampling:
            self._sampling.cancel()
            await asyncio.gather(self._sampling, return_exceptions=True)
        if self._server and self._task:
            self._server.should_exit = True
            await asyncio.gather(self._task, return_exceptions=True)
        if self._clients:
            await self._clients.close()
        await self._tracing.stop()

    async def portal(self) -> ASGIApp:
        """Made when it is first asked for: its pages take longer to import than a service."""
        pages = await imported("stend.portal.app")
        if self._portal is None:
            self._portal = self._made(pages.create_portal)
        return self._portal

    async def _ask_portal(self, scope: Scope, receive: Receive, send: Send) -> None:
        await (await self.portal())(scope, receive, send)

    def _made(self, create_portal: Callable[..., ASGIApp]) -> ASGIApp:
        # What a reader does in the portal shall be seen as anybody's call.
        doors = from_outside(self._addresses) if self._taps.is_on else self._addresses
        self._clients = LentClients(doors, self._around.ids)
        return create_portal(
            stand=self._parts,
            lender=self._clients,
            credentials=DemoCredentials(self._services, self._around.clock),
            clock=self._around.clock,
            ids=self._around.ids,
            wire=self._taps.wire,
            places=Places(
                http_url=self._addresses.http_url,
                grpc_target=self._addresses.orders_grpc_target,
                amqp_url=shown(self._addresses.amqp_url),
                kafka_servers=",".join(self._addresses.kafka_servers),
                kafka_security=shown_config(self._addresses.kafka_security),
                receiver_port=self._addresses.receiver_ports[-1],
            ),
            sampler=self._sampler,
            traces=self._tracing.store,
            readers=self._readers,
            access=BrokerAccess(self._addresses.amqp_url, self._addresses.kafka_security),
            classroom=self._classroom,
        )

    def _readers(self) -> list[Reader]:
        return [
            Reader(name, service.kept_offsets())
            for name, service in self._services.items()
            if isinstance(service, ReadsWithoutGroup)
        ]
