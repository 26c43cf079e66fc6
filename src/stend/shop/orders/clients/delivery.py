"""The consumer of `delivery`, for sagas and the reconciliation: gRPC, unary and one stream."""

import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any, NoReturn, cast

import grpc
import grpc.aio
from google.protobuf.timestamp_pb2 import Timestamp
from grpc_status import rpc_status

from stend.chassis import rich_errors
from stend.chassis.client_tokens import ClientTokens
from stend.chassis.resilience import PeerGuard
from stend.chassis.tracing.recording import carrier, entered, fail
from stend.chassis.tracing.rpc import begin_call
from stend.kit.errors import deadline_exceeded, unavailable
from stend.shop.orders.clients.answers import raise_for, unreadable
from stend.shop.orders.clients.stubs import delivery_pb2 as pb
from stend.shop.orders.domain import ORDER_ID_PATTERN, Order
from stend.shop.orders.ports import Assignment, DeliveryNews, PeerRefusal, Progress
from stend.shop.orders.reconciliation.ports import Page
from stend.shop.orders.reconciliation.sides import DeliverySide, DeliveryState

_PEER = "delivery"
_SERVICE = "lavka.delivery.v1.Deliveries"
_NOT_FOUND = "delivery-not-found"
_ORDER_ID = re.compile(ORDER_ID_PATTERN)
_PROGRESS: Mapping[int, Progress] = {
    pb.DELIVERY_STATUS_PICKED_UP: Progress.PICKED_UP,
    pb.DELIVERY_STATUS_DELIVERED: Progress.DELIVERED,
    # For an order that was cancelled here first, these news change nothing any more.
    pb.DELIVERY_STATUS_CANCELLED: Progress.FAILED,
}
_STATES: Mapping[int, DeliveryState] = {
    pb.DELIVERY_STATUS_ASSIGNED: DeliveryState.ASSIGNED,
    pb.DELIVERY_STATUS_PICKED_UP: DeliveryState.PICKED_UP,
    pb.DELIVERY_STATUS_DELIVERED: DeliveryState.DELIVERED,
    pb.DELIVERY_STATUS_CANCELLED: DeliveryState.CANCELLED,
}
# A connection that fell silent is noticed after two of them.
_OPTIONS = (
    ("grpc.keepalive_time_ms", 10_000),
    ("grpc.keepalive_timeout_ms", 5_000),
    # A proxy of the environment has no business between two services.
    ("grpc.enable_http_proxy", 0),
)


class GrpcCourierDesk:
    """
    Args:
        target: `host:port`.
        deadline_s: for one call with all its retries.
    """

    def __init__(
        self, target: str, tokens: ClientTokens, guard: PeerGuard, deadline_s: float
    ) -> None:
        self._tokens = tokens
        self._channel = grpc.aio.insecure_channel(target, options=_OPTIONS)
        self._guard = guard
        self._deadline_s = deadline_s
        self._assign = self._unary("AssignCourier", pb.AssignCourierResponse)
        self._cancel = self._unary("CancelDelivery", pb.Delivery)
        self._get = self._unary("GetDelivery", pb.Delivery)
        self._list = self._unary("ListDeliveries", pb.ListDeliveriesResponse)
        self._watch = self._channel.unary_stream(
            f"/{_SERVICE}/WatchDeliveries",
            request_serializer=pb.WatchDeliveriesRequest.SerializeToString,
            response_deserializer=pb.DeliveryEvent.FromString,
        )

    async def assign(self, order: Order) -> Assignment:
        address = order.address
        request = pb.AssignCourierRequest(
            order_id=order.order_id,
            address=pb.Address(
                city=address.city,
                street=address.street,
                house=address.house,
                flat=address.flat,
                comment=address.comment,
            ),
            slot=pb.Slot(
                starts_at=_timestamp(order.slot.starts_at), ends_at=_timestamp(order.slot.ends_at)
            ),
            customer_id=order.customer_id,
        )
        answer = await self._call("AssignCourier", self._assign, request)
        return Assignment(answer.store_id, _PROGRESS.get(answer.status))

    async def cancel(self, order: Order) -> None:
        request = pb.CancelDeliveryRequest(
            order_id=order.order_id, reason=order.reason or order.status.value
        )
        await self._call("CancelDelivery", self._cancel, request)

    async def deliveries(self, after: str | None, limit: int) -> Page[DeliverySide]:
        answer = await self._listed(after, limit)
        items = tuple(_side_of(one) for one in answer.deliveries)
        return Page(items, answer.next_after if answer.HasField("next_after") else None)

    async def delivery(self, order_id: str) -> DeliverySide | None:
        if not _ORDER_ID.match(order_id):
            return None
        request = pb.GetDeliveryRequest(order_id=order_id)
        try:
            return _side_of(await self._call("GetDelivery", self._get, request))
        except PeerRefusal as refusal:
            if refusal.code == _NOT_FOUND:
                return None
            raise

    async def forgotten_until(self) -> datetime | None:
        answer = await self._listed(None, 1)
        if not answer.HasField("forgotten_until"):
            return None
        moment: datetime = answer.forgotten_until.ToDatetime(UTC)
        return moment

    async def _listed(self, after: str | None, limit: int) -> Any:
        request = pb.ListDeliveriesRequest(after=after, limit=limit)
        return await self._call("ListDeliveries", self._list, request)

    async def watch(self, after: str) -> AsyncGenerator[DeliveryNews, None]:
        """
        Raises:
            PeerRefusal: one of CURSORS_GONE.
            StendError: UNAVAILABLE, when the stream breaks or ends.
        """
        wanted = pb.WatchDeliveriesRequest(after_cursor=after)
        async with self._tokens.presented() as credential:
            stream = self._watch(wanted, metadata=[*_metadata(credential), *carrier(None)])
            try:
                async for event in stream:
                    yield DeliveryNews(
                        event.cursor,
                        event.order_id,
                        _PROGRESS.get(event.status),
                        event.store_id if event.HasField("store_id") else None,
                        event.occurred_at.ToDatetime(UTC),
                    )
            except grpc.aio.AioRpcError as error:
                _raise_for(error, 0)
            finally:
                stream.cancel()
        raise unavailable(_PEER, "the stream of news has ended")

    async def close(self) -> None:
        await self._channel.close()

    def _unary(self, method: str, answer: Any) -> Callable[..., Awaitable[Any]]:
        call: Callable[..., Awaitable[Any]] = self._channel.unary_unary(
            f"/{_SERVICE}/{method}",
            request_serializer=lambda message: message.SerializeToString(),
            response_deserializer=answer.FromString,
        )
        return call

    async def _call(self, name: str, method: Callable[..., Awaitable[Any]], request: Any) -> Any:
        async def attempt(timeout_s: float) -> Any:
            async with self._tokens.presented() as credential:
                span = begin_call("grpc", _SERVICE, name)
                with entered(span):
                    metadata = [*_metadata(credential), *carrier(span)]
                    try:
                        return await method(request, timeout=timeout_s, metadata=metadata)
                    except grpc.aio.AioRpcError as error:
                        fail(span, error.code().name)
                        _raise_for(error, timeout_s)

        return await self._guard.call(name, attempt, self._deadline_s)


def _side_of(delivery: Any) -> DeliverySide:
    try:
        return DeliverySide(delivery.order_id, _STATES[delivery.status])
    except KeyError as unknown:
        raise unreadable(_PEER, unknown) from None


def _metadata(credential: str) -> tuple[tuple[str, str], ...]:
    return (("authorization", credential),)


def _raise_for(error: grpc.aio.AioRpcError, timeout_s: float) -> NoReturn:
    details = error.details() or error.code().name
    reason = _reason_of(error)
    if reason is not None:
        raise_for(_PEER, {"code": reason, "detail": details}, timeout_s)
    if error.code() is grpc.StatusCode.DEADLINE_EXCEEDED:
        raise deadline_exceeded(timeout_s) from None
    # Without the service's own reason it was not the service that answered.
    raise unavailable(_PEER, details) from None


def _reason_of(error: grpc.aio.AioRpcError) -> str | None:
    """The stable code that the service put into the status, if it was the service."""
    try:
        status = rpc_status.from_call(cast("grpc.Call", error))
    except ValueError as broken:
        raise unreadable(_PEER, broken) from None
    rich = rich_errors.read(status) if status else None
    return rich.code if rich else None


def _timestamp(moment: Any) -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(moment)
    return stamp
