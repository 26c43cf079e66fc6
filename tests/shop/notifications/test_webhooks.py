"""Webhooks over real engines: signed, in order, retried, dead-lettered, redelivered."""

from typing import Any

import pytest
from standardwebhooks import Webhook

from stend.shop.notifications.clients.webhook.guard import AddressGuard
from stend.shop.notifications.domain import RetryPolicy
from tests.shop.notifications.events import an_event, fresh_customer, fresh_order
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


async def tried_deliveries(shop: Shop, registered: dict[str, Any]) -> list[dict[str, Any]]:
    found = await shop.deliveries(registered["webhook_id"])
    return [one for one in found if one["attempts"]]


async def heard_of(shop: Shop, order_id: str, version: int) -> bool:
    found = await shop.get(f"/api/v1/notifications?order_id={order_id}")
    return any(one["version"] == version for one in found["items"])


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
    [delivery] = await shop.settled(registered["webhook_id"], 1)
    assert delivery["message_id"] == received.headers["webhook-id"]


async def test_events_of_an_order_come_in_order_though_the_first_one_fails_at_first(
    shop: Shop, receiver: Receiver
) -> None:
    order_id = fresh_order()
    receiver.statuses = [500, 503]
    registered = await shop.register(receiver.url, order_id=order_id)
    for version in (1, 2, 3):
        await shop.publish(an_event(order_id, version))
    await shop.settled(registered["webhook_id"], 3)
    versions = [received.event["data"]["version"] for received in receiver.received]
    assert versions == [1, 1, 1, 2, 3]
    ids = [received.headers["webhook-id"] for received in receiver.received]
    assert len(set(ids[:3])) == 1
    assert len(set(ids)) == 3


async def test_a_copy_of_an_event_is_delivered_once(shop: Shop, receiver: Receiver) -> None:
    order_id = fresh_order()
    registered = await shop.register(receiver.url, order_id=order_id)
    for version in (1, 1, 2, 1, 2):
        await shop.publish(an_event(order_id, version))
    await shop.publish(an_event(order_id, 3))
    await shop.settled(registered["webhook_id"], 3)
    versions = [received.event["data"]["version"] for received in receiver.received]
    assert versions == [1, 2, 3]


async def test_only_wanted_events_come(shop: Shop, receiver: Receiver) -> None:
    customer, order_id, other = fresh_customer(), fresh_order(), fresh_order()
    await shop.register(receiver.url + "/order", order_id=order_id)
    await shop.register(receiver.url + "/customer", customer_id=customer)
    await shop.register(receiver.url + "/paid", event_types=["OrderPaid"])
    all_of_them = await shop.register(receiver.url + "/all")
    for version in (1, 2, 3):
        await shop.publish(an_event(order_id, version, customer))
        await shop.publish(an_event(other, version))
    await shop.settled(all_of_them["webhook_id"], 6)
    await until_async(lambda: len(receiver.received) >= 14)
    seen = sorted(
        (received.path.rpartition("/")[2], received.event["subject"] == order_id, version)
        for received in receiver.received
        if (version := received.event["data"]["version"])
    )
    assert seen == sorted(
        [("order", True, one) for one in (1, 2, 3)]
        + [("customer", True, one) for one in (1, 2, 3)]
        + [("paid", True, 3), ("paid", False, 3)]
        + [("all", mine, one) for mine in (True, False) for one in (1, 2, 3)]
    )


async def test_a_dead_letter_is_listed_with_its_attempts_and_redelivered_under_its_id(
    shop: Shop, receiver: Receiver
) -> None:
    order_id = fresh_order()
    receiver.statuses, receiver.body = [500] * 4, b"no \x00 luck \xff"
    registered = await shop.register(receiver.url, order_id=order_id)
    await shop.publish(an_event(order_id, 1))
    [dead] = await shop.settled(registered["webhook_id"], 1)
    assert (dead["status"], dead["attempts"]) == ("dead", 4)
    assert dead["last_error"].startswith("refused: 500 no")
    assert (await shop.get("/api/v1/webhooks/dead-letters"))["items"] == [dead]
    path = f"/api/v1/webhooks/{registered['webhook_id']}/deliveries/{dead['message_id']}"
    made = (await shop.get(path))["made"]
    assert [(one["number"], one["outcome"], one["http_status"]) for one in made] == [
        (number, "refused", 500) for number in (1, 2, 3, 4)
    ]
    again = f"/api/v1/webhooks/dead-letters/{dead['message_id']}/redelivery"
    answer = await shop.http.post(again)
    assert (answer.status_code, answer.json()["status"]) == (202, "pending")
    [delivered] = await shop.settled(registered["webhook_id"], 1)
    assert (delivered["status"], delivered["attempts"]) == ("delivered", 5)
    assert {received.headers["webhook-id"] for received in receiver.received} == {
        dead["message_id"]
    }
    assert (await shop.get("/api/v1/webhooks/dead-letters"))["items"] == []
    refused = await shop.http.post(again)
    assert (refused.status_code, refused.json()["code"]) == (409, "delivery-not-dead")


async def test_a_dead_letter_does_not_hold_up_what_follows(shop: Shop, receiver: Receiver) -> None:
    order_id = fresh_order()
    receiver.statuses = [400] * 4
    registered = await shop.register(receiver.url, order_id=order_id)
    for version in (1, 2):
        await shop.publish(an_event(order_id, version))
    found = await shop.settled(registered["webhook_id"], 2)
    assert [one["status"] for one in found] == ["dead", "delivered"]


async def test_a_receiver_that_is_down_is_reached_when_it_is_back(
    engines: Engines, receiver: Receiver
) -> None:
    late = Receiver()
    retries = RetryPolicy(pauses_s=(0.05,) * 100, jitter=0.0)
    config = config_for(engines, frozenset({late.port}), retries=retries)
    async with running_shop(config) as shop:
        registered = await shop.register(late.url)
        await shop.publish(an_event(fresh_order(), 1))
        tried = await eventually(lambda: tried_deliveries(shop, registered))
        assert tried[0]["last_error"].startswith("unreachable: ")
        async with late.listening():
            [delivered] = await shop.settled(registered["webhook_id"], 1)
    assert delivered["status"] == "delivered"
    assert len(late.received) == 1


async def test_410_disables_the_webhook_and_gives_up_what_waits(
    shop: Shop, receiver: Receiver
) -> None:
    order_id = fresh_order()
    receiver.statuses = [410]
    registered = await shop.register(receiver.url, order_id=order_id)
    path = f"/api/v1/webhooks/{registered['webhook_id']}"
    for version in (1, 2):
        await shop.publish(an_event(order_id, version))
    await until_async(lambda: receiver.received)

    async def disabled() -> dict[str, Any] | None:
        webhook = await shop.get(path)
        return webhook if webhook["status"] == "disabled" else None

    webhook = await eventually(disabled)
    assert webhook
    assert webhook["disabled_reason"] == "its receiver answered 410 Gone"
    found = await shop.settled(registered["webhook_id"], 1)
    assert {one["status"] for one in found} == {"dead"}
    await shop.publish(an_event(order_id, 3))
    await eventually(lambda: heard_of(shop, order_id, 3))
    other = await shop.register(receiver.url, order_id=order_id)
    await shop.publish(an_event(order_id, 4))
    await shop.settled(other["webhook_id"], 1)
    assert [received.event["data"]["version"] for received in receiver.received] == [1, 4]
    again = f"/api/v1/webhooks/dead-letters/{found[0]['message_id']}/redelivery"
    refused = await shop.http.post(again)
    assert (refused.status_code, refused.json()["code"]) == (409, "webhook-disabled")


async def test_a_slow_receiver_times_out_and_holds_up_only_itself(
    engines: Engines, receiver: Receiver
) -> None:
    slow = Receiver(statuses=[None] * 20)
    ports = frozenset({receiver.port, slow.port})
    config = config_for(
        engines, ports, attempt_timeout_s=0.2, most_deliveries=4, most_deliveries_per_webhook=2
    )
    async with slow.listening(), running_shop(config) as shop:
        stuck = await shop.register(slow.url)
        quick = await shop.register(receiver.url)
        for _ in range(5):
            await shop.publish(an_event(fresh_order(), 1))
        found = await shop.settled(quick["webhook_id"], 5)
        assert [one["status"] for one in found] == ["delivered"] * 5
        assert slow.most_at_once <= 2
        tried = await eventually(lambda: tried_deliveries(shop, stuck))
        errors = {one["last_error"] for one in tried}
        assert errors == {"timed-out: no whole answer in 0.2 s"}


async def test_a_redirect_is_not_followed_and_a_large_answer_is_not_read(
    shop: Shop, receiver: Receiver
) -> None:
    receiver.statuses, receiver.body = [302, 200], b"x" * 5_000_000
    receiver.extra_headers = b"Location: http://127.0.0.1:1/secrets\r\n"
    registered = await shop.register(receiver.url)
    await shop.publish(an_event(fresh_order(), 1))
    [delivery] = await shop.settled(registered["webhook_id"], 1)
    assert (delivery["status"], delivery["attempts"]) == ("delivered", 2)
    path = f"/api/v1/webhooks/{registered['webhook_id']}/deliveries/{delivery['message_id']}"
    first, second = (await shop.get(path))["made"]
    assert (first["outcome"], first["http_status"]) == ("refused", 302)
    assert second["detail"] == "x" * 300


async def test_a_name_that_changes_its_address_after_the_registration_is_not_followed(
    engines: Engines,
) -> None:
    """DNS rebinding: innocent at the registration, this machine at the delivery."""
    async with running_shop(config_for(engines, frozenset())) as shop:
        answers = [["93.184.215.14"], ["127.0.0.1"]]

        async def resolve(host: str) -> list[str]:
            return answers.pop(0) if len(answers) > 1 else answers[0]

        for guard in (shop.service._sender._guard, shop.service._notifications._guard):
            assert isinstance(guard, AddressGuard)
            guard._resolve = resolve
        registered = await shop.register("http://innocent.example:8080/hooks")
        await shop.publish(an_event(fresh_order(), 1))
        [delivery] = await shop.settled(registered["webhook_id"], 1)
    assert delivery["status"] == "dead"
    assert delivery["last_error"].startswith("address-forbidden: ")
    assert "127.0.0.1 is this machine" in delivery["last_error"]
