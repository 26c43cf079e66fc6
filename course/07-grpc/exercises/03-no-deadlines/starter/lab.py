"""A service between its callers and a slow one: gRPC for real, with eight places.

`GetEta` asks the maps; `GetPrice` asks nobody. The maps of this experiment never answer: they are
left, or let go at its end. `python lab.py` shows what came of it, once your prediction is written.
"""

import heapq
import threading
import tomllib
from collections.abc import Iterator
from concurrent import futures
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc

PLACES, CLIENTS = 8, 20
# Long enough to be sure that nobody is going to answer.
_NO_ANSWER_S = 0.2
_PATIENCE_S = 10.0
_OPTIONS = (("grpc.enable_http_proxy", 0), ("grpc.so_reuseport", 0))


class Maps:
    """
    Attributes:
        asked: how many calls have come.
        waiting: how many of them are still waited for.
    """

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.asked = self.waiting = 0
        self.is_over = False

    def route(self, _: bytes, context: grpc.ServicerContext) -> bytes:
        context.add_callback(self._wake)
        with self.changed:
            self.asked += 1
            self.waiting += 1
            self.changed.notify_all()
            while context.is_active() and not self.is_over:
                self.changed.wait()
            self.waiting -= 1
            self.changed.notify_all()
        return b""

    def end(self) -> None:
        with self.changed:
            self.is_over = True
            self.changed.notify_all()

    def _wake(self) -> None:
        with self.changed:
            self.changed.notify_all()


class Service:
    """
    Args:
        passes_on: it calls the maps with what is left of its caller's deadline.
    """

    def __init__(self, channel: grpc.Channel, *, passes_on: bool) -> None:
        self._route = channel.unary_unary("/Maps/Route")
        self._passes_on = passes_on

    def get_eta(self, _: bytes, context: grpc.ServicerContext) -> bytes:
        timeout = context.time_remaining() if self._passes_on else None
        return bytes(self._route(b"", timeout=timeout))

    def get_price(self, _: bytes, __: grpc.ServicerContext) -> bytes:
        return b"9900"


@dataclass(frozen=True)
class Piled:
    """
    Attributes:
        reached: of the callers, how many calls came to the maps.
        has_price: whether GetPrice was answered then.
    """

    reached: int
    has_price: bool


def pile_up(*, clients_have_deadline: bool, service_passes_on: bool) -> Piled:
    """Twenty callers want an ETA at once; then somebody wants a price."""
    deadline_s = 0.15 if clients_have_deadline else None
    while True:
        piled = _tried(deadline_s, service_passes_on)
        if piled:
            return piled
        # On a busy machine they had left before all places were taken.
        deadline_s = 2 * (deadline_s or 1)


def _tried(deadline_s: float | None, service_passes_on: bool) -> Piled | None:
    maps = Maps()
    with (
        _served("Maps", {"Route": maps.route}, CLIENTS) as maps_channel,
        _served_by(Service(maps_channel, passes_on=service_passes_on)) as channel,
    ):
        ask = channel.unary_unary("/Service/GetEta")
        calls = [ask.future(b"", timeout=deadline_s) for _ in range(CLIENTS)]
        ends = [_finished(one) for one in calls]
        try:
            with maps.changed:
                maps.changed.wait_for(lambda: maps.asked >= PLACES, deadline_s or _PATIENCE_S)
                if maps.asked < PLACES:
                    return None
            if deadline_s:
                futures.wait(ends, _PATIENCE_S)
            is_free = bool(deadline_s) and service_passes_on
            if is_free:
                with maps.changed:
                    maps.changed.wait_for(lambda: not maps.waiting, _PATIENCE_S)
            reached = maps.asked
            return Piled(reached, _is_answered(channel, _PATIENCE_S if is_free else _NO_ANSWER_S))
        finally:
            maps.end()
            futures.wait(ends, _PATIENCE_S)


def _finished(call: Any) -> futures.Future[None]:
    """Of a call of gRPC, whose own future is of another kind."""
    done: futures.Future[None] = futures.Future()
    call.add_done_callback(lambda _: done.set_result(None))
    return done


def _is_answered(channel: grpc.Channel, within_s: float) -> bool:
    try:
        channel.unary_unary("/Service/GetPrice")(b"", timeout=within_s)
    except grpc.RpcError:
        return False
    return True


def called(answer: bytes, read: Any) -> tuple[Any, grpc.StatusCode]:
    """What a client reads from this answer, and the status of its call."""
    with _served("Service", {"GetCourier": lambda _, __: answer}, 1) as channel:
        method = channel.unary_unary("/Service/GetCourier", response_deserializer=read)
        message, call = method.with_call(b"", timeout=_PATIENCE_S)
        return message, call.code()


@contextmanager
def _served_by(service: Service) -> Iterator[grpc.Channel]:
    methods = {"GetEta": service.get_eta, "GetPrice": service.get_price}
    with _served("Service", methods, PLACES) as channel:
        yield channel


@contextmanager
def _served(name: str, methods: dict[str, Any], places: int) -> Iterator[grpc.Channel]:
    server = grpc.server(futures.ThreadPoolExecutor(places), options=_OPTIONS)
    handlers = {one: grpc.unary_unary_rpc_method_handler(method) for one, method in methods.items()}
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(name, handlers),))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        with grpc.insecure_channel(f"127.0.0.1:{port}", options=_OPTIONS) as channel:
            yield channel
    finally:
        server.stop(0).wait()


def waiting(per_second: int, takes_s: float, deadline_s: float | None, after_s: int) -> int:
    """Calls that wait at the same time, in a time of its own: one comes every 1/per_second."""
    stays_s = min(takes_s, deadline_s) if deadline_s else takes_s
    leaving: list[float] = []
    for number in range(per_second * after_s):
        now = number / per_second
        while leaving and leaving[0] <= now:
            heapq.heappop(leaving)
        heapq.heappush(leaving, now + stays_s)
    return len(leaving)


def main() -> None:
    prediction = tomllib.loads(Path(__file__).with_name("prediction.toml").read_text("utf-8"))
    if "" in prediction.values():
        raise SystemExit("First the prediction: prediction.toml has empty answers.")
    for clients, service in ((False, False), (True, False), (True, True)):
        piled = pile_up(clients_have_deadline=clients, service_passes_on=service)
        print(f"deadline of clients: {clients}, passed on: {service}: {piled}")
    for deadline_s in (None, 2):
        print(f"deadline: {deadline_s}, waiting: {waiting(20, 30, deadline_s, 120)}")


if __name__ == "__main__":
    main()
