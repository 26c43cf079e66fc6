"""The rules of an order: its states, its cart, its slot, its total."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise, product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stend.kit.errors import StendError
from stend.kit.money import Money
from stend.shop.orders.domain import (
    EVENT_OF,
    TRANSITIONS,
    CartLine,
    Order,
    OrderErrorCode,
    OrderEvent,
    OrderEventType,
    OrderStatus,
    Slot,
    place,
)
from tests.fakes.orders import PRICES
from tests.shop.orders.examples import CART, HOME

NOW = datetime(2026, 11, 23, 10, 0, 30, 5, tzinfo=UTC)
S = OrderStatus
# The requirement in full; the domain's own table is compared with it.
ALLOWED = {
    (S.PLACED, S.RESERVED),
    (S.PLACED, S.CANCELLED),
    (S.PLACED, S.FAILED),
    (S.RESERVED, S.PAID),
    (S.RESERVED, S.CANCELLED),
    (S.RESERVED, S.FAILED),
    (S.PAID, S.PICKING),
    (S.PAID, S.CANCELLED),
    (S.PAID, S.FAILED),
    (S.PICKING, S.ON_THE_WAY),
    (S.PICKING, S.CANCELLED),
    (S.PICKING, S.FAILED),
    (S.ON_THE_WAY, S.DELIVERED),
    (S.ON_THE_WAY, S.FAILED),
}
HAPPY_PATH = (S.PLACED, S.RESERVED, S.PAID, S.PICKING, S.ON_THE_WAY, S.DELIVERED)


def placed(**changes: Any) -> tuple[Order, OrderEvent]:
    given: dict[str, Any] = {
        "order_id": "ord_00000000000000000000000000",
        "customer_id": "cus_1",
        "cart": CART,
        "prices": PRICES,
        "address": HOME,
        "slot": None,
        "now": NOW,
    }
    return place(**(given | changes))


def refusal(**changes: Any) -> StendError:
    with pytest.raises(StendError) as caught:
        placed(**changes)
    return caught.value


# ---- states ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("present", "wanted"), [pytest.param(a, b, id=f"{a}-{b}") for a, b in product(S, S)]
)
def test_every_pair_of_statuses_is_a_step_or_forbidden(
    present: OrderStatus, wanted: OrderStatus
) -> None:
    order = replace(placed()[0], status=present, version=3)
    later = NOW + timedelta(minutes=5)
    if (present, wanted) in ALLOWED:
        moved, event = order.advance(wanted, later, "why")
        assert moved == replace(order, status=wanted, version=4, updated_at=later, reason="why")
        assert event == OrderEvent(order.order_id, 4, EVENT_OF[wanted], wanted, later, "why")
    else:
        with pytest.raises(StendError) as caught:
            order.advance(wanted, later)
        assert caught.value.code is OrderErrorCode.TRANSITION_FORBIDDEN
        assert present in caught.value.detail


def test_the_happy_path_leads_from_placed_to_delivered() -> None:
    assert all(step in ALLOWED for step in pairwise(HAPPY_PATH))


def test_the_table_is_total_and_final_means_that_no_step_leaves() -> None:
    assert set(TRANSITIONS) == set(OrderStatus)
    finals = {status for status in S if replace(placed()[0], status=status).is_final}
    assert finals == {S.DELIVERED, S.CANCELLED, S.FAILED}


def test_every_status_has_an_event_of_its_own() -> None:
    assert set(EVENT_OF) == set(OrderStatus)
    assert sorted(EVENT_OF.values()) == sorted(OrderEventType)


def test_as_placed_forgets_what_happened_since() -> None:
    order, _ = placed()
    later = NOW + timedelta(hours=1)
    assert order.advance(S.CANCELLED, later, "no")[0].as_placed() == order


# ---- cart and total ----------------------------------------------------------------------------


def test_a_new_order_is_at_version_1_with_the_event_of_its_placing() -> None:
    order, event = placed()
    assert (order.status, order.version) == (S.PLACED, 1)
    assert order.placed_at == order.updated_at == NOW
    assert event == OrderEvent(order.order_id, 1, OrderEventType.ORDER_PLACED, S.PLACED, NOW, None)


@pytest.mark.parametrize(
    ("cart", "places"),
    [
        ([], ["/lines"]),
        (CART[:1] * 51, ["/lines"]),
        ([CartLine("MILK-001", 0)], ["/lines/0/quantity"]),
        ([CartLine("MILK-001", -1)], ["/lines/0/quantity"]),
        ([CART[0], CartLine("MILK-001", 100)], ["/lines/1/quantity"]),
        ([CartLine("MILK-001", 0)] * 2, ["/lines/0/quantity", "/lines/1/quantity"]),
    ],
)
def test_a_cart_against_the_rules_is_invalid_and_names_every_line(
    cart: Sequence[CartLine], places: list[str]
) -> None:
    error = refusal(cart=cart)
    assert error.code is OrderErrorCode.INVALID_ORDER
    assert [violation.where for violation in error.violations] == places


def test_of_very_many_broken_lines_ten_are_named_and_the_rest_is_counted() -> None:
    error = refusal(cart=[CartLine("MILK-001", 0)] * 1000)
    assert len(error.violations) == 10
    assert error.value is not None
    assert error.value.endswith("and 991 more")


@pytest.mark.parametrize("cart", [CART[:1], CART[:1] * 50, [CartLine("MILK-001", 99)]])
def test_the_bounds_of_a_cart_belong_to_it(cart: Sequence[CartLine]) -> None:
    assert len(placed(cart=cart)[0].lines) == len(cart)


def test_an_unknown_product_is_named() -> None:
    error = refusal(cart=[CartLine("NONE-000", 1)])
    assert (error.code, error.value) == (OrderErrorCode.SKU_UNKNOWN, "NONE-000")


@given(quantities=st.lists(st.integers(1, 99), min_size=1, max_size=50))
def test_the_total_is_the_sum_of_prices_times_quantities(quantities: list[int]) -> None:
    order, _ = placed(cart=[CartLine("MILK-001", quantity) for quantity in quantities])
    assert order.total == Money(8990 * sum(quantities))
    assert sum(line.total.amount_minor for line in order.lines) == order.total.amount_minor


# ---- slots -------------------------------------------------------------------------------------


def test_without_a_wish_the_slot_is_an_hour_that_begins_on_a_minute_in_half_an_hour() -> None:
    slot = placed()[0].slot
    assert slot == Slot(
        datetime(2026, 11, 23, 10, 30, tzinfo=UTC), datetime(2026, 11, 23, 11, 30, tzinfo=UTC)
    )


@pytest.mark.parametrize(
    ("starts_in", "length"),
    [
        (timedelta(0), timedelta(minutes=15)),
        (timedelta(hours=1), timedelta(hours=4)),
        (timedelta(days=14, hours=-1), timedelta(hours=1)),
    ],
    ids=["shortest-now", "longest", "last"],
)
def test_a_slot_at_the_bounds_is_kept(starts_in: timedelta, length: timedelta) -> None:
    slot = Slot(NOW + starts_in, NOW + starts_in + length)
    assert placed(slot=slot)[0].slot == slot


@pytest.mark.parametrize(
    ("starts_in", "length", "expected"),
    [
        (timedelta(hours=1), timedelta(minutes=15, microseconds=-1), "15 minutes"),
        (timedelta(hours=1), timedelta(hours=4, microseconds=1), "4 hours"),
        (timedelta(hours=1), timedelta(0), "15 minutes"),
        (timedelta(hours=1), timedelta(hours=-1), "15 minutes"),
        (timedelta(microseconds=-1), timedelta(hours=1), "a start after"),
        (timedelta(days=14), timedelta(minutes=15), "14 days"),
    ],
)
def test_a_slot_beyond_the_bounds_is_unavailable(
    starts_in: timedelta, length: timedelta, expected: str
) -> None:
    error = refusal(slot=Slot(NOW + starts_in, NOW + starts_in + length))
    assert error.code is OrderErrorCode.SLOT_UNAVAILABLE
    assert expected in error.expected
