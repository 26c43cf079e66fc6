"""The MongoDB server of the stand, for tests."""

from contextlib import AbstractContextManager
from pathlib import Path

import psutil

from stend.engines.mongo.launcher import MongoConfig, MongoLauncher
from tests.engines.servers import HOST, free_port, launched, process_of

MEMORY_LIMIT_BYTES = 256 * 1024 * 1024


def config_in(folder: Path, *, memory_limit_bytes: int = MEMORY_LIMIT_BYTES) -> MongoConfig:
    return MongoConfig(
        home=folder / "mongo",
        log_path=folder / "mongo.log",
        host=HOST,
        port=free_port(),
        port_behind_tap=free_port(),
        tap_port=free_port(),
        advertised_host=HOST,
        memory_limit_bytes=memory_limit_bytes,
    )


def url_of(config: MongoConfig, options: str = "") -> str:
    return f"mongodb://{HOST}:{config.port}/{options}"


def server_of(config: MongoConfig) -> psutil.Process:
    return process_of(config.home / "server.pid")


def running(config: MongoConfig) -> AbstractContextManager[MongoLauncher]:
    return launched(MongoLauncher(config))
