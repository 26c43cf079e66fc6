"""The five operations of the service. Every protocol calls these and nothing else."""

import hashlib
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TypeAlias

from stend.chassis.access import Caller, check_own
from stend.kit.clock import Clock, rfc3339
from stend.kit.errors import StendError
from stend.kit.ids import Ids, from_token, to_token
from stend.shop.orders.domain import (
    Address,
    CartLine,
    Order,
    OrderErrorCode,
    OrderEvent,
    OrderStatus,
    Slot,
    place,
)
from stend.shop.orders.ports import KeyedOrder, KeyedRequest, OrderFeed, OrderFilter, OrderStore

IDEMPOTENCY_KEY_TTL = timedelta(hours=24)
PAGE_LIMIT_DEFAULT = 20
PAGE_LIMIT_MAX = 100
ORDER_ID_PREFIX = "ord_"


class Operation(StrEnum):
    """The canonical names, the same over every protocol."""

    PLACE_ORDER = "PlaceOrder"
    GET_ORDER = "GetOrder"
    LIST_ORDERS = "ListOrders"
    CANCEL_ORDER = "CancelOrder"
    TRACK_ORDER = "TrackOrder"


@dataclass(frozen=True, slots=True)
class PlaceOrder:
    customer_id: str
    lines: tuple[CartLine, ...]
    address: Address
    idempotency_key: str
    slot: Slot | None = None


@dataclass(frozen=True, slots=True)
class GetOrder:
    order_id: str


@dataclass(frozen=True, slots=True)
class ListOrders:
    customer_id: str | None = None
    status: OrderStatus | None = None
    limit: int = PAGE_LIMIT_DEFAULT
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class CancelOrder:
    """`expected_version`: cancel only this version of the order; None cancels whichever it is."""

    order_id: str
    reason: str | None = None
    expected_version: int | None = None


@dataclass(frozen=True, slots=True)
class TrackOrder:
    """`after_version`: the last event the caller has already seen; 0 asks for all."""

    order_id: str
    after_version: int = 0


@dataclass(frozen=True, slots=True)
class PlacedOrder:
    """`replayed` tells that the key had placed this order before."""

    order: Order
    replayed: bool


@dataclass(frozen=True, slots=True)
class OrderPage:
    """`next_cursor` is None on the last page."""

    orders: tuple[Order, ...]
    next_cursor: str | None


OperationInput = PlaceOrder | GetOrder | ListOrders | CancelOrder | TrackOrder


class Orders:
    """The application: every method is one operation, atomic and safe to repeat.

    Args:
        owner: the customer whose orders alone exist for who asks; None for all orders.
    """

    def __init__(
        self,
        store: OrderStore,
        feed: OrderFeed,
        clock: Clock,
        ids: Ids,
        owner: str | None = None,
    ) -> None:
        self._store = store
        self._feed = feed
        self._clock = clock
        self._ids = ids
        self._owner = owner

    def on_behalf_of(self, caller: Caller) -> "Orders":
        """The same operations, as far as this caller may perform them."""
        owner = caller.customer_id
        if owner is None:
            return self
        return Orders(self._store, self._feed, self._clock, self._ids, owner)

    async def place_order(self, request: PlaceOrder) -> PlacedOrder:
        """Places an order once per idempotency key.

        Raises:
            StendError: INVALID_ORDER, SKU_UNKNOWN, SLOT_UNAVAILABLE; IDEMPOTENCY_KEY_REUSED when
                the key came before with another request; FORBIDDEN for another customer.
        """
        check_own(self._owner, request.customer_id)
        now = self._clock.now()
        keyed = KeyedRequest(
            request.idempotency_key, fingerprint(request), now + IDEMPOTENCY_KEY_TTL
        )
        # First the key, then the rules: a retry must get its answer even when the slot that was
        # free an hour ago is not free any more.
        earlier = await self._store.find_keyed(keyed.key, now)
        if earlier:
            return _replay(earlier, keyed)
        prices = await self._store.prices([line.sku for line in request.lines])
        order, event = place(
            order_id=ORDER_ID_PREFIX + self._ids.ulid(),
            customer_id=request.customer_id,
            cart=request.lines,
            prices=prices,
            address=request.address,
            slot=request.slot,
            now=now,
        )
        earlier = await self._store.add(order, event, keyed, now)
        return _replay(earlier, keyed) if earlier else PlacedOrder(order, replayed=False)

    async def get_order(self, request: GetOrder) -> Order:
        """
        Raises:
            StendError: ORDER_NOT_FOUND.
        """
        order = await self._store.get(request.order_id)
        # Another's order is answered like none: that it exists is nobody else's business.
        if order is None or self._owner not in {None, order.customer_id}:
            raise _not_found(request.order_id)
        return order

    async def list_orders(self, request: ListOrders) -> OrderPage:
        """Newest first. A page stays right while orders are inserted: its cursor is a place.

        Raises:
            StendError: FORBIDDEN when another customer's are asked for.
        """
        if request.customer_id:
            check_own(self._owner, request.customer_id)
        wanted = OrderFilter(request.customer_id or self._owner, request.status)
        before_id = ORDER_ID_PREFIX + from_token(request.cursor) if request.cursor else None
        # One row more than asked for tells whether there is a next page.
        rows = await self._store.list_page(wanted, before_id, request.limit + 1)
        page = tuple(rows[: request.limit])
        more = len(rows) > request.limit
        cursor = to_token(page[-1].order_id.removeprefix(ORDER_ID_PREFIX)) if more else None
        return OrderPage(page, cursor)

    async def cancel_order(self, request: CancelOrder) -> Order:
        """Cancels an order; cancelling a cancelled one again changes nothing.

        Raises:
            StendError: ORDER_NOT_FOUND, TRANSITION_FORBIDDEN; VERSION_CONFLICT when the order is
                not at `expected_version`.
        """
        while True:
            order = await self.get_order(GetOrder(request.order_id))
            if request.expected_version not in {None, order.version}:
                raise _version_conflict(order, request.expected_version)
            if order.status is OrderStatus.CANCELLED:
                return order
            now = self._clock.now()
            cancelled, event = order.advance(OrderStatus.CANCELLED, now, request.reason)
            if await self._store.save(cancelled, event):
                return cancelled
            # It has changed since it was read, as a new order often does: decide anew.

    async def track_order(self, request: TrackOrder) -> AsyncGenerator[OrderEvent, None]:
        """Every event after `after_version`, past ones at once and new ones as they happen.

        The stream ends by itself after the event that makes the order final.

        Raises:
            StendError: ORDER_NOT_FOUND.
        """
        # Subscribed before the first read, so that no change falls between the two.
        async with self._feed.subscribe(request.order_id) as changes:
            order = await self.get_order(GetOrder(request.order_id))
            seen = request.after_version
            while True:
                for event in await self._store.history(request.order_id, seen):
                    yield event
                    seen = event.version
                if order.is_final and seen >= order.version:
                    return
                await anext(changes)
                order = await self.get_order(GetOrder(request.order_id))


# What a protocol gets: there is no way to the operations without saying who calls.
OrdersOf: TypeAlias = Callable[[Caller], Orders]


def fingerprint(request: PlaceOrder) -> bytes:
    """SHA-256 over every field but the key: equal requests, and only they, are equal here.

    Lengths stand before texts, so that no two different requests can run together.
    """
    parts = [request.customer_id, *_address_parts(request.address)]
    if request.slot:
        parts += [rfc3339(request.slot.starts_at), rfc3339(request.slot.ends_at)]
    else:
        parts += ["", ""]
    for line in request.lines:
        parts += [line.sku, str(line.quantity)]
    text = "".join(f"{len(part)}:{part}" for part in parts)
    return hashlib.sha256(text.encode()).digest()


def _address_parts(address: Address) -> list[str]:
    # A missing flat and an empty one are different requests: "-" and "+" tell them apart.
    optional = [address.flat, address.comment]
    return [
        address.city,
        address.street,
        address.house,
        *("-" if part is None else f"+{part}" for part in optional),
    ]


def _replay(earlier: KeyedOrder, request: KeyedRequest) -> PlacedOrder:
    if earlier.fingerprint != request.fingerprint:
        raise StendError(
            OrderErrorCode.IDEMPOTENCY_KEY_REUSED,
            "This idempotency key came before with another request.",
            value=request.key,
            expected="the same request as the first time, or a fresh key",
            next_step="Use one key per order; repeat it only to repeat the same request.",
        )
    return PlacedOrder(earlier.order.as_placed(), replayed=True)


def _not_found(order_id: str) -> StendError:
    return StendError(
        OrderErrorCode.ORDER_NOT_FOUND,
        "There is no such order.",
        value=order_id,
        expected="the id of an order that was placed on this stand",
        next_step="List the orders to find its id.",
    )


def _version_conflict(order: Order, expected: int | None) -> StendError:
    return StendError(
        OrderErrorCode.VERSION_CONFLICT,
        "The order has changed since it was read.",
        value=f"version {expected}",
        expected=f"version {order.version}",
        next_step="Read the order again and decide anew.",
    )
