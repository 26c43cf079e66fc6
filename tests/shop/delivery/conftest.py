"""One Redis for all tests of delivery, emptied for each, and services on it."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import replace
from typing import Any, TypeAlias

import pytest
import pytest_asyncio

from stend.chassis.access import Access, OpenAccess
from stend.chassis.grpc import GrpcLimits
from stend.engines.redis.launcher import RedisConfig
from stend.runtime.system import RandomIds, SystemClock
from stend.shop.delivery.service import DeliveryConfig, DeliveryService
from tests.engines.redis.running import Client, client_of, config_in, running
from tests.engines.servers import HOST, free_port
from tests.shop.delivery.calling import Calls

LIMITS = GrpcLimits(deadline_s=2.0, message_limit_bytes=64 * 1024)
# An order is delivered in half a second or less.
FAST = 1000.0

StartService: TypeAlias = Callable[..., Awaitable[tuple[DeliveryService, Calls]]]


@pytest.fixture(scope="session")
def redis_config(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisConfig]:
    config = config_in(tmp_path_factory.mktemp("delivery"))
    with running(config):
        yield config


@pytest.fixture
def redis_client(redis_config: RedisConfig) -> Iterator[Client]:
    """Of an empty Redis."""
    client = client_of(redis_config)
    client.flushall()
    yield client
    client.close()


@pytest.fixture
def config(redis_config: RedisConfig, redis_client: Client) -> DeliveryConfig:
    return DeliveryConfig(
        redis_url=url_of(redis_config),
        grpc_address="",
        grpc=LIMITS,
        time_scale=FAST,
        step_s=0.02,
        lease_s=1.0,
    )


@pytest_asyncio.fixture
async def start(config: DeliveryConfig) -> AsyncIterator[StartService]:
    """Starts services on one Redis, each with changes of its own to the settings."""
    started: list[tuple[DeliveryService, Calls]] = []

    async def start_one(
        access: Access | None = None, **changes: Any
    ) -> tuple[DeliveryService, Calls]:
        address = f"{HOST}:{free_port()}"
        settings = replace(config, **{"grpc_address": address, **changes})
        service = DeliveryService(settings, SystemClock(), RandomIds(), access or OpenAccess())
        calls = Calls(settings.grpc_address)
        started.append((service, calls))
        await service.start()
        return service, calls

    yield start_one
    for service, calls in started:
        await calls.close()
        await service.stop()


@pytest_asyncio.fixture
async def calls(start: StartService) -> Calls:
    """Of one service with fast couriers."""
    return (await start())[1]


@pytest_asyncio.fixture
async def slow(start: StartService) -> Calls:
    """Of one service whose couriers hardly move."""
    return (await start(time_scale=0.01))[1]


def url_of(config: RedisConfig) -> str:
    return f"redis://{HOST}:{config.port}/0"
