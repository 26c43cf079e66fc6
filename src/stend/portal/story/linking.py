"""Which exchanges belong to which span.

An exchange that carries a `traceparent` belongs to the span that it names. One that carries none,
such as COMMIT and the commands of Redis, is found by the client's port, by time and by its content:
it began on the span's connection while the span went on, and is what the span is called, or opens
the connection or the transaction for it. Where several spans could have it, none has it: a wrong
link is worse than none (ADR 0033).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from stend.chassis.tracing.spans import Kind, Span
from stend.portal.story.model import CLIENT

_KAFKA = "kafka"
# Programs that call the shop from outside and hand their spans over; taps call them all `client`.
CALLERS = frozenset({"cli", CLIENT})
_OTHER_CLOCK_NS = 50_000_000
# What a driver says by itself, within the span of whoever needed it.
_OPENS = {
    "postgresql": frozenset({"BEGIN"}),
    "redis": frozenset({"HELLO", "AUTH", "CLIENT", "SELECT"}),
    "mysql": frozenset[str](),
}
# Of a transaction of Redis, beside its commands.
_MULTI = frozenset({"MULTI", "EXEC"})


class Passed(NamedTuple):
    """An exchange, as far as a story needs it.

    Attributes:
        place: what is spoken where the tap stands.
        wire: what is spoken, as `wire_of` knows it.
        name, summary: of its first unit: the request line, the command, the statement.
        contexts: ids of the spans that its bytes name; several in a batch.
        began_ns, ended_ns: since 1970.
        peer_port: of whoever connected.
        is_up: it was begun by whoever connected.
        answers: how many units came back.
        is_cut: its connection has ended before anything came back.
        streams: it goes on with messages, in whichever direction.
        sent, came: how many of them so far; only counted of what streams.
    """

    id: str
    source: str
    target: str
    place: str
    wire: str
    name: str
    summary: str
    contexts: frozenset[str]
    began_ns: int
    ended_ns: int
    peer_port: int
    is_up: bool
    answers: int
    error: str
    is_cut: bool = False
    streams: bool = False
    sent: int = 0
    came: int = 0

    @property
    def publishes(self) -> bool:
        """A message to a broker, and not one from it."""
        # A consumer of Kafka asks for what it gets.
        return self.name.startswith("Produce") if self.place == _KAFKA else self.is_up


class Links:
    """
    Args:
        spans: of one trace.
        passed: exchanges that may belong to it.
    """

    def __init__(self, spans: Sequence[Span], passed: Iterable[Passed]) -> None:
        self._by_id = {span.span_id: span for span in spans}
        self._named: dict[str, list[Passed]] = defaultdict(list)
        self._by_port: dict[str, list[Passed]] = defaultdict(list)
        self._unnamed: list[Passed] = []
        by_port = _clients_by_port(spans)
        for one in passed:
            for span_id in one.contexts:
                self._named[span_id].append(one)
            if not one.contexts:
                owner = _owner(one, by_port)
                if owner is None:
                    self._unnamed.append(one)
                else:
                    self._by_port[owner.span_id].append(one)

    def exchanges_of(self, span: Span) -> tuple[Passed, ...]:
        """In the order in which they began; empty when none is known."""
        if span.kind is Kind.CONSUMER:
            found = self._delivered(span)
        elif span.kind is Kind.PRODUCER:
            found = [one for one in self._named.get(span.span_id, ()) if one.publishes]
        elif span.kind is Kind.SERVER:
            found = self._served(span)
        else:
            found = [*self._named.get(span.span_id, ()), *self._by_port.get(span.span_id, ())]
        return tuple(sorted(found, key=lambda one: one.began_ns))

    def _delivered(self, span: Span) -> list[Passed]:
        """What brought a message to its consumer: of several deliveries, the last before it."""
        able = [
            one
            for one in self._named.get(span.parent_id, ())
            if not one.publishes and _was_brought(one, span)
        ]
        return [max(able, key=lambda one: one.began_ns)] if able else []

    def _served(self, span: Span) -> list[Passed]:
        """The bytes of a call whose caller has no span here."""
        if (parent := self._by_id.get(span.parent_id)) is not None:
            return list(self._named.get(parent.span_id, ())) if parent.kind is Kind.CLIENT else []
        if span.parent_id:
            return list(self._named.get(span.parent_id, ()))
        # The bytes name no span. The call's time and its path have to point to one exchange alone.
        able = [one for one in self._unnamed if _serves(span, one)]
        return able if len(able) == 1 else []


def owner_of(one: Passed, spans: Sequence[Span]) -> Span | None:
    """The span that an exchange belongs to, of those of one trace."""
    if one.contexts:
        named = (span for span in spans if span.span_id in one.contexts)
        if not one.publishes:
            consumers = (
                span
                for span in spans
                if span.kind is Kind.CONSUMER
                and span.parent_id in one.contexts
                and _was_brought(one, span)
            )
            return next(consumers, None) or next(named, None)
        return next(named, None)
    owner = _owner(one, _clients_by_port(spans))
    if owner is not None:
        return owner
    return next((span for span in spans if not span.parent_id and _serves(span, one)), None)


def fits(span: Span, one: Passed) -> bool:
    """Whether bytes that name no span say what a span of a database tells."""
    system = span.attributes.get("db.system.name")
    if one.place != system or one.source != span.service:
        return False
    said = one.name if system == "redis" else one.summary
    verb = said.partition(" ")[0].upper()
    if verb in _OPENS.get(system, ()):
        return True
    told = str(span.attributes.get("db.query.summary", span.name)).upper()
    if system != "redis":
        return verb == told
    return verb in told.split() or (verb in _MULTI and span.name == "MULTI")


def _was_brought(one: Passed, span: Span) -> bool:
    """To a consumer, before his work with it began."""
    if span.service in CALLERS:
        # A tap hands on first and records then, and another process has a clock of its own.
        return one.source == CLIENT and one.began_ns <= span.start_ns + _OTHER_CLOCK_NS
    return one.source == span.service and one.began_ns <= span.start_ns


def _clients_by_port(spans: Sequence[Span]) -> Mapping[int, Sequence[Span]]:
    """Those of databases: whoever else calls says in its bytes for whom."""
    found: dict[int, list[Span]] = defaultdict(list)
    for span in spans:
        port = span.attributes.get("network.local.port")
        if span.kind is Kind.CLIENT and "db.system.name" in span.attributes and port:
            found[int(port)].append(span)
    return found


def _owner(one: Passed, by_port: Mapping[int, Sequence[Span]]) -> Span | None:
    able = [
        span
        for span in by_port.get(one.peer_port, ())
        if span.start_ns <= one.began_ns <= (span.end_ns or one.began_ns) and fits(span, one)
    ]
    return able[0] if len(able) == 1 else None


def _serves(span: Span, one: Passed) -> bool:
    if span.kind is not Kind.SERVER or not one.is_up or one.contexts:
        return False
    end_ns = span.end_ns or one.ended_ns
    if not (one.began_ns <= span.start_ns and end_ns <= one.ended_ns):
        return False
    return _asked_for(span) in one.name


def _asked_for(span: Span) -> str:
    attributes = span.attributes
    if attributes.get("rpc.system") == "grpc":
        return f"{attributes.get('rpc.service')}/{attributes.get('rpc.method')}"
    return f"{attributes.get('http.request.method')} {attributes.get('url.path')}"
