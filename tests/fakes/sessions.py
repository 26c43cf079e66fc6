"""A session that a test writes by hand: one call with its trace, and faults that were set."""

from pathlib import Path

from stend.chassis.tracing.saving import saved
from stend.chassis.tracing.spans import Kind
from stend.chassis.tracing.store import TraceStore
from stend.kit.json import JsonObject
from stend.tap.files.session import Extras, Traces, save
from stend.tap.recording import Recording
from stend.wire.decoding import Direction
from tests.fakes.spans import START_NS, Trace
from tests.fakes.wire import BANK, SHOP, Ticks

FAULT: JsonObject = {
    "id": "f1",
    "kind": "latency",
    "source": "orders",
    "target": "payments",
    "numbers": {"latency_ms": 120.0, "jitter_ms": 0},
    "probability": 0.5,
    "seed": 424_242,
    "set_at": "2026-11-18T09:59:00Z",
    "ends_at": "2026-11-18T10:04:00Z",
    "seconds_left": 120.0,
    "struck": 3,
}
SAVED_AT = "2026-11-18T10:02:00Z"


def recorded() -> tuple[Recording, TraceStore]:
    """A call of the bank by `orders`, c1.1, and the trace that it belongs to."""
    trace = Trace()
    root = trace.add("orders", "POST /api/v1/orders", Kind.SERVER, 0, 50)
    client, _ = trace.call("orders", "payments", "Authorise", 10, root)
    store = TraceStore(100, 1_000)
    for span in trace.spans:
        store.began(span)
    ticks = Ticks(10_000_000)
    recording = Recording(1 << 20, lambda: START_NS + ticks.now_ns, ticks)
    connection = recording.opened(BANK, "127.0.0.1:50000")
    head = f"POST /soap/bank HTTP/1.1\r\nHost: bank\r\ntraceparent: {client.traceparent}\r\n"
    ticks.now_ns += 1_000_000
    asked = f"{head}Content-Length: 0\r\n\r\n".encode()
    recording.passed(connection, connection.to_server, asked)
    ticks.now_ns += 1_000_000
    answered = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
    recording.passed(connection, connection.stream(Direction.TO_CLIENT), answered)
    return recording, store


def extras_of(store: TraceStore, *faults: JsonObject) -> Extras:
    held, spans = store.copied()
    return Extras(
        "0.1.0",
        SAVED_AT,
        list(faults),
        taps=((BANK, 40_001), (SHOP, 8_100)),
        let_go_exchanges=5,
        traces=Traces(
            held.traces,
            held.spans,
            held.most_traces,
            held.most_spans,
            held.traces_let_go,
            held.spans_let_go,
            saved(spans),
        ),
    )


def written(path: Path, *faults: JsonObject) -> Path:
    """The session as a file."""
    recording, store = recorded()
    path.write_bytes(save(recording, extras_of(store, *faults)))
    return path
