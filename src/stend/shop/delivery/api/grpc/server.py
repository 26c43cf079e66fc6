"""gRPC over grpc.aio: binds the use cases to delivery.proto. The only file with I/O."""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from contextlib import aclosing
from datetime import datetime
from typing import Any

from google.protobuf.message import Message

from stend.chassis.access import Caller
from stend.chassis.grpc import GrpcLimits, GrpcMethods, GrpcPort, Send
from stend.chassis.intake import Intake
from stend.kit.errors import EdgeErrorCode, StendError
from stend.shop.delivery.api.grpc import faults, translate
from stend.shop.delivery.api.grpc.stubs import delivery_pb2 as pb
from stend.shop.delivery.domain.delivery import Courier, Delivery, DeliveryErrorCode
from stend.shop.delivery.usecases.couriers import Couriers, CouriersOf
from stend.shop.delivery.usecases.deliveries import Deliveries, DeliveriesOf
from stend.shop.delivery.usecases.shifts import Held, Shift, Shifts, Withdrawn

_log = logging.getLogger("stend.delivery.grpc")
_READ = "delivery:read"
_WRITE = "delivery:write"
# These end a session; any other refusal is told within it.
_ENDING = frozenset(
    {
        EdgeErrorCode.UNAVAILABLE,
        EdgeErrorCode.DEADLINE_EXCEEDED,
        DeliveryErrorCode.SESSION_REPLACED,
    }
)


class GrpcServer(GrpcPort):
    """The service, its health and its reflection on one port."""

    def __init__(
        self,
        deliveries: Deliveries,
        couriers: Couriers,
        shifts: Shifts,
        limits: GrpcLimits,
        intake: Intake,
    ) -> None:
        methods = GrpcMethods(intake, translate.SERVICE, "delivery.proto", faults.FAULTS)
        names = _Names(deliveries)
        handlers = {
            **_Orders(deliveries.on_behalf_of, names).table(methods),
            **_Positions(couriers, names).table(methods),
            **_Sessions(couriers, shifts, names).table(methods),
        }
        super().__init__(translate.SERVICE, handlers, limits)


class _Names:
    """Who a courier is never changes: each is read once."""

    def __init__(self, deliveries: Deliveries) -> None:
        self._deliveries = deliveries
        self._known: dict[str, Courier] = {}

    async def of(self, courier_ids: Iterable[str | None]) -> translate.Couriers:
        for courier_id in {one for one in courier_ids if one} - self._known.keys():
            self._known[courier_id] = await self._deliveries.courier(courier_id)
        return self._known

    async def of_deliveries(self, *deliveries: Delivery) -> translate.Couriers:
        return await self.of(one.assignment.courier_id for one in deliveries if one.assignment)


class _Orders:
    def __init__(self, deliveries_of: DeliveriesOf, names: _Names) -> None:
        self._deliveries_of = deliveries_of
        self._names = names

    def table(self, methods: GrpcMethods) -> dict[str, Any]:
        unary = methods.unary
        return {
            "AssignCourier": unary("AssignCourier", _WRITE, pb.AssignCourierRequest, self._assign),
            "CancelDelivery": unary(
                "CancelDelivery", _WRITE, pb.CancelDeliveryRequest, self._cancel
            ),
            "GetDelivery": unary("GetDelivery", _READ, pb.GetDeliveryRequest, self._get),
            "ListDeliveries": unary("ListDeliveries", _READ, pb.ListDeliveriesRequest, self._list),
            "WatchDeliveries": methods.server_stream(
                "WatchDeliveries", _READ, pb.WatchDeliveriesRequest, self._watch
            ),
        }

    async def _assign(
        self, request: pb.AssignCourierRequest, caller: Caller
    ) -> pb.AssignCourierResponse:
        return translate.assigned_to_proto(
            await self._deliveries_of(caller).assign(translate.wish_from(request))
        )

    async def _cancel(self, request: pb.CancelDeliveryRequest, caller: Caller) -> pb.Delivery:
        cancelled = await self._deliveries_of(caller).cancel(*translate.cancellation_from(request))
        return translate.delivery_to_proto(cancelled, await self._names.of_deliveries(cancelled))

    async def _get(self, request: pb.GetDeliveryRequest, caller: Caller) -> pb.Delivery:
        found = await self._deliveries_of(caller).get(translate.order_id_from(request))
        return translate.delivery_to_proto(found, await self._names.of_deliveries(found))

    async def _list(
        self, request: pb.ListDeliveriesRequest, caller: Caller
    ) -> pb.ListDeliveriesResponse:
        page = await self._deliveries_of(caller).list_page(*translate.page_from(request))
        return translate.page_to_proto(page, await self._names.of_deliveries(*page.deliveries))

    async def _watch(
        self, request: pb.WatchDeliveriesRequest, caller: Caller
    ) -> AsyncGenerator[pb.DeliveryEvent, None]:
        cursor = translate.cursor_from(request)
        async with aclosing(self._deliveries_of(caller).watch(cursor)) as events:
            async for kept in events:
                yield translate.event_to_proto(kept, await self._names.of([kept.event.courier_id]))


class _Positions:
    def __init__(self, couriers: Couriers, names: _Names) -> None:
        self._couriers = couriers
        self._couriers_of: CouriersOf = couriers.on_behalf_of
        self._names = names

    def table(self, methods: GrpcMethods) -> dict[str, Any]:
        return {
            "ListCouriers": methods.unary(
                "ListCouriers", _READ, pb.ListCouriersRequest, self._list
            ),
            "TrackCourier": methods.server_stream(
                "TrackCourier", _READ, pb.TrackCourierRequest, self._track
            ),
            "ReportPositions": methods.client_stream(
                "ReportPositions", _WRITE, pb.PositionReport, self._report
            ),
        }

    async def _list(
        self, request: pb.ListCouriersRequest, caller: Caller
    ) -> pb.ListCouriersResponse:
        circle = translate.circle_from(request)
        couriers = self._couriers_of(caller)
        found = await couriers.list_near(*circle) if circle else await couriers.list_all()
        return pb.ListCouriersResponse(couriers=[translate.state_to_proto(one) for one in found])

    async def _track(
        self, request: pb.TrackCourierRequest, caller: Caller
    ) -> AsyncGenerator[pb.CourierPosition, None]:
        order_id = translate.order_id_from(request)
        async with aclosing(self._couriers_of(caller).track(order_id)) as positions:
            async for position in positions:
                yield translate.position_to_proto(position)

    async def _report(
        self, reports: AsyncIterator[pb.PositionReport]
    ) -> pb.ReportPositionsResponse:
        newest: dict[str, datetime] = {}
        answer = pb.ReportPositionsResponse()
        async for message in reports:
            seen = translate.sighted_from(message)
            if seen.courier_id in newest and seen.occurred_at < newest[seen.courier_id]:
                answer.outdated += 1
                continue
            await self._couriers.report(seen.courier_id, seen.point)
            newest[seen.courier_id] = seen.occurred_at
            answer.accepted += 1
        return answer


class _Sessions:
    def __init__(self, couriers: Couriers, shifts: Shifts, names: _Names) -> None:
        self._couriers = couriers
        self._shifts = shifts
        self._names = names

    def table(self, methods: GrpcMethods) -> dict[str, Any]:
        return {
            "CourierSession": methods.both_streams(
                "CourierSession", _WRITE, pb.CourierMessage, self._work
            )
        }

    async def _work(self, messages: AsyncIterator[pb.CourierMessage], send: Send) -> None:
        """Two tasks for the two directions: the first that ends is the end of the session."""
        async for first in messages:
            shift = await self._shifts.begin(translate.start_from(first))
            break
        else:
            return
        turn = asyncio.Lock()

        async def send_in_turn(message: Message) -> None:
            async with turn:
                await send(message)

        await send_in_turn(translate.started_to_proto(shift))
        directions = [
            asyncio.create_task(self._listen(shift, messages, send_in_turn)),
            asyncio.create_task(self._tell(shift, send_in_turn)),
        ]
        try:
            done, _ = await asyncio.wait(directions, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in directions:
                task.cancel()
            await asyncio.gather(*directions, return_exceptions=True)
            await self._end(shift)
        for task in done:
            task.result()

    async def _listen(
        self, shift: Shift, messages: AsyncIterator[pb.CourierMessage], send: Send
    ) -> None:
        async for message in messages:
            order_id: str | None = None
            try:
                said = translate.courier_message_from(message)
                order_id = None if isinstance(said, translate.Sighted) else said.order_id
                answer = await self._act(shift, said)
            except StendError as error:
                if error.code in _ENDING:
                    raise
                answer = translate.refusal_to_proto(error, order_id)
            if answer:
                await send(answer)

    async def _act(
        self, shift: Shift, said: translate.Answer | translate.Progress | translate.Sighted
    ) -> pb.DispatcherMessage | None:
        match said:
            case translate.Answer(order_id, accepted):
                delivery = await self._shifts.answer(shift, order_id, accepted)
                news = Held(delivery) if delivery else Withdrawn(order_id)
            case translate.Progress(order_id, status):
                news = Held(await self._shifts.report(shift, order_id, status))
            case translate.Sighted(courier_id, point):
                translate.check_own(shift, courier_id)
                await self._couriers.report(courier_id, point)
                return None
        return translate.news_to_proto(news, await self._names.of([shift.courier.courier_id]))

    async def _tell(self, shift: Shift, send: Send) -> None:
        couriers = await self._names.of([shift.courier.courier_id])
        async with aclosing(self._shifts.news(shift)) as news:
            async for one in news:
                await send(translate.news_to_proto(one, couriers))

    async def _end(self, shift: Shift) -> None:
        try:
            await self._shifts.end(shift)
        except StendError as error:
            # The session ends by itself when its lease is over.
            _log.warning("a courier's session stays open for now: %s", error.detail)
