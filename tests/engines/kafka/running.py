"""Brokers of the stand, for one test."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import psutil

from stend.engines.kafka.launcher import KafkaConfig, KafkaLauncher, Listener
from tests.engines.servers import HOST, free_port, process_of, ready


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


@contextlib.contextmanager
def running(config: KafkaConfig) -> Iterator[KafkaLauncher]:
    launcher = KafkaLauncher(config)
    launcher.launch()
    try:
        ready(launcher)
        yield launcher
    finally:
        launcher.stop()
