"""Calls between a real server and a real client of gRPC, as the decoder sees them."""

from collections.abc import AsyncIterator
from typing import Any, TypeAlias

import grpc.aio
import pytest
from google.protobuf.any_pb2 import Any as AnyMessage
from google.rpc import code_pb2, error_details_pb2, status_pb2
from grpc_status import rpc_status

from stend.kit.fields import Field, every
from stend.runtime.grpc_contracts import shop_method
from stend.shop.orders.api.grpc.stubs import orders_pb2 as pb
from stend.wire.decoding import Direction, Role, Unit
from stend.wire.exchanges import Grouping
from stend.wire.http2.decoder import Http2Decoder
from tests.wire.checking import Heard, check, demand_survival, find
from tests.wire.grpc.recording import Handlers, Said, recorded

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"

SERVICE = "lavka.orders.v1.Orders"
TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

_ORDER = pb.Order(
    order_id="ord_01",
    status=pb.ORDER_STATUS_PAID,
    version=3,
    lines=[
        pb.OrderLine(sku="MILK-001", quantity=2, total=pb.Money(amount_minor=-1, currency="RUB"))
    ],
)
_ORDER.placed_at.FromJsonString("2026-11-28T10:00:00Z")


def _decoder() -> Http2Decoder:
    return Http2Decoder(descriptors=shop_method)


async def _get_order(request: pb.GetOrderRequest, context: Context) -> pb.Order:
    if request.order_id == "ord_01":
        return _ORDER
    detail = AnyMessage()
    detail.Pack(error_details_pb2.ErrorInfo(reason="ORDER_NOT_FOUND", domain="lavka"))
    status = status_pb2.Status(code=code_pb2.NOT_FOUND, message="заказа нет", details=[detail])
    await context.abort_with_status(rpc_status.to_status(status))
    raise AssertionError


async def _track(request: pb.TrackOrderRequest, context: Context) -> AsyncIterator[pb.OrderEvent]:
    del context
    for version in range(3):
        yield pb.OrderEvent(order_id=request.order_id, version=version)


async def _echo(request: pb.Order, context: Context) -> pb.Order:
    del context
    return request


def _handlers() -> Handlers:
    return {
        "GetOrder": grpc.unary_unary_rpc_method_handler(
            _get_order, pb.GetOrderRequest.FromString, pb.Order.SerializeToString
        ),
        "TrackOrder": grpc.unary_stream_rpc_method_handler(
            _track, pb.TrackOrderRequest.FromString, pb.OrderEvent.SerializeToString
        ),
        "CancelOrder": grpc.unary_unary_rpc_method_handler(
            _echo, pb.Order.FromString, pb.Order.SerializeToString
        ),
    }


def _unary(
    channel: grpc.aio.Channel, method: str
) -> "grpc.aio.UnaryUnaryMultiCallable[Any, pb.Order]":
    return channel.unary_unary(
        f"/{SERVICE}/{method}",
        request_serializer=lambda message: message.SerializeToString(),
        response_deserializer=pb.Order.FromString,
    )


async def _got(order_id: str, code: grpc.StatusCode = grpc.StatusCode.OK) -> Said:
    async with recorded(SERVICE, _handlers()) as (channel, ended):
        call = _unary(channel, "GetOrder")(
            pb.GetOrderRequest(order_id=order_id), metadata=(("traceparent", TRACEPARENT),)
        )
        assert await call.code() == code
        return await ended()


def _exchange(heard: Heard) -> list[Unit]:
    return [one for one in heard.units if one.exchange == "s1" and one.role is not Role.CONTROL]


def _message(heard: Heard, unit: Unit) -> Field:
    return find(heard.tree(unit), "message")


async def test_a_unary_call() -> None:
    heard = check(_decoder, await _got("ord_01"))
    asked, request, answered, response, trailers = _exchange(heard)
    assert (asked.name, asked.role) == (f"POST /{SERVICE}/GetOrder", Role.REQUEST)
    assert asked.context == TRACEPARENT
    assert asked.facts["grpc_service"] == SERVICE
    assert asked.facts["grpc_method"] == "GetOrder"
    assert (request.name, request.is_last) == ("DATA", True)
    assert request.summary == "GetOrderRequest 8 B"
    order_id = find(heard.tree(request), "message", "order_id")
    assert (order_id.value, order_id.type) == ("ord_01", "string")
    assert find(order_id.children, "tag").value == "1: LEN"
    assert find(order_id.children, "length").value == 6
    assert answered.facts["status"] == "200"
    message = _message(heard, response)
    assert message.type == "lavka.orders.v1.Order"
    assert find(message.children, "status").value == "ORDER_STATUS_PAID (3)"
    assert find(message.children, "lines", "total", "amount_minor").value == -1
    assert find(message.children, "placed_at").value == "2026-11-28T10:00:00+00:00"
    assert (trailers.role, trailers.is_last, trailers.error) == (Role.RESPONSE, True, None)
    assert trailers.facts["grpc_status"] == "0"
    assert trailers.summary == "grpc-status OK"


async def test_a_call_is_one_complete_exchange() -> None:
    heard = check(_decoder, await _got("ord_01"))
    grouping = Grouping()
    exchanges = grouping.add(heard.units)
    assert [one.is_complete for one in exchanges if one.key == "s1"] == [True]


async def test_comments_of_the_contract() -> None:
    heard = check(_decoder, await _got("ord_01"))
    money = find(_message(heard, _exchange(heard)[3]).children, "amount_minor")
    assert "Minor units, kopecks for RUB." in money.meaning.text.en
    assert money.meaning.source == "orders.proto"


async def test_an_error_with_details() -> None:
    heard = check(_decoder, await _got("ord_02", grpc.StatusCode.NOT_FOUND))
    asked, _, trailers = _exchange(heard)
    assert asked.facts["path"] == f"/{SERVICE}/GetOrder"
    assert trailers.error == "NOT_FOUND: заказа нет"
    assert trailers.is_last
    # Trailers only: nothing but one HEADERS frame answers.
    assert (trailers.facts["status"], trailers.facts["grpc_status"]) == ("200", "5")
    tree = heard.tree(trailers)
    found = find(tree, "grpc-status-details-bin", "value").children[1]
    assert found.inner is not None
    assert find(found.inner.fields, "code").value == 5
    assert find(found.inner.fields, "message").value == "заказа нет"
    assert find(found.inner.fields, "details", "reason").value == "ORDER_NOT_FOUND"
    assert str(find(found.inner.fields, "details").value).endswith("google.rpc.ErrorInfo")
    assert "заказа нет" in [one.value for one in every(tree) if one.type == "percent-encoded"]


async def test_a_stream_of_the_server() -> None:
    async with recorded(SERVICE, _handlers()) as (channel, ended):
        track = channel.unary_stream(
            f"/{SERVICE}/TrackOrder",
            request_serializer=pb.TrackOrderRequest.SerializeToString,
            response_deserializer=pb.OrderEvent.FromString,
        )
        assert [one.version async for one in track(pb.TrackOrderRequest(order_id="o"))] == [0, 1, 2]
        said = await ended()
    heard = check(_decoder, said)
    messages = [
        one
        for unit in _exchange(heard)
        if unit.direction is Direction.TO_CLIENT and unit.name == "DATA"
        for one in every(heard.tree(unit))
        if one.type == "lavka.orders.v1.OrderEvent"
    ]
    versions = [[x.value for x in one.children if x.name == "version"] for one in messages]
    # The default of proto3 is not on the wire.
    assert versions == [[], [1], [2]]


async def test_an_unknown_method() -> None:
    async with recorded(SERVICE, _handlers()) as (channel, ended):
        with pytest.raises(grpc.aio.AioRpcError):
            await _unary(channel, "NoSuchThing")(pb.GetOrderRequest(order_id="o"))
        said = await ended()
    heard = check(_decoder, said)
    assert _exchange(heard)[-1].error == "UNIMPLEMENTED: Method not found!"


@pytest.mark.parametrize("compression", [grpc.Compression.Gzip, grpc.Compression.Deflate])
async def test_a_compressed_message(compression: grpc.Compression) -> None:
    order = pb.Order(order_id="o" * 500)
    async with recorded(SERVICE, _handlers()) as (channel, ended):
        assert await _unary(channel, "CancelOrder")(order, compression=compression) == order
        said = await ended()
    heard = check(Http2Decoder, said)
    packed = find(heard.tree(_exchange(heard)[1]), "message", "compressed_message")
    assert packed.inner is not None
    assert packed.inner.data == order.SerializeToString()


async def test_damaged_bytes() -> None:
    demand_survival(_decoder, await _got("ord_02", grpc.StatusCode.NOT_FOUND), rounds=150)
    demand_survival(_decoder, await _got("ord_01"), rounds=150, seed=2)
