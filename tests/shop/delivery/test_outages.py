"""Redis gone and back, the service killed: nothing is lost, and nobody waits for ever."""

import asyncio
import socket
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import grpc.aio
import pytest

from stend.engines.redis.launcher import RedisConfig
from stend.kit.errors import EdgeErrorCode, StendError
from tests.conftest import PROJECT
from tests.engines.redis.running import Client, config_in, running
from tests.engines.servers import HOST, free_port
from tests.shop.delivery.calling import LIFE, Calls, code_of, fresh_order, until_final
from tests.shop.delivery.conftest import StartService, url_of
from tests.waiting import until_async

_SERVE = """
import asyncio, sys
from stend.chassis.access import OpenAccess
from stend.chassis.grpc import GrpcLimits
from stend.runtime.system import RandomIds, SystemClock
from stend.shop.delivery.service import DeliveryConfig, DeliveryService

async def main(redis_url, grpc_address):
    config = DeliveryConfig(
        redis_url, grpc_address, GrpcLimits(2.0, 65_536), time_scale=1000.0, step_s=0.05
    )
    service = DeliveryService(config, SystemClock(), RandomIds(), OpenAccess())
    await service.start()
    await asyncio.Event().wait()

asyncio.run(main(*sys.argv[1:]))
"""


@pytest.fixture
def own_redis(tmp_path: Path) -> RedisConfig:
    """Of this test alone: it is stopped."""
    return config_in(tmp_path)


async def _first(calls: Calls) -> str:
    """What the service answers a question with: `ok` or the code of the error."""
    try:
        await calls.couriers()
    except grpc.aio.AioRpcError as error:
        return code_of(error)
    return "ok"


async def test_without_redis_it_is_unavailable_and_comes_back(
    own_redis: RedisConfig, start: StartService
) -> None:
    order_id = fresh_order()
    with running(own_redis):
        service, calls = await start(redis_url=url_of(own_redis))
        await calls.assign(order_id)
        stream = calls.watch()
        assert (await anext(aiter(stream))).order_id == order_id
    # The reader is let go, and comes back with his cursor when he is let in again.
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await anext(aiter(stream))
    assert code_of(caught.value) == "unavailable"
    for ask in (calls.assign(fresh_order()), calls.get(order_id), calls.cancel(order_id)):
        began = time.monotonic()
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await ask
        assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
        assert time.monotonic() - began < 2.0
    with pytest.raises(StendError):
        await service.ping()
    with running(own_redis):
        while await _first(calls) != "ok":
            continue
        await service.ping()
        events = await until_final(calls, order_id)
        assert [event.status for event in events] == LIFE


async def test_a_service_that_is_killed_again_and_again_delivers_everything(
    redis_config: RedisConfig, redis_client: Client
) -> None:
    address = f"{HOST}:{free_port()}"
    orders = [fresh_order() for _ in range(40)]
    calls = Calls(address)
    asking = [asyncio.create_task(_until_assigned(calls, order_id)) for order_id in orders]
    for turn in (1, 2):
        process = _serve(redis_config, address)
        try:
            # In the middle of the others.
            await until_async(partial(_are_assigned, redis_client, turn * 13))
        finally:
            process.kill()
            process.wait()
    process = _serve(redis_config, address)
    try:
        answers = dict(zip(orders, await asyncio.gather(*asking), strict=True))
        events = await until_final(calls, *orders)
        states = await calls.couriers()
    finally:
        process.kill()
        process.wait()
        await calls.close()
    lives = {one: [event.status for event in events if event.order_id == one] for one in orders}
    assert all(life == LIFE for life in lives.values())
    assert {event.order_id: event.delivery_id for event in events} == answers
    assert all(not state.active_order_ids for state in states.values())


async def _until_assigned(calls: Calls, order_id: str) -> str:
    """Asks again until it has an answer, as a saga does."""
    while True:
        try:
            return (await calls.assign(order_id)).delivery_id
        except grpc.aio.AioRpcError as error:
            if error.code() is not grpc.StatusCode.UNAVAILABLE:
                raise
            await calls.channel.channel_ready()


def _are_assigned(redis: Client, orders: int) -> bool:
    count: int = redis.zcard("delivery:index")
    return count >= orders


async def test_an_emptied_redis_gets_its_couriers_again(
    start: StartService, redis_client: Client
) -> None:
    _, calls = await start()
    order_id = fresh_order()
    await calls.assign(order_id)
    redis_client.flushall()
    while await _first(calls) != "ok" or not await calls.couriers():
        continue
    await calls.assign(order_id)
    events = await until_final(calls, order_id)
    assert [event.status for event in events] == LIFE


async def test_a_start_that_fails_tells_why_and_can_be_stopped(
    start: StartService,
) -> None:
    with socket.create_server((HOST, 0)) as taken, pytest.raises(OSError, match="cannot listen"):
        await start(grpc_address=f"{HOST}:{taken.getsockname()[1]}")
    with pytest.raises(StendError) as caught:
        await start(redis_url=f"redis://{HOST}:{free_port()}/0")
    assert caught.value.code is EdgeErrorCode.UNAVAILABLE


def _serve(redis: RedisConfig, address: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-c", _SERVE, url_of(redis), address],
        env={"PYTHONPATH": str(PROJECT / "src")},
    )
