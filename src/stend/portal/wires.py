"""Names and marks of protocols and engines: the same on the map, in forms and in tables."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wire:
    """`glyph` is a symbol of the sprite, or None for a wire that has no mark of its own."""

    key: str
    name: str
    glyph: str | None


def _protocol(key: str, name: str) -> Wire:
    return Wire(key, name, f"g-{key}")


def _engine(key: str, name: str) -> Wire:
    return Wire(key, name, f"e-{key}")


PROTOCOLS: Mapping[str, Wire] = {
    wire.key: wire
    for wire in (
        _protocol("rest", "REST"),
        _protocol("jsonrpc", "JSON-RPC"),
        _protocol("soap", "SOAP"),
        _protocol("graphql", "GraphQL"),
        _protocol("grpc", "gRPC"),
        _protocol("websocket", "WebSocket"),
        _protocol("sse", "SSE"),
        _protocol("webhook", "webhook"),
        _protocol("amqp", "AMQP"),
        _protocol("kafka", "Kafka"),
        _protocol("mcp", "MCP"),
    )
}

ENGINES: Mapping[str, Wire] = {
    wire.key: wire
    for wire in (
        _engine("postgresql", "PostgreSQL"),
        _engine("mysql", "MySQL"),
        _engine("mongodb", "MongoDB"),
        _engine("redis", "Redis"),
        _engine("rabbitmq", "RabbitMQ"),
        _engine("kafka", "Kafka"),
        _engine("nginx", "NGINX"),
    )
}

# What is only named where addresses are listed.
_PLAIN: Mapping[str, Wire] = {
    "http": Wire("plain", "HTTP", None),
    "https": Wire("plain", "HTTPS", None),
    "management": Wire("plain", "HTTP API", None),
}

# Kafka is a protocol and an engine: a wire has the mark of the protocol, a part that of the engine.
WIRES: Mapping[str, Wire] = {**ENGINES, **PROTOCOLS, **_PLAIN}


def wire_of(name: str) -> Wire:
    """The wire of a protocol or an engine; an unknown name is shown as it is, without a mark."""
    key = name.lower().replace("-", "").replace("_", "")
    return WIRES.get(key, Wire("plain", name, None))


def engine_of(name: str) -> Wire:
    """The name and the mark of a part; a service has no mark."""
    return ENGINES.get(name, Wire("plain", name, None))
