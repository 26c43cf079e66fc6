"""What a story consists of: lifelines, messages between them, and the steps they belong to."""

from dataclasses import dataclass
from enum import StrEnum

CLIENT, GATEWAY = "client", "nginx"


class LineKind(StrEnum):
    CLIENT = "client"
    GATEWAY = "gateway"
    SERVICE = "service"
    ENGINE = "engine"
    OUTSIDE = "outside"


class MessageKind(StrEnum):
    """CALL waits for its RETURN; MESSAGE waits for nobody; STREAM goes on bringing answers."""

    CALL = "call"
    RETURN = "return"
    MESSAGE = "message"
    STREAM = "stream"


class Missing(StrEnum):
    """Why a message has no bytes to show."""

    TAP_OFF = "tap_off"
    LET_GO = "let_go"
    NOT_SEEN = "not_seen"


@dataclass(frozen=True, slots=True)
class Lifeline:
    name: str
    kind: LineKind


@dataclass(frozen=True, slots=True)
class Message:
    """One arrow.

    Attributes:
        number: in the whole story, from 1; of a fold, that of its first.
        source, target: names of lifelines.
        at_ns, until_ns: since 1970; `until_ns` is 0 while the work goes on.
        wire: what is spoken, as `wire_of` knows it.
        step: the piece of work that sent it: calls of one step can be folded.
        origin: of what a broker delivers, who published it; empty where nobody knows.
        spans, exchanges: ids of what it was made from; without exchanges, `missing` says why.
        error: `error.type` of the span, or what the exchange says went wrong; empty if nothing.
        is_lost: nobody answered, and nobody will.
        is_waiting: a call that nobody has answered yet.
        sent, came: messages of a stream so far: from who opened it, and to him.
        attempt: from 2 on for a repetition of what has failed, or was sent before.
        of: for a return, the number of its call.
        members: what is folded into it.
    """

    number: int
    kind: MessageKind
    source: str
    target: str
    at_ns: int
    until_ns: int
    wire: str
    label: str
    step: str = ""
    origin: str = ""
    spans: tuple[str, ...] = ()
    exchanges: tuple[str, ...] = ()
    missing: Missing | None = None
    error: str = ""
    is_lost: bool = False
    is_waiting: bool = False
    sent: int = 0
    came: int = 0
    attempt: int = 1
    is_redelivered: bool = False
    is_compensation: bool = False
    of: int = 0
    members: "tuple[Message, ...]" = ()

    @property
    def is_running(self) -> bool:
        return self.until_ns == 0

    @property
    def count(self) -> int:
        return len(self.members) or 1


@dataclass(frozen=True, slots=True)
class Section:
    """Where a step of the saga begins.

    Attributes:
        attempt: from 1; the saga tries a step again that has failed.
    """

    at_ns: int
    step: str
    is_compensation: bool
    attempt: int
    error: str


@dataclass(frozen=True, slots=True)
class Story:
    """
    Attributes:
        start_ns, duration_ns: of the first span, and up to the last end so far.
        order_ids: that its spans tell.
        lines: in the order in which a picture shows them.
        messages: all of them, in order of time.
    """

    trace_id: str
    root: str
    start_ns: int
    duration_ns: int
    spans: int
    is_running: bool
    has_error: bool
    order_ids: tuple[str, ...]
    lines: tuple[Lifeline, ...]
    messages: tuple[Message, ...]
    sections: tuple[Section, ...]

    def message_of(self, span_id: str) -> Message | None:
        """The first that was made from a span."""
        return next((one for one in self.messages if span_id in one.spans), None)
