"""Facts of the warehouse and the marts over them. No broker, no files, no clock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from stend.kit.errors import StendError
from stend.kit.json import JsonValue
from stend.kit.money import Money

# Of an order whose events name no dark store.
UNKNOWN_STORE = "unknown"


class OrderEventType(StrEnum):
    ORDER_PLACED = "OrderPlaced"
    ORDER_RESERVED = "OrderReserved"
    ORDER_PAID = "OrderPaid"
    PICKING_STARTED = "PickingStarted"
    ORDER_DISPATCHED = "OrderDispatched"
    ORDER_DELIVERED = "OrderDelivered"
    ORDER_CANCELLED = "OrderCancelled"
    ORDER_FAILED = "OrderFailed"


class RejectionReason(StrEnum):
    """Why a record is no fact; it is kept beside them with one of these words."""

    NO_VALUE = "no-value"
    BAD_HEADERS = "bad-headers"
    NOT_JSON = "not-json"
    BAD_EVENT = "bad-event"
    UNKNOWN_TYPE = "unknown-type"
    UNKNOWN_TOPIC = "unknown-topic"


class AnalyticsErrorCode(StrEnum):
    MART_UNKNOWN = "mart-unknown"


@dataclass(frozen=True, slots=True)
class Partition:
    topic: str
    number: int

    def __str__(self) -> str:
        return f"{self.topic}/{self.number}"


@dataclass(frozen=True, slots=True)
class Record:
    """One record of Kafka, as it was read."""

    partition: Partition
    offset: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]


@dataclass(frozen=True, slots=True)
class OrderedProduct:
    sku: str
    quantity: int
    unit_price: Money


@dataclass(frozen=True, slots=True)
class OrderFact:
    """One event of an order.

    Attributes:
        partition, offset: where its record stands in Kafka.
        event_id: the same for every copy of the event.
        lines, total, customer_id: of OrderPlaced only.
        extra: the event's members that this version does not know, as JSON; None when all are.
    """

    partition: Partition
    offset: int
    event_id: str
    order_id: str
    version: int
    type: OrderEventType
    status: str
    occurred_at: datetime
    reason: str | None = None
    customer_id: str | None = None
    store: str | None = None
    lines: tuple[OrderedProduct, ...] = ()
    total: Money | None = None
    extra: str | None = None


@dataclass(frozen=True, slots=True)
class RejectedRecord:
    """A record that is no fact, whole, so that it can be read again when the reason is gone."""

    record: Record
    reason: RejectionReason
    detail: str


class MartName(StrEnum):
    ORDERS_BY_HOUR = "orders-by-hour"
    DELIVERY_TIME_BY_STORE = "delivery-time-by-store"
    PRODUCTS_SOLD = "products-sold"


MART_COLUMNS: Mapping[MartName, tuple[str, ...]] = {
    MartName.ORDERS_BY_HOUR: (
        "hour",
        "placed",
        "delivered",
        "cancelled",
        "failed",
        "in_progress",
        "placed_total_minor",
    ),
    MartName.DELIVERY_TIME_BY_STORE: (
        "store",
        "deliveries",
        "mean_s",
        "p50_s",
        "p95_s",
        "max_s",
    ),
    MartName.PRODUCTS_SOLD: ("sku", "orders", "quantity", "revenue_minor"),
}


@dataclass(frozen=True, slots=True)
class Freshness:
    """How new what the warehouse holds is.

    Attributes:
        sequence: the number of the last commit; 0 before the first.
        committed_at, newest_event_at: None before the first.
        facts, rejected: records in the files, copies of one event counted each.
        restarts: how often the broker did not know a position any more; what it had forgotten by
            then is missing.
    """

    sequence: int
    committed_at: datetime | None
    newest_event_at: datetime | None
    facts: int
    rejected: int
    restarts: int


@dataclass(frozen=True, slots=True)
class MartTable:
    """
    Attributes:
        rows: values in the order of MART_COLUMNS.
        more: there were more rows than the answer carries.
        freshness: of the files that it was computed from.
    """

    name: MartName
    rows: Sequence[Sequence[JsonValue]]
    more: bool
    freshness: Freshness


@dataclass(frozen=True, slots=True)
class PartitionLag:
    """
    Attributes:
        position: the next offset to be read into the warehouse.
        records: how many wait; None while the broker has not told its end.
    """

    partition: Partition
    position: int
    records: int | None


@dataclass(frozen=True, slots=True)
class Lag:
    """
    Attributes:
        failure: why nothing is read at the moment; None while all is well.
    """

    partitions: tuple[PartitionLag, ...]
    failure: str | None

    @property
    def records(self) -> int | None:
        """Of all partitions; None while one of them, or every one, is unknown."""
        known = [one.records for one in self.partitions if one.records is not None]
        complete = self.partitions and len(known) == len(self.partitions)
        return sum(known) if complete and self.failure is None else None


def mart_named(name: str) -> MartName:
    """
    Raises:
        StendError: MART_UNKNOWN.
    """
    try:
        return MartName(name)
    except ValueError:
        raise StendError(
            AnalyticsErrorCode.MART_UNKNOWN,
            "There is no such mart.",
            value=name,
            expected=", ".join(MartName),
            next_step="List the marts at /api/v1/analytics/marts.",
        ) from None
