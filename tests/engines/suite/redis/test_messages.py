"""Publish and subscribe, sharded channels, keyspace events, invalidation."""

import asyncio
from collections.abc import Iterator

import pytest
import redis

from tests.engines.suite.checks import check
from tests.engines.suite.redis.conftest import Client, Open
from tests.waiting import until


def take(subscription: Client, count: int) -> list[tuple[str, object]]:
    """The next messages, without the confirmations of subscriptions."""
    taken: list[tuple[str, object]] = []

    def enough() -> bool:
        message = subscription.get_message(ignore_subscribe_messages=True, timeout=0.02)
        if message:
            taken.append((message["channel"], message["data"]))
        return len(taken) == count

    until(enough)
    return taken


@check(
    ru="Подписка на канал и на образец; PUBLISH говорит, сколько получателей",
    en="A subscription to a channel and to a pattern; PUBLISH tells how many received",
)
def test_publish(client: Client, name: str) -> None:
    with client.pubsub() as exact, client.pubsub() as pattern:
        exact.subscribe(f"{name}:orders")
        pattern.psubscribe(f"{name}:*")
        until(lambda: client.publish(f"{name}:orders", "first") == 2)
        assert client.publish(f"{name}:other", "second") == 1
        assert take(exact, 1)[-1] == (f"{name}:orders", "first")
        until(lambda: (f"{name}:other", "second") in take(pattern, 1))
        assert client.pubsub_numsub(f"{name}:orders") == [(f"{name}:orders", 1)]
    until(lambda: client.publish(f"{name}:orders", "nobody") == 0)


@check(
    ru="Шардированные каналы: SSUBSCRIBE и SPUBLISH",
    en="Sharded channels: SSUBSCRIBE and SPUBLISH",
)
def test_sharded_publish(client: Client, name: str) -> None:
    with client.pubsub() as subscription:
        subscription.ssubscribe(name)
        until(lambda: client.spublish(name, "first") == 1)
        assert client.publish(name, "not here") == 0
        message = until(lambda: shard_message(subscription))
        assert message == "first"
        assert client.pubsub_shardchannels(f"{name}*") == [name]


def shard_message(subscription: Client) -> object:
    message = subscription.get_sharded_message(ignore_subscribe_messages=True, timeout=0.02)
    return message and message["data"]


@pytest.fixture
def events(client: Client) -> Iterator[None]:
    """Keyspace and keyevent notifications, for all kinds of events."""
    before = client.config_get("notify-keyspace-events")["notify-keyspace-events"]
    client.config_set("notify-keyspace-events", "AKE")
    yield
    client.config_set("notify-keyspace-events", before)


@check(
    ru="События ключей: запись, истечение срока и удаление",
    en="Keyspace events: a write, an expiry and a deletion",
)
@pytest.mark.usefixtures("events")
def test_keyspace_events(client: Client, name: str) -> None:
    with client.pubsub() as by_key, client.pubsub() as by_event:
        by_key.subscribe(f"__keyspace@0__:{name}")
        by_event.subscribe("__keyevent@0__:expired")
        until(lambda: client.pubsub_numsub("__keyevent@0__:expired")[0][1] == 1)
        until(lambda: client.pubsub_numsub(f"__keyspace@0__:{name}")[0][1] == 1)
        client.set(name, "1", px=30)
        until(lambda: client.get(name) is None)
        client.rpush(name, "a")
        client.delete(name)
        seen = [data for _, data in take(by_key, 5)]
        assert seen == ["set", "expire", "expired", "rpush", "del"]
        until(lambda: ("__keyevent@0__:expired", name) in take(by_event, 1))


@check(
    ru="RESP3: сервер сам сообщает клиенту, что прочитанный им ключ изменился",
    en="RESP3: the server itself tells a client that a key it has read was changed",
)
def test_tracking(redis_url: str, open_client: Open, name: str) -> None:
    seen: list[object] = []
    with redis.Redis.from_url(redis_url, protocol=3, decode_responses=True) as reader:
        connection = reader.connection_pool.get_connection()
        try:
            connection._parser.set_invalidation_push_handler(seen.append)
            connection.send_command("CLIENT", "TRACKING", "ON")
            assert connection.read_response() == "OK"
            connection.send_command("GET", name)
            assert connection.read_response() is None
            open_client().set(name, "2")
            connection.read_response(push_request=True)
        finally:
            connection.disconnect()
            reader.connection_pool.release(connection)
    assert seen == [["invalidate", [name]]]


@check(
    ru="redis-py asyncio: подписчик получает опубликованное",
    en="redis-py asyncio: a subscriber gets what is published",
)
async def test_asyncio(async_client: Client, name: str) -> None:
    async with async_client.pubsub() as subscription:
        await subscription.subscribe(name)
        confirmed = await subscription.get_message(timeout=10)
        assert confirmed is not None
        assert confirmed["type"] == "subscribe"
        assert await async_client.publish(name, "привет") == 1
        async with asyncio.timeout(10):
            message = await anext(subscription.listen())
        assert message["data"] == "привет"
