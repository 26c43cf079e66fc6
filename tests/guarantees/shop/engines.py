"""The engines of a shop that is killed again and again: they stay, the services do not."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stend.runtime.addresses import addresses_of, state_of
from stend.runtime.engines import Engine, Launcher, engines_of
from stend.runtime.settings import Settings, parse
from tests.conftest import free_port_base
from tests.engines.servers import ready
from tests.folders import open_folder

# The gateway is nobody's here.
_NEEDED = ("postgresql", "mysql", "mongodb", "redis", "rabbitmq", "kafka")


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

    def go_away(self, name: str) -> None:
        launcher_of(self.launched[name]).stop()

    def come_back(self, name: str) -> None:
        """A launcher that was stopped stays so: another one runs the same engine."""
        self.launched[name] = next(
            one for one in _engines(self.root, self.port_base) if one.name == name
        )
        launcher_of(self.launched[name]).launch()

    @property
    def database_url(self) -> str:
        return f"postgresql://lavka:lavka@127.0.0.1:{self.port_base + 10}/lavka"


@contextlib.contextmanager
def engines_alone() -> Iterator[Engines]:
    with open_folder() as root, contextlib.ExitStack() as running:
        port_base = free_port_base()
        launched = {one.name: one for one in _engines(root, port_base)}
        engines = Engines(root, port_base, _as_external(addresses_of(_own(port_base))), launched)
        for name, engine in launched.items():
            launcher_of(engine).launch()
            running.callback(engines.go_away, name)
        for engine in launched.values():
            ready(launcher_of(engine), Exception)
        yield engines


def launcher_of(engine: Engine) -> Launcher:
    assert engine.launcher is not None
    return engine.launcher


def _own(port_base: int) -> Settings:
    return parse({"stand.port_base": port_base, "stand.tap": False}, {}, {})


def _engines(root: Path, port_base: int) -> Iterator[Engine]:
    own = _own(port_base)
    for engine in engines_of(own, addresses_of(own), state_of(own, root)):
        if engine.name in _NEEDED:
            yield engine


def _as_external(addresses: Any) -> dict[str, Any]:
    return {
        "stand.port_base": addresses.port_base,
        "stand.tap": False,
        "postgresql.url": addresses.postgresql_url,
        "mysql.url": addresses.mysql_url,
        "redis.url": addresses.redis_url,
        "amqp.url": addresses.amqp_url,
        "kafka.url": ",".join(addresses.kafka_servers),
        "mongodb.url": addresses.mongodb_url,
        "nginx.gateway": False,
        "delivery.time_scale": 2000,
    }
