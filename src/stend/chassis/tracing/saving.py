"""The spans of a store as bytes that a file can hold, and the store made of them again.

They are one ExportTraceServiceRequest of OTLP, which any collector takes, too.
"""

from collections.abc import Iterable

from stend.chassis.tracing.spans import Span
from stend.chassis.tracing.store import Held, TraceStore

# What a moment of a span may be at most: the end of the year 2200.
_LAST_NS = 7_289_654_400_000_000_000


def saved(spans: Iterable[Span]) -> bytes:
    from stend.chassis.tracing.otlp import encoded

    return encoded(spans)


def restored(held: Held, raw: bytes) -> TraceStore:
    """
    Args:
        held: what the store told when the spans were saved.

    Raises:
        ValueError: they are no spans, or not as many as were held.
    """
    from stend.chassis.tracing.otlp import decoded

    spans = decoded(raw)
    if len(spans) != held.spans:
        raise ValueError(f"there are {len(spans)} spans, and {held.spans} were held")
    for span in spans:
        if max(span.start_ns, span.end_ns) > _LAST_NS:
            raise ValueError(f"the span {span.span_id} has a moment that is no date")
    return TraceStore.of(held, spans)
