"""TrackOrder by webhook: registered at the real service, received, verified, once and in order."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from standardwebhooks import Webhook

from stend.runtime.system import RandomIds
from stend.shop.orders.api.messages import dump
from stend.shop.orders.api.webhook.client import WebhookClient
from stend.shop.orders.usecases import CancelOrder, GetOrder, ListOrders, TrackOrder
from tests.shop.notifications.events import an_event, fresh_order
from tests.shop.notifications.running import Shop
from tests.shop.orders.examples import UNKNOWN_ORDER, a_request
from tests.waiting import until_async

pytestmark = pytest.mark.slow


async def webhooks(shop: Shop) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await shop.get("/api/v1/webhooks"))["items"]
    return items


async def test_past_and_new_events_come_in_order_and_the_registration_is_taken_back(
    shop: Shop, client: WebhookClient
) -> None:
    order_id = fresh_order()
    for version in (1, 2):
        await shop.publish(an_event(order_id, version))
    stream = client.track_order(TrackOrder(order_id))
    first = await anext(stream)
    assert (first.status, first.value.version) == ("204 No Content", 1)
    assert dict(first.headers)["webhook-id"].startswith("msg_")
    [registered] = await webhooks(shop)
    assert registered["order_id"] == order_id
    for version in (3, 4, 5, 6):
        await shop.publish(an_event(order_id, version))
    rest = [reply.value async for reply in stream]
    assert [event.version for event in rest] == [2, 3, 4, 5, 6]
    assert await webhooks(shop) == []


async def test_it_begins_behind_the_version_that_was_seen(
    shop: Shop, client: WebhookClient
) -> None:
    order_id = fresh_order()
    for version in range(1, 7):
        await shop.publish(an_event(order_id, version))
    seen = [reply.value.version async for reply in client.track_order(TrackOrder(order_id, 4))]
    assert seen == [5, 6]


async def test_two_orders_are_tracked_over_one_port(shop: Shop, client: WebhookClient) -> None:
    orders = [fresh_order(), fresh_order()]
    for version in range(1, 7):
        for order_id in orders:
            await shop.publish(an_event(order_id, version))

    async def versions(order_id: str) -> list[int]:
        stream = client.track_order(TrackOrder(order_id))
        return [reply.value.version async for reply in stream]

    assert await asyncio.gather(*map(versions, orders)) == [[1, 2, 3, 4, 5, 6]] * 2


async def test_an_order_that_is_heard_of_a_moment_later_is_waited_for(
    shop: Shop, client: WebhookClient
) -> None:
    order_id = fresh_order()
    stream = client.track_order(TrackOrder(order_id))
    following = asyncio.ensure_future(anext(stream))
    await until_async(lambda: client._receiver._boxes)
    await shop.publish(an_event(order_id, 1))
    assert (await following).value.version == 1
    await stream.aclose()


async def test_an_unknown_order_is_not_found(
    client: WebhookClient, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stend.shop.orders.api.webhook.client._UNHEARD_S", 0.05)
    [only] = [reply async for reply in client.track_order(TrackOrder(UNKNOWN_ORDER))]
    assert only.error
    assert (only.error.code, only.error.domain) == ("order-not-found", True)
    [wrong] = [reply async for reply in client.track_order(TrackOrder("nonsense"))]
    assert wrong.error
    assert wrong.error.code == "invalid-argument"


async def test_other_operations_are_refused_with_a_reason(client: WebhookClient) -> None:
    for reply in (
        await client.place_order(a_request()),
        await client.get_order(GetOrder(UNKNOWN_ORDER)),
        await client.list_orders(ListOrders()),
        await client.cancel_order(CancelOrder(UNKNOWN_ORDER)),
    ):
        assert reply.error
        assert reply.error.code == "no-such-operation"


async def test_a_sender_that_is_away_and_ports_that_are_taken_are_unavailable(
    ports: tuple[int, ...],
) -> None:
    client = WebhookClient("http://127.0.0.1:9", ports, RandomIds())
    [reply] = [one async for one in client.track_order(TrackOrder(UNKNOWN_ORDER))]
    assert reply.error
    assert reply.error.code == "unavailable"
    second = WebhookClient("http://127.0.0.1:9", ports[:1], RandomIds())
    [reply] = [one async for one in second.track_order(TrackOrder(UNKNOWN_ORDER))]
    assert reply.error
    assert reply.error.detail == f"no port is free for a receiver of webhooks: {ports[0]}"
    await client.close()
    await second.close()


# ---- what reaches the receiver -----------------------------------------------------------------


def signed(secret: str, body: bytes, at: datetime, message_id: str = "msg_1") -> dict[str, str]:
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(message_id, at, body.decode()),
    }


@pytest.fixture
def body() -> bytes:
    event = an_event(fresh_order(), 3)
    return b'{"specversion": "1.0", "data": ' + dump(event) + b"}"


async def test_forged_stale_and_senseless_messages_are_refused(
    shop: Shop, client: WebhookClient, body: bytes
) -> None:
    order_id = fresh_order()
    await shop.publish(an_event(order_id, 1))
    stream = client.track_order(TrackOrder(order_id))
    await anext(stream)
    [box] = client._receiver._boxes.values()
    url = f"{(await webhooks(shop))[0]['url']}"
    secret = box.secret.result()
    other = "whsec_" + "A" * 40
    now = datetime.now(UTC)
    late, early = now - timedelta(minutes=6), now + timedelta(minutes=6)
    forged = {**signed(secret, body, now), "webhook-id": "msg_2"}
    async with httpx.AsyncClient(trust_env=False) as http:

        async def status(headers: dict[str, str], content: bytes = body) -> int:
            return (await http.post(url, content=content, headers=headers)).status_code

        assert await status({}) == 401
        assert await status(signed(other, body, now)) == 401
        assert await status(signed(secret, body, late)) == 401
        assert await status(signed(secret, body, early)) == 401
        assert await status(forged) == 401
        assert await status(signed(secret, body, now), body + b" ") == 401
        assert await status({**forged, "webhook-signature": "v1"}) == 401
        assert await status({**forged, "webhook-signature": "v1,!"}) == 401
        assert await status({**forged, "webhook-timestamp": "soon"}) == 401
        assert await status(signed(secret, b"{}", now), b"{}") == 422
        assert await status({}, b"x" * 70_000) == 413
        assert (await http.get(url)).status_code == 405
        assert (await http.post(url + "x")).status_code == 410
        assert await status(signed(secret, body, now)) == 204
    # None of them was taken for an event but the last one.
    assert (await anext(stream)).value.version == 3
    await stream.aclose()
