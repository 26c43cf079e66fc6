"""Server-sent events: curl and httpx. Pure."""

from collections.abc import Mapping

from stend.portal.snippets import shell
from stend.portal.snippets.python import literal, program
from stend.portal.snippets.snippet import Call, Snippet
from stend.shop.orders.api.sse.translate import MEDIA_TYPE, path_of
from stend.shop.orders.usecases import TrackOrder


def snippets_of(call: Call) -> tuple[Snippet, ...]:
    request = call.request
    if not isinstance(request, TrackOrder):
        return ()
    seen = {"Last-Event-ID": str(request.after_version)} if request.after_version else {}
    headers = {"Accept": MEDIA_TYPE, **seen, **call.headers}
    url = call.places.http_url + path_of(request)
    return (
        Snippet("curl-sse", "curl", "sse", shell.curl("GET", url, headers.items(), streams=True)),
        Snippet("httpx", "Python, httpx", "sse", _httpx(url, headers)),
    )


def _httpx(url: str, headers: Mapping[str, str]) -> str:
    return program(
        "import httpx",
        "",
        "with httpx.stream(",
        f"    'GET', {url!r},",
        f"    headers={literal(headers, 12)},",
        "    timeout=None,",
        ") as response:",
        "    for line in response.iter_lines():",
        "        print(line)",
    )
