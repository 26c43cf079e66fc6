"""Notifications as they happen: over SSE and WebSocket, resumed, bounded, without Redis."""

import asyncio
import contextlib
import json
import signal
import sys
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any

import httpx
import pytest
import redis
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from stend.chassis.event_stream import EventStream, StreamLimits, frame
from tests.serving import narrow_socket
from tests.shop.notifications.events import an_event, fresh_customer, fresh_order
from tests.shop.notifications.running import (
    Engines,
    Receiver,
    Shop,
    by_prefix,
    config_for,
    eventually,
    running_shop,
    service_of,
    serving,
)
from tests.waiting import until_async

pytestmark = pytest.mark.slow


@contextlib.asynccontextmanager
async def followed(
    shop: Shop, query: str, last_event_id: int | None = None
) -> AsyncIterator[AsyncGenerator[dict[str, str], None]]:
    """The events of a stream, each as the fields that a browser would see."""
    headers = {} if last_event_id is None else {"Last-Event-ID": str(last_event_id)}
    async with shop.http.stream(
        "GET", f"/api/v1/notifications/stream?{query}", headers=headers, timeout=10
    ) as response:
        assert response.status_code == 200
        assert response.headers["content-type"] == "text/event-stream"
        yield _events(response)


async def _events(response: httpx.Response) -> AsyncGenerator[dict[str, str], None]:
    fields: dict[str, str] = {}
    async for line in response.aiter_lines():
        if line:
            name, _, value = line.partition(": ")
            fields[name] = value
        elif "data" in fields:
            yield fields
            fields = {}


async def ids(events: AsyncGenerator[dict[str, str], None], count: int) -> list[int]:
    async with asyncio.timeout(10):
        return [int((await anext(events))["id"]) for _ in range(count)]


async def heard(shop: Shop, whose: str, count: int) -> list[dict[str, Any]]:
    async def look() -> list[dict[str, Any]] | None:
        items: list[dict[str, Any]] = (await shop.get(f"/api/v1/notifications?{whose}"))["items"]
        return items if len(items) >= count else None

    found = await eventually(look)
    assert found
    return found


def sockets(shop: Shop) -> connect:
    return connect(
        f"ws://{shop.address}/ws/notifications",
        subprotocols=[Subprotocol("lavka.notifications.v1")],
        proxy=None,
    )


async def follow(connection: ClientConnection, frame_id: str, **params: Any) -> None:
    wanted = {"id": frame_id, "type": "FollowNotifications", "params": params}
    await connection.send(json.dumps(wanted))


async def received(connection: ClientConnection) -> dict[str, Any]:
    async with asyncio.timeout(10):
        members: dict[str, Any] = json.loads(await connection.recv())
        return members


# ---- SSE ---------------------------------------------------------------------------------------


async def test_past_notifications_come_at_once_and_new_ones_as_they_happen(shop: Shop) -> None:
    order_id, customer = fresh_order(), fresh_customer()
    await shop.publish(an_event(order_id, 1, customer))
    await heard(shop, f"order_id={order_id}", 1)
    async with followed(shop, f"order_id={order_id}") as events:
        first = await anext(events)
        assert (first["id"], first["event"]) == ("1", "OrderPlaced")
        told = json.loads(first["data"])
        assert told["customer_id"] == customer
        assert told["text"] == {
            "ru": f"Заказ {order_id} принят. Собираем товары и проверяем оплату.",
            "en": f"Order {order_id} is placed. "
            "We are reserving the goods and checking the payment.",
        }
        for version in (2, 3):
            await shop.publish(an_event(order_id, version))
        assert await ids(events, 2) == [2, 3]


async def test_a_stream_goes_on_behind_the_last_event_id(shop: Shop) -> None:
    order_id = fresh_order()
    for version in (1, 2, 3, 4):
        await shop.publish(an_event(order_id, version))
    await heard(shop, f"order_id={order_id}", 4)
    async with followed(shop, f"order_id={order_id}", last_event_id=2) as events:
        assert await ids(events, 2) == [3, 4]
    async with followed(shop, f"order_id={order_id}&after=1", last_event_id=3) as events:
        assert await ids(events, 1) == [4]
    async with followed(shop, f"order_id={order_id}&after=3") as events:
        assert await ids(events, 1) == [4]


async def test_a_customer_hears_of_all_orders_in_one_row(shop: Shop) -> None:
    customer, first, second = fresh_customer(), fresh_order(), fresh_order()
    async with followed(shop, f"customer_id={customer}") as events:
        for version in (1, 2):
            for order_id in (first, second):
                await shop.publish(an_event(order_id, version, customer))
        assert await ids(events, 4) == [1, 2, 3, 4]
    told = await heard(shop, f"customer_id={customer}", 4)
    assert [one["order_id"] for one in told] == [first, second, first, second]
    assert [one["position"] for one in told] == [1, 2, 3, 4]


async def test_what_redis_has_forgotten_is_read_from_the_database(
    engines: Engines, receiver: Receiver
) -> None:
    """Resumption is exact, however short the memory of the live feed is."""
    config = config_for(engines, frozenset(), feed_entries=2)
    order_id = fresh_order()
    async with running_shop(config) as shop:
        for version in range(1, 6):
            await shop.publish(an_event(order_id, version))
        await heard(shop, f"order_id={order_id}", 5)
        with redis.Redis.from_url(engines.redis_url) as client:
            key = f"notifications:order:{order_id}"
            await until_async(
                lambda: [one for one, _ in client.xrevrange(key, count=1)] == [b"5-0"]
            )
            assert client.xlen(key) == 2
            async with followed(shop, f"order_id={order_id}") as events:
                assert await ids(events, 5) == [1, 2, 3, 4, 5]
                client.flushall()
                await shop.publish(an_event(order_id, 6))
                assert await ids(events, 1) == [6]


async def test_a_silent_stream_has_heartbeats_and_is_closed_after_its_time(
    engines: Engines,
) -> None:
    limits = StreamLimits(heartbeat_s=0.05, stream_s=0.3, stall_s=1)
    async with running_shop(config_for(engines, frozenset(), stream=limits)) as shop:
        answer = await shop.http.get(f"/api/v1/notifications/stream?order_id={fresh_order()}")
    assert answer.text.startswith("retry: 1000\n\n: still here\n\n: still here\n\n")


async def test_a_reader_of_a_stream_who_never_reads_is_cut_with_a_reason() -> None:
    let_go = asyncio.Event()
    made = 0

    async def frames() -> AsyncGenerator[bytes, None]:
        nonlocal made
        try:
            while True:
                made += 1
                yield frame(made, "x", b"x" * 1000)
        finally:
            let_go.set()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await EventStream(frames(), StreamLimits(stall_s=0.5))(scope, receive, send)

    async with serving(app, send_buffer_bytes=4096) as address:
        narrow = await narrow_socket(address)
        reader, writer = await asyncio.open_connection(sock=narrow, limit=1024)
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        async with asyncio.timeout(10):
            # Nobody reads, and asyncio's own buffer is bounded, too.
            await let_go.wait()
            rest = await reader.read(-1)
        writer.close()
    assert made < 300
    assert b"event: cut\ndata: " in rest
    assert b"slow-reader" in rest


# ---- WebSocket ---------------------------------------------------------------------------------


async def test_subscriptions_share_a_connection_and_each_ends_when_it_is_cancelled(
    shop: Shop,
) -> None:
    customer, order_id = fresh_customer(), fresh_order()
    async with sockets(shop) as connection:
        await follow(connection, "c", customer_id=customer)
        await follow(connection, "o", order_id=order_id)
        await shop.publish(an_event(order_id, 1, customer))
        told = [await received(connection), await received(connection)]
        assert {(one["id"], one["type"], one["event"]["position"]) for one in told} == {
            ("c", "event", 1),
            ("o", "event", 1),
        }
        await connection.send('{"id": "c", "type": "cancel"}')
        assert await received(connection) == {"id": "c", "type": "end", "reason": "cancelled"}
        await shop.publish(an_event(order_id, 2))
        last = await received(connection)
        assert (last["id"], last["event"]["type"]) == ("o", "OrderReserved")


async def test_a_socket_goes_on_behind_the_last_position(shop: Shop) -> None:
    order_id = fresh_order()
    for version in (1, 2, 3):
        await shop.publish(an_event(order_id, version))
    await heard(shop, f"order_id={order_id}", 3)
    async with sockets(shop) as connection:
        await follow(connection, "1", order_id=order_id, after=2)
        assert (await received(connection))["event"]["position"] == 3


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ({"type": "FollowNotifications", "params": {}}, "invalid-argument"),
        ({"type": "FollowNotifications", "params": {"order_id": "x"}}, "invalid-argument"),
        ({"type": "FollowNotifications", "params": {"customer_id": None}}, "invalid-argument"),
        ({"type": "TrackOrder", "params": {}}, "no-such-operation"),
    ],
)
async def test_a_wrong_subscription_is_refused(
    shop: Shop, frame: dict[str, Any], code: str
) -> None:
    async with sockets(shop) as connection:
        await connection.send(json.dumps({"id": "1", **frame}))
        answer = await received(connection)
    assert (answer["type"], answer["error"]["code"]) == ("error", code)


async def test_a_service_that_stops_lets_everybody_go(shop: Shop) -> None:
    order_id = fresh_order()
    async with sockets(shop) as connection, followed(shop, f"order_id={order_id}") as events:
        await follow(connection, "1", order_id=order_id)
        await until_async(lambda: len(shop.service._feed._listeners) == 1)
        shop.service.end_streams()
        assert [event async for event in events] == []
        with pytest.raises(ConnectionClosed) as closed:
            await received(connection)
    assert closed.value.rcvd
    assert closed.value.rcvd.code == 1012


# ---- without Redis -----------------------------------------------------------------------------


async def test_without_redis_webhooks_go_on_and_listeners_are_refused_until_it_is_back(
    engines: Engines, receiver: Receiver
) -> None:
    config = config_for(engines, frozenset({receiver.port}))
    order_id = fresh_order()
    async with running_shop(config) as shop:
        await shop.register(receiver.url, order_id=order_id)
        async with followed(shop, f"order_id={order_id}") as events:
            await until_async(lambda: len(shop.service._feed._listeners) == 1)
            server = engines.redis._child._process
            assert server
            server.kill()
            await asyncio.to_thread(server.wait)
            try:
                # The stream ends: silence would look like an order at rest.
                assert [event async for event in events] == []
                await shop.publish(an_event(order_id, 1))
                await until_async(lambda: receiver.received)
                refused = await shop.http.get(f"/api/v1/notifications/stream?order_id={order_id}")
                assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
                await shop.service.ping()
            finally:
                await asyncio.to_thread(engines.redis.launch)
        await until_async(lambda: shop.service._feed._is_listening)
        async with followed(shop, f"order_id={order_id}") as events:
            assert await ids(events, 1) == [1]
            await shop.publish(an_event(order_id, 2))
            assert await ids(events, 1) == [2]


async def test_a_service_starts_without_redis_and_rabbitmq(engines: Engines) -> None:
    config = config_for(
        engines, frozenset(), redis_url="redis://127.0.0.1:9/0", amqp_url="amqp://127.0.0.1:9/"
    )
    service = service_of(config)
    try:
        await service.start()
        await service.ping()
        async with (
            serving(by_prefix(service.http)) as address,
            httpx.AsyncClient(base_url=f"http://{address}", trust_env=False) as http,
        ):
            assert (await http.get("/api/v1/webhooks")).json() == {"items": []}
            refused = await http.get("/api/v1/notifications/stream?customer_id=cus_1")
            assert refused.status_code == 503
    finally:
        await service.stop()


@pytest.mark.skipif(sys.platform == "win32", reason="a process cannot be stopped there")
async def test_a_redis_that_hangs_is_noticed_and_its_listeners_are_let_go(
    engines: Engines, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its connections stay open: only a ping that nobody answers tells."""
    monkeypatch.setattr("stend.shop.notifications.stores.live._LISTEN_S", 0.2)
    monkeypatch.setattr("stend.shop.notifications.stores.live._SILENCE_S", 1.0)
    order_id = fresh_order()
    async with running_shop(config_for(engines, frozenset())) as shop:
        async with followed(shop, f"order_id={order_id}") as events:
            await shop.publish(an_event(order_id, 1))
            assert await ids(events, 1) == [1]
            server = engines.redis._child._process
            assert server
            server.send_signal(signal.SIGSTOP)
            try:
                assert [event async for event in events] == []
                refused = await shop.http.get(f"/api/v1/notifications/stream?order_id={order_id}")
                assert refused.status_code == 503
            finally:
                server.send_signal(signal.SIGCONT)
        await until_async(lambda: shop.service._feed._is_listening)
        await shop.publish(an_event(order_id, 2))
        async with followed(shop, f"order_id={order_id}", last_event_id=1) as events:
            assert await ids(events, 1) == [2]
