"""Contexts over the wire, spans in the store, and how many begin."""

import asyncio

import pytest

from stend.chassis.tracing.recording import (
    batch_entered,
    begin,
    begin_root,
    carrier,
    current,
    end,
    entered,
    fail,
    received,
    resumed,
    stored,
)
from stend.chassis.tracing.sampling import RateLimit
from stend.chassis.tracing.spans import Kind, Span, SpanContext, context_of
from stend.chassis.tracing.sql import commented, summary_of
from stend.chassis.tracing.store import TraceStore
from tests.chassis.tracing.recorded import SAMPLED, SPAN_ID, TRACE_ID, UNSAMPLED, recorded, spans_in


@pytest.mark.parametrize(
    ("traceparent", "is_sampled"),
    [
        (SAMPLED, True),
        (UNSAMPLED, False),
        # Only the lowest bit says so; others are for later versions (section 3.2.2.5).
        (f"00-{TRACE_ID}-{SPAN_ID}-03", True),
        (f"00-{TRACE_ID}-{SPAN_ID}-fe", False),
        # A later version may add fields (section 3.2.4).
        (f"cc-{TRACE_ID}-{SPAN_ID}-01-more", True),
    ],
)
def test_a_traceparent_is_read(traceparent: str, is_sampled: bool) -> None:
    context = context_of("orders", traceparent, "a=1")
    assert context is not None
    assert (context.trace_id, context.span_id) == (TRACE_ID, SPAN_ID)
    assert (context.is_sampled, context.tracestate) == (is_sampled, "a=1")


@pytest.mark.parametrize(
    "traceparent",
    [
        None,
        "",
        "00",
        f"ff-{TRACE_ID}-{SPAN_ID}-01",
        f"00-{TRACE_ID}-{SPAN_ID}-01-more",
        f"00-{TRACE_ID.upper()}-{SPAN_ID}-01",
        f"00-{'0' * 32}-{SPAN_ID}-01",
        f"00-{TRACE_ID}-{'0' * 16}-01",
        f"00-{TRACE_ID}-{SPAN_ID}-1",
        f"{SAMPLED} ",
    ],
)
def test_what_is_no_traceparent_counts_as_none(traceparent: str | None) -> None:
    assert context_of("orders", traceparent) is None


def test_a_sampled_context_is_followed_and_an_unsampled_one_is_not() -> None:
    with recorded(per_second=1, burst=1) as store:
        assert received("orders", "GET", Kind.SERVER, UNSAMPLED) is None
        span = received("orders", "GET", Kind.SERVER, SAMPLED, "a=1")
        assert span is not None
        with entered(span):
            end(begin("SELECT", Kind.CLIENT))
        # The bucket was not touched: one trace may still begin by itself, and no second one.
        assert received("orders", "GET", Kind.SERVER, None) is not None
        assert received("orders", "GET", Kind.SERVER, None) is None
    server, child = store.trace(TRACE_ID)
    assert (server.parent_id, child.parent_id) == (SPAN_ID, server.span_id)
    assert (child.service, child.kind) == ("orders", Kind.CLIENT)
    assert carrier(child) == [
        ("traceparent", f"00-{TRACE_ID}-{child.span_id}-01"),
        ("tracestate", "a=1"),
    ]


def test_without_a_recorder_nothing_is_recorded_or_sent() -> None:
    assert received("orders", "GET", Kind.SERVER, SAMPLED) is None
    assert begin_root("orders", "work") is None
    with resumed("orders", SAMPLED), entered(begin("work")) as span:
        assert span is None
        assert carrier(span) == []
        assert stored() is None


def test_what_was_stored_goes_on_after_a_crash() -> None:
    with recorded() as store:
        with entered(begin_root("orders", "place")):
            kept = stored()
        with resumed("orders", kept), entered(begin("saga reserve-stock")):
            pass
    root, step = spans_in(store)
    assert (step.trace_id, step.parent_id) == (root.trace_id, root.span_id)


def test_work_that_is_not_recorded_says_so_to_others() -> None:
    with recorded() as store, resumed("orders", None):
        assert begin("work") is None
        assert stored() is None
        ((name, value),) = carrier(None)
        assert name == "traceparent"
        assert value.endswith("-00")
    assert spans_in(store) == []


def refuse(code: str) -> None:
    fail(current(), code)
    raise LookupError


def test_a_failure_has_a_type_and_the_first_word_stands() -> None:
    with recorded() as store:
        with pytest.raises(LookupError), entered(begin_root("orders", "a")):
            raise LookupError
        with pytest.raises(LookupError), entered(begin_root("orders", "b")):
            refuse("out-of-stock")
    assert [span.error for span in spans_in(store)] == ["LookupError", "out-of-stock"]
    assert all(one.has_error for one in store.recent(2))


def test_a_batch_belongs_to_the_first_and_links_to_the_others() -> None:
    other = f"00-{'1' * 32}-{'2' * 16}-01"
    with recorded() as store, batch_entered("notifications", "inbox", [None, SAMPLED, other]):
        pass
    (span,) = store.trace(TRACE_ID)
    assert (span.parent_id, span.links) == (SPAN_ID, [other])


def test_the_rate_of_traces_is_bounded() -> None:
    now_s = 0.0
    limit = RateLimit(2, 3, lambda: now_s)
    assert [limit.admits() for _ in range(4)] == [True, True, True, False]
    now_s = 0.5
    assert [limit.admits() for _ in range(2)] == [True, False]
    now_s = 1000.0
    assert sum(limit.admits() for _ in range(10)) == 3
    assert not RateLimit(0, 10, lambda: now_s).admits()


def span(trace: int, number: int = 1) -> Span:
    context = SpanContext("orders", f"{trace:032x}", "")
    return Span(context, "", f"{number:016x}", "work", Kind.INTERNAL, number)


def test_the_oldest_traces_give_way_and_are_counted() -> None:
    store = TraceStore(2, 1000)
    for trace in range(1, 4):
        store.began(span(trace))
        store.began(span(trace, 2))
    assert [one.trace_id for one in store.recent(9)] == [f"{3:032x}", f"{2:032x}"]
    held = store.held()
    assert (held.traces, held.spans, held.traces_let_go, held.spans_let_go) == (2, 4, 1, 2)
    assert store.trace(f"{1:032x}") == []


def test_one_trace_takes_a_part_of_the_spans_and_no_more() -> None:
    store = TraceStore(100, 100)
    for number in range(1, 101):
        store.began(span(1, number))
    assert len(store.trace(f"{1:032x}")) == 25
    assert store.held().spans_let_go == 75


async def test_a_change_of_a_trace_is_told_once() -> None:
    store = TraceStore(10, 100)
    changes = store.changes()
    first = asyncio.ensure_future(anext(changes))
    await asyncio.sleep(0)
    store.began(span(1))
    store.began(span(1, 2))
    store.ended(span(2))
    told = [await first, await anext(changes)]
    assert told == [f"{1:032x}", f"{2:032x}"]
    await changes.aclose()  # type: ignore[attr-defined] # an async generator


@pytest.mark.parametrize(
    ("statement", "summary"),
    [
        (
            "SELECT a, (SELECT max(b) FROM lines) FROM orders.orders WHERE x = ' FROM y'",
            "SELECT orders.orders",
        ),
        ('INSERT INTO orders.outbox ("a", b) VALUES (%s, %s)', "INSERT orders.outbox"),
        ("UPDATE `loyalty_accounts` SET points=%s", "UPDATE loyalty_accounts"),
        ("DELETE FROM t WHERE id IN (SELECT id FROM u)", "DELETE t"),
        ("WITH a AS (SELECT 1 FROM x) UPDATE d SET e = 1 FROM a", "UPDATE d"),
        ("SELECT pg_notify(%(a)s, %(b)s)", "SELECT pg_notify"),
        ("/* why */ SELECT 1", "SELECT"),
        (";", "ping"),
    ],
)
def test_a_statement_has_a_short_name(statement: str, summary: str) -> None:
    assert summary_of(statement) == summary


def test_a_statement_carries_its_span_in_a_comment() -> None:
    one = span(1)
    one.tracestate = "a=1,b=%2"
    told = commented("SELECT %s", one, with_parameters=True)
    comment = told.removeprefix("SELECT %s ")
    assert comment == f"/*traceparent='{one.traceparent}',tracestate='a%%3D1%%2Cb%%3D%%252'*/"
    assert "%%" not in commented("SELECT 1", one, with_parameters=False)
