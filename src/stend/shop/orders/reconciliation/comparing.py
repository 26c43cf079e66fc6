"""One order: what does not agree between the services. Pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from stend.shop.orders.domain import OrderStatus
from stend.shop.orders.reconciliation.sides import (
    ABSENT,
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
from stend.shop.orders.saga import COMPENSATIONS, SETTLEMENT, Step

# A step that nobody may refuse and that was tried so long and so often needs a person.
STUCK_AFTER = timedelta(minutes=5)
STUCK_ATTEMPTS = 10
_ENDLESS = COMPENSATIONS | frozenset(SETTLEMENT)
# The clocks of two services may differ by as much.
CLOCKS_DIFFER = timedelta(minutes=1)


def compare(sides: Sides, horizon: Horizon) -> tuple[Finding, ...]:
    """What does not agree under one id; nothing of an order that is still on its way."""
    order = sides.order
    if order is None:
        return _without_order(sides)
    if not order.had_ended(horizon.began_at):
        return _stuck(order, horizon.began_at)
    if order.status is OrderStatus.DELIVERED:
        return (
            *_paid(order, sides.payment),
            *_gone(order, sides.reservation),
            *_brought(order, sides.delivery, horizon),
        )
    return (
        *_given_back(order, sides.payment),
        *_put_back(order, sides.reservation),
        *_called_off(order, sides.delivery, horizon),
    )


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


def _without_order(sides: Sides) -> tuple[Finding, ...]:
    """Money, goods and ways that nobody ordered; a payment that moved nothing harms nobody."""
    found = []
    payment, reservation, delivery = sides.payment, sides.reservation, sides.delivery
    if payment and (payment.held.amount_minor or payment.kept.amount_minor):
        kind = FindingKind.PAYMENT_WITHOUT_ORDER
        found.append(
            Finding(kind, sides.order_id, ABSENT, payment.state.value, amount=payment.amount)
        )
    if reservation and reservation.state is not ReservationState.RELEASED:
        kind = FindingKind.RESERVATION_WITHOUT_ORDER
        found.append(Finding(kind, sides.order_id, ABSENT, reservation.state.value))
    if delivery and delivery.state is not DeliveryState.CANCELLED:
        kind = FindingKind.DELIVERY_WITHOUT_ORDER
        found.append(Finding(kind, sides.order_id, ABSENT, delivery.state.value))
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


def _brought(
    order: OrderSide, delivery: DeliverySide | None, horizon: Horizon
) -> tuple[Finding, ...]:
    delivered = DeliveryState.DELIVERED.value
    if delivery is None:
        return _delivery_missing(order, delivered, horizon)
    if delivery.state is DeliveryState.DELIVERED:
        return ()
    kind, state = FindingKind.DELIVERY_NOT_COMPLETED, delivery.state.value
    return (Finding(kind, order.order_id, delivered, state, amount=order.total),)


def _called_off(
    order: OrderSide, delivery: DeliverySide | None, horizon: Horizon
) -> tuple[Finding, ...]:
    """Of an order that was cancelled or failed: no courier is to bring it."""
    if order.saga.handed_over:
        return _taken_along(order, delivery, horizon)
    if delivery is None or delivery.state is DeliveryState.CANCELLED:
        return ()
    kind, state = FindingKind.DELIVERY_NOT_CANCELLED, delivery.state.value
    cancelled = DeliveryState.CANCELLED.value
    return (Finding(kind, order.order_id, cancelled, state, amount=order.total),)


def _taken_along(
    order: OrderSide, delivery: DeliverySide | None, horizon: Horizon
) -> tuple[Finding, ...]:
    """The goods are written off because the courier had them: so he must have had them."""
    picked_up = DeliveryState.PICKED_UP.value
    if delivery is None:
        return _delivery_missing(order, picked_up, horizon)
    if delivery.state in {DeliveryState.PICKED_UP, DeliveryState.DELIVERED}:
        return ()
    kind, state = FindingKind.DELIVERY_NEVER_PICKED_UP, delivery.state.value
    return (Finding(kind, order.order_id, picked_up, state, amount=order.total),)


def _delivery_missing(order: OrderSide, expected: str, horizon: Horizon) -> tuple[Finding, ...]:
    # A delivery ends after its order was placed: of a later order none can be forgotten.
    forgotten_until = horizon.forgotten_until
    if forgotten_until and order.placed_at <= forgotten_until + CLOCKS_DIFFER:
        return ()
    kind = FindingKind.DELIVERY_MISSING
    return (Finding(kind, order.order_id, expected, ABSENT, amount=order.total),)


def _words(goods: Mapping[str, int]) -> str:
    return ", ".join(f"{sku} x {pieces}" for sku, pieces in sorted(goods.items()))
