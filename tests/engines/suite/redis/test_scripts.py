"""Lua, functions, transactions and pipelines."""

import pytest
import redis

from tests.engines.suite.checks import check
from tests.engines.suite.redis.conftest import Client, Open

_TAKE = """
local left = tonumber(redis.call('GET', KEYS[1]) or '0')
if left < tonumber(ARGV[1]) then return redis.error_reply('SOLDOUT only ' .. left) end
return redis.call('DECRBY', KEYS[1], ARGV[1])
"""


@check(
    ru="EVAL выполняется целиком и отвергает своим кодом ошибки",
    en="EVAL runs as a whole and refuses with an error code of its own",
)
def test_eval(client: Client, name: str) -> None:
    client.set(name, 5)
    assert client.eval(_TAKE, 1, name, 3) == 2
    with pytest.raises(redis.ResponseError, match=r"^SOLDOUT only 2"):
        client.eval(_TAKE, 1, name, 3)
    assert client.get(name) == "2"


@check(
    ru="EVALSHA: неизвестный сценарий отвергается с NOSCRIPT, загруженный выполняется",
    en="EVALSHA: an unknown script is refused with NOSCRIPT, a loaded one runs",
)
def test_evalsha(client: Client, name: str) -> None:
    with pytest.raises(redis.exceptions.NoScriptError):
        client.evalsha("0" * 40, 0)
    digest = client.script_load(f"return {{KEYS[1], ARGV[1], 3.9, true, false, '{name}'}}")
    # Numbers are cut to integers, false is nil (EVAL, "Conversion between Lua and Redis").
    assert client.evalsha(str(digest), 1, name, "x") == [name, "x", 3, 1, None, name]
    script = client.register_script(_TAKE)
    client.set(name, 9)
    assert script(keys=[name], args=[4]) == 5


@check(
    ru="Сценарий не оставляет половины дела: ошибка в середине видна, сделанное до неё остаётся",
    en="A script's error half-way is told, and what it did before remains",
)
def test_script_error(client: Client, name: str) -> None:
    broken = "redis.call('SET', KEYS[1], 'made') redis.call('LPUSH', KEYS[1], 'x') return 1"
    with pytest.raises(redis.ResponseError, match="WRONGTYPE"):
        client.eval(broken, 1, name)
    assert client.get(name) == "made"
    caught = "return redis.pcall('LPUSH', KEYS[1], 'x')['err']"
    assert "WRONGTYPE" in str(client.eval(caught, 1, name))


@check(
    ru="FUNCTION: библиотека загружается, вызывается и заменяется",
    en="FUNCTION: a library is loaded, called and replaced",
)
def test_functions(client: Client, name: str) -> None:
    library = name.replace("-", "_")
    body = f"#!lua name={library}\nredis.register_function('{library}', function(keys, args) "
    try:
        client.function_load(body + "return redis.call('INCRBY', keys[1], args[1]) end)")
        assert client.fcall(library, 1, name, "5") == 5
        with pytest.raises(redis.ResponseError, match="already exists"):
            client.function_load(body + "return 1 end)")
        client.function_load(body + "return 'new' end)", replace=True)
        assert client.fcall(library, 0) == "new"
        with pytest.raises(redis.ResponseError, match="write flag"):
            client.fcall_ro(library, 0)
    finally:
        client.function_delete(library)
    with pytest.raises(redis.ResponseError, match="not found"):
        client.fcall(library, 0)


@check(
    ru="MULTI/EXEC: команды идут подряд, при ошибке в одной остальные выполняются",
    en="MULTI/EXEC: commands run in a row, an error in one leaves the others",
)
def test_transaction(client: Client, name: str) -> None:
    with client.pipeline() as transaction:
        transaction.set(name, "1").lpush(name, "x").incr(name)
        done, failed, counted = transaction.execute(raise_on_error=False)
    assert (done, counted) == (True, 2)
    assert isinstance(failed, redis.ResponseError)


@check(
    ru="MULTI с неверной командой отменяется целиком: EXECABORT",
    en="MULTI with a wrong command is cancelled as a whole: EXECABORT",
)
def test_aborted_transaction(client: Client, name: str) -> None:
    with client.pipeline() as transaction:
        transaction.set(name, "1").execute_command("NOSUCHCOMMAND")
        with pytest.raises(redis.ResponseError, match="unknown command"):
            transaction.execute()
    assert client.exists(name) == 0


@check(
    ru="WATCH: чужая правка отменяет транзакцию, со второй попытки она проходит",
    en="WATCH: another's change cancels the transaction, the second attempt passes",
)
def test_watch(open_client: Open, name: str) -> None:
    client, other = open_client(), open_client()
    client.set(name, "1")
    with client.pipeline() as transaction:
        transaction.watch(name)
        other.set(name, "5")
        transaction.multi()
        transaction.set(name, "2")
        with pytest.raises(redis.WatchError):
            transaction.execute()

    def double(transaction: redis.client.Pipeline) -> None:
        value = int(str(transaction.get(name)))
        transaction.multi()
        transaction.set(name, value * 2)

    client.transaction(double, name)
    assert other.get(name) == "10"


@check(
    ru="Конвейер без транзакции: тысяча команд одной посылкой, ответы по порядку",
    en="A pipeline without a transaction: a thousand commands at once, answers in order",
)
def test_pipeline(client: Client, name: str) -> None:
    with client.pipeline(transaction=False) as pipeline:
        for _ in range(1000):
            pipeline.incr(name)
        assert pipeline.execute() == list(range(1, 1001))


@check(
    ru="redis-py asyncio: транзакция и сценарий", en="redis-py asyncio: a transaction and a script"
)
async def test_asyncio(async_client: Client, name: str) -> None:
    async with async_client.pipeline(transaction=True) as transaction:
        answers = await transaction.set(name, 5).incr(name).execute()
    assert answers == [True, 6]
    script = async_client.register_script(_TAKE)
    assert await script(keys=[name], args=[4]) == 2
