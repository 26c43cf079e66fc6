"""kombu, the library under Celery, and amqpstorm: both wait for what they ask for."""

from collections.abc import Iterator

import pytest
from amqpstorm.exception import AMQPChannelError
from amqpstorm.message import Message as StormMessage
from amqpstorm.uri_connection import UriConnection
from kombu import Connection, Consumer, Exchange, Message, Producer, Queue
from kombu.pools import connections, producers

from tests.engines.suite.checks import check
from tests.waiting import until

_TIMEOUT_S = 20


@pytest.fixture
def kombu(url: str) -> Iterator[Connection]:
    with Connection(url, connect_timeout=_TIMEOUT_S) as connection:
        yield connection


def drained(connection: Connection, seen: list[object], count: int) -> None:
    """Lets the connection work until so many messages have been seen."""
    until(lambda: connection.drain_events(timeout=_TIMEOUT_S) or len(seen) >= count)


@check(
    ru="kombu: документ JSON через topic доходит тем же объектом",
    en="kombu: a JSON document through a topic exchange arrives as the same object",
)
def test_json(kombu: Connection, name: str) -> None:
    exchange = Exchange(name, "topic", durable=False, auto_delete=True)
    queue = Queue(name, exchange, routing_key="orders.#", durable=False, auto_delete=True)
    order = {"id": "ord_1", "lines": [{"sku": "MILK-001", "quantity": 2}], "город": "Москва"}
    seen: list[object] = []

    def take(body: object, message: Message) -> None:
        seen.append((body, message.headers.get("attempt"), message.content_type))
        message.ack()

    with Consumer(kombu, queue, callbacks=[take], accept=["json"]):
        Producer(kombu).publish(
            order, exchange=exchange, routing_key="orders.ru.placed", headers={"attempt": 1}
        )
        drained(kombu, seen, 1)
    assert seen == [(order, 1, "application/json")]


@check(
    ru="kombu: пул и подтверждения публикации",
    en="kombu: a pool and publisher confirms",
)
def test_pool(url: str, name: str) -> None:
    confirming = Connection(url, transport_options={"confirm_publish": True})
    queue = Queue(name, durable=False)
    with producers[confirming].acquire(block=True) as producer:
        for number in range(20):
            producer.publish({"n": number}, routing_key=name, declare=[queue], retry=True)
    with connections[confirming].acquire(block=True) as connection:
        simple = connection.SimpleQueue(queue)
        got = [simple.get(timeout=_TIMEOUT_S) for _ in range(20)]
        for message in got:
            message.ack()
        assert [message.payload for message in got] == [{"n": number} for number in range(20)]
        with pytest.raises(simple.Empty):
            simple.get_nowait()
        simple.close()
        queue(connection.default_channel).delete()
    producers[confirming].force_close_all()
    connections[confirming].force_close_all()


@check(
    ru="kombu: возврат в очередь и отказ с мёртвым письмом",
    en="kombu: requeueing, and a rejection that makes a dead letter",
)
def test_requeue_and_reject(kombu: Connection, name: str) -> None:
    dead = Queue(f"{name}.dead", durable=False, auto_delete=True)
    arguments = {"x-dead-letter-exchange": "", "x-dead-letter-routing-key": dead.name}
    queue = Queue(name, durable=False, auto_delete=True, queue_arguments=arguments)
    seen: list[object] = []
    letters: list[object] = []

    def take(body: object, message: Message) -> None:
        seen.append((body, message.delivery_info["redelivered"]))
        if message.delivery_info["redelivered"]:
            message.reject()
        else:
            message.requeue()

    def bury(body: object, message: Message) -> None:
        letters.append((body, message.headers["x-death"][0]["reason"]))
        message.ack()

    with (
        Consumer(kombu, dead, callbacks=[bury]),
        Consumer(kombu.channel(), queue, callbacks=[take]),
    ):
        Producer(kombu).publish("once", routing_key=name)
        drained(kombu, letters, 1)
    assert seen == [("once", False), ("once", True)]
    assert letters == [("once", "rejected")]


@check(
    ru="kombu: приоритеты и ограничение выдачи",
    en="kombu: priorities and a limit of what is handed out",
)
def test_priorities(kombu: Connection, name: str) -> None:
    queue = Queue(name, durable=False, auto_delete=True, max_priority=5)
    bound = queue(kombu.default_channel)
    bound.declare()
    producer = Producer(kombu)
    for priority in (1, 5, 3):
        producer.publish(priority, routing_key=name, priority=priority)
    until(lambda: bound.queue_declare(passive=True).message_count == 3)
    seen: list[object] = []

    def take(body: object, message: Message) -> None:
        seen.append(body)
        message.ack()

    with Consumer(kombu, queue, callbacks=[take], prefetch_count=1):
        drained(kombu, seen, 3)
    assert seen == [5, 3, 1]


@check(
    ru="amqpstorm: публикация с подтверждением, чтение, подтверждение и пустая очередь",
    en="amqpstorm: confirmed publishing, reading, acknowledging and an empty queue",
)
def test_amqpstorm(url: str, name: str) -> None:
    with UriConnection(url) as connection, connection.channel() as channel:
        channel.confirm_deliveries()
        channel.queue.declare(name, auto_delete=True)
        properties = {"headers": {"attempt": 2}, "correlation_id": "c-1"}
        assert channel.basic.publish("Кефир", name, properties=properties)
        message = channel.basic.get(name)
        assert isinstance(message, StormMessage)
        assert (message.body, message.correlation_id) == ("Кефир", "c-1")
        assert message.properties["headers"] == {"attempt": 2}
        message.ack()
        assert channel.basic.get(name) is None


@check(
    ru="amqpstorm: код ошибки канала доходит до клиента",
    en="amqpstorm: the code of a channel's error reaches the client",
)
def test_amqpstorm_error(url: str, name: str) -> None:
    with UriConnection(url) as connection, connection.channel() as channel:
        with pytest.raises(AMQPChannelError) as closed:
            channel.queue.declare(name, passive=True)
        assert closed.value.error_code == 404
