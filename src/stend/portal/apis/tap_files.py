"""`/stand/tap/session` and `/stand/tap/export`: what the ring holds, as files."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from stend import __version__
from stend.kit.clock import Clock, rfc3339
from stend.kit.json import JsonValue
from stend.portal.apis.answers import invalid, refusing
from stend.portal.apis.faults import shown
from stend.portal.wire import Wire
from stend.tap.files import har, pcapng, session

_FORMATS = ("har", "pcapng", "session")


class TapFilesApi:
    def __init__(self, wire: Wire, clock: Clock) -> None:
        self._wire = wire
        self._clock = clock

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
        now = self._clock.now()
        faults: list[JsonValue] = [shown(one, now) for one in self._wire.faults.active()]
        extras = session.Extras(__version__, rfc3339(now), faults)
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
