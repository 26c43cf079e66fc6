"""`/errors`: every stable code, what it means and what to do."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from stend.portal.error_pages import EDGE, ORDERS, page_of
from stend.portal.rendering import Renderer


class ErrorPages:
    def __init__(self, renderer: Renderer) -> None:
        self._renderer = renderer

    def routes(self) -> list[Route]:
        return [Route("/errors", self._list), Route("/errors/{code}", self._one)]

    async def _list(self, request: Request) -> Response:
        context = {"groups": (("edge", EDGE), ("order", ORDERS))}
        return self._renderer.page(request, "errors.html", context)

    async def _one(self, request: Request) -> Response:
        code = request.path_params["code"]
        found = page_of(code)
        context = {"code": code, "error": found, "known": (*EDGE, *ORDERS)}
        return self._renderer.page(request, "error.html", context, 200 if found else 404)
