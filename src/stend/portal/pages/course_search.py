"""`/course/search`: lessons, tasks, questions and terms by their words."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from stend.course.texts.search import MOST_HITS
from stend.portal.language import language_for
from stend.portal.learning.desk import Desk
from stend.portal.learning.reading import Reader

_MOST_CHARACTERS = 100


class SearchPage:
    def __init__(self, desk: Desk, reader: Reader) -> None:
        self._desk = desk
        self._reader = reader

    def routes(self) -> list[Route]:
        return [self._desk.route("/course/search", self._page)]

    async def _page(self, request: Request) -> Response:
        asked = request.query_params.get("q", "").strip()[:_MOST_CHARACTERS]
        shelf = await self._desk.library.shelf()
        language = language_for(request)
        hits = await self._reader.find(shelf, asked, language) if asked else ()
        context = {
            "q": asked,
            "hits": hits,
            "most": MOST_HITS,
        }
        return await self._desk.page(request, "course_search.html", context)
