"""What an order is and what may happen to it. No protocol, no database, no clock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from stend.kit.errors import StendError, Violation, broken_rules
from stend.kit.ids import ULID_PATTERN
from stend.kit.money import Money

ORDER_ID_PATTERN = f"^ord_{ULID_PATTERN}$"
SKU_PATTERN = "^[A-Z]{2,4}-[0-9]{3,5}$"

MAX_LINES = 50
MAX_QUANTITY = 99
# A courier's window: shorter cannot be kept, longer is no promise.
SLOT_SHORTEST = timedelta(minutes=15)
SLOT_LONGEST = timedelta(hours=4)
SLOT_HORIZON = timedelta(days=14)
# Without a wish the order comes in the hour that begins half an hour from now.
SLOT_DEFAULT_DELAY = timedelta(minutes=30)
SLOT_DEFAULT_LENGTH = timedelta(hours=1)


class OrderStatus(StrEnum):
    PLACED = "placed"
    RESERVED = "reserved"
    PAID = "paid"
    PICKING = "picking"
    ON_THE_WAY = "on_the_way"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"
    FAILED = "failed"


class OrderEventType(StrEnum):
    ORDER_PLACED = "OrderPlaced"
    ORDER_RESERVED = "OrderReserved"
    ORDER_PAID = "OrderPaid"
    PICKING_STARTED = "PickingStarted"
    ORDER_DISPATCHED = "OrderDispatched"
    ORDER_DELIVERED = "OrderDelivered"
    ORDER_CANCELLED = "OrderCancelled"
    ORDER_FAILED = "OrderFailed"


class OrderErrorCode(StrEnum):
    INVALID_ORDER = "invalid-order"
    SKU_UNKNOWN = "sku-unknown"
    SLOT_UNAVAILABLE = "slot-unavailable"
    ORDER_NOT_FOUND = "order-not-found"
    TRANSITION_FORBIDDEN = "transition-forbidden"
    VERSION_CONFLICT = "version-conflict"
    IDEMPOTENCY_KEY_REUSED = "idempotency-key-reused"


# The state machine. A courier who is on the way can fail, but nobody can cancel him any more.
TRANSITIONS: Mapping[OrderStatus, frozenset[OrderStatus]] = {
    OrderStatus.PLACED: frozenset(
        {OrderStatus.RESERVED, OrderStatus.CANCELLED, OrderStatus.FAILED}
    ),
    OrderStatus.RESERVED: frozenset({OrderStatus.PAID, OrderStatus.CANCELLED, OrderStatus.FAILED}),
    OrderStatus.PAID: frozenset({OrderStatus.PICKING, OrderStatus.CANCELLED, OrderStatus.FAILED}),
    OrderStatus.PICKING: frozenset(
        {OrderStatus.ON_THE_WAY, OrderStatus.CANCELLED, OrderStatus.FAILED}
    ),
    OrderStatus.ON_THE_WAY: frozenset({OrderStatus.DELIVERED, OrderStatus.FAILED}),
    OrderStatus.DELIVERED: frozenset(),
    OrderStatus.CANCELLED: frozenset(),
    OrderStatus.FAILED: frozenset(),
}

EVENT_OF: Mapping[OrderStatus, OrderEventType] = {
    OrderStatus.PLACED: OrderEventType.ORDER_PLACED,
    OrderStatus.RESERVED: OrderEventType.ORDER_RESERVED,
    OrderStatus.PAID: OrderEventType.ORDER_PAID,
    OrderStatus.PICKING: OrderEventType.PICKING_STARTED,
    OrderStatus.ON_THE_WAY: OrderEventType.ORDER_DISPATCHED,
    OrderStatus.DELIVERED: OrderEventType.ORDER_DELIVERED,
    OrderStatus.CANCELLED: OrderEventType.ORDER_CANCELLED,
    OrderStatus.FAILED: OrderEventType.ORDER_FAILED,
}


@dataclass(frozen=True, slots=True)
class CartLine:
    """What the customer asks for: a product and how many pieces."""

    sku: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Price:
    """A row of the price list."""

    sku: str
    title_ru: str
    title_en: str
    unit_price: Money


@dataclass(frozen=True, slots=True)
class OrderLine:
    """A cart line at the price that was valid when the order was placed."""

    sku: str
    quantity: int
    unit_price: Money

    @property
    def total(self) -> Money:
        return self.unit_price * self.quantity


@dataclass(frozen=True, slots=True)
class Address:
    city: str
    street: str
    house: str
    flat: str | None = None
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Slot:
    """The promised window of delivery, both ends aware."""

    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class OrderEvent:
    """Something that happened to an order. `version` numbers the events of one order from 1."""

    order_id: str
    version: int
    type: OrderEventType
    status: OrderStatus
    occurred_at: datetime
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Order:
    order_id: str
    customer_id: str
    lines: tuple[OrderLine, ...]
    address: Address
    slot: Slot
    status: OrderStatus
    version: int
    placed_at: datetime
    updated_at: datetime
    reason: str | None = None

    @property
    def total(self) -> Money:
        total = self.lines[0].total
        for line in self.lines[1:]:
            total += line.total
        return total

    @property
    def is_final(self) -> bool:
        return not TRANSITIONS[self.status]

    def as_placed(self) -> "Order":
        """The order as it was answered to the one who placed it, whatever happened since."""
        return replace(
            self,
            status=OrderStatus.PLACED,
            version=1,
            updated_at=self.placed_at,
            reason=None,
        )

    def advance(
        self, status: OrderStatus, at: datetime, reason: str | None = None
    ) -> tuple["Order", OrderEvent]:
        """Moves the order one step along the state machine.

        Args:
            at: a clock that was put back does not let the order get younger.

        Raises:
            StendError: TRANSITION_FORBIDDEN when no such step leaves the present status.
        """
        if status not in TRANSITIONS[self.status]:
            raise _transition_forbidden(self, status)
        moved = replace(
            self,
            status=status,
            version=self.version + 1,
            updated_at=max(at, self.updated_at),
            reason=reason,
        )
        return moved, _event(moved)


def place(
    *,
    order_id: str,
    customer_id: str,
    cart: Sequence[CartLine],
    prices: Mapping[str, Price],
    address: Address,
    slot: Slot | None,
    now: datetime,
) -> tuple[Order, OrderEvent]:
    """A new order and the event that tells of it.

    Raises:
        StendError: INVALID_ORDER, SKU_UNKNOWN or SLOT_UNAVAILABLE.
    """
    _check_cart(cart)
    lines = tuple(
        OrderLine(line.sku, line.quantity, _price_of(line.sku, prices).unit_price) for line in cart
    )
    order = Order(
        order_id=order_id,
        customer_id=customer_id,
        lines=lines,
        address=address,
        slot=_checked_slot(slot, now) if slot else _default_slot(now),
        status=OrderStatus.PLACED,
        version=1,
        placed_at=now,
        updated_at=now,
    )
    return order, _event(order)


def _event(order: Order) -> OrderEvent:
    return OrderEvent(
        order_id=order.order_id,
        version=order.version,
        type=EVENT_OF[order.status],
        status=order.status,
        occurred_at=order.updated_at,
        reason=order.reason,
    )


def _check_cart(cart: Sequence[CartLine]) -> None:
    broken = []
    if not 1 <= len(cart) <= MAX_LINES:
        broken.append(Violation("/lines", f"1 to {MAX_LINES} lines"))
    broken += [
        Violation(f"/lines/{number}/quantity", f"1 to {MAX_QUANTITY}")
        for number, line in enumerate(cart)
        if not 1 <= line.quantity <= MAX_QUANTITY
    ]
    if broken:
        raise broken_rules(
            OrderErrorCode.INVALID_ORDER,
            "The cart breaks a rule of the shop.",
            broken,
            "Correct the lines and place the order again.",
        )


def _price_of(sku: str, prices: Mapping[str, Price]) -> Price:
    price = prices.get(sku)
    if price is None:
        raise StendError(
            OrderErrorCode.SKU_UNKNOWN,
            "The price list has no such product.",
            value=sku,
            expected="a sku of the price list, for example MILK-001",
            next_step="Remove the line or correct its sku.",
        )
    return price


def _default_slot(now: datetime) -> Slot:
    starts_at = (now + SLOT_DEFAULT_DELAY).replace(second=0, microsecond=0)
    return Slot(starts_at, starts_at + SLOT_DEFAULT_LENGTH)


def _checked_slot(slot: Slot, now: datetime) -> Slot:
    length = slot.ends_at - slot.starts_at
    if not SLOT_SHORTEST <= length <= SLOT_LONGEST:
        raise _slot_unavailable(slot, "15 minutes to 4 hours long")
    if slot.starts_at < now:
        raise _slot_unavailable(slot, f"a start after {now:%Y-%m-%dT%H:%M:%SZ}")
    if slot.ends_at > now + SLOT_HORIZON:
        raise _slot_unavailable(slot, f"an end within {SLOT_HORIZON.days} days")
    return slot


def _slot_unavailable(slot: Slot, expected: str) -> StendError:
    return StendError(
        OrderErrorCode.SLOT_UNAVAILABLE,
        "No courier can be promised for this slot.",
        value=f"{slot.starts_at.isoformat()} to {slot.ends_at.isoformat()}",
        expected=expected,
        next_step="Choose another slot or leave it out for the nearest one.",
    )


def _transition_forbidden(order: Order, status: OrderStatus) -> StendError:
    possible = ", ".join(sorted(TRANSITIONS[order.status])) or "nothing: the order is final"
    return StendError(
        OrderErrorCode.TRANSITION_FORBIDDEN,
        f"An order that is {order.status} cannot become {status}.",
        value=order.order_id,
        expected=f"from {order.status}: {possible}",
        next_step="Read the order again and decide from its present status.",
    )
