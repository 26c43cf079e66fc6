"""The portal as an ASGI application: pages, static files, and the refusals of both."""

from collections.abc import Mapping

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from stend.chassis.tracing.store import TraceStore
from stend.kit.clock import Clock
from stend.kit.ids import Ids
from stend.portal import numbers
from stend.portal.apis.faults import FaultsApi
from stend.portal.apis.tap import TapApi
from stend.portal.apis.tap_files import TapFilesApi
from stend.portal.assets import load_assets
from stend.portal.callers import Credentials, Lender
from stend.portal.faulting.showing import BannerOf
from stend.portal.figures.sampler import Sampler
from stend.portal.forms import FORM_LIMIT_BYTES
from stend.portal.language import language_for
from stend.portal.pages.contracts import ContractPages
from stend.portal.pages.errors import ErrorPages
from stend.portal.pages.exchanges import ExchangePages
from stend.portal.pages.faults import FaultsPage
from stend.portal.pages.home import HomePage
from stend.portal.pages.messages import MessagesPage
from stend.portal.pages.numbers import NumbersPage
from stend.portal.pages.playground import PlaygroundPage, callable_over
from stend.portal.pages.reconciliation import ReconciliationPage
from stend.portal.pages.stories import StoriesPage
from stend.portal.pages.story import StoryPage
from stend.portal.pages.tokens import TokensPage
from stend.portal.rendering import Renderer, is_fragment
from stend.portal.snippets.snippet import Places
from stend.portal.stand import Stand
from stend.portal.wire import Wire

_SECURITY_HEADERS: Mapping[str, str] = {
    # No inline script and no inline style anywhere, so that nothing that was escaped wrongly
    # could run either.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; "
        "img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_KNOWN_FAILURES = frozenset({404, 405, 413})
_SERVER_ERROR = 500


def create_portal(
    *,
    stand: Stand,
    lender: Lender,
    credentials: Credentials,
    clock: Clock,
    ids: Ids,
    places: Places,
    wire: Wire,
    sampler: Sampler,
    traces: TraceStore,
) -> ASGIApp:
    """The portal.

    Args:
        stand: tells the state of the parts and when it changes. Open streams end with its
            `changes()`.
        lender: gives the clients of `orders`.
        credentials: those that a reader may try.
        ids: makes fresh idempotency keys.
        places: the addresses that a reader's own tools have to call.
        wire: the taps. Open streams end with its changes.
        sampler: keeps the figures over time. Open streams of them end with its `close()`.
        traces: the last of them. Open streams of changes end with its `close()`.
    """
    assets = load_assets()
    renderer = Renderer(assets, stand, BannerOf(wire.faults, clock))
    playground = PlaygroundPage(renderer, lender, credentials, ids, places, wire)
    failures = Failures(renderer)
    return Starlette(
        routes=[
            *HomePage(stand, renderer, callable_over(lender.protocols), wire).routes(),
            *playground.routes(),
            *TokensPage(renderer, credentials, places).routes(),
            *ContractPages(renderer, stand).routes(),
            *ReconciliationPage(renderer, stand, places.http_url, credentials).routes(),
            *MessagesPage(renderer, stand, wire, clock, ids).routes(),
            *NumbersPage(renderer, sampler).routes(),
            *ErrorPages(renderer).routes(),
            *ExchangePages(renderer, wire, traces).routes(),
            *StoriesPage(renderer, traces).routes(),
            *StoryPage(renderer, traces, wire).routes(),
            *FaultsPage(stand, renderer, wire, clock, places.http_url).routes(),
            *TapApi(wire).routes(),
            *TapFilesApi(wire, clock).routes(),
            *FaultsApi(wire, clock).routes(),
            assets.route(),
        ],
        middleware=[Middleware(SecurityHeaders)],
        exception_handlers={HTTPException: failures.refused, Exception: failures.broken},
    )


class SecurityHeaders:
    """Adds the headers to every response. Plain ASGI: a wrapper of responses would hold streams."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_SECURITY_HEADERS)
            await send(message)

        await self._app(scope, receive, sending)


class Failures:
    """Pages that say what went wrong, in the look of all the others."""

    def __init__(self, renderer: Renderer) -> None:
        self._renderer = renderer

    async def refused(self, request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else _SERVER_ERROR
        known = status if status in _KNOWN_FAILURES else _SERVER_ERROR
        headers = (error.headers if isinstance(error, HTTPException) else None) or {}
        response = self._page(request, known)
        response.status_code = status
        response.headers.update(headers)
        return response

    async def broken(self, request: Request, _error: Exception) -> Response:
        response = self._page(request, _SERVER_ERROR)
        # This response is made outside of the middleware, by the last net under the application.
        response.headers.update(_SECURITY_HEADERS)
        return response

    def _page(self, request: Request, status: int) -> HTMLResponse:
        template = "_failure.html" if is_fragment(request) else "failure.html"
        context = {
            "failure": f"failure.{status}",
            "status": status,
            "method": request.method,
            "limit": numbers.size(FORM_LIMIT_BYTES, language_for(request)),
        }
        return self._renderer.page(request, template, context, status)
