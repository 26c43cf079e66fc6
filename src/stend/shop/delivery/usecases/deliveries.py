"""Assigning, cancelling, reading and following deliveries, and what happens to them by itself."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from stend.chassis.access import Caller, not_for_customers
from stend.kit.clock import Clock
from stend.kit.errors import Blame, EdgeErrorCode, StendError
from stend.kit.ids import Ids
from stend.shop.delivery.domain.delivery import (
    DELIVERY_ID_PREFIX,
    Courier,
    Delivery,
    DeliveryErrorCode,
    DeliveryStatus,
    Hand,
)
from stend.shop.delivery.domain.dispatching import (
    Change,
    Rules,
    Wish,
    assign,
    cancel,
    check_repeated,
    entomb,
    look_after,
)
from stend.shop.delivery.ports import DeliveryBook, DeliveryFeed, KeptEvent

PAGE_LIMIT_DEFAULT = 100
PAGE_LIMIT_MAX = 500
_EVENTS_AT_ONCE = 200
_DUE_AT_ONCE = 100
# Each loss means that somebody else has won, so there is progress; this many in a row is a crowd.
_TRIES = 20


@dataclass(frozen=True, slots=True)
class Assigned:
    """`replayed` tells that the order had been assigned before."""

    delivery: Delivery
    courier: Courier
    replayed: bool


@dataclass(frozen=True, slots=True)
class DeliveryPage:
    """`next_after` is None on the last page; `forgotten_until`: see Listing."""

    deliveries: tuple[Delivery, ...]
    next_after: str | None
    forgotten_until: datetime | None


class Deliveries:
    """Every method is one operation, atomic and safe to repeat.

    Args:
        on_change: called after a change of this process, so that what is due next is looked up.
        owner: the customer whose deliveries alone exist for who asks; None for all deliveries.
    """

    def __init__(
        self,
        book: DeliveryBook,
        feed: DeliveryFeed,
        clock: Clock,
        ids: Ids,
        rules: Rules,
        on_change: Callable[[], None],
        owner: str | None = None,
    ) -> None:
        self._book = book
        self._feed = feed
        self._clock = clock
        self._ids = ids
        self._rules = rules
        self._on_change = on_change
        self._owner = owner

    def on_behalf_of(self, caller: Caller) -> "Deliveries":
        """The same operations, as far as this caller may perform them."""
        owner = caller.customer_id
        if owner is None:
            return self
        return Deliveries(
            self._book, self._feed, self._clock, self._ids, self._rules, self._on_change, owner
        )

    async def assign(self, wish: Wish) -> Assigned:
        """Gives an order to a courier, once per order.

        Raises:
            StendError: STORE_UNKNOWN, NO_COURIER_AVAILABLE; DELIVERY_STATE_FORBIDDEN when the
                order was cancelled, ASSIGNMENT_CONFLICT when it was assigned with another wish;
                FORBIDDEN for a customer.
        """
        self._check_not_customer("Couriers are sent by the shop and not by its customers.")
        delivery_id = DELIVERY_ID_PREFIX + self._ids.ulid()

        async def attempt() -> Change | None:
            known = await self._book.delivery(wish.order_id)
            if known is not None:
                check_repeated(wish, known)
                return None
            couriers = await self._book.couriers()
            return assign(wish, couriers, delivery_id, self.now(), self._rules)

        async with self._book.alone():
            change = await self.carry_out(attempt)
        if change is not None:
            return Assigned(change.deliveries[0], change.couriers[0], replayed=False)
        known = await self.get(wish.order_id)
        check_repeated(wish, known)
        return Assigned(known, await self.courier(known.assigned.courier_id), replayed=True)

    async def cancel(self, order_id: str, reason: str | None) -> Delivery:
        """
        Raises:
            StendError: DELIVERY_STATE_FORBIDDEN when the courier has the goods; FORBIDDEN for a
                customer.
        """
        self._check_not_customer("A customer cancels his order, and the shop its delivery.")
        delivery_id = DELIVERY_ID_PREFIX + self._ids.ulid()

        async def attempt() -> Change | None:
            # However late the simulation is, the plan's past steps come first.
            await self.look_after(order_id)
            held = await self._book.holding(order_id)
            if held is None:
                return entomb(order_id, delivery_id, self.now(), reason)
            if held.courier is None or held.delivery.status is DeliveryStatus.CANCELLED:
                return None
            return cancel(held.delivery, held.courier, held.queue, self.now(), reason, self._rules)

        change = await self.carry_out(attempt)
        return change.deliveries[0] if change else await self.get(order_id)

    async def get(self, order_id: str) -> Delivery:
        """
        Raises:
            StendError: DELIVERY_NOT_FOUND.
        """
        found = await self._book.delivery(order_id)
        # Another's is answered like none: that it exists is nobody else's business.
        if found is None or self._owner not in {None, found.customer_id}:
            raise _not_found(order_id)
        return found

    async def list_page(self, after: str | None, limit: int) -> DeliveryPage:
        """In order of order ids.

        Raises:
            StendError: FORBIDDEN for a customer.
        """
        self._check_not_customer("The list of all deliveries is not for customers.")
        # One more than asked for tells whether there is a next page.
        found = await self._book.list_page(after, limit + 1)
        page = found.deliveries[:limit]
        next_after = page[-1].order_id if len(found.deliveries) > limit else None
        return DeliveryPage(page, next_after, found.forgotten_until)

    async def watch(self, after: str) -> AsyncGenerator[KeptEvent, None]:
        """Every event after a cursor, past ones at once and new ones as they happen.

        Args:
            after: empty for the oldest that is kept.

        Raises:
            StendError: CURSOR_TOO_OLD, also to a reader who is overtaken; CURSOR_UNKNOWN;
                FORBIDDEN for a customer.
        """
        self._check_not_customer("The events of all deliveries are not for customers.")
        # Subscribed before the first read, so that no event falls between the two.
        async with self._feed.subscribe() as signal:
            while True:
                events = await self._book.events(after, _EVENTS_AT_ONCE)
                for kept in events:
                    yield kept
                    after = kept.cursor
                if len(events) < _EVENTS_AT_ONCE:
                    await signal.wait(None)

    async def courier(self, courier_id: str) -> Courier:
        """
        Raises:
            StendError: COURIER_UNKNOWN.
        """
        found = await self._book.courier(courier_id)
        if found is None:
            raise _courier_unknown(courier_id)
        return found

    async def due(self) -> Sequence[str]:
        """Orders that somebody has to look after now, the oldest first; a hundred at most."""
        return await self._book.due(self.now(), _DUE_AT_ONCE)

    async def next_due(self) -> datetime | None:
        return await self._book.next_due()

    async def look_after(self, order_id: str) -> None:
        """One delivery, until nothing has to happen to it now.

        Whoever else does the same at the same time changes nothing: each step is made once.
        """

        async def attempt() -> Change | None:
            held = await self._book.holding(order_id)
            if held is None or held.courier is None or held.delivery.is_final:
                return None
            is_offered = held.delivery.assigned.hand is Hand.OFFERED
            others = await self._book.couriers() if is_offered else ()
            return look_after(held.delivery, held.courier, others, self.now(), self._rules)

        while await self.carry_out(attempt):
            continue

    async def carry_out(self, attempt: Callable[[], Awaitable[Change | None]]) -> Change | None:
        """Reads, decides and writes, and begins anew when somebody was faster.

        Raises:
            StendError: of the attempt; OVERLOADED when somebody is always faster.
        """
        for number in range(1, _TRIES + 1):
            change = await attempt()
            if change is None:
                return None
            if await self._book.commit(change):
                self._on_change()
                return change
            await self._book.stand_back(number)
        raise StendError(
            EdgeErrorCode.OVERLOADED,
            "Others changed the same couriers again and again.",
            value=f"{_TRIES} attempts",
            expected="fewer changes at one time",
            next_step="Retry in a second.",
            blame=Blame.PEER,
        )

    def _check_not_customer(self, what: str) -> None:
        if self._owner is not None:
            raise not_for_customers(what)

    def now(self) -> datetime:
        """In whole milliseconds, as the engine keeps moments."""
        now = self._clock.now()
        return now.replace(microsecond=now.microsecond // 1000 * 1000)


# As the protocol gets it: there is no way to the operations without saying who calls.
DeliveriesOf: TypeAlias = Callable[[Caller], Deliveries]


def _not_found(order_id: str) -> StendError:
    return StendError(
        DeliveryErrorCode.DELIVERY_NOT_FOUND,
        "There is no delivery of this order.",
        value=order_id,
        expected="an order that a courier was assigned to, and that is still kept",
        next_step="List the deliveries to find it.",
    )


def _courier_unknown(courier_id: str) -> StendError:
    return StendError(
        DeliveryErrorCode.COURIER_UNKNOWN,
        "There is no such courier.",
        value=courier_id,
        expected="cou_01 to cou_20",
        next_step="List the couriers.",
    )
