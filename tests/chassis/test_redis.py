"""Redis away in every way is one error, in time; and nobody's cancellation is lost."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from redis.asyncio import Redis
from redis.exceptions import ResponseError

from stend.chassis.redis import reaching_redis, redis_client
from stend.engines.redis.launcher import RedisConfig
from stend.kit.errors import EdgeErrorCode, StendError
from tests.engines.redis.running import client_of, config_in, running
from tests.engines.servers import HOST, free_port

WAIT_S = 0.3


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisConfig]:
    config = config_in(tmp_path_factory.mktemp("redis"))
    with running(config):
        yield config


def _client(port: int, pool_size: int = 4) -> Redis:
    return redis_client(f"redis://{HOST}:{port}/0", pool_size, WAIT_S)


async def _is_unavailable(ask: Callable[[], Awaitable[object]]) -> str:
    """Its reason, which came in time."""
    began = time.monotonic()
    with pytest.raises(StendError) as caught, reaching_redis:
        await ask()
    assert caught.value.code is EdgeErrorCode.UNAVAILABLE
    assert time.monotonic() - began < WAIT_S * 3 + 0.5
    return caught.value.value or ""


async def test_nobody_listens() -> None:
    async with _client(free_port()) as client:
        assert "Connect call failed" in await _is_unavailable(client.ping)


async def test_the_server_hangs_and_the_pool_is_used_up(server: RedisConfig) -> None:
    async with _client(server.port, pool_size=1) as client:
        await client.ping()
        with client_of(server) as other:
            other.client_pause(int(WAIT_S * 2500))
            both = asyncio.gather(_is_unavailable(client.ping), _is_unavailable(client.ping))
            reasons = await both
            assert any("Timeout" in reason for reason in reasons)
            other.client_unpause()


async def test_the_memory_is_full(server: RedisConfig) -> None:
    with client_of(server) as other:
        async with _client(server.port) as client:
            other.config_set("maxmemory", "1")
            reason = await _is_unavailable(lambda: client.set("name", "value"))
            other.config_set("maxmemory", "128mb")
    assert "maxmemory" in reason


async def test_a_command_that_is_wrong_is_no_outage(server: RedisConfig) -> None:
    async with _client(server.port) as client:
        with pytest.raises(ResponseError), reaching_redis:
            await client.config_set("nonsense", "1")


async def test_connections_that_the_server_closed_are_not_used_again(tmp_path: Path) -> None:
    config = config_in(tmp_path)
    with running(config):
        client = _client(config.port)
        await asyncio.gather(*(client.blpop(["nothing"], 0.05) for _ in range(4)))
    with running(config):
        # The ends of the connections are read now.
        for _ in range(3):
            await asyncio.sleep(0)
        for _ in range(8):
            await client.ping()
        await client.aclose()


async def test_a_task_that_is_cancelled_ends(server: RedisConfig) -> None:
    async with _client(server.port) as client:

        async def work() -> None:
            while True:
                await client.get("name")

        await client.ping()
        for turn in range(200):
            task = asyncio.create_task(work())
            # A command is under way, at some point of it.
            for _ in range(turn % 40):
                await asyncio.sleep(0)
            task.cancel()
            done, _ = await asyncio.wait([task], timeout=1)
            assert done
