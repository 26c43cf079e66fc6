"""From an exchange to its span: the way back of `Links.exchanges_of`."""

from collections.abc import Iterator

from stend.chassis.tracing.spans import Span
from stend.chassis.tracing.store import TraceStore
from stend.portal.story.linking import owner_of
from stend.portal.story.recorded import contexts_of, passed_of
from stend.portal.wire import Wire
from stend.tap.reading import Seen

# A trace is searched by time where the bytes name none; older ones are not looked at.
_LOOKED_AT = 300


def span_of(wire: Wire, traces: TraceStore, seen: Seen) -> Span | None:
    """The span that an exchange belongs to; None if it is not kept, or there is none."""
    for trace_id in _candidates(wire, traces, seen):
        spans = traces.trace(trace_id)
        passed = passed_of(wire, seen, trace_id) if spans else None
        if passed is not None and (span := owner_of(passed, spans)) is not None:
            return span
    return None


def _candidates(wire: Wire, traces: TraceStore, seen: Seen) -> Iterator[str]:
    named = dict.fromkeys(trace_id for trace_id, _ in sorted(contexts_of(wire, seen)))
    if named:
        yield from named
        return
    wall_ns = wire.reading.recording.wall_ns
    began_ns, ended_ns = wall_ns(seen.began_ns), wall_ns(seen.ended_ns)
    for one in traces.recent(_LOOKED_AT):
        if one.start_ns <= ended_ns and began_ns <= one.start_ns + one.duration_ns:
            yield one.trace_id
