"""Keeps what passed: chunks of bytes with their time, in a ring of a bounded size.

Appending is all that happens while bytes pass. The oldest chunks of all connections are let go
first, and how much was let go is counted: nothing disappears silently.
"""

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from time import monotonic_ns
from typing import NamedTuple

from stend.wire.decoding import Direction

# What one chunk takes beside its bytes, once it has been decoded and listed: the mean of what a
# whole stand says, from 1.4 KB (MongoDB) to 4 KB (PostgreSQL, which says much in one chunk).
CHUNK_OVERHEAD_BYTES = 2400
# Names of connections that nothing is left of.
_CLOSED_LIMIT = 500
# Chunks that are let go at once: a fraction of a millisecond.
_CHUNKS_AT_ONCE = 64
# Notes of a connection that are kept, whether its bytes are or not.
_NOTES_AT_LEAST = 100
# Of the ring, kept free for what comes before whoever makes room comes round to it.
_SPARE_SHARE = 16


class Place(NamedTuple):
    """Between whom a connection runs, and what is spoken on it.

    Attributes:
        source: who connects: a service of the shop, the gateway, or `client`.
        target: who answers: an engine, a service.
        protocol: what a decoder is chosen by: `http`, `grpc`, `postgresql`, …
    """

    source: str
    target: str
    protocol: str

    @property
    def name(self) -> str:
        return f"{self.source}→{self.target}"


class Chunk(NamedTuple):
    """What one read gave. `start` is its offset in the stream of its direction."""

    start: int
    at_ns: int
    data: bytes


class Stream:
    """One direction of a connection: the chunks that are kept, and counts of all that passed.

    Args:
        number: of the connection.
    """

    # Three lists and no object for each chunk: those are what garbage collection looks at.
    __slots__ = ("_data", "_head", "_starts", "_times", "ended_ns", "number", "total")

    def __init__(self, number: int) -> None:
        self.number = number
        self._starts: list[int] = []
        self._times: list[int] = []
        self._data: list[bytes] = []
        self._head = 0
        self.total = 0
        self.ended_ns: int | None = None

    @property
    def first(self) -> int:
        """Offset of the first byte that is still kept; `total` when none is."""
        return self._starts[self._head] if self._head < len(self._starts) else self.total

    @property
    def first_ns(self) -> int | None:
        """When that byte passed; None when none is kept."""
        return self._times[self._head] if self._head < len(self._times) else None

    @classmethod
    def of(
        cls, number: int, first: int, chunks: Iterable[tuple[int, bytes]], ended_ns: int | None
    ) -> "Stream":
        """As it was once.

        Args:
            first: offset of the first byte that is kept.
            chunks: when each came, and its bytes.
        """
        made = cls(number)
        made.total = first
        for at_ns, data in chunks:
            made.append(at_ns, data)
        made.ended_ns = ended_ns
        return made

    def append(self, at_ns: int, data: bytes) -> None:
        self._starts.append(self.total)
        self._times.append(at_ns)
        self._data.append(data)
        self.total += len(data)

    def let_go(self) -> int:
        """Forgets the oldest chunk. Returns the bytes that it had."""
        size = len(self._data[self._head])
        self._data[self._head] = b""
        self._head = head = self._head + 1
        # One long list is cheaper than a deque, which cannot be searched; its dead part is cut off
        # when it is the larger one.
        if head > len(self._data) // 2:
            del self._starts[:head], self._times[:head], self._data[:head]
            self._head = 0
        return size

    def kept(self) -> Iterator[Chunk]:
        """All chunks that are kept."""
        return self._from(self._head)

    def since(self, offset: int, most: int | None = None) -> Iterator[Chunk]:
        """Kept chunks that hold bytes from `offset` on; the first may begin before it.

        Args:
            most: chunks; None for all.
        """
        return self._from(self._index(offset), most)

    def bytes_between(self, start: int, end: int) -> bytes | None:
        """None where some of them were let go, or have not come."""
        if start < self.first or end > self.total:
            return None
        parts: list[bytes] = []
        for index in range(self._index(start), len(self._starts)):
            begins = self._starts[index]
            if begins >= end:
                break
            parts.append(self._data[index][max(start - begins, 0) : end - begins])
        return b"".join(parts)

    def _from(self, index: int, most: int | None = None) -> Iterator[Chunk]:
        """As they are now, whatever comes and goes meanwhile."""
        part = slice(index, None if most is None else index + most)
        return map(Chunk, self._starts[part], self._times[part], self._data[part])

    def _index(self, offset: int) -> int:
        return max(bisect_right(self._starts, offset, lo=self._head) - 1, self._head)


class Note(NamedTuple):
    """Something that happened to a connection and is no byte: a fault struck, it was refused."""

    at_ns: int
    text: str


@dataclass(slots=True)
class Connection:
    """
    Attributes:
        number: counts the connections since the start, from 1.
        peer: `host:port` of whoever connected.
    """

    number: int
    place: Place
    peer: str
    opened_ns: int
    to_server: Stream
    to_client: Stream
    notes: list[Note]
    closed_ns: int | None = None

    def stream(self, direction: Direction) -> Stream:
        return self.to_server if direction is Direction.TO_SERVER else self.to_client

    @property
    def kept_bytes(self) -> int:
        return sum(one.total - one.first for one in (self.to_server, self.to_client))


class Figures(NamedTuple):
    """
    Attributes:
        limit_bytes: the size of the ring.
        held_bytes: of it in use, what each chunk takes beside its bytes included.
        recorded_bytes: that passed since the start.
        let_go_bytes, let_go_chunks: of them forgotten, because the ring is full.
    """

    limit_bytes: int
    held_bytes: int
    recorded_bytes: int
    let_go_bytes: int
    let_go_chunks: int


class Recording:
    """What passed through all taps of a stand.

    Args:
        limit_bytes: of all chunks together, with what each takes beside its bytes.
        wall_ns: the wall clock; asked once, later times are counted from there.
        now_ns: a monotonic clock; where it stops while the machine sleeps, later times are off.
    """

    def __init__(
        self,
        limit_bytes: int,
        wall_ns: Callable[[], int],
        now_ns: Callable[[], int] = monotonic_ns,
    ) -> None:
        self._limit, self._comfortable = limit_bytes, _comfortable(limit_bytes)
        self._now = now_ns
        self._wall_offset = wall_ns() - now_ns()
        self._count = 0
        self._held = self._recorded = self._let_go_bytes = self._let_go_chunks = 0
        # Of every chunk that is kept, the oldest first.
        self._order: deque[Stream] = deque()
        self._closed: deque[Connection] = deque()
        # Bytes of connections that are in `connections` no more.
        self._gone: dict[Place, tuple[int, int]] = {}
        self.connections: dict[int, Connection] = {}
        # What has changed and was not read yet; a reader takes it out.
        self.touched: dict[int, Connection] = {}
        # Called before chunks of these connections are let go: the last chance to read them.
        self.before_letting_go: Callable[[Collection[Connection]], None] = _nothing
        # Called while the ring is nearly full; None: room is made when it is full, and not before.
        self.on_nearly_full: Callable[[], None] | None = None
        # Called after anything has come.
        self.on_change: Callable[[], None] = _nothing_at_all

    @classmethod
    def of(
        cls, figures: Figures, wall_offset_ns: int, connections: Iterable[Connection]
    ) -> "Recording":
        """As it was once; its clock stands still.

        Args:
            wall_offset_ns: from the moments of the connections to nanoseconds since 1970.
        """
        made = cls(figures.limit_bytes, lambda: wall_offset_ns, lambda: 0)
        made.connections = {one.number: one for one in connections}
        made._count = max(made.connections, default=0)
        made._recorded = figures.recorded_bytes
        made._let_go_bytes, made._let_go_chunks = figures.let_go_bytes, figures.let_go_chunks
        chunks = [
            (chunk.at_ns, len(chunk.data), stream)
            for connection in made.connections.values()
            for stream in (connection.to_server, connection.to_client)
            for chunk in stream.kept()
        ]
        chunks.sort(key=lambda one: one[0])
        made._held = sum(size + CHUNK_OVERHEAD_BYTES for _, size, _ in chunks)
        made.touched = dict(made.connections)
        made._order.extend(stream for _, _, stream in chunks)
        return made

    def copied(self) -> "Recording":
        """As it is now, for whoever reads it while more comes. The bytes are shared."""
        connections = [
            replace(
                one,
                to_server=_copied(one.to_server),
                to_client=_copied(one.to_client),
                notes=list(one.notes),
            )
            for one in self.connections.values()
        ]
        return Recording.of(self.figures(), self._wall_offset, connections)

    @property
    def most_chunks(self) -> int:
        """How many the ring can hold, and so how many exchanges lists go back.

        Each exchange has a chunk at least, whose charge pays for what is listed of it. Only of
        those that share their chunks, as in a pipeline, more may have bytes that are kept.
        """
        return self._limit // CHUNK_OVERHEAD_BYTES

    @property
    def opened_count(self) -> int:
        """Connections so far, with those that nothing is left of."""
        return self._count

    def opened(self, place: Place, peer: str) -> Connection:
        self._count += 1
        number = self._count
        both = Stream(number), Stream(number)
        made = Connection(number, place, peer, self._now(), *both, [])
        self.connections[made.number] = made
        return made

    def passed(self, connection: Connection, stream: Stream, data: bytes) -> None:
        stream.append(self._now(), data)
        self._order.append(stream)
        size = len(data)
        self._recorded += size
        self._held += size + CHUNK_OVERHEAD_BYTES
        self.touched[connection.number] = connection
        if self._held > self._limit:
            self._let_go(self._limit)
        elif self.on_nearly_full is not None and self._held > self._comfortable:
            self.on_nearly_full()
        self.on_change()

    def noted(self, connection: Connection, text: str) -> None:
        notes, now = connection.notes, self._now()
        if len(notes) >= _NOTES_AT_LEAST:
            # A fault that strikes every message is told of for as long as the messages are kept.
            both = (connection.to_server.first_ns, connection.to_client.first_ns)
            kept_from = min((one for one in both if one is not None), default=now)
            gone = bisect_left(notes, kept_from, key=lambda one: one.at_ns)
            del notes[: min(gone, len(notes) - _NOTES_AT_LEAST + 1)]
        notes.append(Note(now, text))
        self.on_change()

    def ended(self, connection: Connection, stream: Stream) -> None:
        if stream.ended_ns is None:
            stream.ended_ns = self._now()
            self.touched[connection.number] = connection
            self.on_change()

    def closed(self, connection: Connection) -> None:
        if connection.closed_ns is not None:
            return
        connection.closed_ns = self._now()
        self.ended(connection, connection.to_server)
        self.ended(connection, connection.to_client)
        self._closed.append(connection)
        # Whoever was let go whole is not looked for again; the others wait for their chunks to be.
        while len(self._closed) > _CLOSED_LIMIT and not self._closed[0].kept_bytes:
            gone = self._closed.popleft()
            self.touched.pop(gone.number, None)
            if self.connections.pop(gone.number, None):
                self._add(self._gone, gone)

    def totals(self) -> Mapping[Place, tuple[int, int]]:
        """Bytes that have passed since the start, to the server and to the client."""
        found = dict(self._gone)
        for one in self.connections.values():
            self._add(found, one)
        return found

    @staticmethod
    def _add(to: dict[Place, tuple[int, int]], one: Connection) -> None:
        up, down = to.get(one.place, (0, 0))
        to[one.place] = up + one.to_server.total, down + one.to_client.total

    @property
    def wall_offset_ns(self) -> int:
        return self._wall_offset

    def now_ns(self) -> int:
        """A moment of the clock that chunks are stamped by."""
        return self._now()

    def wall_ns(self, at_ns: int) -> int:
        """Nanoseconds since 1970 of a moment of the monotonic clock."""
        return at_ns + self._wall_offset

    def figures(self) -> Figures:
        return Figures(
            self._limit, self._held, self._recorded, self._let_go_bytes, self._let_go_chunks
        )

    def clear(self) -> None:
        """Forgets all chunks, as if the ring had been full."""
        self._let_go(0)
        self.on_change()

    def resize(self, limit_bytes: int) -> None:
        self._limit, self._comfortable = limit_bytes, _comfortable(limit_bytes)
        self._let_go(limit_bytes)

    def make_room(self) -> bool:
        """Lets a few of the oldest chunks go. Returns whether there is room enough now."""
        self._let_go_some(self._comfortable)
        return self._held <= self._comfortable

    def _let_go(self, most_held: int) -> None:
        while self._held > most_held:
            self._let_go_some(most_held)

    def _let_go_some(self, most_held: int) -> None:
        too_much = self._held - most_held
        if too_much <= 0:
            return
        # At most so many: each frees as much at least.
        count = min(_CHUNKS_AT_ONCE, too_much // CHUNK_OVERHEAD_BYTES + 1)
        oldest = tuple(islice(self._order, count))
        self.before_letting_go([self.connections[number] for number in _numbers(oldest)])
        for stream in oldest:
            if self._held <= most_held:
                break
            self._order.popleft()
            size = stream.let_go()
            self._held -= size + CHUNK_OVERHEAD_BYTES
            self._let_go_bytes += size
            self._let_go_chunks += 1


def _numbers(streams: Iterable[Stream]) -> Iterable[int]:
    """Of their connections, each once."""
    return dict.fromkeys(stream.number for stream in streams)


def _comfortable(limit_bytes: int) -> int:
    return limit_bytes - limit_bytes // _SPARE_SHARE


def _copied(stream: Stream) -> Stream:
    chunks = ((chunk.at_ns, chunk.data) for chunk in stream.kept())
    return Stream.of(stream.number, stream.first, chunks, stream.ended_ns)


def _nothing(_: Collection[Connection]) -> None:
    """Nobody wants to know."""


def _nothing_at_all() -> None:
    """Nobody wants to know."""
