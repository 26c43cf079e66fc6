"""Webhooks over real engines: signed, in order, retried, dead-lettered, redelivered."""

import asyncio
import time
from typing import Any

import pytest
from standardwebhooks import Webhook

from tests.shop.notifications.events import an_event, fresh_order
from tests.shop.notifications.running import (
    Receiver,
    Shop,
)
from tests.waiting import until_async

pytestmark = pytest.mark.slow


async def settled(shop: Shop, webhook_id: str, count: int) -> list[dict[str, Any]]:
    """The deliveries of a webhook, once there are so many and none is pending."""
    deadline = time.monotonic() + 10
    while True:
        found = await shop.deliveries(webhook_id)
        if len(found) >= count and all(one["status"] != "pending" for one in found):
            return found
        assert time.monotonic() < deadline, found
        await asyncio.sleep(0.02)


async def test_an_event_comes_signed_as_a_cloud_event(shop: Shop, receiver: Receiver) -> None:
    order_id = fresh_order()
    registered = await shop.register(receiver.url, order_id=order_id)
    event = an_event(order_id, 1)
    await shop.publish(event)
    await until_async(lambda: receiver.received)
    [received] = receiver.received
    assert Webhook(registered["secret"]).verify(received.body, dict(received.headers)) == {
        "specversion": "1.0",
        "id": f"{order_id}:1",
        "source": "/lavka/orders",
        "type": "OrderPlaced",
        "subject": order_id,
        "time": "2026-11-27T10:00:01.500000Z",
        "datacontenttype": "application/json",
        "data": event,
    }
    assert received.headers["content-type"] == "application/cloudevents+json"
    assert received.headers["host"] == f"127.0.0.1:{receiver.port}"
    [delivery] = await settled(shop, registered["webhook_id"], 1)
    assert delivery["message_id"] == received.headers["webhook-id"]
