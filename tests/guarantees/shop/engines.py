"""The engines of a shop that is killed again and again: they stay, the services do not."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stend.runtime.addresses import addresses_of, state_of
from stend.runtime.engines import Engine, engines_of
from stend.runtime.settings import parse
from tests.conftest import free_port_base
from tests.engines.servers import ready
from tests.folders import open_folder

# MongoDB is the catalogue's, and the gateway is nobody's here.
_NEEDED = ("postgresql", "mysql", "redis", "rabbitmq", "kafka")


@dataclass(frozen=True, slots=True)
class Engines:
    """
    Attributes:
        settings: with which services find them.
        launched: by name.
    """

    root: Path
    port_base: int
    settings: dict[str, Any]
    launched: dict[str, Engine]

    @property
    def database_url(self) -> str:
        return f"postgresql://lavka:lavka@127.0.0.1:{self.port_base + 10}/lavka"


@contextlib.contextmanager
def engines_alone() -> Iterator[Engines]:
    with open_folder() as root, contextlib.ExitStack() as running:
        port_base = free_port_base()
        own = parse({"stand.port_base": port_base, "stand.tap": False}, {}, {})
        addresses = addresses_of(own)
        launched = {}
        for engine in engines_of(own, addresses, state_of(own, root)):
            if engine.name in _NEEDED and engine.launcher:
                engine.launcher.launch()
                running.callback(engine.launcher.stop)
                launched[engine.name] = engine
        for engine in launched.values():
            if engine.launcher:
                ready(engine.launcher, Exception)
        yield Engines(root, port_base, _as_external(addresses), launched)


def _as_external(addresses: Any) -> dict[str, Any]:
    return {
        "stand.port_base": addresses.port_base,
        "stand.tap": False,
        "postgresql.url": addresses.postgresql_url,
        "mysql.url": addresses.mysql_url,
        "redis.url": addresses.redis_url,
        "amqp.url": addresses.amqp_url,
        "kafka.url": ",".join(addresses.kafka_servers),
        # Nobody asks for it, and nobody has to wait for it.
        "mongodb.url": "mongodb://127.0.0.1:1/lavka",
        "nginx.gateway": False,
        "delivery.time_scale": 2000,
    }
