"""The operations over stores in memory."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stend.chassis.access import Caller
from stend.kit.errors import EdgeErrorCode, StendError
from stend.kit.ids import to_token
from stend.shop.orders.domain import OrderErrorCode, OrderEventType, OrderStatus, Slot
from stend.shop.orders.ports import KeyedRequest
from stend.shop.orders.usecases import (
    IDEMPOTENCY_KEY_TTL,
    CancelOrder,
    GetOrder,
    ListOrders,
    PlaceOrder,
    TrackOrder,
    fingerprint,
)
from tests.fakes.orders import MORNING, MemoryShop, memory_shop
from tests.shop.orders.examples import UNKNOWN_ORDER, a_request, fresh_customer
from tests.shop.orders.strategies import place_orders


@pytest.fixture
def shop() -> MemoryShop:
    return memory_shop()


async def refusal(work: Any) -> StendError:
    with pytest.raises(StendError) as caught:
        await work
    return caught.value


# ---- placing and idempotency -------------------------------------------------------------------


async def test_a_placed_order_can_be_read(shop: MemoryShop) -> None:
    placed = await shop.orders.place_order(a_request())
    assert not placed.replayed
    assert await shop.orders.get_order(GetOrder(placed.order.order_id)) == placed.order


async def test_a_repeated_request_gets_the_same_order_and_places_none(shop: MemoryShop) -> None:
    request = a_request()
    placed = await shop.orders.place_order(request)
    again = await shop.orders.place_order(request)
    assert (again.order, again.replayed) == (placed.order, True)
    assert len(shop.store.orders) == 1


async def test_a_replay_answers_as_at_first_though_the_order_was_cancelled(
    shop: MemoryShop,
) -> None:
    request = a_request()
    placed = (await shop.orders.place_order(request)).order
    await shop.orders.cancel_order(CancelOrder(placed.order_id, "no"))
    assert (await shop.orders.place_order(request)).order == placed


async def test_a_replay_is_answered_though_its_slot_has_passed(shop: MemoryShop) -> None:
    soon = MORNING + timedelta(hours=1)
    request = a_request(slot=Slot(soon, soon + timedelta(hours=1)))
    placed = (await shop.orders.place_order(request)).order
    shop.clock.pass_by(timedelta(hours=20))
    assert (await shop.orders.place_order(request)).order == placed


async def test_an_expired_key_places_a_new_order(shop: MemoryShop) -> None:
    request = a_request()
    first = (await shop.orders.place_order(request)).order
    shop.clock.pass_by(IDEMPOTENCY_KEY_TTL - timedelta(microseconds=1))
    assert (await shop.orders.place_order(request)).replayed
    shop.clock.pass_by(timedelta(microseconds=1))
    second = await shop.orders.place_order(request)
    assert not second.replayed
    assert second.order.order_id != first.order_id


async def test_a_key_with_another_request_is_refused(shop: MemoryShop) -> None:
    request = a_request()
    await shop.orders.place_order(request)
    other = replace(request, customer_id=fresh_customer())
    error = await refusal(shop.orders.place_order(other))
    assert error.code is OrderErrorCode.IDEMPOTENCY_KEY_REUSED
    assert error.value == request.idempotency_key


async def test_whoever_loses_the_race_for_a_key_gets_the_winners_order(shop: MemoryShop) -> None:
    request = a_request()
    winner = (await memory_shop().orders.place_order(request)).order
    expires_at = MORNING + IDEMPOTENCY_KEY_TTL
    keyed = KeyedRequest(request.idempotency_key, fingerprint(request), expires_at)
    shop.store.overtaken_by = (winner, keyed)
    placed = await shop.orders.place_order(request)
    assert (placed.order, placed.replayed) == (winner, True)


async def test_a_refused_order_leaves_nothing_behind_and_its_key_free(shop: MemoryShop) -> None:
    request = a_request()
    await refusal(shop.orders.place_order(replace(request, lines=())))
    assert (shop.store.orders, shop.store.events) == ({}, [])
    assert not (await shop.orders.place_order(request)).replayed


@given(first=place_orders, second=place_orders)
def test_different_requests_have_different_fingerprints(
    first: PlaceOrder, second: PlaceOrder
) -> None:
    same = replace(first, idempotency_key="k") == replace(second, idempotency_key="k")
    assert (fingerprint(first) == fingerprint(second)) == same


@given(request=place_orders, data=st.data())
def test_a_change_of_any_one_field_changes_the_fingerprint(
    request: PlaceOrder, data: st.DataObject
) -> None:
    other = data.draw(place_orders)
    name = data.draw(st.sampled_from(["customer_id", "lines", "address", "slot"]))
    changed = replace(request, **{name: getattr(other, name)})
    assert (fingerprint(changed) == fingerprint(request)) == (changed == request)


@given(request=place_orders)
def test_the_key_is_no_part_of_the_fingerprint(request: PlaceOrder) -> None:
    assert fingerprint(replace(request, idempotency_key="other-key")) == fingerprint(request)


# ---- listing -----------------------------------------------------------------------------------


async def _ids(shop: MemoryShop, request: ListOrders) -> tuple[list[str], str | None]:
    page = await shop.orders.list_orders(request)
    return [order.order_id for order in page.orders], page.next_cursor


async def test_pages_stay_right_while_orders_are_inserted(shop: MemoryShop) -> None:
    placed = [(await shop.orders.place_order(a_request())).order.order_id for _ in range(5)]
    first, cursor = await _ids(shop, ListOrders(limit=2))
    await shop.orders.place_order(a_request())
    second, cursor = await _ids(shop, ListOrders(limit=2, cursor=cursor))
    await shop.orders.place_order(a_request())
    third, cursor = await _ids(shop, ListOrders(limit=2, cursor=cursor))
    assert first + second + third == placed[::-1]
    assert cursor is None


@pytest.mark.parametrize(("count", "limit", "more"), [(0, 2, False), (2, 2, False), (3, 2, True)])
async def test_a_cursor_is_given_exactly_when_orders_are_left(
    shop: MemoryShop, count: int, limit: int, more: bool
) -> None:
    for _ in range(count):
        await shop.orders.place_order(a_request())
    ids, cursor = await _ids(shop, ListOrders(limit=limit))
    assert (len(ids), cursor is not None) == (min(count, limit), more)


async def test_a_cursor_of_a_deleted_place_still_leads_on(shop: MemoryShop) -> None:
    placed = (await shop.orders.place_order(a_request())).order.order_id
    after_it = to_token("7ZZZZZZZZZZZZZZZZZZZZZZZZZ")
    assert await _ids(shop, ListOrders(cursor=after_it)) == ([placed], None)


async def test_filters_hold_together(shop: MemoryShop) -> None:
    customer = fresh_customer()
    kept = (await shop.orders.place_order(a_request(customer_id=customer))).order
    gone = (await shop.orders.place_order(a_request(customer_id=customer))).order
    await shop.orders.place_order(a_request())
    await shop.orders.cancel_order(CancelOrder(gone.order_id))
    ids, _ = await _ids(shop, ListOrders(customer, OrderStatus.PLACED))
    assert ids == [kept.order_id]


# ---- cancelling --------------------------------------------------------------------------------


async def test_cancelling_twice_writes_once(shop: MemoryShop) -> None:
    order = (await shop.orders.place_order(a_request())).order
    once = await shop.orders.cancel_order(CancelOrder(order.order_id, "once"))
    assert await shop.orders.cancel_order(CancelOrder(order.order_id, "twice")) == once
    assert [event.type for event in shop.store.events] == [
        OrderEventType.ORDER_PLACED,
        OrderEventType.ORDER_CANCELLED,
    ]


@pytest.mark.parametrize("expected_version", [2, 99])
async def test_another_version_than_expected_is_a_conflict_and_changes_nothing(
    shop: MemoryShop, expected_version: int
) -> None:
    order = (await shop.orders.place_order(a_request())).order
    request = CancelOrder(order.order_id, expected_version=expected_version)
    error = await refusal(shop.orders.cancel_order(request))
    assert error.code is OrderErrorCode.VERSION_CONFLICT
    assert await shop.orders.get_order(GetOrder(order.order_id)) == order


async def test_who_expects_no_version_cancels_an_order_that_changes_meanwhile(
    shop: MemoryShop,
) -> None:
    order = (await shop.orders.place_order(a_request())).order
    reserved, event = order.advance(OrderStatus.RESERVED, MORNING)
    await shop.store.save(reserved, event)
    shop.store.behind = order
    cancelled = await shop.orders.cancel_order(CancelOrder(order.order_id))
    assert (cancelled.status, cancelled.version) == (OrderStatus.CANCELLED, 3)


async def test_a_change_between_reading_and_writing_is_a_conflict_for_who_expects_a_version(
    shop: MemoryShop,
) -> None:
    order = (await shop.orders.place_order(a_request())).order
    reserved, event = order.advance(OrderStatus.RESERVED, MORNING)
    await shop.store.save(reserved, event)
    shop.store.behind = order
    request = CancelOrder(order.order_id, expected_version=order.version)
    assert (
        await refusal(shop.orders.cancel_order(request))
    ).code is OrderErrorCode.VERSION_CONFLICT


@pytest.mark.parametrize("status", [OrderStatus.DELIVERED, OrderStatus.ON_THE_WAY])
async def test_too_late_is_forbidden(shop: MemoryShop, status: OrderStatus) -> None:
    order = (await shop.orders.place_order(a_request())).order
    shop.store.orders[order.order_id] = replace(order, status=status)
    error = await refusal(shop.orders.cancel_order(CancelOrder(order.order_id)))
    assert error.code is OrderErrorCode.TRANSITION_FORBIDDEN


async def test_an_unknown_order_is_not_found_by_any_operation(shop: MemoryShop) -> None:
    for work in (
        shop.orders.get_order(GetOrder(UNKNOWN_ORDER)),
        shop.orders.cancel_order(CancelOrder(UNKNOWN_ORDER)),
        anext(shop.orders.track_order(TrackOrder(UNKNOWN_ORDER))),
    ):
        assert (await refusal(work)).code is OrderErrorCode.ORDER_NOT_FOUND


# ---- on whose behalf ---------------------------------------------------------------------------


def caller(subject: str) -> Caller:
    return Caller(subject, frozenset({"orders:read", "orders:write"}))


@pytest.mark.parametrize("subject", ["demo", "traffic", "partner-demo", "anonymous"])
def test_who_acts_for_anybody_gets_the_very_same_operations(shop: MemoryShop, subject: str) -> None:
    assert shop.orders.on_behalf_of(caller(subject)) is shop.orders


async def test_a_customer_has_his_own_orders_only(shop: MemoryShop) -> None:
    mine = (await shop.orders.place_order(a_request(customer_id="cus_1"))).order
    theirs = (await shop.orders.place_order(a_request(customer_id="cus_12"))).order
    own = shop.orders.on_behalf_of(caller("cus_1"))
    assert (await own.list_orders(ListOrders())).orders == (mine,)
    assert await own.get_order(GetOrder(mine.order_id)) == mine
    for work in (
        own.get_order(GetOrder(theirs.order_id)),
        own.cancel_order(CancelOrder(theirs.order_id, expected_version=7)),
        anext(own.track_order(TrackOrder(theirs.order_id))),
    ):
        assert (await refusal(work)).code is OrderErrorCode.ORDER_NOT_FOUND
    for asked in (
        own.place_order(a_request(customer_id="cus_12")),
        own.list_orders(ListOrders("cus_12")),
    ):
        assert (await refusal(asked)).code is EdgeErrorCode.FORBIDDEN
    assert len(shop.store.orders) == 2


async def test_a_refused_order_leaves_its_key_free(shop: MemoryShop) -> None:
    request = a_request(customer_id="cus_1")
    await refusal(shop.orders.on_behalf_of(caller("cus_2")).place_order(request))
    own = shop.orders.on_behalf_of(caller("cus_1"))
    assert not (await own.place_order(request)).replayed


# ---- following ---------------------------------------------------------------------------------


async def test_a_follower_sees_the_past_then_the_present_and_the_stream_ends(
    shop: MemoryShop,
) -> None:
    order = (await shop.orders.place_order(a_request())).order
    stream = shop.orders.track_order(TrackOrder(order.order_id))
    assert (await anext(stream)).type is OrderEventType.ORDER_PLACED
    waiting = asyncio.ensure_future(anext(stream))
    await asyncio.wait({waiting}, timeout=0)
    assert not waiting.done()
    await shop.orders.cancel_order(CancelOrder(order.order_id))
    assert (await waiting).type is OrderEventType.ORDER_CANCELLED
    assert [event async for event in stream] == []
    assert shop.feed.subscribers == 0


async def test_events_between_two_reads_are_not_lost(shop: MemoryShop) -> None:
    order = (await shop.orders.place_order(a_request())).order
    stream = shop.orders.track_order(TrackOrder(order.order_id))
    await anext(stream)
    present = order
    for status in (OrderStatus.RESERVED, OrderStatus.PAID, OrderStatus.FAILED):
        present, event = present.advance(status, MORNING)
        await shop.store.save(present, event)
    assert [event.version async for event in stream] == [2, 3, 4]


@pytest.mark.parametrize(("after", "versions"), [(0, [1, 2]), (1, [2]), (2, []), (99, [])])
async def test_a_resumed_stream_begins_after_what_was_seen(
    shop: MemoryShop, after: int, versions: list[int]
) -> None:
    order = (await shop.orders.place_order(a_request())).order
    await shop.orders.cancel_order(CancelOrder(order.order_id))
    stream = shop.orders.track_order(TrackOrder(order.order_id, after))
    assert [event.version async for event in stream] == versions


async def test_a_follower_who_leaves_is_forgotten(shop: MemoryShop) -> None:
    order = (await shop.orders.place_order(a_request())).order
    stream = shop.orders.track_order(TrackOrder(order.order_id))
    await anext(stream)
    assert shop.feed.subscribers == 1
    await stream.aclose()
    assert shop.feed.subscribers == 0
