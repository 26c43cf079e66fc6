"""The engines of a shop that is killed again and again: they stay, the services do not."""

import contextlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol

from stend.runtime.addresses import addresses_of, state_of
from stend.runtime.engines import Engine, Launcher, engines_of
from stend.runtime.settings import Settings, parse
from tests.conftest import free_port_base
from tests.engines.servers import ready
from tests.folders import open_folder
from tests.real_servers import RealServers

# The gateway is nobody's here.
_NEEDED = ("postgresql", "mysql", "mongodb", "redis", "rabbitmq", "kafka")


class Servers(Protocol):
    """What runs the engines, by the names that `stend status` gives them."""

    def go_away(self, name: str) -> None: ...

    def come_back(self, name: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Engines:
    """
    Attributes:
        root: folder of the shop.
        settings: with which services find the engines.
    """

    root: Path
    port_base: int
    settings: dict[str, Any]
    servers: Servers

    @property
    def database_url(self) -> str:
        url: str = self.settings["postgresql.url"]
        return url


@contextlib.contextmanager
def engines_alone(servers: Mapping[str, str] | None = None) -> Iterator[Engines]:
    """
    Args:
        servers: real ones, as variables of the environment; without, the embedded engines run.
    """
    with open_folder() as root, contextlib.ExitStack() as running:
        port_base = free_port_base()
        settings = _as_external(addresses_of(_own(port_base, servers or {})))
        if servers:
            # None of these services asks it; without an address the shop would run its own.
            settings["mongodb.url"] = os.environ["STEND_MONGODB_URL"]
            yield Engines(root, port_base, settings, RealServers())
            return
        launched = Launched(root, port_base)
        for name, engine in launched.engines.items():
            launcher_of(engine).launch()
            running.callback(launched.go_away, name)
        for engine in launched.engines.values():
            ready(launcher_of(engine), Exception)
        yield Engines(root, port_base, settings, launched)


class Launched:
    """The stand's own engines."""

    def __init__(self, root: Path, port_base: int) -> None:
        self._root = root
        self._port_base = port_base
        self.engines = {one.name: one for one in _engines(root, port_base)}

    def go_away(self, name: str) -> None:
        launcher_of(self.engines[name]).stop()

    def come_back(self, name: str) -> None:
        """A launcher that was stopped stays so: another one runs the same engine."""
        self.engines[name] = next(
            one for one in _engines(self._root, self._port_base) if one.name == name
        )
        launcher_of(self.engines[name]).launch()


def launcher_of(engine: Engine) -> Launcher:
    assert engine.launcher is not None
    return engine.launcher


def _own(port_base: int, servers: Mapping[str, str] = MappingProxyType({})) -> Settings:
    return parse({"stand.port_base": port_base, "stand.tap": False}, servers, {})


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
