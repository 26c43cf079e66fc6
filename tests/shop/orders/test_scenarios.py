"""Every operation over every protocol, and every pair of protocols on one order."""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import Any

import psycopg
import pytest

from stend.kit.money import Money
from stend.shop.orders.api.reply import OrdersClient, Reply
from stend.shop.orders.domain import (
    Order,
    OrderEvent,
    OrderEventType,
    OrderLine,
    OrderStatus,
    Slot,
)
from stend.shop.orders.usecases import (
    CancelOrder,
    GetOrder,
    ListOrders,
    TrackOrder,
)
from tests.shop.orders.examples import (
    HOME,
    PROTOCOLS,
    UNARY_PROTOCOLS,
    a_request,
    fresh_customer,
    fresh_ulid,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")
Clients = Mapping[str, OrdersClient]


def _pairs(protocols: tuple[str, ...]) -> list[Any]:
    """Each with itself, and with the reference in both directions."""
    return [
        pytest.param(a, b, id=f"{a}-{b}")
        for a, b in product(protocols, repeat=2)
        if a == b or "rest" in (a, b)
    ]


every_protocol = pytest.mark.parametrize("protocol", UNARY_PROTOCOLS)
every_pair = pytest.mark.parametrize(("first", "second"), _pairs(UNARY_PROTOCOLS))
every_stream = pytest.mark.parametrize("protocol", PROTOCOLS)
every_pair_of_streams = pytest.mark.parametrize(("first", "second"), _pairs(PROTOCOLS))


async def place(client: OrdersClient, **changes: Any) -> Order:
    return (await client.place_order(a_request(**changes))).value.order


async def next_event(stream: AsyncGenerator[Reply[OrderEvent], None]) -> OrderEvent:
    return (await anext(stream)).value


# ---- placing and reading -----------------------------------------------------------------------


@every_protocol
async def test_a_placed_order_has_prices_status_version_and_the_nearest_slot(
    clients: Clients, protocol: str
) -> None:
    request = a_request()
    placed = (await clients[protocol].place_order(request)).value
    order = placed.order
    assert not placed.replayed
    assert order == replace(
        order,
        customer_id=request.customer_id,
        lines=(OrderLine("MILK-001", 2, Money(8990)), OrderLine("BRD-001", 1, Money(5990))),
        address=HOME,
        status=OrderStatus.PLACED,
        version=1,
        updated_at=order.placed_at,
        reason=None,
    )
    assert order.total == Money(23970)
    assert order.slot.ends_at - order.slot.starts_at == timedelta(hours=1)


@every_pair
async def test_an_order_placed_over_one_protocol_reads_the_same_over_the_other(
    clients: Clients, first: str, second: str
) -> None:
    order = await place(clients[first])
    assert (await clients[second].get_order(GetOrder(order.order_id))).value == order


@every_pair
async def test_an_address_without_flat_and_comment_comes_back_without_them(
    clients: Clients, first: str, second: str
) -> None:
    order = await place(clients[first], address=replace(HOME, flat=None, comment=None))
    read = (await clients[second].get_order(GetOrder(order.order_id))).value
    assert (read.address.flat, read.address.comment) == (None, None)


@every_pair
async def test_a_wished_slot_is_kept_to_the_microsecond(
    clients: Clients, first: str, second: str
) -> None:
    soon = (await place(clients[first])).placed_at + timedelta(days=1, microseconds=1)
    wish = Slot(soon, soon + timedelta(minutes=90))
    order = await place(clients[first], slot=wish)
    assert order.slot == wish
    assert (await clients[second].get_order(GetOrder(order.order_id))).value.slot == wish


@every_pair
async def test_the_same_key_answers_with_the_same_order_over_either_protocol(
    clients: Clients, first: str, second: str
) -> None:
    request = a_request()
    placed = (await clients[first].place_order(request)).value
    again = (await clients[second].place_order(request)).value
    assert (again.order, again.replayed) == (placed.order, True)


# ---- listing -----------------------------------------------------------------------------------


@every_pair
async def test_paging_shows_every_order_once_newest_first_and_cursors_travel(
    clients: Clients, first: str, second: str
) -> None:
    customer = fresh_customer()
    placed = [await place(clients[first], customer_id=customer) for _ in range(5)]
    seen: list[Order] = []
    cursor = None
    for client in (clients[first], clients[second], clients[first]):
        page = (await client.list_orders(ListOrders(customer, None, 2, cursor))).value
        seen += page.orders
        cursor = page.next_cursor
        assert (cursor is None) == (len(seen) == len(placed))
    assert seen == placed[::-1]


@every_protocol
async def test_the_filter_by_status_shows_only_that_status(clients: Clients, protocol: str) -> None:
    client, customer = clients[protocol], fresh_customer()
    kept = await place(client, customer_id=customer)
    gone = await place(client, customer_id=customer)
    await client.cancel_order(CancelOrder(gone.order_id))
    for status, expected in ((OrderStatus.PLACED, kept), (OrderStatus.CANCELLED, gone)):
        page = (await client.list_orders(ListOrders(customer, status))).value
        assert [order.order_id for order in page.orders] == [expected.order_id]


@every_protocol
async def test_a_customer_without_orders_has_one_empty_page(
    clients: Clients, protocol: str
) -> None:
    page = (await clients[protocol].list_orders(ListOrders(fresh_customer()))).value
    assert (page.orders, page.next_cursor) == ((), None)


# ---- cancelling --------------------------------------------------------------------------------


@every_pair
async def test_a_cancelled_order_is_at_its_next_version_with_the_reason(
    clients: Clients, first: str, second: str
) -> None:
    order = await place(clients[first])
    cancelled = (
        await clients[second].cancel_order(CancelOrder(order.order_id, "Передумал", 1))
    ).value
    assert cancelled == replace(
        order,
        status=OrderStatus.CANCELLED,
        version=2,
        reason="Передумал",
        updated_at=cancelled.updated_at,
    )
    assert (await clients[first].get_order(GetOrder(order.order_id))).value == cancelled


@every_pair
async def test_cancelling_twice_changes_nothing(clients: Clients, first: str, second: str) -> None:
    order = await place(clients[first])
    once = (await clients[first].cancel_order(CancelOrder(order.order_id, "once"))).value
    twice = (await clients[second].cancel_order(CancelOrder(order.order_id, "twice"))).value
    assert twice == once


@every_pair
async def test_a_replay_after_the_cancellation_answers_as_it_did_at_first(
    clients: Clients, first: str, second: str
) -> None:
    request = a_request()
    placed = (await clients[first].place_order(request)).value.order
    await clients[first].cancel_order(CancelOrder(placed.order_id))
    assert (await clients[second].place_order(request)).value.order == placed


# ---- following ---------------------------------------------------------------------------------


@every_pair_of_streams
async def test_a_follower_sees_a_cancellation_from_another_client_and_the_stream_ends(
    clients: Clients, first: str, second: str
) -> None:
    order = await place(clients[second])
    stream = clients[first].track_order(TrackOrder(order.order_id))
    placed = await next_event(stream)
    cancelled = (await clients[second].cancel_order(CancelOrder(order.order_id, "Поздно"))).value
    events = [placed, await next_event(stream)]
    assert [event async for event in stream] == []
    assert events == [
        OrderEvent(
            order.order_id, 1, OrderEventType.ORDER_PLACED, OrderStatus.PLACED, order.placed_at
        ),
        OrderEvent(
            order.order_id,
            2,
            OrderEventType.ORDER_CANCELLED,
            OrderStatus.CANCELLED,
            cancelled.updated_at,
            "Поздно",
        ),
    ]


@every_stream
async def test_a_resumed_stream_repeats_nothing(clients: Clients, protocol: str) -> None:
    client = clients[protocol]
    order = await place(client)
    await client.cancel_order(CancelOrder(order.order_id))
    stream = client.track_order(TrackOrder(order.order_id, after_version=1))
    assert [reply.value.version async for reply in stream] == [2]


@every_stream
async def test_a_stream_resumed_after_the_last_event_ends_at_once(
    clients: Clients, protocol: str
) -> None:
    client = clients[protocol]
    order = await place(client)
    await client.cancel_order(CancelOrder(order.order_id))
    stream = client.track_order(TrackOrder(order.order_id, after_version=2))
    assert [reply async for reply in stream] == []


@every_stream
async def test_following_starts_with_the_past_of_a_final_order(
    clients: Clients, protocol: str
) -> None:
    client = clients[protocol]
    order = await place(client)
    await client.cancel_order(CancelOrder(order.order_id))
    stream = client.track_order(TrackOrder(order.order_id))
    assert [reply.value.version async for reply in stream] == [1, 2]


# ---- an order on its way -----------------------------------------------------------------------


@every_pair
async def test_an_order_on_the_way_cannot_be_cancelled(
    clients: Clients, first: str, second: str, database_url: str
) -> None:
    order = await place(clients[first])
    with psycopg.connect(database_url) as database:
        database.execute(
            "UPDATE orders.orders SET status = 'on_the_way' WHERE order_id = %s", [order.order_id]
        )
    reply = await clients[second].cancel_order(CancelOrder(order.order_id))
    assert reply.error is not None
    assert (reply.error.code, reply.error.domain) == ("transition-forbidden", True)
    assert "from on_the_way: delivered, failed" in reply.error.detail


@every_protocol
async def test_a_key_that_is_used_for_another_request_is_refused(
    clients: Clients, protocol: str
) -> None:
    key = fresh_ulid()
    await place(clients[protocol], idempotency_key=key)
    reply = await clients[protocol].place_order(a_request(idempotency_key=key))
    assert reply.error is not None
    assert reply.error.code == "idempotency-key-reused"
