"""Diagrams compared with recorded traces: what is the same, and every way to differ."""

import contextlib
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stend.course.diagrams.comparing import compare
from stend.course.diagrams.differences import Difference, DifferenceKind
from stend.course.diagrams.expectation import Expected, Hop, Rule, Tolerance, answer_to
from stend.course.diagrams.model import Arrow, DiagramError
from stend.course.diagrams.naming import Names, words_of
from stend.course.diagrams.observed import Observed, Trace, closed, observed, up_to
from stend.course.diagrams.reading import read_sequence
from stend.kit.languages import Text
from tests.course.recorded_traces import recorded

K = DifferenceKind
_PLACE = Hop("client", "orders", "PlaceOrder")
_NAMES = Names(
    {
        "client": ["Покупатель"],
        "orders": ["Заказы"],
        "stock": ["Склад"],
        "payments": ["Банк", "bank"],
        "loyalty": ["Баллы"],
        "delivery": ["Доставка"],
        "notifications": ["Уведомления"],
        "analytics": [],
        "rabbitmq": ["RabbitMQ"],
        "kafka": [],
        "postgresql": ["БД"],
    },
    {
        "PlaceOrder": ["POST /api/v1/orders", "POST /orders"],
        "ReserveStock": ["зарезервировать"],
        "loyalty.accrue": ["начислить баллы"],
    },
)
_EXPECTED = Expected(
    main=recorded("placed", Text(ru="заказ принят", en="the order is accepted")),
    names=_NAMES,
    alternatives=(recorded("declined", Text(ru="оплата отклонена", en="the payment is refused")),),
    tolerance=Tolerance(
        participants=frozenset({"analytics", "postgresql"}),
        operations=frozenset(
            {"OrderReserved", "PickingStarted", "OrderDispatched", "OrderDelivered"}
            | {"CommitStock", "CommitStockReply", "Capture", "Void"}
            | {"ReserveStockReply", "ReleaseStockReply"}
        ),
        through=frozenset({"rabbitmq", "kafka"}),
    ),
    rules=(
        Rule(
            before=answer_to(_PLACE),
            after=Hop("orders", "payments", "Authorise"),
            why=Text(ru="Покупатель не ждёт банка.", en="The customer does not wait for the bank."),
        ),
    ),
)
_RIGHT = """\
sequenceDiagram
    actor Покупатель
    participant o as Заказы
    participant s as Склад
    participant b as Bank
    participant Баллы
    participant Доставка
    participant Уведомления
    Покупатель->>o: POST /orders
    o-->>Покупатель: 201
    o-)Уведомления: OrderPlaced
    o-)s: Reserve stock
    s-->>o: reserved
    o->>b: Authorise
    alt accepted
        b-->>o: ok
        o-)Уведомления: OrderPaid
        o->>Баллы: начислить баллы
        Баллы-->>o: ok
        o->>Доставка: AssignCourier
    else refused
        b--xo: declined
        o-)s: ReleaseStock
        o-)Уведомления: OrderFailed
    end
"""


def _differences(text: str, expected: Expected = _EXPECTED) -> tuple[Difference, ...]:
    return compare(read_sequence(text), expected)


def test_a_right_diagram_differs_in_nothing() -> None:
    assert _differences(_RIGHT) == ()


@pytest.mark.parametrize(
    ("find", "replace"),
    [
        # Brokers may be drawn.
        ("o-)s: Reserve stock\n", "o-)RabbitMQ: ReserveStock\nRabbitMQ-)s: ReserveStock\n"),
        # Databases may be drawn, with whatever is said to them.
        ("o-->>Покупатель: 201\n", "o->>БД: INSERT\nБД-->>o: ok\no-->>Покупатель: 201\n"),
        # What nothing orders may stand in any order, and beside each other.
        (
            "    o-)Уведомления: OrderPlaced\n    o-)s: Reserve stock\n",
            "par x\no-)s: Reserve stock\nand y\no-)Уведомления: OrderPlaced\nend\n",
        ),
        (
            "o-)s: ReleaseStock\n        o-)Уведомления: OrderFailed",
            "o-)Уведомления: OrderFailed\n        o-)s: ReleaseStock",
        ),
        # What somebody does by himself, and replies, may be told or not.
        ("Баллы-->>o: ok\n", "o->>o: think\n"),
        ("    s-->>o: reserved\n", ""),
        ("s-->>o: reserved\n", "s-)o: ReserveStockReply\n"),
        # What may be left out may be drawn.
        ("o-)s: ReleaseStock\n", "o->>b: Void\n        o-)s: ReleaseStock\n"),
        ("o->>b: Authorise\n", "loop retry\no->>b: Authorise\nend\n"),
    ],
)
def test_what_is_as_right(find: str, replace: str) -> None:
    assert _RIGHT.count(find) == 1
    assert _differences(_RIGHT.replace(find, replace)) == ()


def test_the_refusal_may_be_a_break() -> None:
    text = _RIGHT.replace("    alt accepted\n        b-->>o: ok\n", "    break refused\n@    end\n")
    begin = text.index("    else refused\n")
    refused = text[begin:].removeprefix("    else refused\n").removesuffix("    end\n")
    assert _differences(text[:begin].replace("@", refused)) == ()


@pytest.mark.parametrize(
    ("find", "replace", "kind", "told"),
    [
        ("    o-)Уведомления: OrderPlaced\n", "", K.MISSING_HOP, "notifications: OrderPlaced"),
        ("o->>b: Authorise", "b->>o: Authorise", K.WRONG_DIRECTION, "from orders to payments"),
        ("o->>b: Authorise", "o-)b: Authorise", K.SYNC_DRAWN_ASYNC, "waits for the answer"),
        ("o-)s: Reserve stock", "o->>s: Reserve stock", K.ASYNC_DRAWN_SYNC, "it is a message"),
        (
            "o-)s: Reserve stock",
            "o-)RabbitMQ: x\no->>RabbitMQ: ReserveStock\nRabbitMQ-)s: ReserveStock",
            K.ASYNC_DRAWN_SYNC,
            "it is a message",
        ),
        (
            "participant Баллы\n",
            "participant Баллы\nparticipant CRM\n",
            K.INVENTED_PARTICIPANT,
            "CRM",
        ),
        ("participant Баллы\n", "participant loyalty\n", K.INVENTED_PARTICIPANT, "the same"),
        (
            "o->>Доставка: AssignCourier",
            "o->>b: AssignCourier",
            K.INVENTED_HOP,
            "orders to delivery",
        ),
        ("o->>Доставка: AssignCourier", "o->>Доставка: Fly", K.INVENTED_HOP, "no message"),
        ("b-->>o: ok\n", "b-->>o: ok\nБаллы-->>o: ok\n", K.INVENTED_HOP, "answers nobody"),
        (
            "o->>b: Authorise\n",
            "o->>b: Authorise\no->>b: Authorise\n",
            K.INVENTED_HOP,
            "more often",
        ),
        (
            "    o-)s: Reserve stock\n    s-->>o: reserved\n    o->>b: Authorise\n",
            "    o->>b: Authorise\n    o-)s: Reserve stock\n    s-->>o: reserved\n",
            K.WRONG_ORDER,
            "stands before",
        ),
        (
            _RIGHT[_RIGHT.index("        o->>Баллы") : _RIGHT.index("    else")],
            "par\no->>Баллы: начислить баллы\nand\no->>Доставка: AssignCourier\nend\n",
            K.WRONG_ORDER,
            "beside",
        ),
        (
            "    o->>b: Authorise\n",
            "    o->>b: Authorise\n    o-)s: ReleaseStock\n",
            K.UNCONDITIONAL,
            "the payment is refused",
        ),
        (
            "    end\n",
            "        o->>Доставка: AssignCourier\n    end\n",
            K.UNCONDITIONAL,
            "the order is accepted",
        ),
        (
            "    end\n",
            "    else nothing on stock\n        o-)Уведомления: OrderFailed\n    end\n",
            K.INVENTED_ALTERNATIVE,
            "nothing on stock",
        ),
    ],
)
def test_every_way_to_differ_is_named(find: str, replace: str, kind: K, told: str) -> None:
    assert find in _RIGHT
    found = _differences(_RIGHT.replace(find, replace, 1))
    assert kind in {one.kind for one in found}
    (first, *_) = [one for one in found if one.kind is kind and told in one.text.en]
    assert first.text.ru


def test_a_missing_participant_is_told_once() -> None:
    text = "\n".join(line for line in _RIGHT.splitlines() if "Баллы" not in line)
    (only,) = _differences(text)
    assert only.kind is K.MISSING_PARTICIPANT
    assert "loyalty" in only.text.en


def test_a_missing_alternative_is_told_by_its_outcome() -> None:
    begin, end = _RIGHT.index("    alt accepted\n"), _RIGHT.index("    else refused\n")
    text = _RIGHT[:begin] + _RIGHT[begin:end].removeprefix("    alt accepted\n")
    (only,) = _differences(text)
    assert only.kind is K.MISSING_ALTERNATIVE
    assert "оплата отклонена" in only.text.ru


def test_what_an_alternative_lacks_is_told_with_its_outcome() -> None:
    (only,) = _differences(_RIGHT.replace("        o-)s: ReleaseStock\n", ""))
    assert (only.kind, only.outcome) == (K.MISSING_HOP, "the payment is refused")
    assert only.text.ru.startswith("Исход «оплата отклонена». Нет сообщения")


def test_an_answer_that_waits_for_too_much_breaks_a_rule() -> None:
    answer = "    o-->>Покупатель: 201\n"
    text = _RIGHT.replace(answer, "") + answer
    found = [one.text.en for one in _differences(text) if one.kind is K.WRONG_ORDER]
    assert found == ["The customer does not wait for the bank."]


def test_what_a_lost_arrow_is_like_is_not_judged() -> None:
    assert _differences(_RIGHT.replace("o-)s: ReleaseStock", "o-xs: ReleaseStock")) == ()


@pytest.mark.parametrize("view", ["services", "brokers"])
def test_the_trace_itself_is_no_difference(view: str) -> None:
    arrows = _EXPECTED.main.arrows
    through: frozenset[str] = frozenset() if view == "brokers" else frozenset({"kafka", "rabbitmq"})
    lines = [f"{one.source}{_SIGNS[one.arrow]}{one.target}: {one.label or 'ok'}" for one in arrows]
    expected = Expected(_EXPECTED.main, _NAMES, tolerance=Tolerance(through=through))
    assert _differences("sequenceDiagram\n" + "\n".join(lines), expected) == ()


_SIGNS = {Arrow.SYNC: "->>", Arrow.ASYNC: "-)", Arrow.REPLY: "-->>", None: "->>"}


@pytest.mark.parametrize(
    ("label", "operation"),
    [
        ("ReserveStock", "ReserveStock"),
        ("1. reserve stock (sku, n)", "ReserveStock"),
        ("reserve-stock reply", "ReserveStockReply"),
        ("RESERVE_STOCK", "ReserveStock"),
        ("preserve stock", None),
        ("stock reserve", None),
        ("Снять резерв", "ReleaseStock"),
        ("снять резёрв", "ReleaseStock"),
        ("", None),
    ],
)
def test_a_label_names_an_operation(label: str, operation: str | None) -> None:
    operations: dict[str, Sequence[str]] = {
        "ReserveStock": [],
        "ReserveStockReply": [],
        "ReleaseStock": ["снять резерв"],
    }
    assert Names({}, operations).operation(label) == operation


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("orders", "orders"),
        ("Orders Service", "orders"),
        ("сервис Заказы", "orders"),
        ("OrdersService", "orders"),
        ("orders DB", None),
        ("order", None),
    ],
)
def test_a_name_is_that_of_a_participant(name: str, known: str | None) -> None:
    assert _NAMES.participant(name) == known


def test_words_are_those_of_any_spelling() -> None:
    assert words_of("HTTPServer/v2 принять_Заказ") == (
        "http",
        "server",
        "v",
        "2",
        "принять",
        "заказ",
    )


class _Recorded:
    """As the stand's traces are: here arrow 1 comes before 2, and 2 before 3."""

    class Arrow:
        def __init__(self, number: int, kind: str, target: str) -> None:
            self.number = number
            self.kind = kind
            self.source, self.target, self.label = "a", target, "x"
            self.protocol, self.of, self.error = None, None, None

    def __init__(self) -> None:
        self.arrows = (
            self.Arrow(1, "call", "b"),
            self.Arrow(2, "message", "b"),
            self.Arrow(3, "stream", "b"),
            self.Arrow(4, "call", "db"),
        )

    def happens_before(self, first: "_Recorded.Arrow", second: "_Recorded.Arrow") -> bool:
        return second.number - first.number == 1


def test_a_trace_of_the_stand_becomes_arrows() -> None:
    trace = observed(Text(ru="т", en="t"), _Recorded(), {"a", "b"})
    assert [(one.number, one.arrow, one.after) for one in trace.arrows] == [
        (1, Arrow.SYNC, frozenset()),
        (2, Arrow.ASYNC, frozenset({1})),
        (3, None, frozenset({2})),
    ]
    assert closed(trace.arrows)[3] == {1, 2}


def test_what_was_tried_again_is_ordered_by_the_try_that_counts() -> None:
    lost = next(one for one in _EXPECTED.main.arrows if one.label == "loyalty.accrue")
    # Of a first try nobody has heard: nothing comes after it by cause.
    first = replace(lost, number=-1)
    arrows = (first, *_EXPECTED.main.arrows)
    expected = replace(_EXPECTED, main=replace(_EXPECTED.main, arrows=arrows))
    assert _differences(_RIGHT, expected) == ()
    begin, end = _RIGHT.index("        o->>Баллы"), _RIGHT.index("    else")
    par = "par\no->>Баллы: начислить баллы\nand\no->>Доставка: AssignCourier\nend\n"
    found = _differences(_RIGHT[:begin] + par + _RIGHT[end:], expected)
    assert [one.kind for one in found] == [K.WRONG_ORDER]


def test_what_may_be_repeated_may_be_drawn_again() -> None:
    text = _RIGHT.replace("o->>b: Authorise\n", "o->>b: Authorise\n    o->>b: Authorise\n")
    again = replace(_EXPECTED.tolerance, repeated=frozenset({"Authorise"}))
    assert _differences(text, replace(_EXPECTED, tolerance=again)) == ()


def test_a_trace_may_be_cut_by_cause() -> None:
    cut = up_to(_EXPECTED.main, lambda one: one.target == "loyalty")
    told = {one.label for one in cut.arrows}
    assert {"loyalty.accrue", "OrderPaid", "OrderReserved"} <= told
    assert not told & {"AssignCourier", "PickingStarted", "Capture"}
    assert up_to(cut, lambda one: one.target == "nobody") == cut


def test_what_may_be_left_out_may_be_drawn_before_it_is_seen() -> None:
    cut = up_to(_EXPECTED.main, lambda one: one.target == "delivery")
    expected = replace(_EXPECTED, main=cut)
    drawn = (
        "o->>Доставка: AssignCourier\n        o-)Уведомления: PickingStarted\n"
        "        o->>b: Capture\n        b-->>o: 200\n"
    )
    text = _RIGHT.replace("o->>Доставка: AssignCourier\n", drawn)
    assert _differences(text, expected) == ()


@given(st.lists(st.sampled_from(_RIGHT.splitlines()[1:]), max_size=30))
def test_whatever_is_drawn_is_compared_or_refused(lines: list[str]) -> None:
    with contextlib.suppress(DiagramError):
        for one in _differences("\n".join(["sequenceDiagram", *lines])):
            assert one.text.ru
            assert one.text.en


def test_what_came_before_may_be_told_in_a_circle() -> None:
    arrows = [
        Observed(1, "a", "b", "x", Arrow.SYNC, after=frozenset({2, 9})),
        Observed(2, "a", "b", "y", Arrow.SYNC, after=frozenset({1})),
    ]
    assert closed(arrows) == {1: {1, 2}, 2: {1, 2}}
    assert Trace(Text(ru="", en=""), tuple(arrows)).arrows
