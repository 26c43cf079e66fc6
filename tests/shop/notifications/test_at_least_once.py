"""Events and webhooks survive processes that are killed and engines that are away."""

import json
from datetime import timedelta
from typing import Any

import aio_pika
import psycopg
import pytest

from stend.chassis.metrics import REGISTRY
from stend.runtime.system import SystemClock
from tests.shop.notifications.events import an_event, fresh_order
from tests.shop.notifications.running import (
    Engines,
    Receiver,
    Shop,
    config_for,
    eventually,
    running_shop,
)
from tests.waiting import until_async

pytestmark = pytest.mark.slow


async def test_what_a_killed_process_has_claimed_is_delivered_by_the_next_under_the_same_id(
    engines: Engines, receiver: Receiver
) -> None:
    """Killed between the claim and the attempt: nothing but the lease tells of it."""
    ports = frozenset({receiver.port})
    blocked = config_for(engines, ports, most_deliveries=0)
    order_id = fresh_order()
    async with running_shop(blocked) as shop:
        registered = await shop.register(receiver.url, order_id=order_id)
        for version in (1, 2):
            await shop.publish(an_event(order_id, version))

        async def both() -> list[dict[str, Any]] | None:
            found = await shop.deliveries(registered["webhook_id"])
            return found if len(found) == 2 else None

        found = await eventually(both)
        assert found
        now = SystemClock().now()
        [(claimed, _)] = await shop.service._store.claim(now, now + timedelta(seconds=0.3), 9, 9)
        # The second event of the order is nobody's while the first is on its way.
        assert claimed.event.version == 1
        assert await shop.service._store.claim(now, now + timedelta(seconds=9), 9, 9) == []
    async with running_shop(config_for(engines, ports)) as shop:
        await shop.settled(registered["webhook_id"], 2)
    ids = [received.headers["webhook-id"] for received in receiver.received]
    assert ids == [one["message_id"] for one in found]


async def test_the_inbox_counts_what_is_new_and_what_comes_again(shop: Shop) -> None:
    before = inbox_count("new"), inbox_count("duplicate")
    event = an_event(fresh_order(), 1)
    await shop.publish(event)
    await shop.publish(event)

    async def both() -> bool:
        counted = inbox_count("new") - before[0], inbox_count("duplicate") - before[1]
        return counted == (1, 1)

    assert await eventually(both)


def inbox_count(outcome: str) -> float:
    labels = {"service": "notifications", "outcome": outcome}
    return REGISTRY.get_sample_value("shop_inbox_messages_total", labels) or 0.0


async def test_what_a_killed_process_has_sent_and_not_written_down_comes_again_with_its_id(
    engines: Engines, receiver: Receiver
) -> None:
    ports = frozenset({receiver.port})
    receiver.statuses = [None]
    config = config_for(engines, ports, attempt_timeout_s=0.3)
    async with running_shop(config) as shop:
        registered = await shop.register(receiver.url)
        await shop.publish(an_event(fresh_order(), 1))
        await until_async(lambda: receiver.received)
        for task in shop.service._background:
            task.cancel()
    with psycopg.connect(engines.database_url()) as connection:
        left = connection.execute(
            "UPDATE notifications.deliveries SET leased_until = now() "
            "WHERE leased_until IS NOT NULL RETURNING attempts"
        ).fetchall()
    assert left == [(0,)]
    async with running_shop(config) as shop:
        [delivery] = await shop.settled(registered["webhook_id"], 1)
    first, second = (received.headers["webhook-id"] for received in receiver.received)
    assert (first, second) == (delivery["message_id"],) * 2
    assert delivery["status"] == "delivered"


async def test_events_that_nobody_understands_are_dead_lettered_with_their_bytes(
    shop: Shop, receiver: Receiver
) -> None:
    await shop.register(receiver.url)
    order_id = fresh_order()
    odd = {**an_event(order_id, 1), "type": "OrderTeleported"}
    poison = [
        (json.dumps(odd).encode(), f"{order_id}:1"),
        (b"no json", "x"),
        (b"[]", "x"),
        (json.dumps({**an_event(order_id, 1), "order_id": 7}).encode(), "x"),
        (json.dumps(an_event(order_id, 1)).encode(), f"{order_id}:2"),
        (json.dumps({**an_event(order_id, 1), "reason": "a\0b"}).encode(), f"{order_id}:1"),
    ]
    dead = await shop.channel.declare_queue("notifications.orders.dead", durable=True)
    await dead.purge()
    for body, message_id in poison:
        await shop.publish_raw(body, message_id, "order.x")
    await shop.publish(an_event(order_id, 1))
    await until_async(lambda: receiver.received)
    taken = [await eventually(lambda: dead.get(fail=False, no_ack=True)) for _ in poison]
    bodies = [message.body for message in taken if message]
    assert bodies == [body for body, _ in poison]
    assert [received.event["data"]["version"] for received in receiver.received] == [1]


# ---- lost engines ------------------------------------------------------------------------------


async def test_events_wait_in_rabbitmq_while_the_service_is_away(
    engines: Engines, receiver: Receiver
) -> None:
    config = config_for(engines, frozenset({receiver.port}))
    order_id = fresh_order()
    async with running_shop(config) as shop:
        registered = await shop.register(receiver.url)
    connection = await aio_pika.connect(engines.amqp_url)
    async with connection:
        channel = await connection.channel()
        exchange = await channel.get_exchange("orders.events")
        for version in (1, 2):
            body = json.dumps(an_event(order_id, version)).encode()
            message = aio_pika.Message(body, message_id=f"{order_id}:{version}", delivery_mode=2)
            await exchange.publish(message, "order.x")
    async with running_shop(config) as shop:
        found = await shop.settled(registered["webhook_id"], 2)
    assert [one["status"] for one in found] == ["delivered"] * 2
