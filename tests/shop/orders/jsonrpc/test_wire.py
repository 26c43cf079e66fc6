"""What no client of ours would send, and what a stock client does."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pjrpc.client.backend.httpx
import pytest
from starlette.types import ASGIApp, Receive, Scope, Send
from websockets.asyncio.client import ClientConnection, connect

from stend.chassis.access import Caller, OpenAccess
from stend.chassis.intake import Intake
from stend.kit.errors import EdgeErrorCode, StendError, unavailable
from stend.shop.orders.api import messages
from stend.shop.orders.api.jsonrpc import server
from stend.shop.orders.api.jsonrpc.client import JsonRpcClient
from stend.shop.orders.api.reply import OrdersClient
from stend.shop.orders.domain import Order
from stend.shop.orders.usecases import CancelOrder, GetOrder, Orders, TrackOrder
from tests.fakes.orders import (
    CountingIds,
    HandClock,
    MemoryOrderFeed,
    MemoryOrderStore,
    MemoryShop,
)
from tests.serving import http_client, served
from tests.shop.openrpc.contracts import Contract
from tests.shop.orders.examples import UNKNOWN_ORDER, a_request
from tests.shop.orders.jsonrpc.conftest import LIMITS
from tests.waiting import until_async

CONTRACT = Contract(server.contract())


async def post(url: str, message: Any) -> Any:
    async with http_client() as http:
        body = message if isinstance(message, bytes) else json.dumps(message).encode()
        headers = {"Content-Type": "application/json"}
        response = await http.post(url + server.PATH, content=body, headers=headers)
    return response.json() if response.content else None


def socket_of(url: str) -> connect:
    return connect(url.replace("http", "ws", 1) + server.PATH)


async def ask(socket: ClientConnection, message: Any) -> Any:
    await socket.send(json.dumps(message))
    return await receive(socket)


async def receive(socket: ClientConnection) -> Any:
    async with asyncio.timeout(10):
        return json.loads(await socket.recv())


def call(method: str, request_id: object = 1, **params: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "method": method, "params": params, "id": request_id}


async def place(client: OrdersClient) -> str:
    return (await client.place_order(a_request())).value.order.order_id


# ---- messages ----------------------------------------------------------------------------------


async def test_answers_are_as_the_contract_wants_them(url: str, client: OrdersClient) -> None:
    place_params = messages.input_to_json(a_request())
    placed = await post(url, call("orders.place", **place_params))
    order_id = placed["result"]["order"]["order_id"]
    answers = {
        "orders.place": placed,
        "orders.get": await post(url, call("orders.get", order_id=order_id)),
        "orders.list": await post(url, call("orders.list", limit=1)),
        "orders.cancel": await post(url, call("orders.cancel", order_id=order_id, reason="Так")),
    }
    for method, answer in answers.items():
        schema = CONTRACT.methods[method]["result"]["schema"]
        assert CONTRACT.complaints(schema, answer["result"]) == []
    error = (await post(url, call("orders.get", order_id=1)))["error"]
    assert CONTRACT.complaints({"$ref": "#/components/schemas/ErrorObject"}, error) == []


async def test_rpc_discover_answers_with_the_contract(url: str) -> None:
    answer = await post(url, {"jsonrpc": "2.0", "method": "rpc.discover", "id": 1})
    assert answer["result"] == json.loads(server.contract())
    refused = await post(url, call("rpc.discover", lang="ru"))
    assert refused["error"]["code"] == -32602


@pytest.mark.parametrize(
    ("message", "number"),
    [
        (b"", -32700),
        (b"{", -32700),
        (b"[" * 5000, -32700),
        (
            b'{"jsonrpc":"2.0","method":"orders.get","params":{"order_id":"' + b"\xff" + b'"}}',
            -32700,
        ),
        ([], -32600),
        (None, -32600),
        ({"method": "orders.get", "id": 1}, -32600),
        (call("orders.get", True), -32600),
        ({**call("orders.get"), "params": None}, -32600),
        ({**call("orders.get"), "params": [UNKNOWN_ORDER]}, -32602),
        (call("orders.drop"), -32601),
        (call("get_order"), -32601),
        (call("orders.get"), -32602),
        (call("orders.get", order_id=None), -32602),
        (call("orders.get", order_id=UNKNOWN_ORDER, extra=1), -32602),
        (call("orders.get", order_id=UNKNOWN_ORDER), 1004),
        ([{"jsonrpc": "2.0", "method": "a", "id": n} for n in range(1000)], -32600),
        ([call("orders.list", 1), call("orders.list", 1)], -32600),
    ],
)
async def test_a_bad_message_has_its_number(url: str, message: Any, number: int) -> None:
    assert (await post(url, message))["error"]["code"] == number


async def test_deep_parameters_are_refused_by_name_and_not_by_a_crash(url: str) -> None:
    deep: Any = "x"
    for _ in range(150):
        deep = [deep]
    answer = await post(url, call("orders.get", order_id=deep))
    assert answer["error"]["code"] == -32602
    for _ in range(100):
        deep = {"a": deep}
    assert (await post(url, call("orders.get", order_id=deep)))["error"]["code"] == -32700


async def test_a_notification_places_an_order_and_answers_nothing(
    url: str, client: OrdersClient, shop: MemoryShop
) -> None:
    params = messages.input_to_json(a_request())
    assert await post(url, {"jsonrpc": "2.0", "method": "orders.place", "params": params}) is None
    assert len(shop.store.orders) == 1


async def test_a_batch_mixes_results_errors_and_notifications(
    url: str, client: OrdersClient
) -> None:
    order_id = await place(client)
    answers = await post(
        url,
        [
            call("orders.get", "a", order_id=order_id),
            {"jsonrpc": "2.0", "method": "orders.get", "params": {"order_id": order_id}},
            call("orders.get", None, order_id=UNKNOWN_ORDER),
            call("orders.track", 3, order_id=order_id),
            7,
        ],
    )
    assert [one["id"] for one in answers] == ["a", None, 3, None]
    assert answers[0]["result"]["order_id"] == order_id
    assert [one["error"]["code"] for one in answers[1:]] == [1004, -32005, -32600]


async def test_a_message_that_is_too_large_is_refused_with_413(url: str) -> None:
    async with http_client() as http:
        response = await http.post(
            url + server.PATH, json=call("orders.get", order_id="x" * LIMITS.message_bytes)
        )
    assert (response.status_code, response.json()["error"]["code"]) == (413, -32013)


async def test_pjrpc_calls_and_sends_batches(url: str, client: OrdersClient) -> None:
    order_id = await place(client)
    async with pjrpc.client.backend.httpx.AsyncClient(url + server.PATH) as stock:
        order: Any = await stock("orders.get", order_id=order_id)
        assert order["order_id"] == order_id
        async with stock.batch() as batch:
            batch.call("orders.list", limit=1)
            batch.notify("orders.cancel", order_id=order_id)
            batch.call("orders.list", status="placed")
        results: Any = iter(batch.get_results())
        assert len(next(results)["orders"]) == 1
        with pytest.raises(pjrpc.client.exceptions.JsonRpcError) as refused:
            await stock("orders.get", order_id=UNKNOWN_ORDER)
    assert refused.value.code == 1004
    data: Any = refused.value.data
    assert data["code"] == "order-not-found"


# ---- following ---------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["orders.track", "orders.untrack"])
async def test_over_http_a_stream_is_refused_with_the_way_to_it(url: str, method: str) -> None:
    params = {"order_id": UNKNOWN_ORDER} if method == "orders.track" else {"subscription": "sub-1"}
    error = (await post(url, call(method, **params)))["error"]
    assert error["code"] == -32005
    assert "WebSocket at /rpc/orders" in error["data"]["detail"]


async def test_a_subscription_sends_what_the_contract_tells(url: str, client: OrdersClient) -> None:
    order_id = await place(client)
    schemas = CONTRACT.methods["orders.track"]
    async with socket_of(url) as socket:
        answer = await ask(socket, call("orders.track", order_id=order_id))
        assert CONTRACT.complaints(schemas["result"]["schema"], answer["result"]) == []
        frames = [await receive(socket)]
        await client.cancel_order(CancelOrder(order_id))
        frames += [await receive(socket), await receive(socket)]
    assert [frame["method"] for frame in frames] == ["orders.event", "orders.event", "orders.end"]
    for frame in frames:
        schema = schemas["x-notifications"][frame["method"]]
        assert CONTRACT.complaints(schema, frame["params"]) == []


async def test_calls_and_two_subscriptions_share_one_socket(
    url: str, client: OrdersClient, shop: MemoryShop
) -> None:
    orders = [await place(client), await place(client)]
    async with socket_of(url) as socket:
        ids = {}
        for order_id in orders:
            answer = await ask(socket, call("orders.track", order_id=order_id))
            ids[answer["result"]["subscription"]] = order_id
            assert (await receive(socket))["params"]["event"]["order_id"] == order_id
        assert len(ids) == 2
        got = await ask(socket, call("orders.get", "g", order_id=orders[0]))
        assert got["id"] == "g"
        first = next(iter(ids))
        ended = await ask(socket, call("orders.untrack", subscription=first))
        assert ended["result"] == {"ended": True}
        await until_async(lambda: shop.feed.subscribers == 1)
        again = await ask(socket, call("orders.untrack", subscription=first))
        assert again["result"] == {"ended": False}
        bad = await ask(socket, call("orders.untrack", subscription="1"))
        assert bad["error"]["code"] == -32602
    await until_async(lambda: shop.feed.subscribers == 0)


async def test_a_connection_follows_only_so_many_orders(url: str, client: OrdersClient) -> None:
    order_id = await place(client)
    async with socket_of(url) as socket:
        batch = [
            call("orders.track", number, order_id=order_id)
            for number in range(LIMITS.subscriptions + 1)
        ]
        answers = await ask(socket, batch)
    refused = [one["error"]["code"] for one in answers if "error" in one]
    assert refused == [-32029]


class BreakableStore(MemoryOrderStore):
    broken = False

    async def get(self, order_id: str) -> Order | None:
        if self.broken:
            raise unavailable("PostgreSQL", "gone")
        return await super().get(order_id)


async def test_a_stream_that_breaks_is_told_as_an_error() -> None:
    feed = MemoryOrderFeed()
    store = BreakableStore(feed)
    orders = Orders(store, feed, HandClock(), CountingIds())
    order_id = (await orders.place_order(a_request())).order.order_id
    intake = Intake("orders", "jsonrpc", OpenAccess(), 5)
    async with served(server.create_app(orders.on_behalf_of, intake, LIMITS)) as url:
        client = JsonRpcClient(url)
        stream = client.track_order(TrackOrder(order_id))
        await anext(stream)
        store.broken = True
        feed.tell(order_id)
        (last,) = [reply async for reply in stream]
        await client.close()
    assert last.error is not None
    assert (last.error.code, last.error.domain, last.status) == ("unavailable", False, "orders.end")


async def test_a_notification_cannot_subscribe_unseen(url: str, client: OrdersClient) -> None:
    order_id = await place(client)
    async with socket_of(url) as socket:
        message = call("orders.track", order_id=order_id)
        del message["id"]
        await socket.send(json.dumps(message))
        frame = await receive(socket)
        assert frame["params"]["subscription"] == "sub-1"


# ---- failures of the exchange ------------------------------------------------------------------


async def _first(client: JsonRpcClient) -> list[str]:
    called = await client.get_order(GetOrder(UNKNOWN_ORDER))
    followed = [reply async for reply in client.track_order(TrackOrder(UNKNOWN_ORDER))]
    assert len(followed) == 1
    errors = (called.error, followed[0].error)
    await client.close()
    assert all(error is not None and not error.domain for error in errors)
    return [error.code for error in errors if error]


async def test_nobody_at_the_address_is_unavailable() -> None:
    assert await _first(JsonRpcClient("http://127.0.0.1:9")) == ["unavailable"] * 2


async def _a_page(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    await send({"type": "http.response.start", "status": 502, "headers": []})
    await send({"type": "http.response.body", "body": b"<html>Bad gateway</html>"})


async def _an_echo(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
        await receive()
        sent = await receive()
        await send({"type": "websocket.send", "text": sent["text"]})
        return
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b'{"jsonrpc":"2.0","id":1}'})


@pytest.mark.parametrize("app", [_a_page, _an_echo])
async def test_somebody_else_at_the_address_is_unavailable(app: ASGIApp) -> None:
    async with served(app) as url:
        assert await _first(JsonRpcClient(url)) == ["unavailable"] * 2


class ReadersOnly:
    def allow(self, scope: str, credential: str | None) -> Caller:
        if credential != "Bearer reader":
            raise StendError(EdgeErrorCode.UNAUTHENTICATED, "Who are you?")
        if scope != "orders:read":
            raise StendError(EdgeErrorCode.FORBIDDEN, "You may only look.")
        return Caller("reader", frozenset({scope}))


@asynccontextmanager
async def guarded(shop: MemoryShop) -> AsyncIterator[str]:
    intake = Intake("orders", "jsonrpc", ReadersOnly(), 5)
    async with served(server.create_app(shop.orders.on_behalf_of, intake, LIMITS)) as url:
        yield url


async def test_scopes_are_asked_for_over_http_and_websocket(shop: MemoryShop) -> None:
    placed = (await shop.orders.place_order(a_request())).order
    async with guarded(shop) as url:
        assert await _first(JsonRpcClient(url)) == ["unauthenticated"] * 2
        reader = JsonRpcClient(url, "Bearer reader")
        assert (await reader.get_order(GetOrder(placed.order_id))).value == placed
        stream = reader.track_order(TrackOrder(placed.order_id))
        assert (await anext(stream)).value.version == 1
        await stream.aclose()
        for reply in (
            await reader.place_order(a_request()),
            await reader.cancel_order(CancelOrder(placed.order_id)),
        ):
            assert reply.error is not None
            assert reply.error.code == "forbidden"
        await reader.close()
