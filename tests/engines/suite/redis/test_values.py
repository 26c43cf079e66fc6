"""Single keys: strings, counters, expiry, bits, hashes, copies."""

import threading

import pytest
import redis

from stend.kit.languages import Text
from tests.engines.suite.checks import check, differs_on_real
from tests.engines.suite.redis.conftest import Client, Open
from tests.waiting import until


@check(
    ru="Строки: запись с условием, прежнее значение, кусок и несколько ключей сразу",
    en="Strings: conditional writes, the previous value, a part, and many keys at once",
)
def test_strings(client: Client, name: str) -> None:
    assert client.set(name, "Молоко", nx=True) is True
    assert client.set(name, "Сыр", nx=True) is None
    assert client.set(name, "Сыр", xx=True, get=True) == "Молоко"
    assert client.append(name, "!") == 7
    assert client.getrange(name, 0, 1) == "С"
    assert client.mset({f"{name}:1": "a", f"{name}:2": "b"}) is True
    assert client.mget(f"{name}:1", f"{name}:no", f"{name}:2") == ["a", None, "b"]
    assert client.getdel(f"{name}:1") == "a"
    assert client.exists(f"{name}:1") == 0


@check(
    ru="Значение хранится байт в байт, в том числе нули и не UTF-8",
    en="A value is kept byte for byte, with zeros and what is not UTF-8",
)
def test_values_are_bytes(redis_url: str, open_client: Open, name: str) -> None:
    value = bytes(range(256)) * 4096
    with redis.Redis.from_url(redis_url) as client:
        client.set(name, value)
        assert client.get(name) == value
        assert client.strlen(name) == len(value)


@check(
    ru="Счётчики не теряют прибавлений при одновременной работе; нечисло отвергается",
    en="Counters lose no increment under concurrency; what is no number is refused",
)
def test_counters(open_client: Open, name: str) -> None:
    def add() -> None:
        own = open_client()
        for _ in range(200):
            own.incrby(name, 2)

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    client = open_client()
    assert client.get(name) == "1600"
    assert client.incrbyfloat(name, 0.5) == 1600.5
    with pytest.raises(redis.ResponseError, match="not an integer"):
        client.incr(name)
    client.set(name, 2**63 - 1)
    with pytest.raises(redis.ResponseError, match="overflow"):
        client.incr(name)


@check(
    ru="Срок жизни: остаток, условная установка, отмена и исчезновение ключа",
    en="Expiry: what is left, a conditional change, its removal, and the key that is gone",
)
def test_expiry(client: Client, name: str) -> None:
    client.set(name, "1", ex=100)
    assert client.ttl(name) in (99, 100)
    assert client.expire(name, 50, gt=True) is False
    assert client.expire(name, 50, lt=True) is True
    assert client.getex(name, persist=True) == "1"
    assert client.ttl(name) == -1
    assert client.ttl(f"{name}:no") == -2
    client.pexpire(name, 30)
    assert until(lambda: client.get(name) is None)


@check(
    ru="SET с KEEPTTL сохраняет срок жизни, обычный SET его снимает",
    en="SET with KEEPTTL keeps the expiry, a plain SET removes it",
)
def test_set_and_expiry(client: Client, name: str) -> None:
    client.set(name, "1", ex=100)
    client.set(name, "2", keepttl=True)
    assert int(client.ttl(name)) > 0
    client.set(name, "3")
    assert client.ttl(name) == -1


@check(
    ru="Хеши: поля, счётчик в поле, обход и случайные поля",
    en="Hashes: fields, a counter in a field, a scan and random fields",
)
def test_hashes(client: Client, name: str) -> None:
    assert client.hset(name, mapping={"sku": "MILK-001", "quantity": "3"}) == 2
    assert client.hincrby(name, "quantity", -1) == 2
    assert client.hsetnx(name, "sku", "EGGS") == 0
    assert client.hgetall(name) == {"sku": "MILK-001", "quantity": "2"}
    assert client.hmget(name, ["no", "sku"]) == [None, "MILK-001"]
    assert dict(client.hscan_iter(name, match="s*")) == {"sku": "MILK-001"}
    assert set(client.hrandfield(name, 2) or []) == {"sku", "quantity"}
    assert client.hdel(name, "sku", "no") == 1


@check(
    ru="У поля хеша может быть свой срок жизни",
    en="A field of a hash may have an expiry of its own",
)
@differs_on_real(
    Text(
        ru="HEXPIRE есть в Valkey 9 и Redis 7.4, в дистрибутиве Redis 7.0",
        en="HEXPIRE is in Valkey 9 and Redis 7.4, the distribution has Redis 7.0",
    ),
    raises=redis.ResponseError,
)
def test_expiry_of_a_field(client: Client, name: str) -> None:
    client.hset(name, mapping={"a": "1", "b": "2"})
    assert client.hpexpire(name, 30, "a") == [1]
    assert until(lambda: client.hkeys(name) == ["b"])


@check(
    ru="Биты: установка, подсчёт, поиск, логические операции и поля произвольной ширины",
    en="Bits: set, count, find, combine, and fields of any width",
)
def test_bits(client: Client, name: str) -> None:
    for day in (1, 5, 6):
        client.setbit(f"{name}:anna", day, 1)
    client.setbit(f"{name}:boris", 5, 1)
    assert client.bitcount(f"{name}:anna") == 3
    assert client.bitpos(f"{name}:anna", 1) == 1
    assert client.bitop("AND", f"{name}:both", f"{name}:anna", f"{name}:boris") == 1
    assert client.getbit(f"{name}:both", 5) == 1
    field = client.bitfield(f"{name}:field", default_overflow="SAT")
    assert field.set("u4", 0, 14).incrby("u4", 0, 5).get("u4", 0).execute() == [0, 15, 15]


@check(
    ru="HyperLogLog считает уникальных с ошибкой в пределах процента и объединяется",
    en="HyperLogLog counts distinct values within a per cent and merges",
)
def test_hyperloglog(client: Client, name: str) -> None:
    for half in (0, 1):
        client.pfadd(f"{name}:{half}", *range(half * 4000, half * 4000 + 5000))
    assert client.pfmerge(f"{name}:all", f"{name}:0", f"{name}:1") is True
    # The standard error is 0.81 % (PFCOUNT, "HyperLogLogs").
    assert abs(int(client.pfcount(f"{name}:all")) - 9000) < 9000 * 0.03


@check(
    ru="DUMP и RESTORE переносят значение; испорченное отвергается",
    en="DUMP and RESTORE move a value; a damaged one is refused",
)
def test_dump_and_restore(redis_url: str, open_client: Open, name: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        client.zadd(f"{name}:from", {"a": 1, "b": 2.5})
        dumped = client.dump(f"{name}:from")
        assert isinstance(dumped, bytes)
        assert client.restore(f"{name}:to", 60_000, dumped) == b"OK"
        assert client.zrange(f"{name}:to", 0, -1, withscores=True) == [(b"a", 1.0), (b"b", 2.5)]
        assert 0 < int(client.pttl(f"{name}:to")) <= 60_000
        with pytest.raises(redis.ResponseError, match="BUSYKEY"):
            client.restore(f"{name}:to", 0, dumped)
        with pytest.raises(redis.ResponseError, match="checksum"):
            client.restore(f"{name}:bad", 0, dumped[:-1] + b"!")


@check(
    ru="COPY и RENAME: занятое имя не трогается без REPLACE и с NX",
    en="COPY and RENAME: a name in use is left alone without REPLACE and with NX",
)
def test_copy_and_rename(client: Client, name: str) -> None:
    client.mset({f"{name}:1": "a", f"{name}:2": "b"})
    assert client.copy(f"{name}:1", f"{name}:2") is False
    assert client.copy(f"{name}:1", f"{name}:2", replace=True) is True
    assert client.get(f"{name}:2") == "a"
    assert client.renamenx(f"{name}:1", f"{name}:2") is False
    assert client.rename(f"{name}:1", f"{name}:3") is True
    with pytest.raises(redis.ResponseError, match="no such key"):
        client.rename(f"{name}:1", f"{name}:4")


@check(
    ru="Команда к значению другого вида отвергается с WRONGTYPE",
    en="A command for another kind of value is refused with WRONGTYPE",
)
def test_wrong_type(client: Client, name: str) -> None:
    client.set(name, "1")
    with pytest.raises(redis.ResponseError, match=r"^WRONGTYPE"):
        client.lpush(name, "a")


@check(
    ru="redis-py asyncio: те же значения, счётчики и сроки жизни",
    en="redis-py asyncio: the same values, counters and expiry",
)
async def test_asyncio(async_client: Client, name: str) -> None:
    assert await async_client.set(name, 1, px=50_000)
    assert await async_client.incr(name) == 2
    assert 0 < await async_client.pttl(name) <= 50_000
    assert [key async for key in async_client.scan_iter(f"{name}*")] == [name]
