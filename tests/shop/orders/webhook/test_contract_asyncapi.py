"""The receiver's contract: the mirror of what `notifications` sends."""

import json
from pathlib import Path

from stend.shop.orders import api
from stend.shop.orders.api.webhook.client import WebhookClient
from stend.shop.orders.domain import OrderEventType, OrderStatus
from stend.shop.orders.usecases import TrackOrder
from tests.shop.asyncapi_contract import check_document, check_payload, read_contract
from tests.shop.notifications.events import an_event, fresh_order
from tests.shop.notifications.running import Shop

CONTRACT = read_contract(Path(api.__path__[0]) / "webhook" / "contract" / "asyncapi.yaml")


def test_the_contract_is_a_valid_document() -> None:
    check_document(CONTRACT)


def test_enumerations_are_those_of_the_domain() -> None:
    event = CONTRACT["components"]["schemas"]["OrderEvent"]["properties"]
    assert event["type"]["enum"] == [*OrderEventType]
    assert event["status"]["enum"] == [*OrderStatus]


async def test_what_arrives_is_as_the_contract_says(shop: Shop, client: WebhookClient) -> None:
    order_id = fresh_order()
    for version in range(1, 7):
        await shop.publish(an_event(order_id, version))
    replies = [reply async for reply in client.track_order(TrackOrder(order_id))]
    assert len(replies) == 6
    for reply in replies:
        check_payload(CONTRACT, "OrderCloudEvent", json.loads(reply.body))
