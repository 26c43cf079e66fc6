"""What /metrics of a stand shows after calls over every protocol, and that it is bounded."""

import json
import re
from collections.abc import AsyncIterator, Mapping
from typing import Any

import aio_pika
import grpc
import httpx
import pytest
import pytest_asyncio
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from stend.runtime.addresses import addresses_of
from stend.runtime.calling import OrdersClients
from stend.runtime.rows import SERVICES
from stend.runtime.settings import parse
from stend.runtime.system import RandomIds
from stend.shop.notifications.api.websocket.translate import SUBPROTOCOL as NOTIFICATIONS_V1
from stend.shop.orders.api.protocols import Protocol
from stend.shop.orders.api.reply import OrdersClient
from stend.shop.orders.api.websocket.translate import SUBPROTOCOL as ORDERS_V1
from stend.shop.orders.usecases import GetOrder
from tests.conftest import LiveStand
from tests.shop.orders.examples import a_request
from tests.waiting import until_answered

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]
_HOSTILE = "DropEverything"
_CALLING = tuple(one for one in Protocol if one not in {Protocol.SSE, Protocol.WEBHOOK})
_FAMILIES = {
    "shop_requests": ("counter", {"service", "protocol", "operation", "code"}),
    "shop_request_duration_seconds": ("histogram", {"service", "protocol", "operation"}),
    "shop_client_calls": ("counter", {"service", "peer", "operation", "code"}),
    "shop_saga_duration_seconds": ("histogram", {"outcome"}),
    "shop_saga_steps": ("counter", {"step", "outcome"}),
    "shop_sagas_open": ("gauge", {"step"}),
    "shop_saga_step_age_seconds": ("gauge", {"step"}),
    "shop_order_value_minor_units": ("counter", {"outcome", "currency"}),
    "shop_order_to_door_seconds": ("histogram", set()),
    "shop_outbox_published": ("counter", {"service", "target", "type"}),
    "shop_outbox_unpublished_rows": ("gauge", {"service", "target"}),
    "shop_outbox_lag_seconds": ("gauge", {"service", "target"}),
    "shop_inbox_messages": ("counter", {"service", "outcome"}),
    "shop_queue_messages": ("gauge", {"queue"}),
    "shop_queue_unacked_messages": ("gauge", {"queue"}),
    "shop_queue_consumed": ("counter", {"queue", "outcome"}),
    "shop_messages_published": ("counter", {"broker"}),
    "shop_consumer_records": ("counter", {"group", "topic"}),
    "shop_consumer_lag_records": ("gauge", {"group", "topic", "partition"}),
    "shop_mongodb_command_duration_seconds": ("histogram", {"service", "command", "outcome"}),
    "stend_engine_ready": ("gauge", {"engine"}),
    "stend_service_ready": ("gauge", {"service"}),
}
# What the parser adds to a histogram.
_BOUND = {"le"}
_ID = re.compile(r"[0-9A-HJKMNP-TV-Z]{20,}")
# Many times what a stand has, and far less than a scrape would suffer from.
_SERIES = 5000


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def clients(live_stand: LiveStand) -> AsyncIterator[Mapping[str, OrdersClient]]:
    settings = parse({"stand.port_base": live_stand.port_base}, {}, {})
    opened = OrdersClients(addresses_of(settings), RandomIds())
    yield opened
    await opened.close()


async def families_of(url: str) -> dict[str, Metric]:
    async with httpx.AsyncClient(trust_env=False) as http:
        answer = await http.get(f"{url}/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    return {family.name: family for family in text_string_to_metric_families(answer.text)}


def values_of(family: Metric, label: str) -> set[str]:
    return {one[label] for one in labels_of(family)}


def labels_of(family: Metric) -> list[dict[str, str]]:
    return [sample.labels for sample in family.samples]


async def test_every_protocol_counts_its_operations(
    live_stand: LiveStand, clients: Mapping[str, OrdersClient]
) -> None:
    for protocol in _CALLING:
        placed = await clients[protocol].place_order(a_request())
        await clients[protocol].get_order(GetOrder(placed.value.order.order_id))
    families = await families_of(live_stand.url)
    counted = {
        (one["protocol"], one["operation"])
        for one in labels_of(families["shop_requests"])
        if (one["service"], one["code"]) == ("orders", "ok")
    }
    timed = {
        (one["protocol"], one["operation"])
        for one in labels_of(families["shop_request_duration_seconds"])
        if one["service"] == "orders"
    }
    wanted = {(one, operation) for one in _CALLING for operation in ("PlaceOrder", "GetOrder")}
    assert wanted <= counted
    assert wanted <= timed


async def test_the_outbox_the_queues_and_the_groups_are_measured(live_stand: LiveStand) -> None:
    async def measured() -> bool:
        families = await families_of(live_stand.url)
        targets = {one["target"] for one in labels_of(families["shop_outbox_lag_seconds"])}
        queues = {one["queue"] for one in labels_of(families["shop_queue_messages"])}
        groups = {one["group"] for one in labels_of(families["shop_consumer_lag_records"])}
        unacked = {one["queue"] for one in labels_of(families["shop_queue_unacked_messages"])}
        return (
            {"orders.commands", "stock.commands", "notifications.orders"} <= unacked
            and {"orders", "analytics"} <= values_of(families["shop_consumer_records"], "group")
            and values_of(families["shop_messages_published"], "broker") == {"kafka", "rabbitmq"}
            and values_of(families["shop_queue_consumed"], "outcome") == {"ack", "reject"}
            and "OrderPlaced" in values_of(families["shop_outbox_published"], "type")
            and targets == {"kafka", "rabbitmq"}
            and {"orders.commands", "stock.commands", "notifications.orders"} <= queues
            and {"orders", "analytics"} <= groups
        )

    await until_answered(measured)


async def test_each_family_has_its_type_its_labels_and_a_help(live_stand: LiveStand) -> None:
    families = await families_of(live_stand.url)
    for name, (kind, labels) in _FAMILIES.items():
        family = families[name]
        assert (family.type, family.documentation[-1:]) == (kind, ".")
        assert all(set(one) - _BOUND == labels for one in labels_of(family))
    services = {one["service"] for one in labels_of(families["shop_requests"])}
    assert services <= set(SERVICES)
    assert values_of(families["stend_service_ready"], "service") == set(SERVICES)


async def test_a_stand_tells_that_its_engines_and_services_are_ready(
    live_stand: LiveStand,
) -> None:
    async def are_ready() -> bool:
        families = await families_of(live_stand.url)
        ready = (*families["stend_engine_ready"].samples, *families["stend_service_ready"].samples)
        return {sample.value for sample in ready} == {1.0}

    # On a busy machine one of them may be late with an answer.
    await until_answered(are_ready)


async def test_nobody_can_make_series_of_his_own(live_stand: LiveStand) -> None:
    await _call_what_is_not_there(live_stand)
    families = await families_of(live_stand.url)
    values = {
        value for one in families.values() for labels in labels_of(one) for value in labels.values()
    }
    assert not [value for value in values if _HOSTILE in value or _ID.search(value)]
    assert sum(len(one.samples) for one in families.values()) < _SERIES


async def _call_what_is_not_there(stand: LiveStand) -> None:
    async with httpx.AsyncClient(base_url=stand.url, trust_env=False) as http:
        await http.get(f"/api/v1/orders/{_HOSTILE}")
        await http.request(_HOSTILE, "/api/v1/orders")
        await http.get(f"/api/v1/analytics/marts/{_HOSTILE}")
        await http.get(f"/api/v1/catalog/{_HOSTILE}")
        for path in ("/rpc/orders", "/rpc/loyalty", "/mcp"):
            call = {"jsonrpc": "2.0", "id": 1, "method": _HOSTILE, "params": {"name": _HOSTILE}}
            await http.post(path, json=call)
        for path in ("/graphql", "/graphql/catalog"):
            query = f"query {_HOSTILE} {{ {_HOSTILE} }}"
            await http.post(path, json={"query": query, "operationName": _HOSTILE})
        envelope = (
            '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
            f'<{_HOSTILE} xmlns="urn:lavka:bank:v1"/></s:Body></s:Envelope>'
        )
        for path in ("/soap/orders", "/soap/bank"):
            headers = {"Content-Type": "text/xml", "SOAPAction": _HOSTILE}
            await http.post(path, content=envelope, headers=headers)
    await _call_over_the_others(stand)


async def _call_over_the_others(stand: LiveStand) -> None:
    await _call_over_websocket(stand)
    await _call_over_grpc(stand)
    await _call_over_amqp(stand)


async def _call_over_websocket(stand: LiveStand) -> None:
    for path, subprotocol in (("/ws/orders", ORDERS_V1), ("/ws/notifications", NOTIFICATIONS_V1)):
        url = stand.url.replace("http", "ws") + path
        async with connect(url, subprotocols=[Subprotocol(subprotocol)], proxy=None) as socket:
            await socket.send(json.dumps({"id": "1", "type": _HOSTILE, "params": {}}))
            assert "error" in str(await socket.recv())


async def _call_over_grpc(stand: LiveStand) -> None:
    services = ((1, "lavka.orders.v1.Orders"), (2, "lavka.delivery.v1.Deliveries"))
    for port, service in services:
        target = f"127.0.0.1:{stand.port_base + port}"
        async with grpc.aio.insecure_channel(target) as channel:
            call: Any = channel.unary_unary(f"/{service}/{_HOSTILE}")
            with pytest.raises(grpc.aio.AioRpcError, match="UNIMPLEMENTED"):
                await call(b"")


async def _call_over_amqp(stand: LiveStand) -> None:
    url = f"amqp://lavka:lavka@127.0.0.1:{stand.port_base + 14}/"
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        replies = await channel.declare_queue(exclusive=True)
        for queue in ("orders.commands", "stock.commands"):
            command = aio_pika.Message(
                b"{}",
                type=_HOSTILE,
                message_id=_HOSTILE,
                correlation_id=_HOSTILE,
                reply_to=replies.name,
                content_type="application/json",
            )
            await channel.default_exchange.publish(command, queue)

        async def both_have_answered() -> bool:
            seen = await channel.declare_queue(replies.name, passive=True)
            return (seen.declaration_result.message_count or 0) >= 2

        await until_answered(both_have_answered)
