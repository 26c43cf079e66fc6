"""What does not agree, as a table: every kind of finding, and nothing where nothing is wrong."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from stend.kit.money import Money
from stend.shop.orders.domain import OrderStatus
from stend.shop.orders.reconciliation.balances import (
    Account,
    Quantity,
    compare_books,
    compare_quantities,
    compare_statement,
)
from stend.shop.orders.reconciliation.comparing import compare, compare_points
from stend.shop.orders.reconciliation.sides import (
    DeliverySide,
    DeliveryState,
    Finding,
    FindingKind,
    Horizon,
    OrderSide,
    PaymentSide,
    PaymentState,
    PointsSide,
    ReservationSide,
    ReservationState,
    Sides,
)
from stend.shop.orders.saga import Saga, Step

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
EARLIER = NOW - timedelta(minutes=1)
ID = "ord_01ARZ3NDEKTSV4RRFFQ69G5FAV"
TOTAL = Money(23970)
GOODS = {"MILK-001": 2, "BRD-001": 1}
SAGA = Saga(ID, Step.DONE, 0, EARLIER, EARLIER)
DELIVERED = OrderSide(ID, "cus_1", OrderStatus.DELIVERED, EARLIER, TOTAL, GOODS, SAGA)
CANCELLED = replace(DELIVERED, status=OrderStatus.CANCELLED)
FAILED = replace(DELIVERED, status=OrderStatus.FAILED)
HANDED_OVER = replace(CANCELLED, saga=replace(SAGA, handed_over=True))


def paid(state: str, amount: Money = TOTAL, refunded: int = 0) -> PaymentSide:
    return PaymentSide(ID, PaymentState(state), amount, Money(refunded))


def kept(state: str, **goods: int) -> ReservationSide:
    return ReservationSide(ID, ReservationState(state), goods or GOODS)


def brought(state: str) -> DeliverySide:
    return DeliverySide(ID, DeliveryState(state))


def as_it_should_be(order: OrderSide | None) -> DeliverySide | None:
    if order is None or order.status is not OrderStatus.DELIVERED:
        return brought("picked_up") if order and order.saga.handed_over else None
    return brought("delivered")


def compared(
    order: OrderSide | None, payment: PaymentSide | None, goods: ReservationSide | None
) -> tuple[Finding, ...]:
    """Of an order whose delivery is as it should be."""
    return compare(Sides(ID, order, payment, goods, as_it_should_be(order)), Horizon(NOW))


def kinds(
    order: OrderSide | None, payment: PaymentSide | None, goods: ReservationSide | None
) -> list[str]:
    return [finding.kind.value for finding in compared(order, payment, goods)]


CAPTURED, COMMITTED = paid("captured"), kept("committed")
VOIDED, RELEASED = paid("voided"), kept("released")


def delivery_kinds(
    order: OrderSide | None, delivery: DeliverySide | None, forgotten_until: datetime | None = None
) -> list[str]:
    """Of an order whose money and goods are as they should be."""
    if order is None:
        sides = Sides(ID, delivery=delivery)
    elif order.status is OrderStatus.DELIVERED:
        sides = Sides(ID, order, CAPTURED, COMMITTED, delivery)
    else:
        goods = COMMITTED if order.saga.handed_over else RELEASED
        sides = Sides(ID, order, VOIDED, goods, delivery)
    findings = compare(sides, Horizon(NOW, forgotten_until))
    return [finding.kind.value for finding in findings if not finding.is_known_loss]


@pytest.mark.parametrize(
    ("order", "payment", "goods"),
    [
        (DELIVERED, CAPTURED, COMMITTED),
        # Placed, and cancelled before anybody was asked.
        (CANCELLED, None, None),
        (CANCELLED, VOIDED, RELEASED),
        (CANCELLED, paid("refunded", refunded=23970), RELEASED),
        # What was voided before it was authorised.
        (CANCELLED, paid("voided", Money(0)), RELEASED),
        (FAILED, paid("declined"), RELEASED),
        # Money and goods that never moved harm nobody.
        (None, paid("declined"), RELEASED),
        (None, paid("refunded", refunded=23970), None),
    ],
)
def test_what_agrees_is_no_finding(
    order: OrderSide | None, payment: PaymentSide | None, goods: ReservationSide | None
) -> None:
    assert kinds(order, payment, goods) == []


@pytest.mark.parametrize(
    ("order", "payment", "goods", "found"),
    [
        (DELIVERED, None, COMMITTED, "payment-missing"),
        (DELIVERED, paid("authorised"), COMMITTED, "payment-not-captured"),
        (DELIVERED, paid("declined"), COMMITTED, "payment-not-captured"),
        (DELIVERED, VOIDED, COMMITTED, "payment-not-captured"),
        (DELIVERED, paid("captured", Money(1)), COMMITTED, "payment-amount-differs"),
        (DELIVERED, paid("captured", refunded=100), COMMITTED, "payment-amount-differs"),
        (DELIVERED, paid("refunded", refunded=23970), COMMITTED, "payment-amount-differs"),
        (DELIVERED, CAPTURED, None, "reservation-missing"),
        (DELIVERED, CAPTURED, kept("reserved"), "goods-not-committed"),
        (DELIVERED, CAPTURED, RELEASED, "goods-not-committed"),
        (DELIVERED, CAPTURED, kept("committed", MILK=1), "goods-differ"),
        (CANCELLED, paid("authorised"), RELEASED, "hold-left-over"),
        (CANCELLED, CAPTURED, RELEASED, "payment-not-returned"),
        (FAILED, paid("refunded", refunded=100), RELEASED, "payment-not-returned"),
        (FAILED, VOIDED, kept("reserved"), "goods-not-released"),
        (FAILED, VOIDED, COMMITTED, "goods-not-returned"),
        (HANDED_OVER, VOIDED, COMMITTED, "goods-written-off"),
        (HANDED_OVER, VOIDED, RELEASED, "goods-not-committed"),
        (HANDED_OVER, VOIDED, None, "reservation-missing"),
        (None, paid("authorised"), None, "payment-without-order"),
        (None, CAPTURED, None, "payment-without-order"),
        (None, None, kept("reserved"), "reservation-without-order"),
        (None, None, COMMITTED, "reservation-without-order"),
    ],
)
def test_what_differs_is_found_under_its_kind(
    order: OrderSide | None,
    payment: PaymentSide | None,
    goods: ReservationSide | None,
    found: str,
) -> None:
    assert kinds(order, payment, goods) == [found]


def test_a_finding_tells_both_amounts() -> None:
    assert compared(DELIVERED, paid("captured", Money(1)), COMMITTED) == (
        Finding(
            FindingKind.PAYMENT_AMOUNT_DIFFERS,
            ID,
            "captured",
            "captured",
            amount=TOTAL,
            actual_amount=Money(1),
        ),
    )


def test_a_known_loss_is_no_problem() -> None:
    (finding,) = compared(HANDED_OVER, VOIDED, COMMITTED)
    assert finding.is_known_loss
    assert finding.amount == TOTAL


@pytest.mark.parametrize(
    ("order", "delivery", "found"),
    [
        (DELIVERED, brought("delivered"), []),
        (DELIVERED, None, ["delivery-missing"]),
        (DELIVERED, brought("assigned"), ["delivery-not-completed"]),
        (DELIVERED, brought("picked_up"), ["delivery-not-completed"]),
        (DELIVERED, brought("cancelled"), ["delivery-not-completed"]),
        # Nobody was assigned yet when it ended.
        (CANCELLED, None, []),
        (CANCELLED, brought("cancelled"), []),
        (FAILED, brought("cancelled"), []),
        (CANCELLED, brought("assigned"), ["delivery-not-cancelled"]),
        (CANCELLED, brought("picked_up"), ["delivery-not-cancelled"]),
        (FAILED, brought("delivered"), ["delivery-not-cancelled"]),
        (HANDED_OVER, brought("picked_up"), []),
        # The courier did not turn round.
        (HANDED_OVER, brought("delivered"), []),
        (HANDED_OVER, brought("assigned"), ["delivery-never-picked-up"]),
        (HANDED_OVER, brought("cancelled"), ["delivery-never-picked-up"]),
        (HANDED_OVER, None, ["delivery-missing"]),
        (None, brought("assigned"), ["delivery-without-order"]),
        (None, brought("picked_up"), ["delivery-without-order"]),
        (None, brought("delivered"), ["delivery-without-order"]),
        # A cancellation that came before any assignment moved nobody.
        (None, brought("cancelled"), []),
    ],
)
def test_deliveries(
    order: OrderSide | None, delivery: DeliverySide | None, found: list[str]
) -> None:
    assert delivery_kinds(order, delivery) == found


@pytest.mark.parametrize("order", [DELIVERED, HANDED_OVER])
def test_a_delivery_that_may_be_forgotten_is_not_missed(order: OrderSide) -> None:
    placed_at = NOW - timedelta(hours=1)
    old = replace(order, placed_at=placed_at)
    assert delivery_kinds(old, None, forgotten_until=placed_at) == []
    # Of an order that was placed after the newest end that is forgotten, clocks considered.
    assert delivery_kinds(old, None, placed_at - timedelta(minutes=2)) == ["delivery-missing"]
    # What is there can be compared, however old it is.
    assert delivery_kinds(old, brought("assigned"), NOW) != []


@pytest.mark.parametrize("step", [step for step in Step if step is not Step.DONE])
def test_an_order_on_its_way_is_never_an_alarm(step: Step) -> None:
    running = replace(DELIVERED, saga=replace(SAGA, step=step))
    assert kinds(running, None, kept("reserved")) == []


def test_an_order_that_ended_after_the_run_began_is_on_its_way() -> None:
    late = replace(DELIVERED, saga=replace(SAGA, step_since=NOW + timedelta(microseconds=1)))
    assert kinds(late, None, None) == []


def test_a_step_that_nobody_may_refuse_and_that_never_ends_is_found() -> None:
    stuck = Saga(ID, Step.VOID_PAYMENT, 10, EARLIER, NOW - timedelta(minutes=6))
    order = replace(CANCELLED, saga=stuck)
    assert kinds(order, paid("authorised"), None) == ["saga-stuck"]
    assert kinds(replace(order, saga=replace(stuck, attempts=9)), None, None) == []
    forward = replace(stuck, step=Step.AWAIT_DELIVERY)
    assert kinds(replace(order, saga=forward), None, None) == []


@pytest.mark.parametrize(
    ("order", "points", "found"),
    [
        (DELIVERED, PointsSide(accrued=True, points=2), []),
        # Less than a hundred roubles bring no point, and the ledger says so.
        (DELIVERED, PointsSide(accrued=True, points=0), []),
        (DELIVERED, PointsSide(accrued=False, points=0), ["points-missing"]),
        (DELIVERED, PointsSide(accrued=True, points=-2), ["points-missing"]),
        (CANCELLED, PointsSide(accrued=False, points=0), []),
        (CANCELLED, PointsSide(accrued=True, points=0), []),
        (CANCELLED, PointsSide(accrued=True, points=2), ["points-not-reversed"]),
    ],
)
def test_points(order: OrderSide, points: PointsSide, found: list[str]) -> None:
    assert [finding.kind.value for finding in compare_points(order, points)] == found


# ---- accounts and products ---------------------------------------------------------------------


def test_accounts_that_sum_to_nothing_balance() -> None:
    cards, holds = Account("cards", Money(-300)), Account("holds", Money(300))
    assert compare_books([cards, holds]) == ()
    (finding,) = compare_books([cards, Account("holds", Money(301))])
    assert (finding.kind, finding.actual) == (FindingKind.BOOKS_OUT_OF_BALANCE, "1")


def test_an_account_that_moved_meanwhile_is_compared_with_nothing() -> None:
    before, after = [Account("holds", Money(300))], [Account("holds", Money(200))]
    assert compare_statement(before, after, {"holds": Money(1)}) == ()
    (finding,) = compare_statement(before, before, {"holds": Money(1)})
    assert (finding.subject, finding.amount, finding.actual_amount) == (
        "holds",
        Money(1),
        Money(300),
    )


def test_a_product_that_moved_meanwhile_is_compared_with_nothing() -> None:
    before = [Quantity("MILK-001", 10, 2), Quantity("BRD-001", 5, 1)]
    after = [Quantity("MILK-001", 9, 3), Quantity("BRD-001", 5, 1)]
    assert compare_quantities(before, after, {"BRD-001": 1}) == ()
    (finding,) = compare_quantities(before, after, {})
    assert (finding.subject, finding.expected, finding.actual) == ("BRD-001", "0", "1")
