"""An unmodified gRPC client that knows nothing but the address: it asks the server itself."""

from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from google.protobuf import message_factory
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import Message
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase,
)

from stend.shop.orders.usecases import Operation
from tests.conftest import LiveStand
from tests.shop.orders.examples import UNKNOWN_ORDER, fresh_ulid


@pytest.fixture
def channel(live_stand: LiveStand) -> Iterator[grpc.Channel]:
    with grpc.insecure_channel(live_stand.grpc_target) as opened:
        yield opened


def _caller(channel: grpc.Channel, service: str, method: str) -> tuple[type[Message], Any]:
    """The request class and the callable, from the descriptors that the server gave."""
    pool = DescriptorPool(ProtoReflectionDescriptorDatabase(channel))
    found = pool.FindServiceByName(service).methods_by_name[method]
    request_class = message_factory.GetMessageClass(found.input_type)
    answer_class = message_factory.GetMessageClass(found.output_type)
    call: Any = channel.unary_unary(
        f"/{service}/{method}",
        request_serializer=lambda message: message.SerializeToString(),
        response_deserializer=answer_class.FromString,
    )
    return request_class, call


def test_reflection_lists_the_shop_and_its_health(channel: grpc.Channel) -> None:
    services = ProtoReflectionDescriptorDatabase(channel).get_services()
    assert set(services) >= {"lavka.orders.v1.Orders", "grpc.health.v1.Health"}


def test_every_operation_is_described(channel: grpc.Channel) -> None:
    pool = DescriptorPool(ProtoReflectionDescriptorDatabase(channel))
    service = pool.FindServiceByName("lavka.orders.v1.Orders")
    assert set(service.methods_by_name) == set(Operation)


def test_an_order_is_placed_and_read_without_generated_stubs(channel: grpc.Channel) -> None:
    place_request, place = _caller(channel, "lavka.orders.v1.Orders", "PlaceOrder")
    request = place_request(
        customer_id="cus_0042",
        lines=[{"sku": "MILK-001", "quantity": 1}],
        address={"city": "Москва", "street": "Лесная улица", "house": "7"},
        idempotency_key=fresh_ulid(),
    )
    placed = place(request, timeout=10).order
    get_request, get = _caller(channel, "lavka.orders.v1.Orders", "GetOrder")
    assert get(get_request(order_id=placed.order_id), timeout=10).customer_id == "cus_0042"


def test_an_unknown_order_is_not_found_without_generated_stubs(channel: grpc.Channel) -> None:
    get_request, get = _caller(channel, "lavka.orders.v1.Orders", "GetOrder")
    with pytest.raises(grpc.RpcError) as caught:
        get(get_request(order_id=UNKNOWN_ORDER), timeout=10)
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND


@pytest.mark.parametrize("service", ["", "lavka.orders.v1.Orders"])
def test_health_is_serving(channel: grpc.Channel, service: str) -> None:
    health_request, check = _caller(channel, "grpc.health.v1.Health", "Check")
    assert check(health_request(service=service), timeout=10).status == 1
