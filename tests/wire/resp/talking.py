"""Talks of a real client with the stand's Redis, recorded once for all tests."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import redis

from stend.wire.decoding import Direction
from tests.engines.redis.running import config_in, running
from tests.engines.servers import HOST
from tests.wire.recording import recorded

Talk = list[tuple[Direction, bytes]]
TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@contextlib.contextmanager
def _client(port: int, protocol: int) -> Iterator[Any]:
    with redis.Redis(
        host=HOST,
        port=port,
        protocol=protocol,
        decode_responses=True,
        single_connection_client=True,
    ) as client:
        yield client


def _data(client: Any) -> None:
    """Every kind of reply that the server has."""
    client.flushall()
    client.set("tea", "зелёный", ex=60)
    assert client.get("tea") == "зелёный"
    assert client.get("nothing") is None
    client.hset("order", mapping={"sku": "tea", "quantity": "2"})
    assert client.hgetall("order") == {"sku": "tea", "quantity": "2"}
    client.sadd("tags", "a", "b")
    client.smembers("tags")
    client.zadd("due", {"first": 1.5, "second": 2})
    client.zrange("due", 0, -1, withscores=True)
    client.geoadd("couriers", (37.6, 55.7, "anna"))
    client.geosearch("couriers", longitude=37.6, latitude=55.7, radius=5, unit="km")
    with contextlib.suppress(redis.ResponseError):
        client.lpush("tea", "x")
    client.eval("return {1, 'two', {3, false}}", 1, "tea", "argument")
    client.info("server")
    client.config_set("requirepass", "")
    client.set("large", "x" * 70_000)
    assert len(client.get("large")) == 70_000


def _streams(client: Any) -> None:
    entry = {"type": "OrderPlaced", "traceparent": TRACEPARENT}
    client.xadd("events", entry, maxlen=100, approximate=True)
    client.xgroup_create("events", "billing", id="0")
    client.xreadgroup("billing", "one", {"events": ">"}, count=10, block=100)
    client.xack("events", "billing", "0-1")
    client.xreadgroup("billing", "one", {"events": ">"}, block=1)
    client.xrange("events")


def _transactions(client: Any) -> None:
    with client.pipeline() as pipe:
        pipe.set("a", 1)
        pipe.incr("a")
        pipe.lpush("a", "x")
        with contextlib.suppress(redis.ResponseError):
            pipe.execute()
    with client.pipeline(transaction=False) as pipe:
        pipe.get("a").get("tea").exists("a", "b")
        assert pipe.execute() == ["2", "зелёный", 1]


def everything(port: int, protocol: int) -> None:
    with _client(port, protocol) as client:
        for part in (_data, _streams, _transactions):
            part(client)


def subscriptions(port: int, protocol: int) -> None:
    with (
        _client(port, protocol) as other,
        _client(port, protocol) as client,
        client.pubsub() as channel,
    ):
        channel.subscribe("orders", "stock")
        channel.psubscribe("del*")
        for _ in range(3):
            assert channel.get_message(timeout=5)
        other.publish("orders", "placed")
        other.publish("delivery", "sent")
        seen = [channel.get_message(timeout=5) for _ in range(2)]
        assert [one["data"] for one in seen] == ["placed", "sent"]
        channel.unsubscribe()
        channel.punsubscribe()
        for _ in range(3):
            assert channel.get_message(timeout=5)


def monitoring(port: int, protocol: int) -> None:
    with _client(port, protocol) as other, _client(port, protocol) as client:
        other.ping()
        with client.monitor() as monitor:
            other.set("seen", "yes")
            assert "SET" in monitor.next_command()["command"]


TALKS: tuple[Callable[[int, int], None], ...] = (everything, subscriptions, monitoring)


def record(folder: Path) -> dict[str, list[Talk]]:
    """The connections of each talk, by its name and the version of the protocol."""
    config = config_in(folder)
    found: dict[str, list[Talk]] = {}
    with running(config):
        for talk in TALKS:
            for protocol in (2, 3):
                with recorded(config.port) as recording:
                    talk(recording.port, protocol)
                found[f"{talk.__name__}-{protocol}"] = recording.talks
    return found
