"""`/story`: the last traces, live."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from stend.chassis.tracing.store import TraceStore, TraceSummary
from stend.portal.events import HEARTBEAT, beating, frame, stream
from stend.portal.rendering import Renderer
from stend.portal.story.background import is_background
from stend.portal.story.model import CLIENT
from stend.portal.story.telling import orders_of

ROWS_SHOWN = 100
_LOOKED_AT = 300
_FILTERS = ("operation", "errors", "order", "background")
_NS_PER_S = 1_000_000_000
_NS_PER_MS = 1_000_000


@dataclass(frozen=True, slots=True)
class Row:
    """One trace of the list."""

    summary: TraceSummary
    began_at: datetime
    took_ms: float
    services: tuple[str, ...]
    order_ids: tuple[str, ...]
    is_running: bool
    is_background: bool


class StoriesPage:
    def __init__(self, renderer: Renderer, traces: TraceStore) -> None:
        self._renderer = renderer
        self._traces = traces

    def routes(self) -> list[Route]:
        return [
            Route("/story", self._page),
            Route("/story/fragment/list", self._fragment),
            Route("/story/events", self._events),
        ]

    async def _page(self, request: Request) -> Response:
        return _fresh(self._renderer.page(request, "stories.html", self._context(request)))

    async def _fragment(self, request: Request) -> Response:
        return _fresh(self._renderer.page(request, "_stories.html", self._context(request)))

    async def _events(self, _request: Request) -> Response:
        return stream(told_of(self._traces))

    def _context(self, request: Request) -> dict[str, object]:
        query = request.query_params
        recent = self._traces.recent(_LOOKED_AT)
        wanted = {key: query.get(key, "").strip() for key in _FILTERS}
        fitting = list(self._found(recent, wanted))
        # Who names an operation or a trace gets it, whoever has asked for it.
        shows_all = any(wanted[key] for key in ("background", "operation", "order"))
        found = [row for row in fitting if shows_all or not row.is_background]
        return {
            "rows": found[:ROWS_SHOWN],
            "left_off": max(0, len(found) - ROWS_SHOWN),
            "hidden": len(fitting) - len(found),
            "shows_all": shows_all,
            "held": self._traces.held(),
            "limit": ROWS_SHOWN,
            "filter": wanted,
            "is_filtered": any(wanted.values()),
            "query": f"?{request.url.query}" if request.url.query else "",
            "operations": sorted({one.root_name for one in recent}),
        }

    def _found(self, recent: Sequence[TraceSummary], wanted: Mapping[str, str]) -> Iterator[Row]:
        for one in recent:
            if wanted["operation"] not in ("", one.root_name):
                continue
            if wanted["errors"] and not one.has_error:
                continue
            row = self._row(one)
            word = wanted["order"]
            if not word or word in one.trace_id or any(word in id_ for id_ in row.order_ids):
                yield row

    def _row(self, one: TraceSummary) -> Row:
        spans = self._traces.trace(one.trace_id)
        return Row(
            one,
            datetime.fromtimestamp(one.start_ns / _NS_PER_S, UTC),
            one.duration_ns / _NS_PER_MS,
            tuple(name for name in one.services if name not in (CLIENT, "cli")),
            orders_of(spans),
            any(not span.end_ns for span in spans),
            is_background(spans),
        )


async def told_of(traces: TraceStore) -> AsyncIterator[str]:
    """An event at once, and one after every change of any trace."""
    yield frame("changed")
    async for change in beating(traces.changes()):
        yield HEARTBEAT if change is None else frame("changed")


def _fresh(response: Response) -> Response:
    # What is kept now may have been let go a second later.
    response.headers["Cache-Control"] = "no-store"
    return response
