"""What Valkey lacks against the latest Redis is refused with an error of the protocol."""

from collections.abc import Iterator

import pytest
import redis
from redis.cache import CacheConfig

from stend.engines.redis.launcher import RedisConfig
from tests.engines.redis.running import Client, client_of, config_in, running

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisConfig]:
    config = config_in(tmp_path_factory.mktemp("redis"))
    with running(config):
        yield config


@pytest.fixture
def client(config: RedisConfig) -> Iterator[Client]:
    with client_of(config) as client:
        yield client


def refusal(client: Client, command: str) -> str:
    with pytest.raises(redis.ResponseError) as refused:
        client.execute_command(*command.split())
    return str(refused.value)


@pytest.mark.limitation("redis", "modules")
@pytest.mark.parametrize(
    "command",
    [
        "JSON.SET key $ {}",
        "FT.CREATE index SCHEMA title TEXT",
        "TS.ADD key 1 1",
        "BF.ADD key 1",
        "CF.ADD key 1",
        "CMS.INITBYDIM key 10 10",
        "TOPK.RESERVE key 10",
        "TDIGEST.CREATE key",
    ],
)
def test_modules(client: Client, command: str) -> None:
    assert "unknown command" in refusal(client, command)


@pytest.mark.limitation("redis", "vector-sets")
@pytest.mark.parametrize("command", ["VADD key VALUES 2 1 1 a", "VSIM key VALUES 2 1 1", "VCARD k"])
def test_vector_sets(client: Client, command: str) -> None:
    assert "unknown command" in refusal(client, command)


@pytest.mark.limitation("redis", "redis-8-commands")
@pytest.mark.parametrize(
    ("command", "complaint"),
    [
        ("XDELEX key ALL IDS 1 1-1", "unknown command"),
        ("XACKDEL key group ALL IDS 1 1-1", "unknown command"),
        ("DELEX key IFEQ value", "unknown command"),
        ("DIGEST key", "unknown command"),
        ("INCREX key", "unknown command"),
        ("SET key value IFNE other", "syntax error"),
        ("BITOP DIFF target a b", "syntax error"),
        ("XREADGROUP GROUP group one CLAIM 0 STREAMS key >", "syntax error"),
    ],
)
def test_commands_of_redis_8(client: Client, command: str, complaint: str) -> None:
    assert complaint in refusal(client, command)


@pytest.mark.limitation("redis", "client-side-caching")
def test_the_client_side_cache_of_redis_py(config: RedisConfig, client: Client) -> None:
    with (
        client_of(config, protocol=3, cache_config=CacheConfig()) as caching,
        pytest.raises(redis.ConnectionError, match=r"supported by Redis 7\.4 or later"),
    ):
        caching.ping()
    assert client.execute_command("CLIENT TRACKING", "ON") == "OK"


@pytest.mark.limitation("redis", "cluster")
@pytest.mark.parametrize("command", ["CLUSTER INFO", "CLUSTER NODES", "CLUSTER SLOTS"])
def test_a_single_node(client: Client, command: str) -> None:
    assert "cluster support disabled" in refusal(client, command)


@pytest.mark.limitation("redis", "protected-settings")
@pytest.mark.parametrize(
    ("command", "complaint"),
    [
        ("CONFIG SET dir /tmp", "can't set protected config"),
        ("CONFIG SET dbfilename passwd", "can't set protected config"),
        ("MODULE LOAD /tmp/module.so", "MODULE command not allowed"),
        ("DEBUG RELOAD", "DEBUG command not allowed"),
    ],
)
def test_settings_that_reach_beyond_the_data(client: Client, command: str, complaint: str) -> None:
    assert complaint in refusal(client, command)


def test_what_redis_8_and_valkey_both_have_works(client: Client) -> None:
    client.hset("order", "state", "placed")
    assert client.hexpire("order", 100, "state") == [1]
    assert client.msetex({"a": "1", "b": "2"}, ex=10)
    assert client.execute_command("SET", "a", "3", "IFEQ", "1")
    assert client.get("a") == "3"
