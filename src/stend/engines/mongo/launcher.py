"""Starts and stops the MongoDB server in a process of its own.

LIMITATIONS are what it does not do, though MongoDB does.
"""

from dataclasses import dataclass
from pathlib import Path

from stend import __version__
from stend.engines.mongo.asking import ask
from stend.engines.mongo.config import MongoSettings, write_settings
from stend.engines.mongo.limitations import LIMITATIONS
from stend.engines.own_server import OwnServer, Program

__all__ = ["LIMITATIONS", "MongoConfig", "MongoLauncher", "probe_version"]
_PROGRAM = Program("the MongoDB server", "stend.engines.mongo")


@dataclass(frozen=True, slots=True)
class MongoConfig:
    """
    Attributes:
        home: folder of the data and of the settings.
        log_path: where the server's own log goes.
        host: where the listeners are bound.
        port: of the first listener.
        port_behind_tap: of the second one, for clients that come through the tap; None for none.
        tap_port: what the second listener tells clients to connect to.
        advertised_host: what clients are told to connect to.
        memory_limit_bytes: how much of documents and indexes is kept.
    """

    home: Path
    log_path: Path
    host: str
    port: int
    port_behind_tap: int | None
    tap_port: int | None
    advertised_host: str
    memory_limit_bytes: int


class MongoLauncher(OwnServer):
    """One server. The methods block: call them outside of an event loop."""

    def __init__(self, config: MongoConfig) -> None:
        self._config = config
        super().__init__(_PROGRAM, config.home, config.log_path, self._write)

    def probe(self) -> str:
        """Answers with the server's version.

        Raises:
            OSError: it does not answer yet.
        """
        ask(self._config.host, self._config.port, {"ping": 1, "$db": "admin"})
        return __version__

    def _write(self, path: Path) -> None:
        config = self._config
        settings = MongoSettings(
            config.home,
            config.host,
            config.port,
            config.port_behind_tap,
            config.tap_port,
            config.advertised_host,
            config.memory_limit_bytes,
        )
        write_settings(path, settings)


def probe_version(host: str, port: int) -> str:
    """What a MongoDB server tells of its version.

    Raises:
        OSError: nobody answers, or what answers is no MongoDB.
    """
    return str(ask(host, port, {"buildInfo": 1, "$db": "admin"}).get("version", "unknown"))
