"""`/faults`: an edge of the map, a fault on it, and what is set now."""

from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from stend.kit.clock import Clock
from stend.kit.errors import StendError
from stend.portal.faulting.draft import KIND, ON, Draft, draft_of, kinds_on, placed_on, step_of
from stend.portal.faulting.edges import TappedEdge, edges_of, on_drawn
from stend.portal.faulting.showing import BannerOf, marks_of, struck_edges
from stend.portal.forms import form_of
from stend.portal.map import MARK_PITCH, draw
from stend.portal.parts import parts_of
from stend.portal.rendering import Renderer, is_fragment
from stend.portal.stand import Stand
from stend.portal.wire import Wire

_SEE_OTHER = 303
_REFUSED = 422


class FaultsPage:
    def __init__(
        self, stand: Stand, renderer: Renderer, wire: Wire, clock: Clock, http_url: str
    ) -> None:
        """`http_url`: of this stand, as a reader's own tools have to call it."""
        self._stand = stand
        self._renderer = renderer
        self._wire = wire
        self._active = BannerOf(wire.faults, clock)
        self._http_url = http_url

    def routes(self) -> list[Route]:
        return [
            Route("/faults", self._page, methods=["GET"]),
            Route("/faults", self._set, methods=["POST"]),
            Route("/faults/clear", self._clear, methods=["POST"]),
            Route("/stand/fragment/banner", self._fragment("_banner.html")),
            Route("/stand/fragment/faults/map", self._fragment("_faults_map.html")),
            Route("/stand/fragment/faults/panel", self._fragment("_faults_panel.html")),
            Route("/stand/fragment/faults/same", self._fragment("_faults_same.html")),
            Route("/stand/fragment/faults/active", self._fragment("_faults_active.html")),
        ]

    async def _page(self, request: Request) -> Response:
        context = self._context(request.query_params)
        return self._renderer.page(request, "faults.html", context)

    def _fragment(self, template: str) -> Callable[[Request], Awaitable[Response]]:
        async def fragment(request: Request) -> Response:
            return self._renderer.page(request, template, self._context(request.query_params))

        return fragment

    async def _set(self, request: Request) -> Response:
        given = dict(await form_of(request))
        context = self._context(given)
        draft, refusal = context["draft"], None
        if isinstance(draft, Draft) and not draft.wrong():
            try:
                self._wire.faults.set(draft.wanted())
            except StendError as error:
                refusal = error
            else:
                if not is_fragment(request):
                    return RedirectResponse(f"/faults?{urlencode(given)}", _SEE_OTHER)
        context["refusal"] = refusal
        if is_fragment(request):
            return self._renderer.page(request, "_faults_panel.html", context)
        return self._renderer.page(request, "faults.html", context, _REFUSED)

    async def _clear(self, request: Request) -> Response:
        given = dict(await form_of(request))
        # One that has reverted meanwhile is as gone as the reader wants it.
        if "id" in given:
            self._wire.faults.clear(given["id"])
        else:
            self._wire.faults.clear_all()
        return RedirectResponse(_own(given.get("back", "")), _SEE_OTHER)

    def _context(self, given: Mapping[str, str]) -> dict[str, object]:
        parts = parts_of(self._stand.view())
        picture = draw(parts) if parts else None
        edges = edges_of(self._wire.taps(), picture)
        asked = given.get(ON)
        chosen = placed_on(edges, asked) if asked else None
        draft = draft_of(chosen, given) if chosen else None
        return {
            "is_on": self._wire.is_on,
            "picture": picture,
            "pitch": MARK_PITCH,
            "edges": _by_drawn(edges),
            "all_edges": edges,
            "chosen_edge": chosen,
            "siblings": _siblings(edges, chosen),
            "marks": marks_of(self._wire.faults, edges),
            "struck": struck_edges(self._wire.faults, edges),
            "chosen": None,
            "unknown_edge": asked if asked and not chosen else None,
            "draft": draft,
            "unfit_kind": _unfit_kind(draft, given),
            "wrong": {one.name: one for one in draft.wrong()} if draft else {},
            "kinds": kinds_on(chosen) if chosen else ((), ()),
            "refusal": None,
            "step_of": step_of,
            "faults": self._active(),
            "http_url": self._http_url,
        }


def _by_drawn(edges: tuple[TappedEdge, ...]) -> dict[tuple[str, str], tuple[TappedEdge, ...]]:
    ends = dict.fromkeys(ends for one in edges for ends in one.drawn)
    return {one: on_drawn(edges, *one) for one in ends}


def _siblings(edges: tuple[TappedEdge, ...], chosen: TappedEdge | None) -> list[TappedEdge]:
    """The other taps of the edges of the map that the chosen tap carries."""
    drawn = set(chosen.drawn) if chosen else set()
    return [one for one in edges if one != chosen and drawn & set(one.drawn)]


def _unfit_kind(draft: Draft | None, given: Mapping[str, str]) -> str | None:
    asked = given.get(KIND)
    return asked[:40] if draft and asked and asked != draft.kind.name else None


def _own(address: str) -> str:
    """An address of this portal: nobody shall be sent elsewhere by a form."""
    is_own = address.startswith("/") and not address.startswith(("//", "/\\"))
    return address if is_own and address.isprintable() else "/faults"
