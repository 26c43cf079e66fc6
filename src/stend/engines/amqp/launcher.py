"""Starts and stops the broker in a process of its own.

LIMITATIONS are what it does not do, though RabbitMQ does.
"""

import socket
from dataclasses import dataclass
from pathlib import Path

from pamqp import commands

from stend.engines.amqp.config import AmqpUser, BrokerConfig, write_config
from stend.engines.amqp.limitations import LIMITATIONS
from stend.engines.own_server import OwnServer, Program
from stend.wire.amqp.frames import PROTOCOL_HEADER, FrameReader
from stend.wire.amqp.methods import decode_method

__all__ = ["LIMITATIONS", "AmqpConfig", "AmqpLauncher", "AmqpUser"]
_PROGRAM = Program("the AMQP broker", "stend.engines.amqp", stem="broker")
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
        names: see `BrokerConfig`.
    """

    home: Path
    log_path: Path
    host: str
    port: int
    management_port: int
    users: tuple[AmqpUser, ...]
    memory_limit_bytes: int
    names: tuple[str, ...] = ()


class AmqpLauncher(OwnServer):
    """One broker. The methods block: call them outside of an event loop."""

    def __init__(self, config: AmqpConfig) -> None:
        self._config = config
        super().__init__(_PROGRAM, config.home, config.log_path, self._write)

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

    def _write(self, path: Path) -> None:
        config = self._config
        settings = BrokerConfig(
            config.home,
            config.host,
            config.port,
            config.management_port,
            config.users,
            config.memory_limit_bytes,
            config.names,
        )
        write_config(path, settings)


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
