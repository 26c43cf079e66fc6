"""gRPC over grpc.aio: binds the use cases to orders.proto. The only file with I/O."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, NoReturn, TypeVar, cast

import grpc.aio
from google.protobuf.message import Message
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection
from grpc_status import rpc_status

from stend.chassis.deadlines import within
from stend.kit.errors import StendError, internal
from stend.shop.orders.api.grpc import faults, translate
from stend.shop.orders.api.grpc.stubs import orders_pb2 as pb
from stend.shop.orders.usecases import Orders

_log = logging.getLogger("stend.orders.grpc")
_RequestT = TypeVar("_RequestT", bound=Message)
_Context = grpc.aio.ServicerContext[Any, Any]
# Time for calls in flight when the server stops; a stream has no end to wait for.
_STOP_GRACE_S = 0.2


@dataclass(frozen=True, slots=True)
class GrpcLimits:
    """
    Attributes:
        deadline_s: for one unary call, where the client's own deadline is not shorter.
        message_limit_bytes: largest request message.
    """

    deadline_s: float
    message_limit_bytes: int


class GrpcServer:
    """The service, its health and its reflection on one port."""

    def __init__(self, orders: Orders, limits: GrpcLimits) -> None:
        self._server = grpc.aio.server(
            options=[
                ("grpc.max_receive_message_length", limits.message_limit_bytes),
                # Two processes on one port would each get half of the calls.
                ("grpc.so_reuseport", 0),
            ]
        )
        self._health = health.aio.HealthServicer()
        handlers = _Handlers(orders, limits.deadline_s).table()
        self._server.add_generic_rpc_handlers(
            (grpc.method_handlers_generic_handler(translate.SERVICE, handlers),)
        )
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        names = (translate.SERVICE, health.SERVICE_NAME, reflection.SERVICE_NAME)
        reflection.enable_server_reflection(names, self._server)

    async def start(self, address: str) -> None:
        """
        Raises:
            OSError: the port is taken.
        """
        try:
            self._server.add_insecure_port(address)
        except RuntimeError as error:
            raise OSError(f"gRPC cannot listen on {address}: {error}") from None
        await self._server.start()

    async def set_serving(self, serving: bool) -> None:
        """What the health service (grpc.health.v1) answers, for the server and for Orders."""
        states = health_pb2.HealthCheckResponse
        status = states.SERVING if serving else states.NOT_SERVING
        for name in ("", translate.SERVICE):
            await self._health.set(name, status)

    async def stop(self) -> None:
        await self._server.stop(_STOP_GRACE_S)


class _Handlers:
    def __init__(self, orders: Orders, deadline_s: float) -> None:
        self._orders = orders
        self._deadline_s = deadline_s

    def table(self) -> "dict[str, grpc.RpcMethodHandler[Any, Any]]":
        orders = self._orders

        async def place_order(request: pb.PlaceOrderRequest) -> pb.PlaceOrderResponse:
            operation = translate.place_order_from(request)
            return translate.placed_to_proto(await orders.place_order(operation))

        async def get_order(request: pb.GetOrderRequest) -> pb.Order:
            operation = translate.get_order_from(request)
            return translate.order_to_proto(await orders.get_order(operation))

        async def list_orders(request: pb.ListOrdersRequest) -> pb.ListOrdersResponse:
            operation = translate.list_orders_from(request)
            return translate.page_to_proto(await orders.list_orders(operation))

        async def cancel_order(request: pb.CancelOrderRequest) -> pb.Order:
            operation = translate.cancel_order_from(request)
            return translate.order_to_proto(await orders.cancel_order(operation))

        return {
            "PlaceOrder": self._unary(pb.PlaceOrderRequest, place_order),
            "GetOrder": self._unary(pb.GetOrderRequest, get_order),
            "ListOrders": self._unary(pb.ListOrdersRequest, list_orders),
            "CancelOrder": self._unary(pb.CancelOrderRequest, cancel_order),
            "TrackOrder": grpc.unary_stream_rpc_method_handler(
                self._track_order, response_serializer=pb.OrderEvent.SerializeToString
            ),
        }

    def _unary(
        self, kind: type[_RequestT], act: Callable[[_RequestT], Awaitable[Message]]
    ) -> "grpc.RpcMethodHandler[Any, Any]":
        # The raw bytes come in, not a parsed message: grpc itself would answer bytes it cannot
        # parse with INTERNAL, which blames the server for what the caller sent.
        async def handle(raw: bytes, context: _Context) -> Message:
            deadline_s = self._deadline_of(context)
            try:
                return await within(deadline_s, act(translate.parsed(kind, raw)))
            except StendError as error:
                await _refuse(context, error)
            except Exception:  # noqa: BLE001 - whatever a bug raises, the caller gets a status
                _log.exception("%s failed", kind.DESCRIPTOR.full_name)
                await _refuse(context, internal())

        return grpc.unary_unary_rpc_method_handler(
            handle, response_serializer=lambda message: message.SerializeToString()
        )

    async def _track_order(self, raw: bytes, context: _Context) -> AsyncIterator[pb.OrderEvent]:
        try:
            operation = translate.track_order_from(translate.parsed(pb.TrackOrderRequest, raw))
            async with aclosing(self._orders.track_order(operation)) as events:
                async for event in events:
                    yield translate.event_to_proto(event)
        except StendError as error:
            await _refuse(context, error)
        except Exception:  # noqa: BLE001 - whatever a bug raises, the caller gets a status
            _log.exception("TrackOrder failed")
            await _refuse(context, internal())

    def _deadline_of(self, context: _Context) -> float:
        # None without a deadline, whatever the stubs say.
        remaining_s = cast("float | None", context.time_remaining())
        return self._deadline_s if remaining_s is None else min(remaining_s, self._deadline_s)


async def _refuse(context: _Context, error: StendError) -> NoReturn:
    await context.abort_with_status(rpc_status.to_status(faults.status_of(error)))
    raise AssertionError("abort_with_status never returns")
