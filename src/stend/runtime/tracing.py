"""Traces of this process: recorded from now on, kept, and told as JSON."""

import json
import time
from collections.abc import Mapping

from stend.chassis.tracing.recording import Recorder, install
from stend.chassis.tracing.sampling import RateLimit
from stend.chassis.tracing.spans import Span
from stend.chassis.tracing.store import TraceStore, TraceSummary
from stend.kit.json import JsonObject, JsonValue
from stend.runtime.settings import TraceSettings
from stend.runtime.system import now_ns, random_bits

TRACES_PATH = "/stand/traces"
_LISTED = 100
_MOST_LISTED = 1000


def record_traces(settings: TraceSettings) -> TraceStore:
    """Until `stop_recording`, in a store with the bounds of the settings."""
    store = TraceStore(settings.kept, settings.kept_spans)
    limit = RateLimit(settings.per_second, settings.burst, time.monotonic)
    install(Recorder(store, limit, now_ns, random_bits))
    return store


def stop_recording() -> None:
    install(None)


def traces_json(store: TraceStore, query: Mapping[str, str]) -> bytes:
    """The last traces, newest first, and how many are kept at most.

    Args:
        query: `limit`, from 1 to 1000.
    """
    asked = query.get("limit", "")
    limit = min(int(asked), _MOST_LISTED) if asked.isdecimal() else _LISTED
    held = store.held()
    traces: list[JsonValue] = [_summary_to_json(one) for one in store.recent(limit)]
    members: JsonObject = {
        "traces": traces,
        "held": {
            "traces": held.traces,
            "spans": held.spans,
            "most_traces": held.most_traces,
            "most_spans": held.most_spans,
            "traces_let_go": held.traces_let_go,
            "spans_let_go": held.spans_let_go,
        },
    }
    return json.dumps(members, ensure_ascii=False).encode()


def trace_json(store: TraceStore, trace_id: str) -> bytes | None:
    """One trace with its spans in the order in which they began; None for one that is not kept."""
    spans = store.trace(trace_id)
    if not spans:
        return None
    members: JsonObject = {"trace_id": trace_id, "spans": [span_to_json(one) for one in spans]}
    return json.dumps(members, ensure_ascii=False).encode()


def span_to_json(span: Span) -> JsonObject:
    return {
        "span_id": span.span_id,
        "parent_id": span.parent_id or None,
        "service": span.service,
        "name": span.name,
        "kind": span.kind.name.lower(),
        "start_ns": span.start_ns,
        "end_ns": span.end_ns or None,
        "status": span.status,
        "attributes": dict(span.attributes),
        "links": list(span.links),
    }


def _summary_to_json(one: TraceSummary) -> JsonObject:
    return {
        "trace_id": one.trace_id,
        "root": one.root_name,
        "service": one.root_service,
        "services": list(one.services),
        "start_ns": one.start_ns,
        "duration_ns": one.duration_ns,
        "spans": one.spans,
        "error": one.has_error,
    }
