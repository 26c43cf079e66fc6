"""The last traces, in memory: bounded by traces and by spans, and what was let go is counted."""

import asyncio
import threading
from collections import OrderedDict
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import dataclass

from stend.chassis.tracing.spans import Span

# A part of all spans that one trace may have, so that it does not take the place of all others.
_SHARE_OF_ONE = 4


@dataclass(frozen=True, slots=True)
class TraceSummary:
    """
    Attributes:
        root_name: of the span that has no parent here.
        services: in order of their first span.
        start_ns: since 1970.
        duration_ns: from the first span's beginning to the last end so far.
    """

    trace_id: str
    root_name: str
    root_service: str
    services: tuple[str, ...]
    start_ns: int
    duration_ns: int
    spans: int
    has_error: bool


@dataclass(frozen=True, slots=True)
class Held:
    """
    Attributes:
        most_traces, most_spans: the bounds.
        traces_let_go, spans_let_go: since the start, for want of room.
    """

    traces: int
    spans: int
    most_traces: int
    most_spans: int
    traces_let_go: int
    spans_let_go: int


class _Watcher:
    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.news = asyncio.Event()
        self.changed: dict[str, None] = {}
        self.is_closed = False


class TraceStore:
    """
    Args:
        most_traces, most_spans: kept; the oldest traces give way.
    """

    def __init__(self, most_traces: int, most_spans: int) -> None:
        self._most_traces = most_traces
        self._most_spans = most_spans
        self._traces: OrderedDict[str, list[Span]] = OrderedDict()
        self._spans = 0
        self._traces_let_go = 0
        self._spans_let_go = 0
        self._watchers: set[_Watcher] = set()
        # The event loop records, and so do threads of consumers.
        self._lock = threading.Lock()

    @classmethod
    def of(cls, held: Held, spans: Iterable[Span]) -> "TraceStore":
        """As it was once.

        Args:
            held: its bounds, and what it had let go.
            spans: in any order.
        """
        made = cls(held.most_traces, held.most_spans)
        for span in sorted(spans, key=lambda one: one.start_ns):
            made.began(span)
        made._traces_let_go += held.traces_let_go
        made._spans_let_go += held.spans_let_go
        return made

    def copied(self) -> tuple[Held, Sequence[Span]]:
        """As it is now, for whoever reads it while more begins and ends."""
        with self._lock:
            spans = [span for spans in self._traces.values() for span in spans]
            held = self.held()
        # A span that has ended does not change any more.
        return held, [span if span.end_ns else span.copied() for span in spans]

    # ---- writing -------------------------------------------------------------------------------

    def began(self, span: Span) -> None:
        with self._lock:
            spans = self._traces.get(span.trace_id)
            if spans is None:
                spans = self._traces[span.trace_id] = []
            if len(spans) * _SHARE_OF_ONE >= self._most_spans:
                self._spans_let_go += 1
                return
            spans.append(span)
            self._spans += 1
            while len(self._traces) > self._most_traces or self._spans > self._most_spans:
                self._let_oldest_go()
        self._tell(span.trace_id)

    def ended(self, span: Span) -> None:
        self._tell(span.trace_id)

    def _let_oldest_go(self) -> None:
        _, spans = self._traces.popitem(last=False)
        self._spans -= len(spans)
        self._traces_let_go += 1
        self._spans_let_go += len(spans)

    def _tell(self, trace_id: str) -> None:
        for watcher in tuple(self._watchers):
            if trace_id not in watcher.changed:
                watcher.changed[trace_id] = None
                try:
                    watcher.loop.call_soon_threadsafe(watcher.news.set)
                except RuntimeError:
                    # The loop has ended before its watcher.
                    self._watchers.discard(watcher)

    # ---- reading -------------------------------------------------------------------------------

    def held(self) -> Held:
        return Held(
            len(self._traces),
            self._spans,
            self._most_traces,
            self._most_spans,
            self._traces_let_go,
            self._spans_let_go,
        )

    def recent(self, limit: int) -> Sequence[TraceSummary]:
        """The newest first."""
        with self._lock:
            newest: list[tuple[Span, ...]] = []
            for trace_id in reversed(self._traces):
                if len(newest) >= limit:
                    break
                newest.append(tuple(self._traces[trace_id]))
        return [summary_of(spans) for spans in newest if spans]

    def during(self, begin_ns: int, end_ns: int) -> Iterator[str]:
        """Traces of which a span goes on within that time, the newest first."""
        with self._lock:
            newest = [(one, tuple(self._traces[one])) for one in reversed(self._traces)]
        for trace_id, spans in newest:
            if any(one.start_ns <= end_ns and begin_ns <= (one.end_ns or end_ns) for one in spans):
                yield trace_id

    def trace(self, trace_id: str) -> Sequence[Span]:
        """In the order in which they began; empty for one that is not known, or not any more."""
        with self._lock:
            spans = tuple(self._traces.get(trace_id, ()))
        return sorted(spans, key=lambda span: span.start_ns)

    async def changes(self) -> AsyncIterator[str]:
        """The id of each trace that has changed; many changes of one are told once.

        Ends with `close()`.
        """
        watcher = _Watcher()
        self._watchers.add(watcher)
        try:
            while True:
                await watcher.news.wait()
                if watcher.is_closed:
                    return
                watcher.news.clear()
                changed, watcher.changed = watcher.changed, {}
                for trace_id in changed:
                    yield trace_id
        finally:
            self._watchers.discard(watcher)

    def close(self) -> None:
        """Ends what follows the changes, from its own loop."""
        for watcher in tuple(self._watchers):
            watcher.is_closed = True
            watcher.news.set()


def summary_of(spans: Sequence[Span]) -> TraceSummary:
    """
    Args:
        spans: of one trace, at least one.
    """
    present = {span.span_id for span in spans}
    ordered = sorted(spans, key=lambda span: span.start_ns)
    first = ordered[0]
    root = next((span for span in ordered if span.parent_id not in present), first)
    last_ns = max(max(span.end_ns, span.start_ns) for span in ordered)
    return TraceSummary(
        trace_id=first.trace_id,
        root_name=root.name,
        root_service=root.service,
        services=tuple(dict.fromkeys(span.service for span in ordered)),
        start_ns=first.start_ns,
        duration_ns=last_ns - first.start_ns,
        spans=len(ordered),
        has_error=any(span.error for span in ordered),
    )
