"""What the methods of the shop take and give, for whoever reads gRPC on the wire."""

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, cast

from stend.wire.content.grpc import Descriptors, Method, methods_of
from stend.wire.content.proto_comments import comments_of

if TYPE_CHECKING:
    from google.protobuf.descriptor import FileDescriptor

_CONTRACTS = {"orders": "orders.proto", "delivery": "delivery.proto"}


def shop_method(path: str) -> Method | None:
    """A method by its path, `/lavka.orders.v1.Orders/GetOrder`; None for an unknown one.

    The contracts are read when the first call of gRPC is.
    """
    return _methods()(path)


@cache
def _methods() -> Descriptors:
    from grpc_health.v1 import health_pb2

    from stend.shop.delivery.api.grpc.stubs import delivery_pb2
    from stend.shop.orders.api.grpc.stubs import orders_pb2

    comments: dict[str, str] = {}
    for service, name in _CONTRACTS.items():
        contract = files(f"stend.shop.{service}.api.grpc") / "contract" / name
        comments |= comments_of(contract.read_text(encoding="utf-8"))
    # Its types call the same class by another name.
    health = cast("FileDescriptor", health_pb2.DESCRIPTOR)
    return methods_of((orders_pb2.DESCRIPTOR, delivery_pb2.DESCRIPTOR, health), comments)
