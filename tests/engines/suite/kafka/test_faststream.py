"""FastStream, which the services of the shop are written with, over both of its Kafka clients."""

from collections.abc import AsyncIterator
from typing import Any, TypeAlias

import pytest
from faststream import AckPolicy, Context
from faststream.confluent import KafkaBroker as ConfluentBroker
from faststream.kafka import KafkaBroker as AiokafkaBroker
from pydantic import BaseModel

from tests.engines.suite.checks import check
from tests.engines.suite.kafka.conftest import MakeTopic
from tests.waiting import until_async

Broker: TypeAlias = ConfluentBroker | AiokafkaBroker
BROKERS: dict[str, type[Broker]] = {
    "confluent-kafka": ConfluentBroker,
    "aiokafka": AiokafkaBroker,
}


EARLIEST: dict[str, Any] = {"auto_offset_reset": "earliest"}
MESSAGE = Context("message")


class OrderPlaced(BaseModel):
    order_id: str
    total_minor: int


@pytest.fixture(params=BROKERS)
async def broker(
    request: pytest.FixtureRequest, bootstrap: str, make_topic: MakeTopic, group: str
) -> AsyncIterator[Broker]:
    """Not started yet: subscribers come first."""
    broker = BROKERS[request.param](bootstrap, logger=None)
    yield broker
    await broker.stop()


@check(
    ru="FastStream: подписчик получает модель, ответ уходит в следующий топик",
    en="FastStream: a subscriber gets a model, its answer goes on to the next topic",
)
async def test_chain(broker: Broker, make_topic: MakeTopic, group: str) -> None:
    orders, bills = make_topic("-orders"), make_topic("-bills")
    billed: list[str] = []

    async def make_bill(order: OrderPlaced) -> str:
        return f"{order.order_id}: {order.total_minor}"

    async def keep(bill: str) -> None:
        billed.append(bill)

    made = broker.subscriber(orders, group_id=group, **EARLIEST)(make_bill)
    broker.publisher(bills)(made)
    broker.subscriber(bills, group_id=f"{group}-bills", **EARLIEST)(keep)
    await broker.start()
    for number in range(3):
        order = OrderPlaced(order_id=f"ord_{number}", total_minor=number)
        await broker.publish(order, orders, key=order.order_id.encode())
    await until_async(lambda: billed == ["ord_0: 0", "ord_1: 1", "ord_2: 2"])


@check(
    ru="FastStream: ошибка обработчика возвращает сообщение, оно приходит снова",
    en="FastStream: an error of the handler gives the message back, and it comes again",
)
async def test_again(broker: Broker, topic: str, group: str) -> None:
    seen: list[int] = []

    async def handle(number: int) -> None:
        seen.append(number)
        if seen == [0, 1]:
            raise ValueError(number)

    again = AckPolicy.NACK_ON_ERROR
    broker.subscriber(topic, group_id=group, ack_policy=again, **EARLIEST)(handle)
    await broker.start()
    for number in range(3):
        await broker.publish(number, topic)
    await until_async(lambda: seen == [0, 1, 1, 2])


@check(
    ru="FastStream: подтверждённое не приходит следующему подписчику той же группы",
    en="FastStream: what was acknowledged does not come to the next subscriber of the group",
)
async def test_resume(broker: Broker, bootstrap: str, topic: str, group: str) -> None:
    def subscribe(to: Broker, seen: list[int]) -> None:
        async def handle(number: int) -> None:
            seen.append(number)

        to.subscriber(topic, group_id=group, ack_policy=AckPolicy.ACK, **EARLIEST)(handle)

    first: list[int] = []
    subscribe(broker, first)
    await broker.start()
    for number in range(3):
        await broker.publish(number, topic)
    await until_async(lambda: first == [0, 1, 2])
    await broker.stop()
    second: list[int] = []
    following = type(broker)(bootstrap, logger=None)
    subscribe(following, second)
    await following.start()
    await following.publish(3, topic)
    await until_async(lambda: second == [3])
    await following.stop()


@check(
    ru="FastStream: пачка сообщений приходит списком, с заголовками и ключами",
    en="FastStream: a batch of messages comes as a list, with headers and keys",
)
async def test_batch(broker: Broker, topic: str, group: str) -> None:
    bodies: list[int] = []
    told: list[tuple[str, bytes | None]] = []

    async def handle(numbers: list[int], message: Any = MESSAGE) -> None:
        bodies.extend(numbers)
        told.extend(
            (headers["kind"], raw.key() if callable(raw.key) else raw.key)
            for headers, raw in zip(message.batch_headers, message.raw_message, strict=True)
        )

    broker.subscriber(topic, batch=True, group_id=group, **EARLIEST)(handle)
    await broker.connect()
    for number in range(4):
        await broker.publish(number, topic, key=b"%d" % number, headers={"kind": f"k{number}"})
    await broker.start()
    await until_async(lambda: bodies == [0, 1, 2, 3])
    assert told == [(f"k{number}", b"%d" % number) for number in range(4)]
