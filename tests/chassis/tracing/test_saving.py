"""A store as bytes of a file, and the store made of them again."""

from dataclasses import replace

import pytest

from stend.chassis.tracing.saving import restored, saved
from stend.chassis.tracing.spans import Kind, Span, SpanContext
from stend.chassis.tracing.store import Held, TraceStore


def span(trace: int, number: int, service: str = "orders") -> Span:
    context = SpanContext(service, f"{trace:032x}", "", "vendor=1")
    return Span(context, "", f"{number:016x}", f"work {number}", Kind.SERVER, number * 1_000)


def _store() -> TraceStore:
    """Three traces by two services, of which the bounds have let one go; one span goes on."""
    store = TraceStore(2, 1000)
    for trace, number, service in ((9, 1, "orders"), (3, 2, "stock"), (1, 3, "orders")):
        one = span(trace, number, service)
        one.attributes = {"http.route": "/orders", "retry.attempt": 2, "is.hot": True, "share": 0.5}
        one.links = [f"00-{7:032x}-{number:016x}-01"]
        one.end_ns = 0 if number == 3 else one.start_ns + 500
        one.error = "order-not-found" if number == 2 else ""
        store.began(one)
    return store


def _told(store: TraceStore) -> list[tuple[object, ...]]:
    return [
        tuple(getattr(one, name) for kind in (SpanContext, Span) for name in kind.__slots__)
        for trace in store.recent(9)
        for one in store.trace(trace.trace_id)
    ]


def test_a_store_comes_back_as_it_was() -> None:
    store = _store()
    held, spans = store.copied()
    again = restored(held, saved(spans))
    assert again.held() == store.held()
    assert again.recent(9) == store.recent(9)
    assert [one.trace_id[-1] for one in again.recent(9)] == ["1", "3"]
    assert _told(again) == _told(store)
    assert again.held().traces_let_go == 1


def test_a_copy_stays_as_it_was_while_the_work_goes_on() -> None:
    store = _store()
    _, spans = store.copied()
    (going_on,) = store.trace(f"{1:032x}")
    going_on.attributes["http.response.status_code"] = 200
    going_on.end_ns = 9_000
    (copy,) = (one for one in spans if one.trace_id == going_on.trace_id)
    assert (copy.end_ns, copy.status) == (0, "running")
    assert "http.response.status_code" not in copy.attributes


def _late() -> bytes:
    one = span(1, 1)
    one.end_ns = (1 << 64) - 1
    return saved([one])


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b"\xff", "no ExportTraceServiceRequest"),
        (b"", "there are 0 spans, and 1 were held"),
        (saved([span(1, 1), span(1, 2)]), "there are 2 spans, and 1 were held"),
        (_late(), "a moment that is no date"),
    ],
)
def test_what_is_no_store_is_refused(raw: bytes, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        restored(Held(1, 1, 100, 100, 0, 0), raw)


def test_more_than_the_bounds_hold_gives_way_again() -> None:
    held, spans = _store().copied()
    again = restored(replace(held, most_traces=1), saved(spans))
    assert (again.held().traces, again.held().traces_let_go) == (1, 2)
