"""What the use cases and the saga need from outside: stores, a feed of changes, other services."""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from stend.shop.orders.domain import Order, OrderEvent, OrderStatus, Price


@dataclass(frozen=True, slots=True)
class KeyedRequest:
    """An idempotency key with the fingerprint of the request it came with."""

    key: str
    fingerprint: bytes
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class KeyedOrder:
    """What a key was used for before."""

    fingerprint: bytes
    order: Order


@dataclass(frozen=True, slots=True)
class OrderFilter:
    customer_id: str | None = None
    status: OrderStatus | None = None


class OrderStore(Protocol):
    """Orders, their history, the outbox, the price list and the idempotency keys.

    Every method raises StendError UNAVAILABLE when the database cannot be reached.
    """

    async def prices(self, skus: Sequence[str]) -> Mapping[str, Price]:
        """The rows of the price list for these skus; unknown ones are absent."""
        ...

    async def find_keyed(self, key: str, now: datetime) -> KeyedOrder | None:
        """The order that this key placed, unless the key has expired."""
        ...

    async def add(
        self, order: Order, event: OrderEvent, request: KeyedRequest, now: datetime
    ) -> KeyedOrder | None:
        """Writes order, history, outbox row and key in one transaction.

        Returns:
            None when written; what stands under the key when another request was first.
        """
        ...

    async def get(self, order_id: str) -> Order | None: ...

    async def list_page(
        self, wanted: OrderFilter, before_id: str | None, limit: int
    ) -> Sequence[Order]:
        """Newest first, strictly older than `before_id`."""
        ...

    async def save(self, order: Order, event: OrderEvent) -> bool:
        """Writes the order's next version, its history and its outbox row in one transaction.

        Returns:
            False when the stored version is not `order.version - 1`: somebody was faster.
        """
        ...

    async def history(self, order_id: str, after_version: int) -> Sequence[OrderEvent]:
        """Events of one order, in order of version."""
        ...


class OrderFeed(Protocol):
    def subscribe(self, order_id: str) -> AbstractAsyncContextManager[AsyncIterator[None]]:
        """Yields once for every change of the order that is committed after the subscription."""
        ...


class PeerRefusal(Exception):  # noqa: N818 - an answer, and no failure of the exchange
    """Another service has understood, and says no; asking again will not help.

    Attributes:
        code: its stable code, such as `out-of-stock`.
    """

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


# What the service `delivery` refuses a cancellation with when the courier has the goods.
GOODS_HANDED_OVER = "delivery-state-forbidden"
# A cursor that the service `delivery` does not know, or not any more.
CURSORS_GONE = frozenset({"cursor-too-old", "cursor-unknown"})


class StockDesk(Protocol):
    """The service `stock`. Every method may be repeated; `order_id` is the key.

    Every method of this and the other desks raises PeerRefusal, or StendError: UNAVAILABLE,
    DEADLINE_EXCEEDED or OVERLOADED when it is not known whether the other service has acted,
    UNAUTHENTICATED or FORBIDDEN when it does not let this one in.
    """

    async def reserve(self, order: Order) -> None: ...

    async def release(self, order: Order) -> None: ...

    async def commit(self, order: Order) -> None:
        """The goods have left the store for good."""
        ...


class Bank(Protocol):
    """The service `payments`."""

    async def authorise(self, order: Order) -> None: ...

    async def capture(self, order: Order) -> None: ...

    async def void(self, order: Order) -> None: ...


class PointsDesk(Protocol):
    """The service `loyalty`."""

    async def accrue(self, order: Order) -> None: ...

    async def reverse(self, order: Order) -> None: ...


class Progress(StrEnum):
    """What the courier's service tells of a delivery."""

    PICKED_UP = "picked-up"
    DELIVERED = "delivered"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class DeliveryNews:
    """A change of one delivery. `cursor` is where to go on after it.

    Attributes:
        progress: None for news that change nothing for the order.
        store_id: where the courier takes the goods from, as in Assignment; None where nobody was
            assigned, or where the news are of an older version.
    """

    cursor: str
    order_id: str
    progress: Progress | None
    store_id: str | None
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class Assignment:
    """
    Attributes:
        store_id: where the courier takes the goods from.
        progress: how far he is; None while he has not begun.
    """

    store_id: str
    progress: Progress | None


class CourierDesk(Protocol):
    """The service `delivery`."""

    async def assign(self, order: Order) -> Assignment: ...

    async def cancel(self, order: Order) -> None:
        """Refused with GOODS_HANDED_OVER when the courier has the goods already."""
        ...

    def watch(self, after: str) -> AsyncGenerator[DeliveryNews, None]:
        """All news after a cursor, then each as it happens; empty: from the beginning.

        Raises:
            PeerRefusal: one of CURSORS_GONE: the cursor is not known any more: begin anew.
            StendError: UNAVAILABLE.
        """
        ...


@dataclass(frozen=True, slots=True)
class OutboxEvent:
    """A row of the outbox, as the brokers get it.

    Attributes:
        type: such as `OrderPlaced`.
        body: the event as JSON, UTF-8.
        trace_context: of the span that wrote the row; None where nothing was recorded.
    """

    outbox_id: int
    order_id: str
    version: int
    type: str
    occurred_at: datetime
    body: bytes
    trace_context: str | None = None

    @property
    def event_id(self) -> str:
        """The same for every copy of the event, so that its readers can tell a second one."""
        return f"{self.order_id}:{self.version}"


class EventPublisher(Protocol):
    """One broker that the relay publishes to.

    Attributes:
        most_at_once: events that it confirms well within its deadline, on a busy machine, too. A
            batch fails as a whole; smaller ones follow.
    """

    @property
    def most_at_once(self) -> int: ...

    async def publish(self, events: Sequence[OutboxEvent]) -> None:
        """Returns when the broker has confirmed all of them; keeps the order of each order's own.

        Raises:
            StendError: UNAVAILABLE, DEADLINE_EXCEEDED; some of them may have been published.
        """
        ...
