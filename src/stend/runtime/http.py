"""The one HTTP port: a gate, then the services' paths, then the portal."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from urllib.parse import urlsplit

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.types import ASGIApp, Receive, Scope, Send

from stend.chassis.metrics import REGISTRY
from stend.kit.errors import EdgeErrorCode
from stend.portal.stand import Stand

STATUS_PATH = "/stand/status"
METRICS_PATH = "/metrics"
# RFC 6455, section 7.4.1: before the handshake is accepted this becomes a plain 403.
_POLICY_VIOLATION = 1008
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
# A service that is still starting answers nothing yet; a second is longer than that takes.
_RETRY_AFTER = (b"retry-after", b"1")


class HttpGate:
    """Refuses foreign hosts and origins, then hands the request to whoever owns the path.

    A server on 127.0.0.1 is reachable by every page that the user's browser shows: through DNS
    rebinding (a foreign name in Host) and through forms (a foreign Origin).

    Args:
        expected_paths: prefixes of services that exist, whether they have started or not.
        portal: None when a service runs alone.
    """

    def __init__(
        self,
        stand: Stand,
        allowed_hosts: tuple[str, ...],
        expected_paths: tuple[str, ...],
        portal: ASGIApp | None,
    ) -> None:
        self._stand = stand
        self._allowed_hosts = frozenset(allowed_hosts)
        self._expected_paths = frozenset(expected_paths)
        self._most_segments = max((path.count("/") for path in expected_paths), default=0)
        self._portal = portal
        self.services: dict[str, ASGIApp] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        if scope["type"] == "websocket":
            await self._websocket(scope, receive, send, headers)
            return
        if refusal := self._refusal(scope["method"], headers):
            await _problem(send, 403, EdgeErrorCode.FORBIDDEN, refusal)
            return
        path: str = scope["path"]
        if path == STATUS_PATH:
            await _answer(send, 200, "application/json", status_json(self._stand))
            return
        if path == METRICS_PATH:
            await _answer(send, 200, CONTENT_TYPE_LATEST, generate_latest(REGISTRY))
            return
        prefix = self._prefix_of(path)
        if app := self._app_at(prefix):
            await app(scope, receive, send)
        elif prefix is not None:
            detail = f"The service behind {path} is still starting. Retry in a second."
            await _problem(send, 503, EdgeErrorCode.UNAVAILABLE, detail, (_RETRY_AFTER,))
        else:
            detail = f"Nothing stands at {path}."
            await _problem(send, 404, EdgeErrorCode.NO_SUCH_OPERATION, detail)

    async def _websocket(
        self, scope: Scope, receive: Receive, send: Send, headers: Mapping[bytes, bytes]
    ) -> None:
        # A page of anybody's may open a WebSocket to anywhere, with no question asked before: the
        # Origin is all that tells it from one of ours (RFC 6455, section 10.2).
        app = self._app_at(self._prefix_of(scope["path"]))
        if app is None or app is self._portal or self._refusal("WEBSOCKET", headers):
            await send({"type": "websocket.close", "code": _POLICY_VIOLATION})
        else:
            await app(scope, receive, send)

    def _app_at(self, prefix: str | None) -> ASGIApp | None:
        return self._portal if prefix is None else self.services.get(prefix)

    def _prefix_of(self, path: str) -> str | None:
        """The longest of a service: /graphql and /graphql/catalog belong to two of them."""
        # A path begins with a slash, so that its first segment is empty; what lies deeper than
        # every prefix stays in one piece, however many slashes a caller has put there.
        segments = path.split("/", self._most_segments + 1)
        for count in range(min(len(segments), self._most_segments + 1), 1, -1):
            prefix = "/".join(segments[:count])
            if prefix in self._expected_paths:
                return prefix
        return None

    def _refusal(self, method: str, headers: Mapping[bytes, bytes]) -> str | None:
        host = headers.get(b"host", b"").decode("latin-1")
        if _name_of(host) not in self._allowed_hosts:
            allowed = ", ".join(sorted(self._allowed_hosts))
            return (
                f"The Host header says {host!r}; this port answers to {allowed} only. "
                "Add the name to stand.allowed_hosts if it is yours."
            )
        origin = headers.get(b"origin")
        if origin is None or method in _SAFE_METHODS:
            return None
        name = urlsplit(origin.decode("latin-1")).netloc
        if _name_of(name) in self._allowed_hosts:
            return None
        return f"A page of {origin.decode('latin-1')!r} may not send {method} to this stand."


def status_json(stand: Stand) -> bytes:
    """What `stend status --json` prints."""
    return json.dumps(asdict(stand.view()), ensure_ascii=False).encode()


def _name_of(host: str) -> str:
    """The name without its port; an IPv6 address keeps its brackets."""
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0].lower()


async def _problem(
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
    await _answer(send, status, "application/problem+json", body, headers)


async def _answer(
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
