"""The client of HTTP of the shop: httpx, whose requests are spans and carry the context.

Source: OpenTelemetry's semantic conventions for HTTP client spans.
"""

import contextlib
from typing import Any

import httpx

from stend.chassis.tracing.recording import begin, carrier, current, end, entered
from stend.chassis.tracing.sockets import ports_of
from stend.chassis.tracing.spans import Kind, Span

_ERRORS = 400
# A server of the stand ends a connection that was idle for five seconds (uvicorn), as long as httpx
# itself keeps one: a request that is sent in that instant gets no answer. Ours lets go before.
IDLE_S = 4.0
_LIMITS = httpx.Limits(max_connections=100, max_keepalive_connections=20, keepalive_expiry=IDLE_S)


class HttpClient(httpx.AsyncClient):
    """httpx.AsyncClient, and nothing of it is different where nothing is traced."""

    def __init__(self, **how: Any) -> None:
        super().__init__(**{"limits": _LIMITS, **how})

    async def send(self, request: httpx.Request, **how: Any) -> httpx.Response:
        calling = current()
        if calling is not None and _is_to_be_carried(calling):
            return await self._carry(calling, request, how)
        span = begin(request.method, Kind.CLIENT)
        for name, value in carrier(span):
            request.headers[name] = value
        if span is None:
            return await super().send(request, **how)
        _describe(span, request)
        with entered(span):
            response = await super().send(request, **how)
            _conclude(span, response)
        return response

    async def _carry(
        self, span: Span, request: httpx.Request, how: dict[str, Any]
    ) -> httpx.Response:
        """The exchange of a call that has its span already: they are one and the same."""
        name = span.name
        _describe(span, request)
        span.name = name
        for header, value in span.carrier():
            request.headers[header] = value
        response = await super().send(request, **how)
        _note(span, response)
        return response


def _is_to_be_carried(span: Span) -> bool:
    attributes = span.attributes
    return (
        span.kind is Kind.CLIENT
        and not span.end_ns
        and "rpc.system" in attributes
        and "http.request.method" not in attributes
    )


def _describe(span: Span, request: httpx.Request) -> None:
    attributes, url = span.attributes, request.url
    attributes["http.request.method"] = request.method
    attributes["url.full"] = str(url.copy_with(username=None, password=None))
    attributes["server.address"] = url.host
    if url.port:
        attributes["server.port"] = url.port
    span.name = f"{request.method} {url.path}"


def _conclude(span: Span, response: httpx.Response) -> None:
    _note(span, response)
    if response.status_code >= _ERRORS:
        end(span, str(response.status_code))


def _note(span: Span, response: httpx.Response) -> None:
    span.attributes["http.response.status_code"] = response.status_code
    stream = response.extensions.get("network_stream")
    if stream is None:
        return
    # After an answer with `Connection: close` the socket is gone, and its ports with it.
    with contextlib.suppress(OSError):
        local, peer = stream.get_extra_info("client_addr"), stream.get_extra_info("server_addr")
        span.attributes.update(ports_of(local, peer))
