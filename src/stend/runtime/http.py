"""The one HTTP port: a gate, then the services' paths, then the portal."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.types import ASGIApp, Receive, Scope, Send

from stend.chassis.jsonrpc.http import read_body
from stend.chassis.metrics import REGISTRY
from stend.chassis.tracing.http_server import served, served_socket
from stend.kit.errors import EdgeErrorCode, StendError
from stend.portal.stand import EngineView, PartState, ServiceView, Stand
from stend.runtime.http_answers import OwnHosts, answer, problem, tell_traces
from stend.runtime.tracing import TRACES_PATH, Tracing

STATUS_PATH = "/stand/status"
# For whoever only wants to know whether to send requests: an orchestrator of containers.
READY_PATH = "/stand/ready"
METRICS_PATH = "/metrics"
# The path of OTLP/HTTP: programs of learners send their spans here as to any collector.
COLLECTOR_PATH = "/v1/traces"
_MOST_COLLECTED_BYTES = 4 * 1024 * 1024
# RFC 6455, section 7.4.1: before the handshake is accepted this becomes a plain 403.
_POLICY_VIOLATION = 1008
# A service that is still starting answers nothing yet; a second is longer than that takes.
_RETRY_AFTER = (b"retry-after", b"1")


class HttpGate:
    """Refuses foreign hosts and origins, then hands the request to whoever owns the path.

    A server on 127.0.0.1 is reachable by every page that the user's browser shows: through DNS
    rebinding (a foreign name in Host) and through forms (a foreign Origin).

    Args:
        owners: the service of each prefix that exists, whether it has started or not.
        portal: None when a service runs alone.
        tracing: of this process.
    """

    def __init__(
        self,
        stand: Stand,
        allowed_hosts: tuple[str, ...],
        owners: Mapping[str, str],
        portal: ASGIApp | None,
        tracing: Tracing,
    ) -> None:
        self._stand = stand
        self._hosts = OwnHosts(allowed_hosts, "Add the name to stand.allowed_hosts if it is yours.")
        self._owners = owners
        self._most_segments = max((path.count("/") for path in owners), default=0)
        self._portal = portal
        self._tracing = tracing
        self._own: Mapping[str, Callable[[Send], Awaitable[None]]] = {
            STATUS_PATH: self._tell_status,
            READY_PATH: self._tell_readiness,
            METRICS_PATH: _tell_metrics,
        }
        self.services: dict[str, ASGIApp] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        if scope["type"] == "websocket":
            await self._websocket(scope, receive, send, headers)
            return
        if refusal := self._hosts.refusal(scope["method"], headers):
            await problem(send, 403, EdgeErrorCode.FORBIDDEN, refusal)
            return
        path: str = scope["path"]
        if tell := self._own.get(path):
            await tell(send)
            return
        if path.startswith(TRACES_PATH):
            await tell_traces(self._tracing.store, scope, send)
            return
        if path == COLLECTOR_PATH and scope["method"] == "POST":
            await self._collect(headers, receive, send)
            return
        prefix = self._prefix_of(path)
        if (app := self._app_at(prefix)) and prefix is not None:
            await served(app, self._owners[prefix], headers, scope, receive, send)
        elif app:
            await app(scope, receive, send)
        elif prefix is not None:
            detail = f"The service behind {path} is still starting. Retry in a second."
            await problem(send, 503, EdgeErrorCode.UNAVAILABLE, detail, (_RETRY_AFTER,))
        else:
            detail = f"Nothing stands at {path}."
            await problem(send, 404, EdgeErrorCode.NO_SUCH_OPERATION, detail)

    async def _tell_status(self, send: Send) -> None:
        await answer(send, 200, "application/json", status_json(self._stand))

    async def _tell_readiness(self, send: Send) -> None:
        view = self._stand.view()
        if view.ready:
            await answer(send, 200, "application/json", b'{"ready": true}')
            return
        settled = (PartState.READY, PartState.STOPPED)
        parts: list[EngineView | ServiceView] = [*view.engines, *view.services]
        waited_for = ", ".join(
            f"{part.name} is {part.state}" for part in parts if part.state not in settled
        )
        await problem(
            send, 503, EdgeErrorCode.UNAVAILABLE, f"Not ready: {waited_for}.", (_RETRY_AFTER,)
        )

    async def _collect(self, headers: dict[bytes, bytes], receive: Receive, send: Send) -> None:
        """Takes spans as a collector does (OTLP specification, "OTLP/HTTP")."""
        try:
            body = await read_body(headers, receive, _MOST_COLLECTED_BYTES)
            self._tracing.take(body)
        except StendError as error:
            await problem(send, 413, EdgeErrorCode.MESSAGE_TOO_LARGE, error.detail)
        except ValueError as error:
            await problem(send, 400, EdgeErrorCode.MALFORMED_MESSAGE, str(error))
        else:
            # An ExportTraceServiceResponse without a partial success is empty.
            await answer(send, 200, "application/x-protobuf", b"")

    async def _websocket(
        self, scope: Scope, receive: Receive, send: Send, headers: Mapping[bytes, bytes]
    ) -> None:
        # A page of anybody's may open a WebSocket to anywhere, with no question asked before: the
        # Origin is all that tells it from one of ours (RFC 6455, section 10.2).
        prefix = self._prefix_of(scope["path"])
        app = self._app_at(prefix)
        if app is None or prefix is None or self._hosts.refusal("WEBSOCKET", headers):
            await send({"type": "websocket.close", "code": _POLICY_VIOLATION})
        else:
            await served_socket(app, self._owners[prefix], headers, scope, receive, send)

    def _app_at(self, prefix: str | None) -> ASGIApp | None:
        return self._portal if prefix is None else self.services.get(prefix)

    def _prefix_of(self, path: str) -> str | None:
        """The longest of a service: /graphql and /graphql/catalog belong to two of them."""
        # A path begins with a slash, so that its first segment is empty; what lies deeper than
        # every prefix stays in one piece, however many slashes a caller has put there.
        segments = path.split("/", self._most_segments + 1)
        for count in range(min(len(segments), self._most_segments + 1), 1, -1):
            prefix = "/".join(segments[:count])
            if prefix in self._owners:
                return prefix
        return None


async def _tell_metrics(send: Send) -> None:
    await answer(send, 200, CONTENT_TYPE_LATEST, generate_latest(REGISTRY))


def status_json(stand: Stand) -> bytes:
    """What `stend status --json` prints."""
    return json.dumps(asdict(stand.view()), ensure_ascii=False).encode()
