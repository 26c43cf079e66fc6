"""The brokers as processes with sockets: ports, stops, kills, clients that do not read."""

import asyncio
import contextlib
import os
import signal
import socket
from pathlib import Path
from typing import Any

from confluent_kafka import Consumer, Producer
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from stend.engines.kafka.asking import ask
from stend.engines.kafka.handlers.broker_configs import STOPPED
from stend.engines.kafka.launcher import KafkaConfig, KafkaLauncher
from stend.wire.kafka import codec
from stend.wire.kafka.apis import ApiKey
from stend.wire.kafka.codec import Fields
from stend.wire.kafka.errors import ErrorCode
from stend.wire.kafka.frames import frame
from stend.wire.kafka.headers import request_header
from tests.engines.kafka.running import bootstrap_of, broker_of, config_in, running
from tests.engines.servers import HOST, ready
from tests.waiting import until

_BROKER = 4
_SETTINGS: dict[str, Any] = {"log_level": 0, "reconnect.backoff.max.ms": 100}


def port_of(config: KafkaConfig, broker_id: int) -> int:
    return config.brokers[broker_id - 1][0].port


def turn(config: KafkaConfig, broker_id: int, value: str, *, asked: int = 1) -> ErrorCode:
    change = {"name": STOPPED, "config_operation": 0, "value": value}
    resource = {
        "resource_type": _BROKER,
        "resource_name": str(broker_id),
        "configs": [change],
    }
    fields: Fields = {"resources": [resource], "validate_only": False}
    port = port_of(config, asked)
    (answer,) = ask(HOST, port, ApiKey.INCREMENTAL_ALTER_CONFIGS, 1, fields)["responses"]
    return next(one for one in ErrorCode if one == answer["error_code"])


def answers(config: KafkaConfig, broker_id: int) -> bool:
    with contextlib.suppress(OSError):
        ask(HOST, port_of(config, broker_id), ApiKey.API_VERSIONS, 0, {})
        return True
    return False


def produced(config: KafkaConfig, topic: str, *values: str) -> None:
    producer = Producer({"bootstrap.servers": bootstrap_of(config), **_SETTINGS})
    failures = []
    for value in values:
        producer.produce(topic, value, on_delivery=lambda error, _: failures.append(error))
    assert producer.flush(20) == 0
    assert not any(failures)


def consumed(config: KafkaConfig, topic: str, count: int) -> list[str]:
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap_of(config),
            "group.id": "reader",
            "auto.offset.reset": "earliest",
            **_SETTINGS,
        }
    )
    consumer.subscribe([topic])
    try:
        found: list[str] = []
        while len(found) < count:
            for message in consumer.consume(count - len(found), 10):
                assert not message.error()
                found.append((message.value() or b"").decode())
        return found
    finally:
        consumer.close()


class TestThreeBrokers:
    def test_a_stopped_broker_is_gone_and_comes_back(self, tmp_path: Path) -> None:
        config = config_in(tmp_path, brokers=3)
        with running(config) as launcher:
            assert all(answers(config, number) for number in (1, 2, 3))
            assert turn(config, 2, "true") is ErrorCode.NONE
            until(lambda: not answers(config, 2))
            # One that was stopped on purpose does not make the engine fail.
            assert launcher.probe()
            assert turn(config, 2, "false", asked=3) is ErrorCode.NONE
            until(lambda: answers(config, 2))

    def test_who_asks_a_broker_to_stop_itself_is_answered(self, tmp_path: Path) -> None:
        config = config_in(tmp_path, brokers=3)
        with running(config):
            assert turn(config, 1, "true", asked=1) is ErrorCode.NONE
            until(lambda: not answers(config, 1))

    def test_stock_clients_follow_the_leaders(self, tmp_path: Path) -> None:
        config = config_in(tmp_path, brokers=3)
        with running(config):
            admin = AdminClient({"bootstrap.servers": bootstrap_of(config), **_SETTINGS})
            admin.create_topics([NewTopic("orders", 3, 3)])["orders"].result(10)
            produced(config, "orders", *"abcdef")
            turn(config, 1, "true", asked=2)
            produced(config, "orders", *"ghijkl")
            turn(config, 1, "false", asked=2)
            turn(config, 3, "true", asked=2)
            produced(config, "orders", *"mnopqr")
            assert sorted(consumed(config, "orders", 18)) == list("abcdefghijklmnopqr")

    def test_a_taken_port_keeps_a_broker_stopped(self, tmp_path: Path) -> None:
        config = config_in(tmp_path, brokers=3)
        with running(config):
            turn(config, 2, "true")
            until(lambda: not answers(config, 2))
            with socket.create_server((HOST, port_of(config, 2))):
                turn(config, 2, "false")
                until(lambda: "stays stopped" in config.log_path.read_text())
            assert turn(config, 2, "false") is ErrorCode.NONE
            until(lambda: answers(config, 2))


class TestLives:
    def test_the_longest_name_of_a_topic(self, tmp_path: Path) -> None:
        config, name = config_in(tmp_path), "n" * 249
        with running(config):
            admin = AdminClient({"bootstrap.servers": bootstrap_of(config), **_SETTINGS})
            admin.create_topics([NewTopic(name, 1)])[name].result(10)
            produced(config, name, "a")
            admin.delete_topics([name])[name].result(10)
            assert answers(config, 1)

    def test_what_was_acknowledged_is_there_after_a_stop(self, tmp_path: Path) -> None:
        config = config_in(tmp_path)
        with running(config):
            produced(config, "orders", "a", "b")
        with running(config):
            produced(config, "orders", "c")
            assert consumed(config, "orders", 3) == ["a", "b", "c"]

    def test_and_after_a_kill(self, tmp_path: Path) -> None:
        config = config_in(tmp_path)
        with running(config) as launcher:
            produced(config, "orders", "a", "b")
            broker_of(config).kill()
            assert "-9" in (until(launcher.failure) or "")
            launcher.launch()
            ready(launcher)
            assert consumed(config, "orders", 2) == ["a", "b"]

    def test_a_stop_waits_for_nobody(self, tmp_path: Path) -> None:
        config = config_in(tmp_path)
        with running(config):
            with socket.create_connection((HOST, port_of(config, 1))) as silent:
                process = broker_of(config)
                os.kill(process.pid, signal.SIGTERM)
                assert process.wait(10) in (0, None)
                assert silent.recv(1) == b""
            assert not answers(config, 1)

    def test_a_taken_port_is_told(self, tmp_path: Path) -> None:
        config = config_in(tmp_path)
        launcher = KafkaLauncher(config)
        with socket.create_server((HOST, port_of(config, 1))):
            launcher.launch()
            failure = until(launcher.failure)
        assert "address already in use" in str(failure).lower()

    def test_a_damaged_journal_is_told(self, tmp_path: Path) -> None:
        config = config_in(tmp_path)
        with running(config):
            produced(config, "orders", "a")
        journal = config.home / "data" / "metadata.log"
        data = bytearray(journal.read_bytes())
        data[5] ^= 0xFF
        journal.write_bytes(bytes(data))
        launcher = KafkaLauncher(config)
        launcher.launch()
        assert "metadata.log is damaged at byte 0" in str(until(launcher.failure))

    def test_a_missing_log_is_told(self, tmp_path: Path) -> None:
        config = config_in(tmp_path)
        with running(config):
            produced(config, "orders", "a")
        logs = config.home / "data" / "logs"
        (logs / "orders-0").rename(tmp_path / "elsewhere")
        launcher = KafkaLauncher(config)
        launcher.launch()
        assert "partition orders-0 is missing" in str(until(launcher.failure))

    def test_erased_all_is_forgotten(self, tmp_path: Path) -> None:
        config = config_in(tmp_path)
        with running(config) as launcher:
            produced(config, "orders", "a")
            launcher.erase()
        assert not config.home.exists()

    def test_two_on_one_folder_end_the_first(self, tmp_path: Path) -> None:
        config = config_in(tmp_path)
        with running(config) as first:
            pid = broker_of(config).pid
            second = KafkaLauncher(config)
            second.launch()
            ready(second)
            assert broker_of(config).pid != pid
            assert until(first.failure)
            second.stop()


async def test_who_does_not_read_holds_up_nobody(tmp_path: Path) -> None:
    config = config_in(tmp_path)
    with running(config):
        await asyncio.to_thread(produced, config, "orders", *["x" * 900_000] * 8)
        before = broker_of(config).memory_info().rss
        asking = _fetches(200)
        writers = []
        for _ in range(4):
            _, writer = await asyncio.open_connection(HOST, port_of(config, 1))
            writer.write(asking)
            writers.append(writer)
        # Somebody else is served meanwhile.
        await asyncio.to_thread(produced, config, "orders", "y")
        grown = broker_of(config).memory_info().rss - before
        assert grown < 150 * 1024 * 1024
        for writer in writers:
            writer.close()


def _fetches(count: int) -> bytes:
    place = {"partition": 0, "fetch_offset": 0, "partition_max_bytes": 10_000_000}
    wanted: Fields = {
        "replica_id": -1,
        "max_wait_ms": 0,
        "min_bytes": 1,
        "max_bytes": 10_000_000,
        "isolation_level": 0,
        "topics": [{"topic": "orders", "partitions": [place]}],
    }
    body = codec.request(ApiKey.FETCH, 4).encode(wanted)
    return b"".join(
        frame(request_header(ApiKey.FETCH, 4, number, "hungry"), body) for number in range(count)
    )
