"""What comes before what, in a trace that a test writes by hand."""

from typing import Any

from stend.course.traces import Arrow, ArrowKind, Trace, TraceSpan

_MS = 1_000_000


def _span(
    name: str, parent: str | None, kind: str, at: int, until: int, **attributes: Any
) -> TraceSpan:
    service = "stock" if name.startswith("stock") else "orders"
    return TraceSpan(name, parent, service, name, kind, at * _MS, until * _MS, "ok", attributes, ())


def _arrow(
    number: int, kind: ArrowKind, source: str, target: str, at: int, span: str, of: int | None
) -> Arrow:
    return Arrow(number, kind, source, target, span, None, at, at + 1, of, (span,))


_SPANS = (
    _span("root", None, "server", 0, 100),
    _span("read", "root", "client", 1, 5),
    _span("write", "root", "client", 6, 9),
    _span("to kafka", "root", "producer", 10, 11),
    _span("to rabbit", "root", "producer", 12, 13),
    _span("reserve", "root", "internal", 20, 40, **{"saga.step": "reserve"}),
    _span("ask stock", "reserve", "producer", 21, 22),
    _span("stock takes", "ask stock", "consumer", 23, 30),
    _span("stock answers", "stock takes", "producer", 29, 30),
    _span("heard", "stock answers", "consumer", 31, 32),
    _span("told", "reserve", "producer", 33, 34),
    _span("pay", "root", "internal", 50, 60, **{"saga.step": "pay"}),
    _span("ask bank", "pay", "client", 51, 59),
)
_CALL, _RETURN, _MESSAGE = ArrowKind.CALL, ArrowKind.RETURN, ArrowKind.MESSAGE
_ARROWS = (
    _arrow(1, _CALL, "client", "orders", 0, "root", None),
    _arrow(2, _CALL, "orders", "postgresql", 1, "read", None),
    _arrow(3, _RETURN, "postgresql", "orders", 5, "read", 2),
    _arrow(4, _CALL, "orders", "postgresql", 6, "write", None),
    _arrow(5, _RETURN, "postgresql", "orders", 9, "write", 4),
    _arrow(6, _MESSAGE, "orders", "kafka", 10, "to kafka", None),
    _arrow(7, _MESSAGE, "orders", "rabbitmq", 12, "to rabbit", None),
    _arrow(8, _MESSAGE, "orders", "rabbitmq", 21, "ask stock", None),
    _arrow(9, _MESSAGE, "rabbitmq", "stock", 23, "stock takes", None),
    _arrow(10, _MESSAGE, "stock", "rabbitmq", 29, "stock answers", None),
    _arrow(11, _MESSAGE, "rabbitmq", "orders", 31, "heard", None),
    _arrow(12, _MESSAGE, "orders", "rabbitmq", 33, "told", None),
    _arrow(13, _CALL, "orders", "payments", 51, "ask bank", None),
    _arrow(14, _RETURN, "payments", "orders", 59, "ask bank", 13),
    _arrow(15, _RETURN, "orders", "client", 100, "root", 1),
)
_TRACE = Trace("t", "root", (), False, False, 100.0, _SPANS, _ARROWS)


def _before(number: int) -> list[int]:
    wanted = _ARROWS[number - 1]
    return [one.number for one in _ARROWS if _TRACE.happens_before(one, wanted)]


def test_a_call_comes_before_what_follows_its_answer() -> None:
    assert _before(4) == [1, 2, 3]


def test_messages_to_two_brokers_have_no_order() -> None:
    assert 6 not in _before(7)
    assert 7 not in _before(6)


def test_a_chain_of_messages() -> None:
    assert {8, 9, 10} <= set(_before(11))


def test_a_step_of_the_saga_waits_for_the_answer_to_the_one_before() -> None:
    before = _before(13)
    assert {8, 9, 10, 11} <= set(before)
    # Told in the same step to somebody whom the saga does not wait for.
    assert 12 not in before


def test_an_answer_waits_for_the_answers_that_its_server_has_waited_for() -> None:
    before = _before(15)
    assert {1, 2, 3, 4, 5, 13, 14} <= set(before)
    assert not {6, 7, 12} & set(before)


def test_nothing_comes_before_itself() -> None:
    assert not any(_TRACE.happens_before(one, one) for one in _ARROWS)


def test_who_says_what_to_whom() -> None:
    assert [one.number for one in _TRACE.between("orders", "rabbitmq")] == [7, 8, 12]
    answer = _TRACE.returned(_ARROWS[12])
    assert answer is not None
    assert answer.number == 14
    assert str(_ARROWS[7]) == "orders-)rabbitmq: ask stock"
    assert _TRACE.services == ("orders", "stock")
