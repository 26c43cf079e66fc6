"""A customer sees his own webhooks and notifications only; who acts for anybody sees all."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from stend.chassis.access import Caller
from tests.shop.notifications.events import an_event, fresh_customer, fresh_order, fresh_ulid
from tests.shop.notifications.running import (
    Engines,
    Receiver,
    Shop,
    config_for,
    eventually,
    running_shop,
)

pytestmark = pytest.mark.slow
WEBHOOKS = "/api/v1/webhooks"


class BySubject:
    """The token is the subject, and may do anything."""

    def allow(self, scope: str, credential: str | None) -> Caller:
        return Caller((credential or "").removeprefix("Bearer ") or "demo", frozenset({scope}))


@pytest_asyncio.fixture
async def guarded(engines: Engines, receiver: Receiver) -> AsyncIterator[Shop]:
    config = config_for(engines, frozenset({receiver.port}))
    async with running_shop(config, access=BySubject()) as running:
        yield running


class Person:
    def __init__(self, shop: Shop, subject: str) -> None:
        self.subject = subject
        self.headers = {"Authorization": f"Bearer {subject}"}
        self._http = shop.http

    async def ask(self, path: str, method: str = "GET", **more: Any) -> httpx.Response:
        headers = {**self.headers, **more.pop("headers", {})}
        return await self._http.request(method, path, headers=headers, **more)

    async def items(self, path: str) -> list[dict[str, Any]]:
        answer = await self.ask(path)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["items"]
        return found

    async def register(self, url: str, key: str | None = None, **more: Any) -> httpx.Response:
        headers = {"Idempotency-Key": key} if key else {}
        return await self.ask(WEBHOOKS, "POST", json={"url": url, **more}, headers=headers)


@pytest.fixture
def anna(guarded: Shop) -> Person:
    return Person(guarded, fresh_customer())


@pytest.fixture
def ivan(guarded: Shop) -> Person:
    return Person(guarded, fresh_customer())


@pytest.fixture
def partner(guarded: Shop) -> Person:
    return Person(guarded, "partner-1")


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def heard_of(shop: Shop, order_id: str, customer_id: str) -> None:
    await shop.publish(an_event(order_id, 1, customer_id))
    path = f"/api/v1/notifications?order_id={order_id}"

    async def look() -> bool:
        return bool((await shop.get(path))["items"])

    await eventually(look)


async def test_a_webhook_is_there_for_its_owner_and_for_who_acts_for_anybody(
    anna: Person, ivan: Person, partner: Person, receiver: Receiver
) -> None:
    registered = (await anna.register(receiver.url)).json()
    path = f"{WEBHOOKS}/{registered['webhook_id']}"
    for person in (anna, partner):
        assert (await person.ask(path)).json()["customer_id"] == anna.subject
        assert [one["webhook_id"] for one in await person.items(WEBHOOKS)] == (
            [registered["webhook_id"]]
        )
    assert await ivan.items(WEBHOOKS) == []
    for method, below in (("GET", ""), ("DELETE", ""), ("GET", "/deliveries")):
        answer = await ivan.ask(path + below, method)
        assert code(answer) == (404, "webhook-not-found")
    assert (await anna.ask(path, "DELETE")).status_code == 204


async def test_a_partners_webhook_about_a_customer_is_none_of_the_customers(
    anna: Person, partner: Person, receiver: Receiver
) -> None:
    registered = await partner.register(receiver.url, customer_id=anna.subject)
    path = f"{WEBHOOKS}/{registered.json()['webhook_id']}"
    assert code(await anna.ask(path)) == (404, "webhook-not-found")


async def test_nobody_registers_a_webhook_about_another_customer(
    guarded: Shop, anna: Person, ivan: Person, receiver: Receiver
) -> None:
    order_id = fresh_order()
    await heard_of(guarded, order_id, anna.subject)
    assert code(await ivan.register(receiver.url, customer_id=anna.subject)) == (403, "forbidden")
    past = await ivan.register(receiver.url, order_id=order_id, replay=True)
    assert code(past) == (404, "order-not-found")
    assert await ivan.items(WEBHOOKS) == []


async def test_a_webhook_of_another_order_is_sent_nothing(
    guarded: Shop, anna: Person, ivan: Person, receiver: Receiver
) -> None:
    order_id = fresh_order()
    watching = (await ivan.register(receiver.url, order_id=order_id)).json()
    own = (await anna.register(receiver.url, order_id=order_id)).json()
    await guarded.publish(an_event(order_id, 1, anna.subject))
    await guarded.settled(own["webhook_id"], 1)
    assert await guarded.deliveries(watching["webhook_id"]) == []


async def test_a_key_gives_nobody_the_webhook_of_another(
    anna: Person, ivan: Person, receiver: Receiver
) -> None:
    key, order_id = fresh_ulid(), fresh_order()
    registered = await anna.register(receiver.url, key, order_id=order_id)
    assert (await anna.register(receiver.url, key, order_id=order_id)).json()["secret"] == (
        registered.json()["secret"]
    )
    again = await ivan.register(receiver.url, key, order_id=order_id)
    assert again.json()["code"] == "idempotency-key-reused"
    assert "secret" not in again.json()


async def test_deliveries_and_dead_letters_belong_to_the_owner_of_the_webhook(
    guarded: Shop, anna: Person, ivan: Person, receiver: Receiver
) -> None:
    receiver.statuses = [500] * 20
    registered = (await anna.register(receiver.url)).json()
    await guarded.publish(an_event(fresh_order(), 1, anna.subject))
    [dead] = await guarded.settled(registered["webhook_id"], 1)
    letters = f"{WEBHOOKS}/dead-letters"
    assert [one["message_id"] for one in await anna.items(letters)] == [dead["message_id"]]
    assert await ivan.items(letters) == []
    report = f"{WEBHOOKS}/{registered['webhook_id']}/deliveries/{dead['message_id']}"
    again = f"{letters}/{dead['message_id']}/redelivery"
    for method, path in (("GET", report), ("POST", again)):
        assert code(await ivan.ask(path, method)) == (404, "delivery-not-found")
    assert (await anna.ask(report)).status_code == 200
    assert (await anna.ask(again, "POST")).status_code == 202


async def test_notifications_are_read_by_whose_they_are(
    guarded: Shop, anna: Person, ivan: Person, partner: Person
) -> None:
    order_id = fresh_order()
    await heard_of(guarded, order_id, anna.subject)
    by_order = f"/api/v1/notifications?order_id={order_id}"
    by_customer = f"/api/v1/notifications?customer_id={anna.subject}"
    for person in (anna, partner):
        assert len(await person.items(by_order)) == len(await person.items(by_customer)) == 1
    # As of an order that nobody has heard of.
    assert await ivan.items(by_order) == []
    assert code(await ivan.ask(by_customer)) == (403, "forbidden")
    stream = f"/api/v1/notifications/stream?customer_id={anna.subject}"
    assert code(await ivan.ask(stream)) == (403, "forbidden")


async def test_a_socket_follows_what_is_the_customers_own(
    guarded: Shop, anna: Person, ivan: Person
) -> None:
    others, own = fresh_order(), fresh_order()
    await heard_of(guarded, others, anna.subject)
    await heard_of(guarded, own, ivan.subject)
    socket = connect(
        f"ws://{guarded.address}/ws/notifications",
        subprotocols=[Subprotocol("lavka.notifications.v1")],
        additional_headers=ivan.headers,
        proxy=None,
    )
    async with socket as connection, asyncio.timeout(10):
        for frame_id, target in (
            ("1", {"customer_id": anna.subject}),
            ("2", {"order_id": others}),
            ("3", {"order_id": own}),
        ):
            wanted = {"id": frame_id, "type": "FollowNotifications", "params": target}
            await connection.send(json.dumps(wanted))
        frames: list[dict[str, Any]] = []
        while not any(one["id"] == "3" and "error" not in one for one in frames):
            frames.append(json.loads(await connection.recv()))
    refused = [one for one in frames if "error" in one]
    assert [(one["id"], one["error"]["code"]) for one in refused] == [("1", "forbidden")]
    assert others not in json.dumps(frames)
