"""The beginning of a saved session, and the addresses that only a running stand has."""

from functools import partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from stend.chassis.tracing.store import TraceStore
from stend.portal.apis.answers import not_found, refusing
from stend.portal.rendering import Renderer
from stend.portal.sections import NEEDS_A_STAND, Section
from stend.portal.wire import Wire

_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
# Where programs talk to a stand.
_APIS = ("/stand/{rest:path}", "/api/{rest:path}")


class SavedPages:
    def __init__(self, renderer: Renderer, wire: Wire, traces: TraceStore) -> None:
        self._renderer = renderer
        self._wire = wire
        self._traces = traces

    def routes(self) -> list[Route]:
        """They answer for whatever others have not taken: to be added last."""
        return [
            Route("/", self._page),
            *(route for one in NEEDS_A_STAND for route in self._needing(one)),
            *(Route(path, refusing(self._refused), methods=_METHODS) for path in _APIS),
        ]

    def _needing(self, section: Section) -> list[Route]:
        page = partial(self._needs, section=section)
        paths = (section.href, section.href + "/{rest:path}")
        return [Route(path, page, methods=_METHODS) for path in paths]

    async def _page(self, request: Request) -> Response:
        reading = self._wire.reading
        connections = reading.recording.connections.values()
        context = {
            "wire": self._wire,
            "exchanges": sum(1 for _ in reading.all()),
            "held": self._traces.held(),
            "connections": len(connections),
            "is_cut": any(one.to_server.first or one.to_client.first for one in connections),
            "kept": sum(one.kept_bytes for one in connections),
            "ring": self._wire.ring(),
        }
        return self._renderer.page(request, "saved.html", context)

    async def _needs(self, request: Request, section: Section) -> Response:
        context = {"section": section}
        return self._renderer.page(request, "saved_needs_a_stand.html", context, 404)

    async def _refused(self, request: Request) -> Response:
        raise not_found(
            "A saved session has nothing at this address: it is read only.",
            f"{request.method} {request.url.path}"[:80],
            "Start a stand with `stend up` and ask that.",
        )
