"""Spans, and the context that goes from one to the next. Pure."""

import re
from enum import IntEnum
from typing import Literal

Attribute = str | int | bool | float
TRACEPARENT = "traceparent"
TRACESTATE = "tracestate"
# version "-" trace-id "-" parent-id "-" trace-flags, and whatever a later version adds behind them
# (W3C Trace Context, section 3.2).
_TRACEPARENT = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
_NO_TRACE, _NO_SPAN = "0" * 32, "0" * 16
_LONGEST_TRACESTATE = 512


class Kind(IntEnum):
    """With the numbers of OTLP."""

    INTERNAL = 1
    SERVER = 2
    CLIENT = 3
    PRODUCER = 4
    CONSUMER = 5


class SpanContext:
    """What names a span, and what goes over the wire: the parent of the spans that follow.

    Attributes:
        service: whose work follows.
        trace_id, span_id: 32 and 16 hexadecimal digits.
        tracestate: passed on as it came; empty without one.
        is_sampled: whether spans of it are recorded.
    """

    __slots__ = ("is_sampled", "service", "span_id", "trace_id", "tracestate")

    def __init__(
        self,
        service: str,
        trace_id: str,
        span_id: str,
        tracestate: str = "",
        is_sampled: bool = True,
    ) -> None:
        self.service = service
        self.trace_id = trace_id
        self.span_id = span_id
        self.tracestate = tracestate
        self.is_sampled = is_sampled

    @property
    def traceparent(self) -> str:
        return f"00-{self.trace_id}-{self.span_id}-{'01' if self.is_sampled else '00'}"

    def carrier(self) -> list[tuple[str, str]]:
        """The headers, properties or metadata that carry the context."""
        pairs = [(TRACEPARENT, self.traceparent)]
        if self.tracestate:
            pairs.append((TRACESTATE, self.tracestate))
        return pairs


class Span(SpanContext):
    """One piece of work.

    Attributes:
        parent_id: empty for the root of a trace.
        start_ns, end_ns: since 1970; `end_ns` is 0 while the work goes on.
        links: traceparents of spans that this one follows without being their child.
        error: `error.type`, when the work failed.
    """

    __slots__ = (
        "attributes",
        "end_ns",
        "error",
        "kind",
        "links",
        "name",
        "parent_id",
        "start_ns",
    )

    def __init__(
        self,
        parent: SpanContext,
        parent_id: str,
        span_id: str,
        name: str,
        kind: Kind,
        start_ns: int,
    ) -> None:
        super().__init__(parent.service, parent.trace_id, span_id, parent.tracestate)
        self.parent_id = parent_id
        self.name = name
        self.kind = kind
        self.start_ns = start_ns
        self.end_ns = 0
        self.attributes: dict[str, Attribute] = {}
        self.links: list[str] = []
        self.error = ""

    def copied(self) -> "Span":
        """As it is now, while the work goes on."""
        made = Span(self, self.parent_id, self.span_id, self.name, self.kind, self.start_ns)
        made.attributes, made.links = dict(self.attributes), list(self.links)
        made.end_ns, made.error = self.end_ns, self.error
        return made

    @property
    def duration_ns(self) -> int:
        """0 while the work goes on, too."""
        return max(self.end_ns - self.start_ns, 0) if self.end_ns else 0

    @property
    def status(self) -> Literal["ok", "error", "running"]:
        if self.error:
            return "error"
        return "ok" if self.end_ns else "running"


def context_of(service: str, traceparent: str | None, tracestate: str = "") -> SpanContext | None:
    """What came over the wire; None for nothing, and for what is no traceparent.

    A broken one is as good as none (W3C Trace Context, section 3.2.2.2).
    """
    match = _TRACEPARENT.fullmatch(traceparent) if traceparent else None
    if match is None:
        return None
    version, trace_id, span_id, flags, more = match.groups()
    if version == "ff" or (version == "00" and more) or trace_id == _NO_TRACE:
        return None
    if span_id == _NO_SPAN:
        return None
    state = tracestate if len(tracestate) <= _LONGEST_TRACESTATE else ""
    return SpanContext(service, trace_id, span_id, state, bool(int(flags, 16) & 1))
