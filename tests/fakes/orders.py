"""The ports of `orders` in memory: what the use cases see when no database stands behind them."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from stend.kit.ids import encode_ulid
from stend.kit.money import Money
from stend.shop.orders.domain import Order, OrderEvent, Price
from stend.shop.orders.ports import KeyedOrder, KeyedRequest, OrderFilter
from stend.shop.orders.usecases import Orders

MORNING = datetime(2026, 11, 23, 10, 0, 0, 123456, tzinfo=UTC)
PRICES = {
    "MILK-001": Price("MILK-001", "Молоко", "Milk", Money(8990)),
    "BRD-001": Price("BRD-001", "Хлеб", "Bread", Money(5990)),
}


class HandClock:
    """Stands still until a test moves it."""

    def __init__(self, moment: datetime = MORNING) -> None:
        self._moment = moment

    def now(self) -> datetime:
        return self._moment

    def pass_by(self, time: timedelta) -> None:
        self._moment += time


class CountingIds:
    def __init__(self) -> None:
        self._number = 0

    def ulid(self) -> str:
        self._number += 1
        return encode_ulid(self._number.to_bytes(16, "big"))


@dataclass(frozen=True, slots=True)
class _Key:
    fingerprint: bytes
    order_id: str
    expires_at: datetime


class MemoryOrderFeed:
    def __init__(self) -> None:
        self._waiting: dict[str, set[asyncio.Event]] = {}

    @property
    def subscribers(self) -> int:
        return sum(len(waiting) for waiting in self._waiting.values())

    def tell(self, order_id: str) -> None:
        for event in self._waiting.get(order_id, ()):
            event.set()

    @asynccontextmanager
    async def subscribe(self, order_id: str) -> AsyncIterator[AsyncIterator[None]]:
        event = asyncio.Event()
        waiting = self._waiting.setdefault(order_id, set())
        waiting.add(event)
        try:
            yield _pulses(event)
        finally:
            waiting.discard(event)


@dataclass(slots=True)
class MemoryOrderStore:
    """
    Attributes:
        overtaken_by: a request that takes the key between `find_keyed` and `add`, once.
        behind: an older state of an order, which `get` answers with once.
    """

    feed: MemoryOrderFeed
    orders: dict[str, Order] = field(default_factory=dict)
    events: list[OrderEvent] = field(default_factory=list)
    overtaken_by: tuple[Order, KeyedRequest] | None = None
    behind: Order | None = None
    _keys: dict[str, _Key] = field(default_factory=dict)

    async def prices(self, skus: Sequence[str]) -> Mapping[str, Price]:
        return {sku: PRICES[sku] for sku in skus if sku in PRICES}

    async def find_keyed(self, key: str, now: datetime) -> KeyedOrder | None:
        kept = self._keys.get(key)
        if kept is None or kept.expires_at <= now:
            return None
        return KeyedOrder(kept.fingerprint, self.orders[kept.order_id])

    async def add(
        self, order: Order, event: OrderEvent, request: KeyedRequest, now: datetime
    ) -> KeyedOrder | None:
        if self.overtaken_by:
            (faster, keyed), self.overtaken_by = self.overtaken_by, None
            self._keep(faster, keyed)
        if earlier := await self.find_keyed(request.key, now):
            return earlier
        self._keep(order, request)
        self.events.append(event)
        return None

    async def get(self, order_id: str) -> Order | None:
        behind, self.behind = self.behind, None
        return behind or self.orders.get(order_id)

    async def list_page(
        self, wanted: OrderFilter, before_id: str | None, limit: int
    ) -> Sequence[Order]:
        newest_first = sorted(self.orders.values(), key=lambda order: order.order_id, reverse=True)
        return [
            order
            for order in newest_first
            if wanted.customer_id in {None, order.customer_id}
            and wanted.status in {None, order.status}
            and (before_id is None or order.order_id < before_id)
        ][:limit]

    async def save(self, order: Order, event: OrderEvent) -> bool:
        if self.orders[order.order_id].version != order.version - 1:
            return False
        self.orders[order.order_id] = order
        self.events.append(event)
        self.feed.tell(order.order_id)
        return True

    async def history(self, order_id: str, after_version: int) -> Sequence[OrderEvent]:
        return [
            event
            for event in self.events
            if event.order_id == order_id and event.version > after_version
        ]

    def _keep(self, order: Order, request: KeyedRequest) -> None:
        self.orders[order.order_id] = order
        self._keys[request.key] = _Key(request.fingerprint, order.order_id, request.expires_at)


@dataclass(frozen=True, slots=True)
class MemoryShop:
    """The application with everything it stands on."""

    orders: Orders
    store: MemoryOrderStore
    feed: MemoryOrderFeed
    clock: HandClock


def memory_shop() -> MemoryShop:
    feed, clock = MemoryOrderFeed(), HandClock()
    store = MemoryOrderStore(feed)
    return MemoryShop(Orders(store, feed, clock, CountingIds()), store, feed, clock)


async def _pulses(event: asyncio.Event) -> AsyncIterator[None]:
    while True:
        await event.wait()
        event.clear()
        yield
