"""What every decoder of a connection has in common: bytes of both directions in, units out.

A unit is what a protocol itself counts in: a request, a frame, a packet, a record. Units of one
direction tile its stream: no byte is left out. Cutting is cheap and done at once; the tree of a
unit's fields is read when somebody looks at it.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from stend.kit.fields import Field, undecoded
from stend.kit.languages import Text

# A stream is not held for longer than this in the hope of its end.
HELD_BYTES_LIMIT = 64 * 1024 * 1024


class Direction(StrEnum):
    TO_SERVER = "to-server"
    TO_CLIENT = "to-client"

    @property
    def other(self) -> "Direction":
        return Direction.TO_CLIENT if self is Direction.TO_SERVER else Direction.TO_SERVER


class Role(StrEnum):
    """What a unit is in the conversation.

    MESSAGE: goes one way and is not answered by itself: a delivery, an acknowledgement, an event
        of a stream. CONTROL: keeps the connection itself: handshake, settings, heartbeat.
        BROKEN: could not be decoded.
    """

    REQUEST = "request"
    RESPONSE = "response"
    MESSAGE = "message"
    CONTROL = "control"
    BROKEN = "broken"


class Undecodable(Exception):  # noqa: N818 - it is an answer, no accident
    """The bytes are not what they should be.

    Attributes:
        at: offset of the first wrong byte in what was read, where that is known.
    """

    def __init__(self, ru: str, en: str, at: int | None = None) -> None:
        super().__init__(en)
        self.why = Text(ru=ru, en=en)
        self.at = at


Read = Callable[[bytes], tuple[Field, ...]]


@dataclass(frozen=True, slots=True)
class Unit:
    """One piece of a direction's stream.

    Attributes:
        protocol: `http1`, `http2`, `websocket`, `amqp`, `kafka`, …
        name: in the specification's words: `GET /orders`, `HEADERS`, `Basic.Publish`, `Fetch v17`.
        start: offset of its first byte in the stream of its direction.
        end: offset behind its last byte.
        exchange: what belongs together on this connection: a number of a request, a stream, a
            correlation id. None for what belongs to nothing.
        is_last: nothing more of the exchange follows in this direction.
        summary: what a list shows beside the name, in a line.
        error: what went wrong, as the protocol says it: `404`, `NOT_FOUND`, `40P01`.
        context: the trace context that it carries (W3C Trace Context, `traceparent`).
        facts: fields that other parts look for, by the specification's names.
        read: makes the tree from the unit's bytes.
    """

    protocol: str
    name: str
    direction: Direction
    start: int
    end: int
    role: Role
    read: Read
    exchange: str | None = None
    is_last: bool = False
    summary: str = ""
    error: str | None = None
    context: str | None = None
    facts: Mapping[str, str] = field(default_factory=dict)

    def fields(self, data: bytes) -> tuple[Field, ...]:
        """The tree of the unit's bytes. Where they cannot be read, one leaf that says why.

        Args:
            data: exactly the bytes from `start` to `end`; offsets of the tree begin with 0.
        """
        try:
            return self.read(data)
        except Undecodable as error:
            return (undecoded(0, len(data), error.why),) if data else ()


class Half:
    """One direction of a connection.

    Attributes:
        data: bytes that came and belong to no unit yet begin at `at`.
        start: offset of `data[at]` in the stream.
        wanted: nothing can be cut before so many bytes are there; keeps cutting linear.
        lost: why nothing more is decoded in this direction.
        has_gap: bytes before `data` were never seen, and no unit behind them was found yet.
    """

    __slots__ = ("at", "data", "direction", "has_gap", "lost", "start", "wanted")

    def __init__(self, direction: Direction, start: int = 0) -> None:
        self.direction = direction
        self.data = bytearray()
        self.at = 0
        self.start = start
        self.wanted = 1
        self.lost: Text | None = None
        self.has_gap = False

    @property
    def rest(self) -> int:
        return len(self.data) - self.at

    def take(self, size: int) -> bytes:
        """The next bytes, without consuming them."""
        return bytes(memoryview(self.data)[self.at : self.at + size])


class StreamDecoder(ABC):
    """Decodes both directions of one connection. Holds at most one unfinished unit of each.

    A subclass has `protocol` and cuts units in `_cut`; feeding, accounting and giving up are here.

    Args:
        begins: offsets of the streams where it begins, to the server and to the client.
    """

    protocol: str

    def __init__(self, begins: tuple[int, int] = (0, 0)) -> None:
        self._halves = {
            Direction.TO_SERVER: Half(Direction.TO_SERVER, begins[0]),
            Direction.TO_CLIENT: Half(Direction.TO_CLIENT, begins[1]),
        }
        # The direction of the last gap, while nothing has come in the other one since.
        self._gap: Direction | None = None

    def feed(self, direction: Direction, data: bytes) -> list[Unit]:
        """The units that `data` completes."""
        half = self._halves[direction]
        half.data += data
        if self._gap is direction.other:
            self._gap = None
        if half.has_gap and self._begins_unit(half):
            half.has_gap, half.lost, half.wanted = False, None, 1
        return self._units(half)

    def end(self, direction: Direction) -> list[Unit]:
        """The stream has ended: what is left of it is a unit, and says so."""
        half = self._halves[direction]
        found = self._at_end(half)
        if half.rest:
            why = half.lost or Text(
                ru="соединение закончилось посреди сообщения",
                en="the connection ended in the middle of a message",
            )
            found.append(self._given_up(half, half.rest, why))
        return found

    def skip(self, direction: Direction, count: int) -> list[Unit]:
        """Bytes of the stream that nobody will see: the ring has let them go.

        They are in no unit. What follows is decoded only where a decoder can find its way again.
        """
        half = self._halves[direction]
        why = Text(
            ru="кольцо записи уже отпустило начало этого соединения",
            en="the ring of the recording let go of the beginning of this connection",
        )
        found = [self._given_up(half, half.rest, why)] if half.rest else []
        half.start += count
        half.lost = why
        half.has_gap = True
        # The ring lets go of both directions up to a moment: that is one gap, not two.
        if self._gap is not direction.other:
            self._forget(direction)
        self._gap = direction
        return found

    def _begins_unit(self, half: Half) -> bool:
        """Whether what came behind a gap begins with a unit, as far as anybody can tell.

        A chunk of a recording mostly does: it is what one side wrote at once.
        """
        del half
        return False

    def _forget(self, direction: Direction) -> None:
        """Something was said that nobody heard: what waited for it waits in vain."""
        del direction

    def _hears(self, direction: Direction) -> bool:
        """Whether what comes there may still be read; else whoever waits for it waits in vain."""
        half = self._halves[direction]
        return half.lost is None or half.has_gap

    def reached(self, direction: Direction) -> int:
        """Offset behind the last byte that it was fed with."""
        half = self._halves[direction]
        return half.start + half.rest

    def unfinished(self, direction: Direction) -> int:
        """How many bytes came of a unit that is not complete."""
        return self._halves[direction].rest

    def awaited(self) -> tuple[str, ...]:
        """Exchanges that an answer is due to, in the order in which they were asked for.

        Only where answers come in the order of the requests.
        """
        return ()

    def withdraw(self, exchange: str) -> None:
        """A request that it was fed with has not reached the server: nothing will answer it."""
        del exchange

    @abstractmethod
    def _cut(self, half: Half) -> Unit | None:
        """The next unit of `half`, which begins at `half.at`; None until more bytes have come.

        Raises:
            Undecodable: the bytes are none of this protocol; nothing more is decoded of `half`.
        """

    def _at_end(self, half: Half) -> list[Unit]:
        """Units that only the end of the stream completes."""
        del half
        return []

    def _units(self, half: Half) -> list[Unit]:
        found: list[Unit] = []
        while half.lost is None and half.rest >= half.wanted:
            half.wanted = 1
            try:
                unit = self._cut(half)
            except Undecodable as error:
                half.lost = error.why
                break
            if unit is None:
                if half.rest > HELD_BYTES_LIMIT:
                    half.lost = Text(
                        ru=f"сообщение длиннее {HELD_BYTES_LIMIT} байт",
                        en=f"a message of more than {HELD_BYTES_LIMIT} bytes",
                    )
                break
            self._consume(half, unit.end - half.start)
            found.append(unit)
        if half.lost is not None and half.rest:
            found.append(self._given_up(half, half.rest, half.lost))
        if half.at:
            del half.data[: half.at]
            half.at = 0
        return found

    def _given_up(self, half: Half, size: int, why: Text) -> Unit:
        unit = self._broken(half, size, why)
        self._consume(half, size)
        return unit

    def _broken(self, half: Half, size: int, why: Text) -> Unit:
        """The next bytes as a unit of which nothing is understood."""
        return Unit(
            protocol=self.protocol,
            name="not decoded",
            direction=half.direction,
            start=half.start,
            end=half.start + size,
            role=Role.BROKEN,
            read=lambda data: (undecoded(0, len(data), why),),
        )

    @staticmethod
    def _consume(half: Half, size: int) -> None:
        half.at += size
        half.start += size
