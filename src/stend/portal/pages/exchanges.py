"""`/exchanges`: everything that has passed through the taps, and one exchange byte by byte."""

import asyncio
from itertools import islice

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from stend.chassis.tracing.store import TraceStore
from stend.portal.apis.tap import Filter
from stend.portal.language import language_for
from stend.portal.rendering import Renderer
from stend.portal.story.finding import spans_of
from stend.portal.units.heads import head_of, notes_of, unit_heads
from stend.portal.units.rows import packed, tree_of
from stend.portal.units.writing import LARGE_BYTES, written
from stend.portal.wire import Wire

# Rows of the list, in the page at once; the rest can be reached by narrowing the filter.
ROWS_SHOWN = 500


class ExchangePages:
    def __init__(self, renderer: Renderer, wire: Wire, traces: TraceStore) -> None:
        self._renderer = renderer
        self._wire = wire
        self._traces = traces

    def routes(self) -> list[Route]:
        return [
            Route("/exchanges", self._list),
            Route("/exchanges/{id}", self._one),
            Route("/exchanges/{id}/units/{number:int}", self._unit),
        ]

    async def _list(self, request: Request) -> Response:
        reading = self._wire.reading
        reading.advance()
        wanted = Filter(request)
        fitting = [one for one in reading.all() if wanted.holds(one)]
        found = (one for one in fitting if not wanted.hides(one))
        rows = [head_of(reading, one) for one in islice(found, ROWS_SHOWN)]
        context = {
            "wire": self._wire,
            "rows": rows,
            "left_off": sum(1 for _ in found),
            "hidden": sum(map(wanted.hides, fitting)),
            "shows_all": wanted.shows_all,
            "ring": self._wire.ring(),
            "version": reading.version,
            "limit": ROWS_SHOWN,
            "filter": dict(request.query_params),
            "is_filtered": wanted.narrows,
            "edges": self._edges(),
            "protocols": sorted({tap.place.protocol for tap in self._wire.taps()}),
        }
        return _fresh(self._renderer.page(request, "exchanges.html", context))

    def _edges(self) -> list[tuple[str, str]]:
        return sorted({(tap.place.source, tap.place.target) for tap in self._wire.taps()})

    async def _one(self, request: Request) -> Response:
        self._wire.reading.advance()
        wanted = str(request.path_params["id"])
        seen = self._wire.reading.one(wanted)
        if seen is None:
            context = {"wire": self._wire, "id": wanted[:40], "ring": self._wire.ring()}
            return _fresh(self._renderer.page(request, "exchange_gone.html", context, 404))
        units = unit_heads(seen)
        number = _number(request.query_params.get("unit", ""), len(units))
        context = {
            "head": head_of(self._wire.reading, seen),
            "notes": notes_of(seen),
            "units": units,
            "chosen": units[number - 1],
            "unit": written(self._wire.reading, seen, number),
            "spans": spans_of(self._wire, self._traces, seen),
        }
        return _fresh(self._renderer.page(request, "exchange.html", context))

    async def _unit(self, request: Request) -> Response:
        wanted = str(request.path_params["id"])
        seen = self._wire.reading.one(wanted)
        if seen is None:
            raise HTTPException(410 if self._wire.reading.has_been(wanted) else 404)
        number = request.path_params["number"]
        if not 1 <= number <= len(seen.exchange.units):
            raise HTTPException(404)
        unit = seen.exchange.units[number - 1]
        data = self._wire.reading.data(seen, unit)
        if data is None:
            raise HTTPException(410)
        language = language_for(request)

        def made() -> bytes:
            return packed(tree_of(unit.protocol, data, unit.fields(data)), language)

        # A large one is read beside the loop, which serves the shop, too.
        body = await asyncio.to_thread(made) if len(data) >= LARGE_BYTES else made()
        headers = {"Cache-Control": "no-store"}
        return Response(body, media_type="application/json", headers=headers)


def _number(asked: str, last: int) -> int:
    number = int(asked) if asked.isdecimal() and asked.isascii() and len(asked) < 9 else 1
    return number if 1 <= number <= last else 1


def _fresh(response: Response) -> Response:
    # What the ring holds now it may have let go a second later.
    response.headers["Cache-Control"] = "no-store"
    return response
