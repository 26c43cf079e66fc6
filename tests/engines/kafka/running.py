"""Brokers of the stand, for one test."""

from contextlib import AbstractContextManager
from pathlib import Path

import psutil

from stend.engines.kafka.launcher import KafkaConfig, KafkaLauncher, Listener
from tests.engines.servers import HOST, free_port, launched, process_of


def config_in(folder: Path, brokers: int = 1, *, auto_create_topics: bool = True) -> KafkaConfig:
    ports = [free_port() for _ in range(brokers)]
    return KafkaConfig(
        home=folder / "kafka",
        log_path=folder / "kafka.log",
        host=HOST,
        advertised_host=HOST,
        brokers=tuple((Listener(port, port),) for port in ports),
        rebalance_delay_ms=100,
        default_partitions=1,
        auto_create_topics=auto_create_topics,
    )


def bootstrap_of(config: KafkaConfig) -> str:
    return ",".join(f"{HOST}:{listeners[0].port}" for listeners in config.brokers)


def broker_of(config: KafkaConfig) -> psutil.Process:
    return process_of(config.home / "broker.pid")


def running(config: KafkaConfig) -> AbstractContextManager[KafkaLauncher]:
    return launched(KafkaLauncher(config))
