"""Every protocol of every service through the gateway, with stock clients and those of the shop."""

import asyncio
import contextlib
import functools
import json
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import grpc
import httpx
import requests
import zeep
from gateway_running import HOST, Gateway
from gateway_shop import base_of
from tools import CheckError, run
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol
from zeep.transports import Transport
from zeep.wsse.username import UsernameToken

from stend.runtime.addresses import addresses_of
from stend.runtime.calling import OrdersClients
from stend.runtime.services import PLANS
from stend.runtime.settings import parse
from stend.runtime.system import RandomIds
from stend.shop.delivery.api.grpc.stubs import delivery_pb2
from stend.shop.orders.api.grpc.stubs import orders_pb2
from stend.shop.orders.api.protocols import Protocol, protocols_of
from stend.shop.orders.domain import Address, CartLine, OrderStatus
from stend.shop.orders.usecases import GetOrder, ListOrders, Operation, PlaceOrder, TrackOrder

# Clients of these go to a broker, past every gateway of HTTP.
_OF_BROKERS = {Protocol.AMQP, Protocol.KAFKA}
_WAY = [
    OrderStatus.PLACED,
    OrderStatus.RESERVED,
    OrderStatus.PAID,
    OrderStatus.PICKING,
    OrderStatus.ON_THE_WAY,
    OrderStatus.DELIVERED,
]
_DELIVERED_WITHIN_S = 60.0
_ORDERS = "lavka.orders.v1.Orders"
_CALL_TIMEOUT_S = 20.0
_KEYS_WITHIN_S = 10.0


def curl(*words: str | Path) -> str:
    return run(["curl", "--silent", "--show-error", "--noproxy", "*", *words])


def expect(found: object, wanted: object, what: str) -> None:
    """
    Raises:
        CheckError: they differ.
    """
    if found != wanted:
        raise CheckError(f"{what}: {found!r} instead of {wanted!r}")


def answered(ask: Callable[[], httpx.Response]) -> httpx.Response:
    """The first answer that is not 503: a service fetches the keys of tokens with the first one."""
    deadline = time.monotonic() + _KEYS_WITHIN_S
    while (answer := ask()).status_code == httpx.codes.SERVICE_UNAVAILABLE:
        if time.monotonic() > deadline:
            raise CheckError(f"{answer.url}: {answer.text}")
        time.sleep(0.2)
    return answer


# ---- orders, with the clients of the shop --------------------------------------------------------


def orders_over_every_protocol(gateway: Gateway) -> str:
    """Places and finds orders, and follows one to the door; its id is returned.

    Raises:
        CheckError: a protocol does not pass.
    """
    return asyncio.run(_orders(gateway))


async def _orders(gateway: Gateway) -> str:
    # The ports beside notifications are those where it sends webhooks to.
    at = {
        "stand.port_base": base_of("notifications"),
        "orders.rest_url": gateway.url,
        "orders.grpc_target": f"{HOST}:{gateway.http_port}",
        "notifications.url": gateway.url,
    }
    clients = OrdersClients(addresses_of(parse(at, {}, {})), RandomIds())
    try:
        for protocol in protocols_of(Operation.PLACE_ORDER):
            if protocol not in _OF_BROKERS:
                order_id = await _placed(clients, protocol)
        followers = [one for one in protocols_of(Operation.TRACK_ORDER) if one not in _OF_BROKERS]
        async with asyncio.timeout(_DELIVERED_WITHIN_S):
            seen = await asyncio.gather(*(_followed(clients, one, order_id) for one in followers))
        for protocol, statuses in zip(followers, seen, strict=True):
            expect(statuses, _WAY, f"the way of an order, followed over {protocol}")
    finally:
        await clients.close()
    return order_id


async def _placed(clients: OrdersClients, protocol: Protocol) -> str:
    ids = RandomIds()
    wanted = PlaceOrder(
        customer_id=f"cus_{ids.ulid()}",
        lines=(CartLine("MILK-001", 2),),
        address=Address("Москва", "Лесная улица", "7"),
        idempotency_key=ids.ulid(),
    )
    placed = await clients[protocol].place_order(wanted)
    if placed.error:
        raise CheckError(f"PlaceOrder over {protocol}: {placed.error}")
    order_id = placed.value.order.order_id
    found = await clients[protocol].get_order(GetOrder(order_id))
    expect(found.value.order_id, order_id, f"GetOrder over {protocol}")
    listed = await clients[protocol].list_orders(ListOrders(limit=1))
    expect(len(listed.value.orders), 1, f"ListOrders over {protocol}")
    return order_id


async def _followed(clients: OrdersClients, protocol: Protocol, order_id: str) -> list[OrderStatus]:
    async with contextlib.aclosing(clients[protocol].track_order(TrackOrder(order_id))) as replies:
        return [reply.value.status async for reply in replies]


# ---- gRPC, in plain and over TLS -----------------------------------------------------------------


@contextlib.contextmanager
def channel_to(gateway: Gateway, ca: Path | None) -> Iterator[grpc.Channel]:
    """`ca`: of TLS; None: HTTP/2 with prior knowledge."""
    options = [("grpc.enable_http_proxy", 0)]
    if ca:
        credentials = grpc.ssl_channel_credentials(ca.read_bytes())
        channel = grpc.secure_channel(f"localhost:{gateway.https_port}", credentials, options)
    else:
        channel = grpc.insecure_channel(f"{HOST}:{gateway.http_port}", options)
    with channel:
        yield channel


def status_of(channel: grpc.Channel, order_id: str) -> grpc.StatusCode:
    """What GetOrder ends with."""
    get: Any = channel.unary_unary(f"/{_ORDERS}/GetOrder")
    try:
        get(orders_pb2.GetOrderRequest(order_id=order_id).SerializeToString(), timeout=10)
    except grpc.RpcError as error:
        code: grpc.StatusCode = error.code()
        return code
    return grpc.StatusCode.OK


def grpc_of_both_services(gateway: Gateway, ca: Path, order_id: str) -> None:
    """
    Raises:
        CheckError: a call or a stream does not pass.
    """
    for authority in (None, ca):
        with channel_to(gateway, authority) as channel:
            expect(status_of(channel, order_id), grpc.StatusCode.OK, "GetOrder over gRPC")
            track: Any = channel.unary_stream(f"/{_ORDERS}/TrackOrder")
            wanted = orders_pb2.TrackOrderRequest(order_id=order_id).SerializeToString()
            events = [
                orders_pb2.OrderEvent.FromString(one)
                for one in track(wanted, timeout=_CALL_TIMEOUT_S)
            ]
            expect(len(events), len(_WAY), "events of TrackOrder over gRPC")
            get: Any = channel.unary_unary("/lavka.delivery.v1.Deliveries/GetDelivery")
            asked = delivery_pb2.GetDeliveryRequest(order_id=order_id).SerializeToString()
            found = delivery_pb2.Delivery.FromString(get(asked, timeout=_CALL_TIMEOUT_S))
            expect(found.order_id, order_id, "GetDelivery over gRPC")
            check: Any = channel.unary_unary("/grpc.health.v1.Health/Check")
            # HealthCheckResponse, field 1: SERVING.
            expect(check(b"", timeout=_CALL_TIMEOUT_S), b"\x08\x01", "health over gRPC")


# ---- the other services --------------------------------------------------------------------------


def paths_of_every_service(gateway: Gateway) -> None:
    """Each answers as it does without the gateway, and what is nobody's is not passed on.

    Raises:
        CheckError: one does not.
    """
    with httpx.Client(trust_env=False, timeout=_CALL_TIMEOUT_S) as client:
        for plan in PLANS.values():
            for path in plan.paths:
                answers = [
                    client.get(url + path)
                    for url in (gateway.url, f"http://{HOST}:{base_of(plan.name)}")
                ]
                through, direct = [
                    (one.status_code, one.headers["content-type"]) for one in answers
                ]
                expect(through, direct, f"GET {path} through the gateway")
        for path in ("/", "/metrics", "/stand/status", "/graphqlx", "/.gateway/404"):
            answer = client.get(gateway.url + path)
            found = (answer.status_code, answer.json()["code"])
            expect(found, (404, "no-such-operation"), f"GET {path}")


def other_services(gateway: Gateway, ca: Path, order_id: str) -> None:
    """
    Raises:
        CheckError: one of their protocols does not pass.
    """
    trust = ssl.create_default_context(cafile=str(ca))
    for url, verify in ((gateway.url, False), (gateway.https_url, trust)):
        with httpx.Client(base_url=url, verify=verify, trust_env=False) as client:
            _over_http(client)
            _events_over_sse(client, order_id)
    for url in (gateway.url, gateway.https_url):
        _bank(url, ca)
        of_tls = trust if url.startswith("https") else None
        asyncio.run(_sockets("ws" + url.removeprefix("http"), of_tls))


def _over_http(client: httpx.Client) -> None:
    categories = {"query": "{ categories { categoryId } }"}
    answer = client.post("/graphql/catalog", json=categories).json()
    expect(len(answer["data"]["categories"]) > 1, True, "GraphQL of the catalogue")
    answer = client.post("/rpc/loyalty", json=_balance()).json()
    expect(answer["result"]["customer_id"], "cus_0042", "JSON-RPC of loyalty")
    form = {"grant_type": "client_credentials"}
    token = client.post("/oauth/token", data=form, auth=("readonly", "readonly-demo-secret")).json()
    bearer = {"Authorization": f"Bearer {token['access_token']}"}
    for path in ("/api/v1/analytics/marts", "/api/v1/orders?limit=1"):
        told = answered(functools.partial(client.get, path, headers=bearer))
        expect(told.status_code, 200, f"GET {path} with a token of identity's")


def _events_over_sse(client: httpx.Client, order_id: str) -> None:
    path = f"/api/v1/notifications/stream?order_id={order_id}"
    with client.stream("GET", path, timeout=_CALL_TIMEOUT_S) as stream:
        first = next(line for line in stream.iter_lines() if line.startswith("event:"))
    expect(first, "event: OrderPlaced", "SSE of notifications")


def _bank(url: str, ca: Path) -> None:
    session = requests.Session()
    session.trust_env = False
    session.verify = str(ca)
    # A token is for one message (WS-Security UsernameToken, section 3.1): zeep makes each anew.
    bank = zeep.Client(
        f"{url}/soap/bank?wsdl",
        wsse=UsernameToken("auditor", "auditor"),
        transport=Transport(session=session),
    )
    with session:
        expect(len(bank.service.ListPayments(limit=1).payments.payment), 1, "SOAP of the bank")


async def _sockets(url: str, trust: ssl.SSLContext | None) -> None:
    async def told(path: str, protocol: str | None, frame: Mapping[str, Any]) -> Any:
        wanted = [Subprotocol(protocol)] if protocol else None
        # Not the client of threads: two of them share its one connection of TLS, which may then
        # wait for ever.
        async with connect(url + path, subprotocols=wanted, ssl=trust, proxy=None) as socket:
            await socket.send(json.dumps(frame))
            async with asyncio.timeout(_CALL_TIMEOUT_S):
                return json.loads(await socket.recv())

    lists = {"id": "1", "type": "ListOrders", "params": {"limit": 1}}
    answer = await told("/ws/orders", "lavka.orders.v1", lists)
    expect(answer["type"], "result", "WebSocket of orders")
    follows = {"id": "1", "type": "FollowNotifications", "params": {"order_id": "x"}}
    answer = await told("/ws/notifications", "lavka.notifications.v1", follows)
    expect(answer["error"]["code"], "invalid-argument", "WebSocket of notifications")
    answer = await told("/rpc/loyalty", None, _balance())
    expect(answer["result"]["customer_id"], "cus_0042", "JSON-RPC of loyalty over WebSocket")


def _balance() -> Mapping[str, Any]:
    asked = {"customer_id": "cus_0042"}
    return {"jsonrpc": "2.0", "id": 1, "method": "loyalty.balance", "params": asked}
