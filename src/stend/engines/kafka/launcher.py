"""Starts and stops the brokers in a process of their own.

LIMITATIONS are what they do not do, though Apache Kafka does.
"""

from dataclasses import dataclass
from pathlib import Path

from stend import __version__
from stend.chassis.kafka_security import PLAINTEXT, KafkaSecurity
from stend.engines.kafka.asking import ask
from stend.engines.kafka.brokers import Listener
from stend.engines.kafka.config import KafkaSettings, write_settings
from stend.engines.kafka.limitations import LIMITATIONS
from stend.engines.own_server import OwnServer, Program
from stend.wire.kafka.apis import ApiKey

__all__ = ["LIMITATIONS", "KafkaConfig", "KafkaLauncher", "Listener", "probe_version"]
_PROGRAM = Program("the Kafka broker", "stend.engines.kafka", stem="broker")
_TELLS_FEATURES = 3
_METADATA_VERSION = "metadata.version"
# metadata.version of KRaft, by the release that brought it (MetadataVersion.java).
_RELEASES = (
    (33, "4.4"),
    (30, "4.3"),
    (29, "4.2"),
    (27, "4.1"),
    (25, "4.0"),
    (21, "3.9"),
    (20, "3.8"),
    (15, "3.7"),
)


@dataclass(frozen=True, slots=True)
class KafkaConfig:
    """
    Attributes:
        home: folder of the data and of the settings.
        log_path: where the broker's own log goes.
        host: where all listeners are bound.
        advertised_host: what clients are told to connect to.
        brokers: the listeners of brokers 1, 2, …
        rebalance_delay_ms: how long the first members of a group wait for others.
        default_partitions: of a topic that does not say how many.
        auto_create_topics: whether asking for an unknown topic makes it.
    """

    home: Path
    log_path: Path
    host: str
    advertised_host: str
    brokers: tuple[tuple[Listener, ...], ...]
    rebalance_delay_ms: int
    default_partitions: int
    auto_create_topics: bool


class KafkaLauncher(OwnServer):
    """One or three brokers. The methods block: call them outside of an event loop."""

    def __init__(self, config: KafkaConfig) -> None:
        self._config = config
        super().__init__(_PROGRAM, config.home, config.log_path, self._write)

    def probe(self) -> str:
        """Answers with the broker's version.

        Raises:
            OSError: none of the brokers answers yet.
        """
        errors: list[OSError] = []
        for listeners in self._config.brokers:
            try:
                ask(self._config.host, listeners[0].port, ApiKey.API_VERSIONS, 0, {})
            except OSError as error:
                # One that was stopped on purpose does not make the others fail.
                errors.append(error)
            else:
                return __version__
        raise errors[0]

    def _write(self, path: Path) -> None:
        config = self._config
        settings = KafkaSettings(
            config.home,
            config.host,
            config.advertised_host,
            config.brokers,
            config.rebalance_delay_ms,
            config.default_partitions,
            config.auto_create_topics,
        )
        write_settings(path, settings)


def probe_version(host: str, port: int, security: KafkaSecurity = PLAINTEXT) -> str:
    """What a Kafka server tells of its version: the release of its metadata format.

    Raises:
        OSError: nobody answers, or what answers is no Kafka.
    """
    told = ask(
        host,
        port,
        ApiKey.API_VERSIONS,
        _TELLS_FEATURES,
        {"client_software_name": "stend", "client_software_version": __version__},
        security,
    )
    levels = {one["name"]: one["max_version_level"] for one in told["finalized_features"]}
    level = levels.get(_METADATA_VERSION, 0)
    for least, release in _RELEASES:
        if level >= least:
            return release
    return "before 3.7" if level else "without metadata.version"
