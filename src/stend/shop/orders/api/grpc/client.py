"""A consumer of the gRPC API, written with grpc.aio and the generated messages."""

import time
from collections.abc import AsyncGenerator, Callable
from typing import Any, TypeVar

import grpc.aio
from google.protobuf import json_format
from google.protobuf.message import Message
from grpc_status import rpc_status

from stend.chassis import rich_errors
from stend.chassis.tracing.recording import carrier, end, entered, fail
from stend.chassis.tracing.rpc import begin_call
from stend.kit.errors import EdgeErrorCode
from stend.shop.orders.api.grpc import translate
from stend.shop.orders.api.grpc.stubs import orders_pb2 as pb
from stend.shop.orders.api.reply import Reply, ReplyError
from stend.shop.orders.domain import Order, OrderErrorCode, OrderEvent
from stend.shop.orders.usecases import (
    CancelOrder,
    GetOrder,
    ListOrders,
    OperationInput,
    OrderPage,
    PlacedOrder,
    PlaceOrder,
    TrackOrder,
)

_MessageT = TypeVar("_MessageT", bound=Message)
_ResultT = TypeVar("_ResultT")
_DEADLINE_S = 10.0
# Codes that the transport itself answers with when no service was reached in time.
_TRANSPORT_CODES = {
    grpc.StatusCode.UNAVAILABLE: EdgeErrorCode.UNAVAILABLE,
    grpc.StatusCode.DEADLINE_EXCEEDED: EdgeErrorCode.DEADLINE_EXCEEDED,
    grpc.StatusCode.RESOURCE_EXHAUSTED: EdgeErrorCode.OVERLOADED,
    grpc.StatusCode.UNIMPLEMENTED: EdgeErrorCode.NO_SUCH_OPERATION,
}


class GrpcClient:
    """The operations of `orders` over HTTP/2 without TLS.

    Args:
        target: `host:port`.
        authorization: metadata of that name, with every call.
    """

    def __init__(self, target: str, authorization: str | None = None) -> None:
        # A proxy of the environment has no business between two local processes.
        self._channel = grpc.aio.insecure_channel(target, options=[("grpc.enable_http_proxy", 0)])
        self._metadata = (("authorization", authorization),) if authorization else ()

    async def place_order(self, request: PlaceOrder) -> Reply[PlacedOrder]:
        kind = pb.PlaceOrderResponse
        return await self._call("PlaceOrder", request, kind, translate.placed_from_proto)

    async def get_order(self, request: GetOrder) -> Reply[Order]:
        return await self._call("GetOrder", request, pb.Order, translate.order_from_proto)

    async def list_orders(self, request: ListOrders) -> Reply[OrderPage]:
        kind = pb.ListOrdersResponse
        return await self._call("ListOrders", request, kind, translate.page_from_proto)

    async def cancel_order(self, request: CancelOrder) -> Reply[Order]:
        return await self._call("CancelOrder", request, pb.Order, translate.order_from_proto)

    async def track_order(self, request: TrackOrder) -> AsyncGenerator[Reply[OrderEvent], None]:
        started = time.perf_counter()
        method = self._channel.unary_stream(
            f"/{translate.SERVICE}/TrackOrder",
            request_serializer=_serialized,
            response_deserializer=pb.OrderEvent.FromString,
        )
        # A stream is left in the middle, perhaps by another task: it is in nobody's hand.
        span = begin_call("grpc", translate.SERVICE, "TrackOrder")
        metadata = [*(self._metadata or ()), *carrier(span)]
        call = method(translate.to_message(request), metadata=metadata)
        try:
            async for message in call:
                yield await _reply(call, started, message, translate.event_from_proto(message))
        except grpc.aio.AioRpcError as error:
            fail(span, error.code().name)
            yield _refusal(error, started)
        finally:
            call.cancel()
            end(span)

    async def close(self) -> None:
        await self._channel.close()

    async def _call(
        self,
        method: str,
        operation: OperationInput,
        kind: type[_MessageT],
        result_of: Callable[[_MessageT], _ResultT],
    ) -> Reply[_ResultT]:
        started = time.perf_counter()
        unary = self._channel.unary_unary(
            f"/{translate.SERVICE}/{method}",
            request_serializer=_serialized,
            response_deserializer=kind.FromString,
        )
        message = translate.to_message(operation)
        with entered(begin_call("grpc", translate.SERVICE, method)) as span:
            metadata = [*(self._metadata or ()), *carrier(span)]
            call = unary(message, timeout=_DEADLINE_S, metadata=metadata)
            try:
                answer = await call
            except grpc.aio.AioRpcError as error:
                fail(span, error.code().name)
                return _refusal(error, started)
        return await _reply(call, started, answer, result_of(answer))


def _serialized(message: Message) -> bytes:
    return message.SerializeToString()


async def _reply(call: Any, started: float, message: Message, result: _ResultT) -> Reply[_ResultT]:
    return Reply(
        status="OK",
        headers=_metadata(await call.initial_metadata()),
        body=json_format.MessageToJson(
            message, preserving_proto_field_name=True, ensure_ascii=False
        ),
        duration_ms=(time.perf_counter() - started) * 1000,
        result=result,
    )


def _refusal(error: grpc.aio.AioRpcError, started: float) -> Reply[Any]:
    return Reply(
        status=error.code().name,
        headers=_metadata(error.initial_metadata()),
        body=error.details() or "",
        duration_ms=(time.perf_counter() - started) * 1000,
        error=_error_of(error),
    )


def _metadata(metadata: Any) -> tuple[tuple[str, str], ...]:
    return tuple((name, str(value)) for name, value in metadata or ())


def _error_of(error: grpc.aio.AioRpcError) -> ReplyError:
    details = error.details() or ""
    status = rpc_status.from_call(error)  # type: ignore[arg-type] # AioRpcError has what it reads
    if status is None:
        code = _TRANSPORT_CODES.get(error.code(), EdgeErrorCode.INTERNAL)
        # grpc has one status for too large a message and too many calls.
        if "message larger than max" in details:
            code = EdgeErrorCode.MESSAGE_TOO_LARGE
        return ReplyError(code, details, domain=False)
    rich = rich_errors.read(status)
    if rich is None:
        return ReplyError(EdgeErrorCode.INTERNAL, details, domain=False)
    is_domain = rich.code in set(OrderErrorCode) or rich.code == EdgeErrorCode.INVALID_ARGUMENT
    return ReplyError(rich.code, details, is_domain, rich.violations)
