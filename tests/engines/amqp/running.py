"""A broker of the stand, for one test."""

from contextlib import AbstractContextManager
from pathlib import Path

import psutil

from stend.engines.amqp.launcher import AmqpConfig, AmqpLauncher, AmqpUser
from tests.engines.servers import HOST, free_port, launched, process_of

MEMORY_LIMIT_BYTES = 128 * 1024 * 1024
_USER = "lavka"


def config_in(folder: Path, memory_limit_bytes: int = MEMORY_LIMIT_BYTES) -> AmqpConfig:
    return AmqpConfig(
        folder / "amqp",
        folder / "amqp.log",
        HOST,
        free_port(),
        free_port(),
        (AmqpUser(_USER, _USER, ("administrator",)),),
        memory_limit_bytes,
    )


def url_of(config: AmqpConfig) -> str:
    return f"amqp://{_USER}:{_USER}@{HOST}:{config.port}/"


def broker_of(config: AmqpConfig) -> psutil.Process:
    return process_of(config.home / "broker.pid")


def running(config: AmqpConfig) -> AbstractContextManager[AmqpLauncher]:
    return launched(AmqpLauncher(config))
