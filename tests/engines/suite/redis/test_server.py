"""The server itself: protocol, connections, users, settings, and what it refuses."""

import pytest
import redis

from stend.kit.languages import Text
from tests.engines.suite.checks import check, differs_on_real
from tests.engines.suite.redis.conftest import Client, Open
from tests.waiting import until


@check(
    ru="RESP3: словари, множества, дробные и логические ответы имеют свой вид",
    en="RESP3: maps, sets, doubles and booleans have their own types",
)
def test_resp3(redis_url: str, open_client: Open, name: str) -> None:
    with redis.Redis.from_url(redis_url, protocol=3, decode_responses=True) as client:
        assert client.execute_command("HELLO")["proto"] == 3
        client.hset(f"{name}:h", mapping={"a": "1"})
        client.sadd(f"{name}:s", "x")
        client.zadd(f"{name}:z", {"m": 1.5})
        assert client.execute_command("HGETALL", f"{name}:h") == {"a": "1"}
        assert client.execute_command("SMEMBERS", f"{name}:s") == {"x"}
        assert client.execute_command("ZSCORE", f"{name}:z", "m") == 1.5
        assert client.eval("redis.setresp(3); return {double=2.5}", 0) == 2.5
        assert client.eval("redis.setresp(3); return true", 0) is True


@check(
    ru="SCAN обходит все ключи по образцу и виду",
    en="SCAN visits all keys by pattern and type",
)
def test_scan(client: Client, name: str) -> None:
    client.mset({f"{name}:{number}": "x" for number in range(300)})
    client.rpush(f"{name}:list", "x")
    strings = set(client.scan_iter(f"{name}:*", count=20, _type="string"))
    assert strings == {f"{name}:{number}" for number in range(300)}
    assert set(client.scan_iter(f"{name}:*", _type="list")) == {f"{name}:list"}


@check(
    ru="OBJECT ENCODING, OBJECT IDLETIME и MEMORY USAGE рассказывают о ключе",
    en="OBJECT ENCODING, OBJECT IDLETIME and MEMORY USAGE tell about a key",
)
def test_object(client: Client, name: str) -> None:
    client.mset({f"{name}:n": "42", f"{name}:s": "x" * 100})
    client.sadd(f"{name}:i", 1, 2, 3)
    assert client.object("ENCODING", f"{name}:n") == "int"
    assert client.object("ENCODING", f"{name}:s") == "raw"
    assert client.object("ENCODING", f"{name}:i") == "intset"
    # The clock of it ticks once a second, and may just have done so.
    assert client.object("IDLETIME", f"{name}:n") in {0, 1}
    assert int(client.memory_usage(f"{name}:s") or 0) > 100


@check(
    ru="CLIENT: имя соединения, список, закрытие чужого соединения",
    en="CLIENT: a connection's name, the list, closing another's connection",
)
def test_client_commands(open_client: Open, name: str) -> None:
    client, other = open_client(), open_client()
    client.client_setname(name)
    mine = [one for one in client.client_list() if one["name"] == name]
    assert [int(one["id"]) for one in mine] == [client.client_id()]
    assert client.client_info()["name"] == name
    victim = other.client_id()
    assert client.client_kill_filter(_id=str(victim)) == 1
    assert until(other.ping)
    assert other.client_id() != victim


@check(
    ru="CLIENT PAUSE задерживает запись, CLIENT UNPAUSE отпускает",
    en="CLIENT PAUSE holds writes back, CLIENT UNPAUSE lets them go",
)
def test_client_pause(open_client: Open, redis_url: str, name: str) -> None:
    client = open_client()
    client.client_pause(30_000, all=False)
    try:
        assert client.get(name) is None
        impatient = redis.Redis.from_url(redis_url, socket_timeout=0.1, retry=None)
        with impatient as writer, pytest.raises(redis.TimeoutError):
            writer.set(name, "1")
    finally:
        client.client_unpause()
    assert client.set(name, "2")


@check(
    ru="ACL: пользователь со своим паролем видит только свои ключи и команды",
    en="ACL: a user with a password sees only its own keys and commands",
)
def test_acl(client: Client, redis_url: str, name: str) -> None:
    rules = {"categories": ["+@read", "+@connection"], "keys": [f"{name}:*"]}
    client.acl_setuser(name, enabled=True, passwords=["+secret"], **rules)
    try:
        client.set(f"{name}:a", "1")
        with redis.Redis.from_url(redis_url, username=name, password="secret") as limited:
            assert limited.get(f"{name}:a") == b"1"
            for command in (("SET", f"{name}:a", "2"), ("GET", "another")):
                with pytest.raises(redis.exceptions.NoPermissionError):
                    limited.execute_command(*command)
        wrong = redis.Redis.from_url(redis_url, username=name, password="wrong")
        with wrong, pytest.raises(redis.AuthenticationError, match="invalid username"):
            wrong.ping()
        assert "-@all" in str(client.acl_getuser(name))
        assert client.acl_dryrun(name, "GET", f"{name}:a") == "OK"
    finally:
        assert client.acl_deluser(name) == 1


@check(
    ru="INFO отдаёт версию, память, клиентов и счётчики команд",
    en="INFO gives the version, memory, clients and counters of commands",
)
def test_info(client: Client, name: str) -> None:
    client.set(name, "1")
    facts = client.info()
    assert facts["redis_version"].startswith("7.")
    assert facts["used_memory"] > 0
    assert facts["connected_clients"] >= 1
    assert facts["db0"]["keys"] >= 1
    assert client.info("commandstats")["cmdstat_set"]["calls"] >= 1


@check(
    ru="CONFIG: настройка читается и меняется на ходу, неизвестная отвергается",
    en="CONFIG: a setting is read and changed while running, an unknown one is refused",
)
def test_config(client: Client) -> None:
    before = client.config_get("slowlog-log-slower-than")["slowlog-log-slower-than"]
    try:
        client.config_set("slowlog-log-slower-than", 0)
        client.ping()
        assert any("PING" in str(entry["command"]) for entry in client.slowlog_get(20))
        with pytest.raises(redis.ResponseError, match=r"(?i)unknown option"):
            client.config_set("no-such-setting", "1")
    finally:
        client.config_set("slowlog-log-slower-than", before)


@check(
    ru="Базы отдельны друг от друга; MOVE переносит ключ",
    en="Databases are apart; MOVE carries a key over",
)
def test_databases(client: Client, redis_url: str, name: str) -> None:
    url = redis_url.removesuffix("/0") + "/15"
    with redis.Redis.from_url(url, decode_responses=True) as other:
        client.set(name, "1")
        assert other.get(name) is None
        assert client.move(name, 15) is True
        assert other.getdel(name) == "1"


@check(
    ru="Выселение: сверх maxmemory запись отвергается с OOM, чтение продолжается",
    en="Beyond maxmemory a write is refused with OOM, reads go on",
)
def test_maxmemory(client: Client, name: str) -> None:
    client.set(name, "1")
    client.config_set("maxmemory", "1mb")
    try:
        # More than the limit is taken before the command is looked at, so it is refused itself.
        with pytest.raises(redis.exceptions.OutOfMemoryError):
            client.set(f"{name}:big", "x" * 4_000_000)
        assert client.get(name) == "1"
    finally:
        client.config_set("maxmemory", 0)


@check(
    ru="COMMAND и COMMAND GETKEYS описывают команды",
    en="COMMAND and COMMAND GETKEYS describe the commands",
)
def test_command(client: Client) -> None:
    described = client.execute_command("COMMAND", "INFO", "GET")["get"]
    assert (described["arity"], described["first_key_pos"]) == (2, 1)
    assert client.command_getkeys("MSET", "a", "1", "b", "2") == ["a", "b"]
    assert client.command_count() > 200


@check(
    ru="Команды модулей отвергаются как неизвестные: JSON, поиск, временные ряды, фильтр Блума",
    en="Commands of modules are refused as unknown: JSON, search, time series, Bloom filter",
)
@pytest.mark.parametrize(
    "command",
    [
        ("JSON.SET", "$", "{}"),
        ("FT._LIST",),
        ("TS.ADD", "*", "1"),
        ("BF.ADD", "x"),
        ("VADD", "VALUES", "1", "1", "x"),
    ],
    ids=lambda command: command[0],
)
def test_modules_are_refused(client: Client, name: str, command: tuple[str, ...]) -> None:
    with pytest.raises(redis.ResponseError, match="unknown command"):
        client.execute_command(command[0], name, *command[1:])


@check(
    ru="Кластера нет: его команды отвергаются", en="There is no cluster: its commands are refused"
)
def test_cluster_is_refused(client: Client) -> None:
    with pytest.raises(redis.ResponseError, match="cluster support disabled"):
        client.execute_command("CLUSTER SLOTS")


@check(
    ru="Неверное число аргументов и неизвестная подкоманда отвергаются, соединение живо",
    en="A wrong number of arguments and an unknown subcommand are refused, the connection lives",
)
def test_wrong_commands(client: Client) -> None:
    for command, message in (
        (("GET",), "wrong number of arguments"),
        (("OBJECT", "NOTHING", "x"), "(?i)unknown subcommand"),
        (("SET", "a", "b", "EX", "-1"), "invalid expire time"),
    ):
        with pytest.raises(redis.ResponseError, match=message):
            client.execute_command(*command)
    assert client.ping()


@check(
    ru="SET IFEQ меняет значение, только если оно прежнее",
    en="SET IFEQ changes a value only if it is as expected",
)
@differs_on_real(
    Text(
        ru="IFEQ есть в Valkey 8.1, в Redis 7.0 его нет",
        en="IFEQ is in Valkey 8.1, Redis 7.0 has none",
    ),
    raises=redis.ResponseError,
)
def test_set_if_equal(client: Client, name: str) -> None:
    client.set(name, "1")
    assert client.execute_command("SET", name, "2", "IFEQ", "9") is None
    assert client.execute_command("SET", name, "2", "IFEQ", "1")
    assert client.get(name) == "2"
