"""The client over both versions of SOAP beside REST: the same orders, refusals and events."""

import socket
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from stend.kit.errors import EdgeErrorCode
from stend.shop.orders.api.reply import OrdersClient
from stend.shop.orders.api.soap.client import Port, SoapClient
from stend.shop.orders.domain import OrderStatus, Slot
from stend.shop.orders.usecases import CancelOrder, GetOrder, ListOrders, TrackOrder
from tests.shop.orders.examples import HOME, a_request, fresh_customer
from tests.shop.orders.test_scenario_errors import REFUSALS

Clients = Mapping[str, OrdersClient]
every_version = pytest.mark.parametrize("version", ["soap11", "soap12"])


@every_version
async def test_every_operation_answers_as_rest_does(clients: Clients, version: str) -> None:
    soap, rest = clients[version], clients["rest"]
    request = a_request(address=replace(HOME, flat=None, comment=" <&>\"' ]]> 😀 "))
    placed = await soap.place_order(request)
    order = placed.value.order
    assert placed.status == "200 OK"
    assert not placed.value.replayed
    again = (await rest.place_order(request)).value
    assert (again.order, again.replayed) == (order, True)
    assert (await soap.place_order(request)).value == again
    wanted = GetOrder(order.order_id)
    assert (await soap.get_order(wanted)).value == (await rest.get_order(wanted)).value == order
    cancelled = (await soap.cancel_order(CancelOrder(order.order_id, "Передумал", 1))).value
    assert cancelled.status is OrderStatus.CANCELLED
    assert (await rest.get_order(wanted)).value == cancelled
    page = ListOrders(request.customer_id, OrderStatus.CANCELLED)
    assert (await soap.list_orders(page)).value == (await rest.list_orders(page)).value


@every_version
async def test_a_slot_is_kept_to_the_microsecond(clients: Clients, version: str) -> None:
    soon = (await clients["rest"].place_order(a_request())).value.order.placed_at
    wish = Slot(soon + timedelta(days=1), soon + timedelta(days=1, minutes=90, microseconds=1))
    order = (await clients[version].place_order(a_request(slot=wish))).value.order
    assert order.slot == wish


@every_version
async def test_pages_are_those_of_rest(clients: Clients, version: str) -> None:
    soap, rest, customer = clients[version], clients["rest"], fresh_customer()
    for _ in range(3):
        await soap.place_order(a_request(customer_id=customer))
    first, other = [
        (await client.list_orders(ListOrders(customer, limit=2))).value for client in (soap, rest)
    ]
    assert first == other
    assert first.next_cursor
    last = (await soap.list_orders(ListOrders(customer, None, 2, first.next_cursor))).value
    assert (len(last.orders), last.next_cursor) == (1, None)
    assert (await soap.list_orders(ListOrders(fresh_customer()))).value.orders == ()


@every_version
async def test_refusals_have_the_codes_and_fields_of_every_protocol(
    clients: Clients, version: str
) -> None:
    # In one test: for each one the client would read its contract anew.
    for refusal in REFUSALS:
        reply = await refusal.act(clients[version])
        assert reply.error is not None, refusal.name
        assert (reply.error.code, reply.error.domain) == (refusal.code, True), refusal.name
        fields = tuple(one.where.strip("/").replace("/", ".") for one in reply.error.violations)
        assert fields == refusal.fields, refusal.name
        status = {"soap11": "500 soap:Client", "soap12": "400 soap:Sender"}[version]
        assert reply.status == status, refusal.name


async def test_a_text_that_xml_cannot_carry_is_never_sent(clients: Clients) -> None:
    for letter in ("\x00", "\x1f", "\uffff"):
        with pytest.raises(ValueError, match="XML"):
            await clients["soap11"].cancel_order(CancelOrder("ord_1", letter))


# ---- following ---------------------------------------------------------------------------------


@every_version
async def test_a_follower_sees_what_happens_while_he_waits_and_then_the_end(
    clients: Clients, version: str
) -> None:
    soap, rest = clients[version], clients["rest"]
    order = (await rest.place_order(a_request())).value.order
    stream = soap.track_order(TrackOrder(order.order_id))
    placed = (await anext(stream)).value
    await rest.cancel_order(CancelOrder(order.order_id, "Поздно"))
    followed = [placed, *[reply.value async for reply in stream]]
    seen = [reply.value async for reply in rest.track_order(TrackOrder(order.order_id))]
    assert followed == seen
    resumed = soap.track_order(TrackOrder(order.order_id, after_version=1))
    assert [reply.value for reply in [one async for one in resumed]] == seen[1:]
    over = soap.track_order(TrackOrder(order.order_id, after_version=2))
    assert [one async for one in over] == []


# ---- who does not answer -----------------------------------------------------------------------


async def test_a_closed_port_is_unavailable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    client = SoapClient(f"http://127.0.0.1:{port}")
    replies = [
        await client.get_order(GetOrder("ord_1")),
        *[one async for one in client.track_order(TrackOrder("ord_1"))],
    ]
    await client.close()
    for reply in replies:
        assert reply.error is not None
        assert (reply.error.code, reply.error.domain) == (EdgeErrorCode.UNAVAILABLE, False)


@pytest.mark.parametrize("port", Port)
async def test_another_program_on_the_port_is_told_apart(orders_url: str, port: Port) -> None:
    # The portal's page, a proxy: here REST answers 404 with JSON.
    client = SoapClient(f"{orders_url}/api/v1/orders", port)
    error = (await client.get_order(GetOrder("ord_1"))).error
    await client.close()
    assert error is not None
    assert (error.code, error.domain) == (EdgeErrorCode.UNAVAILABLE, False)
    assert "Not a SOAP answer" in error.detail
