"""A request of HTTP, and the handshake of a WebSocket, as a span around an ASGI application.

Source: OpenTelemetry's semantic conventions for HTTP server spans.
"""

from collections.abc import Mapping
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from stend.chassis.tracing.recording import ask, end, entered, received, resumed
from stend.chassis.tracing.spans import TRACEPARENT, TRACESTATE, Kind, Span

_TRACEPARENT, _TRACESTATE = TRACEPARENT.encode(), TRACESTATE.encode()
_SERVER_ERRORS = 500


async def served(
    app: ASGIApp,
    service: str,
    headers: Mapping[bytes, bytes],
    scope: Scope,
    receive: Receive,
    send: Send,
) -> None:
    """
    Args:
        service: whose application it is.
        headers: of the scope.
    """
    ask(service)
    traceparent, tracestate = _told(headers)
    span = received(service, scope["method"], Kind.SERVER, traceparent, tracestate)
    if span is None:
        await app(scope, receive, send)
        return
    _describe(span, scope, headers)

    async def noting(message: Message) -> None:
        if message["type"] == "http.response.start":
            span.attributes["http.response.status_code"] = message["status"]
        await send(message)

    with entered(span):
        await app(scope, receive, noting)
        _conclude(span, scope)


async def served_socket(
    app: ASGIApp,
    service: str,
    headers: Mapping[bytes, bytes],
    scope: Scope,
    receive: Receive,
    send: Send,
) -> None:
    """A connection begins no trace, since it lasts: its messages do, each by itself.

    Where the handshake carries a context, messages without one of their own belong to it.
    """
    ask(service)
    traceparent, tracestate = _told(headers)
    if traceparent is None:
        await app(scope, receive, send)
        return
    name = f"GET {scope['path']}"
    span = received(service, name, Kind.SERVER, traceparent, tracestate, starts=False)
    if span is None:
        with resumed(service, None):
            await app(scope, receive, send)
        return
    _describe(span, scope, headers)

    async def noting(message: Message) -> None:
        if message["type"] == "websocket.accept":
            span.attributes["http.response.status_code"] = 101
            end(span)
        await send(message)

    with entered(span):
        await app(scope, receive, noting)


def _told(headers: Mapping[bytes, bytes]) -> tuple[str | None, str]:
    traceparent = headers.get(_TRACEPARENT)
    if traceparent is None:
        return None, ""
    return traceparent.decode("latin-1"), headers.get(_TRACESTATE, b"").decode("latin-1")


def _describe(span: Span, scope: Scope, headers: Mapping[bytes, bytes]) -> None:
    attributes = span.attributes
    attributes["http.request.method"] = scope.get("method", "GET")
    attributes["url.scheme"] = scope["scheme"]
    attributes["url.path"] = scope["path"]
    if scope["query_string"]:
        attributes["url.query"] = scope["query_string"].decode("latin-1")
    if agent := headers.get(b"user-agent"):
        attributes["user_agent.original"] = agent.decode("latin-1")
    server, client = scope.get("server"), scope.get("client")
    if server:
        attributes["server.address"], attributes["network.local.port"] = server[0], server[1] or 0
    if client:
        attributes["network.peer.address"], attributes["network.peer.port"] = client


def _conclude(span: Span, scope: Scope) -> None:
    """The name tells of the route and not of the path, which has ids in it."""
    if span.name == span.attributes["http.request.method"]:
        route: Any = getattr(scope.get("route"), "path", None) or scope["path"]
        span.attributes["http.route"] = route
        span.name = f"{span.name} {route}"
    status = span.attributes.get("http.response.status_code")
    if isinstance(status, int) and status >= _SERVER_ERRORS:
        end(span, str(status))
