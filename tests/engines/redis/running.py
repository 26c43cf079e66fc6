"""A server of the stand's Redis and its client, for one test."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, TypeAlias

import redis

from stend.engines.redis.binaries import server_binary
from stend.engines.redis.launcher import RedisConfig, RedisLauncher
from tests.engines.servers import HOST, free_port, launched

# redis-py's types do not know decode_responses.
Client: TypeAlias = Any


def config_in(folder: Path) -> RedisConfig:
    return RedisConfig(folder / "redis", folder / "redis.log", HOST, free_port())


def client_of(config: RedisConfig, **options: Any) -> Client:
    return redis.Redis(host=HOST, port=config.port, decode_responses=True, **options)


def running(
    config: RedisConfig, find_binary: Callable[[], Path | None] = server_binary
) -> AbstractContextManager[RedisLauncher]:
    return launched(RedisLauncher(config, find_binary))
