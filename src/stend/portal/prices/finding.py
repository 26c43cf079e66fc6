"""The exchanges of one call, among all that the taps at the doors of the shop have recorded.

A call carries a trace context, and what answers it carries the same trace: that tells which
connections are the call's, whoever else uses the same taps. Not every unit on them says one, as a
frame of WebSocket and an acknowledgement do not: the rest is told by its time, between the begin
and the end of the call. Where nothing carries the trace, since none is recorded or the protocol has
no place for it, the protocol and the time are all there is: then a call of somebody else's over the
same protocol in the same instant cannot be told apart.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from stend.shop.orders.api.protocols import Protocol
from stend.tap.reading import Moments, Reading, Seen
from stend.tap.recording import Connection
from stend.tap.showing import trace_of
from stend.wire.decoding import Direction, Role, Unit

# What is spoken at the port of each; HTTP carries all the others.
_SPOKEN: Mapping[str, str] = {
    Protocol.GRPC: "grpc",
    Protocol.AMQP: "amqp",
    Protocol.KAFKA: "kafka",
}
_HTTP = "http"
# Who connects, at the taps that the clients of the portal go through.
_CLIENT = "client"
# The units that carry the request and the reply, where these are exchanges of their own.
_ASKING: Mapping[str, str] = {Protocol.AMQP: "Basic.Publish", Protocol.KAFKA: "Produce"}
_TELLING: Mapping[str, str] = {Protocol.AMQP: "Basic.Deliver", Protocol.KAFKA: "Fetch"}


class Window(NamedTuple):
    """A call in time, by the clock of the recording.

    Attributes:
        trace: id of its trace; None where none is recorded.
    """

    protocol: str
    began_ns: int
    ended_ns: int
    trace: str | None


class Piece(NamedTuple):
    """One unit that passed during the call."""

    seen: Seen
    unit: Unit
    moments: Moments


class Found(NamedTuple):
    """
    Attributes:
        request: the exchange that carries the request, with the answer where it is one exchange.
        reply: the exchange that carries the reply, where that is another one.
        pieces: everything from the request on, on all connections, in order.
        before: what passed during the call before its request: what opens a connection.
    """

    request: Seen
    reply: Seen | None
    pieces: list[Piece]
    before: list[Piece]

    @property
    def connections(self) -> list[Connection]:
        known = {one.seen.connection.number: one.seen.connection for one in self.pieces}
        return list(known.values())


def find(reading: Reading, window: Window) -> Found | None:
    """None where nothing of the call was recorded."""
    candidates = _candidates(reading, window)
    traced = {one.connection.number for one in candidates if _is_of(one, window)}
    if traced:
        candidates = [one for one in candidates if one.connection.number in traced]
    request = _request(candidates, window)
    if request is None:
        return None
    inside = sorted(_pieces(candidates, window), key=lambda one: one.moments.ended_ns)
    begin = request.began_ns
    pieces = [one for one in inside if one.moments.ended_ns >= begin]
    before = [one for one in inside if one.moments.ended_ns < begin]
    return Found(request, _reply(candidates, request, window), pieces, before)


def _candidates(reading: Reading, window: Window) -> list[Seen]:
    """Those of the protocol that were touched during the call, the latest first."""
    spoken = _SPOKEN.get(window.protocol, _HTTP)
    place = (_CLIENT, spoken)
    found = [
        one
        for one in reading.all()
        if (one.connection.place.source, one.connection.place.protocol) == place
        and one.ended_ns >= window.began_ns
        and one.began_ns <= window.ended_ns
    ]
    if spoken != _HTTP:
        return found
    # Each client of HTTP has its own connections; what is spoken on one is what its requests say.
    own = {one.connection.number for one in found if _speaks(one, window)}
    return [one for one in found if one.connection.number in own]


def _speaks(seen: Seen, window: Window) -> bool:
    unit = seen.exchange.first
    return window.protocol in (unit.facts.get("api"), unit.protocol)


def _request(candidates: list[Seen], window: Window) -> Seen | None:
    asking = [one for one in candidates if _asks(one, window)]
    traced = [one for one in asking if _is_of(one, window)]
    # The latest: what opens a session, as `initialize` of MCP does, comes before.
    return next(iter(traced or asking), None)


def _asks(seen: Seen, window: Window) -> bool:
    first = seen.exchange.first
    if first.direction is not Direction.TO_SERVER or seen.began_ns < window.began_ns:
        return False
    name = _ASKING.get(window.protocol)
    if name is not None:
        return first.name.startswith(name)
    return first.role in (Role.REQUEST, Role.MESSAGE)


def _is_of(seen: Seen, window: Window) -> bool:
    return window.trace is not None and trace_of(seen.exchange.context) == window.trace


def _reply(candidates: list[Seen], request: Seen, window: Window) -> Seen | None:
    name = _TELLING.get(window.protocol)
    if name is None and any(_is_down(unit) for unit in request.exchange.units):
        return None
    later = [
        one
        for one in candidates
        if one is not request
        and one.ended_ns >= request.began_ns
        and any(_is_down(unit) for unit in one.exchange.units)
        and (name is None or one.exchange.first.name.startswith(name))
    ]
    traced = [one for one in later if _is_of(one, window)]
    # The largest: a poll that brought nothing is shorter than the one that brought the reply.
    return max(traced or later, key=lambda one: one.size(Direction.TO_CLIENT), default=None)


def _is_down(unit: Unit) -> bool:
    return unit.direction is Direction.TO_CLIENT


def _pieces(candidates: list[Seen], window: Window) -> Iterator[Piece]:
    for seen in candidates:
        for unit, moments in zip(seen.exchange.units, seen.moments, strict=True):
            if window.began_ns <= moments.ended_ns <= window.ended_ns:
                yield Piece(seen, unit, moments)
