"""Couriers over gRPC with threads: one condition over everything that is known."""

import os
import threading
from collections import deque
from collections.abc import Iterator
from concurrent import futures
from typing import Any

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

pb, services = grpc.protos_and_services("courier.proto")
maps_pb, maps_services = grpc.protos_and_services("maps.proto")
NAME = pb.DESCRIPTOR.services_by_name["Couriers"].full_name
Code = grpc.StatusCode
MOST_CALLS = 64
WITHOUT_DEADLINE_S, A_DAY_S = 5, 86_400


class Couriers(services.CouriersServicer):
    """Nothing waits for the network while it holds the condition."""

    def __init__(self, maps: Any) -> None:
        self.maps = maps
        self.changed = threading.Condition()
        self.assigned: dict[str, Any] = {}
        self.being_assigned: set[str] = set()
        self.delivered: set[str] = set()
        self.positions: dict[str, list[Any]] = {}
        self.shifts: dict[str, deque[Any]] = {}

    # ---- unary --------------------------------------------------------------------------------

    def AssignCourier(self, request: Any, context: Any) -> Any:
        if not (request.order_id and request.address):
            context.abort(Code.INVALID_ARGUMENT, "both order_id and address are needed")
        self.wake_when_over(context)
        with self.changed:
            while request.order_id in self.being_assigned and context.is_active():
                self.changed.wait()
            if found := self.assigned.get(request.order_id):
                if found[1] != request.address:
                    context.abort(Code.ALREADY_EXISTS, "that order has another address")
                return found[0]
            self.check_somebody_works(context)
            self.being_assigned.add(request.order_id)
        try:
            eta_s = self.asked_maps(request.address, context)
            with self.changed:
                self.check_somebody_works(context)
                return self.give(request, eta_s)
        finally:
            with self.changed:
                self.being_assigned.discard(request.order_id)
                self.changed.notify_all()

    def check_somebody_works(self, context: Any) -> None:
        if not self.shifts:
            context.abort(Code.FAILED_PRECONDITION, "no courier is on shift")

    def asked_maps(self, address: str, context: Any) -> int:
        left = context.time_remaining()
        # Without a deadline it is endless here.
        timeout = WITHOUT_DEADLINE_S if left is None or left > A_DAY_S else left
        call = self.maps.Route.future(maps_pb.RouteRequest(address=address), timeout=timeout)
        # Whoever waits for us may leave: then we leave, too.
        if not context.add_callback(call.cancel):
            call.cancel()
        try:
            return int(call.result().eta_s)
        except grpc.FutureCancelledError:
            context.abort(Code.CANCELLED, "the caller has left")
        except grpc.RpcError as error:
            known = {
                Code.NOT_FOUND: Code.INVALID_ARGUMENT,
                Code.UNAVAILABLE: Code.UNAVAILABLE,
                Code.DEADLINE_EXCEEDED: Code.DEADLINE_EXCEEDED,
            }
            context.abort(known.get(error.code(), Code.INTERNAL), f"maps: {error.code().name}")
        raise AssertionError("abort raises")

    def give(self, request: Any, eta_s: int) -> Any:
        least = min((len(self.of(one)), one) for one in self.shifts)[1]
        made = pb.Assignment(order_id=request.order_id, courier_id=least, eta_s=eta_s)
        self.assigned[request.order_id] = (made, request.address)
        self.positions[request.order_id] = []
        self.shifts[least].append(self.offer(request.order_id))
        return made

    def of(self, courier_id: str) -> list[str]:
        """Orders that he has not delivered."""
        return [
            order_id
            for order_id, (made, _) in self.assigned.items()
            if made.courier_id == courier_id and order_id not in self.delivered
        ]

    def offer(self, order_id: str) -> Any:
        offer = pb.Offer(order_id=order_id, address=self.assigned[order_id][1])
        return pb.DispatcherMessage(offer=offer)

    # ---- streams ------------------------------------------------------------------------------

    def wake_when_over(self, context: Any) -> None:
        def wake() -> None:
            with self.changed:
                self.changed.notify_all()

        context.add_callback(wake)

    def TrackOrder(self, request: Any, context: Any) -> Iterator[Any]:
        self.wake_when_over(context)
        seen = request.after
        with self.changed:
            if request.order_id not in self.assigned:
                context.abort(Code.NOT_FOUND, "unknown order")
        is_over = False
        while not is_over and context.is_active():
            with self.changed:
                new = self.positions[request.order_id][seen:]
                is_over = request.order_id in self.delivered
                if not new and not is_over:
                    self.changed.wait()
            for position in new:
                seen = position.sequence
                yield position

    def Shift(self, requests: Iterator[Any], context: Any) -> Iterator[Any]:
        first = next(requests, None)
        if first is None or not first.start.courier_id:
            context.abort(Code.INVALID_ARGUMENT, "start with the id of a courier comes first")
        courier_id = first.start.courier_id
        self.wake_when_over(context)
        outbox: deque[Any] = deque([pb.DispatcherMessage(started=pb.Started())])
        ended: list[Any] = []
        with self.changed:
            outbox.extend(map(self.offer, self.of(courier_id)))
            # The other one sees that the shift is not his any more.
            self.shifts[courier_id] = outbox
            self.changed.notify_all()
        listener = threading.Thread(
            target=self.listen, args=(courier_id, requests, ended), daemon=True
        )
        listener.start()
        try:
            yield from self.told(courier_id, outbox, ended, context)
        finally:
            with self.changed:
                if self.shifts.get(courier_id) is outbox:
                    del self.shifts[courier_id]
        if ended and ended[0]:
            context.abort(*ended[0])

    def told(
        self, courier_id: str, outbox: deque[Any], ended: list[Any], context: Any
    ) -> Iterator[Any]:
        while context.is_active():
            with self.changed:
                if not outbox and not ended and self.shifts.get(courier_id) is outbox:
                    self.changed.wait()
                message = outbox.popleft() if outbox else None
                is_replaced = self.shifts.get(courier_id) is not outbox
            if message:
                yield message
            elif is_replaced:
                context.abort(Code.ABORTED, "this courier has begun another shift")
            elif ended:
                return

    def listen(self, courier_id: str, requests: Iterator[Any], ended: list[Any]) -> None:
        refusal = None
        try:
            for message in requests:
                with self.changed:
                    refusal = self.take(courier_id, message)
                    self.changed.notify_all()
                if refusal:
                    break
        except grpc.RpcError:
            pass
        with self.changed:
            ended.append(refusal)
            self.changed.notify_all()

    def take(self, courier_id: str, message: Any) -> Any:
        kind = message.WhichOneof("message")
        if kind == "position":
            place = message.position
            if abs(place.latitude) > 90 or abs(place.longitude) > 180:
                return Code.INVALID_ARGUMENT, "no such place on Earth"
            for order_id in self.of(courier_id):
                known = self.positions[order_id]
                known.append(
                    pb.TrackedPosition(
                        sequence=len(known) + 1, latitude=place.latitude, longitude=place.longitude
                    )
                )
        elif kind == "delivered":
            if message.delivered.order_id not in self.of(courier_id):
                return Code.FAILED_PRECONDITION, "you do not have this order"
            self.delivered.add(message.delivered.order_id)
        else:
            return Code.INVALID_ARGUMENT, "position or delivered is expected"
        return None


def main() -> None:
    server = grpc.server(futures.ThreadPoolExecutor(MOST_CALLS))
    with grpc.insecure_channel(os.environ["MAPS"]) as channel:
        services.add_CouriersServicer_to_server(Couriers(maps_services.MapsStub(channel)), server)
        ready = health.HealthServicer()
        health_pb2_grpc.add_HealthServicer_to_server(ready, server)
        ready.set(NAME, health_pb2.HealthCheckResponse.SERVING)
        reflection.enable_server_reflection((NAME, reflection.SERVICE_NAME), server)
        server.add_insecure_port(f"127.0.0.1:{os.environ['PORT']}")
        server.start()
        server.wait_for_termination()


if __name__ == "__main__":
    main()
