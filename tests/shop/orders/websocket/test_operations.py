"""The five operations over WebSocket against the real store, through the client of the shop."""

import asyncio

import pytest

from stend.shop.orders.api.websocket.client import WebSocketClient
from stend.shop.orders.domain import CartLine, OrderEventType, OrderStatus
from stend.shop.orders.usecases import CancelOrder, GetOrder, ListOrders, TrackOrder
from tests.shop.orders.examples import UNKNOWN_ORDER, a_request, fresh_customer
from tests.shop.orders.websocket.serving import Desk

pytestmark = pytest.mark.slow


async def test_an_order_is_placed_once_read_listed_and_cancelled(client: WebSocketClient) -> None:
    request = a_request()
    placed = await client.place_order(request)
    assert (placed.status, placed.value.replayed) == ("result", False)
    order = placed.value.order
    assert (await client.place_order(request)).value.replayed
    assert (await client.get_order(GetOrder(order.order_id))).value == order
    page = (await client.list_orders(ListOrders(request.customer_id))).value
    assert (page.orders, page.next_cursor) == ((order,), None)
    cancelled = (await client.cancel_order(CancelOrder(order.order_id, "передумал", 1))).value
    assert (cancelled.status, cancelled.reason) == (OrderStatus.CANCELLED, "передумал")


async def test_pages_follow_each_other_by_cursor(client: WebSocketClient) -> None:
    customer = fresh_customer()
    orders = [
        (await client.place_order(a_request(customer_id=customer))).value.order for _ in range(3)
    ]
    first = (await client.list_orders(ListOrders(customer, None, 2))).value
    second = (await client.list_orders(ListOrders(customer, None, 2, first.next_cursor))).value
    assert (*first.orders, *second.orders) == tuple(reversed(orders))


async def test_a_subscription_tells_past_and_new_events_and_ends(
    client: WebSocketClient, desk: Desk
) -> None:
    order = (await client.place_order(a_request())).value.order
    stream = client.track_order(TrackOrder(order.order_id))
    assert (await anext(stream)).value.type is OrderEventType.ORDER_PLACED
    await desk.deliver(order)
    rest = [reply.value async for reply in stream]
    assert [event.version for event in rest] == [2, 3, 4, 5, 6]
    assert rest[-1].status is OrderStatus.DELIVERED


async def test_a_subscription_begins_behind_the_version_that_was_seen(
    client: WebSocketClient,
) -> None:
    order = (await client.place_order(a_request())).value.order
    await client.cancel_order(CancelOrder(order.order_id))
    stream = client.track_order(TrackOrder(order.order_id, 1))
    assert [reply.value.version async for reply in stream] == [2]


async def test_errors_are_those_of_every_protocol(client: WebSocketClient) -> None:
    order = (await client.place_order(a_request())).value.order
    unknown = a_request(lines=(CartLine("NOPE-999", 1),))
    empty = a_request(lines=(CartLine("MILK-001", 0),))
    key = a_request()
    await client.place_order(key)
    answers = [
        await client.get_order(GetOrder(UNKNOWN_ORDER)),
        await client.get_order(GetOrder("no id")),
        await client.place_order(unknown),
        await client.place_order(empty),
        await client.place_order(a_request(idempotency_key=key.idempotency_key)),
        await client.cancel_order(CancelOrder(order.order_id, None, 7)),
        await anext(client.track_order(TrackOrder(UNKNOWN_ORDER))),
    ]
    errors = [answer.error for answer in answers]
    assert [error and (error.code, error.domain) for error in errors] == [
        ("order-not-found", True),
        ("invalid-argument", True),
        ("sku-unknown", True),
        ("invalid-order", True),
        ("idempotency-key-reused", True),
        ("version-conflict", True),
        ("order-not-found", True),
    ]
    assert errors[1]
    assert errors[1].violations[0].where == "/order_id"
    assert [answer.status for answer in answers] == ["error"] * 7


async def test_many_operations_share_one_connection(client: WebSocketClient) -> None:
    order = (await client.place_order(a_request())).value.order
    stream = client.track_order(TrackOrder(order.order_id))
    await anext(stream)
    read = await asyncio.gather(
        client.get_order(GetOrder(order.order_id)), client.get_order(GetOrder(order.order_id))
    )
    assert [reply.value for reply in read] == [order, order]
    await stream.aclose()


async def test_a_client_that_leaves_a_subscription_may_subscribe_again(
    client: WebSocketClient,
) -> None:
    """The server's bound is three operations: each that is left must be given back."""
    order = (await client.place_order(a_request())).value.order
    for _ in range(5):
        stream = client.track_order(TrackOrder(order.order_id))
        assert (await anext(stream)).value.version == 1
        await stream.aclose()
    assert (await client.get_order(GetOrder(order.order_id))).value == order


async def test_a_server_that_is_not_there_is_unavailable() -> None:
    client = WebSocketClient("ws://127.0.0.1:9")
    reply = await client.get_order(GetOrder(UNKNOWN_ORDER))
    assert reply.error
    assert (reply.error.code, reply.error.domain) == ("unavailable", False)
    [only] = [one async for one in client.track_order(TrackOrder(UNKNOWN_ORDER))]
    assert only.error
    assert only.error.code == "unavailable"
    await client.close()
