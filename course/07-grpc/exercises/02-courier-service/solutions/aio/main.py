"""Couriers over gRPC with asyncio: one event loop, and no lock where nothing is awaited."""

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

courier, couriers_grpc = grpc.protos_and_services("courier.proto")
maps, maps_grpc = grpc.protos_and_services("maps.proto")
SERVICE = courier.DESCRIPTOR.services_by_name["Couriers"].full_name
Code = grpc.StatusCode
# For callers who set no deadline, and what an answer takes of theirs.
LONGEST_S, ANSWER_S = 5.0, 0.05


@dataclass
class Order:
    assignment: Any
    address: str
    positions: list[Any] = field(default_factory=list)
    is_delivered: bool = False
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    @property
    def courier_id(self) -> str:
        return str(self.assignment.courier_id)

    @property
    def offer(self) -> Any:
        made = courier.Offer(order_id=self.assignment.order_id, address=self.address)
        return courier.DispatcherMessage(offer=made)

    async def change(self, position: Any = None) -> None:
        async with self.changed:
            if position is None:
                self.is_delivered = True
            else:
                self.positions.append(
                    courier.TrackedPosition(
                        sequence=len(self.positions) + 1,
                        latitude=position.latitude,
                        longitude=position.longitude,
                    )
                )
            self.changed.notify_all()


class Shift:
    """What a courier on shift is still to be told; None: another shift has begun."""

    def __init__(self) -> None:
        self.outbox: asyncio.Queue[Any] = asyncio.Queue()


class Couriers(couriers_grpc.CouriersServicer):
    def __init__(self, stub: Any) -> None:
        self.maps = stub
        self.orders: dict[str, Order] = {}
        self.shifts: dict[str, Shift] = {}
        self.assigning: dict[str, asyncio.Lock] = {}

    async def AssignCourier(self, request: Any, context: Any) -> Any:
        if not request.order_id or not request.address:
            await context.abort(Code.INVALID_ARGUMENT, "order_id and address are required")
        # The same order at the same time: the second waits for what the first does.
        lock = self.assigning.setdefault(request.order_id, asyncio.Lock())
        async with lock:
            if known := self.orders.get(request.order_id):
                if known.address != request.address:
                    await context.abort(Code.ALREADY_EXISTS, "the order goes to another address")
                return known.assignment
            if not self.shifts:
                await context.abort(Code.FAILED_PRECONDITION, "nobody is on shift")
            eta_s = await self.eta_s(request.address, context)
            return await self.assigned(request, eta_s, context)

    async def assigned(self, request: Any, eta_s: int, context: Any) -> Any:
        if not self.shifts:
            await context.abort(Code.FAILED_PRECONDITION, "nobody is on shift")
        chosen = min(self.shifts, key=lambda one: (len(self.undelivered(one)), one))
        assignment = courier.Assignment(order_id=request.order_id, courier_id=chosen, eta_s=eta_s)
        order = Order(assignment, request.address)
        self.orders[request.order_id] = order
        self.shifts[chosen].outbox.put_nowait(order.offer)
        return assignment

    async def eta_s(self, address: str, context: Any) -> int:
        left = context.time_remaining()
        timeout = LONGEST_S if left is None else min(left - ANSWER_S, left)
        try:
            route = await self.maps.Route(maps.RouteRequest(address=address), timeout=timeout)
        except grpc.aio.AioRpcError as error:
            if error.code() is Code.NOT_FOUND:
                await context.abort(Code.INVALID_ARGUMENT, f"there is no address {address}")
            known = {Code.DEADLINE_EXCEEDED, Code.UNAVAILABLE}
            code = error.code() if error.code() in known else Code.INTERNAL
            await context.abort(code, "the maps do not answer")
        return int(route.eta_s)

    def undelivered(self, courier_id: str) -> list[Order]:
        return [
            one
            for one in self.orders.values()
            if one.courier_id == courier_id and not one.is_delivered
        ]

    async def TrackOrder(self, request: Any, context: Any) -> AsyncIterator[Any]:
        order = self.orders.get(request.order_id)
        if order is None:
            await context.abort(Code.NOT_FOUND, f"there is no order {request.order_id}")
            return
        seen = max(0, request.after)
        while True:
            async with order.changed:
                while len(order.positions) <= seen and not order.is_delivered:
                    await order.changed.wait()
                new, is_over = order.positions[seen:], order.is_delivered
            for position in new:
                yield position
            seen += len(new)
            if is_over:
                return

    async def Shift(self, requests: AsyncIterator[Any], context: Any) -> AsyncIterator[Any]:
        first = await anext(requests, None)
        courier_id = first.start.courier_id if first else ""
        if not courier_id:
            await context.abort(Code.INVALID_ARGUMENT, "a shift begins with start")
        if other := self.shifts.get(courier_id):
            other.outbox.put_nowait(None)
        shift = self.shifts[courier_id] = Shift()
        listening = asyncio.create_task(self.listen(courier_id, requests, shift))
        try:
            yield courier.DispatcherMessage(started=courier.Started())
            for order in self.undelivered(courier_id):
                yield order.offer
            while (message := await shift.outbox.get()) is not None:
                if isinstance(message, tuple):
                    await context.abort(*message)
                if message == "over":
                    return
                yield message
            await context.abort(Code.ABORTED, "another shift of this courier has begun")
        finally:
            listening.cancel()
            if self.shifts.get(courier_id) is shift:
                del self.shifts[courier_id]

    async def listen(self, courier_id: str, requests: AsyncIterator[Any], shift: Shift) -> None:
        async for message in requests:
            refused = await self.take(courier_id, message)
            if refused:
                shift.outbox.put_nowait(refused)
                return
        shift.outbox.put_nowait("over")

    async def take(self, courier_id: str, message: Any) -> tuple[Any, str] | None:
        match message.WhichOneof("message"):
            case "position":
                position = message.position
                if not (-90 <= position.latitude <= 90 and -180 <= position.longitude <= 180):
                    return Code.INVALID_ARGUMENT, "there is no such place"
                for order in self.undelivered(courier_id):
                    await order.change(position)
            case "delivered":
                order = self.orders.get(message.delivered.order_id)
                if order is None or order not in self.undelivered(courier_id):
                    return Code.FAILED_PRECONDITION, "this order is not yours to deliver"
                await order.change()
            case _:
                return Code.INVALID_ARGUMENT, "the shift has begun already"
        return None


async def main() -> None:
    server = grpc.aio.server()
    async with grpc.aio.insecure_channel(os.environ["MAPS"]) as channel:
        couriers_grpc.add_CouriersServicer_to_server(Couriers(maps_grpc.MapsStub(channel)), server)
        ready = health.aio.HealthServicer()
        health_pb2_grpc.add_HealthServicer_to_server(ready, server)
        for name in (SERVICE, health.OVERALL_HEALTH):
            await ready.set(name, health_pb2.HealthCheckResponse.SERVING)
        names = (SERVICE, health.SERVICE_NAME, reflection.SERVICE_NAME)
        reflection.enable_server_reflection(names, server)
        server.add_insecure_port(f"127.0.0.1:{os.environ['PORT']}")
        await server.start()
        await server.wait_for_termination()


if __name__ == "__main__":
    asyncio.run(main())
