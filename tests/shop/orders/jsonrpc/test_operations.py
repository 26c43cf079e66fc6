"""Every operation and every refusal: JSON-RPC says what REST says, field by field."""

from collections.abc import Mapping

import pytest
from hypothesis import given, settings

from stend.chassis.jsonrpc.messages import Request, read
from stend.shop.orders.api.jsonrpc import translate
from stend.shop.orders.api.messages import input_from_json
from stend.shop.orders.api.reply import OrdersClient
from stend.shop.orders.domain import OrderStatus
from stend.shop.orders.usecases import (
    CancelOrder,
    GetOrder,
    ListOrders,
    Operation,
    OperationInput,
    TrackOrder,
)
from tests.fakes.orders import MemoryShop
from tests.shop.orders.examples import a_request, fresh_customer
from tests.shop.orders.strategies import operations
from tests.shop.orders.test_scenario_errors import REFUSALS, Refusal

Clients = Mapping[str, OrdersClient]


@settings(deadline=None)
@given(operations)
def test_every_request_arrives_as_it_was_sent(request: OperationInput) -> None:
    (item,) = read(translate.call_of(request, 7), 1).items
    assert isinstance(item, Request)
    assert isinstance(item.params, dict)
    operation = Operation(type(request).__name__)
    assert (item.method, item.id) == (translate.METHOD_OF[operation], 7)
    assert input_from_json(operation, item.params) == request


async def test_an_order_reads_the_same_over_both(clients: Clients) -> None:
    placed = await clients["jsonrpc"].place_order(a_request())
    assert not placed.value.replayed
    wanted = GetOrder(placed.value.order.order_id)
    over_rest, over_jsonrpc = [(await one.get_order(wanted)).value for one in clients.values()]
    assert over_rest == over_jsonrpc == placed.value.order


async def test_a_key_is_one_key_over_both(clients: Clients) -> None:
    request = a_request()
    placed = (await clients["jsonrpc"].place_order(request)).value
    for client in clients.values():
        again = (await client.place_order(request)).value
        assert (again.order, again.replayed) == (placed.order, True)


async def test_pages_and_cursors_are_the_same_over_both(clients: Clients) -> None:
    customer = fresh_customer()
    for _ in range(5):
        await clients["jsonrpc"].place_order(a_request(customer_id=customer))
    cursor, seen = None, 0
    while True:
        wanted = ListOrders(customer, OrderStatus.PLACED, 2, cursor)
        pages = [(await one.list_orders(wanted)).value for one in clients.values()]
        assert pages[0] == pages[1]
        seen += len(pages[0].orders)
        cursor = pages[0].next_cursor
        if cursor is None:
            break
    assert seen == 5


async def test_a_cancelled_order_reads_the_same_over_both(clients: Clients) -> None:
    order = (await clients["rest"].place_order(a_request())).value.order
    cancelled = await clients["jsonrpc"].cancel_order(CancelOrder(order.order_id, "Передумал", 1))
    assert (cancelled.value.status, cancelled.value.reason) == ("cancelled", "Передумал")
    assert (await clients["rest"].get_order(GetOrder(order.order_id))).value == cancelled.value


async def test_a_stream_is_the_same_over_both(clients: Clients) -> None:
    order = (await clients["rest"].place_order(a_request())).value.order
    await clients["rest"].cancel_order(CancelOrder(order.order_id, "Поздно"))
    for after in (0, 1, 2):
        streams = [
            [reply.value async for reply in one.track_order(TrackOrder(order.order_id, after))]
            for one in clients.values()
        ]
        assert streams[0] == streams[1]
        assert len(streams[0]) == 2 - after


async def test_a_follower_sees_what_happens_after_he_came(
    clients: Clients, shop: MemoryShop
) -> None:
    order = (await clients["jsonrpc"].place_order(a_request())).value.order
    stream = clients["jsonrpc"].track_order(TrackOrder(order.order_id))
    assert (await anext(stream)).value.version == 1
    await clients["rest"].cancel_order(CancelOrder(order.order_id))
    assert [reply.value.version async for reply in stream] == [2]
    assert shop.feed.subscribers == 0


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: refusal.name)
async def test_a_refusal_is_the_same_over_both(clients: Clients, refusal: Refusal) -> None:
    over_rest, over_jsonrpc = [(await refusal.act(one)).error for one in clients.values()]
    assert over_rest is not None
    assert over_jsonrpc is not None
    assert (over_jsonrpc.code, over_jsonrpc.domain) == (refusal.code, True)
    places = [one.where.strip("/").replace("/", ".") for one in over_jsonrpc.violations]
    assert tuple(places) == refusal.fields


async def test_a_reply_tells_how_the_protocol_said_it(client: OrdersClient) -> None:
    placed = await client.place_order(a_request())
    assert placed.status == "result"
    assert '"jsonrpc":"2.0"' in placed.body
    assert ("content-type", "application/json") in placed.headers
    refused = await client.get_order(GetOrder("1"))
    assert refused.status == "error -32602"
    assert placed.duration_ms > 0
    stream = client.track_order(TrackOrder(placed.value.order.order_id))
    event = await anext(stream)
    assert event.status == "orders.event"
    assert event.body.startswith('{"jsonrpc":"2.0","method":"orders.event"')
    assert "upgrade" in {name.lower() for name, _ in event.headers}
    await stream.aclose()
