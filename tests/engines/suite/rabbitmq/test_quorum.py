"""Quorum queues: where they differ from classic ones."""

from contextlib import suppress

import pika
import pytest
from pika.exceptions import NackError

from tests.engines.suite.checks import check
from tests.engines.suite.rabbitmq.blocking import (
    Channel,
    Connection,
    Got,
    Inbox,
    arrived,
    bodies,
    count,
    disconnected,
    publish,
    refused,
)
from tests.waiting import until


@pytest.fixture
def confirming(channel: Channel) -> Channel:
    """Only a confirmed message is sure to be in a quorum queue."""
    channel.confirm_delivery()
    return channel


@pytest.fixture
def queue(confirming: Channel, name: str) -> str:
    declare(confirming, name)
    return name


def declare(channel: Channel, queue: str, **arguments: object) -> None:
    told = {f"x-{name.replace('_', '-')}": value for name, value in arguments.items()}
    channel.queue_declare(queue, durable=True, arguments={"x-queue-type": "quorum", **told})


def attempts(message: Got) -> tuple[bytes, bool, object]:
    """The body, the flag and the count of earlier attempts."""
    count = message.properties.headers["x-delivery-count"]
    return message.body, message.method.redelivered, count


@check(
    ru="x-delivery-count считает возвраты: 0 при первой доставке, потом 1, 2…",
    en="x-delivery-count counts the returns: 0 with the first delivery, then 1, 2…",
)
def test_delivery_count(confirming: Channel, queue: str) -> None:
    publish(confirming, queue, b"again", headers={"own": "kept"})
    for number in range(3):
        message = arrived(confirming, queue, auto_ack=False)
        assert attempts(message) == (b"again", number > 0, number)
        assert message.properties.headers["own"] == "kept"
        confirming.basic_nack(message.method.delivery_tag)


@check(
    ru="Возвращённое сообщение становится в конец кворумной очереди",
    en="A returned message goes to the end of a quorum queue",
)
def test_requeue_goes_to_the_end(confirming: Channel, queue: str) -> None:
    publish(confirming, queue, b"a", b"b", b"c")
    first = arrived(confirming, queue, auto_ack=False)
    confirming.basic_reject(first.method.delivery_tag)
    until(lambda: count(confirming, queue) == 3)
    assert bodies(confirming, queue) == [b"b", b"c", b"a"]


@check(
    ru="x-delivery-limit: лишний возврат делает письмо мёртвым с причиной delivery_limit",
    en="x-delivery-limit: one return too many, and the letter is dead by delivery_limit",
)
def test_delivery_limit(confirming: Channel, name: str) -> None:
    dead = f"{name}-dead"
    confirming.queue_declare(dead)
    limit = 2
    declare(
        confirming,
        name,
        delivery_limit=limit,
        dead_letter_exchange="",
        dead_letter_routing_key=dead,
    )
    publish(confirming, name, b"poison")
    for _ in range(limit + 1):
        message = arrived(confirming, name, auto_ack=False)
        confirming.basic_nack(message.method.delivery_tag)
    letter = arrived(confirming, dead)
    (death,) = letter.properties.headers["x-death"]
    assert (death["reason"], death["queue"], death["count"]) == ("delivery_limit", name, 1)
    assert "x-delivery-count" not in letter.properties.headers
    assert count(confirming, name) == 0


@check(
    ru="Общий prefetch на канал и кворумная очередь вместе — 540, соединение закрыто",
    en="A prefetch for the whole channel and a quorum queue: 540, the connection is closed",
)
def test_global_qos(confirming: Channel, queue: str) -> None:
    confirming.basic_qos(prefetch_count=1, global_qos=True)
    with disconnected(540, f"queue '{queue}' in vhost", "does not support global qos"):
        confirming.basic_consume(queue, print)


@pytest.mark.parametrize("flag", ["if_empty", "if_unused"])
@check(
    ru="Удаление кворумной очереди с if-empty и if-unused — 540, соединение закрыто",
    en="Deleting a quorum queue with if-empty or if-unused: 540, the connection is closed",
)
@pytest.mark.usefixtures("queue")
def test_delete_with_conditions(confirming: Channel, name: str, flag: str) -> None:
    told = f"queue.delete operations with {flag.replace('_', '-')} flag set are not supported"
    with disconnected(540, told, "by quorum queues"):
        confirming.queue_delete(name, **{flag: True})


@check(
    ru="reject-publish: переполненная кворумная очередь отвечает издателю nack",
    en="reject-publish: a full quorum queue answers the publisher with a nack",
)
def test_reject_publish(confirming: Channel, name: str) -> None:
    declare(confirming, name, max_length=1, overflow="reject-publish")
    publish(confirming, name, b"the only one")
    # The real queue tells its publishers that it is full only after it is: one more gets in.
    with suppress(NackError):
        publish(confirming, name, b"one more")
    taken = count(confirming, name)
    with pytest.raises(NackError):
        publish(confirming, name, b"one too many")
    assert count(confirming, name) == taken


@check(
    ru="Кворумная очередь хранит и недолговечные сообщения: тип доставки не важен",
    en="A quorum queue keeps transient messages as well: the delivery mode comes back as it was",
)
def test_transient(confirming: Channel, queue: str) -> None:
    publish(confirming, queue, b"light", delivery_mode=pika.DeliveryMode.Transient.value)
    message = arrived(confirming, queue)
    assert (message.body, message.properties.delivery_mode) == (b"light", 1)


@check(
    ru="Один активный потребитель кворумной очереди: уходит первый — работает второй",
    en="A single active consumer of a quorum queue: when the first goes, the second works",
)
def test_single_active_consumer(connection: Connection, confirming: Channel, name: str) -> None:
    declare(confirming, name, single_active_consumer=True)
    inbox = Inbox(connection)
    inbox.consume(confirming, name, "first", auto_ack=True)
    inbox.consume(confirming, name, "second", auto_ack=True)
    publish(confirming, name, b"1")
    assert [(one.tag, one.body) for one in inbox.take(1)] == [("first", b"1")]
    confirming.basic_cancel("first")
    publish(confirming, name, b"2")
    assert [(one.tag, one.body) for one in inbox.take(1)] == [("second", b"2")]


@check(
    ru="Кворумную очередь объявляют одинаково: без x-queue-type — 406",
    en="A quorum queue is declared the same each time: without x-queue-type it is 406",
)
def test_redeclared(confirming: Channel, queue: str) -> None:
    declare(confirming, queue)
    told = "received none but current is the value 'quorum' of type 'longstr'"
    with refused(406, "inequivalent arg 'x-queue-type'", told):
        confirming.queue_declare(queue, durable=True)
