"""Those around the learner's service: its callers, couriers on shift, and the maps that it asks."""

import queue
import threading
from collections.abc import Callable, Iterator
from concurrent import futures
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool
from google.protobuf.message_factory import GetMessageClass
from grpc_tools import protoc  # type: ignore[import-untyped]

from stend.course.case import Case

STARTER = Path(__file__).parent / "starter"
COURIERS, MAPS = "lavka.courier.v1.Couriers", "lavka.maps.v1.Maps"
# A right service needs milliseconds; a machine may be busy.
PATIENCE_S = 6.0
_MOST_CALLS = 64
OPTIONS = (("grpc.enable_http_proxy", 0), ("grpc.so_reuseport", 0))


@cache
def contracts() -> descriptor_pool.DescriptorPool:
    """Of both services, as they are handed out."""
    pool = descriptor_pool.DescriptorPool()
    with TemporaryDirectory(prefix="stend-proto-") as folder:
        out = Path(folder, "out")
        names = ["courier.proto", "maps.proto"]
        if protoc.main(["protoc", f"-I{STARTER}", f"-o{out}", *names]):
            raise ValueError(f"protoc refuses {names} of {STARTER}")
        for file in descriptor_pb2.FileDescriptorSet.FromString(out.read_bytes()).file:
            pool.Add(file)
    return pool


def message(name: str, **fields: Any) -> Any:
    """`message("Offer", order_id="…")` of either contract."""
    package = "lavka.maps.v1" if name.startswith("Route") else "lavka.courier.v1"
    return GetMessageClass(contracts().FindMessageTypeByName(f"{package}.{name}"))(**fields)


class Maps:
    """The maps; an address is answered at once, with an error, or not before it is released.

    Attributes:
        eta_s: of the addresses that there are.
        remaining_s: what was left of the deadline when an address was asked for; None: no deadline.
    """

    def __init__(self) -> None:
        self.eta_s: dict[str, int] = {}
        self.errors: dict[str, grpc.StatusCode] = {}
        self.remaining_s: dict[str, float | None] = {}
        self._changed = threading.Condition()
        self._held: set[str] = set()
        self._asked: dict[str, int] = {}
        self._left: dict[str, int] = {}

    def hold(self, address: str) -> None:
        self._held.add(address)

    def release(self, address: str) -> None:
        with self._changed:
            self._held.discard(address)
            self._changed.notify_all()

    def release_all(self) -> None:
        for address in tuple(self._held):
            self.release(address)

    def was_asked(self, address: str) -> bool:
        """Waits for it."""
        return self._wait(lambda: bool(self._asked.get(address)))

    def was_left(self, address: str) -> bool:
        """Waits until nobody waits for this address any more, though it is still held."""
        return self._wait(lambda: self._left.get(address, 0) >= self._asked.get(address, 0))

    def route(self, request: Any, context: grpc.ServicerContext) -> Any:
        address = request.address
        remaining = context.time_remaining()
        with self._changed:
            self.remaining_s[address] = remaining if (remaining or 0) < 10**6 else None
            self._asked[address] = self._asked.get(address, 0) + 1
            self._changed.notify_all()
        context.add_callback(lambda: self._leave(address))
        with self._changed:
            while address in self._held and context.is_active():
                self._changed.wait()
        if code := self.errors.get(address):
            context.abort(code, "as the check wants it")
        if address not in self.eta_s:
            context.abort(grpc.StatusCode.NOT_FOUND, "there is no such address")
        return message("RouteResponse", eta_s=self.eta_s[address])

    def _leave(self, address: str) -> None:
        with self._changed:
            self._left[address] = self._left.get(address, 0) + 1
            self._changed.notify_all()

    def _wait(self, is_so: Callable[[], bool]) -> bool:
        with self._changed:
            return self._changed.wait_for(is_so, PATIENCE_S)


@contextmanager
def serving(maps: Maps) -> Iterator[str]:
    """Serves it. Gives its address."""
    server = grpc.server(futures.ThreadPoolExecutor(_MOST_CALLS), options=OPTIONS)
    serializer = {
        "request_deserializer": type(message("RouteRequest")).FromString,
        "response_serializer": lambda one: one.SerializeToString(),
    }
    handler = grpc.unary_unary_rpc_method_handler(maps.route, **serializer)
    server.add_generic_rpc_handlers(
        (grpc.method_handlers_generic_handler(MAPS, {"Route": handler}),)
    )
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        maps.release_all()
        server.stop(0).wait()


class Couriers:
    """A client made from the contract."""

    def __init__(self, case: Case, channel: grpc.Channel) -> None:
        self._case = case
        self._shifts: list[Shift] = []
        self.channel = channel
        self.unary = self._made(channel.unary_unary, "AssignCourier", "Assignment")
        self.track = self._made(channel.unary_stream, "TrackOrder", "TrackedPosition")
        self.shifts = self._made(channel.stream_stream, "Shift", "DispatcherMessage")

    def assign(self, order_id: str, address: str, timeout: float | None = PATIENCE_S) -> Any:
        """The assignment, or the error."""
        request = message("AssignCourierRequest", order_id=order_id, address=address)
        return answer_of(lambda: self.unary(request, timeout=timeout))

    def assigned(self, order_id: str, address: str) -> Any:
        """
        Raises:
            FailedError: it is no assignment.
        """
        answer = self.assign(order_id, address)
        if isinstance(answer, grpc.RpcError):
            self._case.check_alive()
            self._case.fail(
                f"AssignCourier ответил {told(answer)}, а курьер на смене есть.",
                f"AssignCourier answered {told(answer)}, and a courier is on shift.",
                expected=f"Assignment for {order_id}",
                got=told(answer),
            )
        return answer

    def assign_later(self, order_id: str, address: str) -> Any:
        """A call that goes on, with a deadline that never comes."""
        request = message("AssignCourierRequest", order_id=order_id, address=address)
        return self.unary.future(request, timeout=600)

    def tracked(self, order_id: str, after: int = 0) -> "Tracked":
        request = message("TrackOrderRequest", order_id=order_id, after=after)
        return Tracked(self._case, self.track(request, timeout=600))

    def shift(self, courier_id: str | None) -> "Shift":
        """Begun with `start`, unless that is None."""
        shift = Shift(self._case, self.shifts)
        self._shifts.append(shift)
        if courier_id is not None:
            shift.send(start=message("Start", courier_id=courier_id))
        return shift

    def working(self, courier_id: str) -> "Shift":
        """One that has really begun."""
        shift = self.shift(courier_id)
        shift.expect("started")
        return shift

    def forget(self) -> None:
        """Ends what a check has left behind that has failed."""
        for shift in self._shifts:
            shift.call.cancel()
        self._shifts.clear()

    def _made(self, kind: Callable[..., Any], method: str, response: str) -> Any:
        return kind(
            f"/{COURIERS}/{method}",
            request_serializer=lambda one: one.SerializeToString(),
            response_deserializer=type(message(response)).FromString,
        )


class _Stream:
    """What comes on a stream, read by a thread of its own."""

    def __init__(self, case: Case, call: Any) -> None:
        self._case = case
        self.call = call
        self._came: queue.SimpleQueue[Any] = queue.SimpleQueue()
        threading.Thread(target=self._read, daemon=True).start()

    def next(self) -> Any:
        """A message; a status where the stream has ended; None where nothing comes."""
        try:
            return self._came.get(timeout=PATIENCE_S)
        except queue.Empty:
            return None

    def ended(self, code: grpc.StatusCode, ru: str, en: str) -> None:
        """
        Raises:
            FailedError: it goes on, or has ended otherwise.
        """
        came = self.next()
        if came is not code:
            self._case.fail(
                f"{ru}: поток должен закончиться с {code.name}, а пришло: {told(came)}.",
                f"{en}: the stream has to end with {code.name}; what came: {told(came)}.",
                expected=code.name,
                got=told(came),
            )

    def _read(self) -> None:
        try:
            for one in self.call:
                self._came.put(one)
        except grpc.RpcError:
            pass
        self._came.put(self.call.code())


class Tracked(_Stream):
    def positions(self, number: int) -> list[Any]:
        """So many of them.

        Raises:
            FailedError: fewer come.
        """
        found: list[Any] = []
        while len(found) < number:
            came = self.next()
            if came is None or isinstance(came, grpc.StatusCode):
                self._case.fail(
                    f"TrackOrder должен был прислать позиций: {number}, а прислал {len(found)}.",
                    f"TrackOrder had to send {number} positions, and sent {len(found)}.",
                    expected=str(number),
                    got=told(came),
                )
            found.append(came)
        return found


class Shift(_Stream):
    def __init__(self, case: Case, method: Any) -> None:
        self._sent: queue.SimpleQueue[Any] = queue.SimpleQueue()
        super().__init__(case, method(iter(self._sent.get, None), timeout=600))

    def send(self, **one: Any) -> None:
        self._sent.put(message("CourierMessage", **one))

    def at(self, latitude: float, longitude: float) -> None:
        self.send(position=message("Position", latitude=latitude, longitude=longitude))

    def delivered(self, order_id: str) -> None:
        self.send(delivered=message("Delivered", order_id=order_id))

    def half_close(self) -> None:
        self._sent.put(None)

    def _read(self) -> None:
        super()._read()
        # The library's thread that waits for more of ours would wait for ever.
        self._sent.put(None)

    def expect(self, kind: str, **fields: Any) -> None:
        """
        Raises:
            FailedError: another message comes, or none.
        """
        came = self.next()
        found = came.WhichOneof("message") if hasattr(came, "WhichOneof") else None
        wanted = {"started": "Started", "offer": "Offer"}[kind]
        if found != kind or getattr(came, kind) != message(wanted, **fields):
            shown = f"{kind} {fields or ''}".strip()
            self._case.fail(
                f"Курьер на смене ждал {shown}, а пришло: {told(came)}.",
                f"The courier on shift expected {shown}; what came: {told(came)}.",
                expected=shown,
                got=told(came),
            )


def answer_of(ask: Callable[[], Any]) -> Any:
    """What a call returns, or the error that it raises."""
    try:
        return ask()
    except grpc.RpcError as error:
        return error


def told(came: Any) -> str:
    """As a person reads it."""
    if came is None:
        return "nothing"
    if isinstance(came, grpc.StatusCode):
        return f"end of the stream, {came.name}"
    if isinstance(came, grpc.RpcError):
        return f"{came.code().name}: {came.details()}"
    return f"{came.DESCRIPTOR.name} {{ {' '.join(str(came).split())} }}"


def ready(channel: grpc.Channel) -> bool:
    """Whether the channel has a connection; waits for it."""
    try:
        grpc.channel_ready_future(channel).result(PATIENCE_S)
    except grpc.FutureTimeoutError:
        return False
    return True
