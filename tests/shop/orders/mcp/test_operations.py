"""Every operation and every refusal with the official SDK: MCP says what REST says."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import mcp
import pytest
import uvicorn
from mcp.client.streamable_http import streamable_http_client
from starlette.types import Receive, Scope, Send

from stend.chassis.tracing.http_client import IDLE_S
from stend.shop.orders.api import messages
from stend.shop.orders.api.mcp import server
from stend.shop.orders.api.mcp.client import McpClient
from stend.shop.orders.api.reply import OrdersClient
from stend.shop.orders.domain import OrderStatus
from stend.shop.orders.usecases import CancelOrder, GetOrder, ListOrders, TrackOrder
from tests.fakes.orders import MemoryShop
from tests.serving import served
from tests.shop.orders.examples import UNKNOWN_ORDER, a_request, fresh_customer
from tests.shop.orders.mcp.conftest import both
from tests.shop.orders.test_scenario_errors import REFUSALS, Refusal

Clients = Mapping[str, OrdersClient]
# What no tool can do is refused as such; see the last test.
TOLD = [refusal for refusal in REFUSALS if not refusal.name.startswith("track-")]
# How the SDK negotiates: the stateless revision, and the handshake.
MODES = {"auto": "2026-07-28", "legacy": "2025-11-25"}


@asynccontextmanager
async def connected(url: str, mode: str) -> AsyncIterator[mcp.Client]:
    plain = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    async with httpx2.AsyncClient(trust_env=False, verify=plain) as http:
        transport = streamable_http_client(url + server.PATH, http_client=http)
        async with mcp.Client(transport, mode=mode) as client:
            yield client


# ---- OrdersClient ------------------------------------------------------------------------------


async def test_an_order_reads_the_same_over_both(clients: Clients) -> None:
    placed = await clients["mcp"].place_order(a_request())
    assert not placed.value.replayed
    wanted = GetOrder(placed.value.order.order_id)
    over_rest, over_mcp = [(await one.get_order(wanted)).value for one in clients.values()]
    assert over_rest == over_mcp == placed.value.order


async def test_a_connection_that_was_idle_is_not_used_when_the_server_may_end_it(
    shop: MemoryShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert uvicorn.Config(both(shop)).timeout_keep_alive > IDLE_S
    monkeypatch.setattr("stend.shop.orders.api.mcp.client.IDLE_S", 0.0)
    ports: list[int] = []

    async def noting(scope: Scope, receive: Receive, send: Send) -> None:
        ports.append(scope["client"][1])
        await both(shop)(scope, receive, send)

    async with served(noting) as url:
        client = McpClient(url)
        try:
            for _ in range(2):
                await client.list_orders(ListOrders(fresh_customer()))
        finally:
            await client.close()
    assert len(set(ports)) == len(ports) >= 2


async def test_a_key_is_one_key_over_both(clients: Clients) -> None:
    request = a_request()
    placed = (await clients["rest"].place_order(request)).value
    again = (await clients["mcp"].place_order(request)).value
    assert (again.order, again.replayed) == (placed.order, True)


async def test_pages_and_cursors_are_the_same_over_both(clients: Clients) -> None:
    customer = fresh_customer()
    for _ in range(3):
        await clients["mcp"].place_order(a_request(customer_id=customer))
    cursor, seen = None, 0
    while True:
        wanted = ListOrders(customer, OrderStatus.PLACED, 2, cursor)
        pages = [(await one.list_orders(wanted)).value for one in clients.values()]
        assert pages[0] == pages[1]
        seen += len(pages[0].orders)
        cursor = pages[0].next_cursor
        if cursor is None:
            break
    assert seen == 3


async def test_a_cancelled_order_reads_the_same_over_both(clients: Clients) -> None:
    order = (await clients["rest"].place_order(a_request())).value.order
    cancelled = await clients["mcp"].cancel_order(CancelOrder(order.order_id, "Передумал", 1))
    assert (cancelled.value.status, cancelled.value.reason) == ("cancelled", "Передумал")
    assert (await clients["rest"].get_order(GetOrder(order.order_id))).value == cancelled.value


@pytest.mark.parametrize("refusal", TOLD, ids=lambda refusal: refusal.name)
async def test_a_refusal_is_the_same_over_both(clients: Clients, refusal: Refusal) -> None:
    reply = await refusal.act(clients["mcp"])
    assert reply.error is not None
    assert (reply.status, reply.error.code, reply.error.domain) == ("isError", refusal.code, True)
    places = [one.where.strip("/").replace("/", ".") for one in reply.error.violations]
    assert tuple(places) == refusal.fields
    assert reply.error.detail


async def test_following_is_refused_with_the_reason(client: OrdersClient) -> None:
    (reply,) = [one async for one in client.track_order(TrackOrder(UNKNOWN_ORDER))]
    assert reply.error is not None
    assert (reply.error.code, reply.error.domain) == ("method-not-allowed", False)
    assert "no stream" in reply.error.detail


# ---- the SDK itself ----------------------------------------------------------------------------


@pytest.mark.parametrize("mode", MODES)
async def test_the_sdk_negotiates_lists_and_calls(url: str, mode: str) -> None:
    async with connected(url, mode) as client:
        assert client.protocol_version == MODES[mode]
        assert client.server_info is not None
        assert (client.server_info.name, client.server_info.title) == ("lavka-orders", "Lavka")
        assert client.server_capabilities.tools is not None
        assert client.server_capabilities.resources is None
        listed = await client.list_tools()
        assert [tool.name for tool in listed.tools] == [
            "place_order",
            "get_order",
            "list_orders",
            "cancel_order",
        ]
        placed = await client.call_tool("place_order", dict(messages.input_to_json(a_request())))
        assert not placed.is_error
        assert placed.structured_content is not None
        # The SDK has held it against outputSchema; the text says the same.
        (content,) = placed.content
        assert content.type == "text"
        assert messages.json_from(content.text) == placed.structured_content


@pytest.mark.parametrize("mode", MODES)
async def test_the_sdk_hears_of_a_refusal_as_a_result(url: str, mode: str) -> None:
    async with connected(url, mode) as client:
        refused = await client.call_tool("get_order", {"order_id": UNKNOWN_ORDER})
        assert refused.is_error
        (content,) = refused.content
        assert content.type == "text"
        assert "There is no such order" in content.text
        assert refused.meta is not None
        assert refused.meta["lavka/error"]["code"] == "order-not-found"


@pytest.mark.parametrize("mode", MODES)
async def test_the_sdk_hears_of_what_is_not_there_as_an_error(url: str, mode: str) -> None:
    async with connected(url, mode) as client:
        with pytest.raises(mcp.MCPError) as no_tool:
            await client.call_tool("drop_orders", {})
        assert no_tool.value.code == -32602
        assert no_tool.value.data["expected"].startswith("place_order, get_order")
        with pytest.raises(mcp.MCPError) as no_method:
            await client.list_resources()
        assert no_method.value.code == -32601
        with pytest.raises(mcp.MCPError) as no_page:
            await client.list_tools(cursor="2")
        assert no_page.value.code == -32602


async def test_the_sdk_pings_where_there_is_a_ping(url: str) -> None:
    async with connected(url, "legacy") as client:
        assert await client.session.send_ping() is not None


async def test_many_calls_run_at_once_over_one_connection(url: str, client: OrdersClient) -> None:
    order_id = (await client.place_order(a_request())).value.order.order_id

    async def read(one: mcp.Client) -> Any:
        return (await one.call_tool("get_order", {"order_id": order_id})).structured_content

    async with connected(url, "auto") as sdk:
        answers = await asyncio.gather(*(read(sdk) for _ in range(20)))
    assert {answer["order_id"] for answer in answers} == {order_id}
