"""Messages that no client sends, workers that die, a broker and a database that go away."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import aio_pika
import psycopg
import pytest
import pytest_asyncio

from stend.chassis.amqp import AmqpLink, AmqpMessage, AmqpPublisher, declare
from stend.chassis.amqp_calls import AmqpCaller
from stend.engines.amqp.launcher import AmqpConfig, AmqpLauncher
from stend.kit.errors import EdgeErrorCode, StendError
from stend.shop.stock.api.amqp.client import StockClient
from stend.shop.stock.api.amqp.server import COMMANDS
from stend.shop.stock.api.amqp.translate import command_to_json, dump
from stend.shop.stock.usecases import GetStock
from tests.engines.amqp.running import config_in, url_of
from tests.engines.servers import ready
from tests.folders import open_folder
from tests.shop.gates import READER, ReadersOnly
from tests.shop.stock.conftest import Warehouse, service_on
from tests.shop.stock.examples import SystemIds, a_reservation, fresh_id, refusal

_DEAD = "stock.commands.dead"


@pytest_asyncio.fixture
async def broker(stock_broker: AmqpConfig) -> AsyncIterator[aio_pika.abc.AbstractChannel]:
    """A channel of a stock client, beside the chassis; no dead letters of other tests."""
    async with await aio_pika.connect(url_of(stock_broker)) as connection:
        channel = await connection.channel()
        await declare(channel, COMMANDS)
        await (await channel.get_queue(_DEAD)).purge()
        yield channel


async def dead_letter(broker: aio_pika.abc.AbstractChannel) -> Any:
    dead = await broker.get_queue(_DEAD)

    async with dead.iterator(timeout=5) as letters:
        async for letter in letters:
            await letter.ack()
            return letter
    raise AssertionError("no dead letter came")


def a_message(body: bytes, **changes: Any) -> AmqpMessage:
    properties: dict[str, Any] = {"type": "GetStock", "message_id": fresh_id("msg_")}
    return AmqpMessage(body, **(properties | changes))


BROKEN = [
    (a_message(b"{"), EdgeErrorCode.MALFORMED_MESSAGE),
    (a_message(b"\xff\xfe"), EdgeErrorCode.MALFORMED_MESSAGE),
    (a_message(b"[]"), EdgeErrorCode.INVALID_ARGUMENT),
    (a_message(b'{"skus": ["MILK-001"], "more": 1}'), EdgeErrorCode.INVALID_ARGUMENT),
    (a_message(b"{}", type="SellStock"), EdgeErrorCode.NO_SUCH_OPERATION),
    (a_message(b"{}", type=None), EdgeErrorCode.NO_SUCH_OPERATION),
    (a_message(b"<x/>", content_type="text/xml"), EdgeErrorCode.UNSUPPORTED_MEDIA_TYPE),
    (a_message(b" " * 65_537), EdgeErrorCode.MESSAGE_TOO_LARGE),
    (
        a_message(b'{"reservation_id": "a"}', type="CommitStock", message_id="x" * 200),
        EdgeErrorCode.INVALID_ARGUMENT,
    ),
    (
        a_message(b'{"reservation_id": "a"}', type="CommitStock", message_id="a\0b"),
        EdgeErrorCode.INVALID_ARGUMENT,
    ),
]


@pytest.mark.parametrize(("message", "code"), BROKEN)
async def test_what_cannot_be_read_is_answered_and_dead_lettered(
    warehouse: Warehouse,
    broker: aio_pika.abc.AbstractChannel,
    message: AmqpMessage,
    code: EdgeErrorCode,
) -> None:
    caller = AmqpCaller(warehouse.link)
    await caller.open(warehouse.link)
    reply = await caller.call("stock.commands", message, 5)
    body = json.loads(reply.body)
    assert (body["ok"], body["error"]["code"], body["error"]["retry"]) == (False, code, "never")
    assert reply.type == f"{message.type or ''}Reply"
    letter = await dead_letter(broker)
    assert (letter.body, letter.type) == (message.body, message.type)


async def test_a_command_without_a_return_address_is_dead_lettered_and_not_performed(
    warehouse: Warehouse,
    broker: aio_pika.abc.AbstractChannel,
    database: psycopg.Connection[tuple[object, ...]],
) -> None:
    command = a_reservation()
    message = a_message(dump(command_to_json(command)), type="ReserveStock")
    await warehouse.publisher.publish(message, "stock.commands", deadline_s=5)
    assert (await dead_letter(broker)).message_id == message.message_id
    made = "SELECT count(*) FROM stock.reservations WHERE reservation_id = %s"
    assert database.execute(made, [command.reservation_id]).fetchone() == (0,)


async def test_an_expired_command_is_never_performed(
    stock_database: str, stock_broker: AmqpConfig, broker: aio_pika.abc.AbstractChannel
) -> None:
    service = service_on(stock_database, stock_broker)
    await service.start()
    await service.ping()
    await service.stop()
    message = a_message(b"{}", reply_to="somewhere", expiration_s=0.001)
    link = AmqpLink(url_of(stock_broker), "tests")
    publisher = AmqpPublisher(link)
    link.start()
    await publisher.publish(message, "stock.commands", mandatory=True, deadline_s=5)
    letter = await dead_letter(broker)
    assert letter.headers["x-death"][0]["reason"] == "expired"
    await link.stop()


async def test_a_worker_that_dies_before_its_acknowledgement_has_one_effect(
    warehouse: Warehouse, stock_database: str, stock_broker: AmqpConfig
) -> None:
    """The second worker gets the message again and repeats the reply of the first."""
    command, message_id = a_reservation(), fresh_id("msg_")
    first = await warehouse.client.call(command, message_id)
    # As if the first worker had died after its commit: the same message once more, redelivered.
    await warehouse.service.stop()
    waiting = asyncio.create_task(warehouse.client.call(command, message_id))
    second = service_on(stock_database, stock_broker)
    await second.start()
    assert await waiting == first
    assert await second.imbalances() == []
    await second.stop()


async def test_a_broker_that_goes_and_comes_back_is_served_again(stock_database: str) -> None:
    with open_folder() as folder:
        config = config_in(folder)
        broker = AmqpLauncher(config)
        service = service_on(stock_database, config)
        link = AmqpLink(url_of(config), "tests")
        client = StockClient(link, SystemIds())
        # The service starts without a broker and says that it cannot work.
        await service.start()
        link.start()
        assert (await refusal(service.ping())).code is EdgeErrorCode.UNAVAILABLE
        for _ in range(2):
            await asyncio.to_thread(broker.launch)
            await asyncio.to_thread(ready, broker)
            await link.ready(10)
            assert (await _made(client))["status"] == "reserved"
            await asyncio.to_thread(broker.stop)
            error = await refusal(client.call(a_reservation(), deadline_s=0.3))
            assert error.code is EdgeErrorCode.UNAVAILABLE
            broker = AmqpLauncher(config)
        async with asyncio.timeout(4):
            await asyncio.gather(service.stop(), link.stop())


async def _made(client: StockClient) -> Any:
    """As a saga does it: the same command, until somebody answers."""
    command, message_id = a_reservation(), fresh_id("msg_")
    while True:
        try:
            return await client.call(command, message_id)
        except StendError as error:
            if error.code is not EdgeErrorCode.UNAVAILABLE:
                raise


async def test_the_header_authorization_is_what_the_gate_asks_for(
    stock_database: str, stock_broker: AmqpConfig
) -> None:
    service = service_on(stock_database, stock_broker, ReadersOnly())
    link = AmqpLink(url_of(stock_broker), "tests")
    reader, stranger = StockClient(link, SystemIds(), READER), StockClient(link, SystemIds())
    await service.start()
    link.start()
    await service.ping()
    levels = GetStock(("MILK-001",))
    assert (await reader.call(levels))["quantities"]
    assert (await refusal(stranger.call(levels))).code is EdgeErrorCode.UNAUTHENTICATED
    assert (await refusal(reader.call(a_reservation()))).code is EdgeErrorCode.FORBIDDEN
    await asyncio.gather(link.stop(), service.stop())


async def test_a_database_that_is_away_is_told_and_the_command_may_be_repeated(
    warehouse: Warehouse, stock_database: str
) -> None:
    command, message_id = a_reservation(), fresh_id("msg_")
    with psycopg.connect(stock_database, autocommit=True) as other:
        end = (
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE application_name = 'stock'"
        )
        assert (other.execute(end).fetchone() or (0,))[0]
    # Dead connections of the pool are found before they are used.
    assert (await warehouse.client.call(command, message_id))["status"] == "reserved"


async def test_a_service_without_a_database_does_not_start_and_is_stopped(
    stock_broker: AmqpConfig,
) -> None:
    service = service_on("postgresql://stock:stock@127.0.0.1:1/lavka", stock_broker)
    with pytest.raises(Exception, match="refused"):
        await service.start()
    await service.stop()
