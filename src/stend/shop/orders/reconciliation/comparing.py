"""One order: what does not agree between the services. Pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from stend.shop.orders.domain import OrderStatus
from stend.shop.orders.reconciliation.sides import (
    ABSENT,
    Finding,
    FindingKind,
    OrderSide,
    PaymentSide,
    PaymentState,
    PointsSide,
    ReservationSide,
    ReservationState,
    Triple,
)
from stend.shop.orders.saga import COMPENSATIONS, SETTLEMENT, Step

# A step that nobody may refuse and that was tried so long and so often needs a person.
STUCK_AFTER = timedelta(minutes=5)
STUCK_ATTEMPTS = 10
_ENDLESS = COMPENSATIONS | frozenset(SETTLEMENT)


def compare(triple: Triple, began_at: datetime) -> tuple[Finding, ...]:
    """What does not agree under one id; nothing of an order that is still on its way."""
    order = triple.order
    if order is None:
        return _without_order(triple)
    if not order.had_ended(began_at):
        return _stuck(order, began_at)
    if order.status is OrderStatus.DELIVERED:
        return (*_paid(order, triple.payment), *_gone(order, triple.reservation))
    return (*_given_back(order, triple.payment), *_put_back(order, triple.reservation))


def compare_points(order: OrderSide, points: PointsSide) -> tuple[Finding, ...]:
    """The same for the points of an order whose saga has ended."""
    if order.status is OrderStatus.DELIVERED:
        if points.accrued and points.points >= 0:
            return ()
        actual = str(points.points) if points.accrued else ABSENT
        return (Finding(FindingKind.POINTS_MISSING, order.order_id, "accrued", actual),)
    if points.points == 0:
        return ()
    return (Finding(FindingKind.POINTS_NOT_REVERSED, order.order_id, "0", str(points.points)),)


def _without_order(triple: Triple) -> tuple[Finding, ...]:
    """Money and goods that nobody ordered; a payment that moved nothing harms nobody."""
    found = []
    payment, reservation = triple.payment, triple.reservation
    if payment and (payment.held.amount_minor or payment.kept.amount_minor):
        kind = FindingKind.PAYMENT_WITHOUT_ORDER
        found.append(
            Finding(kind, triple.order_id, ABSENT, payment.state.value, amount=payment.amount)
        )
    if reservation and reservation.state is not ReservationState.RELEASED:
        kind = FindingKind.RESERVATION_WITHOUT_ORDER
        found.append(Finding(kind, triple.order_id, ABSENT, reservation.state.value))
    return tuple(found)


def _stuck(order: OrderSide, now: datetime) -> tuple[Finding, ...]:
    saga = order.saga
    waits = now - saga.step_since > STUCK_AFTER and saga.attempts >= STUCK_ATTEMPTS
    if saga.step not in _ENDLESS or not waits:
        return ()
    return (
        Finding(
            FindingKind.SAGA_STUCK,
            order.order_id,
            Step.DONE.value,
            saga.step.value,
            amount=order.total,
        ),
    )


def _paid(order: OrderSide, payment: PaymentSide | None) -> tuple[Finding, ...]:
    captured = PaymentState.CAPTURED.value
    if payment is None:
        kind = FindingKind.PAYMENT_MISSING
        return (Finding(kind, order.order_id, captured, ABSENT, amount=order.total),)
    if payment.state in {PaymentState.CAPTURED, PaymentState.REFUNDED}:
        if payment.kept == order.total:
            return ()
        return (
            Finding(
                FindingKind.PAYMENT_AMOUNT_DIFFERS,
                order.order_id,
                captured,
                payment.state.value,
                amount=order.total,
                actual_amount=payment.kept,
            ),
        )
    kind = FindingKind.PAYMENT_NOT_CAPTURED
    return (Finding(kind, order.order_id, captured, payment.state.value, amount=order.total),)


def _given_back(order: OrderSide, payment: PaymentSide | None) -> tuple[Finding, ...]:
    if payment is None:
        return ()
    voided, state = PaymentState.VOIDED.value, payment.state.value
    if payment.held.amount_minor:
        kind = FindingKind.HOLD_LEFT_OVER
        return (Finding(kind, order.order_id, voided, state, amount=payment.held),)
    if payment.kept.amount_minor:
        kind = FindingKind.PAYMENT_NOT_RETURNED
        return (Finding(kind, order.order_id, voided, state, amount=payment.kept),)
    return ()


def _gone(order: OrderSide, reservation: ReservationSide | None) -> tuple[Finding, ...]:
    committed = ReservationState.COMMITTED.value
    if reservation is None:
        kind = FindingKind.RESERVATION_MISSING
        return (Finding(kind, order.order_id, committed, ABSENT, amount=order.total),)
    if reservation.state is not ReservationState.COMMITTED:
        kind, state = FindingKind.GOODS_NOT_COMMITTED, reservation.state.value
        return (Finding(kind, order.order_id, committed, state, amount=order.total),)
    if reservation.goods == order.goods:
        return ()
    expected, actual = _words(order.goods), _words(reservation.goods)
    return (Finding(FindingKind.GOODS_DIFFER, order.order_id, expected, actual),)


def _put_back(order: OrderSide, reservation: ReservationSide | None) -> tuple[Finding, ...]:
    if order.saga.handed_over:
        return _written_off(order, reservation)
    if reservation is None or reservation.state is ReservationState.RELEASED:
        return ()
    is_reserved = reservation.state is ReservationState.RESERVED
    kind = FindingKind.GOODS_NOT_RELEASED if is_reserved else FindingKind.GOODS_NOT_RETURNED
    released, state = ReservationState.RELEASED.value, reservation.state.value
    return (Finding(kind, order.order_id, released, state, amount=order.total),)


def _written_off(order: OrderSide, reservation: ReservationSide | None) -> tuple[Finding, ...]:
    wrong = _gone(order, reservation)
    if wrong:
        return wrong
    released, committed = ReservationState.RELEASED.value, ReservationState.COMMITTED.value
    kind = FindingKind.GOODS_WRITTEN_OFF
    return (Finding(kind, order.order_id, released, committed, amount=order.total),)


def _words(goods: Mapping[str, int]) -> str:
    return ", ".join(f"{sku} x {pieces}" for sku, pieces in sorted(goods.items()))
