"""The protocols of the service, and which operations each can carry."""

from collections.abc import Mapping
from enum import StrEnum

from stend.shop.orders.usecases import Operation


class Protocol(StrEnum):
    REST = "rest"
    JSONRPC = "jsonrpc"
    SOAP = "soap"
    GRAPHQL = "graphql"
    GRPC = "grpc"
    WEBSOCKET = "websocket"
    SSE = "sse"
    WEBHOOK = "webhook"
    AMQP = "amqp"
    KAFKA = "kafka"
    MCP = "mcp"


_ALL = frozenset(Operation)
_STREAM = frozenset({Operation.TRACK_ORDER})

OPERATIONS: Mapping[Protocol, frozenset[Operation]] = {
    Protocol.REST: _ALL,
    Protocol.JSONRPC: _ALL,
    Protocol.SOAP: _ALL,
    Protocol.GRAPHQL: _ALL,
    Protocol.GRPC: _ALL,
    Protocol.WEBSOCKET: _ALL,
    # These two only tell what happens; nobody asks anything over them.
    Protocol.SSE: _STREAM,
    Protocol.WEBHOOK: _STREAM,
    Protocol.AMQP: _ALL,
    Protocol.KAFKA: _ALL,
    # A tool is called and answers once.
    Protocol.MCP: _ALL - _STREAM,
}


def protocols_of(operation: Operation) -> tuple[Protocol, ...]:
    """In the order of the list."""
    return tuple(protocol for protocol in Protocol if operation in OPERATIONS[protocol])
