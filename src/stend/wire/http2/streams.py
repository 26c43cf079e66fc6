"""What is remembered of the streams of a connection, for frames that come later."""

from stend.wire.content.grpc import PREFIX, Descriptors, Subject
from stend.wire.content.pieces import MessageCutter
from stend.wire.decoding import Direction

# Streams that never end must not be remembered without a bound.
OPEN_LIMIT = 10_000


class Stream:
    """One exchange.

    Attributes:
        facts: of the request, repeated by all units of the stream.
        is_answered: the exchange is over: what comes now is late.
    """

    __slots__ = ("_cutters", "_ended", "_subjects", "facts", "has_status", "is_answered", "key")

    def __init__(self, stream_id: int) -> None:
        self.key = f"s{stream_id}"
        self.facts: dict[str, str] = {"stream_id": str(stream_id)}
        self.has_status = False
        self.is_answered = False
        self._ended: set[Direction] = set()
        self._subjects: dict[Direction, Subject] = {}
        self._cutters: dict[Direction, MessageCutter] = {}

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

    def expects_messages(
        self, direction: Direction, fields: dict[str, str], descriptors: Descriptors | None
    ) -> None:
        """Fields have come in a direction; they tell whether its data are messages of gRPC."""
        if not _is_grpc(fields) or direction in self._subjects:
            return
        known = descriptors(self.facts.get("path", "")) if descriptors is not None else None
        encoding = fields.get("grpc-encoding", "identity")
        subject = Subject(None, encoding)
        if known is not None:
            kind = known.request if direction is Direction.TO_SERVER else known.response
            subject = Subject(kind, encoding, known.comments)
        self._subjects[direction] = subject
        self._cutters[direction] = MessageCutter(PREFIX)

    def messages(self, direction: Direction) -> tuple[Subject, MessageCutter] | None:
        """What the data of a direction are for gRPC; None where they are not of gRPC."""
        subject = self._subjects.get(direction)
        return (subject, self._cutters[direction]) if subject is not None else None

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
