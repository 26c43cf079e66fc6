"""Exchanges: how each type routes, and what their declaration refuses."""

import pika
import pytest

from tests.engines.suite.checks import check
from tests.engines.suite.rabbitmq.blocking import (
    Channel,
    Connection,
    bodies,
    body,
    disconnected,
    got,
    refused,
)


def bound(channel: Channel, exchange: str, queue: str, *keys: str) -> str:
    channel.queue_declare(queue)
    for key in keys:
        channel.queue_bind(queue, exchange, key)
    return queue


@check(
    ru="direct: сообщение идёт во все очереди, привязанные с этим ключом",
    en="direct: a message goes to every queue bound with its key",
)
def test_direct(channel: Channel, name: str) -> None:
    channel.exchange_declare(name, "direct")
    one = bound(channel, name, f"{name}-1", "red", "green")
    two = bound(channel, name, f"{name}-2", "red")
    for key in ("red", "green", "blue", "RED", ""):
        channel.basic_publish(name, key, key.encode())
    assert bodies(channel, one) == [b"red", b"green"]
    assert bodies(channel, two) == [b"red"]


@check(
    ru="fanout: сообщение идёт во все очереди, ключ не важен",
    en="fanout: a message goes to every queue, whatever its key",
)
def test_fanout(channel: Channel, name: str) -> None:
    channel.exchange_declare(name, "fanout")
    queues = [bound(channel, name, f"{name}-{number}", key) for number, key in enumerate("abc")]
    channel.basic_publish(name, "anything", b"news")
    assert [body(channel, queue) for queue in queues] == [b"news"] * 3


@pytest.mark.parametrize(
    ("pattern", "taken", "passed"),
    [
        # An empty key is no words at all, and not one empty word; a dot makes two of them.
        ("*", ["a", " "], ["", "a.b", "."]),
        ("*.*", [".", "a.", "a.b"], ["", "a"]),
        ("", [""], ["a", "."]),
        ("#", ["", "a", "a.b.c", ".."], []),
        ("a.*", ["a.b", "a."], ["a", "a.b.c", "b.a"]),
        ("a.#", ["a", "a.b", "a.b.c", "a."], ["ab", "b.a"]),
        ("#.a", ["a", "b.a", "c.b.a"], ["a.b", ""]),
        ("*.#.*", ["a.b", "a.b.c"], ["a", ""]),
        ("a.#.b", ["a.b", "a.x.b", "a.x.y.b", "a..b"], ["a", "ab", "b"]),
        ("a..b", ["a..b"], ["a.b", "a.x.b"]),
        ("#.#", ["", "a", "a.b"], []),
        ("a*", ["a*"], ["ab", "a.b"]),
    ],
)
@check(
    ru="topic: * — ровно одно слово, # — сколько угодно; пустой ключ — ни одного слова",
    en="topic: * is exactly one word, # is any number of them; an empty key has no words",
)
def test_topic(
    channel: Channel, name: str, pattern: str, taken: list[str], passed: list[str]
) -> None:
    channel.exchange_declare(name, "topic")
    queue = bound(channel, name, name, pattern)
    for key in taken + passed:
        channel.basic_publish(name, key, f"<{key}>".encode())
    assert bodies(channel, queue) == [f"<{key}>".encode() for key in taken]


@check(
    ru="topic: две привязки одной очереди дают одну копию сообщения",
    en="topic: two bindings of one queue give one copy of a message",
)
def test_topic_gives_one_copy(channel: Channel, name: str) -> None:
    channel.exchange_declare(name, "topic")
    queue = bound(channel, name, name, "a.*", "*.b", "#")
    channel.basic_publish(name, "a.b", b"once")
    assert bodies(channel, queue) == [b"once"]
    channel.queue_unbind(queue, name, "#")
    channel.basic_publish(name, "c", b"nobody's")
    assert body(channel, queue) is None


@pytest.mark.parametrize(
    ("arguments", "taken", "passed"),
    [
        ({"x-match": "all", "a": 1, "b": "x"}, [{"a": 1, "b": "x", "c": 3}], [{"a": 1}, {}]),
        ({"a": 1, "b": "x"}, [{"a": 1, "b": "x"}], [{"a": 2, "b": "x"}, {"a": "1", "b": "x"}]),
        ({"x-match": "any", "a": 1, "b": "x"}, [{"a": 1}, {"b": "x"}], [{"c": 1}, {}]),
        ({"x-match": "all"}, [{}, {"z": 1}], []),
        ({"x-match": "any"}, [], [{}, {"z": 1}]),
        # Without a value the header only has to be there.
        ({"a": None}, [{"a": 5}, {"a": None}], [{"b": 5}]),
        # Headers that begin with x- are passed over, but for the two modes that say otherwise.
        ({"x-foo": 1, "a": 1}, [{"a": 1}], [{}]),
        ({"x-match": "all-with-x", "x-foo": 1, "a": 1}, [{"a": 1, "x-foo": 1}], [{"a": 1}]),
        ({"x-match": "any-with-x", "x-foo": 1}, [{"x-foo": 1}], [{}]),
        ({"a": True}, [{"a": True}], [{"a": 1}, {"a": "true"}]),
    ],
)
@check(
    ru="headers: все заголовки или любой; x-match=all, any, all-with-x, any-with-x",
    en="headers: all of them or any; x-match=all, any, all-with-x, any-with-x",
)
def test_headers(
    channel: Channel,
    name: str,
    arguments: dict[str, object],
    taken: list[dict[str, object]],
    passed: list[dict[str, object]],
) -> None:
    channel.exchange_declare(name, "headers")
    channel.queue_declare(name)
    channel.queue_bind(name, name, arguments=arguments)
    for number, headers in enumerate(taken + passed):
        properties = pika.BasicProperties(headers=headers)
        channel.basic_publish(name, "", str(number).encode(), properties)
    assert bodies(channel, name) == [str(number).encode() for number in range(len(taken))]


@check(
    ru="headers: неизвестный x-match — 406",
    en="headers: an unknown x-match is refused with 406",
)
def test_wrong_match(channel: Channel, queue: str) -> None:
    with refused(406, "Invalid x-match field value", "expected all, any"):
        channel.queue_bind(queue, "amq.headers", arguments={"x-match": "some"})


@check(
    ru="Обменник по умолчанию: имя очереди — это ключ; привязать и отвязать к нему нельзя (403)",
    en="The default exchange: a queue's name is its key; nothing is bound or unbound there (403)",
)
def test_default_exchange(connection: Connection, queue: str) -> None:
    channel = connection.channel()
    channel.basic_publish("", queue, b"here")
    assert body(channel, queue) == b"here"
    text = "operation not permitted on the default exchange"
    with refused(403, text):
        channel.queue_bind(queue, "", "key")
    with refused(403, text):
        connection.channel().queue_unbind(queue, "", "key")
    with refused(403, text):
        connection.channel().exchange_declare("", "direct")
    with refused(403, text):
        connection.channel().exchange_delete("")


@pytest.mark.parametrize(
    ("exchange", "kind"),
    [
        ("amq.direct", "direct"),
        ("amq.fanout", "fanout"),
        ("amq.topic", "topic"),
        ("amq.headers", "headers"),
        ("amq.match", "headers"),
    ],
)
@check(
    ru="Обменники amq.* есть в каждом виртуальном хосте и долговечны",
    en="The amq.* exchanges are in every virtual host, and durable",
)
def test_predeclared(channel: Channel, exchange: str, kind: str) -> None:
    channel.exchange_declare(exchange, kind, durable=True)
    with refused(406, "inequivalent arg 'durable'"):
        channel.exchange_declare(exchange, kind, durable=False)


@check(
    ru="Имена amq.* заняты: создать или удалить такой обменник или очередь нельзя (403)",
    en="Names with amq. are reserved: no such exchange or queue is made or deleted (403)",
)
def test_reserved_names(connection: Connection) -> None:
    with refused(403, "exchange name 'amq.mine' contains reserved prefix 'amq.*'"):
        connection.channel().exchange_declare("amq.mine", "direct")
    with refused(403, "queue name 'amq.mine' contains reserved prefix 'amq.*'"):
        connection.channel().queue_declare("amq.mine")
    with refused(403, "deletion of system exchange 'amq.direct' in vhost"):
        connection.channel().exchange_delete("amq.direct")


@check(
    ru="Повторное объявление обменника: то же самое — можно, иначе — 406 с тем, что отличается",
    en="An exchange declared again: the same is fine, otherwise 406 names the difference",
)
def test_redeclared(connection: Connection, name: str, vhost: str) -> None:
    def declare(kind: str = "direct", **how: object) -> None:
        connection.channel().exchange_declare(name, kind, **how)

    declare()
    declare()
    subject = f"for exchange '{name}' in vhost '{vhost}': received "
    with refused(406, f"inequivalent arg 'type' {subject}'topic' but current is 'direct'"):
        declare("topic")
    with refused(406, f"inequivalent arg 'durable' {subject}'true' but current is 'false'"):
        declare(durable=True)
    with refused(406, f"inequivalent arg 'auto_delete' {subject}'true' but current is 'false'"):
        declare(auto_delete=True)
    with refused(406, f"inequivalent arg 'internal' {subject}'true' but current is 'false'"):
        declare(internal=True)
    # An argument that means nothing to the server is not compared.
    declare(arguments={"colour": "red"})
    with refused(406, "inequivalent arg 'alternate-exchange'"):
        declare(arguments={"alternate-exchange": "other"})


@check(
    ru="passive: объявленный обменник есть, остальное — 404; тип при этом не важен",
    en="passive: a declared exchange is there, any other is 404; the type does not matter",
)
def test_passive(connection: Connection, name: str, vhost: str) -> None:
    channel = connection.channel()
    channel.exchange_declare(name, "direct")
    channel.exchange_declare(name, "topic", passive=True)
    with refused(404, f"no exchange '{name}-none' in vhost '{vhost}'"):
        channel.exchange_declare(f"{name}-none", passive=True)


@check(
    ru="Неизвестный тип обменника — 503, соединение закрыто",
    en="An unknown exchange type: 503, and the connection is closed",
)
def test_unknown_type(connection: Connection, name: str) -> None:
    with disconnected(503, "COMMAND_INVALID - unknown exchange type 'x-mine'"):
        connection.channel().exchange_declare(name, "x-mine")


@check(
    ru="internal: издатель получает 403, но другой обменник писать в него может",
    en="internal: a publisher is refused with 403, another exchange may write to it",
)
def test_internal(connection: Connection, name: str, vhost: str) -> None:
    channel = connection.channel()
    channel.exchange_declare(name, "fanout", internal=True)
    channel.exchange_declare(f"{name}-front", "fanout")
    channel.exchange_bind(name, f"{name}-front")
    bound(channel, name, name, "")
    channel.basic_publish(f"{name}-front", "", b"through")
    assert body(channel, name) == b"through"
    with refused(403, f"cannot publish to internal exchange '{name}' in vhost '{vhost}'"):
        channel.basic_publish(name, "", b"directly")
        channel.queue_declare(name, passive=True)


@check(
    ru="if-unused: обменник с привязками не удаляется (406); удаление того, чего нет, — не ошибка",
    en="if-unused keeps an exchange with bindings (406); deleting what is not there is no error",
)
def test_delete(connection: Connection, name: str, vhost: str) -> None:
    channel = connection.channel()
    channel.exchange_declare(name, "direct")
    bound(channel, name, name, "key")
    with refused(406, f"exchange '{name}' in vhost '{vhost}' in use"):
        channel.exchange_delete(name, if_unused=True)
    channel = connection.channel()
    channel.exchange_delete(name)
    channel.exchange_delete(name)
    with refused(404):
        channel.exchange_declare(name, passive=True)


@check(
    ru="auto-delete: обменник исчезает с последней привязкой, где он источник",
    en="auto-delete: an exchange goes with the last binding from it",
)
def test_auto_delete(connection: Connection, name: str) -> None:
    channel = connection.channel()
    channel.exchange_declare(name, "direct", auto_delete=True)
    bound(channel, name, name, "a", "b")
    channel.queue_unbind(name, name, "a")
    channel.queue_unbind(name, name, "never bound")
    channel.exchange_declare(name, passive=True)
    channel.queue_unbind(name, name, "b")
    with refused(404):
        channel.exchange_declare(name, passive=True)


@check(
    ru="Обменник к обменнику: цепочка и кольцо; в очередь приходит одна копия",
    en="Exchange to exchange: a chain and a ring; a queue gets one copy",
)
def test_exchange_to_exchange(channel: Channel, name: str) -> None:
    first, second, third = (f"{name}-{number}" for number in range(3))
    for exchange in (first, second, third):
        channel.exchange_declare(exchange, "fanout")
    channel.exchange_bind(second, first)
    channel.exchange_bind(third, second)
    channel.exchange_bind(first, third)
    bound(channel, third, name, "")
    channel.queue_bind(name, first)
    channel.basic_publish(first, "", b"round")
    assert bodies(channel, name) == [b"round"]
    channel.exchange_unbind(second, first)
    channel.queue_unbind(name, first)
    channel.basic_publish(first, "", b"cut")
    assert bodies(channel, name) == []


@check(
    ru="alternate-exchange получает то, что никуда не пошло, и такое сообщение не возвращается",
    en="alternate-exchange gets what went nowhere, and such a message is not returned",
)
def test_alternate(channel: Channel, name: str) -> None:
    spare = f"{name}-spare"
    channel.exchange_declare(spare, "fanout")
    channel.exchange_declare(name, "direct", arguments={"alternate-exchange": spare})
    bound(channel, spare, name, "")
    channel.confirm_delivery()
    channel.basic_publish(name, "unknown", b"lost and found", mandatory=True)
    message = got(channel, name)
    assert message is not None
    # It comes as it was published: with the first exchange's name.
    assert (message.body, message.method.exchange) == (b"lost and found", name)
    assert message.method.routing_key == "unknown"


@check(
    ru="Привязка и отвязка: чего нет, то не привяжешь (404); отвязать отсутствующее — не ошибка",
    en="Binding and unbinding: what is not there is not bound (404), but may be unbound",
)
def test_bindings(connection: Connection, queue: str, name: str, vhost: str) -> None:
    absent = f"{name}-none"
    with refused(404, f"no exchange '{absent}' in vhost '{vhost}'"):
        connection.channel().queue_bind(queue, absent, "key")
    with refused(404, f"no queue '{absent}' in vhost '{vhost}'"):
        connection.channel().queue_bind(absent, "amq.direct", "key")
    with refused(404, f"no exchange '{absent}' in vhost '{vhost}'"):
        connection.channel().exchange_bind(absent, "amq.direct")
    channel = connection.channel()
    channel.queue_unbind(queue, "amq.direct", "never bound")
    channel.queue_unbind(absent, "amq.direct", "key")
    channel.queue_unbind(queue, absent, "key")
    channel.exchange_unbind(absent, "amq.direct")
    assert channel.is_open
