"""An unmodified gRPC client that knows nothing but the address: it asks the server itself."""

import asyncio
from typing import Any

import grpc
import grpc.aio
from google.protobuf import message_factory
from google.protobuf.descriptor_pool import DescriptorPool
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase,
)

from stend.shop.delivery.service import DeliveryConfig
from tests.shop.delivery.calling import fresh_order
from tests.shop.delivery.conftest import StartService

SERVICE = "lavka.delivery.v1.Deliveries"


async def test_an_order_is_assigned_without_generated_stubs(start: StartService) -> None:
    service, _ = await start(time_scale=0.01)
    address = config_of(service).grpc_address
    # The reflection client of grpcio blocks.
    courier_id = await asyncio.to_thread(_assign, address)
    assert courier_id.startswith("cou_")


async def test_health_tells_whether_redis_is_there(start: StartService) -> None:
    service, _ = await start(time_scale=0.01)
    address = config_of(service).grpc_address
    for name in ("", SERVICE):
        assert await asyncio.to_thread(_health, address, name) == 1


def _assign(address: str) -> str:
    with grpc.insecure_channel(address) as channel:
        database = ProtoReflectionDescriptorDatabase(channel)
        assert set(database.get_services()) >= {SERVICE, "grpc.health.v1.Health"}
        request_class, call = _caller(channel, SERVICE, "AssignCourier")
        address_of_house = {"city": "Москва", "street": "Лесная улица", "house": "7"}
        request = request_class(order_id=fresh_order(), address=address_of_house)
        courier_id: str = call(request, timeout=10).courier.courier_id
        return courier_id


def _health(address: str, service: str) -> int:
    with grpc.insecure_channel(address) as channel:
        request_class, check = _caller(channel, "grpc.health.v1.Health", "Check")
        status: int = check(request_class(service=service), timeout=10).status
        return status


def _caller(channel: grpc.Channel, service: str, method: str) -> tuple[Any, Any]:
    pool = DescriptorPool(ProtoReflectionDescriptorDatabase(channel))
    found = pool.FindServiceByName(service).methods_by_name[method]
    call: Any = channel.unary_unary(
        f"/{service}/{method}",
        request_serializer=lambda message: message.SerializeToString(),
        response_deserializer=message_factory.GetMessageClass(found.output_type).FromString,
    )
    return message_factory.GetMessageClass(found.input_type), call


def config_of(service: Any) -> DeliveryConfig:
    config: DeliveryConfig = service._config
    return config
