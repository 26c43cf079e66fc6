"""What every application of pages has: headers of safety, and pages that say what went wrong."""

from collections.abc import Mapping, Sequence

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from stend.portal import numbers
from stend.portal.forms import FORM_LIMIT_BYTES
from stend.portal.language import language_for
from stend.portal.rendering import Renderer, is_fragment

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


def framed(renderer: Renderer, routes: Sequence[Route]) -> ASGIApp:
    """The application of these routes."""
    failures = Failures(renderer)
    return Starlette(
        routes=routes,
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
