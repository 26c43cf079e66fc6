"""Spans that a test writes by hand."""

from dataclasses import dataclass, field

from stend.chassis.tracing.spans import Attribute, Kind, Span, SpanContext

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
START_NS = 1_795_000_000_000_000_000
MS = 1_000_000


@dataclass
class Trace:
    """Makes spans of one trace, a millisecond each unless a test says otherwise."""

    trace_id: str = TRACE
    spans: list[Span] = field(default_factory=list)

    def add(
        self,
        service: str,
        name: str,
        kind: Kind,
        at_ms: float,
        took_ms: float | None = 1,
        parent: Span | None = None,
        error: str = "",
        **attributes: Attribute,
    ) -> Span:
        """
        Args:
            took_ms: None while it goes on.
            attributes: with `__` for the points of their names.
        """
        context = SpanContext(service, self.trace_id, "")
        number = f"{len(self.spans) + 1:016x}"
        span = Span(
            context,
            parent.span_id if parent else "",
            number,
            name,
            kind,
            START_NS + int(at_ms * MS),
        )
        span.end_ns = 0 if took_ms is None else span.start_ns + int(took_ms * MS)
        span.attributes = {key.replace("__", "."): value for key, value in attributes.items()}
        span.error = error
        self.spans.append(span)
        return span

    def sql(
        self, service: str, at_ms: float, parent: Span, name: str = "SELECT", port: int = 50_000
    ) -> Span:
        return self.add(
            service,
            name,
            Kind.CLIENT,
            at_ms,
            parent=parent,
            db__system__name="postgresql",
            network__local__port=port,
        )

    def call(
        self,
        caller: str,
        callee: str,
        method: str,
        at_ms: float,
        parent: Span,
        error: str = "",
        is_answered: bool = True,
    ) -> tuple[Span, Span | None]:
        told: dict[str, Attribute] = {"rpc__system": "soap", "rpc__method": method}
        client = self.add(caller, method, Kind.CLIENT, at_ms, 4, parent, error, **told)
        if not is_answered:
            return client, None
        return client, self.add(callee, method, Kind.SERVER, at_ms + 1, 2, client, error, **told)

    def message(
        self, sender: str, consumer: str, kind: str, at_ms: float, parent: Span, **more: Attribute
    ) -> tuple[Span, Span]:
        told: dict[str, Attribute] = {
            "messaging__system": "rabbitmq",
            "messaging__destination__name": "orders.events",
            "messaging__message__type": kind,
            "messaging__message__id": f"{kind}:1",
        }
        sent = self.add(sender, "send", Kind.PRODUCER, at_ms, 1, parent, "", **told)
        got = self.add(consumer, "process", Kind.CONSUMER, at_ms + 2, 3, sent, "", **told, **more)
        return sent, got
