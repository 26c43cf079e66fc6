"""Messages in and out: get, acknowledge, return, properties, transactions, confirms."""

from collections.abc import Callable
from operator import methodcaller

import pika
import pika.exceptions
import pytest
from pamqp import commands

from tests.engines.suite.checks import check
from tests.engines.suite.rabbitmq.asking import refusal, taken
from tests.engines.suite.rabbitmq.blocking import Channel, bodies, got
from tests.engines.suite.rabbitmq.conftest import Connect, OpenWire
from tests.waiting import until

_PRECONDITION = 406
_NOT_IMPLEMENTED = 540
_UNKNOWN_TAG = (_PRECONDITION, "PRECONDITION_FAILED - unknown delivery tag {}")


def filled(channel: Channel, queue: str, count: int, **arguments: object) -> list[bytes]:
    channel.queue_declare(queue, arguments=arguments)
    told = [str(number).encode() for number in range(count)]
    for body in told:
        channel.basic_publish("", queue, body)
    return told


@check(
    ru="get: номера доставки растут, message_count — сколько осталось, пустая очередь — get-empty",
    en="get: delivery tags grow, message_count is what is left, an empty queue is get-empty",
)
def test_get(channel: Channel, name: str) -> None:
    filled(channel, name, 2)
    found = taken(channel, name, auto_ack=False)
    seen = [(one.method.delivery_tag, one.method.message_count, one.body) for one in found]
    assert seen == [(1, 1, b"0"), (2, 0, b"1")]
    assert {one.method.redelivered for one in found} == {False}
    assert {(one.method.exchange, one.method.routing_key) for one in found} == {("", name)}
    assert got(channel, name) is None


@check(
    ru="nack с requeue: прежний порядок и redelivered; ack с multiple подтверждает все до номера",
    en="nack with requeue: the old order and redelivered; ack with multiple takes all up to a tag",
)
def test_ack_and_nack(channel: Channel, name: str) -> None:
    filled(channel, name, 5)
    first = [got(channel, name, auto_ack=False) for _ in range(3)]
    assert all(first)
    channel.basic_nack(3, multiple=True, requeue=True)
    again = taken(channel, name, auto_ack=False)
    assert [one.body for one in again] == [b"0", b"1", b"2", b"3", b"4"]
    assert [one.method.redelivered for one in again] == [True, True, True, False, False]
    assert [one.method.delivery_tag for one in again] == [4, 5, 6, 7, 8]
    channel.basic_ack(6, multiple=True)
    channel.basic_reject(8, requeue=True)
    channel.basic_nack(0, multiple=True, requeue=True)
    assert bodies(channel, name) == [b"3", b"4"]


@check(
    ru="reject без requeue выбрасывает; конец канала возвращает неподтверждённое",
    en="reject without requeue drops; the end of a channel returns what is not acknowledged",
)
def test_reject_and_channel_end(connect: Connect, name: str) -> None:
    connection = connect()
    channel = connection.channel()
    filled(channel, name, 3)
    got(channel, name, auto_ack=False)
    channel.basic_reject(1, requeue=False)
    got(channel, name, auto_ack=False)
    channel.close()
    other = connection.channel()
    assert until(lambda: other.queue_declare(name, passive=True).method.message_count == 2)
    found = taken(other, name)
    assert [(one.body, one.method.redelivered) for one in found] == [(b"1", True), (b"2", False)]


@check(
    ru="Незнакомый номер доставки и второе подтверждение — 406, соединение живёт",
    en="An unknown delivery tag and a second ack get 406, the connection lives on",
)
def test_unknown_tag(connect: Connect, name: str) -> None:
    connection = connect()

    def answer(*acts: tuple[str, int], count: int = 2) -> tuple[int, str]:
        channel = connection.channel()
        filled(channel, name, count)
        taken(channel, name, auto_ack=False)
        for act, tag in acts:
            getattr(channel, act)(tag)
        told = refusal(channel.queue_declare, name, passive=True)
        connection.channel().queue_delete(name)
        return told

    code, text = _UNKNOWN_TAG
    for act in ("basic_ack", "basic_nack", "basic_reject"):
        assert answer((act, 99)) == (code, text.format(99))
    assert answer(("basic_ack", 1), ("basic_ack", 1)) == (code, text.format(1))
    assert answer(("basic_reject", 0)) == (code, text.format(0))
    assert connection.is_open


@check(
    ru="Номер доставки действует только в своём канале",
    en="A delivery tag is good in its own channel only",
)
def test_tag_of_another_channel(connect: Connect, name: str) -> None:
    connection = connect()
    channel, other = connection.channel(), connection.channel()
    filled(channel, name, 1)
    got(channel, name, auto_ack=False)
    other.basic_ack(1)
    assert refusal(other.queue_declare, name, passive=True)[0] == _PRECONDITION
    channel.basic_ack(1)
    assert channel.queue_declare(name, passive=True).method.message_count == 0


@check(
    ru="recover(requeue) возвращает всё неподтверждённое с redelivered; requeue=false — 540",
    en="recover(requeue) returns all that is out, redelivered; requeue=false gets 540",
)
def test_recover(connect: Connect, name: str) -> None:
    connection = connect()
    channel = connection.channel()
    filled(channel, name, 2)
    taken(channel, name, auto_ack=False)
    channel.basic_recover(requeue=True)
    found = taken(channel, name)
    assert [(one.body, one.method.redelivered) for one in found] == [(b"0", True), (b"1", True)]
    with pytest.raises(pika.exceptions.ConnectionClosedByBroker) as closed:
        channel.basic_recover(requeue=False)
    assert (closed.value.reply_code, closed.value.reply_text) == (
        _NOT_IMPLEMENTED,
        "NOT_IMPLEMENTED - requeue=false",
    )


@check(
    ru="Все 14 свойств сообщения проходят без изменений",
    en="All 14 properties of a message come through unchanged",
)
def test_properties(channel: Channel, name: str) -> None:
    channel.queue_declare(name)
    given = {
        "content_type": "application/json",
        "content_encoding": "gzip",
        "headers": {"kind": "paid"},
        "delivery_mode": 2,
        "priority": 7,
        "correlation_id": "c-1",
        "reply_to": "answers",
        "expiration": "60000",
        "message_id": "m-1",
        "timestamp": 1_700_000_000,
        "type": "order.paid",
        "user_id": "lavka",
        "app_id": "suite",
        "cluster_id": "one",
    }
    channel.basic_publish("", name, b"", pika.BasicProperties(**given))
    found = got(channel, name)
    assert found is not None
    assert {key: getattr(found.properties, key) for key in given} == given


@check(
    ru="Неверные свойства: чужой user_id и нечисловой expiration — 406",
    en="Wrong properties: somebody else's user_id and an expiration that is no number get 406",
)
def test_wrong_properties(connect: Connect, name: str) -> None:
    connection = connect()

    def answer(**given: str) -> tuple[int, str]:
        channel = connection.channel()
        channel.queue_declare(name)
        channel.basic_publish("", name, b"", pika.BasicProperties(**given))
        return refusal(channel.queue_declare, name, passive=True)

    assert answer(user_id="guest") == (
        _PRECONDITION,
        "PRECONDITION_FAILED - user_id property set to 'guest' but authenticated user was 'lavka'",
    )
    for wrong in ("soon", "-1", "1.5", "", "99999999999999"):
        code, text = answer(expiration=wrong)
        assert (code, text.startswith(f"PRECONDITION_FAILED - invalid expiration '{wrong}': ")) == (
            _PRECONDITION,
            True,
        ), text


@check(
    ru="Пустое тело и тело в 1 МБ из многих кадров проходят целиком",
    en="An empty body and a body of 1 MB in many frames come through whole",
)
def test_bodies(channel: Channel, name: str) -> None:
    channel.queue_declare(name)
    large = bytes(range(256)) * 4096
    told = [b"", large, b"\xce" * 131_064, b"x" * 131_065]
    channel.confirm_delivery()
    for body in told:
        channel.basic_publish("", name, body)
    assert bodies(channel, name) == told


@check(
    ru="CC и BCC добавляют ключи маршрутизации; BCC получатель не видит, дублей нет",
    en="CC and BCC add routing keys; BCC is not shown, and no queue gets it twice",
)
def test_cc_and_bcc(connect: Connect, name: str) -> None:
    connection = connect()
    channel = connection.channel()
    queues = [f"{name}:{kind}" for kind in ("to", "cc", "bcc")]
    for queue in queues:
        channel.queue_declare(queue)
    to, cc, bcc = queues
    headers = {"CC": [cc, to], "BCC": [bcc], "mine": 1}
    channel.basic_publish("", to, b"letter", pika.BasicProperties(headers=headers))
    found = [taken(channel, queue) for queue in queues]
    assert [len(one) for one in found] == [1, 1, 1]
    for (one,) in found:
        assert one.properties.headers == {"CC": [cc, to], "mine": 1}
        assert one.method.routing_key == to
    channel.basic_publish("", to, b"", pika.BasicProperties(headers={"CC": "not a list"}))
    assert refusal(channel.queue_declare, to, passive=True) == (
        _PRECONDITION,
        'PRECONDITION_FAILED - invalid message: {unacceptable_type_in_header,"CC",longstr}',
    )


@check(
    ru="immediate, prefetch_size и channel.flow(active=false) — 540 NOT_IMPLEMENTED",
    en="immediate, prefetch_size and channel.flow(active=false) get 540 NOT_IMPLEMENTED",
)
@pytest.mark.parametrize(
    ("method", "told"),
    [
        (commands.Basic.Qos(prefetch_size=10), "prefetch_size!=0 (10)"),
        (commands.Channel.Flow(active=False), "active=false"),
        (commands.Basic.Publish(routing_key="no", immediate=True), "immediate=true"),
    ],
)
def test_not_implemented(open_wire: OpenWire, method: commands.Basic.Qos, told: str) -> None:
    wire = open_wire()
    wire.send(method)
    if isinstance(method, commands.Basic.Publish):
        wire.publish_content(b"")
    assert wire.connection_end() == (_NOT_IMPLEMENTED, f"NOT_IMPLEMENTED - {told}")


@check(
    ru="Подтверждения издателю: номера с единицы, отказ очереди — nack, остальное — ack",
    en="Publisher confirms: numbers from one, a refusing queue nacks, the rest is acknowledged",
)
def test_confirms(open_wire: OpenWire, name: str) -> None:
    wire = open_wire()
    wire.call(commands.Queue.Declare(queue=name), commands.Queue.DeclareOk)
    wire.publish("", name, b"before the mode: no confirm")
    wire.call(commands.Confirm.Select(), commands.Confirm.SelectOk)
    wire.call(commands.Confirm.Select(), commands.Confirm.SelectOk)
    for _ in range(3):
        wire.publish("", name, b"routed")
    wire.publish("", f"{name}:none", b"unroutable")
    confirmed: set[int] = set()
    while confirmed != {1, 2, 3, 4}:
        ack = wire.expect(commands.Basic.Ack)
        tag = int(ack.delivery_tag or 0)
        confirmed |= set(range(1, tag + 1)) if ack.multiple else {tag}


@check(
    ru="mandatory в режиме подтверждений: сначала basic.return, потом basic.ack",
    en="mandatory with confirms: basic.return first, then basic.ack",
)
def test_return_before_confirm(open_wire: OpenWire, name: str) -> None:
    wire = open_wire()
    wire.call(commands.Confirm.Select(), commands.Confirm.SelectOk)
    wire.publish("amq.direct", name, b"lost", mandatory=True, message_id="m-1")
    returned, properties, body = wire.message(commands.Basic.Return)
    assert isinstance(returned, commands.Basic.Return)
    assert (returned.reply_code, returned.reply_text) == (312, "NO_ROUTE")
    assert (properties["message_id"], body) == ("m-1", b"lost")
    assert wire.expect(commands.Basic.Ack).delivery_tag == 1


@check(
    ru="tx: публикации видны после commit, rollback их забывает",
    en="tx: publishes are seen after the commit, a rollback forgets them",
)
def test_tx_publish(connect: Connect, name: str) -> None:
    connection = connect()
    channel, other = connection.channel(), connection.channel()
    channel.queue_declare(name)
    channel.tx_select()
    channel.basic_publish("", name, b"dropped")
    channel.tx_rollback()
    channel.basic_publish("", name, b"kept")
    assert bodies(other, name) == []
    channel.tx_commit()
    assert bodies(other, name) == [b"kept"]
    channel.basic_publish("", name, b"left alone")
    channel.close()
    assert bodies(other, name) == []


@check(
    ru="tx: подтверждения действуют после commit, rollback возвращает право подтвердить",
    en="tx: acks take effect with the commit, after a rollback they may be given again",
)
def test_tx_ack(connect: Connect, name: str) -> None:
    connection = connect()
    channel = connection.channel()
    filled(channel, name, 2)
    channel.tx_select()
    taken(channel, name, auto_ack=False)
    channel.basic_ack(1)
    channel.tx_rollback()
    channel.basic_ack(1)
    channel.tx_commit()
    channel.basic_ack(2)
    channel.close()
    other = connection.channel()
    until(lambda: other.queue_declare(name, passive=True).method.message_count == 1)
    assert [(one.body, one.method.redelivered) for one in taken(other, name)] == [(b"1", True)]


@check(
    ru="Канал либо с tx, либо с подтверждениями: второе — 406; commit без tx — 406",
    en="A channel has either tx or confirms: the other one gets 406; a commit without tx gets 406",
)
def test_tx_and_confirms(connect: Connect) -> None:
    connection = connect()

    def answer(*acts: Callable[[Channel], object]) -> tuple[int, str]:
        channel = connection.channel()
        for act in acts[:-1]:
            act(channel)
        return refusal(acts[-1], channel)

    select, confirm = methodcaller("tx_select"), methodcaller("confirm_delivery")

    head = "PRECONDITION_FAILED - "
    assert answer(select, confirm) == (
        _PRECONDITION,
        f"{head}cannot switch from tx to confirm mode",
    )
    assert answer(confirm, select) == (
        _PRECONDITION,
        f"{head}cannot switch from confirm to tx mode",
    )
    for act in ("tx_commit", "tx_rollback"):
        told = answer(methodcaller(act))
        assert told == (_PRECONDITION, f"{head}channel is not transactional")
