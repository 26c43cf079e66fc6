"""How GetOrder is called over each protocol: what a client sends to either server of a row."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from pydantic_core import to_json

from bench.bare_amqp import QUEUE
from bench.bare_kafka import COMMANDS, REPLIES
from bench.broker_load import AmqpConnection, KafkaConnection, kafka_calls
from bench.load import Connection, GrpcConnection, HttpConnection, WebSocketConnection, get, post
from bench.stand import Stand
from stend.shop.orders.api.graphql import translate as graphql
from stend.shop.orders.api.grpc.stubs import orders_pb2 as pb
from stend.shop.orders.usecases import GetOrder

# Open connections, one for each order.
Opener = Callable[[Sequence[str]], AbstractAsyncContextManager[list[Connection]]]
_GRPC_SERVICE = "/lavka.orders.v1.Orders"
_SOAP = (
    '<?xml version="1.0" encoding="utf-8"?>'
    '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>'
    '<o:GetOrder xmlns:o="urn:lavka:orders:v1"><o:order_id>{}</o:order_id></o:GetOrder>'
    "</soap:Body></soap:Envelope>"
)


@dataclass(frozen=True, slots=True)
class Target:
    """
    Attributes:
        port: of the bare server, or the first one of the stand.
    """

    port: int
    is_bare: bool


@dataclass(frozen=True, slots=True)
class Row:
    """
    Attributes:
        more: arguments of the bare server after the database.
        constant: an answer without a database, where the bare server has one.
    """

    opener: Callable[[Stand, Target], Opener]
    more: Callable[[Stand], list[str]] = lambda _: []
    constant: Callable[[Target], Opener] | None = None


def each(open_one: Callable[[str], Awaitable[Connection]]) -> Opener:
    """A connection of its own for each order."""

    @asynccontextmanager
    async def opened(orders: Sequence[str]) -> AsyncIterator[list[Connection]]:
        connections = [await open_one(order_id) for order_id in orders]
        try:
            yield connections
        finally:
            for connection in connections:
                await connection.close()

    return opened


def http(request_of: Callable[[str], bytes]) -> Callable[[Stand, Target], Opener]:
    def opener(_: Stand, target: Target) -> Opener:
        return each(lambda order_id: HttpConnection.open(target.port, request_of(order_id)))

    return opener


def grpc(method: str, port: int) -> Opener:
    async def open_one(order_id: str) -> GrpcConnection:
        request = pb.GetOrderRequest(order_id=order_id).SerializeToString()
        return GrpcConnection(port, f"{_GRPC_SERVICE}/{method}", request)

    return each(open_one)


def rest_request(order_id: str) -> bytes:
    return get(f"/api/v1/orders/{order_id}")


def jsonrpc_request(order_id: str) -> bytes:
    params = {"order_id": order_id}
    call = {"jsonrpc": "2.0", "id": 1, "method": "orders.get", "params": params}
    return post("/rpc/orders", to_json(call), "application/json")


def soap_request(order_id: str) -> bytes:
    body = _SOAP.format(order_id).encode()
    action = '"urn:lavka:orders:v1:GetOrder"'
    return post("/soap/orders", body, "text/xml; charset=utf-8", SOAPAction=action)


def graphql_request(order_id: str) -> bytes:
    body = to_json(graphql.request_of(GetOrder(order_id)))
    return post("/graphql", body, "application/json", Accept="application/json")


def mcp_request(order_id: str) -> bytes:
    params: dict[str, Any] = {"name": "get_order", "arguments": {"order_id": order_id}}
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    accepted = "application/json, text/event-stream"
    more = {"Accept": accepted, "MCP_Protocol_Version": "2025-11-25"}
    return post("/mcp", to_json(call), "application/json", **more)


def websocket(_: Stand, target: Target) -> Opener:
    def open_one(order_id: str) -> Awaitable[Connection]:
        frame = {"id": "1", "type": "GetOrder", "params": {"order_id": order_id}}
        path, subprotocol = "/ws/orders", "lavka.orders.v1"
        return WebSocketConnection.open(target.port, path, subprotocol, to_json(frame))

    return each(open_one)


def amqp(stand: Stand, target: Target) -> Opener:
    queue = QUEUE if target.is_bare else "orders.commands"

    def open_one(order_id: str) -> Awaitable[Connection]:
        return AmqpConnection.open(stand.amqp_url, queue, command_of(order_id))

    return each(open_one)


def kafka(stand: Stand, target: Target) -> Opener:
    topics = (COMMANDS, REPLIES) if target.is_bare else ("orders.commands", "orders.replies")

    @asynccontextmanager
    async def opened(orders: Sequence[str]) -> AsyncIterator[list[Connection]]:
        async with kafka_calls(stand.kafka_servers, *topics) as calls:
            yield [KafkaConnection(calls, one, command_of(one)) for one in orders]

    return opened


def command_of(order_id: str) -> bytes:
    return to_json({"order_id": order_id})


ROWS = {
    "rest": Row(
        http(rest_request),
        constant=lambda target: each(
            lambda _: HttpConnection.open(target.port, get("/constant")),
        ),
    ),
    "jsonrpc": Row(http(jsonrpc_request)),
    "soap": Row(http(soap_request)),
    "graphql": Row(http(graphql_request)),
    "grpc": Row(
        lambda _, target: grpc("GetOrder", target.port + (0 if target.is_bare else 1)),
        constant=lambda target: grpc("Constant", target.port),
    ),
    "websocket": Row(websocket),
    "amqp": Row(amqp, more=lambda stand: [stand.amqp_url]),
    "kafka": Row(kafka, more=lambda stand: [stand.kafka_servers]),
    "mcp": Row(http(mcp_request)),
}
