"""The five operations over RabbitMQ, and what no client sends."""

import asyncio
import json
from typing import Any

import aio_pika
import pytest

from stend.chassis.amqp import AmqpMessage
from stend.chassis.amqp_calls import AmqpCaller
from stend.engines.amqp.launcher import AmqpLauncher
from stend.kit.errors import EdgeErrorCode
from stend.runtime.system import RandomIds
from stend.shop.orders.api.amqp.client import AmqpClient
from stend.shop.orders.api.messages import dump, input_to_json
from stend.shop.orders.usecases import CancelOrder, GetOrder, TrackOrder
from tests.engines.amqp.running import config_in, url_of
from tests.engines.servers import ready
from tests.fakes.orders import MemoryShop, memory_shop
from tests.folders import open_folder
from tests.shop.gates import READER, ReadersOnly
from tests.shop.orders.amqp.conftest import LIMITS, server_of
from tests.shop.orders.commands_suite import CommandSuite, check_gate
from tests.shop.orders.examples import UNKNOWN_ORDER, a_request, fresh_ulid
from tests.waiting import until_async

_QUEUE = "orders.commands"


class TestAmqp(CommandSuite):
    """The suite, over RabbitMQ."""


def a_message(body: bytes, **changes: Any) -> AmqpMessage:
    properties: dict[str, Any] = {"type": "GetOrder", "message_id": fresh_ulid()}
    return AmqpMessage(body, **(properties | changes))


def get_order(order_id: str = UNKNOWN_ORDER) -> bytes:
    return dump(input_to_json(GetOrder(order_id)))


async def dead_letter(channel: aio_pika.abc.AbstractChannel) -> Any:
    dead = await channel.get_queue("orders.commands.dead")
    async with dead.iterator(timeout=5) as letters:
        async for letter in letters:
            await letter.ack()
            return letter
    raise AssertionError("no dead letter came")


async def test_a_reply_carries_type_correlation_and_that_it_is_the_last(
    client: AmqpClient,
) -> None:
    reply = await client.get_order(GetOrder(UNKNOWN_ORDER))
    told = dict(reply.headers)
    assert (told["type"], told["content_type"], told["last"]) == (
        "GetOrderReply",
        "application/json",
        "true",
    )
    assert (reply.status, json.loads(reply.body)["error"]["retry"]) == ("refused", "never")


BROKEN = [
    (a_message(b"{"), EdgeErrorCode.MALFORMED_MESSAGE),
    (a_message(b"\xff"), EdgeErrorCode.MALFORMED_MESSAGE),
    (a_message(b"[]"), EdgeErrorCode.INVALID_ARGUMENT),
    (a_message(b'{"more": 1}', type="ListOrders"), EdgeErrorCode.INVALID_ARGUMENT),
    (a_message(b"{", type="TrackOrder"), EdgeErrorCode.MALFORMED_MESSAGE),
    (a_message(b"{}", type="SellOrder"), EdgeErrorCode.NO_SUCH_OPERATION),
    (a_message(b"{}", type=None), EdgeErrorCode.NO_SUCH_OPERATION),
    (a_message(b"<x/>", content_type="text/xml"), EdgeErrorCode.UNSUPPORTED_MEDIA_TYPE),
    (a_message(b" " * 65_537), EdgeErrorCode.MESSAGE_TOO_LARGE),
]


@pytest.mark.parametrize(("message", "code"), BROKEN)
async def test_what_cannot_be_read_is_answered_and_dead_lettered(
    caller: AmqpCaller,
    channel: aio_pika.abc.AbstractChannel,
    message: AmqpMessage,
    code: EdgeErrorCode,
) -> None:
    reply = await caller.call(_QUEUE, message, 5)
    body = json.loads(reply.body)
    assert (body["ok"], body["error"]["code"], body["error"]["retry"]) == (False, code, "never")
    assert (await dead_letter(channel)).body == message.body


async def test_a_command_without_a_return_address_is_dead_lettered_and_not_performed(
    shop: MemoryShop, channel: aio_pika.abc.AbstractChannel
) -> None:
    request = a_request()
    message = aio_pika.Message(dump(input_to_json(request)), type="PlaceOrder")
    await channel.default_exchange.publish(message, _QUEUE)
    assert (await dead_letter(channel)).type == "PlaceOrder"
    assert shop.store.orders == {}


async def test_a_message_that_is_delivered_twice_places_one_order(
    caller: AmqpCaller, shop: MemoryShop
) -> None:
    message = a_message(dump(input_to_json(a_request())), type="PlaceOrder")
    first, second = [json.loads((await caller.call(_QUEUE, message, 5)).body) for _ in range(2)]
    assert first["result"]["order"] == second["result"]["order"]
    assert (first["result"]["replayed"], second["result"]["replayed"]) == (False, True)
    assert len(shop.store.orders) == 1


async def test_more_streams_than_there_are_places_are_refused_and_orders_still_answered(
    client: AmqpClient,
) -> None:
    order = (await client.place_order(a_request())).value.order
    track = TrackOrder(order.order_id)
    streams = [client.track_order(track) for _ in range(LIMITS.streams)]
    await asyncio.gather(*(anext(stream) for stream in streams))
    refused = await anext(client.track_order(track))
    assert refused.error is not None
    assert refused.error.code == EdgeErrorCode.OVERLOADED
    assert (await client.get_order(GetOrder(order.order_id))).value == order
    await client.cancel_order(CancelOrder(order.order_id))
    for stream in streams:
        assert [reply.value.version async for reply in stream] == [2]


async def test_who_has_gone_is_not_followed_for_long(client: AmqpClient, shop: MemoryShop) -> None:
    order = (await client.place_order(a_request())).value.order
    stream = client.track_order(TrackOrder(order.order_id))
    await anext(stream)
    await client.close()
    await until_async(lambda: shop.feed.subscribers == 0)
    await stream.aclose()


async def test_a_command_that_expired_in_the_queue_is_never_performed(broker_url: str) -> None:
    shop = memory_shop()
    server = server_of(shop, broker_url)
    server.start()
    await server.ping()
    await server.stop()
    message = aio_pika.Message(
        dump(input_to_json(a_request())), type="PlaceOrder", reply_to="me", expiration=0.001
    )
    async with await aio_pika.connect(broker_url) as connection:
        channel = await connection.channel()
        await (await channel.get_queue("orders.commands.dead")).purge()
        await channel.default_exchange.publish(message, _QUEUE)
        letter = await dead_letter(channel)
    assert letter.headers["x-death"][0]["reason"] == "expired"
    assert shop.store.orders == {}


async def test_the_header_authorization_is_what_the_gate_asks_for(broker_url: str) -> None:
    shop = memory_shop()
    server = server_of(shop, broker_url, ReadersOnly())
    reader = AmqpClient(broker_url, RandomIds(), READER)
    stranger = AmqpClient(broker_url, RandomIds())
    server.start()
    await server.ping()
    await check_gate(reader, stranger, shop)
    await asyncio.gather(reader.close(), stranger.close(), server.stop())


async def test_a_broker_that_goes_and_comes_back_is_served_again() -> None:
    with open_folder() as folder:
        config = config_in(folder)
        shop = memory_shop()
        server = server_of(shop, url_of(config))
        client = AmqpClient(url_of(config), RandomIds())
        server.start()
        away = await client.get_order(GetOrder(UNKNOWN_ORDER))
        assert (away.status, away.error and away.error.code) == (
            "no reply",
            EdgeErrorCode.UNAVAILABLE,
        )
        for _ in range(2):
            broker = AmqpLauncher(config)
            await asyncio.to_thread(broker.launch)
            await asyncio.to_thread(ready, broker)
            request = a_request()
            while (reply := await client.place_order(request)).error:
                assert reply.error.code == EdgeErrorCode.UNAVAILABLE
            await asyncio.to_thread(broker.stop)
        assert len(shop.store.orders) == 2
        async with asyncio.timeout(4):
            await asyncio.gather(server.stop(), client.close())
