"""Delivery over gRPC, as delivery.proto says it. `python service.py` serves until SIGTERM."""

import asyncio
import os
import signal
import sqlite3
from asyncio import to_thread
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from enum import Enum
from typing import Any, NoReturn

import grpc
from google.protobuf import any_pb2
from google.rpc import error_details_pb2, status_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_health.v1.health import aio as health
from grpc_reflection.v1alpha import reflection
from grpc_status import rpc_status

import delivery_pb2
import delivery_pb2_grpc

SCHEMA = """
CREATE TABLE IF NOT EXISTS assignments (order_id TEXT PRIMARY KEY, courier_id TEXT NOT NULL UNIQUE)
"""
COURIERS = ("cou-1", "cou-2", "cou-3")
SERVICE = delivery_pb2.DESCRIPTOR.services_by_name["Delivery"].full_name
STEPS = 5
DATABASE_TIMEOUT_S = 5
# For who names no deadline: nothing waits for ever.
LONGEST_CALL_S = 5
STOP_TIMEOUT_S = 10
OPTIONS = [
    ("grpc.max_receive_message_length", 64 * 1024),
    ("grpc.keepalive_time_ms", 30_000),
    # Without it a second server on a taken port would get half of the calls.
    ("grpc.so_reuseport", 0),
]


class Fault(Enum):
    """Every error that this service answers with. Its name is the reason in ErrorInfo."""

    BAD_REQUEST = grpc.StatusCode.INVALID_ARGUMENT
    NO_FREE_COURIER = grpc.StatusCode.RESOURCE_EXHAUSTED
    ORDER_NOT_FOUND = grpc.StatusCode.NOT_FOUND
    TOO_LATE = grpc.StatusCode.DEADLINE_EXCEEDED


class FaultError(Exception):
    def __init__(self, fault: Fault, words: str, field: str | None = None) -> None:
        super().__init__(words)
        self.fault = fault
        self.words = words
        self.field = field


class Assignments:
    """Who delivers what, in SQLite. A connection per call, as calls come from many threads."""

    def __init__(self, path: str) -> None:
        self._path = path
        with self._transaction("IMMEDIATE") as db:
            db.execute(SCHEMA)

    def assign(self, order_id: str) -> str:
        # IMMEDIATE: of two calls at once the second waits here and sees what the first has done.
        with self._transaction("IMMEDIATE") as db:
            busy = dict(db.execute("SELECT order_id, courier_id FROM assignments").fetchall())
            if order_id in busy:
                return str(busy[order_id])
            free = next((one for one in COURIERS if one not in busy.values()), None)
            if free is None:
                raise FaultError(Fault.NO_FREE_COURIER, "all couriers are under way")
            db.execute("INSERT INTO assignments VALUES (?, ?)", (order_id, free))
            return free

    def courier_of(self, order_id: str) -> str:
        with self._transaction() as db:
            query = "SELECT courier_id FROM assignments WHERE order_id = ?"
            found = db.execute(query, (order_id,)).fetchone()
        if found is None:
            raise FaultError(Fault.ORDER_NOT_FOUND, f"order {order_id!r} has no courier")
        return str(found[0])

    def delivered(self, order_id: str) -> None:
        with self._transaction("IMMEDIATE") as db:
            db.execute("DELETE FROM assignments WHERE order_id = ?", (order_id,))

    @contextmanager
    def _transaction(self, kind: str = "DEFERRED") -> Iterator[sqlite3.Connection]:
        # None: sqlite3 begins no transaction by itself.
        connection = sqlite3.connect(self._path, timeout=DATABASE_TIMEOUT_S, isolation_level=None)
        with closing(connection), connection:
            connection.execute(f"BEGIN {kind}")
            yield connection


class Delivery(delivery_pb2_grpc.DeliveryServicer):
    def __init__(self, assignments: Assignments, position_every_s: float) -> None:
        self._assignments = assignments
        self._every_s = position_every_s

    async def AssignCourier(
        self, request: delivery_pb2.AssignCourierRequest, context: grpc.aio.ServicerContext
    ) -> delivery_pb2.Assignment:
        try:
            _demand(request, "order_id", "address")
            async with asyncio.timeout(LONGEST_CALL_S):
                courier_id = await to_thread(self._assignments.assign, request.order_id)
        except FaultError as error:
            await refuse(context, error)
        except TimeoutError:
            await refuse(context, FaultError(Fault.TOO_LATE, f"longer than {LONGEST_CALL_S} s"))
        return delivery_pb2.Assignment(order_id=request.order_id, courier_id=courier_id)

    async def TrackCourier(
        self, request: delivery_pb2.TrackCourierRequest, context: grpc.aio.ServicerContext
    ) -> AsyncIterator[delivery_pb2.Position]:
        try:
            _demand(request, "order_id")
            await to_thread(self._assignments.courier_of, request.order_id)
        except FaultError as error:
            await refuse(context, error)
        # When the client goes or its deadline passes, grpc.aio cancels this at an await.
        for step in range(request.from_step, STEPS + 1):
            yield _position(step)
            await asyncio.sleep(self._every_s)
        await to_thread(self._assignments.delivered, request.order_id)


def _demand(request: Any, *fields: str) -> None:
    for field in fields:
        if not 1 <= len(getattr(request, field)) <= 64:
            raise FaultError(Fault.BAD_REQUEST, f"{field}: 1 to 64 characters", field)


def _position(step: int) -> delivery_pb2.Position:
    states = delivery_pb2.Position
    state = states.STATE_DELIVERED if step == STEPS else states.STATE_UNDER_WAY
    return delivery_pb2.Position(
        step=step, latitude=55.75 + step / 1000, longitude=37.61 + step / 1000, state=state
    )


async def refuse(context: grpc.aio.ServicerContext, error: FaultError) -> NoReturn:
    """The status, and in its details what a program can read: google/rpc/error_details.proto."""
    details = [error_details_pb2.ErrorInfo(reason=error.fault.name, domain=SERVICE)]
    if error.field:
        violation = error_details_pb2.BadRequest.FieldViolation(
            field=error.field, description=error.words
        )
        details.append(error_details_pb2.BadRequest(field_violations=[violation]))
    packed = [any_pb2.Any() for _ in details]
    for box, detail in zip(packed, details, strict=True):
        box.Pack(detail)
    code = error.fault.value.value[0]
    status = status_pb2.Status(code=code, message=error.words, details=packed)
    await context.abort_with_status(rpc_status.to_status(status))
    raise AssertionError("abort_with_status always raises")


async def serve(address: str, delivery: Delivery) -> None:
    server = grpc.aio.server(options=OPTIONS)
    delivery_pb2_grpc.add_DeliveryServicer_to_server(delivery, server)
    alive = health.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(alive, server)
    reflection.enable_server_reflection([SERVICE, reflection.SERVICE_NAME], server)
    port = server.add_insecure_port(address)
    await server.start()
    await alive.set(SERVICE, health_pb2.HealthCheckResponse.SERVING)
    print(f"listening on {address.rpartition(':')[0]}:{port}", flush=True)
    stop = asyncio.Event()
    for one in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(one, stop.set)
    await stop.wait()
    # Balancers look here; calls that run come to their end, new ones are refused.
    await alive.enter_graceful_shutdown()
    await server.stop(STOP_TIMEOUT_S)


def main() -> None:
    host, port = os.environ.get("HOST", "127.0.0.1"), os.environ.get("PORT", "8094")
    assignments = Assignments(os.environ.get("DATABASE", "delivery.db"))
    every_s = float(os.environ.get("POSITION_EVERY_S", "1"))
    asyncio.run(serve(f"{host}:{port}", Delivery(assignments, every_s)))


if __name__ == "__main__":
    main()
