"""What was found of a call, in figures.

Bytes and payload mean what they mean in `stend compare`: everything on the connections of the
client, and the content of messages (see `units/payload.py`). Three things differ, because this is
one call and not the mean of five: what opens a connection is counted apart, up to the
request; of the polls of Kafka those are counted that ended during the call;
and a batch that is compressed as a whole counts as payload, while `compare` refuses it.
"""

from dataclasses import dataclass
from typing import NamedTuple

from stend.portal.prices.finding import Found, Piece, Window
from stend.portal.units.payload import payload_size
from stend.tap.reading import Reading, Seen
from stend.wire.decoding import Direction, Role

_NS_PER_MS = 1_000_000
# What one packet carries: 1500 bytes of Ethernet without the headers of IP and TCP (RFC 9293
# §3.7.1).
SEGMENT_BYTES = 1460


class Bytes(NamedTuple):
    """`payload`: None where not everything was decoded."""

    total: int
    payload: int | None

    @property
    def framing(self) -> int | None:
        return None if self.payload is None else self.total - self.payload


@dataclass(frozen=True, slots=True)
class Path:
    """A call in time, in milliseconds from its begin, by the clock of the recording.

    The tap stamps what it reads: a connection when it was accepted, bytes when they came.

    Attributes:
        opened: None for a connection that was open already.
        request_begins, request_ends: its first and its last byte.
        reply_begins, reply_ends: of the reply; None where none came.
    """

    opened: float | None
    request_begins: float
    request_ends: float
    reply_begins: float | None
    reply_ends: float | None
    total: float


@dataclass(frozen=True, slots=True)
class Price:
    """
    Attributes:
        set_up: bytes that opened connections during the call, both ways.
        round_trips: times that the server spoke after the client, on each connection, together.
        set_up_trips: of what opened connections.
        connections, opened: that the call used, and of these, opened during the call.
    """

    up: Bytes
    down: Bytes
    set_up: int
    round_trips: int
    set_up_trips: int
    connections: int
    opened: int
    path: Path

    @property
    def packets(self) -> int:
        """That carry bytes, at least: full ones, each way."""
        return sum(-(-one.total // SEGMENT_BYTES) for one in (self.up, self.down))


def price_of(reading: Reading, found: Found, window: Window) -> Price:
    used = found.connections
    return Price(
        up=_bytes(reading, found.pieces, Direction.TO_SERVER),
        down=_bytes(reading, found.pieces, Direction.TO_CLIENT),
        set_up=sum(one.unit.end - one.unit.start for one in found.before),
        round_trips=round_trips(found.pieces),
        set_up_trips=round_trips(found.before),
        connections=len(used),
        opened=sum(one.opened_ns >= window.began_ns for one in used),
        path=_path(found, window),
    )


def round_trips(pieces: list[Piece]) -> int:
    """Times that the server spoke after the client."""
    spoke_last: dict[int, Direction] = {}
    trips = 0
    for one in pieces:
        number, direction = one.seen.connection.number, one.unit.direction
        before = spoke_last.get(number)
        trips += direction is Direction.TO_CLIENT and before is Direction.TO_SERVER
        spoke_last[number] = direction
    return trips


def _bytes(reading: Reading, pieces: list[Piece], direction: Direction) -> Bytes:
    total, payload, is_known = 0, 0, True
    for one in pieces:
        if one.unit.direction is not direction:
            continue
        total += one.unit.end - one.unit.start
        fields = reading.fields(one.seen, one.unit)
        if fields is None or one.unit.role is Role.BROKEN:
            is_known = False
        else:
            payload += payload_size(one.unit.protocol, fields)
    return Bytes(total, payload if is_known else None)


def _path(found: Found, window: Window) -> Path:
    def after(at_ns: int) -> float:
        return (at_ns - window.began_ns) / _NS_PER_MS

    asked = _moments(found.request, Direction.TO_SERVER) or (found.request.began_ns,) * 2
    told = _moments(found.reply or found.request, Direction.TO_CLIENT)
    opened = found.request.connection.opened_ns
    return Path(
        opened=after(opened) if opened >= window.began_ns else None,
        request_begins=after(asked[0]),
        request_ends=after(asked[1]),
        reply_begins=after(told[0]) if told else None,
        reply_ends=after(told[1]) if told else None,
        total=after(told[1] if told else window.ended_ns),
    )


def _moments(seen: Seen, direction: Direction) -> tuple[int, int] | None:
    """First and last moment of the units in one direction; None where there are none."""
    own = [
        moments
        for unit, moments in zip(seen.exchange.units, seen.moments, strict=True)
        if unit.direction is direction
    ]
    return (own[0].began_ns, own[-1].ended_ns) if own else None
