"""Starts and stops the MongoDB server in a process of its own.

LIMITATIONS are what it does not do, though MongoDB does.
"""

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from stend import __version__
from stend.engines.child import Child, Command, Footprint, end_left_over
from stend.engines.mongo.asking import ask
from stend.engines.mongo.config import MongoSettings, write_settings
from stend.engines.mongo.limitations import LIMITATIONS

__all__ = ["LIMITATIONS", "MongoConfig", "MongoLauncher", "probe_version"]


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


class MongoLauncher:
    """One server. The methods block: call them outside of an event loop."""

    def __init__(self, config: MongoConfig) -> None:
        self._config = config
        self._child = Child("the MongoDB server", config.log_path, telling="ERROR")

    def launch(self) -> None:
        """Ends a server left over from a killed stand, then starts one."""
        self._child.launch(self._prepare)

    def probe(self) -> str:
        """Answers with the server's version.

        Raises:
            OSError: it does not answer yet.
        """
        ask(self._config.host, self._config.port, {"ping": 1, "$db": "admin"})
        return __version__

    def failure(self) -> str | None:
        """Why the server is not running any more, or None while it runs."""
        return self._child.failure()

    def pss_bytes(self) -> int | None:
        return self._child.pss_bytes()

    def stop(self) -> None:
        """What is acknowledged is on the disk; open transactions are aborted."""
        self._child.stop()

    def end_left_over_server(self) -> None:
        end_left_over(self._footprint)

    def erase(self) -> None:
        """Forgets all databases."""
        self.end_left_over_server()
        shutil.rmtree(self._config.home, ignore_errors=True)

    @property
    def _footprint(self) -> Footprint:
        home = self._config.home
        return Footprint(home / "server.pid", str(self._settings_path), home)

    @property
    def _settings_path(self) -> Path:
        return self._config.home / "server.json"

    def _prepare(self) -> Command:
        config = self._config
        config.home.mkdir(parents=True, exist_ok=True)
        settings = MongoSettings(
            config.home,
            config.host,
            config.port,
            config.port_behind_tap,
            config.tap_port,
            config.advertised_host,
            config.memory_limit_bytes,
        )
        write_settings(self._settings_path, settings)
        arguments = [sys.executable, "-m", "stend.engines.mongo", str(self._settings_path)]
        return Command(arguments, self._footprint)


def probe_version(host: str, port: int) -> str:
    """What a MongoDB server tells of its version.

    Raises:
        OSError: nobody answers, or what answers is no MongoDB.
    """
    return str(ask(host, port, {"buildInfo": 1, "$db": "admin"}).get("version", "unknown"))
