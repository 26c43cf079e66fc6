"""REST: curl and httpx. Pure."""

import json
from collections.abc import Iterator

from stend.portal.snippets import shell
from stend.portal.snippets.python import literal, program
from stend.portal.snippets.snippet import Call, Snippet
from stend.shop.orders.api.rest.translate import HttpRequest, request_of
from stend.shop.orders.usecases import Operation


def snippets_of(call: Call) -> tuple[Snippet, ...]:
    return (curl(call), Snippet("httpx", "Python, httpx", "rest", _httpx(call)))


def curl(call: Call) -> Snippet:
    request = request_of(call.request)
    body = None if request.body is None else shell.readable(json.loads(request.body))
    code = shell.curl(
        request.method,
        _url(request, call),
        _headers(request, call).items(),
        body,
        streams=_streams(call),
    )
    return Snippet("curl", "curl", "rest", code)


def _url(request: HttpRequest, call: Call) -> str:
    return call.places.http_url.rstrip("/") + request.path


def _headers(request: HttpRequest, call: Call) -> dict[str, str]:
    return {**dict(request.headers), **call.headers}


def _streams(call: Call) -> bool:
    return call.operation == Operation.TRACK_ORDER


def _httpx(call: Call) -> str:
    request = request_of(call.request)
    arguments = [repr(request.method), repr(_url(request, call))]
    headers = _headers(request, call)
    if headers:
        arguments.append(f"headers={literal(headers, 12)}")
    if request.body is not None:
        # Not `json=`: httpx would send other bytes and a Content-Type of its own beside ours.
        arguments.append(f"content=json.dumps({literal(json.loads(request.body), 4)}).encode()")
    imports = ["import json", ""] if request.body is not None else []
    shown = _stream(arguments) if _streams(call) else _unary(arguments)
    return program(*imports, "import httpx", "", *shown)


def _unary(arguments: list[str]) -> Iterator[str]:
    yield "response = httpx.request("
    yield from (f"    {argument}," for argument in arguments)
    yield ")"
    yield "print(response.status_code, response.reason_phrase)"
    yield "print(response.text)"


def _stream(arguments: list[str]) -> Iterator[str]:
    yield "with httpx.stream("
    yield from (f"    {argument}," for argument in (*arguments, "timeout=None"))
    yield ") as response:"
    yield "    for line in response.iter_lines():"
    yield "        print(line)"
