"""The lists of all services in step: one page of each in memory, however long the lists are."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Protocol, TypeVar

from stend.kit.errors import unavailable
from stend.shop.orders.reconciliation.ports import Page
from stend.shop.orders.reconciliation.sides import (
    OrderSide,
    PaymentSide,
    ReservationSide,
    Triple,
)

# The bank's XML takes half a millisecond per payment to read, and nothing else runs meanwhile.
PAGE_LIMIT = 100


class _HasId(Protocol):
    @property
    def order_id(self) -> str: ...


_ItemT = TypeVar("_ItemT", bound=_HasId)
_Fetch = Callable[[str | None, int], Awaitable[Page[_ItemT]]]


async def listed(
    peer: str, fetch: _Fetch[_ItemT], after: str | None = None
) -> AsyncIterator[_ItemT]:
    """Every item of a list, page by page.

    Raises:
        StendError: UNAVAILABLE, also when the ids do not grow: nothing could be compared with it.
    """
    last = after
    while True:
        page = await fetch(last, PAGE_LIMIT)
        for item in page.items:
            if last is not None and item.order_id <= last:
                raise unavailable(peer, f"its list is out of order at {item.order_id}")
            last = item.order_id
            yield item
        if page.next_after is None:
            return
        last = page.next_after


async def side_by_side(
    orders: AsyncIterator[OrderSide],
    payments: AsyncIterator[PaymentSide],
    reservations: AsyncIterator[ReservationSide],
) -> AsyncIterator[Triple]:
    """A merge of three lists, each in the order of ids."""
    order = await anext(orders, None)
    payment = await anext(payments, None)
    reservation = await anext(reservations, None)
    while heads := [side.order_id for side in (order, payment, reservation) if side]:
        lowest = min(heads)
        triple = Triple(
            lowest,
            order if order and order.order_id == lowest else None,
            payment if payment and payment.order_id == lowest else None,
            reservation if reservation and reservation.order_id == lowest else None,
        )
        yield triple
        order = await anext(orders, None) if triple.order else order
        payment = await anext(payments, None) if triple.payment else payment
        reservation = await anext(reservations, None) if triple.reservation else reservation
