"""Servers of somebody else are asked in their own protocol: version, refusal, silence."""

import re
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import psycopg
import pymongo
import pymongo.errors
import pymysql
import pytest
import redis

from stend.engines.amqp.launcher import AmqpConfig, AmqpUser
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
from tests.conftest import LiveStand
from tests.engines.amqp import running as amqp_running
from tests.engines.kafka import running as kafka_running
from tests.engines.mongo import running as mongo_running
from tests.engines.redis import running as redis_running
from tests.engines.servers import HOST

# What the clients say of a server that says nothing.
_SILENCE = (
    OSError,
    redis.RedisError,
    psycopg.Error,
    pymysql.MySQLError,
    pymongo.errors.PyMongoError,
    NotAnsweringError,
)


@pytest.fixture
def silent() -> Iterator[int]:
    """The port of a server that accepts and says nothing."""
    with socket.create_server((HOST, 0)) as server:
        port: int = server.getsockname()[1]
        yield port


@pytest.fixture
def redis_port(tmp_path: Path) -> Iterator[int]:
    config = redis_running.config_in(tmp_path)
    with redis_running.running(config):
        yield config.port


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[AmqpConfig]:
    """Of one user, whose password does not fit into an address as it is."""
    users = (AmqpUser("lavka", "s:e/cret", ("administrator",)),)
    config = replace(amqp_running.config_in(tmp_path), users=users)
    with amqp_running.running(config):
        yield config


@pytest.fixture
def kafka(tmp_path: Path) -> Iterator[str]:
    """`host:port` of a broker."""
    config = kafka_running.config_in(tmp_path)
    with kafka_running.running(config):
        yield kafka_running.bootstrap_of(config)


@pytest.fixture
def mongodb(tmp_path: Path) -> Iterator[str]:
    """`host:port` of a server without a tap before it."""
    config = replace(mongo_running.config_in(tmp_path), port_behind_tap=None, tap_port=None)
    with mongo_running.running(config):
        yield f"{HOST}:{config.port}"


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


def test_amqp_tells_its_version_and_refuses_a_wrong_password(broker: AmqpConfig) -> None:
    at = f"{HOST}:{broker.port}/"
    management = f"http://{HOST}:{broker.management_port}"
    version = ExternalAmqp(f"amqp://lavka:s%3Ae%2Fcret@{at}", management).probe()
    assert version[0].isdecimal()
    with pytest.raises(ConnectionError, match="ACCESS_REFUSED"):
        ExternalAmqp(f"amqp://lavka:wrong@{at}", None).probe()


def test_management_that_does_not_answer_is_told(broker: AmqpConfig) -> None:
    url = f"amqp://lavka:s%3Ae%2Fcret@{HOST}:{broker.port}/"
    with pytest.raises(
        NotAnsweringError, match=r"management API at http://127\.0\.0\.1:1 does not answer"
    ):
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
