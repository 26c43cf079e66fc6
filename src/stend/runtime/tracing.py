"""Traces of this process: recorded from now on, kept, and told as JSON."""

import contextlib
import json
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from stend.chassis.tracing.recording import Recorder, install, rooted
from stend.chassis.tracing.sampling import RateLimit
from stend.chassis.tracing.spans import Span
from stend.chassis.tracing.store import TraceStore, TraceSummary
from stend.kit.json import JsonObject, JsonValue
from stend.runtime.settings import TraceSettings
from stend.runtime.system import random_bits, wall_ns

if TYPE_CHECKING:
    from stend.chassis.tracing.export import Exporter

TRACES_PATH = "/stand/traces"
_LISTED = 100
_MOST_LISTED = 1000
_MOST_OWN_SPANS = 10_000
_HAND_OVER_S = 2.0


class Tracing:
    """Records the traces of this process from `start` to `stop`.

    Args:
        now_ns: since 1970. Of the taps where there are any: bytes that name no span are found by
            their time, and two clocks would drift apart.

    Attributes:
        store: the last traces, within the bounds of the settings.
    """

    def __init__(self, settings: TraceSettings, now_ns: Callable[[], int]) -> None:
        self._settings = settings
        self._now_ns = now_ns
        self.store = TraceStore(settings.kept, settings.kept_spans)
        self._exporter = _exporter_to(settings.otlp_url, self.store) if settings.otlp_url else None

    def start(self) -> None:
        settings = self._settings
        limit = RateLimit(settings.per_second, settings.burst, time.monotonic)
        if self._exporter:
            self._exporter.start()
        install(Recorder(self._exporter or self.store, limit, self._now_ns, random_bits))

    async def stop(self) -> None:
        install(None)
        if self._exporter:
            await self._exporter.stop()

    def take(self, raw: bytes) -> None:
        """Spans of another process, such as the command line: see `otlp.decoded`.

        Raises:
            ValueError: they are none.
        """
        from stend.chassis.tracing.otlp import decoded

        sink = self._exporter or self.store
        for span in decoded(raw):
            sink.began(span)
            sink.ended(span)


def _exporter_to(url: str, store: TraceStore) -> "Exporter":
    from stend.chassis.tracing.export import Exporter

    return Exporter(url, store)


@contextlib.asynccontextmanager
async def traced_call(name: str, stand_url: str) -> AsyncIterator[str]:
    """A trace of this command's own, whose spans the stand gets when it is done.

    Args:
        name: of the root span.
        stand_url: `http://host:port`.

    Yields:
        The trace id.
    """
    store = TraceStore(1, _MOST_OWN_SPANS)
    install(Recorder(store, RateLimit(0, 0, time.monotonic), wall_ns, random_bits))
    trace_id = ""
    try:
        with rooted("cli", name) as root:
            trace_id = root.trace_id if root else ""
            yield trace_id
    finally:
        install(None)
        await _hand_over(store.trace(trace_id), stand_url)


async def _hand_over(spans: Sequence[Span], stand_url: str) -> None:
    import httpx

    from stend.chassis.tracing.otlp import MEDIA_TYPE, PATH, encoded

    ended = [span for span in spans if span.end_ns]
    # Without a stand to keep them, the call itself has told what is wrong.
    with contextlib.suppress(httpx.HTTPError):
        async with httpx.AsyncClient(verify=False, trust_env=False, timeout=_HAND_OVER_S) as http:  # noqa: S501
            headers = {"Content-Type": MEDIA_TYPE}
            await http.post(stand_url + PATH, content=encoded(ended), headers=headers)


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
