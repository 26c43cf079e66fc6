"""`/errors`: every stable code, what it means and what to do."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from stend.portal.error_pages.index import GROUPS, all_pages, page_of
from stend.portal.error_pages.statuses import statuses_of
from stend.portal.rendering import Renderer


class ErrorPages:
    def __init__(self, renderer: Renderer) -> None:
        self._renderer = renderer

    def routes(self) -> list[Route]:
        return [Route("/errors", self._list), Route("/errors/{code}", self._one)]

    async def _list(self, request: Request) -> Response:
        return self._renderer.page(request, "errors.html", {"groups": GROUPS})

    async def _one(self, request: Request) -> Response:
        code = request.path_params["code"]
        found = page_of(code)
        context = {
            "code": code,
            "error": found,
            "statuses": statuses_of(found.code) if found else (),
            "known": all_pages(),
        }
        return self._renderer.page(request, "error.html", context, 200 if found else 404)
