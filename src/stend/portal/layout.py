"""Where each part of the whole shop stands on the map, and how its wires run between them.

Coordinates are those of the drawing, 898 by 512. A part or a wire that is not in the stand is not
drawn, and the picture is cropped to the rest.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from stend.portal.geometry import Box, Point


class Flow(Enum):
    """How a hop works: told by the dash of its line."""

    CALL = "call"
    MESSAGE = "message"
    STREAM = "stream"


# What stands outside: whoever calls the shop. Without a gateway it takes the gateway's place.
CLIENT = "client"
GATEWAY = "nginx"
FRONT = Box(4, 44, 130, 32)
NODE_HEIGHT = 52


def _node(x: float, y: float, width: float = 130) -> Box:
    return Box(x, y, width, NODE_HEIGHT)


PLACES: Mapping[str, Box] = {
    "identity": _node(194, 34),
    "nginx": _node(384, 34),
    "catalog": _node(574, 34),
    "mongodb": _node(764, 34),
    "notifications": _node(4, 184),
    "rabbitmq": _node(194, 184),
    "orders": _node(384, 184),
    "delivery": _node(574, 184),
    "redis": _node(764, 184),
    "stock": _node(194, 320),
    "payments": _node(384, 320),
    "loyalty": _node(574, 320),
    "mysql": _node(764, 320),
    "postgresql": _node(4, 456, 368),
    "kafka": _node(384, 456),
    "analytics": _node(574, 456),
}


@dataclass(frozen=True, slots=True)
class Hop:
    """One wire. `wires` is empty where the endpoints of the services behind it tell them.

    Attributes:
        line: corners of the line, from `source` to `target`.
        label: middle of the label.
        both: messages go both ways.
    """

    source: str
    target: str
    wires: tuple[str, ...]
    flow: Flow
    line: tuple[Point, ...]
    label: Point
    both: bool = False


_CALL, _MESSAGE, _STREAM = Flow.CALL, Flow.MESSAGE, Flow.STREAM

HOPS: tuple[Hop, ...] = (
    Hop(CLIENT, "nginx", (), _CALL, ((106, 76), (106, 120), (412, 120), (412, 86)), (259, 120)),
    Hop("nginx", "identity", (), _CALL, ((384, 60), (324, 60)), (354, 46)),
    Hop("nginx", "catalog", (), _CALL, ((514, 60), (574, 60)), (544, 44)),
    Hop("nginx", "orders", (), _CALL, ((486, 86), (486, 184)), (572, 122)),
    Hop("catalog", "mongodb", ("mongodb",), _CALL, ((704, 60), (764, 60)), (734, 46)),
    Hop(
        "catalog",
        "redis",
        ("redis",),
        _CALL,
        ((672, 86), (672, 122), (845, 122), (845, 184)),
        (758, 122),
    ),
    Hop(
        "notifications",
        "redis",
        ("redis",),
        _CALL,
        ((112, 184), (112, 162), (813, 162), (813, 184)),
        (672, 162),
    ),
    Hop(
        "notifications",
        CLIENT,
        ("webhook", "sse", "websocket"),
        _STREAM,
        ((44, 184), (44, 76)),
        (44, 146),
    ),
    Hop("rabbitmq", "notifications", ("amqp",), _MESSAGE, ((194, 210), (134, 210)), (164, 196)),
    Hop("orders", "rabbitmq", ("amqp",), _MESSAGE, ((384, 210), (324, 210)), (354, 196), both=True),
    Hop("rabbitmq", "stock", ("amqp",), _MESSAGE, ((259, 236), (259, 320)), (259, 278), both=True),
    Hop("orders", "delivery", ("grpc",), _STREAM, ((514, 202), (574, 202)), (544, 188), both=True),
    Hop(
        "orders",
        "loyalty",
        ("jsonrpc",),
        _CALL,
        ((514, 222), (552, 222), (552, 346), (574, 346)),
        (552, 278),
    ),
    Hop("orders", "payments", ("soap",), _CALL, ((449, 236), (449, 320)), (449, 290)),
    Hop(
        "orders",
        "postgresql",
        ("postgresql",),
        _CALL,
        ((410, 236), (410, 262), (338, 262), (338, 456)),
        (338, 304),
    ),
    Hop(
        "orders",
        "kafka",
        ("kafka",),
        _MESSAGE,
        ((490, 236), (490, 260), (530, 260), (530, 412), (449, 412), (449, 456)),
        (490, 412),
        both=True,
    ),
    Hop("delivery", "redis", ("redis",), _CALL, ((704, 210), (764, 210)), (734, 196)),
    Hop("loyalty", "mysql", ("mysql",), _CALL, ((704, 346), (764, 346)), (734, 332)),
    Hop(
        "payments",
        "postgresql",
        ("postgresql",),
        _CALL,
        ((384, 346), (358, 346), (358, 456)),
        (358, 412),
    ),
    Hop("stock", "postgresql", ("postgresql",), _CALL, ((259, 372), (259, 456)), (259, 412)),
    Hop("notifications", "postgresql", ("postgresql",), _CALL, ((69, 236), (69, 456)), (69, 346)),
    Hop("kafka", "analytics", ("kafka",), _MESSAGE, ((514, 482), (574, 482)), (544, 468)),
)


def neighbours(name: str) -> frozenset[str]:
    """What a part works with, the gateway and clients not counted."""
    pairs = [{hop.source, hop.target} for hop in HOPS]
    joined = {other for pair in pairs if name in pair for other in pair}
    return frozenset(joined - {name, CLIENT, GATEWAY})
