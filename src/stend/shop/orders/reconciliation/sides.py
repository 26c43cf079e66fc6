"""What every service has of an order, and what may be found not to agree."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from stend.kit.money import Money
from stend.shop.orders.domain import OrderStatus
from stend.shop.orders.saga import Saga, Step

ABSENT = "absent"


class FindingKind(StrEnum):
    PAYMENT_MISSING = "payment-missing"
    PAYMENT_NOT_CAPTURED = "payment-not-captured"
    PAYMENT_AMOUNT_DIFFERS = "payment-amount-differs"
    PAYMENT_NOT_RETURNED = "payment-not-returned"
    PAYMENT_WITHOUT_ORDER = "payment-without-order"
    HOLD_LEFT_OVER = "hold-left-over"
    RESERVATION_MISSING = "reservation-missing"
    RESERVATION_WITHOUT_ORDER = "reservation-without-order"
    GOODS_NOT_COMMITTED = "goods-not-committed"
    GOODS_NOT_RELEASED = "goods-not-released"
    GOODS_NOT_RETURNED = "goods-not-returned"
    GOODS_DIFFER = "goods-differ"
    GOODS_WRITTEN_OFF = "goods-written-off"
    DELIVERY_MISSING = "delivery-missing"
    DELIVERY_NOT_COMPLETED = "delivery-not-completed"
    DELIVERY_NOT_CANCELLED = "delivery-not-cancelled"
    DELIVERY_NEVER_PICKED_UP = "delivery-never-picked-up"
    DELIVERY_WITHOUT_ORDER = "delivery-without-order"
    POINTS_MISSING = "points-missing"
    POINTS_NOT_REVERSED = "points-not-reversed"
    SAGA_STUCK = "saga-stuck"
    BOOKS_OUT_OF_BALANCE = "books-out-of-balance"
    GOODS_OUT_OF_BALANCE = "goods-out-of-balance"


# The shop knows of the loss and has written it down; nothing has to be put right.
KNOWN_LOSSES = frozenset({FindingKind.GOODS_WRITTEN_OFF})


class PaymentState(StrEnum):
    """In the words of the bank's contract."""

    AUTHORISED = "authorised"
    CAPTURED = "captured"
    REFUNDED = "refunded"
    VOIDED = "voided"
    DECLINED = "declined"


class ReservationState(StrEnum):
    """In the words of the stock's contract."""

    RESERVED = "reserved"
    RELEASED = "released"
    COMMITTED = "committed"


class DeliveryState(StrEnum):
    """In the words of the delivery's contract, without its prefix."""

    ASSIGNED = "assigned"
    PICKED_UP = "picked_up"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class OrderSide:
    """An order as its own service has it; `goods` are pieces by sku."""

    order_id: str
    customer_id: str
    status: OrderStatus
    placed_at: datetime
    total: Money
    goods: Mapping[str, int]
    saga: Saga

    def had_ended(self, began_at: datetime) -> bool:
        """Whether all that the order does elsewhere was done before the run began."""
        return self.saga.step is Step.DONE and self.saga.step_since <= began_at


@dataclass(frozen=True, slots=True)
class PaymentSide:
    """A payment as the bank has it, under the id of its order."""

    order_id: str
    state: PaymentState
    amount: Money
    refunded: Money

    @property
    def kept(self) -> Money:
        """What the shop has of it."""
        taken = self.state in {PaymentState.CAPTURED, PaymentState.REFUNDED}
        return self.amount + self.refunded * -1 if taken else self.amount * 0

    @property
    def held(self) -> Money:
        return self.amount if self.state is PaymentState.AUTHORISED else self.amount * 0


@dataclass(frozen=True, slots=True)
class ReservationSide:
    """A reservation as the stock has it, under the id of its order."""

    order_id: str
    state: ReservationState
    goods: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class DeliverySide:
    """A delivery as the couriers' service has it, under the id of its order."""

    order_id: str
    state: DeliveryState


@dataclass(frozen=True, slots=True)
class PointsSide:
    """What the ledger of points has of one order.

    Attributes:
        accrued: whether there is an accrual, be it of no points.
        points: the sum of all entries.
    """

    accrued: bool
    points: int


NO_POINTS = PointsSide(accrued=False, points=0)


@dataclass(frozen=True, slots=True)
class Sides:
    """What the four services have under one id; None where a service has nothing."""

    order_id: str
    order: OrderSide | None = None
    payment: PaymentSide | None = None
    reservation: ReservationSide | None = None
    delivery: DeliverySide | None = None


@dataclass(frozen=True, slots=True)
class Horizon:
    """From when on the lists of one moment can be compared.

    Attributes:
        began_at: an order whose saga ended later is still on its way.
        forgotten_until: ends of deliveries up to then may not be kept any more; None: all are.
    """

    began_at: datetime
    forgotten_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that does not agree.

    Attributes:
        order_id: None where it is about an account or a product as a whole.
        subject: that account or product, the step of a saga; None where the order is all.
        expected, actual: in the words of the contracts; a number of pieces or points as digits.
        amount: of money that it is about.
        actual_amount: where the amount itself is what differs from `amount`.
    """

    kind: FindingKind
    order_id: str | None
    expected: str
    actual: str
    subject: str | None = None
    amount: Money | None = None
    actual_amount: Money | None = None

    @property
    def is_known_loss(self) -> bool:
        return self.kind in KNOWN_LOSSES
