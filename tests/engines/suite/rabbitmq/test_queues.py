"""Queues: how they are declared, who may use them, and when they go away."""

import re
from collections.abc import Callable

import pika
import pika.exceptions
import pytest

from tests.engines.suite.checks import check
from tests.engines.suite.rabbitmq.asking import refusal
from tests.engines.suite.rabbitmq.blocking import Channel, bodies, got
from tests.engines.suite.rabbitmq.conftest import Connect, Management
from tests.waiting import until

_NOT_FOUND = 404
_LOCKED = 405
_PRECONDITION = 406
_REFUSED = 403

IsGone = Callable[[str], bool]


@pytest.fixture
def is_gone(management: Management, vhost: str) -> IsGone:
    """Asked of the management API: a declaration would count as use of the queue."""
    return lambda queue: management("GET", f"/queues/{vhost}/{queue}").status == _NOT_FOUND


@check(
    ru="Объявление говорит, сколько в очереди готовых сообщений и потребителей",
    en="A declaration tells how many ready messages and consumers a queue has",
)
def test_declare_ok(channel: Channel, name: str) -> None:
    first = channel.queue_declare(name).method
    assert (first.queue, first.message_count, first.consumer_count) == (name, 0, 0)
    for _ in range(3):
        channel.basic_publish("", name, b"")
    got(channel, name, auto_ack=False)
    channel.basic_qos(prefetch_count=1)
    told = channel.queue_declare(name, passive=True).method
    assert (told.message_count, told.consumer_count) == (2, 0)
    channel.basic_consume(name, lambda *_: None)
    again = channel.queue_declare(name).method
    assert (again.message_count, again.consumer_count) == (1, 1)


@check(
    ru="Повторное объявление очереди с другими свойствами — 406 с названием свойства",
    en="A second declaration of a queue with other properties gets 406 that names the property",
)
@pytest.mark.parametrize(
    ("second", "told"),
    [
        ({"durable": True}, "'durable' {}: received 'true' but current is 'false'"),
        ({"auto_delete": True}, "'auto_delete' {}: received 'true' but current is 'false'"),
        (
            {"arguments": {"x-message-ttl": 60_000, "x-max-length": 10}},
            "'x-max-length' {}: received the value '10' of type 'signedint' but current is none",
        ),
        (
            {"arguments": {"x-message-ttl": 6}},
            "'x-message-ttl' {}: received '6' but current is '60000'",
        ),
        (
            {"arguments": {}},
            (
                "'x-message-ttl' {}: received none but current is the value '60000' "
                "of type 'signedint'"
            ),
        ),
    ],
)
def test_second_declaration(
    channel: Channel, name: str, vhost: str, second: dict[str, object], told: str
) -> None:
    arguments = {"x-message-ttl": 60_000}
    for _ in range(2):
        channel.queue_declare(name, arguments={**arguments, "mine": "kept"})
    code, text = refusal(channel.queue_declare, name, **{"arguments": arguments, **second})
    expected = told.format(f"for queue '{name}' in vhost '{vhost}'")
    assert (code, text) == (_PRECONDITION, f"PRECONDITION_FAILED - inequivalent arg {expected}")


@check(
    ru="Число того же размера в другом типе — та же очередь",
    en="The same number in another type is the same queue",
)
def test_equivalent_numbers(channel: Channel, name: str) -> None:
    channel.queue_declare(name, arguments={"x-max-length": 10})
    channel.queue_declare(name, arguments={"x-max-length": pika.compat.long(10)})
    channel.queue_declare(name, arguments={"x-max-length": 10})


@check(
    ru="Нет такой очереди: passive, get, consume, purge и привязка — 404; удаление — успех, 0",
    en="No such queue: passive, get, consume, purge, a binding get 404; a deletion succeeds, 0",
)
def test_missing_queue(connect: Connect, name: str, vhost: str) -> None:
    connection = connect()
    expected = (_NOT_FOUND, f"NOT_FOUND - no queue '{name}' in vhost '{vhost}'")
    for act, arguments in (
        ("queue_declare", (name, True)),
        ("basic_get", (name,)),
        ("basic_consume", (name, print)),
        ("queue_purge", (name,)),
        ("queue_bind", (name, "amq.direct", "key")),
    ):
        assert refusal(getattr(connection.channel(), act), *arguments) == expected, act
    assert connection.channel().queue_delete(name).method.message_count == 0


@check(
    ru="Имя amq.* занято: 403; пустое имя — последняя объявленная очередь канала",
    en="A name amq.* is reserved: 403; the empty name means the channel's last declared queue",
)
def test_names(connect: Connect, name: str) -> None:
    connection = connect()
    mine = f"amq.{name}"
    assert refusal(connection.channel().queue_declare, mine) == (
        _REFUSED,
        f"ACCESS_REFUSED - queue name '{mine}' contains reserved prefix 'amq.*'",
    )
    channel = connection.channel()
    channel.queue_declare(name)
    channel.basic_publish("", name, b"mine")
    assert bodies(channel, "") == [b"mine"]
    code, text = refusal(connection.channel().basic_get, "")
    assert (code, "no previously declared queue" in text) == (_NOT_FOUND, True)


@check(
    ru="Имя от сервера: amq.gen-… и 22 знака, каждый раз другое",
    en="A name from the server: amq.gen-… and 22 characters, another one each time",
)
def test_server_named(channel: Channel) -> None:
    names = {channel.queue_declare("", exclusive=True).method.queue for _ in range(3)}
    assert len(names) == 3
    for one in names:
        assert re.fullmatch(r"amq\.gen-[\w-]{22}", one)
        assert channel.queue_declare(one, passive=True).method.queue == one


@check(
    ru="exclusive: другое соединение получает 405, с концом своего соединения очередь исчезает",
    en="exclusive: another connection gets 405; the queue goes with its own connection",
)
def test_exclusive(connect: Connect, name: str, vhost: str, is_gone: IsGone) -> None:
    owner, other = connect(), connect()
    owner.channel().queue_declare(name, exclusive=True)
    owner.channel().queue_declare(name, exclusive=True)
    expected = (
        _LOCKED,
        (
            f"RESOURCE_LOCKED - cannot obtain exclusive access to locked queue '{name}' in vhost"
            f" '{vhost}'. It could be originally declared on another connection or the exclusive"
            " property value does not match that of the original declaration."
        ),
    )
    for act, arguments in (
        ("queue_declare", (name,)),
        ("basic_get", (name,)),
        ("basic_consume", (name, print)),
        ("queue_delete", (name,)),
        ("queue_bind", (name, "amq.direct", "key")),
        ("queue_purge", (name,)),
    ):
        assert refusal(getattr(other.channel(), act), *arguments) == expected, act
    other.channel().basic_publish("", name, b"anybody may publish")
    channel = owner.channel()
    assert until(lambda: bodies(channel, name)) == [b"anybody may publish"]
    owner.close()
    until(lambda: is_gone(name))


@check(
    ru="exclusive ждёт того же соединения: после его конца имя свободно",
    en="After the end of an exclusive queue's connection its name is free",
)
def test_exclusive_then_free(connect: Connect, name: str, is_gone: IsGone) -> None:
    owner = connect()
    owner.channel().queue_declare(name, exclusive=True, durable=True)
    owner.close()
    until(lambda: is_gone(name))
    channel = connect().channel()
    channel.queue_declare(name, durable=True)
    assert refusal(channel.queue_declare, name, durable=True, exclusive=True)[0] == _LOCKED


@check(
    ru="auto-delete: очередь исчезает с последним потребителем, а без потребителей живёт",
    en="auto-delete: a queue goes with its last consumer, and lives without any until then",
)
def test_auto_delete(connect: Connect, name: str, is_gone: IsGone) -> None:
    channel = connect().channel()
    channel.queue_declare(name, auto_delete=True)
    connect().channel().queue_declare(name, auto_delete=True)
    tags = [channel.basic_consume(name, print) for _ in range(2)]
    channel.basic_cancel(tags[0])
    assert not is_gone(name)
    channel.basic_cancel(tags[1])
    until(lambda: is_gone(name))


@check(
    ru="auto-delete: конец канала с последним потребителем удаляет очередь",
    en="auto-delete: the end of the channel of the last consumer deletes the queue",
)
def test_auto_delete_by_channel(connect: Connect, name: str, is_gone: IsGone) -> None:
    channel = connect().channel()
    channel.queue_declare(name, auto_delete=True)
    channel.basic_consume(name, print)
    channel.close()
    until(lambda: is_gone(name))


@check(
    ru="x-expires: без потребителей, get и объявлений очередь исчезает, с потребителем — нет",
    en="x-expires: with no consumer, get or declaration a queue goes; with a consumer it stays",
)
def test_expires(connect: Connect, name: str, is_gone: IsGone) -> None:
    channel = connect().channel()
    for queue in (name, f"{name}:used"):
        channel.queue_declare(queue, arguments={"x-expires": 120})
    channel.basic_consume(f"{name}:used", print)
    until(lambda: is_gone(name))
    assert not is_gone(f"{name}:used")


@check(
    ru="Удаление: if-unused и if-empty — 406; ответ говорит, сколько было сообщений",
    en="A deletion: if-unused and if-empty get 406; the answer tells how many messages there were",
)
def test_delete(connect: Connect, name: str, vhost: str) -> None:
    connection = connect()
    channel = connection.channel()
    channel.queue_declare(name)
    for _ in range(2):
        channel.basic_publish("", name, b"")
    assert refusal(channel.queue_delete, name, if_empty=True) == (
        _PRECONDITION,
        f"PRECONDITION_FAILED - queue '{name}' in vhost '{vhost}' not empty",
    )
    consuming = connect().channel()
    consuming.basic_qos(prefetch_count=1)
    consuming.basic_consume(name, print)
    assert refusal(connection.channel().queue_delete, name, if_unused=True) == (
        _PRECONDITION,
        f"PRECONDITION_FAILED - queue '{name}' in vhost '{vhost}' in use",
    )
    consuming.close()
    last = connection.channel()
    until(lambda: last.queue_declare(name, passive=True).method.message_count == 2)
    assert last.queue_delete(name).method.message_count == 2


@check(
    ru="Очистка говорит, сколько удалила; отданные, но не подтверждённые остаются",
    en="A purge tells how much it removed; what is out and not acknowledged stays",
)
def test_purge(channel: Channel, name: str) -> None:
    channel.queue_declare(name)
    for body in (b"out", b"a", b"b"):
        channel.basic_publish("", name, body)
    out = got(channel, name, auto_ack=False)
    assert out is not None
    assert channel.queue_purge(name).method.message_count == 2
    channel.basic_nack(out.method.delivery_tag, requeue=True)
    assert bodies(channel, name) == [b"out"]


@check(
    ru="Неверные аргументы очереди — 406 с именем аргумента",
    en="Wrong arguments of a queue get 406 that names the argument",
)
@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"x-message-ttl": -1}, "invalid arg 'x-message-ttl' {}: {{value_negative,-1}}"),
        (
            {"x-message-ttl": "9"},
            "invalid arg 'x-message-ttl' {}: \"expected integer, got longstr\"",
        ),
        ({"x-expires": 0}, "invalid arg 'x-expires' {}: {{value_zero,0}}"),
        ({"x-max-length": -5}, "invalid arg 'x-max-length' {}: {{value_negative,-5}}"),
        ({"x-max-length-bytes": True}, "invalid arg 'x-max-length-bytes' {}"),
        ({"x-overflow": "drop"}, "invalid arg 'x-overflow' {}"),
        (
            {"x-dead-letter-exchange": 5},
            "invalid type 'signedint' for arg 'x-dead-letter-exchange' in queue '",
        ),
        ({"x-dead-letter-routing-key": "k"}, "invalid arg 'x-dead-letter-routing-key' {}"),
        ({"x-max-priority": 256}, "invalid arg 'x-max-priority' {}: {{max_value_exceeded,256}}"),
        ({"x-single-active-consumer": "yes"}, "invalid arg 'x-single-active-consumer' {}"),
        ({"x-queue-type": "paper"}, "invalid arg 'x-queue-type' {}"),
    ],
)
def test_wrong_arguments(
    channel: Channel, name: str, vhost: str, arguments: dict[str, object], told: str
) -> None:
    code, text = refusal(channel.queue_declare, name, arguments=arguments)
    assert code == _PRECONDITION
    assert text.startswith(
        "PRECONDITION_FAILED - " + told.format(f"for queue '{name}' in vhost '{vhost}'")
    )


@check(
    ru="Кворумной очереди нельзя быть exclusive, auto-delete, недолговечной и с приоритетами",
    en="A quorum queue may not be exclusive, auto-delete, transient or have priorities",
)
@pytest.mark.parametrize(
    ("flags", "arguments", "told"),
    [
        ({"durable": False}, {}, "invalid property 'non-durable'"),
        ({"exclusive": True}, {}, "invalid property 'exclusive-owner'"),
        ({"auto_delete": True}, {}, "invalid property 'auto-delete'"),
        ({}, {"x-max-priority": 5}, "invalid arg 'x-max-priority'"),
    ],
)
def test_quorum_combinations(
    channel: Channel,
    name: str,
    flags: dict[str, bool],
    arguments: dict[str, object],
    told: str,
) -> None:
    given = {"x-queue-type": "quorum", **arguments}
    code, text = refusal(channel.queue_declare, name, **{"durable": True, **flags}, arguments=given)
    assert (code, text.partition(" for queue ")[0]) == (
        _PRECONDITION,
        f"PRECONDITION_FAILED - {told}",
    )


@check(
    ru="Удалённая очередь забывает привязки: новая с тем же именем пуста и не привязана",
    en="A deleted queue forgets its bindings: a new one of that name is empty and unbound",
)
def test_deletion_unbinds(channel: Channel, name: str, vhost: str, management: Management) -> None:
    channel.queue_declare(name)
    channel.queue_bind(name, "amq.direct", name)
    channel.queue_delete(name)
    channel.queue_declare(name)
    channel.basic_publish("amq.direct", name, b"lost")
    assert bodies(channel, name) == []
    bindings = management("GET", f"/queues/{vhost}/{name}/bindings").json
    assert [(one["source"], one["routing_key"]) for one in bindings] == [("", name)]
