"""`/numbers`: rates, latencies and lags over time, from the metrics that Prometheus reads, too."""

import asyncio
import json
import math
from collections.abc import AsyncIterator
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from stend.kit.languages import Language
from stend.portal.events import frame, stream
from stend.portal.figures.bands import BANDS, COMPENSATING, Band
from stend.portal.figures.figure import ROW_SEPARATOR, WINDOW_S, Unit
from stend.portal.figures.ring import KEPT_S, MOST_SERIES, Point
from stend.portal.figures.sampler import Sampler
from stend.portal.language import language_for
from stend.portal.numbers import decimal
from stend.portal.rendering import Renderer
from stend.portal.wires import WIRES, Wire, engine_of, wire_of

PAGE = "/numbers"
RANGES_S = (60, 300, KEPT_S)
_MINUTE_S = 60
# Two samples have to lie in the window of a rate.
_SCRAPE_S = WINDOW_S // 2
# Lines of one colour are told apart by their dashes.
DASHES = ("", "7 3", "2 3", "9 3 2 3", "4 2", "1 2")
_INKS = ("ink", "ink-3")
_STATES = {
    "OrderDelivered": "ok",
    "delivered": "ok",
    "OrderCancelled": "warn",
    "cancelled": "warn",
    "OrderFailed": "fail",
    "failed": "fail",
}
_ENGINE_BANDS = frozenset({"brokers"})


@dataclass(frozen=True, slots=True)
class Row:
    """
    Attributes:
        key: the values of its labels.
        name: as it is shown.
        colour: a class of the style sheet.
        wire: when the row is a protocol or an engine.
        dash: of its line.
    """

    key: str
    name: str
    colour: str
    wire: Wire | None
    dash: str
    compensates: bool


class NumbersPage:
    def __init__(self, renderer: Renderer, sampler: Sampler) -> None:
        self._renderer = renderer
        self._sampler = sampler

    def routes(self) -> list[Route]:
        return [
            Route(PAGE, self._page),
            Route(f"{PAGE}/fragment", self._fragment),
            Route(f"{PAGE}/events", self._events),
        ]

    async def _page(self, request: Request) -> Response:
        ring, language = self._sampler.ring, language_for(request)
        context = {
            **self._context(language),
            "bands": BANDS,
            "ranges": RANGES_S,
            "window": WINDOW_S,
            "scrape": _SCRAPE_S,
            "minutes": KEPT_S // _MINUTE_S,
            "ring": ring,
            "most_series": MOST_SERIES,
            "quiet": self._sampler.is_quiet,
        }
        return self._renderer.page(request, "numbers.html", context)

    async def _fragment(self, request: Request) -> Response:
        """The rows of one band, when one has come that the page does not know."""
        asked = request.query_params.get("band")
        band = next((one for one in BANDS if one.key == asked), BANDS[0])
        context = {**self._context(language_for(request)), "band": band}
        return self._renderer.page(request, "_numbers_rows.html", context)

    async def _events(self, _request: Request) -> Response:
        return stream(self._frames())

    async def _frames(self) -> AsyncIterator[str]:
        times = self._sampler.ring.times()
        history = {
            "times": times,
            "figures": self._sampler.ring.columns(),
            "quiet": self._sampler.is_quiet,
        }
        # A quarter of an hour is a hundred thousand numbers: nobody else has to wait for them.
        yield frame("history", await asyncio.to_thread(_compact, history))
        async for point in self._sampler.points(times[-1] if times else -math.inf):
            yield frame("point", _compact(self._told(point)))

    def _told(self, point: Point) -> object:
        quiet = self._sampler.is_quiet
        return {"time": point.at_s, "figures": point.figures, "quiet": quiet}

    def _context(self, language: Language) -> dict[str, object]:
        last = self._sampler.ring.last()

        def value(figure: str, row: str, unit: Unit) -> str:
            found = last.figures.get(figure, {}).get(row) if last else None
            return shown(found, unit, language)

        return {
            "rows_of": lambda band: rows_of(band, last),
            "value": value,
        }


def rows_of(band: Band, last: Point | None) -> list[Row]:
    """Those that a band always has, then those that were measured."""
    measured = {
        row
        for figure in band.figures
        for row in (last.figures.get(figure.key, {}) if last else {})
        if row not in band.rows
    }
    keys = (*band.rows, *sorted(measured))
    return [_row(band, key, number) for number, key in enumerate(keys)]


def shown(value: float | None, unit: Unit, language: Language) -> str:
    """Three significant digits at most, as in the script of the page."""
    if value is None:
        return "–"
    if value == 0 or unit is Unit.COUNT:
        return decimal(value, 0, language)
    return decimal(value, 2 if value < 10 else 1 if value < 100 else 0, language)


def _row(band: Band, key: str, number: int) -> Row:
    wire = None
    if band.key in _ENGINE_BANDS:
        wire = engine_of(key)
    elif band.wire is None and key in WIRES:
        wire = wire_of(key)
    dash = "" if wire else DASHES[number % len(DASHES)]
    if key in _STATES:
        dash = ""
    name = " → ".join(key.split(ROW_SEPARATOR)) if band.key == "calls" else _listed(key)
    return Row(key, name, _colour(band, key, number, wire), wire, dash, key in COMPENSATING)


def _listed(key: str) -> str:
    return " · ".join(key.split(ROW_SEPARATOR))


def _colour(band: Band, key: str, number: int, wire: Wire | None) -> str:
    if wire or band.wire:
        return f"c-{wire.key if wire else band.wire}"
    if key in COMPENSATING:
        return "line-warn"
    if key in _STATES:
        return f"line-{_STATES[key]}"
    return f"line-{_INKS[number // len(DASHES) % len(_INKS)]}"


def _compact(told: object) -> str:
    return json.dumps(told, separators=(",", ":"), ensure_ascii=False)
