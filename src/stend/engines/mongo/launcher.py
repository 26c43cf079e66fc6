"""Starts and stops the MongoDB server in a process of its own.

LIMITATIONS are what it does not do, though MongoDB does.
"""

import shutil
import socket
import sys
from dataclasses import dataclass
from pathlib import Path

import bson

from stend import __version__
from stend.engines.child import Child, Command, Footprint, end_left_over
from stend.engines.mongo.config import MongoSettings, write_settings
from stend.engines.mongo.limitations import LIMITATIONS
from stend.wire.mongo.errors import WireError
from stend.wire.mongo.frames import FrameReader
from stend.wire.mongo.messages import read_msg, write_msg

__all__ = ["LIMITATIONS", "MongoConfig", "MongoLauncher", "probe_version"]
_TIMEOUT_S = 2.0
_CHUNK = 65_536


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
        _ask(self._config.host, self._config.port, {"ping": 1, "$db": "admin"})
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
    return str(_ask(host, port, {"buildInfo": 1, "$db": "admin"}).get("version", "unknown"))


def _ask(host: str, port: int, command: dict[str, object]) -> dict[str, object]:
    reader = FrameReader()
    with socket.create_connection((host, port), _TIMEOUT_S) as connection:
        connection.settimeout(_TIMEOUT_S)
        connection.sendall(write_msg(1, 0, bson.encode(command)))
        try:
            while data := connection.recv(_CHUNK):
                for frame in reader.feed(data):
                    return bson.decode(read_msg(frame).body)
        except (WireError, bson.errors.BSONError) as error:
            raise OSError(f"{host}:{port} does not answer as MongoDB does: {error}") from error
    raise OSError(f"{host}:{port} hung up")
