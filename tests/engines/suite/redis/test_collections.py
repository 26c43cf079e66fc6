"""Lists, sets, sorted sets and positions on the globe."""

import threading

import pytest

from tests.engines.suite.checks import check
from tests.engines.suite.redis.conftest import Client, Open
from tests.waiting import until


@check(
    ru="Списки: очередь, перенос между списками и обрезка",
    en="Lists: a queue, a move between lists, and trimming",
)
def test_lists(client: Client, name: str) -> None:
    assert client.rpush(name, "a", "b", "c", "b") == 4
    assert client.lpos(name, "b", rank=-1) == 3
    assert client.linsert(name, "BEFORE", "b", "x") == 5
    assert client.lmove(name, f"{name}:done", "LEFT", "RIGHT") == "a"
    assert client.lrem(name, 1, "b") == 1
    assert client.lrange(name, 0, -1) == ["x", "c", "b"]
    client.ltrim(name, 1, -1)
    assert client.lpop(name, 5) == ["c", "b"]
    assert client.exists(name) == 0


@check(
    ru="BLPOP ждёт: будит того, кто пришёл первым, и отпускает по истечении срока",
    en="BLPOP waits: the first who came is woken, and the wait ends after its time",
)
def test_blocking_pop(open_client: Open, name: str) -> None:
    client = open_client()
    assert client.blpop(name, timeout=0.05) is None
    taken: list[tuple[str, object]] = []

    def wait(who: str) -> None:
        own = open_client()
        own.client_setname(f"{name}:{who}")
        taken.append((who, own.blpop(name, timeout=20)))

    def start(who: str) -> threading.Thread:
        thread = threading.Thread(target=wait, args=[who])
        thread.start()
        until(lambda: f"{name}:{who}" in blocked(client))
        return thread

    threads = [start("first"), start("second")]
    client.rpush(name, "one")
    until(lambda: taken)
    client.rpush(name, "two")
    for thread in threads:
        thread.join(timeout=20)
    assert taken == [("first", (name, "one")), ("second", (name, "two"))]


def blocked(client: Client) -> set[str]:
    """Names of the connections that wait in a blocking command."""
    return {one["name"] for one in client.client_list() if "b" in one["flags"]}


@check(
    ru="BLMOVE и BLMPOP: забрать с ожиданием из нескольких списков",
    en="BLMOVE and BLMPOP: take with a wait from several lists",
)
def test_blocking_moves(client: Client, name: str) -> None:
    client.rpush(f"{name}:2", "a", "b", "c")
    assert client.blmove(f"{name}:2", f"{name}:3", 1, "LEFT", "RIGHT") == "a"
    lists = [f"{name}:1", f"{name}:2"]
    assert client.blmpop(1, 2, *lists, direction="RIGHT", count=5) == [f"{name}:2", ["c", "b"]]


@check(
    ru="Множества: принадлежность, пересечение с пределом, разность и случайный элемент",
    en="Sets: membership, an intersection with a limit, a difference and a random member",
)
def test_sets(client: Client, name: str) -> None:
    client.sadd(f"{name}:a", "1", "2", "3")
    client.sadd(f"{name}:b", "2", "3", "4")
    assert client.smismember(f"{name}:a", ["2", "9"]) == [1, 0]
    assert client.sinter(f"{name}:a", f"{name}:b") == {"2", "3"}
    assert client.sintercard(2, [f"{name}:a", f"{name}:b"], limit=1) == 1
    assert client.sdiffstore(f"{name}:c", f"{name}:a", f"{name}:b") == 1
    assert client.smove(f"{name}:c", f"{name}:b", "1") is True
    assert set(client.spop(f"{name}:a", 5)) == {"1", "2", "3"}


@check(
    ru="Упорядоченные множества: место, диапазон по баллам и условное изменение",
    en="Sorted sets: a rank, a range by score and a conditional change",
)
def test_sorted_sets(client: Client, name: str) -> None:
    assert client.zadd(name, {"anna": 10, "boris": 20, "vera": 30}) == 3
    assert client.zrevrank(name, "vera") == 0
    assert client.zadd(name, {"anna": 5}, gt=True, ch=True) == 0
    assert client.zadd(name, {"anna": 25}, gt=True, ch=True) == 1
    assert client.zrange(name, "(20", "+inf", byscore=True) == ["anna", "vera"]
    assert client.zrange(name, 0, 0, desc=True, withscores=True) == [("vera", 30.0)]
    assert client.zincrby(name, 100, "boris") == 120.0
    assert client.zpopmin(name) == [("anna", 25.0)]
    assert client.zmscore(name, ["vera", "no"]) == [30.0, None]


@check(
    ru="Упорядоченные множества: объединение с весами, диапазон по алфавиту, BZPOPMIN",
    en="Sorted sets: a weighted union, a range by letters, BZPOPMIN",
)
def test_sorted_sets_together(client: Client, name: str) -> None:
    client.zadd(f"{name}:a", {"x": 1, "y": 2})
    client.zadd(f"{name}:b", {"y": 10})
    assert client.zunion({f"{name}:a": 2, f"{name}:b": 1}, aggregate="SUM", withscores=True) == [
        ("x", 2.0),
        ("y", 14.0),
    ]
    client.zadd(f"{name}:words", dict.fromkeys(("арбуз", "банан", "вишня"), 0))
    assert client.zrangebylex(f"{name}:words", "[б", "+") == ["банан", "вишня"]
    assert client.bzpopmin([f"{name}:no", f"{name}:a"], timeout=1) == (f"{name}:a", "x", 1.0)


@check(
    ru="GEO: расстояние, поиск в круге и в прямоугольнике с сортировкой по близости",
    en="GEO: a distance, a search in a circle and in a box, nearest first",
)
def test_geo(client: Client, name: str) -> None:
    couriers = {"anna": (37.6173, 55.7558), "boris": (37.62, 55.76), "vera": (30.3351, 59.9343)}
    for who, (longitude, latitude) in couriers.items():
        assert client.geoadd(name, (longitude, latitude, who)) == 1
    assert float(client.geodist(name, "anna", "vera", unit="km") or 0) == pytest.approx(634, abs=1)
    around = {"longitude": 37.61, "latitude": 55.75, "unit": "km", "sort": "ASC"}
    assert client.geosearch(name, radius=5, **around) == ["anna", "boris"]
    assert client.geosearch(name, width=2000, height=2000, count=3, **around)[-1] == "vera"
    ((longitude, latitude),) = client.geopos(name, "anna")
    assert (longitude, latitude) == pytest.approx(couriers["anna"], abs=1e-4)


@check(
    ru="SORT упорядочивает список по полям других ключей",
    en="SORT orders a list by fields of other keys",
)
def test_sort(client: Client, name: str) -> None:
    client.rpush(name, "1", "2", "3")
    for number, price in (("1", 30), ("2", 10), ("3", 20)):
        client.hset(f"{name}:{number}", mapping={"price": price, "title": f"t{number}"})
    answer = client.sort(name, by=f"{name}:*->price", get=["#", f"{name}:*->title"], desc=True)
    assert answer == ["1", "t1", "3", "t3", "2", "t2"]


@check(
    ru="redis-py asyncio: списки и упорядоченные множества с ожиданием",
    en="redis-py asyncio: lists and sorted sets with a wait",
)
async def test_asyncio(async_client: Client, name: str) -> None:
    await async_client.rpush(f"{name}:list", "a")
    assert await async_client.blpop([f"{name}:list"], timeout=1) == (f"{name}:list", "a")
    await async_client.zadd(f"{name}:set", {"a": 1})
    assert await async_client.bzpopmax([f"{name}:set"], timeout=1) == (f"{name}:set", "a", 1.0)
