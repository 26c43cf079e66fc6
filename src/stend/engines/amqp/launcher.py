"""Starts and stops the broker in a process of its own.

LIMITATIONS are what it does not do, though RabbitMQ does.
"""

import shutil
import socket
import sys
from dataclasses import dataclass
from pathlib import Path

from pamqp import commands

from stend.engines.amqp.config import AmqpUser, BrokerConfig, write_config
from stend.engines.amqp.limitations import LIMITATIONS
from stend.engines.child import Child, Command, Footprint, end_left_over
from stend.wire.amqp.frames import PROTOCOL_HEADER, FrameReader
from stend.wire.amqp.methods import decode_method

__all__ = ["LIMITATIONS", "AmqpConfig", "AmqpLauncher", "AmqpUser"]
_PROBE_TIMEOUT_S = 2
_FRAME_MAX = 131_072


@dataclass(frozen=True, slots=True)
class AmqpConfig:
    """
    Attributes:
        home: folder of the journal and of the settings.
        log_path: where the broker's own log goes.
        management_port: HTTP with RabbitMQ's paths.
        users: are there after every start, with the rights to everything in `/`.
        memory_limit_bytes: of messages; above it publishers wait.
    """

    home: Path
    log_path: Path
    host: str
    port: int
    management_port: int
    users: tuple[AmqpUser, ...]
    memory_limit_bytes: int


class AmqpLauncher:
    """One broker. The methods block: call them outside of an event loop."""

    def __init__(self, config: AmqpConfig) -> None:
        self._config = config
        self._child = Child("the AMQP broker", config.log_path, telling="ERROR")

    def launch(self) -> None:
        """Ends a broker left over from a killed stand, then starts one."""
        self._child.launch(self._prepare)

    def probe(self) -> str:
        """Answers with the broker's version.

        Raises:
            OSError: it does not answer yet, or both of its ports do not.
        """
        config = self._config
        with socket.create_connection(
            (config.host, config.management_port), timeout=_PROBE_TIMEOUT_S
        ):
            pass
        return probe_version(config.host, config.port)

    def failure(self) -> str | None:
        """Why the broker is not running any more, or None while it runs."""
        return self._child.failure()

    def pss_bytes(self) -> int | None:
        return self._child.pss_bytes()

    def stop(self) -> None:
        """Clients are told, the journal is closed; nothing confirmed is lost."""
        self._child.stop()

    def end_left_over_server(self) -> None:
        end_left_over(self._footprint)

    def erase(self) -> None:
        """Forgets all messages, queues and users."""
        self.end_left_over_server()
        shutil.rmtree(self._config.home, ignore_errors=True)

    @property
    def _footprint(self) -> Footprint:
        home = self._config.home
        return Footprint(home / "broker.pid", str(self._settings_path), home)

    @property
    def _settings_path(self) -> Path:
        return self._config.home / "broker.json"

    def _prepare(self) -> Command:
        config = self._config
        config.home.mkdir(parents=True, exist_ok=True)
        settings = BrokerConfig(
            config.home,
            config.host,
            config.port,
            config.management_port,
            config.users,
            config.memory_limit_bytes,
        )
        write_config(self._settings_path, settings)
        arguments = [sys.executable, "-m", "stend.engines.amqp", str(self._settings_path)]
        return Command(arguments, self._footprint)


def probe_version(host: str, port: int) -> str:
    """The version that an AMQP server tells in Connection.Start.

    Raises:
        OSError: nobody answers, or what answers is no AMQP server.
    """
    reader = FrameReader(_FRAME_MAX)
    with socket.create_connection((host, port), timeout=_PROBE_TIMEOUT_S) as probe:
        probe.sendall(PROTOCOL_HEADER)
        while data := probe.recv(65_536):
            for frame in reader.feed(data):
                start = decode_method(frame.payload)
                if isinstance(start, commands.Connection.Start):
                    return str(dict(start.server_properties).get("version", ""))
    raise ConnectionError(f"no AMQP server answers on {host}:{port}")
