"""The emulation for platforms without a wheel of Valkey: it works, or refuses."""

import socket
import threading
from collections.abc import Callable, Iterator
from importlib.metadata import version

import pytest
import redis
from redis.cache import CacheConfig

from stend.engines.redis.launcher import FALLBACK_LIMITATIONS, RedisConfig, RedisLauncher
from tests.engines.redis.running import Client, client_of, config_in, running
from tests.engines.servers import HOST, is_gone, process_of
from tests.waiting import until

pytestmark = pytest.mark.slow


def nowhere() -> None:
    """No binary for this platform."""


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisConfig]:
    config = config_in(tmp_path_factory.mktemp("redis"))
    with running(config, nowhere):
        yield config


@pytest.fixture
def client(config: RedisConfig) -> Iterator[Client]:
    with client_of(config) as client:
        client.flushall()
        yield client


def refusal(client: Client, command: str) -> str:
    with pytest.raises(redis.ResponseError) as refused:
        client.execute_command(*command.split())
    return str(refused.value)


def raw(config: RedisConfig, sent: bytes) -> bytes:
    """What the server answers until it hangs up or half a second of silence."""
    answered = b""
    with socket.create_connection((HOST, config.port), timeout=0.5) as connection:
        connection.sendall(sent)
        try:
            while part := connection.recv(4096):
                answered += part
        except TimeoutError:
            pass
    return answered


def test_the_launcher_says_what_it_is(client: Client, config: RedisConfig) -> None:
    launcher = RedisLauncher(config, nowhere)
    assert not launcher.is_real
    assert launcher.limitations is FALLBACK_LIMITATIONS
    info = client.info()
    assert info["server_name"] == "fakeredis"
    assert info["redis_version"] == "7.4.0"
    assert info["fakeredis_version"] == version("fakeredis")
    assert info["process_id"] == process_of(config.home / "server.pid").pid
    assert info["tcp_port"] == config.port


def test_info_counts_keys(client: Client) -> None:
    client.mset({"a": "1", "b": "2"})
    client.expire("a", 100)
    assert client.info("keyspace") == {"db0": {"keys": 2, "expires": 1, "avg_ttl": 0}}


def test_everyday_commands(client: Client) -> None:
    client.set("key", "значение", ex=100)
    assert client.get("key") == "значение"
    assert 0 < client.ttl("key") <= 100
    client.zadd("courier", {"a": 1.5})
    assert client.zscore("courier", "a") == 1.5
    client.geoadd("map", (37.6, 55.7, "moscow"))
    assert client.geosearch("map", longitude=37.6, latitude=55.7, radius=1, unit="km") == ["moscow"]
    stream = client.xadd("stream", {"a": "1"})
    client.xgroup_create("stream", "group", id="0")
    assert client.xreadgroup("group", "one", {"stream": ">"})
    assert client.xack("stream", "group", stream) == 1
    assert client.eval("return redis.call('INCR', KEYS[1])", 1, "counter") == 1


@pytest.mark.parametrize("protocol", [2, 3])
def test_publish_and_subscribe(config: RedisConfig, client: Client, protocol: int) -> None:
    with client_of(config, protocol=protocol) as listener, listener.pubsub() as channel:
        channel.subscribe("news")
        until(lambda: channel.get_message(timeout=0.1))
        assert client.publish("news", "hello") == 1
        message = until(lambda: channel.get_message(timeout=0.1))
    assert (message["type"], message["data"]) == ("message", "hello")


def test_an_error_does_not_cost_the_connection(client: Client) -> None:
    with client.client() as one:
        number = one.client_id()
        one.set("text", "x")
        with pytest.raises(redis.ResponseError, match="not an integer"):
            one.incr("text")
        with pytest.raises(redis.ResponseError, match="unknown command"):
            one.execute_command("NO.SUCH")
        assert one.client_id() == number


def test_an_error_within_a_transaction(client: Client) -> None:
    client.set("text", "x")
    with client.pipeline(transaction=True) as pipeline:
        pipeline.incr("text")
        pipeline.incr("number")
        failed, counted = pipeline.execute(raise_on_error=False)
    assert isinstance(failed, redis.ResponseError)
    assert counted == 1


@pytest.mark.parametrize("protocol", [2, 3])
def test_a_group_reads_what_is_there_and_waits_for_the_rest(
    config: RedisConfig, client: Client, protocol: int
) -> None:
    client.xgroup_create("stream", "group", mkstream=True)
    client.xadd("stream", {"number": "1"})
    with client_of(config, protocol=protocol) as reader:
        assert "number" in str(reader.xreadgroup("group", "one", {"stream": ">"}, block=100))
        assert not reader.xreadgroup("group", "one", {"stream": ">"}, block=20)
        waiting = threading.Timer(0.05, client.xadd, ["stream", {"number": "2"}])
        waiting.start()
        client.set("other", "a change of another key wakes nobody")
        assert "number" in str(reader.xreadgroup("group", "one", {"stream": ">"}, block=5000))
        waiting.join()


def test_who_waits_longest_is_served_first(config: RedisConfig, client: Client) -> None:
    taken: list[int] = []

    def take(number: int) -> None:
        with client_of(config) as worker:
            worker.blpop("work", timeout=20)
            taken.append(number)

    workers = [threading.Thread(target=take, args=[number]) for number in range(5)]
    for number, worker in enumerate(workers):
        worker.start()
        _until_equal(lambda: client.info("clients")["blocked_clients"], number + 1)
    for number in range(5):
        client.rpush("work", "a piece")
        _until_equal(lambda: len(taken), number + 1)
    for worker in workers:
        worker.join()
    assert taken == [0, 1, 2, 3, 4]


def _until_equal(look: Callable[[], int], wanted: int) -> None:
    until(lambda: look() == wanted)


def test_a_waiting_client_can_be_unblocked(config: RedisConfig, client: Client) -> None:
    with client_of(config) as waiting, waiting.client() as one:
        number = one.client_id()
        thread = threading.Thread(
            target=lambda: until(lambda: client.client_unblock(number, error=True))
        )
        thread.start()
        with pytest.raises(redis.ResponseError, match="UNBLOCKED"):
            one.blpop("nothing", timeout=20)
        thread.join()


def test_a_killed_client_is_cut_off(config: RedisConfig, client: Client) -> None:
    with socket.create_connection((HOST, config.port), timeout=5) as connection:
        connection.sendall(b"*2\r\n$6\r\nCLIENT\r\n$2\r\nID\r\n")
        number = connection.recv(100).decode().strip(":\r\n")
        assert client.client_kill_filter(_id=number) == 1
        assert connection.recv(100) == b""


def test_replies_have_the_types_of_resp(config: RedisConfig, client: Client) -> None:
    client.set("key", "value")
    assert raw(config, b"*2\r\n$3\r\nGET\r\n$3\r\nkey\r\n") == b"$5\r\nvalue\r\n"
    assert raw(config, b"*1\r\n$4\r\nPING\r\n") == b"+PONG\r\n"
    client.xgroup_create("stream", "group", mkstream=True)
    words = (b"XGROUP", b"CREATE", b"stream", b"group", b"0", b"MKSTREAM")
    again = b"*6\r\n" + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words)
    assert raw(config, again).startswith(b"-BUSYGROUP ")
    assert raw(config, b"*2\r\n$5\r\nHELLO\r\n$1\r\n4\r\n").startswith(b"-NOPROTO ")


@pytest.mark.parametrize(
    "sent",
    [
        b"*-1\r\n",
        b"*99999999\r\n",
        b"*x\r\n",
        b"*1\r\n$99999999999\r\n",
        b"*1\r\n$-5\r\n",
        b"*1\r\n:5\r\n",
        b"\xff\xfe\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    ],
)
def test_what_is_no_request_gets_one_error(config: RedisConfig, sent: bytes) -> None:
    answered = raw(config, sent)
    assert answered.startswith(b"-ERR ")
    assert answered.count(b"\r\n") == 1


def test_a_left_over_one_is_ended(config: RedisConfig) -> None:
    other = config_in(config.home.with_name("second"))
    with running(other, nowhere):
        process = process_of(other.home / "server.pid")
        RedisLauncher(other, nowhere).erase()
        assert is_gone(process)


def test_a_taken_port_is_told(config: RedisConfig) -> None:
    other = RedisConfig(config.home.with_name("third"), config.log_path, HOST, config.port)
    launcher = RedisLauncher(other, nowhere)
    launcher.launch()
    assert "Address already in use" in str(until(launcher.failure))
    launcher.stop()


@pytest.mark.limitation("redis", "persistence")
@pytest.mark.parametrize("command", ["SAVE", "BGSAVE", "BGREWRITEAOF", "LASTSAVE", "WAITAOF 1 0 1"])
def test_saving_is_refused(client: Client, command: str) -> None:
    assert "in memory only" in (text := refusal(client, command)) or "unknown command" in text


@pytest.mark.limitation("redis", "persistence")
def test_nothing_is_kept(config: RedisConfig) -> None:
    other = config_in(config.home.with_name("fourth"))
    with running(other, nowhere), client_of(other) as client:
        client.set("key", "value")
        assert client.info("persistence")["aof_enabled"] == 0
    with running(other, nowhere), client_of(other) as client:
        assert client.dbsize() == 0


@pytest.mark.limitation("redis", "keyspace-events")
@pytest.mark.parametrize(
    "command",
    [
        "CONFIG SET notify-keyspace-events KEA",
        "SUBSCRIBE __keyevent@0__:expired",
        "SUBSCRIBE news __keyspace@0__:key",
        "PSUBSCRIBE __key*__:*",
    ],
)
def test_keyspace_events_are_refused(client: Client, command: str) -> None:
    assert "is not supported" in refusal(client, command)


def test_whoever_subscribes_to_everything_gets_no_made_up_events(
    config: RedisConfig, client: Client
) -> None:
    with client.pubsub() as channel:
        channel.psubscribe("*")
        until(lambda: channel.get_message(timeout=0.1))
        client.execute_command("SETEX", "key", 10, "value")
        client.publish("news", "hello")
        message = until(lambda: channel.get_message(timeout=0.1))
    assert message["channel"] == "news"


@pytest.mark.limitation("redis", "configuration")
@pytest.mark.parametrize("command", ["CONFIG GET maxmemory", "CONFIG SET maxmemory 1mb"])
def test_settings_are_refused(client: Client, command: str) -> None:
    text = refusal(client, command)
    assert "is not supported" in text or "unknown command" in text
    assert client.info("memory")["maxmemory"] == 0


@pytest.mark.limitation("redis", "client-side-caching")
def test_client_side_caching_is_refused(config: RedisConfig, client: Client) -> None:
    assert "unknown command" in refusal(client, "CLIENT TRACKING ON")
    with (
        client_of(config, protocol=3, cache_config=CacheConfig()) as caching,
        pytest.raises(redis.ResponseError, match="unknown command 'client tracking'"),
    ):
        caching.ping()


@pytest.mark.limitation("redis", "client-pause")
@pytest.mark.parametrize("command", ["CLIENT PAUSE 100", "CLIENT UNPAUSE"])
def test_pausing_is_refused(client: Client, command: str) -> None:
    assert "is not supported" in refusal(client, command)


@pytest.mark.limitation("redis", "introspection")
@pytest.mark.parametrize(
    "command",
    [
        "OBJECT ENCODING key",
        "MEMORY USAGE key",
        "LATENCY DOCTOR",
        "SLOWLOG GET",
        "MONITOR",
        "DEBUG SLEEP 0",
        "ROLE",
        "CLUSTER INFO",
        "COMMAND",
        "COMMAND COUNT",
        "COMMAND INFO GET",
    ],
)
def test_introspection_is_refused(client: Client, command: str) -> None:
    text = refusal(client, command)
    assert "is not supported" in text or "unknown command" in text
    assert client.info("commandstats") == {}


@pytest.mark.limitation("redis", "users")
@pytest.mark.parametrize("command", ["ACL SETUSER anna on", "ACL DELUSER anna", "ACL SAVE"])
def test_users_are_refused(client: Client, command: str) -> None:
    assert "does not check rights" in refusal(client, command)


@pytest.mark.limitation("redis", "geosearch-by-box")
def test_searching_a_box_is_refused(client: Client) -> None:
    client.geoadd("map", (37.6, 55.7, "moscow"))
    assert "unit" in refusal(client, "GEOSEARCH map FROMMEMBER moscow BYBOX 2 2 km")


@pytest.mark.limitation("redis", "resp3-in-scripts")
def test_types_of_resp3_are_refused_to_scripts(client: Client) -> None:
    with pytest.raises(redis.ResponseError, match="setresp is not supported"):
        client.eval("redis.setresp(3); return true", 0)


@pytest.mark.limitation("redis", "modules")
@pytest.mark.parametrize(
    "command",
    [
        "JSON.SET key $ {}",
        "FT.CREATE index SCHEMA title TEXT",
        "TS.ADD key 1 1",
        "BF.ADD key 1",
        "TOPK.RESERVE key 10",
        "TDIGEST.CREATE key",
        "VADD key VALUES 2 1 1 a",
    ],
)
def test_modules_are_refused(client: Client, command: str) -> None:
    assert "unknown command" in refusal(client, command)


@pytest.mark.limitation("redis", "redis-8-commands")
@pytest.mark.parametrize(
    "command",
    [
        "XDELEX key ALL IDS 1 1-1",
        "DELEX key IFEQ value",
        "DIGEST key",
        "INCREX key",
        "ARSET key 0 1",
        "SET key value IFNE other",
        "BITOP DIFF target a b",
    ],
)
def test_commands_of_redis_8_are_refused(client: Client, command: str) -> None:
    assert refusal(client, command)
    assert client.dbsize() == 0


@pytest.mark.limitation("redis", "inline-commands")
def test_inline_commands_are_refused(config: RedisConfig) -> None:
    assert raw(config, b"PING\r\n").startswith(b"-ERR Protocol error: inline commands")
