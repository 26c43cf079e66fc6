"""Sends spans to a collector over OTLP/HTTP, in batches; what it cannot send it lets go.

Source: OTLP specification, "OTLP/HTTP".
"""

import asyncio
import logging
from collections import deque

import httpx

from stend.chassis.tracing.recording import Sink
from stend.chassis.tracing.spans import Span

_log = logging.getLogger("stend.traces")
_MOST_WAITING = 20_000
_BATCH = 512
_EVERY_S = 1.0
_TIMEOUT_S = 5.0


class Exporter:
    """Passes spans on to another sink, and those that have ended to a collector, too.

    Whatever the collector does, recording goes on: the queue is bounded, the oldest spans give way.

    Args:
        url: `http://host:port` of the collector.
        sink: where spans go besides.
    """

    def __init__(self, url: str, sink: Sink) -> None:
        self._url = url
        self._sink = sink
        self._waiting: deque[Span] = deque(maxlen=_MOST_WAITING)
        self._http: httpx.AsyncClient | None = None
        self._running: asyncio.Task[None] | None = None
        self._fails = False
        self.let_go = 0

    def began(self, span: Span) -> None:
        self._sink.began(span)

    def ended(self, span: Span) -> None:
        self._sink.ended(span)
        if len(self._waiting) == _MOST_WAITING:
            self.let_go += 1
        self._waiting.append(span)

    def start(self) -> None:
        # A proxy of the environment has no business between two local processes.
        self._http = httpx.AsyncClient(timeout=_TIMEOUT_S, trust_env=False)
        self._running = asyncio.create_task(self._run(self._http))

    async def stop(self) -> None:
        """What waits is sent once more; a collector that is away costs five seconds at most."""
        if self._running is None or self._http is None:
            return
        self._running.cancel()
        await asyncio.gather(self._running, return_exceptions=True)
        while self._waiting and await self._send(self._http):
            continue
        await self._http.aclose()

    async def _run(self, http: httpx.AsyncClient) -> None:
        while True:
            await asyncio.sleep(_EVERY_S)
            while self._waiting and await self._send(http):
                continue

    async def _send(self, http: httpx.AsyncClient) -> bool:
        """Whether the collector took a batch; what it refuses is let go."""
        batch = [self._waiting.popleft() for _ in range(min(_BATCH, len(self._waiting)))]
        try:
            body, media_type, path = await asyncio.to_thread(_encoded, batch)
            response = await http.post(
                self._url + path, content=body, headers={"Content-Type": media_type}
            )
            response.raise_for_status()
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            self.let_go += len(batch)
            if not self._fails:
                _log.warning(
                    "spans are let go: %s: %s", self._url, str(error) or type(error).__name__
                )
            self._fails = True
            return False
        if self._fails:
            _log.warning("spans are sent again: %s; %d were let go", self._url, self.let_go)
        self._fails = False
        return True


def _encoded(spans: list[Span]) -> tuple[bytes, str, str]:
    from stend.chassis.tracing.otlp import MEDIA_TYPE, PATH, encoded

    return encoded(spans), MEDIA_TYPE, PATH
