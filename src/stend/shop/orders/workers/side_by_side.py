"""The lists of all services in step: one page of each in memory, however long the lists are."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Protocol, TypeVar

from stend.kit.errors import unavailable
from stend.shop.orders.reconciliation.ports import Page
from stend.shop.orders.reconciliation.sides import (
    DeliverySide,
    OrderSide,
    PaymentSide,
    ReservationSide,
    Sides,
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
    deliveries: AsyncIterator[DeliverySide],
) -> AsyncIterator[Sides]:
    """A merge of four lists, each in the order of ids."""
    order = await anext(orders, None)
    payment = await anext(payments, None)
    reservation = await anext(reservations, None)
    delivery = await anext(deliveries, None)
    while heads := [one.order_id for one in (order, payment, reservation, delivery) if one]:
        lowest = min(heads)
        sides = Sides(
            lowest,
            order if order and order.order_id == lowest else None,
            payment if payment and payment.order_id == lowest else None,
            reservation if reservation and reservation.order_id == lowest else None,
            delivery if delivery and delivery.order_id == lowest else None,
        )
        yield sides
        order = await anext(orders, None) if sides.order else order
        payment = await anext(payments, None) if sides.payment else payment
        reservation = await anext(reservations, None) if sides.reservation else reservation
        delivery = await anext(deliveries, None) if sides.delivery else delivery


async def listed_under(order_id: str, fetch: _Fetch[_ItemT], peer: str) -> _ItemT | None:
    """The item of one id, read out of a list that is asked page by page."""
    # The greatest id that is smaller is not known, but whatever begins like this one is close.
    async for item in listed(peer, fetch, order_id[:-1] or None):
        if item.order_id >= order_id:
            return item if item.order_id == order_id else None
    return None
