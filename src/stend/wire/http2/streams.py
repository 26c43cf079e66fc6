"""What is remembered of the streams of a connection, for frames that come later."""

from typing import NamedTuple

from stend.wire.content.grpc import PREFIX, Descriptors, Subject
from stend.wire.content.pieces import MessageCutter
from stend.wire.decoding import Direction

# A body is kept until its last frame only up to here.
_BODY_LIMIT = 1024 * 1024
# Streams that never end must not be remembered without a bound.
OPEN_LIMIT = 10_000


class Part(NamedTuple):
    """What a DATA frame holds of a body.

    Attributes:
        before: the earlier parts, where this is the last of several.
        is_last: the body is complete.
    """

    media_type: str
    codings: str
    before: tuple[bytes, ...]
    is_last: bool


class Body:
    """The body that goes in one direction of a stream.

    Args:
        fields: of the header section in front of it.
    """

    def __init__(self, fields: dict[str, str]) -> None:
        self._media_type = fields.get("content-type", "")
        self._codings = fields.get("content-encoding", "")
        self._expected = fields.get("content-length", "")
        self._parts: list[bytes] = []
        self._size = 0

    def part(self, data: bytes, *, ends: bool) -> Part:
        """The next part; a body ends with its stream, or with the length that it has told."""
        self._size += len(data)
        is_kept = self._size <= _BODY_LIMIT
        is_told = str(self._size) == self._expected
        # The empty frame behind a body of a told length only ends the stream.
        is_last = is_kept and (bool(data) if is_told else ends)
        before = tuple(self._parts) if is_last else ()
        if is_kept:
            self._parts.append(data)
        else:
            self._parts.clear()
        return Part(self._media_type, self._codings, before, is_last)


class Stream:
    """One exchange.

    Attributes:
        facts: of the request, repeated by all units of the stream.
        is_answered: the exchange is over: what comes now is late.
    """

    __slots__ = (
        "_bodies",
        "_cutters",
        "_ended",
        "_subjects",
        "facts",
        "is_answered",
        "key",
    )

    def __init__(self, stream_id: int) -> None:
        self.key = f"s{stream_id}"
        self.facts: dict[str, str] = {"stream_id": str(stream_id)}
        self.is_answered = False
        self._ended: set[Direction] = set()
        self._subjects: dict[Direction, Subject] = {}
        self._cutters: dict[Direction, MessageCutter] = {}
        self._bodies: dict[Direction, Body] = {}

    @property
    def exchange(self) -> str | None:
        return None if self.is_answered else self.key

    @property
    def has_request(self) -> bool:
        return "method" in self.facts

    def requested(self, fields: dict[str, str]) -> None:
        """The fields of the request have come."""
        for name in ("method", "path", "authority"):
            if f":{name}" in fields:
                self.facts[name] = fields[f":{name}"]
        if _is_grpc(fields):
            service, _, method = self.facts.get("path", "").removeprefix("/").rpartition("/")
            self.facts["grpc_service"] = service
            self.facts["grpc_method"] = method

    def expects(
        self, direction: Direction, fields: dict[str, str], descriptors: Descriptors | None
    ) -> None:
        """Fields have come in a direction; they tell what its data are: messages, or a body."""
        is_interim = fields.get(":status", "").startswith("1")
        if is_interim or direction in self._subjects or direction in self._bodies:
            return
        if not _is_grpc(fields):
            self._bodies[direction] = Body(fields)
            return
        known = descriptors(self.facts.get("path", "")) if descriptors is not None else None
        encoding = fields.get("grpc-encoding", "identity")
        subject = Subject(None, encoding)
        if known is not None:
            if known.streams:
                self.facts["streams"] = "true"
            kind = known.request if direction is Direction.TO_SERVER else known.response
            subject = Subject(kind, encoding, known.comments)
        self._subjects[direction] = subject
        self._cutters[direction] = MessageCutter(PREFIX)

    def messages(self, direction: Direction) -> tuple[Subject, MessageCutter] | None:
        """What the data of a direction are for gRPC; None where they are not of gRPC."""
        subject = self._subjects.get(direction)
        return (subject, self._cutters[direction]) if subject is not None else None

    def body(self, direction: Direction) -> Body | None:
        """The body that the data of a direction are; None where they are none."""
        return self._bodies.get(direction)

    def ended(self, direction: Direction) -> bool:
        """A direction has ended; True if both have."""
        self._ended.add(direction)
        return len(self._ended) == len(Direction)


class Streams:
    """The streams of a connection that are not over yet."""

    def __init__(self) -> None:
        self._open: dict[int, Stream] = {}
        self._latest = {0: 0, 1: 0}

    def get(self, stream_id: int) -> Stream | None:
        """A stream that has begun and is not over."""
        return self._open.get(stream_id)

    def begin(self, stream_id: int) -> Stream:
        """The stream of a HEADERS or PUSH_PROMISE frame.

        Fields that come on one that is over make it anew, without anything of what it was.
        """
        known = self._open.get(stream_id)
        if known is not None:
            return known
        known = Stream(stream_id)
        # Numbers only grow (§5.1.1): a smaller one is late and belongs to no exchange.
        known.is_answered = stream_id <= self._latest[stream_id % 2]
        self._latest[stream_id % 2] = max(stream_id, self._latest[stream_id % 2])
        if len(self._open) >= OPEN_LIMIT:
            del self._open[next(iter(self._open))]
        self._open[stream_id] = known
        return known

    def forget(self, stream_id: int) -> None:
        self._open.pop(stream_id, None)


def _is_grpc(fields: dict[str, str]) -> bool:
    return fields.get("content-type", "").startswith("application/grpc")
