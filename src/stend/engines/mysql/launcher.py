"""Starts and stops the server in a process of its own, beside the PostgreSQL that keeps its tables.

LIMITATIONS are what it does not do, though MySQL does.
"""

import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from stend.engines.mysql.config import MysqlSettings, User, write_settings
from stend.engines.mysql.limitations import LIMITATIONS
from stend.engines.own_server import OwnServer, Program
from stend.wire.mysql.errors import WireError
from stend.wire.mysql.handshake import PROTOCOL_VERSION
from stend.wire.mysql.packets import PacketReader
from stend.wire.mysql.source import Source

__all__ = ["LIMITATIONS", "MysqlConfig", "MysqlLauncher", "Storage", "User", "probe_version"]
_PROGRAM = Program("the MySQL server", "stend.engines.mysql")
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


class MysqlLauncher(OwnServer):
    """One server and its storage. The methods block: call them outside of an event loop."""

    def __init__(self, config: MysqlConfig, storage: Storage) -> None:
        self._config = config
        self._storage = storage
        self._has_storage = False
        super().__init__(_PROGRAM, config.home, config.log_path, self._write)

    def launch(self) -> None:
        """Ends servers left over from a killed stand, then starts both; one that runs stays."""
        if not self._has_storage or self._storage.failure() is not None:
            self._storage.launch()
            self._has_storage = True
        if self._child.pid is None or self._child.failure() is not None:
            super().launch()

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
        return super().failure() or self._storage.failure()

    def pss_bytes(self) -> int | None:
        """Of both; None where the system does not tell."""
        own, storage = super().pss_bytes(), self._storage.pss_bytes()
        return None if own is None and storage is None else (own or 0) + (storage or 0)

    def stop(self) -> None:
        """Open transactions are rolled back; nothing committed is lost."""
        super().stop()
        self._storage.stop()

    def end_left_over_server(self) -> None:
        super().end_left_over_server()
        self._storage.end_left_over_server()

    def erase(self) -> None:
        """Forgets all databases."""
        super().erase()
        self._storage.erase()

    def _write(self, path: Path) -> None:
        config = self._config
        settings = MysqlSettings(
            config.home, config.host, config.port, config.users, config.databases, config.dsn
        )
        write_settings(path, settings)


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
