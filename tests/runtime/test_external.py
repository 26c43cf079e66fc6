"""Servers of somebody else are asked in their own protocol: version, refusal, silence."""

import re
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pymongo
import pymongo.errors
import pymysql
import pytest
import redis

from stend.engines.amqp.launcher import AmqpConfig, AmqpLauncher, AmqpUser
from stend.engines.kafka.launcher import KafkaConfig, KafkaLauncher, Listener
from stend.engines.mongo.launcher import MongoConfig, MongoLauncher
from stend.engines.redis.launcher import RedisConfig, RedisLauncher
from stend.runtime.external import (
    External,
    ExternalAmqp,
    ExternalKafka,
    ExternalMongodb,
    ExternalMysql,
    ExternalPostgres,
    ExternalRedis,
    NotAnsweringError,
)
from tests.conftest import LiveStand, free_port_base
from tests.waiting import until

HOST = "127.0.0.1"
# What the clients say of a server that says nothing.
_SILENCE = (
    OSError,
    redis.RedisError,
    psycopg.Error,
    pymysql.MySQLError,
    pymongo.errors.PyMongoError,
    NotAnsweringError,
)


def answers(launcher: RedisLauncher | AmqpLauncher | KafkaLauncher | MongoLauncher) -> bool:
    try:
        return bool(launcher.probe())
    except OSError:
        return False


@pytest.fixture
def silent() -> Iterator[int]:
    """The port of a server that accepts and says nothing."""
    with socket.create_server((HOST, 0)) as server:
        port: int = server.getsockname()[1]
        yield port


@pytest.fixture
def redis_port(tmp_path: Path) -> Iterator[int]:
    port = free_port_base() + 13
    launcher = RedisLauncher(RedisConfig(tmp_path / "redis", tmp_path / "redis.log", HOST, port))
    launcher.launch()
    try:
        until(lambda: answers(launcher))
        yield port
    finally:
        launcher.stop()


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[int]:
    """The base of the broker's ports."""
    base = free_port_base()
    launcher = AmqpLauncher(
        AmqpConfig(
            home=tmp_path / "rabbitmq",
            log_path=tmp_path / "rabbitmq.log",
            host=HOST,
            port=base + 14,
            management_port=base + 18,
            users=(AmqpUser("lavka", "s:e/cret", ("administrator",)),),
            memory_limit_bytes=64 * 1024 * 1024,
        )
    )
    launcher.launch()
    try:
        until(lambda: answers(launcher))
        yield base
    finally:
        launcher.stop()


@pytest.fixture
def kafka(tmp_path: Path) -> Iterator[str]:
    """`host:port` of a broker."""
    port = free_port_base() + 15
    launcher = KafkaLauncher(
        KafkaConfig(
            home=tmp_path / "kafka",
            log_path=tmp_path / "kafka.log",
            host=HOST,
            advertised_host=HOST,
            brokers=((Listener(port, advertised_port=port),),),
            rebalance_delay_ms=0,
            default_partitions=1,
            auto_create_topics=False,
        )
    )
    launcher.launch()
    try:
        until(lambda: answers(launcher))
        yield f"{HOST}:{port}"
    finally:
        launcher.stop()


@pytest.fixture
def mongodb(tmp_path: Path) -> Iterator[str]:
    """`host:port` of a server."""
    port = free_port_base() + 12
    launcher = MongoLauncher(
        MongoConfig(
            home=tmp_path / "mongodb",
            log_path=tmp_path / "mongodb.log",
            host=HOST,
            port=port,
            port_behind_tap=None,
            tap_port=None,
            advertised_host=HOST,
            memory_limit_bytes=64 * 1024 * 1024,
        )
    )
    launcher.launch()
    try:
        until(lambda: answers(launcher))
        yield f"{HOST}:{port}"
    finally:
        launcher.stop()


def test_mongodb_tells_its_version_and_refuses_a_user_that_it_does_not_know(mongodb: str) -> None:
    assert ExternalMongodb(f"mongodb://{mongodb}/lavka").probe().count(".") == 2
    with pytest.raises(pymongo.errors.OperationFailure, match=r"(?i)auth"):
        ExternalMongodb(f"mongodb://somebody:wrong@{mongodb}/lavka").probe()


def test_mysql_tells_its_version_and_refuses_a_wrong_password(live_stand: LiveStand) -> None:
    at = f"{HOST}:{live_stand.port_base + 11}"
    assert ExternalMysql(f"mysql://lavka:lavka@{at}/lavka").probe().startswith("8.")
    with pytest.raises(pymysql.MySQLError, match="Access denied"):
        ExternalMysql(f"mysql://lavka:wrong@{at}/lavka").probe()


def test_redis_tells_its_version_and_refuses_a_wrong_password(redis_port: int) -> None:
    url = f"redis://{HOST}:{redis_port}/0"
    assert ExternalRedis(url).probe().split(" ")[-1].count(".") == 2
    with redis.Redis(HOST, redis_port) as client:
        client.config_set("requirepass", "secret")
    with pytest.raises(redis.RedisError, match=r"(?i)auth"):
        ExternalRedis(url).probe()
    with pytest.raises(redis.RedisError, match=r"(?i)password"):
        ExternalRedis(f"redis://:wrong@{HOST}:{redis_port}/0").probe()
    assert ExternalRedis(f"redis://:secret@{HOST}:{redis_port}/0").probe()


def test_amqp_tells_its_version_and_refuses_a_wrong_password(broker: int) -> None:
    at = f"{HOST}:{broker + 14}/"
    management = f"http://{HOST}:{broker + 18}"
    version = ExternalAmqp(f"amqp://lavka:s%3Ae%2Fcret@{at}", management).probe()
    assert version[0].isdecimal()
    with pytest.raises(ConnectionError, match="ACCESS_REFUSED"):
        ExternalAmqp(f"amqp://lavka:wrong@{at}", None).probe()


def test_management_that_does_not_answer_is_told(broker: int) -> None:
    url = f"amqp://lavka:s%3Ae%2Fcret@{HOST}:{broker + 14}/"
    with pytest.raises(Exception, match=r"management API at http://127\.0\.0\.1:1 does not answer"):
        ExternalAmqp(url, "http://127.0.0.1:1").probe()


def test_one_broker_of_kafka_that_answers_is_enough(kafka: str) -> None:
    assert ExternalKafka([f"{HOST}:1", kafka]).probe() == ExternalKafka([kafka]).probe() != ""


def test_each_broker_of_kafka_that_does_not_answer_is_told(redis_port: int) -> None:
    with pytest.raises(NotAnsweringError) as caught:
        ExternalKafka([f"{HOST}:1", f"{HOST}:{redis_port}"]).probe()
    assert f"{HOST}:1: " in str(caught.value)
    assert f"{HOST}:{redis_port}" in str(caught.value)


def test_a_server_that_says_nothing_is_given_up_on(silent: int) -> None:
    at = f"{HOST}:{silent}"
    servers: tuple[External, ...] = (
        ExternalRedis(f"redis://{at}"),
        ExternalAmqp(f"amqp://{at}/", None),
        ExternalKafka([at]),
        ExternalPostgres(f"postgresql://u:p@{at}/d"),
        ExternalMysql(f"mysql://u:p@{at}/d"),
        ExternalMongodb(f"mongodb://{at}/d"),
    )
    # Side by side, as the stand asks them: each takes its full two seconds.
    with ThreadPoolExecutor(len(servers)) as pool:
        for told in pool.map(silence_of, servers):
            assert re.search("(?i)timeout|timed out", told)


def silence_of(server: External) -> str:
    """What its client says of a server that says nothing."""
    with pytest.raises(_SILENCE) as caught:
        server.probe()
    return f"{type(caught.value).__name__}: {caught.value}"
