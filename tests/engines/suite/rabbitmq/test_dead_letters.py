"""Dead letters: why, where to, and what the headers tell about it."""

from datetime import UTC, datetime

import pika
import pika.exceptions
import pytest

from tests.engines.suite.checks import check
from tests.engines.suite.rabbitmq.asking import refusal, taken
from tests.engines.suite.rabbitmq.blocking import Channel, Got, arrived, bodies
from tests.waiting import until

_NOT_FOUND = 404
_SKEW_S = 60


class Pair:
    """A queue whose dead letters go to another one."""

    def __init__(self, channel: Channel, name: str, **arguments: object) -> None:
        self.channel = channel
        self.queue, self.dead, self.exchange = f"{name}:live", f"{name}:dead", f"{name}:dlx"
        channel.exchange_declare(self.exchange, "topic")
        channel.queue_declare(self.dead)
        channel.queue_bind(self.dead, self.exchange, "#")
        told = {key.replace("_", "-"): value for key, value in arguments.items()}
        quorum = told.get("x-queue-type") == "quorum"
        told = {"x-dead-letter-exchange": self.exchange, **told}
        channel.queue_declare(self.queue, durable=quorum, arguments=told)

    def send(self, *told: bytes, properties: object = None) -> None:
        for body in told:
            self.channel.basic_publish("", self.queue, body, properties)

    def reject(self) -> None:
        """The next message, which must be there."""
        message = arrived(self.channel, self.queue, auto_ack=False)
        self.channel.basic_reject(message.method.delivery_tag, requeue=False)

    def letter(self) -> Got:
        return arrived(self.channel, self.dead)


def deaths(message: Got) -> list[dict[str, object]]:
    """x-death without its times, which must be of today."""
    told = []
    for one in message.properties.headers["x-death"]:
        age = datetime.now(UTC) - one.pop("time")
        assert abs(age.total_seconds()) < _SKEW_S
        told.append(one)
    return told


@check(
    ru="rejected: x-death со всеми полями, x-first-death-*, тело и свойства прежние",
    en="rejected: x-death with all its fields, x-first-death-*, the body and properties as before",
)
def test_rejected(channel: Channel, name: str) -> None:
    pair = Pair(channel, name)
    given = pika.BasicProperties(headers={"mine": 1}, message_id="m-1", delivery_mode=2)
    pair.send(b"broken", properties=given)
    pair.reject()
    letter = pair.letter()
    assert (letter.body, letter.method.redelivered) == (b"broken", False)
    assert (letter.method.exchange, letter.method.routing_key) == (pair.exchange, pair.queue)
    assert (letter.properties.message_id, letter.properties.delivery_mode) == ("m-1", 2)
    assert deaths(letter) == [
        {
            "count": 1,
            "reason": "rejected",
            "queue": pair.queue,
            "exchange": "",
            "routing-keys": [pair.queue],
        }
    ]
    headers = dict(letter.properties.headers)
    del headers["x-death"]
    assert headers == {
        "mine": 1,
        "x-first-death-reason": "rejected",
        "x-first-death-queue": pair.queue,
        "x-first-death-exchange": "",
    }


@check(
    ru="expired: свой срок сообщения снимается и переходит в original-expiration",
    en="expired: the message's own TTL is taken off and told as original-expiration",
)
def test_expired(channel: Channel, name: str) -> None:
    pair = Pair(channel, name)
    pair.send(b"late", properties=pika.BasicProperties(expiration="30"))
    letter = pair.letter()
    assert letter.properties.expiration is None
    assert deaths(letter) == [
        {
            "count": 1,
            "reason": "expired",
            "queue": pair.queue,
            "exchange": "",
            "routing-keys": [pair.queue],
            "original-expiration": "30",
        }
    ]


@check(
    ru="expired по сроку очереди: original-expiration нет; по порядку",
    en="expired by the TTL of the queue: no original-expiration; in order",
)
def test_expired_by_queue(channel: Channel, name: str) -> None:
    pair = Pair(channel, name, x_message_ttl=30)
    pair.send(b"1", b"2", b"3")
    letters = [pair.letter() for _ in range(3)]
    assert [one.body for one in letters] == [b"1", b"2", b"3"]
    assert all("original-expiration" not in deaths(one)[0] for one in letters)
    assert {one.properties.headers["x-first-death-reason"] for one in letters} == {"expired"}


@check(
    ru="maxlen: вытесненное уходит мёртвым письмом; reject-publish-dlx — отвергнутое, с nack",
    en="maxlen: what is pushed out is a dead letter; reject-publish-dlx: the refused, with a nack",
)
def test_maxlen(channel: Channel, name: str) -> None:
    pair = Pair(channel, f"{name}:head", x_max_length=1)
    pair.send(b"old", b"new")
    letter = pair.letter()
    assert (letter.body, deaths(letter)[0]["reason"]) == (b"old", "maxlen")
    refusing = Pair(channel, f"{name}:tail", x_max_length=1, x_overflow="reject-publish-dlx")
    channel.confirm_delivery()
    refusing.send(b"first")
    with pytest.raises(pika.exceptions.NackError):
        refusing.send(b"second")
    letter = refusing.letter()
    assert (letter.body, deaths(letter)[0]["reason"]) == (b"second", "maxlen")
    assert bodies(channel, refusing.queue) == [b"first"]


@check(
    ru="reject-publish без dlx: отвергнутое мёртвым письмом не становится",
    en="reject-publish without dlx: the refused message is no dead letter",
)
def test_reject_publish_is_no_letter(channel: Channel, name: str) -> None:
    pair = Pair(channel, name, x_max_length=1, x_overflow="reject-publish")
    channel.confirm_delivery()
    pair.send(b"first")
    with pytest.raises(pika.exceptions.NackError):
        pair.send(b"second")
    pair.reject()
    assert pair.letter().body == b"first"
    assert taken(channel, pair.dead) == []


@check(
    ru="delivery_limit: кворумная очередь считает возвраты в x-delivery-count и сдаётся",
    en="delivery_limit: a quorum queue counts returns in x-delivery-count and gives up",
)
def test_delivery_limit(channel: Channel, name: str) -> None:
    pair = Pair(channel, name, x_queue_type="quorum", x_delivery_limit=2)
    pair.send(b"poison")
    counts = []
    for _ in range(3):
        message = arrived(channel, pair.queue, auto_ack=False)
        counts.append(
            (message.method.redelivered, (message.properties.headers or {}).get("x-delivery-count"))
        )
        channel.basic_nack(message.method.delivery_tag, requeue=True)
    assert counts == [(False, 0), (True, 1), (True, 2)]
    letter = pair.letter()
    assert (letter.body, deaths(letter)[0]["reason"]) == (b"poison", "delivery_limit")
    assert letter.properties.headers["x-first-death-reason"] == "delivery_limit"
    assert taken(channel, pair.queue) == []


@check(
    ru="Кворумная очередь без предела возвращает сколько угодно раз",
    en="A quorum queue without a limit takes a message back any number of times",
)
def test_quorum_without_limit(channel: Channel, name: str) -> None:
    channel.queue_declare(name, durable=True, arguments={"x-queue-type": "quorum"})
    channel.confirm_delivery()
    channel.basic_publish("", name, b"stays")
    for _ in range(25):
        message = arrived(channel, name, auto_ack=False)
        channel.basic_nack(message.method.delivery_tag, requeue=True)
    last = arrived(channel, name)
    assert last.properties.headers["x-delivery-count"] == 25


@check(
    ru="x-dead-letter-routing-key заменяет ключ; без него ключ прежний, CC — тоже",
    en="x-dead-letter-routing-key replaces the key; without it the key and CC stay",
)
def test_routing_key(channel: Channel, name: str) -> None:
    pair = Pair(channel, name, x_dead_letter_routing_key="dead.order")
    pair.send(b"", properties=pika.BasicProperties(headers={"CC": ["copy"]}))
    pair.reject()
    letter = pair.letter()
    assert letter.method.routing_key == "dead.order"
    assert deaths(letter)[0]["routing-keys"] == [pair.queue, "copy"]
    assert "CC" not in letter.properties.headers


@check(
    ru="Нет точки обмена для мёртвых писем или подходящей очереди — сообщение пропадает молча",
    en="No exchange for dead letters, or no queue for them: the message is gone without a word",
)
def test_nowhere(channel: Channel, name: str) -> None:
    channel.queue_declare(name, arguments={"x-dead-letter-exchange": f"{name}:later"})
    for _ in range(2):
        channel.basic_publish("", name, b"letter")
    channel.basic_reject(channel.basic_get(name)[0].delivery_tag, requeue=False)
    assert channel.queue_declare(name, passive=True).method.message_count == 1
    channel.exchange_declare(f"{name}:later", "fanout")
    channel.queue_declare(f"{name}:dead")
    channel.queue_bind(f"{name}:dead", f"{name}:later")
    channel.basic_reject(channel.basic_get(name)[0].delivery_tag, requeue=False)
    assert until(lambda: bodies(channel, f"{name}:dead")) == [b"letter"]


@check(
    ru="Повтор с задержкой через две очереди: count растёт, запись одна на очередь и причину",
    en="A delayed retry over two queues: count grows, one record for each queue and reason",
)
def test_retry_loop(channel: Channel, name: str) -> None:
    work, wait = f"{name}:work", f"{name}:wait"
    for queue, other, more in ((work, wait, {}), (wait, work, {"x-message-ttl": 20})):
        arguments = {"x-dead-letter-exchange": "", "x-dead-letter-routing-key": other, **more}
        channel.queue_declare(queue, arguments=arguments)
    channel.basic_publish("", work, b"try")
    for _ in range(3):
        message = arrived(channel, work, auto_ack=False)
        channel.basic_nack(message.method.delivery_tag, requeue=False)
    message = arrived(channel, work)
    assert deaths(message) == [
        {"count": 3, "reason": "expired", "queue": wait, "exchange": "", "routing-keys": [wait]},
        {"count": 3, "reason": "rejected", "queue": work, "exchange": "", "routing-keys": [work]},
    ]
    first = {key: message.properties.headers[f"x-first-death-{key}"] for key in ("reason", "queue")}
    assert first == {"reason": "rejected", "queue": work}


@check(
    ru="Круг без единого отказа рвётся: сообщение, истёкшее дважды в той же очереди, пропадает",
    en="A cycle with no rejection in it is cut: a message expires only once in the same queue",
)
def test_cycle(channel: Channel, name: str) -> None:
    first, second, seen = f"{name}:1", f"{name}:2", f"{name}:seen"
    channel.exchange_declare(name, "fanout")
    channel.queue_declare(seen)
    channel.queue_bind(seen, name)
    dead = {"x-dead-letter-exchange": "", "x-message-ttl": 20}
    channel.queue_declare(first, arguments={**dead, "x-dead-letter-routing-key": second})
    channel.queue_declare(
        second,
        arguments={**dead, "x-dead-letter-exchange": name, "x-dead-letter-routing-key": first},
    )
    channel.queue_bind(first, name)
    channel.basic_publish("", first, b"round")
    letter = arrived(channel, seen)
    assert [(one["queue"], one["count"]) for one in deaths(letter)] == [(second, 1), (first, 1)]
    until(lambda: channel.queue_declare(first, passive=True).method.message_count == 0)
    assert channel.queue_declare(second, passive=True).method.message_count == 0
    assert taken(channel, seen) == []


@check(
    ru="Мёртвое письмо попадает во все очереди точки обмена",
    en="A dead letter goes to all queues of its exchange",
)
def test_many_queues(channel: Channel, name: str) -> None:
    pair = Pair(channel, name)
    channel.queue_declare(f"{name}:log")
    channel.queue_bind(f"{name}:log", pair.exchange, f"{name}.#")
    channel.queue_bind(f"{name}:log", pair.exchange, pair.queue)
    pair.send(b"one")
    pair.reject()
    assert pair.letter().body == b"one"
    assert until(lambda: bodies(channel, f"{name}:log")) == [b"one"]


@check(
    ru="Удаление и очистка очереди мёртвых писем не дают",
    en="Deleting and purging a queue makes no dead letters",
)
def test_purge_makes_no_letters(channel: Channel, name: str) -> None:
    pair = Pair(channel, name)
    pair.send(b"purged")
    channel.queue_purge(pair.queue)
    pair.send(b"deleted")
    channel.queue_delete(pair.queue)
    assert refusal(channel.queue_declare, pair.queue, passive=True)[0] == _NOT_FOUND
    again = channel.connection.channel()
    assert bodies(again, pair.dead) == []
