"""FastStream, which the services of the shop are written with."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from faststream.rabbit import (
    ExchangeType,
    QueueType,
    RabbitBroker,
    RabbitExchange,
    RabbitMessage,
    RabbitQueue,
)
from faststream.rabbit.schemas.queue import ClassicQueueArgs
from pydantic import BaseModel

from tests.engines.suite.checks import check
from tests.waiting import until_async

_TIMEOUT_S = 20


class OrderPlaced(BaseModel):
    order_id: str
    total_minor: int


@pytest.fixture
async def broker(url: str) -> AsyncIterator[RabbitBroker]:
    """Not started yet: subscribers come first."""
    broker = RabbitBroker(url, logger=None)
    yield broker
    await broker.stop()


@check(
    ru="FastStream: подписчик получает модель, ответ уходит следующему через topic",
    en="FastStream: a subscriber gets a model, its answer goes on through a topic exchange",
)
async def test_chain(broker: RabbitBroker, name: str) -> None:
    events = RabbitExchange(name, type=ExchangeType.TOPIC, auto_delete=True)
    billed: list[str] = []
    bills = broker.publisher(exchange=events, routing_key="bill.made")

    @bills
    @broker.subscriber(
        RabbitQueue(f"{name}.bill", routing_key="order.*", auto_delete=True), exchange=events
    )
    async def make_bill(order: OrderPlaced) -> str:
        return f"{order.order_id}: {order.total_minor}"

    @broker.subscriber(
        RabbitQueue(f"{name}.file", routing_key="bill.#", auto_delete=True), exchange=events
    )
    async def keep(bill: str) -> None:
        billed.append(bill)

    await broker.start()
    order = OrderPlaced(order_id="ord_1", total_minor=15_900)
    await broker.publish(order, exchange=events, routing_key="order.placed")
    await until_async(lambda: billed == ["ord_1: 15900"])


@check(
    ru="FastStream: request получает ответ через direct reply-to",
    en="FastStream: request gets its answer through direct reply-to",
)
async def test_request(broker: RabbitBroker, name: str) -> None:
    @broker.subscriber(RabbitQueue(name, auto_delete=True))
    async def double(number: int) -> int:
        return number * 2

    await broker.start()
    answers = await asyncio.gather(
        *(broker.request(number, name, timeout=_TIMEOUT_S) for number in range(20))
    )
    assert [await answer.decode() for answer in answers] == [number * 2 for number in range(20)]


@check(
    ru="FastStream: ошибка обработчика отправляет письмо в очередь мёртвых",
    en="FastStream: an error of the handler sends the letter to the dead ones",
)
async def test_dead_letter(broker: RabbitBroker, name: str) -> None:
    dead = f"{name}.dead"
    arguments: ClassicQueueArgs = {
        "x-dead-letter-exchange": "",
        "x-dead-letter-routing-key": dead,
    }
    reasons: list[str] = []

    @broker.subscriber(RabbitQueue(name, auto_delete=True, arguments=arguments))
    async def fail(number: int) -> None:
        raise ValueError(number)

    @broker.subscriber(RabbitQueue(dead, auto_delete=True))
    async def bury(body: int, message: RabbitMessage) -> None:
        reasons.append(message.headers["x-first-death-reason"])

    await broker.start()
    await broker.publish(1, name)
    await until_async(lambda: reasons == ["rejected"])


@check(
    ru="FastStream: кворумная очередь после delivery-limit отдаёт письмо мёртвым",
    en="FastStream: a quorum queue gives a letter to the dead ones after its delivery limit",
)
async def test_delivery_limit(broker: RabbitBroker, name: str) -> None:
    dead = f"{name}.dead"
    quorum = RabbitQueue(
        name,
        queue_type=QueueType.QUORUM,
        durable=True,
        arguments={
            "x-delivery-limit": 2,
            "x-dead-letter-exchange": "",
            "x-dead-letter-routing-key": dead,
            "x-expires": 60_000,
        },
    )
    attempts: list[bool | None] = []
    reasons: list[str] = []

    @broker.subscriber(quorum)
    async def give_back(body: int, message: RabbitMessage) -> None:
        attempts.append(message.raw_message.redelivered)
        await message.nack(requeue=True)

    @broker.subscriber(RabbitQueue(dead, auto_delete=True))
    async def bury(body: int, message: RabbitMessage) -> None:
        reasons.append(message.headers["x-first-death-reason"])

    await broker.start()
    await broker.publish(1, name)
    await until_async(lambda: reasons == ["delivery_limit"])
    assert attempts == [False, True, True]
