"""What the taps have recorded during a trace."""

import re
from collections.abc import Iterator, Sequence

from stend.chassis.tracing.spans import Span
from stend.portal.story.linking import Passed
from stend.portal.story.telling import Recorded
from stend.portal.units.heads import mark_of
from stend.portal.wire import Wire
from stend.tap.reading import Seen
from stend.wire.decoding import Direction, Role

# A batch of Kafka holds a context per record; a unit tells the first of them.
_CONTEXT = re.compile(rb"00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}")
_WEBSOCKET = "websocket"
_BATCHES = ("Produce", "Fetch")
# A message may have been fetched before its consumer's span begins, and is kept before its
# sender's ends.
_AROUND_NS = 1_000_000_000


def recorded(wire: Wire, spans: Sequence[Span]) -> Recorded:
    """
    Args:
        spans: of one trace, at least one.
    """
    wire.reading.advance()
    trace_id = spans[0].trace_id
    begin_ns = min(span.start_ns for span in spans) - _AROUND_NS
    is_running = any(not span.end_ns for span in spans)
    end_ns = max(max(span.end_ns, span.start_ns) for span in spans) + _AROUND_NS
    passed = (
        passed_of(wire, seen, trace_id)
        for seen in _during(wire, begin_ns, None if is_running else end_ns)
    )
    known = [one for one in passed if one is not None]
    return Recorded(known, wire.is_on, _kept_from(wire))


def passed_of(wire: Wire, seen: Seen, trace_id: str) -> Passed | None:
    """An exchange as one trace sees it; None for one of another trace."""
    told = contexts_of(wire, seen)
    contexts = frozenset(span_id for trace, span_id in told if trace == trace_id)
    if told and not contexts:
        return None
    wall_ns = wire.reading.recording.wall_ns
    first, place = seen.exchange.first, seen.connection.place
    answers = [one for one in seen.exchange.units if one.direction is Direction.TO_CLIENT]
    streams = _streams(seen)
    return Passed(
        id=seen.id,
        source=place.source,
        target=place.target,
        place=place.protocol,
        wire=mark_of(seen),
        name=first.name,
        summary=first.summary,
        contexts=contexts,
        began_ns=wall_ns(seen.began_ns),
        ended_ns=wall_ns(seen.ended_ns),
        peer_port=_port(seen.connection.peer),
        is_up=first.direction is Direction.TO_SERVER,
        answers=len(answers),
        error=seen.exchange.error or "",
        is_cut=not answers and seen.connection.to_client.ended_ns is not None,
        streams=streams,
        sent=_messages(seen, Direction.TO_SERVER) if streams else 0,
        came=_messages(seen, Direction.TO_CLIENT) if streams else 0,
    )


def _streams(seen: Seen) -> bool:
    """By the contract of gRPC, by the media type of SSE, by what is pushed over a WebSocket."""
    units = seen.exchange.units
    if any(one.facts.get("streams") for one in units):
        return True
    if any(one.facts.get("api") == "sse" for one in units):
        return True
    if units[0].protocol == "http2":
        # Without a contract, several messages tell it.
        return any(_messages(seen, direction) > 1 for direction in Direction)
    is_pushed = any(one.protocol == _WEBSOCKET and one.role is Role.MESSAGE for one in units)
    return is_pushed or any(one.facts.get("type") == "subscribe" for one in units)


def _messages(seen: Seen, direction: Direction) -> int:
    units = (one for one in seen.exchange.units if one.direction is direction)
    return sum(
        1 if one.protocol == _WEBSOCKET else int(one.facts.get("messages", "0")) for one in units
    )


def contexts_of(wire: Wire, seen: Seen) -> frozenset[tuple[str, str]]:
    """The trace and the span of every `traceparent` in the bytes."""
    if seen.connection.place.protocol == "kafka":
        if not seen.exchange.first.name.startswith(_BATCHES):
            return frozenset()
        return frozenset(_in_batch(wire, seen))
    parts = (seen.exchange.context or "").split("-")
    return frozenset({(parts[1], parts[2])}) if len(parts) >= 4 else frozenset()


def _in_batch(wire: Wire, seen: Seen) -> Iterator[tuple[str, str]]:
    for unit in seen.exchange.units:
        for found in _CONTEXT.finditer(wire.reading.data(seen, unit) or b""):
            yield found[1].decode(), found[2].decode()


def _during(wire: Wire, begin_ns: int, end_ns: int | None) -> Iterator[Seen]:
    wall_ns = wire.reading.recording.wall_ns
    for seen in wire.reading.all():
        # The latest change comes first: whatever follows has ended before the trace began.
        if wall_ns(seen.ended_ns) < begin_ns:
            return
        if end_ns is None or wall_ns(seen.began_ns) <= end_ns:
            yield seen


def _kept_from(wire: Wire) -> int:
    reading = wire.reading
    if not reading.let_go and not reading.recording.figures().let_go_chunks:
        return 0
    oldest: Seen | None = None
    for oldest in reading.all():  # noqa: B007 - the last one is meant
        pass
    return (
        reading.recording.wall_ns(oldest.began_ns)
        if oldest
        else reading.recording.wall_ns(
            max(one.opened_ns for one in reading.recording.connections.values())
        )
    )


def _port(peer: str) -> int:
    port = peer.rpartition(":")[2]
    return int(port) if port.isdecimal() else 0
