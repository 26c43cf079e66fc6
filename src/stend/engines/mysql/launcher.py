"""Starts and stops the server in a process of its own, beside the PostgreSQL that keeps its tables.

LIMITATIONS are what it does not do, though MySQL does.
"""

import shutil
import socket
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from stend.engines.child import Child, Command, Footprint, end_left_over
from stend.engines.mysql.auth import User
from stend.engines.mysql.config import MysqlSettings, write_settings
from stend.engines.mysql.limitations import LIMITATIONS
from stend.wire.mysql.errors import WireError
from stend.wire.mysql.handshake import PROTOCOL_VERSION
from stend.wire.mysql.packets import PacketReader
from stend.wire.mysql.source import Source

__all__ = ["LIMITATIONS", "MysqlConfig", "MysqlLauncher", "Storage", "User", "probe_version"]
_TIMEOUT_S = 2.0
_MAX_GREETING = 1024


class Storage(Protocol):
    """The launcher of the PostgreSQL that keeps the tables."""

    def launch(self) -> None: ...

    def probe(self) -> str: ...

    def failure(self) -> str | None: ...

    def pss_bytes(self) -> int | None: ...

    def stop(self) -> None: ...

    def erase(self) -> None: ...

    def end_left_over_server(self) -> None: ...


@dataclass(frozen=True, slots=True)
class MysqlConfig:
    """
    Attributes:
        home: folder of the settings.
        log_path: where the server's own log goes.
        users: who may connect.
        databases: made when they are missing.
        dsn: connection string of the PostgreSQL that keeps the tables: its role may make schemas.
    """

    home: Path
    log_path: Path
    host: str
    port: int
    users: tuple[User, ...]
    databases: tuple[str, ...]
    dsn: str


class MysqlLauncher:
    """One server and its storage. The methods block: call them outside of an event loop."""

    def __init__(self, config: MysqlConfig, storage: Storage) -> None:
        self._config = config
        self._storage = storage
        self._child = Child("the MySQL server", config.log_path, telling="ERROR")
        self._has_storage = False

    def launch(self) -> None:
        """Ends servers left over from a killed stand, then starts both; one that runs stays."""
        if not self._has_storage or self._storage.failure() is not None:
            self._storage.launch()
            self._has_storage = True
        if self._child.pid is None or self._child.failure() is not None:
            self._child.launch(self._prepare)

    def probe(self) -> str:
        """Answers with the version that clients are told.

        The storage comes first: being asked, it makes the database that the server waits for.

        Raises:
            Exception: one of them does not answer yet; the error is that of its client.
        """
        self._storage.probe()
        return probe_version(self._config.host, self._config.port)

    def failure(self) -> str | None:
        """Why one of the two is not running any more, or None while they run."""
        return self._child.failure() or self._storage.failure()

    def pss_bytes(self) -> int | None:
        """Of both; None where the system does not tell."""
        own, storage = self._child.pss_bytes(), self._storage.pss_bytes()
        return None if own is None and storage is None else (own or 0) + (storage or 0)

    def stop(self) -> None:
        """Open transactions are rolled back; nothing committed is lost."""
        self._child.stop()
        self._storage.stop()

    def end_left_over_server(self) -> None:
        end_left_over(self._footprint)
        self._storage.end_left_over_server()

    def erase(self) -> None:
        """Forgets all databases."""
        self.end_left_over_server()
        self._storage.erase()
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
        settings = MysqlSettings(
            config.home, config.host, config.port, config.users, config.databases, config.dsn
        )
        write_settings(self._settings_path, settings)
        arguments = [sys.executable, "-m", "stend.engines.mysql", str(self._settings_path)]
        return Command(arguments, self._footprint)


def probe_version(host: str, port: int) -> str:
    """What a server of MySQL's protocol tells of its version before anybody is let in.

    Raises:
        OSError: nobody answers, or what answers is no MySQL.
    """
    reader = PacketReader(_MAX_GREETING)
    with socket.create_connection((host, port), _TIMEOUT_S) as connection:
        while True:
            data = connection.recv(_MAX_GREETING)
            if not data:
                raise ConnectionError(f"{host}:{port} closes the connection without a greeting")
            reader.feed(data)
            try:
                if (payload := reader.next_payload()) is not None:
                    return _version(payload)
            except WireError as error:
                raise ConnectionError(f"{host}:{port} is no MySQL: {error}") from error


def _version(greeting: bytes) -> str:
    if not greeting or greeting[0] != PROTOCOL_VERSION:
        raise ConnectionError("no greeting of MySQL's protocol 10")
    return Source(greeting, 1).until_zero().decode(errors="replace")
