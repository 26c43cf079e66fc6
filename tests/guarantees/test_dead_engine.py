"""The stand never hangs on a dead engine: a clear error in time, and recovery by itself."""

import asyncio
import contextlib
import signal
import time
from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial
from typing import Any

import grpc.aio
import httpx
import psutil
import pytest
from grpc_health.v1 import health_pb2

from stend.runtime.control import STOP_TIMEOUT_S
from stend.shop.orders.api.grpc.stubs import orders_pb2 as pb
from stend.shop.orders.usecases import GetOrder
from tests.conftest import LiveStand, stand_of_its_own
from tests.engines.servers import is_gone
from tests.guarantees.processes import kill, kill_stand, postgres_home, postgres_of, server_of
from tests.guarantees.traffic import both_clients
from tests.shop.orders.examples import a_request
from tests.waiting import until, until_async

pytestmark = pytest.mark.slow
# Engines of a process that answers by itself, and that no service needs.
OWN_SERVERS = ("mysql", "mongodb", "redis", "rabbitmq", "kafka")
# Long enough for an order on a busy machine while an engine comes back.
_DEADLINE_S = 3.0
# What an answer may take beyond the deadline on a busy machine with two cores.
_MARGIN_S = 1.5
_HEALTH = health_pb2.HealthCheckResponse


@pytest.fixture(scope="module")
def stand() -> Iterator[LiveStand]:
    """Every test of this module leaves it running."""
    with stand_of_its_own() as made:
        made.up(STEND_ORDERS_DEADLINE_S=str(_DEADLINE_S))
        yield made


@contextlib.contextmanager
def stopped(processes: list[psutil.Process]) -> Iterator[None]:
    """SIGSTOP: sockets stay open and nobody answers, as on a machine that hangs."""
    frozen: list[psutil.Process] = []

    def freeze(some: list[psutil.Process]) -> None:
        for process in some:
            # One that serves a connection may have ended with it since it was listed.
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGSTOP)
                frozen.append(process)

    try:
        freeze(processes)
        # Or begun since: from now on, whoever would begin another is frozen.
        for process in processes:
            with contextlib.suppress(psutil.NoSuchProcess):
                freeze([one for one in process.children(recursive=True) if one not in frozen])
        yield
    finally:
        for process in frozen:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGCONT)


@contextlib.contextmanager
def not_starting(stand: LiveStand) -> Iterator[None]:
    """A PostgreSQL that dies meanwhile stays dead: it ends at once without its settings."""
    settings = postgres_home(stand) / "postgresql.conf"
    aside = settings.with_suffix(".aside")
    settings.rename(aside)
    try:
        yield
    finally:
        aside.rename(settings)


def health_of(stand: LiveStand) -> int:
    with grpc.insecure_channel(stand.grpc_target) as channel:
        check = channel.unary_unary(
            "/grpc.health.v1.Health/Check",
            request_serializer=health_pb2.HealthCheckRequest.SerializeToString,
            response_deserializer=health_pb2.HealthCheckResponse.FromString,
        )
        request = health_pb2.HealthCheckRequest(service="lavka.orders.v1.Orders")
        return check(request, timeout=5).status


async def test_a_killed_postgresql_is_told_as_unavailable_and_comes_back_by_itself(
    stand: LiveStand,
) -> None:
    async with both_clients(stand) as (rest, grpc_client):
        order = (await rest.place_order(a_request())).value.order
        with not_starting(stand):
            kill(postgres_of(stand))
            refused = await rest.get_order(GetOrder(order.order_id))
            reply = await grpc_client.get_order(GetOrder(order.order_id))

        assert refused.status == "503 Service Unavailable"
        assert refused.error is not None
        assert refused.error.code == "unavailable"
        headers = dict(refused.headers)
        assert headers["content-type"] == "application/problem+json"
        assert int(headers["retry-after"]) >= 1
        assert "Traceback" not in refused.body
        assert reply.status == "UNAVAILABLE"
        assert reply.error is not None
        assert reply.error.code == "unavailable"

        await until_async(stand.is_ready)
        await until_async(lambda: health_of(stand) == _HEALTH.SERVING)
        for client in (rest, grpc_client):
            assert (await client.get_order(GetOrder(order.order_id))).value.as_placed() == order
            assert not (await client.place_order(a_request())).value.replayed


async def test_a_follower_outlives_a_crash_of_postgresql(stand: LiveStand) -> None:
    async with both_clients(stand) as (rest, _):
        order = (await rest.place_order(a_request())).value.order
        async with httpx.AsyncClient(base_url=stand.url, timeout=30) as http:
            path = f"/api/v1/orders/{order.order_id}"
            async with http.stream("GET", f"{path}/events") as stream:
                lines = stream.aiter_lines()
                await _until_line(lines, "id: 1")
                with not_starting(stand):
                    kill(postgres_of(stand))
                    await until_async(lambda: not stand.is_ready())
                await until_async(stand.is_ready)
                (await http.post(f"{path}/cancellation")).raise_for_status()
                await _until_line(lines, "id: 2")


async def test_a_frozen_postgresql_is_answered_for_within_the_deadline(stand: LiveStand) -> None:
    async with both_clients(stand) as clients:
        order = (await clients[0].place_order(a_request())).value.order
        with stopped(postgres_of(stand)):
            get = GetOrder(order.order_id)
            alone = await asyncio.gather(*(client.get_order(get) for client in clients))
            # Whoever has a connection waits for the answer, and whoever has none for a connection.
            assert "deadline-exceeded" in {reply.error.code for reply in alone if reply.error}
            started = time.monotonic()
            replies = await asyncio.gather(
                *(client.get_order(get) for client in clients * 20),
                *(client.place_order(a_request()) for client in clients * 20),
            )
            took_s = time.monotonic() - started
            await _own_deadline_is_kept(stand, order.order_id)
            # One that is only killed may be back before anybody asks.
            await until_async(lambda: health_of(stand) == _HEALTH.NOT_SERVING)
        assert took_s < _DEADLINE_S + _MARGIN_S
        codes = {reply.error.code for reply in replies if reply.error}
        assert codes <= {"deadline-exceeded", "unavailable"}
        assert all(reply.error for reply in replies)
        await until_async(stand.is_ready)
        await until_async(lambda: health_of(stand) == _HEALTH.SERVING)
        for client in clients:
            assert (await client.get_order(GetOrder(order.order_id))).value.as_placed() == order


def engine_of(stand: LiveStand, name: str) -> dict[str, Any]:
    engine: dict[str, Any] = next(one for one in stand.status()["engines"] if one["name"] == name)
    return engine


@pytest.mark.parametrize("name", [*OWN_SERVERS, "nginx"])
async def test_an_engine_that_no_service_needs_dies_without_them_and_comes_back(
    stand: LiveStand, name: str
) -> None:
    server = server_of(stand, name)
    kill(server)
    await until_async(lambda: engine_of(stand, name)["state"] != "ready")
    assert "ended with code -9" in engine_of(stand, name)["reason"]
    async with both_clients(stand) as clients:
        for client in clients:
            assert (await client.place_order(a_request())).error is None
    await until_async(stand.is_ready)
    assert server_of(stand, name)[0].pid != server[0].pid


def _has_failed(stand: LiveStand, name: str) -> bool:
    return bool(engine_of(stand, name)["state"] == "failed")


def test_engines_that_hang_are_told_and_no_longer_when_they_answer_again(
    stand: LiveStand,
) -> None:
    servers = {name: server_of(stand, name) for name in OWN_SERVERS}
    with stopped([process for server in servers.values() for process in server]):
        for name in OWN_SERVERS:
            until(partial(_has_failed, stand, name))
            assert engine_of(stand, name)["reason"].startswith("does not answer: ")
    until(stand.is_ready)
    for name, server in servers.items():
        assert server_of(stand, name)[0].pid == server[0].pid


def test_the_stand_can_be_stopped_while_every_engine_is_frozen(stand: LiveStand) -> None:
    servers = [*postgres_of(stand)]
    for name in (*OWN_SERVERS, "nginx"):
        servers += server_of(stand, name)
    with stopped(servers):
        # How long any command takes on a machine that is as busy as this one is now.
        a_command_s = _seconds_of(lambda: stand.command("status"))
        assert _seconds_of(lambda: stand.command("down")) < STOP_TIMEOUT_S + 1 + a_command_s
    stand.up(STEND_ORDERS_DEADLINE_S=str(_DEADLINE_S))
    until(stand.is_ready)


def test_engines_of_a_killed_stand_are_ended_by_the_next(stand: LiveStand) -> None:
    left = [postgres_of(stand)[0]]
    left += [server_of(stand, name)[0] for name in (*OWN_SERVERS, "nginx")]
    kill_stand(stand)
    assert all(process.is_running() for process in left)
    stand.up(STEND_ORDERS_DEADLINE_S=str(_DEADLINE_S))
    assert stand.is_ready()
    assert [process for process in left if not is_gone(process)] == []


def _seconds_of(act: Callable[[], object]) -> float:
    started = time.monotonic()
    act()
    return time.monotonic() - started


async def _own_deadline_is_kept(stand: LiveStand, order_id: str) -> None:
    """A caller who gives less time than the service has gets its answer in that time."""
    async with grpc.aio.insecure_channel(stand.grpc_target) as channel:
        call: Any = channel.unary_unary("/lavka.orders.v1.Orders/GetOrder")
        started = time.monotonic()
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await call(pb.GetOrderRequest(order_id=order_id).SerializeToString(), timeout=0.2)
        assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
        assert time.monotonic() - started < _DEADLINE_S


async def _until_line(lines: AsyncIterator[str], wanted: str) -> None:
    async with asyncio.timeout(20):
        async for line in lines:
            if line == wanted:
                return
