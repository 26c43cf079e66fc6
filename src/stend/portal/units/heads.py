"""An exchange as a list and the head of its page show it."""

from dataclasses import dataclass
from datetime import UTC, datetime

from stend.portal.wires import PROTOCOLS, Wire, wire_of
from stend.tap.reading import Moments, Reading, Seen
from stend.tap.recording import Recording
from stend.tap.showing import trace_of
from stend.wire.decoding import Direction, Role, Unit

_NS_PER_S = 1_000_000_000
_NS_PER_MS = 1_000_000


@dataclass(frozen=True, slots=True)
class Note:
    """What happened to the connection while the exchange was on it: a fault struck."""

    after_ms: float
    text: str


@dataclass(frozen=True, slots=True)
class UnitHead:
    """
    Attributes:
        exchange: id of the exchange that it belongs to.
        number: in its exchange, from 1, in the order in which units passed.
        after_ms: from the first byte of the exchange to the last of this unit.
        is_kept: the ring still has its bytes.
    """

    exchange: str
    number: int
    name: str
    summary: str
    is_up: bool
    after_ms: float
    size: int
    error: str | None
    is_broken: bool
    is_kept: bool


@dataclass(frozen=True, slots=True)
class Head:
    """
    Attributes:
        state: `complete`, `open`, `error` or `broken`.
        opened_ms: before the exchange began.
    """

    id: str
    version: int
    wire: Wire
    spoken: str
    source: str
    target: str
    name: str
    summary: str
    error: str | None
    state: str
    began_at: datetime
    took_ms: float
    up: int
    down: int
    units: int
    connection: int
    peer: str
    opened_ms: float
    trace: str | None


def head_of(reading: Reading, seen: Seen) -> Head:
    connection, exchange, first = seen.connection, seen.exchange, seen.exchange.first
    return Head(
        id=seen.id,
        version=seen.version,
        wire=wire_for(seen),
        spoken=first.protocol,
        source=connection.place.source,
        target=connection.place.target,
        name=first.name,
        summary=first.summary,
        error=exchange.error,
        state=state_of(seen),
        began_at=wall(reading.recording, seen.began_ns),
        took_ms=(seen.ended_ns - seen.began_ns) / _NS_PER_MS,
        up=seen.size(Direction.TO_SERVER),
        down=seen.size(Direction.TO_CLIENT),
        units=len(exchange.units),
        connection=connection.number,
        peer=connection.peer,
        opened_ms=(seen.began_ns - connection.opened_ns) / _NS_PER_MS,
        trace=trace_of(exchange.context),
    )


def state_of(seen: Seen) -> str:
    exchange = seen.exchange
    if any(one.role is Role.BROKEN for one in exchange.units):
        return "broken"
    if exchange.error is not None:
        return "error"
    # A unit that belongs to nothing is not waited for.
    is_alone = exchange.first.exchange is None
    return "complete" if is_alone or exchange.is_complete else "open"


def wire_for(seen: Seen) -> Wire:
    """The mark of what is spoken: of the API where the message tells it, else of the protocol."""
    for unit in seen.exchange.units:
        if (known := PROTOCOLS.get(unit.facts.get("api", ""))) is not None:
            return known
    place = seen.connection.place
    spoken = seen.exchange.first.protocol
    if spoken in PROTOCOLS:
        return PROTOCOLS[spoken]
    return wire_of(place.protocol)


def mark_of(seen: Seen) -> str:
    """What `wire_of` knows the mark by."""
    wire = wire_for(seen)
    return seen.connection.place.protocol if wire.glyph is None else wire.key


def unit_heads(seen: Seen) -> list[UnitHead]:
    pairs = zip(seen.exchange.units, seen.moments, strict=True)
    return [_unit_head(seen, number, *pair) for number, pair in enumerate(pairs, 1)]


def _unit_head(seen: Seen, number: int, unit: Unit, moments: Moments) -> UnitHead:
    return UnitHead(
        exchange=seen.id,
        number=number,
        name=unit.name,
        summary=unit.summary,
        is_up=unit.direction is Direction.TO_SERVER,
        after_ms=(moments.ended_ns - seen.began_ns) / _NS_PER_MS,
        size=unit.end - unit.start,
        error=unit.error,
        is_broken=unit.role is Role.BROKEN,
        is_kept=unit.start >= seen.connection.stream(unit.direction).first,
    )


def notes_of(seen: Seen) -> list[Note]:
    return [
        Note((one.at_ns - seen.began_ns) / _NS_PER_MS, one.text)
        for one in seen.connection.notes
        if one.at_ns >= seen.began_ns
    ]


def wall(recording: Recording, at_ns: int) -> datetime:
    return datetime.fromtimestamp(recording.wall_ns(at_ns) / _NS_PER_S, UTC)
