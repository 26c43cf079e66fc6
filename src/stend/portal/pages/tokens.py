"""`/tokens`: whom a reader may call the shop as, and how a call with a token looks."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from stend.portal.callers import Credentials
from stend.portal.rendering import Renderer
from stend.portal.snippets import rest
from stend.portal.snippets.snippet import Call, Places
from stend.shop.orders.usecases import ListOrders

_EXAMPLE = ListOrders(limit=3)


class TokensPage:
    def __init__(self, renderer: Renderer, credentials: Credentials, places: Places) -> None:
        """`places`: for the example."""
        self._renderer = renderer
        self._credentials = credentials
        self._places = places

    def routes(self) -> list[Route]:
        return [Route("/tokens", self._page)]

    async def _page(self, request: Request) -> Response:
        callers = self._credentials()
        authorization = callers[0].credential if callers else None
        example = rest.curl(Call(_EXAMPLE, self._places, authorization)).code
        return self._renderer.page(request, "tokens.html", {"callers": callers, "example": example})
