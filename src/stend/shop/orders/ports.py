"""What the use cases need from outside: a store, a feed of changes, a clock, ids."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
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
