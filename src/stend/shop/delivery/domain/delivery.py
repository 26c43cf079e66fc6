"""What a delivery and a courier are, and which step follows which. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from stend.kit.errors import StendError
from stend.kit.ids import ULID_PATTERN
from stend.shop.delivery.domain.city import STORES, Address, Pace, Plan, Spot, along

ORDER_ID_PATTERN = f"^ord_{ULID_PATTERN}$"
CUSTOMER_ID_PATTERN = "^cus_[0-9A-Za-z]{1,32}$"
COURIER_ID_PATTERN = "^cou_[0-9]{2}$"
STORE_ID_PATTERN = "^sto_[a-z]{1,32}$"
DELIVERY_ID_PREFIX = "dlv_"


class DeliveryErrorCode(StrEnum):
    DELIVERY_NOT_FOUND = "delivery-not-found"
    DELIVERY_STATE_FORBIDDEN = "delivery-state-forbidden"
    ASSIGNMENT_CONFLICT = "assignment-conflict"
    NO_COURIER_AVAILABLE = "no-courier-available"
    STORE_UNKNOWN = "store-unknown"
    COURIER_UNKNOWN = "courier-unknown"
    CURSOR_TOO_OLD = "cursor-too-old"
    CURSOR_UNKNOWN = "cursor-unknown"
    OFFER_GONE = "offer-gone"
    SESSION_REPLACED = "session-replaced"


class DeliveryStatus(StrEnum):
    ASSIGNED = "assigned"
    PICKED_UP = "picked_up"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"


TRANSITIONS: Mapping[DeliveryStatus, frozenset[DeliveryStatus]] = {
    DeliveryStatus.ASSIGNED: frozenset({DeliveryStatus.PICKED_UP, DeliveryStatus.CANCELLED}),
    DeliveryStatus.PICKED_UP: frozenset({DeliveryStatus.DELIVERED}),
    DeliveryStatus.DELIVERED: frozenset(),
    DeliveryStatus.CANCELLED: frozenset(),
}


class Hand(StrEnum):
    """Who makes the next step of a delivery."""

    # The simulation, when the plan says so.
    SIMULATED = "simulated"
    # A courier at work has to answer.
    OFFERED = "offered"
    # A courier at work reports.
    ACCEPTED = "accepted"


@dataclass(frozen=True, slots=True)
class Slot:
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Assignment:
    """
    Attributes:
        wanted_store_id: as it was asked for, None when the nearest was taken.
        next_at: when somebody has to look at it: the next step of the plan, the end of an offer,
            the end of the courier's session.
        customer_id: who ordered; None where nobody said so.
    """

    address: Address
    slot: Slot | None
    wanted_store_id: str | None
    store_id: str
    courier_id: str
    plan: Plan
    hand: Hand
    assigned_at: datetime
    next_at: datetime
    customer_id: str | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """
    Attributes:
        assignment: None for an order that was cancelled before it was assigned.
        trace_context: of whoever had it assigned; None where nothing was recorded.
    """

    order_id: str
    delivery_id: str
    status: DeliveryStatus
    version: int
    updated_at: datetime
    assignment: Assignment | None
    reason: str | None = None
    trace_context: str | None = None

    @property
    def is_final(self) -> bool:
        return not TRANSITIONS[self.status]

    @property
    def assigned(self) -> Assignment:
        """
        Raises:
            LookupError: it never was.
        """
        if self.assignment is None:
            raise LookupError(f"{self.order_id} was never assigned")
        return self.assignment

    @property
    def customer_id(self) -> str | None:
        return self.assignment.customer_id if self.assignment else None

    @property
    def next_at(self) -> datetime | None:
        return None if self.is_final else self.assigned.next_at

    def advance(
        self, status: DeliveryStatus, at: datetime, reason: str | None = None
    ) -> "Delivery":
        """
        Raises:
            StendError: DELIVERY_STATE_FORBIDDEN when no such step leaves the present status.
        """
        if status not in TRANSITIONS[self.status]:
            raise state_forbidden(self, status)
        return replace(self, status=status, version=self.version + 1, updated_at=at, reason=reason)

    def reassigned(self, assignment: Assignment, at: datetime) -> "Delivery":
        """With another courier, plan or hand, in the same status."""
        return replace(self, assignment=assignment, version=self.version + 1, updated_at=at)


@dataclass(frozen=True, slots=True)
class DeliveryEvent:
    """`courier_id` and `store_id` are None only for what was cancelled before it was assigned."""

    order_id: str
    delivery_id: str
    status: DeliveryStatus
    occurred_at: datetime
    courier_id: str | None
    reason: str | None = None
    store_id: str | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """A courier at work; without a sign of life it ends by itself."""

    session_id: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Courier:
    """
    Attributes:
        home: his store, to which he returns when he has nothing to do.
        free_spot, free_at: where and when he has finished what is planned.
        queue: orders that he has, in this order.
    """

    courier_id: str
    name_ru: str
    name_en: str
    home: str
    free_spot: Spot
    free_at: datetime
    queue: tuple[str, ...]
    session: Session | None
    version: int

    def is_on_shift(self, now: datetime) -> bool:
        return self.session is not None and now < self.session.until

    def resting_place(self, now: datetime, pace: Pace) -> Spot:
        """Where he is when he has no order: on the way back to his store."""
        return along(self.free_spot, STORES[self.home].spot, pace.gone_m(self.free_at, now))


def event_of(delivery: Delivery) -> DeliveryEvent:
    return DeliveryEvent(
        order_id=delivery.order_id,
        delivery_id=delivery.delivery_id,
        status=delivery.status,
        occurred_at=delivery.updated_at,
        courier_id=delivery.assignment.courier_id if delivery.assignment else None,
        reason=delivery.reason,
        store_id=delivery.assignment.store_id if delivery.assignment else None,
    )


def state_forbidden(delivery: Delivery, wanted: str) -> StendError:
    possible = ", ".join(sorted(TRANSITIONS[delivery.status])) or "nothing: it is final"
    return StendError(
        DeliveryErrorCode.DELIVERY_STATE_FORBIDDEN,
        f"A delivery that is {delivery.status} cannot become {wanted}.",
        value=delivery.order_id,
        expected=f"from {delivery.status}: {possible}",
        next_step="Read the delivery again and decide from its present status.",
    )
