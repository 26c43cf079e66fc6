"""gRPC through the gateway: HTTP/2 on both sides, with trailers."""

from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from grpc_status import rpc_status

from stend.kit.languages import Text
from stend.shop.orders.api.grpc import translate
from stend.shop.orders.api.grpc.stubs import orders_pb2 as pb
from tests.engines.suite.checks import check, differs_on_real
from tests.engines.suite.nginx.conftest import Gateway
from tests.shop.orders.examples import UNKNOWN_ORDER, a_request

SERVICE = "/lavka.orders.v1.Orders"
# A proxy of the environment has no business between two local processes.
_OPTIONS = [("grpc.enable_http_proxy", 0)]


@pytest.fixture
def secure(gateway: Gateway) -> Iterator[grpc.Channel]:
    with secure_channel(gateway) as channel:
        yield channel


def secure_channel(gateway: Gateway) -> grpc.Channel:
    credentials = grpc.ssl_channel_credentials(gateway.ca.read_bytes())
    return grpc.secure_channel(f"localhost:{gateway.https_port}", credentials, options=_OPTIONS)


def unary(channel: grpc.Channel, method: str, request: Any, answer: Any) -> Any:
    call: Any = channel.unary_unary(
        f"{SERVICE}/{method}",
        request_serializer=type(request).SerializeToString,
        response_deserializer=answer.FromString,
    )
    return call(request, timeout=10)


def placed(channel: grpc.Channel) -> str:
    answer = unary(channel, "PlaceOrder", translate.to_message(a_request()), pb.PlaceOrderResponse)
    order_id: str = answer.order.order_id
    return order_id


@check(
    ru="Вызов gRPC по TLS: заказ размещается и находится",
    en="A gRPC call over TLS: an order is placed and found",
)
def test_unary_call(secure: grpc.Channel) -> None:
    order_id = placed(secure)
    found = unary(secure, "GetOrder", pb.GetOrderRequest(order_id=order_id), pb.Order)
    assert found.order_id == order_id


@check(
    ru="Вызов gRPC без TLS: HTTP/2 без согласования",
    en="A gRPC call without TLS: HTTP/2 with prior knowledge",
)
@differs_on_real(
    Text(
        ru="HTTP/1.1 и HTTP/2 на одном порту без TLS — с NGINX 1.25.1, в дистрибутиве 1.22",
        en="HTTP/1.1 and HTTP/2 on one port without TLS: since NGINX 1.25.1, the distribution "
        "has 1.22",
    ),
    raises=grpc.RpcError,
)
def test_unary_call_in_plain(gateway: Gateway) -> None:
    with grpc.insecure_channel(f"127.0.0.1:{gateway.http_port}", options=_OPTIONS) as channel:
        assert placed(channel).startswith("ord_")


@check(
    ru="Отказ сервиса проходит со статусом и подробностями",
    en="A refusal of the service passes with its status and details",
)
def test_refusal(secure: grpc.Channel) -> None:
    with pytest.raises(grpc.RpcError) as refused:
        unary(secure, "GetOrder", pb.GetOrderRequest(order_id=UNKNOWN_ORDER), pb.Order)
    error: Any = refused.value
    assert error.code() is grpc.StatusCode.NOT_FOUND
    status = rpc_status.from_call(error)
    assert status is not None
    assert "ORDER_NOT_FOUND" in str(status.details[0].value)


@check(
    ru="Поток сервера идёт событие за событием",
    en="A server stream passes event by event",
)
def test_server_stream(secure: grpc.Channel) -> None:
    order_id = placed(secure)
    follow: Any = secure.unary_stream(
        f"{SERVICE}/TrackOrder",
        request_serializer=pb.TrackOrderRequest.SerializeToString,
        response_deserializer=pb.OrderEvent.FromString,
    )
    events = follow(pb.TrackOrderRequest(order_id=order_id), timeout=20)
    first = next(events)
    unary(secure, "CancelOrder", pb.CancelOrderRequest(order_id=order_id), pb.Order)
    second = next(events)
    events.cancel()
    assert first.version < second.version


@check(
    ru="Сервер gRPC за шлюзом не отвечает: UNAVAILABLE",
    en="The gRPC server behind the gateway is dead: UNAVAILABLE",
)
def test_dead_upstream(dead_gateway: Gateway) -> None:
    with secure_channel(dead_gateway) as channel, pytest.raises(grpc.RpcError) as refused:
        unary(channel, "GetOrder", pb.GetOrderRequest(order_id=UNKNOWN_ORDER), pb.Order)
    error: Any = refused.value
    assert error.code() is grpc.StatusCode.UNAVAILABLE
