"""`/stand/tap/session` and `/stand/tap/export`: what the ring holds, as files."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from stend import __version__
from stend.chassis.tracing.saving import saved
from stend.chassis.tracing.store import TraceStore
from stend.kit.clock import Clock, rfc3339
from stend.kit.json import JsonValue
from stend.portal.apis.answers import invalid, refusing
from stend.portal.apis.faults import shown
from stend.portal.wire import Wire
from stend.tap.files import har, pcapng, session

_FORMATS = ("har", "pcapng", "session")


@dataclass(frozen=True, slots=True)
class ExtrasNow:
    """What a session saved at this moment tells beside the recording."""

    wire: Wire
    traces: TraceStore
    clock: Clock

    async def __call__(self) -> session.Extras:
        now = self.clock.now()
        faults: list[JsonValue] = [shown(one, now) for one in self.wire.faults.active()]
        taps = tuple((one.place, one.port) for one in self.wire.taps())
        held, spans = self.traces.copied()
        otlp = await run_in_threadpool(saved, spans)
        return session.Extras(
            stend=__version__,
            saved_at=rfc3339(now),
            faults=faults,
            taps=taps,
            let_go_exchanges=self.wire.reading.let_go,
            traces=session.Traces(
                traces=held.traces,
                spans=held.spans,
                most_traces=held.most_traces,
                most_spans=held.most_spans,
                traces_let_go=held.traces_let_go,
                spans_let_go=held.spans_let_go,
                otlp=otlp,
            ),
        )


class TapFilesApi:
    """`extras`: what a session tells beside the recording, asked for whenever one is saved."""

    def __init__(self, wire: Wire, extras: Callable[[], Awaitable[session.Extras]]) -> None:
        self._wire = wire
        self._extras = extras

    def routes(self) -> list[Route]:
        return [
            Route("/stand/tap/session", refusing(self._session), methods=["GET"]),
            Route("/stand/tap/export", refusing(self._export), methods=["GET"]),
        ]

    async def _export(self, request: Request) -> Response:
        wanted = request.query_params.get("format", "")
        if wanted == "session":
            return await self._session(request)
        if wanted == "pcapng":
            return await self._pcapng()
        if wanted == "har":
            return await self._har()
        raise invalid("There is no such format.", wanted[:40], f"one of {', '.join(_FORMATS)}")

    async def _session(self, _request: Request) -> Response:
        extras = await self._extras()
        # Packing takes a second for a large ring, and the taps go on meanwhile.
        copy = self._wire.reading.recording.copied()
        data = await run_in_threadpool(session.save, copy, extras)
        return _file(data, "application/zip", "stend.zip")

    async def _pcapng(self) -> Response:
        reading = self._wire.reading
        reading.advance()
        comments = pcapng.comments_of(reading)
        data = await run_in_threadpool(pcapng.save, reading.recording.copied(), comments)
        return _file(data, "application/x-pcapng", "stend.pcapng")

    async def _har(self) -> Response:
        reading = self._wire.reading
        reading.advance()
        talks = har.talks_of(reading)
        copy = reading.recording.copied()
        data = await run_in_threadpool(har.save, copy, talks, __version__)
        return _file(data, "application/json", "stend.har")


def _file(data: bytes, media_type: str, name: str) -> Response:
    headers = {
        "Cache-Control": "no-store",
        "Content-Disposition": f'attachment; filename="{name}"',
        # A file of what passed may hold a page: no browser shall take it for one.
        "X-Content-Type-Options": "nosniff",
    }
    return Response(data, headers=headers, media_type=media_type)
