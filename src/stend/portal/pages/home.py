"""`/`: the live map of the stand and the panel of one part."""

from collections.abc import AsyncIterator, Mapping, Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from stend.portal.draft import address
from stend.portal.events import HEARTBEAT, beating, frame, merged, stream
from stend.portal.faulting.changes import FaultChanges
from stend.portal.faulting.edges import edges_of
from stend.portal.faulting.showing import marks_of
from stend.portal.layout import GATEWAY, neighbours
from stend.portal.map import MARK_PITCH, draw
from stend.portal.parts import (
    SEVERITY,
    Part,
    channel_of,
    host_of,
    parts_of,
    ports_of,
    short_address,
)
from stend.portal.rendering import Renderer
from stend.portal.stand import Stand
from stend.portal.texts import TEXTS
from stend.portal.wire import Wire
from stend.shop.orders.api.protocols import Protocol
from stend.shop.orders.usecases import Operation


class HomePage:
    def __init__(
        self,
        stand: Stand,
        renderer: Renderer,
        protocols: Mapping[Operation, Sequence[str]],
        wire: Wire,
    ) -> None:
        """`protocols`: over which the playground can perform each operation of `orders`."""
        self._stand = stand
        self._wire = wire
        self._fault_changes = FaultChanges(wire.faults)
        self._renderer = renderer
        self._protocols = protocols
        carried = {protocol for able in protocols.values() for protocol in able}
        self._over = tuple(protocol for protocol in Protocol if protocol in carried)

    def routes(self) -> list[Route]:
        return [
            Route("/", self._page),
            Route("/stand/fragment/home", self._fragment),
            Route("/stand/fragment/state", self._state),
            Route("/stand/events", self._events),
        ]

    async def _page(self, request: Request) -> Response:
        return self._renderer.page(request, "home.html", self._context(request))

    async def _fragment(self, request: Request) -> Response:
        return self._renderer.page(request, "_home.html", self._context(request))

    async def _state(self, request: Request) -> Response:
        return self._renderer.page(request, "_state.html", {})

    async def _events(self, _request: Request) -> Response:
        return stream(self._frames())

    async def _frames(self) -> AsyncIterator[str]:
        # At once: whoever connects has to catch up with what changed before.
        yield frame("changed")
        changes = merged(
            _named("changed", self._stand.changes()), _named("faults", self._fault_changes.follow())
        )
        async for change in beating(changes):
            yield HEARTBEAT if change is None else frame(change)

    def _context(self, request: Request) -> dict[str, object]:
        view = self._stand.view()
        parts = parts_of(view)
        asked = request.query_params.get("part")
        picture = draw(parts) if parts else None
        return {
            "view": view,
            "parts": parts,
            "picture": picture,
            "edges": {},
            "chosen_edge": None,
            "marks": marks_of(self._wire.faults, edges_of(self._wire.taps(), picture)),
            "pitch": MARK_PITCH,
            "chosen": _chosen(parts, asked),
            "unknown": asked if asked and asked not in {part.name for part in parts} else None,
            "partners_of": _partners_of(parts),
            "operations": tuple(Operation),
            "protocols": self._protocols,
            "address": address,
            "gateway": GATEWAY,
            "knows": TEXTS.__contains__,
            "ports_of": ports_of,
            "host_of": host_of,
            "short": short_address,
            "channel_of": channel_of,
            "over": self._over,
        }


async def _named(name: str, changes: AsyncIterator[None]) -> AsyncIterator[str]:
    # `beating` says None for silence, so a change has to be something else.
    async for _ in changes:
        yield name


def _chosen(parts: tuple[Part, ...], asked: str | None) -> Part | None:
    by_name = {part.name: part for part in parts}
    if asked in by_name:
        return by_name[asked]
    # The first thing to look at is what works least.
    return min(parts, key=lambda part: SEVERITY.index(part.state), default=None)


def _partners_of(parts: tuple[Part, ...]) -> dict[str, list[Part]]:
    """The engines that each service works with, and the services that work with each engine.

    Nobody works with the gateway: its partners are the services behind it.
    """
    partners = {
        one.name: [
            other
            for other in parts
            if other.is_engine != one.is_engine and other.name in neighbours(one.name)
        ]
        for one in parts
    }
    if GATEWAY in partners:
        partners[GATEWAY] = [part for part in parts if not part.is_engine]
    return partners
