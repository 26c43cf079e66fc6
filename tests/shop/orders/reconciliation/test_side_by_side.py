"""Four lists in step: every id once, whichever lists it is in and wherever their pages end."""

import asyncio
from collections.abc import AsyncIterator, Set

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stend.kit.errors import EdgeErrorCode, StendError
from stend.shop.orders.reconciliation.ports import Page
from stend.shop.orders.reconciliation.sides import OrderSide
from stend.shop.orders.workers.side_by_side import listed, listed_under, side_by_side
from tests.fakes.reconciliation import PaperBooks

_IDS = st.sets(st.text("ab-_Z0", min_size=1, max_size=3), max_size=12)


@given(payments=_IDS, reservations=_IDS, deliveries=_IDS, limit=st.integers(1, 4))
def test_every_id_comes_once_and_in_order(
    payments: Set[str], reservations: Set[str], deliveries: Set[str], limit: int
) -> None:
    paper = PaperBooks()
    for one in payments:
        paper.pay(one, "captured", 1)
    for one in reservations:
        paper.keep(one, "reserved")
    for one in deliveries:
        paper.bring(one, "assigned")

    async def merged() -> list[tuple[str, bool, bool, bool]]:
        found = side_by_side(
            _nothing(),
            listed("payments", lambda after, _: paper.payments(after, limit)),
            listed("stock", lambda after, _: paper.reservations(after, limit)),
            listed("delivery", lambda after, _: paper.deliveries(after, limit)),
        )
        return [
            (one.order_id, bool(one.payment), bool(one.reservation), bool(one.delivery))
            async for one in found
        ]

    assert asyncio.run(merged()) == [
        (one, one in payments, one in reservations, one in deliveries)
        for one in sorted(payments | reservations | deliveries)
    ]


@given(ids=_IDS, limit=st.integers(1, 4))
def test_one_id_is_read_out_of_a_list(ids: Set[str], limit: int) -> None:
    paper = PaperBooks()
    for one in ids:
        paper.bring(one, "assigned")

    async def told(wanted: str) -> str | None:
        found = await listed_under(wanted, lambda after, _: paper.deliveries(after, limit), "")
        return found.order_id if found else None

    for wanted in (*ids, "a", "Zb0"):
        assert asyncio.run(told(wanted)) == (wanted if wanted in ids else None)


async def test_a_list_out_of_order_can_be_compared_with_nothing() -> None:
    paper = PaperBooks()
    paper.pay("b", "captured", 1)
    paper.pay("a", "captured", 1)

    async def backwards(_after: str | None, _limit: int) -> Page[object]:
        return Page((paper.paid["b"], paper.paid["a"]), None)

    with pytest.raises(StendError) as refused:
        assert [one async for one in listed("payments", backwards)]  # type: ignore[type-var]
    assert refused.value.code is EdgeErrorCode.UNAVAILABLE


async def _nothing() -> AsyncIterator[OrderSide]:
    orders: tuple[OrderSide, ...] = ()
    for one in orders:
        yield one
