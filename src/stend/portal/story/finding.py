"""From an exchange to its span: the way back of `Links.exchanges_of`."""

from collections.abc import Iterator

from stend.chassis.tracing.spans import Span
from stend.chassis.tracing.store import TraceStore
from stend.portal.story.linking import owner_of
from stend.portal.story.recorded import contexts_of, passed_of
from stend.portal.wire import Wire
from stend.tap.reading import Seen


def spans_of(wire: Wire, traces: TraceStore, seen: Seen) -> tuple[Span, ...]:
    """The span that an exchange belongs to, of each trace that is kept: a batch may carry several.

    What names no span belongs to one of one trace, or to none.
    """
    named = dict.fromkeys(trace_id for trace_id, _ in sorted(contexts_of(wire, seen)))
    candidates = named or _going_on(wire, traces, seen)
    found = (span for one in candidates if (span := _owner(wire, traces, seen, one)) is not None)
    able = tuple(found)
    return able if named or len(able) == 1 else ()


def _owner(wire: Wire, traces: TraceStore, seen: Seen, trace_id: str) -> Span | None:
    spans = traces.trace(trace_id)
    passed = passed_of(wire, seen, trace_id) if spans else None
    return None if passed is None else owner_of(passed, spans)


def _going_on(wire: Wire, traces: TraceStore, seen: Seen) -> Iterator[str]:
    wall_ns = wire.reading.recording.wall_ns
    yield from traces.during(wall_ns(seen.began_ns), wall_ns(seen.ended_ns))
