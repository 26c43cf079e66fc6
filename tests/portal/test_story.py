"""The story of a trace: who said what to whom, and which bytes carried it."""

from dataclasses import replace

import pytest

from stend.chassis.tracing.spans import Kind, Span
from stend.portal.story.linking import Links, Passed, owner_of
from stend.portal.story.model import Message, MessageKind, Missing, Story
from stend.portal.story.telling import Recorded, story_of
from stend.portal.story.views import View, shown
from tests.fakes.spans import MS, START_NS, Trace


def passed(
    id_: str,
    source: str,
    target: str,
    at_ms: float,
    span: Span | None = None,
    **changed: object,
) -> Passed:
    one = Passed(
        id=id_,
        source=source,
        target=target,
        place="http",
        wire="rest",
        name="POST /x",
        summary="",
        contexts=frozenset({span.span_id} if span else ()),
        began_ns=START_NS + int(at_ms * MS),
        ended_ns=START_NS + int((at_ms + 0.5) * MS),
        peer_port=50_000,
        is_up=True,
        answers=1,
        error="",
    )
    return one._replace(**changed)  # type: ignore[arg-type]


def told(story: Story) -> list[tuple[str, str, str]]:
    return [(one.source, one.target, one.label) for one in story.messages]


@pytest.fixture
def trace() -> Trace:
    return Trace()


def root(trace: Trace, took_ms: float | None = 100) -> Span:
    return trace.add(
        "orders",
        "POST /api/v1/orders",
        Kind.SERVER,
        0,
        took_ms,
        http__request__method="POST",
        url__path="/api/v1/orders",
        http__response__status_code=201,
    )


def test_a_call_has_its_return_and_one_of_nobody_known_comes_from_the_client(trace: Trace) -> None:
    trace.call("orders", "payments", "Authorise", 10, root(trace))
    story = story_of(trace.spans, Recorded())
    assert told(story) == [
        ("client", "orders", "POST /api/v1/orders"),
        ("orders", "payments", "Authorise"),
        ("payments", "orders", ""),
        ("orders", "client", "201"),
    ]
    assert [one.of for one in story.messages] == [0, 0, 2, 1]
    assert [one.number for one in story.messages] == [1, 2, 3, 4]


def test_calls_at_once_keep_their_own_returns(trace: Trace) -> None:
    parent = root(trace)
    trace.call("orders", "payments", "Authorise", 10, parent)
    trace.call("orders", "payments", "Authorise", 11, parent)
    calls = story_of(trace.spans, Recorded()).messages[1:5]
    assert [one.of for one in calls] == [0, 0, 2, 3]


def test_a_message_goes_through_its_broker_in_two_arrows(trace: Trace) -> None:
    trace.message("orders", "notifications", "OrderPlaced", 10, root(trace))
    story = story_of(trace.spans, Recorded())
    first, second = (one for one in story.messages if one.kind is MessageKind.MESSAGE)
    assert (first.source, first.target, first.label) == ("orders", "rabbitmq", "OrderPlaced")
    assert (second.source, second.target, second.origin) == ("rabbitmq", "notifications", "orders")
    assert first.wire == second.wire == "amqp"


def test_without_brokers_a_message_goes_straight_to_its_consumer(trace: Trace) -> None:
    trace.message("orders", "notifications", "OrderPlaced", 10, root(trace))
    what = shown(story_of(trace.spans, Recorded()), View.SERVICES)
    assert [(one.source, one.target) for one in what.messages][1:2] == [("orders", "notifications")]
    assert "rabbitmq" not in {one.name for one in what.lines}


def test_an_unanswered_call_is_lost_and_its_repetition_is_marked(trace: Trace) -> None:
    parent = root(trace)
    trace.call("orders", "payments", "Authorise", 10, parent, "timeout", is_answered=False)
    client, _ = trace.call("orders", "payments", "Authorise", 20, parent)
    trace.call("orders", "payments", "Authorise", 30, parent)
    bytes_ = [passed("c1.1", "orders", "payments", 10.2, trace.spans[1], answers=0)]
    calls = [
        one for one in story_of(trace.spans, Recorded(bytes_)).messages if one.target == "payments"
    ]
    assert [(one.is_lost, one.attempt) for one in calls] == [(True, 1), (False, 2), (False, 1)]
    assert calls[0].exchanges == ("c1.1",)
    assert client.span_id in calls[1].spans


def test_an_error_that_was_answered_stands_at_the_return(trace: Trace) -> None:
    trace.call("orders", "payments", "Authorise", 10, root(trace), "Declined")
    call, back = story_of(trace.spans, Recorded()).messages[1:3]
    assert (call.error, call.is_lost) == ("", False)
    assert (back.kind, back.error, back.label) == (MessageKind.RETURN, "Declined", "Declined")


def test_whatever_a_compensation_does_is_marked(trace: Trace) -> None:
    parent = root(trace)
    step = trace.add(
        "orders",
        "saga release-stock",
        Kind.INTERNAL,
        40,
        20,
        parent=parent,
        saga__step="release-stock",
        saga__compensation=True,
        retry__attempt=1,
    )
    trace.call("orders", "payments", "Reverse", 41, step)
    trace.sql("orders", 30, parent)
    story = story_of(trace.spans, Recorded())
    assert [one.label for one in story.messages if one.is_compensation] == ["Reverse", ""]
    (section,) = story.sections
    assert (section.step, section.is_compensation, section.attempt) == ("release-stock", True, 2)


def test_a_redelivery_and_a_message_sent_twice_are_marked(trace: Trace) -> None:
    parent = root(trace)
    trace.message("orders", "stock", "ReserveStock", 10, parent)
    trace.message("orders", "stock", "ReserveStock", 20, parent, messaging__redelivered=True)
    sent = [one for one in story_of(trace.spans, Recorded()).messages if one.target == "rabbitmq"]
    got = [one for one in story_of(trace.spans, Recorded()).messages if one.source == "rabbitmq"]
    assert [one.attempt for one in sent] == [1, 2]
    assert [one.is_redelivered for one in got] == [False, True]


def test_work_that_goes_on_has_no_return_yet(trace: Trace) -> None:
    root(trace, took_ms=None)
    story = story_of(trace.spans, Recorded())
    assert story.is_running
    assert [one.kind for one in story.messages] == [MessageKind.CALL]


# ---- folding -------------------------------------------------------------------------------------


def statements(trace: Trace, parent: Span, *at_ms: float) -> None:
    for number, at in enumerate(at_ms, 1):
        trace.sql("orders", at, parent, f"INSERT {number}")


def labels(messages: tuple[Message, ...]) -> list[tuple[str, int]]:
    return [(one.label, one.count) for one in messages if one.target == "postgresql"]


def test_statements_of_one_step_are_one_arrow_with_their_count(trace: Trace) -> None:
    statements(trace, root(trace), 10, 12, 14)
    what = shown(story_of(trace.spans, Recorded()), View.STORES)
    assert labels(what.messages) == [("INSERT 1 … INSERT 3", 3)]


@pytest.mark.parametrize("between", ["call", "pause"])
def test_a_fold_ends_where_the_step_does_something_else(trace: Trace, between: str) -> None:
    parent = root(trace)
    statements(trace, parent, 10, 12)
    if between == "call":
        trace.call("orders", "payments", "Authorise", 14, parent)
    statements(trace, parent, *((20, 22) if between == "call" else (200, 202)))
    spans = sorted(trace.spans, key=lambda span: span.start_ns)
    what = shown(story_of(spans, Recorded()), View.STORES)
    assert [count for _, count in labels(what.messages)] == [2, 2]


def test_a_fold_can_be_spread_out_by_its_number(trace: Trace) -> None:
    statements(trace, root(trace), 10, 12)
    what = shown(story_of(trace.spans, Recorded()), View.STORES, {2})
    assert [count for _, count in labels(what.messages)] == [1, 1]


def test_work_of_others_in_between_does_not_end_a_fold(trace: Trace) -> None:
    parent = root(trace)
    other = trace.add("stock", "inbox", Kind.INTERNAL, 1, 50, parent=parent)
    statements(trace, parent, 10, 14)
    trace.sql("stock", 12, other, "COMMIT")
    spans = sorted(trace.spans, key=lambda span: span.start_ns)
    what = shown(story_of(spans, Recorded()), View.STORES)
    assert labels(what.messages) == [("INSERT 1 … INSERT 2", 2), ("COMMIT", 1)]


# ---- bytes ---------------------------------------------------------------------------------------


def test_bytes_that_name_a_span_are_its_own(trace: Trace) -> None:
    client, _ = trace.call("orders", "payments", "Authorise", 10, root(trace))
    one = passed("c1.1", "orders", "payments", 10.2, client)
    assert Links(trace.spans, [one]).exchanges_of(client) == (one,)
    assert owner_of(one, trace.spans) is client


def test_bytes_without_a_context_are_found_by_port_and_time(trace: Trace) -> None:
    parent = root(trace)
    insert, commit = (
        trace.sql("orders", 10, parent, "INSERT"),
        trace.sql("orders", 12, parent, "COMMIT"),
    )
    other = trace.sql("stock", 12, parent, "COMMIT", port=50_001)
    one = passed("c1.2", "orders", "postgresql", 12.2, place="postgresql", summary="COMMIT")
    links = Links(trace.spans, [one])
    assert links.exchanges_of(commit) == (one,)
    assert links.exchanges_of(insert) == links.exchanges_of(other) == ()
    assert owner_of(one, trace.spans) is commit


@pytest.mark.parametrize(
    ("span", "changed", "is_its"),
    [
        ("COMMIT", {}, True),
        # Before it, and after it.
        ("COMMIT", {"began_ns": START_NS + 9 * MS}, False),
        ("COMMIT", {"began_ns": START_NS + 12 * MS}, False),
        # Two services may have one port, each to another server.
        ("COMMIT", {"source": "stock"}, False),
        ("COMMIT", {"place": "mysql"}, False),
        ("COMMIT", {"summary": "ROLLBACK"}, False),
        ("COMMIT", {"summary": "SELECT 1"}, False),
        ("UPDATE orders.orders", {"summary": "BEGIN ISOLATION LEVEL READ COMMITTED"}, True),
        # A statement that is recorded says itself whose it is.
        ("UPDATE orders.orders", {"summary": "UPDATE orders.orders SET status = $1"}, False),
    ],
)
def test_bytes_without_a_context_have_to_say_what_their_span_says(
    trace: Trace, span: str, changed: dict[str, object], is_its: bool
) -> None:
    asked = trace.sql("orders", 10, root(trace), span)
    one = passed("c1.2", "orders", "postgresql", 10.2, place="postgresql", summary="COMMIT")
    one = one._replace(**changed)  # type: ignore[arg-type]
    assert owner_of(one, trace.spans) is (asked if is_its else None)
    assert Links(trace.spans, [one]).exchanges_of(asked) == ((one,) if is_its else ())


@pytest.mark.parametrize(
    ("operation", "summary", "command", "is_its"),
    [
        ("HGET", "HGET", "HGET", True),
        ("HGET", "HGET", "HSET", False),
        ("HGET", "HGET", "CLIENT SETINFO", True),
        ("XGROUP CREATE", "XGROUP CREATE", "XGROUP CREATE", True),
        ("PIPELINE", "PIPELINE XADD EXPIRE", "EXPIRE", True),
        ("PIPELINE", "PIPELINE XADD EXPIRE", "EXEC", False),
        ("MULTI", "MULTI XADD EXPIRE", "EXEC", True),
        ("MULTI", "MULTI XADD EXPIRE", "GET", False),
    ],
)
def test_a_command_of_redis_belongs_to_the_span_that_is_called_so(
    trace: Trace, operation: str, summary: str, command: str, is_its: bool
) -> None:
    span = trace.add(
        "delivery",
        operation,
        Kind.CLIENT,
        10,
        parent=root(trace),
        db__system__name="redis",
        db__query__summary=summary,
        network__local__port=50_000,
    )
    one = passed("c1.2", "delivery", "redis", 10.2, place="redis", name=command)
    assert owner_of(one, trace.spans) is (span if is_its else None)


def test_bytes_that_two_spans_could_have_belong_to_none(trace: Trace) -> None:
    parent = root(trace)
    for _ in range(2):
        trace.sql("orders", 10, parent, "COMMIT")
    one = passed("c1.2", "orders", "postgresql", 10.2, place="postgresql", summary="COMMIT")
    assert owner_of(one, trace.spans) is None


def test_a_reply_belongs_to_the_program_outside_that_received_it(trace: Trace) -> None:
    parent = root(trace)
    sent, got = trace.message("orders", "cli", "reply", 10, parent)
    down = passed("c2.1", "client", "rabbitmq", 11, sent, place="amqp", is_up=False)
    assert Links(trace.spans, [down]).exchanges_of(got) == (down,)
    assert owner_of(down, trace.spans) is got


def test_a_delivery_belongs_to_the_consumer_and_its_publication_to_the_sender(trace: Trace) -> None:
    sent, got = trace.message("orders", "stock", "ReserveStock", 10, root(trace))
    up = passed("c1.1", "orders", "rabbitmq", 10.2, sent, place="amqp", name="Basic.Publish")
    down = passed(
        "c2.1", "stock", "rabbitmq", 11, sent, place="amqp", name="Basic.Deliver", is_up=False
    )
    links = Links(trace.spans, [up, down])
    assert links.exchanges_of(sent) == (up,)
    assert links.exchanges_of(got) == (down,)
    assert owner_of(up, trace.spans) is sent
    assert owner_of(down, trace.spans) is got


def test_a_batch_belongs_to_each_of_its_senders(trace: Trace) -> None:
    parent = root(trace)
    first, _ = trace.message("orders", "analytics", "OrderPlaced", 10, parent)
    second, _ = trace.message("orders", "analytics", "OrderPaid", 11, parent)
    one = passed("c1.1", "orders", "kafka", 12, place="kafka", name="Produce v7")
    one = one._replace(contexts=frozenset({first.span_id, second.span_id}))
    links = Links(trace.spans, [one])
    assert links.exchanges_of(first) == links.exchanges_of(second) == (one,)


def test_a_call_of_nobody_known_has_bytes_only_where_one_exchange_fits(trace: Trace) -> None:
    span = root(trace, took_ms=10)
    one = passed("c1.1", "client", "shop", -1, name="POST /api/v1/orders")
    one = one._replace(ended_ns=START_NS + 12 * MS)
    assert Links(trace.spans, [one]).exchanges_of(span) == (one,)
    assert Links(trace.spans, [one, one._replace(id="c2.1")]).exchanges_of(span) == ()
    assert Links(trace.spans, [one._replace(name="GET /x")]).exchanges_of(span) == ()


@pytest.mark.parametrize(
    ("recorded", "missing"),
    [
        (Recorded(is_on=False), Missing.TAP_OFF),
        (Recorded(kept_from_ns=START_NS + MS), Missing.LET_GO),
        (Recorded(), Missing.NOT_SEEN),
    ],
)
def test_an_arrow_without_bytes_is_drawn_and_says_why(
    trace: Trace, recorded: Recorded, missing: Missing
) -> None:
    root(trace)
    (call, _) = story_of(trace.spans, recorded).messages
    assert (call.exchanges, call.missing) == ((), missing)


def test_a_call_through_the_gateway_goes_through_its_lifeline(trace: Trace) -> None:
    span = replace_parent(root(trace, 10), "00000000000000ff")
    outer = passed("c1.1", "client", "nginx", -2)._replace(contexts=frozenset({"00000000000000ff"}))
    inner = outer._replace(id="c2.1", source="nginx", target="shop")
    story = story_of([span], Recorded([outer, inner]))
    assert [(one.source, one.target, one.exchanges) for one in story.messages] == [
        ("client", "nginx", ("c1.1",)),
        ("nginx", "orders", ("c2.1",)),
        ("orders", "nginx", ("c2.1",)),
        ("nginx", "client", ("c1.1",)),
    ]
    assert [one.of for one in story.messages] == [0, 0, 2, 1]


def replace_parent(span: Span, parent_id: str) -> Span:
    span.parent_id = parent_id
    return span


@pytest.mark.parametrize(
    ("changed", "took_ms", "is_waiting", "is_lost"),
    [
        ({"answers": 0}, None, True, False),
        ({"answers": 1}, None, False, False),
        # The connection has ended: nobody will answer, though the caller has not noticed yet.
        ({"answers": 0, "is_cut": True}, None, False, True),
        ({"answers": 0}, 4, False, False),
    ],
)
def test_a_call_that_is_not_answered_waits_or_is_lost(
    trace: Trace, changed: dict[str, object], took_ms: float | None, is_waiting: bool, is_lost: bool
) -> None:
    parent = root(trace)
    client = trace.add("orders", "Authorise", Kind.CLIENT, 10, took_ms, parent, rpc__system="soap")
    one = passed("c1.1", "orders", "payments", 10.2, client)._replace(**changed)  # type: ignore[arg-type]
    story = story_of(trace.spans, Recorded([one]))
    call = next(one for one in story.messages if one.source == "orders")
    assert (call.is_waiting, call.is_lost) == (is_waiting, is_lost)
    assert story.has_error is is_lost


def test_what_the_gateway_answers_for_somebody_silent_is_lost_behind_it(trace: Trace) -> None:
    client = trace.add(
        "client", "GET", Kind.CLIENT, 0, 10, error="504", http__response__status_code=504
    )
    outer = passed("c1.1", "client", "nginx", 1, client)
    inner = passed("c2.1", "nginx", "shop", 2, client, answers=0)
    story = story_of(trace.spans, Recorded([outer, inner]))
    assert [(one.source, one.target, one.is_lost) for one in story.messages] == [
        ("client", "nginx", False),
        ("nginx", "?", True),
        ("nginx", "client", False),
    ]
    assert story.has_error


def test_a_stream_tells_how_much_has_passed_both_ways(trace: Trace) -> None:
    client = trace.add("orders", "Watch", Kind.CLIENT, 0, None, rpc__system="grpc")
    one = passed("c1.1", "orders", "delivery", 1, client, streams=True, sent=1, came=7)
    (stream,) = story_of(trace.spans, Recorded([one])).messages
    assert (stream.kind, stream.sent, stream.came) == (MessageKind.STREAM, 1, 7)
    unary = one._replace(streams=False, sent=0, came=0)
    (call,) = story_of(trace.spans, Recorded([unary])).messages
    assert call.kind is MessageKind.CALL


def test_a_message_can_be_found_by_its_span(trace: Trace) -> None:
    client, server = trace.call("orders", "payments", "Authorise", 10, root(trace))
    story = story_of(trace.spans, Recorded())
    assert server is not None
    for span in (client, server):
        found = story.message_of(span.span_id)
        assert found is not None
        assert found == replace(found, label="Authorise", kind=MessageKind.CALL)
    assert story.message_of("0" * 16) is None
