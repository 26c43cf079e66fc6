"""gRPC over grpc.aio: binds the use cases to orders.proto. The only file with I/O."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from stend.chassis.access import Caller
from stend.chassis.grpc import GrpcLimits, GrpcMethods, GrpcPort
from stend.chassis.intake import Intake
from stend.shop.orders.api.grpc import faults, translate
from stend.shop.orders.api.grpc.stubs import orders_pb2 as pb
from stend.shop.orders.usecases import Operation, OrdersOf

_READ = "orders:read"
_WRITE = "orders:write"


class GrpcServer(GrpcPort):
    """The service, its health and its reflection on one port."""

    def __init__(self, orders: OrdersOf, limits: GrpcLimits, intake: Intake) -> None:
        super().__init__(translate.SERVICE, _handlers(orders, intake), limits)


def _handlers(orders_of: OrdersOf, intake: Intake) -> dict[str, Any]:
    methods = GrpcMethods(intake, translate.SERVICE, "orders.proto", faults.FAULTS)

    async def place_order(request: pb.PlaceOrderRequest, caller: Caller) -> pb.PlaceOrderResponse:
        operation = translate.place_order_from(request)
        return translate.placed_to_proto(await orders_of(caller).place_order(operation))

    async def get_order(request: pb.GetOrderRequest, caller: Caller) -> pb.Order:
        operation = translate.get_order_from(request)
        return translate.order_to_proto(await orders_of(caller).get_order(operation))

    async def list_orders(request: pb.ListOrdersRequest, caller: Caller) -> pb.ListOrdersResponse:
        operation = translate.list_orders_from(request)
        return translate.page_to_proto(await orders_of(caller).list_orders(operation))

    async def cancel_order(request: pb.CancelOrderRequest, caller: Caller) -> pb.Order:
        operation = translate.cancel_order_from(request)
        return translate.order_to_proto(await orders_of(caller).cancel_order(operation))

    async def track_order(
        request: pb.TrackOrderRequest, caller: Caller
    ) -> AsyncGenerator[pb.OrderEvent, None]:
        operation = translate.track_order_from(request)
        async with aclosing(orders_of(caller).track_order(operation)) as events:
            async for event in events:
                yield translate.event_to_proto(event)

    op = Operation
    return {
        op.PLACE_ORDER: methods.unary(op.PLACE_ORDER, _WRITE, pb.PlaceOrderRequest, place_order),
        op.GET_ORDER: methods.unary(op.GET_ORDER, _READ, pb.GetOrderRequest, get_order),
        op.LIST_ORDERS: methods.unary(op.LIST_ORDERS, _READ, pb.ListOrdersRequest, list_orders),
        op.CANCEL_ORDER: methods.unary(
            op.CANCEL_ORDER, _WRITE, pb.CancelOrderRequest, cancel_order
        ),
        op.TRACK_ORDER: methods.server_stream(
            op.TRACK_ORDER, _READ, pb.TrackOrderRequest, track_order
        ),
    }
