"""What the SDK would never send."""

import json
from collections.abc import AsyncGenerator
from typing import Any

import httpx
import pytest
from starlette.types import ASGIApp, Receive, Scope, Send
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from stend.chassis.access import Caller
from stend.chassis.intake import Intake
from stend.kit.errors import EdgeErrorCode, StendError
from stend.shop.orders.api.mcp import server
from stend.shop.orders.api.mcp.client import McpClient
from stend.shop.orders.usecases import GetOrder, Orders
from tests.fakes.orders import MemoryShop
from tests.serving import http_client, served
from tests.shop.orders.examples import UNKNOWN_ORDER, a_request
from tests.shop.orders.mcp.conftest import LIMIT_BYTES

STATELESS = "2026-07-28"
_META = {
    "io.modelcontextprotocol/protocolVersion": STATELESS,
    "io.modelcontextprotocol/clientCapabilities": {},
}


async def post(url: str, message: Any, **headers: str) -> httpx.Response:
    usual = {
        "Content-Type": "application/json",
        "Accept": "application/json, text/event-stream",
        **headers,
    }
    body = message if isinstance(message, bytes | AsyncGenerator) else json.dumps(message).encode()
    async with http_client() as http:
        return await http.post(url + server.PATH, content=body, headers=usual)


async def post_stateless(url: str, message: dict[str, Any], **headers: str) -> httpx.Response:
    params = message.get("params", {})
    whole = {**message, "params": {"_meta": _META, **params}}
    routing = {"MCP-Protocol-Version": STATELESS, "Mcp-Method": message["method"]}
    if "name" in params:
        routing["Mcp-Name"] = params["name"]
    return await post(url, whole, **{**routing, **headers})


def call(method: str, request_id: object = 1, **params: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "method": method, "params": params, "id": request_id}


def handshake(version: object = "2025-11-25") -> dict[str, Any]:
    return call(
        "initialize",
        protocolVersion=version,
        capabilities={},
        clientInfo={"name": "test", "version": "1"},
    )


def code_of(response: httpx.Response) -> int:
    number: int = response.json()["error"]["code"]
    return number


# ---- the handshake -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("2025-11-25", "2025-11-25"),
        ("2025-06-18", "2025-06-18"),
        ("2025-03-26", "2025-11-25"),
        ("2099-01-01", "2025-11-25"),
    ],
)
async def test_the_handshake_answers_with_a_revision_that_the_server_knows(
    url: str, asked: str, answered: str
) -> None:
    response = await post(url, handshake(asked))
    result = response.json()["result"]
    assert result["protocolVersion"] == answered
    assert result["capabilities"] == {"tools": {}}
    assert "mcp-session-id" not in response.headers


@pytest.mark.parametrize("missing", ["protocolVersion", "capabilities", "clientInfo"])
async def test_a_handshake_without_a_member_is_refused(url: str, missing: str) -> None:
    message = handshake()
    del message["params"][missing]
    response = await post(url, message)
    assert (response.status_code, code_of(response)) == (200, -32602)
    assert missing in response.json()["error"]["data"]["detail"]


@pytest.mark.parametrize("method", ["notifications/initialized", "notifications/cancelled", "x"])
async def test_notifications_are_accepted_without_an_answer(url: str, method: str) -> None:
    response = await post(url, {"jsonrpc": "2.0", "method": method})
    assert (response.status_code, response.content) == (202, b"")


async def test_a_revision_that_is_unknown_is_refused_with_those_that_are_not(url: str) -> None:
    headers = {"MCP-Protocol-Version": "2025-03-26"}
    response = await post(url, call("tools/list"), **headers)
    assert (response.status_code, code_of(response)) == (400, -32022)
    assert response.json()["error"]["data"] == {
        "supported": ["2025-06-18", "2025-11-25", STATELESS],
        "requested": "2025-03-26",
    }


@pytest.mark.parametrize(
    "method", ["resources/list", "prompts/get", "logging/setLevel", "server/discover", "get_order"]
)
async def test_a_method_that_is_not_there_is_told_with_those_that_are(
    url: str, method: str
) -> None:
    headers = {"MCP-Protocol-Version": "2025-11-25"}
    response = await post(url, call(method), **headers)
    assert (response.status_code, code_of(response)) == (200, -32601)
    expected = response.json()["error"]["data"]["expected"]
    assert expected == "initialize, ping, tools/list, tools/call"


# ---- the stateless revision --------------------------------------------------------------------


async def test_discovery_tells_versions_and_how_long_to_keep_them(url: str) -> None:
    result = (await post_stateless(url, call("server/discover"))).json()["result"]
    assert STATELESS in result["supportedVersions"]
    assert (result["resultType"], result["cacheScope"]) == ("complete", "public")
    assert result["ttlMs"] > 0
    assert result["_meta"]["io.modelcontextprotocol/serverInfo"]["name"] == "lavka-orders"


async def test_results_of_tools_are_complete_and_not_to_be_kept(url: str) -> None:
    message = call("tools/call", name="list_orders", arguments={})
    result = (await post_stateless(url, message)).json()["result"]
    assert result["resultType"] == "complete"
    assert "ttlMs" not in result
    assert result["structuredContent"] == {"orders": [], "next_cursor": None}


@pytest.mark.parametrize(
    "headers",
    [
        {"Mcp-Method": "tools/list"},
        {"Mcp-Method": ""},
        {"Mcp-Name": "cancel_order"},
        {"Mcp-Name": "=?base64?Y2FuY2VsX29yZGVy?="},
        {"Mcp-Name": "=?base64?!?="},
    ],
)
async def test_a_header_that_says_something_else_is_refused(
    url: str, headers: dict[str, str]
) -> None:
    message = call("tools/call", name="list_orders", arguments={})
    response = await post_stateless(url, message, **headers)
    assert (response.status_code, code_of(response)) == (400, -32020)


async def test_a_header_may_be_wrapped(url: str) -> None:
    message = call("tools/call", name="list_orders", arguments={})
    wrapped = {"Mcp-Name": "=?base64?bGlzdF9vcmRlcnM=?="}
    assert (await post_stateless(url, message, **wrapped)).status_code == 200


async def test_a_header_must_not_be_missing_nor_stand_there_twice(url: str) -> None:
    claimed = call("tools/list", _meta=_META)
    assert code_of(await post(url, claimed)) == -32020
    async with http_client() as http:
        headers = [
            ("Content-Type", "application/json"),
            ("MCP-Protocol-Version", STATELESS),
            ("Mcp-Method", "tools/list"),
            ("Mcp-Method", "tools/list"),
        ]
        twice = await http.post(url + server.PATH, json=claimed, headers=headers)
    assert (twice.status_code, code_of(twice)) == (400, -32020)


@pytest.mark.parametrize("key", list(_META))
async def test_a_request_without_its_envelope_is_refused(url: str, key: str) -> None:
    meta = {name: value for name, value in _META.items() if name != key}
    response = await post_stateless(url, call("tools/list", _meta=meta))
    assert (response.status_code, code_of(response)) == (400, -32602)
    assert key in response.json()["error"]["data"]["detail"]


@pytest.mark.parametrize("method", ["initialize", "ping", "resources/list"])
async def test_a_method_that_this_revision_lacks_is_404(url: str, method: str) -> None:
    response = await post_stateless(url, call(method))
    assert (response.status_code, code_of(response)) == (404, -32601)


# ---- messages ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("message", "number"),
    [
        (b"", -32700),
        (b"{", -32700),
        (b"[" * 5000, -32700),
        (b"\xff", -32700),
        ([], -32600),
        ([call("ping")], -32600),
        ([call("ping", n) for n in range(500)], -32600),
        (7, -32600),
        ({"jsonrpc": "2.0", "id": 1, "result": {}}, -32600),
        ({"method": "ping", "id": 1}, -32600),
        (call("ping", None), -32600),
        (call("ping", 1.5), -32600),
        ({**call("ping"), "params": None}, -32600),
    ],
)
async def test_what_is_no_message_is_400(url: str, message: Any, number: int) -> None:
    response = await post(url, message)
    assert (response.status_code, code_of(response)) == (400, number)


@pytest.mark.parametrize("params", [{}, {"name": None}, {"name": 1}, {"name": "GetOrder"}])
async def test_a_tool_that_is_not_there_is_an_error(url: str, params: dict[str, Any]) -> None:
    response = await post(url, call("tools/call", **params))
    assert (response.status_code, code_of(response)) == (200, -32602)


@pytest.mark.parametrize("arguments", [None, [], "x", 1])
async def test_arguments_are_an_object(url: str, arguments: Any) -> None:
    response = await post(url, call("tools/call", name="list_orders", arguments=arguments))
    assert code_of(response) == -32602


@pytest.mark.parametrize(
    "arguments", [{}, {"order_id": None}, {"order_id": "1"}, {"order_id": UNKNOWN_ORDER, "x": 1}]
)
async def test_arguments_that_break_the_schema_are_told_to_the_model(
    url: str, arguments: dict[str, Any]
) -> None:
    result = (await post(url, call("tools/call", name="get_order", arguments=arguments))).json()
    assert result["result"]["isError"] is True
    assert result["result"]["_meta"]["lavka/error"]["code"] == "invalid-argument"
    assert result["result"]["content"][0]["type"] == "text"


async def test_params_by_position_are_refused(url: str) -> None:
    response = await post(url, {**call("tools/call"), "params": ["get_order"]})
    assert code_of(response) == -32602


@pytest.mark.parametrize("method", ["GET", "DELETE", "PUT"])
async def test_there_is_no_stream_and_no_session(url: str, method: str) -> None:
    async with http_client() as http:
        response = await http.request(
            method, url + server.PATH, headers={"Accept": "text/event-stream"}
        )
    assert (response.status_code, response.headers["allow"]) == (405, "POST")


async def test_http_is_refused_where_it_is_not_of_use(url: str) -> None:
    assert (await post(url, call("ping"), **{"Content-Type": "text/plain"})).status_code == 415
    assert (await post(url, call("ping"), Accept="text/event-stream")).status_code == 406
    large = await post(url, call("ping", x="y" * LIMIT_BYTES))
    assert (large.status_code, code_of(large)) == (413, -32013)
    async with http_client() as http:
        assert (await http.post(url + "/mcp/tools")).status_code == 404
    with pytest.raises(InvalidStatus, match="403"):
        await connect(url.replace("http", "ws", 1) + server.PATH)


# ---- failures ----------------------------------------------------------------------------------


class ReadersOnly:
    def allow(self, scope: str, credential: str | None) -> Caller:
        if credential != "Bearer reader":
            raise StendError(EdgeErrorCode.UNAUTHENTICATED, "Who are you?")
        if scope != "orders:read":
            raise StendError(EdgeErrorCode.FORBIDDEN, "You may only look.")
        return Caller("reader", frozenset({scope}))


async def test_scopes_are_asked_for_with_401_and_403(shop: MemoryShop) -> None:
    placed = (await shop.orders.place_order(a_request())).order
    app = server.create_app(
        shop.orders.on_behalf_of, Intake("orders", "mcp", ReadersOnly(), 5), LIMIT_BYTES
    )
    async with served(app) as url:
        message = call("tools/call", name="get_order", arguments={"order_id": placed.order_id})
        nobody = await post(url, message)
        assert nobody.status_code == 401
        assert nobody.headers["www-authenticate"].startswith("Bearer")
        assert nobody.json()["id"] == 1
        message["params"]["name"] = "cancel_order"
        reader = await post(url, message, Authorization="Bearer reader")
        assert (reader.status_code, reader.json()["error"]["data"]["code"]) == (403, "forbidden")
        for authorization, code in ((None, "unauthenticated"), ("Bearer reader", "forbidden")):
            client = McpClient(url, authorization)
            reply = await client.place_order(a_request())
            assert reply.error is not None
            assert (reply.error.code, reply.error.domain) == (code, False)
            await client.close()
        client = McpClient(url, "Bearer reader")
        assert (await client.get_order(GetOrder(placed.order_id))).value == placed
        await client.close()


async def test_a_bug_is_a_result_without_a_trace(caplog: pytest.LogCaptureFixture) -> None:
    def broken(caller: Caller) -> Orders:
        raise ZeroDivisionError

    app = server.create_app(broken, Intake("orders", "mcp", NoAccess(), 5), LIMIT_BYTES)
    async with served(app) as url:
        answer = (await post(url, call("tools/call", name="list_orders"))).json()
    assert answer["result"]["_meta"]["lavka/error"]["code"] == "internal"
    assert "ZeroDivisionError" not in json.dumps(answer)
    assert "ZeroDivisionError" in caplog.text


class NoAccess:
    def allow(self, scope: str, credential: str | None) -> Caller:
        return Caller("anonymous", frozenset({scope}))


async def test_nobody_at_the_address_is_unavailable() -> None:
    client = McpClient("http://127.0.0.1:9")
    for _ in range(2):
        reply = await client.get_order(GetOrder(UNKNOWN_ORDER))
        assert reply.error is not None
        assert (reply.error.code, reply.error.domain) == ("unavailable", False)
    await client.close()


async def _a_page(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 502, "headers": []})
    await send({"type": "http.response.body", "body": b"<html>Bad gateway</html>"})


async def test_somebody_else_at_the_address_is_unavailable() -> None:
    app: ASGIApp = _a_page
    async with served(app) as url:
        client = McpClient(url)
        reply = await client.get_order(GetOrder(UNKNOWN_ORDER))
        await client.close()
    assert reply.error is not None
    assert (reply.error.code, reply.error.domain) == ("unavailable", False)


async def test_a_connection_that_broke_is_made_anew(shop: MemoryShop) -> None:
    app = server.create_app(
        shop.orders.on_behalf_of, Intake("orders", "mcp", NoAccess(), 5), LIMIT_BYTES
    )
    order = (await shop.orders.place_order(a_request())).order
    gone = False

    async def flickering(scope: Scope, receive: Receive, send: Send) -> None:
        if gone:
            raise ConnectionError("the server dies")
        await app(scope, receive, send)

    async with served(flickering) as url:
        client = McpClient(url)
        assert (await client.get_order(GetOrder(order.order_id))).value == order
        gone = True
        broken = await client.get_order(GetOrder(order.order_id))
        assert broken.error is not None
        assert (broken.error.code, broken.error.domain) == ("unavailable", False)
        gone = False
        assert (await client.get_order(GetOrder(order.order_id))).value == order
        await client.close()
