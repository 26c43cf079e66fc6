"""`/course`: the modules in their order, what is done, and what comes next."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from stend.portal.language import language_for
from stend.portal.learning.desk import Desk


class MapPage:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[Route]:
        return [self._desk.route("/course", self._page)]

    async def _page(self, request: Request) -> Response:
        place = await self._desk.place()
        context = {"next": place.course.next_in(language_for(request))}
        return await self._desk.page(request, "course.html", context)
