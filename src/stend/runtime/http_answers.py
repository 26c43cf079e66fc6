"""What every HTTP port answers by itself: refusals of foreign hosts, problems, the traces."""

import json
from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl, urlsplit

from starlette.types import Scope, Send

from stend.chassis.tracing.store import TraceStore
from stend.kit.errors import EdgeErrorCode
from stend.runtime.tracing import TRACES_PATH, trace_json, traces_json

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_ALLOW_GET = (b"allow", b"GET, HEAD")


class OwnHosts:
    """The names in Host and Origin that a port answers to.

    A server on 127.0.0.1 is reachable by every page that the user's browser shows: through DNS
    rebinding (a foreign name in Host) and through forms (a foreign Origin).
    """

    def __init__(self, allowed: Iterable[str], advice: str = "") -> None:
        """`advice`: what to do about a name that is missing."""
        self._allowed = frozenset(allowed)
        self._advice = advice

    def refusal(self, method: str, headers: Mapping[bytes, bytes]) -> str | None:
        """Why a request is none of ours; None for one that is."""
        host = headers.get(b"host", b"").decode("latin-1")
        if _name_of(host) not in self._allowed:
            allowed = ", ".join(sorted(self._allowed))
            told = f"The Host header says {host!r}; this port answers to {allowed} only."
            return f"{told} {self._advice}".rstrip()
        origin = headers.get(b"origin")
        if origin is None or method in _SAFE_METHODS:
            return None
        name = urlsplit(origin.decode("latin-1")).netloc
        if _name_of(name) in self._allowed:
            return None
        return f"A page of {origin.decode('latin-1')!r} may not send {method} to this stand."


async def tell_traces(store: TraceStore, scope: Scope, send: Send) -> None:
    trace_id = scope["path"].removeprefix(TRACES_PATH).removeprefix("/")
    if scope["method"] not in {"GET", "HEAD"}:
        detail = "Traces are read with GET."
        await problem(send, 405, EdgeErrorCode.METHOD_NOT_ALLOWED, detail, (_ALLOW_GET,))
        return
    if trace_id:
        told = trace_json(store, trace_id)
    else:
        told = traces_json(store, dict(parse_qsl(scope["query_string"].decode("latin-1"))))
    if told is None:
        detail = f"No trace {trace_id[:64]} is kept; {TRACES_PATH} lists those that are."
        await problem(send, 404, EdgeErrorCode.NO_SUCH_OPERATION, detail)
    else:
        await answer(send, 200, "application/json", told)


def _name_of(host: str) -> str:
    """The name without its port; an IPv6 address keeps its brackets."""
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0].lower()


async def problem(
    send: Send,
    status: int,
    code: EdgeErrorCode,
    detail: str,
    headers: tuple[tuple[bytes, bytes], ...] = (),
) -> None:
    problem = {
        "type": f"/errors/{code}",
        "title": code.replace("-", " ").capitalize(),
        "status": status,
        "detail": detail,
        "code": code,
    }
    body = json.dumps(problem, ensure_ascii=False).encode()
    await answer(send, status, "application/problem+json", body, headers)


async def answer(
    send: Send,
    status: int,
    media_type: str,
    body: bytes,
    headers: tuple[tuple[bytes, bytes], ...] = (),
) -> None:
    own = [(b"content-type", media_type.encode()), (b"content-length", str(len(body)).encode())]
    start = {"type": "http.response.start", "status": status, "headers": [*own, *headers]}
    await send(start)
    await send({"type": "http.response.body", "body": body})
