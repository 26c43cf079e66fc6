"""Through NGINX the stand answers as on its own ports, and guards itself as there."""

import contextlib
import ssl
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

import grpc
import httpx
import pytest
import pytest_asyncio

from stend.runtime.addresses import addresses_of
from stend.runtime.calling import OrdersClients
from stend.runtime.settings import parse
from stend.runtime.system import RandomIds
from stend.shop.delivery.api.grpc.stubs.delivery_pb2 import GetDeliveryRequest
from stend.shop.orders.api.reply import OrdersClient
from stend.shop.orders.usecases import CancelOrder, GetOrder, TrackOrder
from tests.conftest import LiveStand
from tests.shop.orders.examples import UNKNOWN_ORDER, a_request


@pytest.fixture(params=["plain", "tls", "tapped", "tapped-tls"])
def http(request: pytest.FixtureRequest, live_stand: LiveStand) -> Iterator[httpx.Client]:
    """A client of the gateway, by each of its ways in."""
    offset = {"plain": 80, "tls": 443, "tapped": 180, "tapped-tls": 543}[request.param]
    scheme = "https" if "tls" in request.param else "http"
    trusted = ssl.create_default_context(cafile=str(live_stand.state / "nginx" / "tls" / "ca.pem"))
    url = f"{scheme}://127.0.0.1:{live_stand.port_base + offset}"
    with httpx.Client(base_url=url, verify=trusted, trust_env=False) as client:
        yield client


def test_portal_and_services_answer_through_the_gateway(
    http: httpx.Client, live_stand: LiveStand
) -> None:
    assert http.get("/stand/status").json()["port_base"] == live_stand.port_base
    assert "text/html" in http.get("/").headers["content-type"]
    assert http.get("/api/v1/orders").status_code == 200


@pytest.mark.parametrize(
    ("method", "headers", "refused"),
    [
        ("GET", {"Host": "localhost"}, False),
        ("GET", {"Host": "rebound.example"}, True),
        ("POST", {"Origin": "https://rebound.example"}, True),
    ],
)
def test_foreign_names_are_refused_through_the_gateway_too(
    http: httpx.Client, method: str, headers: dict[str, str], refused: bool
) -> None:
    answer = http.request(method, "/stand/status", headers=headers)
    assert (answer.status_code == 403) == refused


def test_a_page_of_the_gateway_may_send(http: httpx.Client) -> None:
    own = {"Origin": str(http.base_url).rstrip("/")}
    assert http.post("/api/v1/orders", headers=own, json={}).status_code != 403


# ---- every protocol ----------------------------------------------------------------------------


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def clients(live_stand: LiveStand) -> AsyncIterator[Mapping[str, OrdersClient]]:
    """They know the gateway's address and no other."""
    base = live_stand.port_base
    at = {"orders.rest_url": f"http://127.0.0.1:{base + 80}"}
    at["orders.grpc_target"] = f"127.0.0.1:{base + 80}"
    opened = OrdersClients(
        addresses_of(parse({"stand.port_base": base, **at}, {}, {})), RandomIds()
    )
    yield opened
    await opened.close()


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(
    "protocol", ["rest", "jsonrpc", "soap", "graphql", "grpc", "websocket", "mcp"]
)
async def test_calls_of_every_protocol_pass(
    clients: Mapping[str, OrdersClient], protocol: str
) -> None:
    placed = await clients[protocol].place_order(a_request())
    order_id = placed.value.order.order_id
    assert (await clients[protocol].get_order(GetOrder(order_id))).value.order_id == order_id


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("protocol", ["rest", "jsonrpc", "graphql", "grpc", "websocket", "sse"])
async def test_streams_of_every_protocol_pass_event_by_event(
    clients: Mapping[str, OrdersClient], protocol: str
) -> None:
    placed = await clients["rest"].place_order(a_request())
    order_id = placed.value.order.order_id
    async with contextlib.aclosing(clients[protocol].track_order(TrackOrder(order_id))) as replies:
        # The first has come while the order goes on: nothing holds it back.
        assert (await anext(replies)).value.type == "OrderPlaced"
        await clients["rest"].cancel_order(CancelOrder(order_id))
        assert (await anext(replies)).value.type == "OrderCancelled"


@pytest.mark.parametrize("offset", [80, 443])
def test_delivery_answers_behind_the_same_address(live_stand: LiveStand, offset: int) -> None:
    target = f"localhost:{live_stand.port_base + offset}"
    options = [("grpc.enable_http_proxy", 0)]
    if offset == 443:
        root = (live_stand.state / "nginx" / "tls" / "ca.pem").read_bytes()
        channel = grpc.secure_channel(target, grpc.ssl_channel_credentials(root), options)
    else:
        channel = grpc.insecure_channel(target, options)
    with channel:
        call: Any = channel.unary_unary("/lavka.delivery.v1.Deliveries/GetDelivery")
        with pytest.raises(grpc.RpcError) as refused:
            call(GetDeliveryRequest(order_id=UNKNOWN_ORDER).SerializeToString(), timeout=10)
    assert refused.value.code() is grpc.StatusCode.NOT_FOUND


def test_a_partner_of_the_stand_shows_his_certificate(live_stand: LiveStand) -> None:
    tls = live_stand.state / "nginx" / "tls"
    context = ssl.create_default_context(cafile=str(tls / "ca.pem"))
    context.load_cert_chain(tls / "partner.pem")
    url = f"https://127.0.0.1:{live_stand.port_base + 443}/partner/api/v1/orders"
    assert httpx.get(url, verify=context, trust_env=False).status_code == 200
    trusting = ssl.create_default_context(cafile=str(tls / "ca.pem"))
    assert httpx.get(url, verify=trusting, trust_env=False).status_code == 403
