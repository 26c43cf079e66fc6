"""Where each part of the whole shop stands on the map, and how its wires run between them.

Coordinates are those of the drawing, 898 by 508. A part or a wire that is not in the stand is not
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
    "catalog": _node(384, 34),
    "notifications": _node(4, 170),
    "orders": _node(384, 170),
    "delivery": _node(574, 170),
    "stock": _node(194, 306),
    "payments": _node(384, 306),
    "loyalty": _node(574, 306),
    "analytics": _node(574, 448),
    "nginx": _node(194, 34),
    "mongodb": _node(574, 34),
    "rabbitmq": _node(194, 170),
    "redis": _node(764, 170),
    "mysql": _node(764, 306),
    "kafka": _node(384, 448),
    "warehouse": _node(764, 448),
    "postgresql": _node(4, 448, 368),
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
    Hop(CLIENT, "nginx", (), _CALL, ((134, 60), (194, 60)), (164, 44)),
    Hop("nginx", "catalog", (), _CALL, ((324, 60), (384, 60)), (354, 44)),
    Hop("nginx", "orders", (), _CALL, ((259, 86), (259, 120), (449, 120), (449, 170)), (354, 120)),
    Hop("catalog", "mongodb", ("mongodb",), _CALL, ((514, 50), (574, 50)), (544, 36)),
    Hop(
        "catalog",
        "redis",
        ("redis",),
        _CALL,
        ((514, 72), (544, 72), (544, 122), (845, 122), (845, 170)),
        (717, 122),
    ),
    Hop(
        "notifications",
        "redis",
        ("redis",),
        _CALL,
        ((110, 170), (110, 146), (813, 146), (813, 170)),
        (640, 146),
    ),
    Hop("notifications", CLIENT, (), _STREAM, ((69, 170), (69, 76)), (69, 122)),
    Hop("rabbitmq", "notifications", ("amqp",), _MESSAGE, ((194, 196), (134, 196)), (164, 182)),
    Hop("orders", "rabbitmq", ("amqp",), _MESSAGE, ((384, 196), (324, 196)), (354, 182), both=True),
    Hop("rabbitmq", "stock", ("amqp",), _MESSAGE, ((259, 222), (259, 306)), (259, 264), both=True),
    Hop("orders", "delivery", ("grpc",), _STREAM, ((514, 188), (574, 188)), (544, 174), both=True),
    Hop(
        "orders",
        "loyalty",
        ("jsonrpc",),
        _CALL,
        ((514, 208), (552, 208), (552, 332), (574, 332)),
        (552, 264),
    ),
    Hop("orders", "payments", ("soap",), _CALL, ((449, 222), (449, 306)), (449, 276)),
    Hop(
        "orders",
        "postgresql",
        ("postgresql",),
        _CALL,
        ((410, 222), (410, 248), (338, 248), (338, 448)),
        (338, 290),
    ),
    Hop(
        "orders",
        "kafka",
        ("kafka",),
        _MESSAGE,
        ((490, 222), (490, 246), (530, 246), (530, 404), (449, 404), (449, 448)),
        (490, 404),
    ),
    Hop("delivery", "redis", ("redis",), _CALL, ((704, 196), (764, 196)), (734, 182)),
    Hop("loyalty", "mysql", ("mysql",), _CALL, ((704, 332), (764, 332)), (734, 318)),
    Hop(
        "payments",
        "postgresql",
        ("postgresql",),
        _CALL,
        ((384, 332), (358, 332), (358, 448)),
        (358, 404),
    ),
    Hop("stock", "postgresql", ("postgresql",), _CALL, ((259, 358), (259, 448)), (259, 404)),
    Hop("notifications", "postgresql", ("postgresql",), _CALL, ((69, 222), (69, 448)), (69, 336)),
    Hop("kafka", "analytics", ("kafka",), _MESSAGE, ((514, 474), (574, 474)), (544, 460)),
    Hop("analytics", "warehouse", ("warehouse",), _CALL, ((704, 474), (764, 474)), (734, 460)),
)
