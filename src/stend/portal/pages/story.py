"""`/story/{trace}`: the sequence diagram of one trace, its bytes, and its other forms."""

import json
import re
from collections.abc import AsyncIterator
from functools import partial

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from stend.chassis.tracing.store import TraceStore
from stend.kit.languages import Language
from stend.portal import numbers
from stend.portal.apis.answers import not_found, refusing
from stend.portal.events import HEARTBEAT, beating, frame, merged, stream
from stend.portal.language import language_for
from stend.portal.rendering import Renderer, translate
from stend.portal.story.listing import listing
from stend.portal.story.mermaid import mermaid
from stend.portal.story.model import Message, MessageKind, Story
from stend.portal.story.naming import Names
from stend.portal.story.palette import Attributes, Classes, symbols
from stend.portal.story.picture import HEAD_HEIGHT, picture_of
from stend.portal.story.plantuml import plantuml
from stend.portal.story.recorded import recorded
from stend.portal.story.showing import story_to_json
from stend.portal.story.telling import orders_of, story_of
from stend.portal.story.views import Shown, View, shown
from stend.portal.units.heads import head_of, unit_heads
from stend.portal.units.writing import written
from stend.portal.wire import Wire
from stend.portal.wires import engine_of, wire_of
from stend.tap.reading import Seen
from stend.wire.decoding import Direction

_LOOKED_AT = 1000
_LOOKS_EVERY_S = 1.0
_NS_PER_MS = 1_000_000
_ID = re.compile(r"[0-9a-f]{32}")
_MEDIA_TYPES = {
    "mmd": "text/vnd.mermaid; charset=utf-8",
    "puml": "text/x-plantuml; charset=utf-8",
    "svg": "image/svg+xml",
    "txt": "text/plain; charset=utf-8",
    "json": "application/json",
}


class StoryPage:
    def __init__(self, renderer: Renderer, traces: TraceStore, wire: Wire) -> None:
        self._renderer = renderer
        self._traces = traces
        self._wire = wire

    def routes(self) -> list[Route]:
        return [
            Route("/story/{trace}", self._one),
            Route("/story/{trace}/fragment", self._fragment),
            Route("/story/{trace}/events", self._events),
            Route("/story/{trace}/messages/{number:int}", self._message),
        ]

    async def _one(self, request: Request) -> Response:
        wanted = str(request.path_params["trace"])
        name, _, form = wanted.rpartition(".")
        if form in _MEDIA_TYPES and name:
            return await refusing(partial(self._exported, name=name, form=form))(request)
        found = self._trace_of(wanted)
        if found is None:
            context = {"id": wanted[:40], "held": self._traces.held()}
            return _fresh(self._renderer.page(request, "story_unknown.html", context, 404))
        if found != wanted:
            query = f"?{request.url.query}" if request.url.query else ""
            return RedirectResponse(f"/story/{found}{query}", 302)
        return _fresh(self._renderer.page(request, "story.html", self._context(request, found)))

    async def _fragment(self, request: Request) -> Response:
        context = {**self._context(request, self._known(request)), "alone": True}
        return _fresh(self._renderer.page(request, "_story.html", context))

    async def _events(self, request: Request) -> Response:
        return stream(told_of(self._traces, self._wire, self._known(request)))

    async def _message(self, request: Request) -> Response:
        story = self._story(self._known(request))
        what = _shown(story, request)
        number = request.path_params["number"]
        whole = next((one for one in what.messages if one.number == number), None)
        if whole is None:
            raise HTTPException(404)
        context = {
            **_naming(language_for(request)),
            "story": story,
            "message": whole,
            "view": _view(request),
            "after_ms": (whole.at_ns - story.start_ns) / _NS_PER_MS,
            "took_ms": (whole.until_ns - whole.at_ns) / _NS_PER_MS if whole.until_ns else None,
            **self._bytes(whole),
        }
        return _fresh(self._renderer.page(request, "_story_message.html", context))

    def _bytes(self, one: Message) -> dict[str, object]:
        """The units of all its exchanges that are kept; no `head` where none is."""
        reading = self._wire.reading
        kept = [seen for id_ in one.exchanges if (seen := reading.one(id_)) is not None]
        if not kept:
            return {"head": None}
        units = [unit for seen in kept for unit in unit_heads(seen)]
        number = _first_unit(one, kept[0])
        return {
            "head": head_of(reading, kept[0]),
            "units": units,
            "chosen": units[number - 1],
            "unit": written(reading, kept[0], number),
        }

    # ---- other forms ---------------------------------------------------------------------------

    async def _exported(self, request: Request, name: str, form: str) -> Response:
        trace_id = self._trace_of(name)
        if trace_id is None:
            raise not_found(
                "There is no such trace, and no trace of such an order.",
                name[:40],
                "The store may have let it go; /stand/traces lists those that are kept.",
            )
        story = self._story(trace_id)
        what = _shown(story, request)
        body = self._body(story, what, form, language_for(request))
        headers = {"Cache-Control": "no-store"}
        if "save" in request.query_params:
            headers["Content-Disposition"] = f'attachment; filename="story-{trace_id[:8]}.{form}"'
        return PlainTextResponse(body, headers=headers, media_type=_MEDIA_TYPES[form])

    def _body(self, story: Story, what: Shown, form: str, language: Language) -> str:
        names = _names(language)
        if form == "mmd":
            return mermaid(what, names)
        if form == "puml":
            return plantuml(what, names)
        if form == "txt":
            return listing(story, what, names)
        if form == "json":
            return json.dumps(story_to_json(story, what), ensure_ascii=False)
        return self._drawn(story, what, language)

    def _drawn(self, story: Story, what: Shown, language: Language) -> str:
        wires = [one.wire for one in what.messages]
        used = {wire_of(one).glyph for one in wires} | {
            engine_of(one.name).glyph for one in what.lines
        }
        context = {
            **_naming(language),
            "story": story,
            "picture": picture_of(story, what, _names(language)),
            "paint": Attributes(),
            "symbols": symbols(
                {one for one in used if one} | {"i-fail", "i-retry", "i-undo", "i-start"}
            ),
        }
        return self._renderer.text(language, "story.svg", context)

    # ---- which ---------------------------------------------------------------------------------

    def _context(self, request: Request, trace_id: str) -> dict[str, object]:
        story = self._story(trace_id)
        what = _shown(story, request)
        language = language_for(request)
        return {
            **_naming(language),
            "story": story,
            "shown": what,
            "picture": picture_of(story, what, _names(language)),
            "paint": Classes(),
            "view": _view(request),
            "views": tuple(View),
            "opened": request.query_params.get("open", ""),
            "query": f"?{request.url.query}" if request.url.query else "",
            "took_ms": story.duration_ns / _NS_PER_MS,
            "alone": False,
            "is_compensated": any(one.is_compensation for one in story.sections),
        }

    def _story(self, trace_id: str) -> Story:
        spans = self._traces.trace(trace_id)
        if not spans:
            raise HTTPException(404)
        return story_of(spans, recorded(self._wire, spans))

    def _known(self, request: Request) -> str:
        found = self._trace_of(str(request.path_params["trace"]))
        if found is None:
            raise HTTPException(404)
        return found

    def _trace_of(self, wanted: str) -> str | None:
        """By its own id, or by that of an order: the newest trace that tells it."""
        if _ID.fullmatch(wanted):
            return wanted if self._traces.trace(wanted) else None
        for one in self._traces.recent(_LOOKED_AT):
            if wanted in orders_of(self._traces.trace(one.trace_id)):
                return one.trace_id
        return None


async def told_of(traces: TraceStore, wire: Wire, trace_id: str) -> AsyncIterator[str]:
    """An event at once, and one after every change of a trace, and of what passes meanwhile.

    What a call waits for, and what a stream brings, only the wire tells.
    """
    yield frame("changed")
    changes = merged(traces.changes(), _passing(traces, wire, trace_id))
    async for change in beating(changes):
        if change is None:
            yield HEARTBEAT
        elif change == trace_id:
            yield frame("changed")


async def _passing(traces: TraceStore, wire: Wire, trace_id: str) -> AsyncIterator[str]:
    """The trace, whenever something has passed while it goes on."""
    async for _ in wire.changes.follow(_LOOKS_EVERY_S):
        if any(not span.end_ns for span in traces.trace(trace_id)):
            yield trace_id


def _shown(story: Story, request: Request) -> Shown:
    opened = request.query_params.get("open", "").split(",")
    return shown(story, _view(request), {int(one) for one in opened if one.isdecimal()})


def _view(request: Request) -> View:
    asked = request.query_params.get("view", "")
    return View(asked) if asked in set(View) else View.STORES


def _names(language: Language) -> Names:
    return Names(partial(translate, language), partial(numbers.decimal, language=language))


def _naming(language: Language) -> dict[str, object]:
    return {
        "names": _names(language),
        "head_height": HEAD_HEIGHT,
    }


def _first_unit(one: Message, seen: Seen) -> int:
    """The number of the one to begin with: the answer, if that is what the arrow is."""
    comes_back = one.kind is MessageKind.RETURN or one.source == seen.connection.place.target
    units = seen.exchange.units
    back = (at for at, unit in enumerate(units, 1) if unit.direction is Direction.TO_CLIENT)
    return next(back, 1) if comes_back else 1


def _fresh(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
