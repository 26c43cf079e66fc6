"""Which exchanges belong to which span.

An exchange that carries a `traceparent` belongs to the span that it names. One that carries none,
such as COMMIT and the commands of Redis, is found by the client's port and by time: it passed on
the span's connection while the span went on (ADR 0033).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from stend.chassis.tracing.spans import Kind, Span

_KAFKA = "kafka"


class Passed(NamedTuple):
    """An exchange, as far as a story needs it.

    Attributes:
        place: what is spoken where the tap stands.
        wire: what is spoken, as `wire_of` knows it.
        contexts: ids of the spans that its bytes name; several in a batch.
        began_ns, ended_ns: since 1970.
        peer_port: of whoever connected.
        is_up: it was begun by whoever connected.
        answers: how many units came back.
    """

    id: str
    source: str
    target: str
    place: str
    wire: str
    name: str
    contexts: frozenset[str]
    began_ns: int
    ended_ns: int
    peer_port: int
    is_up: bool
    answers: int
    error: str

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
            if not one.publishes and one.source == span.service and one.began_ns <= span.start_ns
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
                and span.service == one.source
                and span.start_ns >= one.began_ns
            )
            return next(consumers, None) or next(named, None)
        return next(named, None)
    owner = _owner(one, _clients_by_port(spans))
    if owner is not None:
        return owner
    return next((span for span in spans if not span.parent_id and _serves(span, one)), None)


def _clients_by_port(spans: Sequence[Span]) -> Mapping[int, Sequence[Span]]:
    found: dict[int, list[Span]] = defaultdict(list)
    for span in spans:
        port = span.attributes.get("network.local.port")
        if span.kind is Kind.CLIENT and isinstance(port, int):
            found[port].append(span)
    return found


def _owner(one: Passed, by_port: Mapping[int, Sequence[Span]]) -> Span | None:
    best, longest = None, 0
    for span in by_port.get(one.peer_port, ()):
        end_ns = span.end_ns or one.ended_ns
        # Of an exchange without length, the moment has to lie inside.
        shared = min(end_ns, one.ended_ns + 1) - max(span.start_ns, one.began_ns)
        if shared > longest:
            best, longest = span, shared
    return best


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
