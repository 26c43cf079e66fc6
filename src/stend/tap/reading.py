"""Reads what was recorded: units and exchanges of every connection, decoded when somebody looks.

A connection's decoder goes on where it stopped, so that each byte is cut once, and trees of fields
are made for the one exchange that is opened.
"""

import re
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from heapq import merge
from itertools import islice
from time import monotonic_ns
from typing import NamedTuple

from stend.kit.fields import Field
from stend.kit.polls import Polls
from stend.tap.background import Background
from stend.tap.recording import Chunk, Connection, Place, Recording
from stend.wire.decoding import Direction, StreamDecoder, Unit
from stend.wire.exchanges import Exchange, Grouping, bytes_of

_ID = re.compile(r"c([0-9]{1,15})\.([0-9]{1,15})", re.ASCII)
# Of the time that passes, so much may be spent on reading what the ring is about to let go: else a
# connection that lives long could not be understood any more once its beginning is gone.
_KEEPING_UP_SHARE = 0.05
_KEEPING_UP_NS = 20_000_000
# Rounds of letting go between two looks for decoders of connections that are gone.
_TIDY_EVERY = 100
# A few milliseconds of reading.
_CHUNKS_AT_ONCE = 64
_NO_POLLS = Polls()


class Moments(NamedTuple):
    """When the first and the last byte of a unit passed."""

    began_ns: int
    ended_ns: int


@dataclass(slots=True)
class Seen:
    """An exchange and when it happened.

    Attributes:
        version: grows whenever anything is added; orders the lists.
        born: its first version.
        is_background: nobody has asked for it, as far as its units tell.
        surfaced: the version since which it is background no more; 0 for one that never was, or is.
        moments: of its units, in their order.
    """

    connection: Connection
    exchange: Exchange
    version: int = 0
    moments: list[Moments] = field(default_factory=list)
    born: int = 0
    is_background: bool = False
    surfaced: int = 0

    @property
    def id(self) -> str:
        return f"c{self.connection.number}.{self.exchange.number}"

    @property
    def began_ns(self) -> int:
        return self.moments[0].began_ns

    @property
    def ended_ns(self) -> int:
        return max(one.ended_ns for one in self.moments)

    def take(self, unit: Unit, moments: Moments, version: int, background: Background) -> None:
        """A unit has come, which the exchange has already."""
        if not self.moments:
            self.born = version
            self.is_background = background.begins(self.connection.number, unit)
        elif self.is_background and not background.stays(
            self.connection.number, self.exchange.first, unit
        ):
            self.is_background, self.surfaced = False, version
        self.version = version
        self.moments.append(moments)

    def let_go_of_the_lost(self) -> None:
        """Forgets the first units whose bytes are gone: a stream goes on without them."""
        units = self.exchange.units
        lost = 0
        while lost < len(units) and not self._is_kept(units[lost]):
            lost += 1
        del units[:lost]
        del self.moments[:lost]

    def _is_kept(self, unit: Unit) -> bool:
        return unit.start >= self.connection.stream(unit.direction).first

    def size(self, direction: Direction) -> int:
        return bytes_of(self.exchange.units, direction)


class _Reader:
    """One connection, read up to what has come so far."""

    def __init__(self, connection: Connection, decoder: StreamDecoder) -> None:
        self.connection = connection
        self._decoder = decoder
        self._grouping = Grouping()
        self._fed = dict.fromkeys(Direction, 0)
        # When what is not a whole unit yet began to come.
        self._begun: dict[Direction, int | None] = dict.fromkeys(Direction)
        self._is_ended = dict.fromkeys(Direction, False)

    @property
    def is_behind(self) -> bool:
        """Something has come that it has not read."""
        return any(self.connection.stream(one).total > self._fed[one] for one in Direction)

    def advance(self, most_chunks: int | None = None) -> Iterator[tuple[Exchange, Moments]]:
        """Every new unit's exchange, with its moments, in the order in which they passed."""
        for chunk, direction in islice(self._new_chunks(most_chunks), most_chunks):
            yield from self._read(chunk, direction)
        if self.is_behind:
            return
        for direction in Direction:
            stream = self.connection.stream(direction)
            if stream.ended_ns is None or self._is_ended[direction]:
                continue
            self._is_ended[direction] = True
            yield from self._grouped(self._decoder.end(direction), direction, stream.ended_ns)

    @property
    def exchanges(self) -> int:
        """How many there have been."""
        return self._grouping.count

    def fork(self) -> StreamDecoder:
        return deepcopy(self._decoder)

    def _new_chunks(self, most: int | None) -> Iterator[tuple[Chunk, Direction]]:
        """Of both directions, in the order in which they passed."""
        news = (self._new_of(direction, most) for direction in Direction)
        return merge(*news, key=lambda one: one[0].at_ns)

    def _new_of(self, direction: Direction, most: int | None) -> Iterator[tuple[Chunk, Direction]]:
        """
        Args:
            most: chunks that are looked at; None for all.
        """
        stream = self.connection.stream(direction)
        if stream.total > self._fed[direction]:
            for chunk in stream.since(self._fed[direction], most):
                yield chunk, direction

    def _read(self, chunk: Chunk, direction: Direction) -> Iterator[tuple[Exchange, Moments]]:
        fed = self._fed[direction]
        if chunk.start > fed:
            lost = self._decoder.skip(direction, chunk.start - fed)
            yield from self._grouped(lost, direction, chunk.at_ns)
            fed = chunk.start
        if chunk.start < fed:
            return
        self._fed[direction] = chunk.start + len(chunk.data)
        units = self._decoder.feed(direction, chunk.data)
        if self._begun[direction] is None:
            self._begun[direction] = chunk.at_ns
        yield from self._grouped(units, direction, chunk.at_ns)
        reached = units[-1].end if units else fed
        if units:
            is_whole = reached == self._fed[direction]
            self._begun[direction] = None if is_whole else chunk.at_ns

    def _grouped(
        self, units: list[Unit], direction: Direction, at_ns: int
    ) -> Iterator[tuple[Exchange, Moments]]:
        for unit in units:
            # Only the first can have begun in an earlier chunk.
            began = self._begun[direction]
            self._begun[direction] = at_ns
            (exchange,) = self._grouping.add((unit,))
            yield exchange, Moments(at_ns if began is None else began, at_ns)


class Reading:
    """What was recorded, as exchanges.

    Args:
        decoder_for: makes a decoder by the protocol of a place.
        now_ns: a monotonic clock, for the time that may be spent before chunks are let go.
        polls: what is said by the clock.
    """

    def __init__(
        self,
        recording: Recording,
        decoder_for: Callable[[str], StreamDecoder],
        now_ns: Callable[[], int] = monotonic_ns,
        polls: Polls = _NO_POLLS,
    ) -> None:
        self._now = now_ns
        self._background = Background(polls)
        self.recording = recording
        self._decoder_for = decoder_for
        self._readers: dict[int, _Reader] = {}
        self._seen: OrderedDict[str, Seen] = OrderedDict()
        self._version = 0
        self.let_go = 0
        self._rounds = 0
        self._allowed_ns = _KEEPING_UP_NS
        self._allowed_at = now_ns()
        recording.before_letting_go = self._keep_up

    @property
    def version(self) -> int:
        """Of the newest change that was read."""
        return self._version

    def advance(self) -> None:
        """Reads whatever has come since."""
        touched, self.recording.touched = self.recording.touched, {}
        # Of all connections, in the order in which it passed: lists are in that order.
        for one in merge(*map(self._news, touched.values()), key=lambda one: one[2].ended_ns):
            self._touch(*one)
        self._forget()
        self._tidy()

    def since(self, version: int) -> list[Seen]:
        """What has changed after `version`, the oldest change first."""
        found: list[Seen] = []
        for one in reversed(self._seen.values()):
            if one.version <= version:
                break
            found.append(one)
        return found[::-1]

    def all(self) -> Iterator[Seen]:
        """Every exchange that is known, the latest change first."""
        return iter(reversed(self._seen.values()))

    def one(self, exchange_id: str) -> Seen | None:
        return self._seen.get(exchange_id)

    def has_been(self, exchange_id: str) -> bool:
        """Whether there has been such an exchange, as far as anybody can still tell."""
        named = _ID.fullmatch(exchange_id)
        if named is None:
            return False
        connection, exchange = int(named[1]), int(named[2])
        reader = self._readers.get(connection)
        most = reader.exchanges if reader else exchange
        return 0 < connection <= self.recording.opened_count and 0 < exchange <= most

    def data(self, seen: Seen, unit: Unit) -> bytes | None:
        """The bytes of a unit; None where the ring has let some of them go."""
        return seen.connection.stream(unit.direction).bytes_between(unit.start, unit.end)

    def fields(self, seen: Seen, unit: Unit) -> tuple[Field, ...] | None:
        data = self.data(seen, unit)
        return None if data is None else unit.fields(data)

    def units(self, connection: Connection) -> Iterator[tuple[str, Unit]]:
        """Every unit that is kept of a connection, with the id of its exchange.

        It is decoded anew: whatever lists have forgotten is there, and where the ring has let the
        beginning go, what follows is not understood.
        """
        reader = _Reader(connection, self._decoder_for(connection.place.protocol))
        for exchange, _ in reader.advance():
            yield f"c{connection.number}.{exchange.number}", exchange.units[-1]

    def fork(self, connection: Connection) -> StreamDecoder:
        """A decoder of its own that has read the connection up to now."""
        for one in self._news(connection):
            self._touch(*one)
        reader = self._readers.get(connection.number)
        if reader is None:
            return self._decoder_for(connection.place.protocol)
        return reader.fork()

    def catch_up(self, is_wanted: Callable[[Place], bool]) -> bool:
        """Reads a little of what has come; to be called again until everything is read.

        Args:
            is_wanted: which connections it is about, by their places.
        """
        is_behind = False
        for connection in tuple(self.recording.touched.values()):
            if connection.closed_ns is None and is_wanted(connection.place):
                for one in self._news(connection, _CHUNKS_AT_ONCE):
                    self._touch(*one)
                reader = self._readers.get(connection.number)
                is_behind = is_behind or (reader is not None and reader.is_behind)
        return not is_behind

    def _news(
        self, connection: Connection, most_chunks: int | None = None
    ) -> Iterator[tuple[Connection, Exchange, Moments]]:
        reader = self._readers.get(connection.number)
        if reader is None:
            if not connection.to_server.total and not connection.to_client.total:
                return
            reader = _Reader(connection, self._decoder_for(connection.place.protocol))
            self._readers[connection.number] = reader
        for exchange, moments in reader.advance(most_chunks):
            yield connection, exchange, moments

    def _touch(self, connection: Connection, exchange: Exchange, moments: Moments) -> None:
        self._version += 1
        name = f"c{connection.number}.{exchange.number}"
        seen = self._seen.get(name)
        if seen is None:
            if len(exchange.units) > 1:
                # Its beginning was forgotten; what goes on with it is not shown alone.
                return
            seen = self._seen[name] = Seen(connection, exchange)
        seen.take(exchange.units[-1], moments, self._version, self._background)
        self._seen.move_to_end(name)

    def _tidy(self) -> None:
        """Decoders of connections that nothing is left of."""
        for number in self._readers.keys() - self.recording.connections.keys():
            del self._readers[number]
            self._background.forget(number)

    def _forget(self) -> None:
        while self._seen:
            oldest = next(iter(self._seen.values()))
            oldest.let_go_of_the_lost()
            if oldest.exchange.units and len(self._seen) <= self.recording.most_chunks:
                return
            self._seen.popitem(last=False)
            self.let_go += 1

    def _keep_up(self, connections: Collection[Connection]) -> None:
        now = self._now()
        earned = int((now - self._allowed_at) * _KEEPING_UP_SHARE)
        self._allowed_ns = min(self._allowed_ns + earned, _KEEPING_UP_NS)
        self._allowed_at = now
        for connection in connections:
            # A little of each: whatever passes meanwhile waits for it.
            if self._now() - now >= self._allowed_ns:
                break
            for one in self._news(connection, _CHUNKS_AT_ONCE):
                self._touch(*one)
        # Nobody may ever look, and then this is the only place where anything is forgotten.
        self._forget()
        self._rounds += 1
        if self._rounds % _TIDY_EVERY == 0:
            self._tidy()
        self._allowed_ns -= self._now() - now
