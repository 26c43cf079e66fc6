"""A recorder for tests: ids that count, a clock that a test moves."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager

from stend.chassis.tracing import recording
from stend.chassis.tracing.sampling import RateLimit
from stend.chassis.tracing.spans import Span
from stend.chassis.tracing.store import TraceStore

TRACE_ID = "0af7651916cd43dd8448eb211c80319c"
SPAN_ID = "b7ad6b7169203331"
SAMPLED = f"00-{TRACE_ID}-{SPAN_ID}-01"
UNSAMPLED = f"00-{TRACE_ID}-{SPAN_ID}-00"


@contextmanager
def recorded(per_second: float = 0, burst: int = 0) -> Iterator[TraceStore]:
    """Records into the store for the length of the block."""
    store = TraceStore(100, 1000)
    numbers, moments = itertools.count(1), itertools.count(1_000)
    limit = RateLimit(per_second, burst, lambda: 0.0)
    recorder = recording.Recorder(store, limit, lambda: next(moments), lambda _: next(numbers))
    recording.install(recorder)
    try:
        yield store
    finally:
        recording.install(None)


def spans_in(store: TraceStore) -> list[Span]:
    """Of all traces, in the order of their beginnings."""
    traces = [store.trace(one.trace_id) for one in store.recent(100)]
    return sorted((span for spans in traces for span in spans), key=lambda span: span.start_ns)
