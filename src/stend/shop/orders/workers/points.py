"""The points of orders, read out of their customers' ledgers from the newest entry backwards."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence

from stend.kit.errors import unavailable
from stend.shop.orders.reconciliation.comparing import CLOCKS_DIFFER
from stend.shop.orders.reconciliation.ports import PointsBook
from stend.shop.orders.reconciliation.sides import NO_POINTS, OrderSide, PointsSide

_PAGE = 100
_AT_ONCE = 8


async def points_of(
    book: PointsBook, orders: Sequence[OrderSide]
) -> AsyncIterator[tuple[OrderSide, PointsSide]]:
    """Each order with what the ledger has of it; a few customers at a time."""
    by_customer: dict[str, list[OrderSide]] = {}
    for order in orders:
        by_customer.setdefault(order.customer_id, []).append(order)
    customers = list(by_customer.items())
    for start in range(0, len(customers), _AT_ONCE):
        some = customers[start : start + _AT_ONCE]
        ledgers = await asyncio.gather(
            *(_ledger_of(book, customer, theirs) for customer, theirs in some)
        )
        for (_, theirs), ledger in zip(some, ledgers, strict=True):
            for order in theirs:
                yield order, ledger.get(order.order_id, NO_POINTS)


async def _ledger_of(
    book: PointsBook, customer_id: str, orders: Sequence[OrderSide]
) -> Mapping[str, PointsSide]:
    """What the ledger has of these orders: nothing of one is older than the order itself."""
    ledger: dict[str, PointsSide] = {}
    wanted = {order.order_id for order in orders}
    earliest = min(order.placed_at for order in orders) - CLOCKS_DIFFER
    last = await book.entries(customer_id)
    while last > 0:
        after = max(last - _PAGE, 0)
        entries = await book.history(customer_id, after, last - after)
        if not entries:
            raise unavailable("loyalty", f"the ledger of {customer_id} is shorter than it says")
        for entry in entries:
            if entry.order_id in wanted:
                so_far = ledger.get(entry.order_id, NO_POINTS)
                ledger[entry.order_id] = PointsSide(
                    so_far.accrued or entry.is_accrual, so_far.points + entry.points
                )
        if entries[0].occurred_at < earliest:
            break
        last = after
    return ledger
