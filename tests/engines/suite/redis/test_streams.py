"""Streams and consumer groups."""

import pytest
import redis

from tests.engines.suite.checks import check
from tests.engines.suite.redis.conftest import Client


@check(
    ru="Поток: записи по порядку, чтение диапазона в обе стороны и обрезка по длине",
    en="A stream: entries in order, a range read both ways, and trimming by length",
)
def test_stream(client: Client, name: str) -> None:
    made = [client.xadd(name, {"n": number}) for number in range(5)]
    assert made == sorted(made)
    assert client.xrange(name, min=made[1], count=2) == [
        (made[1], {"n": "1"}),
        (made[2], {"n": "2"}),
    ]
    assert client.xrevrange(name, count=1) == [(made[4], {"n": "4"})]
    assert client.xtrim(name, maxlen=2, approximate=False) == 3
    assert client.xlen(name) == 2
    with pytest.raises(redis.ResponseError, match="equal or smaller"):
        client.xadd(name, {"n": "x"}, id=made[0])


@check(
    ru="XREAD с ожиданием отдаёт новое и ничего после срока",
    en="XREAD with a wait gives what is new, and nothing after its time",
)
def test_blocking_read(client: Client, name: str) -> None:
    first = client.xadd(name, {"n": 1})
    assert client.xread({name: 0}) == [[name, [(first, {"n": "1"})]]]
    assert client.xread({name: "$"}, block=20) == []


@check(
    ru="Группа делит записи между потребителями; неподтверждённое видно в XPENDING",
    en="A group shares entries among consumers; what is not acknowledged shows in XPENDING",
)
def test_group_shares_entries(client: Client, name: str) -> None:
    client.xgroup_create(name, "group", id="0", mkstream=True)
    made = [client.xadd(name, {"n": number}) for number in range(4)]
    read = {who: client.xreadgroup("group", who, {name: ">"}, count=2)[0][1] for who in ("a", "b")}
    assert [entry for entry, _ in (*read["a"], *read["b"])] == made
    assert client.xack(name, "group", made[0], made[2]) == 2
    pending = client.xpending(name, "group")
    assert pending["pending"] == 2
    assert {one["name"]: one["pending"] for one in pending["consumers"]} == {"a": 1, "b": 1}
    assert client.xreadgroup("group", "a", {name: "0"})[0][1] == [(made[1], {"n": "1"})]


@check(
    ru="XAUTOCLAIM передаёт зависшие записи другому и считает доставки",
    en="XAUTOCLAIM hands stuck entries to another and counts deliveries",
)
def test_autoclaim(client: Client, name: str) -> None:
    client.xgroup_create(name, "group", id="0", mkstream=True)
    made = [client.xadd(name, {"n": number}) for number in range(3)]
    client.xreadgroup("group", "dead", {name: ">"})
    client.xdel(name, made[1])
    cursor, claimed, deleted = client.xautoclaim(name, "group", "alive", min_idle_time=0)
    assert cursor == "0-0"
    assert [entry for entry, _ in claimed] == [made[0], made[2]]
    assert deleted == [made[1]]
    left = client.xpending_range(name, "group", "-", "+", 10)
    assert [(one["consumer"], one["times_delivered"]) for one in left] == [("alive", 2)] * 2
    assert client.xclaim(name, "group", "third", 3_600_000, [made[0]]) == []


@check(
    ru="XINFO показывает отставание группы; вторая группа читает всё заново",
    en="XINFO shows how far a group lags; a second group reads everything anew",
)
def test_info_and_second_group(client: Client, name: str) -> None:
    for number in range(3):
        client.xadd(name, {"n": number})
    for group in ("one", "two"):
        client.xgroup_create(name, group, id="0")
    client.xreadgroup("one", "a", {name: ">"}, count=1)
    lags = {one["name"]: one["lag"] for one in client.xinfo_groups(name)}
    assert lags == {"one": 2, "two": 3}
    assert len(client.xreadgroup("two", "a", {name: ">"}, noack=True)[0][1]) == 3
    assert client.xpending(name, "two")["pending"] == 0
    with pytest.raises(redis.ResponseError, match=r"^BUSYGROUP"):
        client.xgroup_create(name, "one")
    with pytest.raises(redis.ResponseError, match=r"^NOGROUP"):
        client.xreadgroup("none", "a", {name: ">"})


@check(
    ru="redis-py asyncio: поток и группа потребителей",
    en="redis-py asyncio: a stream and a consumer group",
)
async def test_asyncio(async_client: Client, name: str) -> None:
    await async_client.xgroup_create(name, "group", mkstream=True)
    made = await async_client.xadd(name, {"sku": "MILK-001"})
    read = await async_client.xreadgroup("group", "a", {name: ">"}, block=1000)
    assert read == [[name, [(made, {"sku": "MILK-001"})]]]
    assert await async_client.xack(name, "group", made) == 1
