"""A stock grpc.aio client of the service, and what tests say to it."""

import itertools
from collections.abc import AsyncIterable, AsyncIterator
from typing import Any, TypeVar

import grpc.aio
from google.protobuf.message import Message
from grpc_status import rpc_status

from stend.chassis import rich_errors
from stend.kit.ids import encode_ulid
from stend.shop.delivery.api.grpc.stubs import delivery_pb2 as pb

_T = TypeVar("_T", bound=Message)
_NUMBERS = itertools.count(1)
_SERVICE = "lavka.delivery.v1.Deliveries"
DEADLINE_S = 10.0
# Connections of their own for each: another test's may be broken.
_OPTIONS = (
    ("grpc.enable_http_proxy", 0),
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.initial_reconnect_backoff_ms", 50),
    ("grpc.min_reconnect_backoff_ms", 50),
    ("grpc.max_reconnect_backoff_ms", 100),
)
LIFE = [
    pb.DELIVERY_STATUS_ASSIGNED,
    pb.DELIVERY_STATUS_PICKED_UP,
    pb.DELIVERY_STATUS_DELIVERED,
]
HOME = pb.Address(city="Москва", street="Лесная улица", house="7", flat="12")
SD = pb.DeliveryStatus


def fresh_order() -> str:
    return "ord_" + encode_ulid(next(_NUMBERS).to_bytes(16, "big"))


class Calls:
    """Each method of the contract, by its kind."""

    def __init__(self, target: str) -> None:
        self.channel = grpc.aio.insecure_channel(target, options=_OPTIONS)

    async def assign(self, order_id: str, **more: Any) -> pb.AssignCourierResponse:
        request = pb.AssignCourierRequest(order_id=order_id, address=HOME)
        request.MergeFrom(pb.AssignCourierRequest(**more))
        return await self.unary("AssignCourier", request, pb.AssignCourierResponse)

    async def cancel(self, order_id: str, reason: str | None = None) -> pb.Delivery:
        request = pb.CancelDeliveryRequest(order_id=order_id, reason=reason)
        return await self.unary("CancelDelivery", request, pb.Delivery)

    async def get(self, order_id: str) -> pb.Delivery:
        return await self.unary(
            "GetDelivery", pb.GetDeliveryRequest(order_id=order_id), pb.Delivery
        )

    async def list_page(self, **fields: Any) -> pb.ListDeliveriesResponse:
        request = pb.ListDeliveriesRequest(**fields)
        return await self.unary("ListDeliveries", request, pb.ListDeliveriesResponse)

    async def couriers(self, **fields: Any) -> dict[str, pb.CourierState]:
        request = pb.ListCouriersRequest(**fields)
        answer = await self.unary("ListCouriers", request, pb.ListCouriersResponse)
        return {one.courier.courier_id: one for one in answer.couriers}

    def watch(self, after: str = "", timeout_s: float | None = None) -> Any:
        request = pb.WatchDeliveriesRequest(after_cursor=after)
        return self.server_stream("WatchDeliveries", request, pb.DeliveryEvent, timeout_s)

    def track(self, order_id: str) -> Any:
        request = pb.TrackCourierRequest(order_id=order_id)
        return self.server_stream("TrackCourier", request, pb.CourierPosition)

    async def report(self, reports: AsyncIterable[pb.PositionReport]) -> pb.ReportPositionsResponse:
        method: Any = self.channel.stream_unary(
            f"/{_SERVICE}/ReportPositions", _bytes, pb.ReportPositionsResponse.FromString
        )
        answer: pb.ReportPositionsResponse = await method(reports, timeout=DEADLINE_S)
        return answer

    def session(self) -> Any:
        method: Any = self.channel.stream_stream(
            f"/{_SERVICE}/CourierSession", _bytes, pb.DispatcherMessage.FromString
        )
        return method()

    async def unary(
        self, method: str, request: Message, kind: type[_T], timeout_s: float = DEADLINE_S
    ) -> _T:
        call: Any = self.channel.unary_unary(f"/{_SERVICE}/{method}", _bytes, kind.FromString)
        answer: _T = await call(request, timeout=timeout_s)
        return answer

    def server_stream(
        self, method: str, request: Message, kind: type[Message], timeout_s: float | None = None
    ) -> Any:
        call: Any = self.channel.unary_stream(f"/{_SERVICE}/{method}", _bytes, kind.FromString)
        return call(request, timeout=timeout_s)

    async def close(self) -> None:
        await self.channel.close()


def _bytes(message: Message) -> bytes:
    return message.SerializeToString()


def code_of(error: grpc.aio.AioRpcError) -> str:
    """The stable code that a status carries in its details."""
    status = rpc_status.from_call(error)  # type: ignore[arg-type] # AioRpcError has what it reads
    assert status is not None, error
    rich = rich_errors.read(status)
    assert rich is not None
    return rich.code


async def until_final(calls: Calls, *order_ids: str) -> list[pb.DeliveryEvent]:
    """All events from the beginning until each of these orders has ended."""
    events, waiting = [], set(order_ids)
    stream = calls.watch(timeout_s=20)
    async for event in stream:
        events.append(event)
        if event.status in {SD.DELIVERY_STATUS_DELIVERED, SD.DELIVERY_STATUS_CANCELLED}:
            waiting.discard(event.order_id)
        if not waiting:
            break
    stream.cancel()
    return events


async def each(*messages: _T) -> AsyncIterator[_T]:
    for message in messages:
        yield message
