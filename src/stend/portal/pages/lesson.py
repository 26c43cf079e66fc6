"""`/course/NN-slug`: the lesson, its live blocks, and what they bring."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from stend.course.model import Module
from stend.course.texts.glossary import Glossary, Term
from stend.course.texts.live import Bytes, Call
from stend.portal.error_pages.index import page_of
from stend.portal.forms import form_of
from stend.portal.language import language_for
from stend.portal.learning.desk import Desk
from stend.portal.learning.live_calls import (
    ORDER,
    Performed,
    asks_for_order,
    perform_live,
)
from stend.portal.learning.octets import Octets, octets_of
from stend.portal.learning.performing import Performing
from stend.portal.learning.reading import Reader, ShownProse
from stend.portal.rendering import has_story, is_fragment

_AT = "/course/{module}"


class LessonPages:
    """
    Args:
        performing: None where no stand runs.
    """

    def __init__(self, desk: Desk, reader: Reader, performing: Performing | None) -> None:
        self._desk = desk
        self._reader = reader
        self._performing = performing

    def routes(self) -> list[Route]:
        route = self._desk.route
        return [
            route(_AT, self._page),
            route(f"{_AT}/live/{{place:int}}", self._call, "POST"),
            route(f"{_AT}/bytes/{{place:int}}/units/{{number:int}}", self._unit),
        ]

    async def _page(self, request: Request) -> Response:
        return await self._shown(request, {})

    async def _call(self, request: Request) -> Response:
        module = await self._desk.module(request)
        place = int(request.path_params["place"])
        lesson = await self._reader.lesson(module, language_for(request))
        block = lesson.live(place) if lesson else None
        if self._performing is None or not isinstance(block, Call):
            raise HTTPException(404)
        order_id = dict(await form_of(request)).get(ORDER, "").strip()[:64]
        performed = await perform_live(block, order_id, self._performing)
        if is_fragment(request):
            context = {**self._around(request), "performed": performed}
            return self._desk.renderer.page(request, "_live_result.html", context)
        return await self._shown(request, {place: performed})

    async def _unit(self, request: Request) -> Response:
        module = await self._desk.module(request)
        language = language_for(request)
        lesson = await self._reader.lesson(module, language)
        block = lesson.live(int(request.path_params["place"])) if lesson else None
        number = int(request.path_params["number"])
        octets = octets_of(block) if isinstance(block, Bytes) else None
        if octets is None or not 1 <= number <= len(octets.units):
            raise HTTPException(404)
        body = octets.packed(number, language)
        return Response(body, media_type="application/json", headers={"Cache-Control": "no-cache"})

    async def _shown(self, request: Request, performed: dict[int, Performed]) -> Response:
        module = await self._desk.module(request)
        place = await self._desk.place(module)
        lesson = await self._reader.lesson(module, language_for(request))
        before, after = place.course.beside(module)
        context = {
            **self._around(request),
            "lesson": lesson,
            "performed_at": performed,
            "octets": _octets(lesson) if lesson else {},
            "before": before,
            "after": after,
            "terms": _terms_of(module, await self._reader.glossary()),
            "query": dict(request.query_params),
        }
        return await self._desk.page(request, "lesson.html", context, module)

    def _around(self, request: Request) -> dict[str, object]:
        return {
            "is_live": self._performing is not None,
            "asks_for_order": asks_for_order,
            "has_story": has_story(request),
            "page_of": page_of,
        }


def _octets(lesson: ShownProse) -> dict[int, Octets]:
    return {one.place: octets_of(one.live) for one in lesson.pieces if isinstance(one.live, Bytes)}


def _terms_of(module: Module, glossary: Glossary | None) -> tuple[Term, ...]:
    """Those that the lesson explains."""
    if glossary is None:
        return ()
    here = f"{module.folder.name}#"
    return tuple(one for one in glossary.terms if any(at.startswith(here) for at in one.lessons))
