"""`/stand/tap`: what the taps have recorded, as JSON and as a stream."""

import json
from collections.abc import AsyncIterator
from itertools import chain

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from stend.kit.json import JsonObject, JsonValue
from stend.portal.apis.answers import answer, integer_of, not_found, refusing
from stend.portal.events import HEARTBEAT, beating, frame, stream
from stend.portal.units.heads import mark_of, state_of
from stend.portal.wire import Wire
from stend.tap.reading import Seen
from stend.tap.showing import detail, summary, trace_of

# One answer; who wants more asks with `since`, or takes the whole session.
EXCHANGES_LIMIT = 2_000
_USUAL_LIMIT = 200
_ANY_VERSION = 2**53


class Filter:
    """Which exchanges are asked for; every parameter of the query narrows but `background`."""

    def __init__(self, request: Request) -> None:
        query = request.query_params
        # A form sends what nobody has filled, too.
        self._source, self._target = query.get("source") or None, query.get("target") or None
        self._protocol, self._trace = query.get("protocol") or None, query.get("trace") or None
        self._errors = query.get("errors") in {"1", "true"}
        self._text = query.get("text", "").strip().casefold()
        self._edge = query.get("edge", "")
        # Who asks for a word or for a trace gets what has it, whoever has asked for that.
        self.shows_all = (
            query.get("background") in {"1", "true"} or bool(self._text) or self._trace is not None
        )

    @property
    def narrows(self) -> bool:
        """Anything is left out."""
        told = (self._source, self._target, self._protocol, self._trace, self._text, self._edge)
        return self._errors or any(told)

    def holds(self, seen: Seen) -> bool:
        place, exchange = seen.connection.place, seen.exchange
        return (
            self._edge in ("", place.name)
            and self._source in (None, place.source)
            and self._target in (None, place.target)
            and self._protocol in (None, place.protocol, exchange.first.protocol)
            and (self._trace is None or trace_of(exchange.context) == self._trace)
            and (not self._errors or exchange.error is not None)
            and (not self._text or self._says(seen))
        )

    def hides(self, seen: Seen) -> bool:
        """Whether one that it holds is background that nobody wants to see."""
        return seen.is_background and not self.shows_all

    def _says(self, seen: Seen) -> bool:
        units = ((one.name, one.summary, one.error or "") for one in seen.exchange.units)
        told = chain((seen.id,), chain.from_iterable(units))
        return any(self._text in one.casefold() for one in told)


class TapApi:
    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def routes(self) -> list[Route]:
        return [
            Route("/stand/tap", refusing(self._clear), methods=["DELETE"]),
            *self.reading_routes(),
        ]

    def reading_routes(self) -> list[Route]:
        """Those that change nothing."""
        return [
            Route("/stand/tap", refusing(self._state), methods=["GET"]),
            Route("/stand/tap/exchanges", refusing(self._list), methods=["GET"]),
            Route("/stand/tap/exchanges/{id}", refusing(self._one), methods=["GET"]),
            Route("/stand/tap/stream", refusing(self._stream), methods=["GET"]),
        ]

    async def _state(self, _request: Request) -> Response:
        taps: list[JsonValue] = [
            {**one.place._asdict(), "port": one.port, "open": one.open} for one in self._wire.taps()
        ]
        # Several taps may stand between the same two: their bytes are told together.
        places: list[JsonValue] = [
            {**place._asdict(), "bytes_to_server": up, "bytes_to_client": down}
            for place, (up, down) in self._wire.reading.recording.totals().items()
        ]
        told: JsonObject = {"is_on": self._wire.is_on, "ring": self._wire.ring()}
        return answer(told | {"taps": taps, "places": places})

    async def _clear(self, _request: Request) -> Response:
        # Read to the end first: connections that live on are understood only by what was before.
        self._wire.reading.advance()
        self._wire.reading.recording.clear()
        return Response(status_code=204)

    async def _list(self, request: Request) -> Response:
        limit = integer_of(request, "limit", _USUAL_LIMIT, EXCHANGES_LIMIT)
        since = integer_of(request, "since", 0, _ANY_VERSION)
        self._wire.reading.advance()
        return answer(self._exchanges(Filter(request), since, limit))

    async def _one(self, request: Request) -> Response:
        self._wire.reading.advance()
        wanted = str(request.path_params["id"])
        seen = self._wire.reading.one(wanted)
        if seen is None:
            raise not_found(
                "There is no such exchange.",
                wanted[:40],
                "The ring may have let it go: see its size with `stend tap list`.",
            )
        return answer(detail(self._wire.reading, seen))

    async def _stream(self, request: Request) -> Response:
        # Without it the stream begins with what comes next.
        asked = request.query_params.get("since")
        since = integer_of(request, "since", 0, _ANY_VERSION)
        self._wire.reading.advance()
        begin = self._wire.reading.version if asked is None else since
        return stream(self._frames(Filter(request), begin))

    async def _frames(self, wanted: Filter, since: int) -> AsyncIterator[str]:
        reading = self._wire.reading
        found = self._exchanges(wanted, since, EXCHANGES_LIMIT)
        # Before anybody else reads on, as it is below.
        version = reading.version
        yield frame("exchanges", _compact(found))
        async for change in beating(_counted(self._wire.changes.follow())):
            if change is None:
                yield HEARTBEAT
                continue
            reading.advance()
            found = self._exchanges(wanted, version, EXCHANGES_LIMIT)
            version = reading.version
            if found["exchanges"] or found["left_off"] or found["hidden"]:
                yield frame("exchanges", _compact(found))

    def _exchanges(self, wanted: Filter, since: int, limit: int) -> JsonObject:
        """The newest `limit` of those that have changed after `since`, the newest last."""
        newest: list[Seen] = []
        left_off = hidden = 0
        for one in self._wire.reading.all():
            if one.version <= since or (not since and len(newest) == limit):
                break
            if not wanted.holds(one):
                continue
            hidden += _hidden_by(wanted, one, since)
            if wanted.hides(one):
                continue
            if len(newest) < limit:
                newest.append(one)
            else:
                left_off += 1
        shown: list[JsonValue] = [
            summary(self._wire.reading, one) | {"mark": mark_of(one), "state": state_of(one)}
            for one in reversed(newest)
        ]
        return {
            "version": self._wire.reading.version,
            "exchanges": shown,
            # Changed since, and more than an answer holds: nothing is left out silently.
            "left_off": left_off,
            # Background that is none of `exchanges`.
            "hidden": hidden,
            "ring": self._wire.ring(),
        }


def _hidden_by(wanted: Filter, one: Seen, since: int) -> int:
    """What an exchange adds to the count of those that were hidden up to `since`."""
    if wanted.hides(one):
        return int(one.born > since)
    # It was counted then, and turns out to be worth a look.
    return -int(not wanted.shows_all and one.born <= since < one.surfaced)


def _compact(found: JsonObject) -> str:
    return json.dumps(found, ensure_ascii=False, separators=(",", ":"))


async def _counted(changes: AsyncIterator[None]) -> AsyncIterator[int]:
    # `beating` says None for silence, so a change has to be something else.
    number = 0
    async for _ in changes:
        number += 1
        yield number
