"""Consumers: who gets a message, how many at a time, and how it ends."""

from pamqp import commands
from pamqp.common import FieldValue

from tests.engines.suite.checks import check
from tests.engines.suite.rabbitmq.conftest import OpenWire
from tests.engines.suite.rabbitmq.wire import Wire

_REFUSED = 403
_NOT_FOUND = 404
_NOT_ALLOWED = 530


def declare(wire: Wire, queue: str, **arguments: FieldValue) -> None:
    told = {key.replace("_", "-"): value for key, value in arguments.items()}
    durable = told.get("x-queue-type") == "quorum"
    wire.call(
        commands.Queue.Declare(queue=queue, durable=durable, arguments=told),
        commands.Queue.DeclareOk,
    )


def consume(
    wire: Wire,
    queue: str,
    tag: str,
    *,
    channel: int = 1,
    no_ack: bool = False,
    exclusive: bool = False,
    priority: int | None = None,
) -> None:
    method = consuming(queue, tag, no_ack=no_ack, exclusive=exclusive, priority=priority)
    assert wire.call(method, commands.Basic.ConsumeOk, channel).consumer_tag == tag


def consuming(
    queue: str,
    tag: str,
    *,
    no_ack: bool = False,
    exclusive: bool = False,
    priority: int | None = None,
) -> commands.Basic.Consume:
    return commands.Basic.Consume(
        queue=queue,
        consumer_tag=tag,
        no_ack=no_ack,
        exclusive=exclusive,
        arguments={} if priority is None else {"x-priority": priority},
    )


def delivery(wire: Wire) -> tuple[str, int, bool, bytes]:
    """Whom it is for, its tag, whether it is redelivered, and its body."""
    told, _, body = wire.message(commands.Basic.Deliver)
    assert isinstance(told, commands.Basic.Deliver)
    return str(told.consumer_tag), int(told.delivery_tag or 0), bool(told.redelivered), body


class AnyName(commands.Queue.Declare):
    """A declaration of a name that pamqp would not let through."""

    @classmethod
    def passively(cls, queue: str) -> "AnyName":
        method = cls(passive=True)
        method.queue = queue
        return method

    def validate(self) -> None:
        pass


def qos(wire: Wire, count: int, *, everywhere: bool = False) -> None:
    method = commands.Basic.Qos(prefetch_count=count, global_=everywhere)
    wire.call(method, commands.Basic.QosOk)


def send(wire: Wire, queue: str, *told: bytes) -> None:
    for body in told:
        wire.publish("", queue, body)


@check(
    ru="Несколько потребителей получают по очереди, новый — с конца",
    en="Several consumers get messages in turn",
)
def test_round_robin(open_wire: OpenWire, name: str) -> None:
    wire = open_wire()
    declare(wire, name)
    for tag in ("a", "b", "c"):
        consume(wire, name, tag, no_ack=True)
    send(wire, name, *(str(number).encode() for number in range(6)))
    got = [delivery(wire) for _ in range(6)]
    assert [body for *_, body in got] == [b"0", b"1", b"2", b"3", b"4", b"5"]
    assert [tag for tag, *_ in got] == ["a", "b", "c"] * 2


@check(
    ru="qos на потребителя: каждый новый потребитель канала получает не больше предела",
    en="qos per consumer: each later consumer of the channel holds no more than the limit",
)
def test_qos_per_consumer(open_wire: OpenWire, name: str) -> None:
    wire = open_wire()
    declare(wire, name)
    send(wire, name, b"0", b"1", b"2", b"3", b"4")
    qos(wire, 1)
    consume(wire, name, "one")
    assert delivery(wire) == ("one", 1, False, b"0")
    qos(wire, 2)
    consume(wire, name, "two")
    assert [delivery(wire) for _ in range(2)] == [("two", 2, False, b"1"), ("two", 3, False, b"2")]
    wire.silent()
    wire.send(commands.Basic.Ack(delivery_tag=1))
    assert delivery(wire) == ("one", 4, False, b"3")
    wire.silent()


@check(
    ru="qos global: предел общий на канал",
    en="qos global: the limit is shared by the channel",
)
def test_qos_global(open_wire: OpenWire, name: str) -> None:
    wire = open_wire()
    declare(wire, name)
    qos(wire, 2, everywhere=True)
    for tag in ("one", "two"):
        consume(wire, name, tag)
    send(wire, name, b"0", b"1", b"2", b"3")
    assert [delivery(wire)[3] for _ in range(2)] == [b"0", b"1"]
    wire.silent()
    wire.send(commands.Basic.Ack(delivery_tag=2, multiple=True))
    assert {delivery(wire)[3] for _ in range(2)} == {b"2", b"3"}


@check(
    ru="qos не касается потребителей без подтверждений; 0 — без предела",
    en="qos does not concern consumers without acks; 0 is no limit",
)
def test_qos_and_no_ack(open_wire: OpenWire, name: str) -> None:
    wire = open_wire()
    declare(wire, name)
    send(wire, name, b"0", b"1", b"2")
    qos(wire, 1)
    consume(wire, name, "eager", no_ack=True)
    assert [delivery(wire)[3] for _ in range(3)] == [b"0", b"1", b"2"]
    wire.call(commands.Basic.Cancel("eager"), commands.Basic.CancelOk)
    qos(wire, 0)
    consume(wire, name, "any")
    send(wire, name, *[b"x"] * 50)
    assert [delivery(wire)[1] for _ in range(50)] == list(range(4, 54))


@check(
    ru="get не считается в qos потребителя, но занимает общий предел канала",
    en="get is not counted by a consumer's qos",
)
def test_get_beside_qos(open_wire: OpenWire, name: str) -> None:
    wire = open_wire()
    declare(wire, name)
    qos(wire, 1)
    send(wire, name, b"0", b"1", b"2")
    consume(wire, name, "one")
    assert delivery(wire)[3] == b"0"
    wire.send(commands.Basic.Get(queue=name))
    got, _, body = wire.message(commands.Basic.GetOk)
    assert isinstance(got, commands.Basic.GetOk)
    assert (got.delivery_tag, got.message_count, body) == (2, 1, b"1")


@check(
    ru="cancel: доставок больше нет, отданное можно подтвердить; незнакомая метка — успех",
    en="cancel: no more deliveries, what is out may be acknowledged; an unknown tag succeeds",
)
def test_cancel(open_wire: OpenWire, name: str) -> None:
    wire = open_wire()
    declare(wire, name)
    consume(wire, name, "one")
    send(wire, name, b"0")
    assert delivery(wire)[1] == 1
    assert wire.call(commands.Basic.Cancel("one"), commands.Basic.CancelOk).consumer_tag == "one"
    assert wire.call(commands.Basic.Cancel("nobody"), commands.Basic.CancelOk) is not None
    send(wire, name, b"1")
    wire.silent()
    wire.send(commands.Basic.Ack(delivery_tag=1))
    told = wire.call(commands.Queue.Declare(queue=name, passive=True), commands.Queue.DeclareOk)
    assert (told.message_count, told.consumer_count) == (1, 0)


@check(
    ru="Метка потребителя: от сервера amq.ctag-…, занятая в канале — 530 и конец соединения",
    en="A consumer tag: amq.ctag-… from the server; one in use on the channel ends it with 530",
)
def test_consumer_tags(open_wire: OpenWire, name: str) -> None:
    wire = open_wire()
    declare(wire, name)
    ok = wire.call(commands.Basic.Consume(queue=name), commands.Basic.ConsumeOk)
    assert str(ok.consumer_tag).startswith("amq.ctag-")
    consume(wire, name, "mine")
    wire.reopen(2)
    consume(wire, name, "mine", channel=2)
    wire.send(consuming(name, "mine"))
    assert wire.connection_end() == (
        _NOT_ALLOWED,
        "NOT_ALLOWED - attempt to reuse consumer tag 'mine'",
    )


@check(
    ru="Удаление очереди: потребитель получает basic.cancel, если объявил, что понимает его",
    en="Deleting a queue: a consumer gets basic.cancel, if it has said that it understands it",
)
def test_cancel_notification(open_wire: OpenWire, name: str) -> None:
    knowing = open_wire(consumer_cancel_notify=True)
    unknowing = open_wire()
    declare(knowing, name)
    for wire in (knowing, unknowing):
        consume(wire, name, "one")
    open_wire().call(commands.Queue.Delete(queue=name), commands.Queue.DeleteOk)
    cancelled = knowing.expect(commands.Basic.Cancel)
    assert (cancelled.consumer_tag, cancelled.nowait) == ("one", True)
    unknowing.silent()


@check(
    ru="Единоличный потребитель: второму — 403, и ему — 403, если потребители уже есть",
    en="An exclusive consumer: a second one gets 403, and so does it, if others are there",
)
def test_exclusive_consumer(open_wire: OpenWire, name: str, vhost: str) -> None:
    first, second = open_wire(), open_wire()
    declare(first, name)
    consume(first, name, "one", exclusive=True)
    expected = (_REFUSED, f"ACCESS_REFUSED - queue '{name}' in vhost '{vhost}' in exclusive use")
    assert second.refusal(consuming(name, "two")) == expected
    second.reopen()
    first.call(commands.Basic.Cancel("one"), commands.Basic.CancelOk)
    consume(second, name, "two")
    assert first.refusal(consuming(name, "one", exclusive=True)) == expected


@check(
    ru="Приоритет потребителя: сначала больший, меньший — когда больший занят",
    en="Consumer priorities: the higher first, the lower when the higher is busy",
)
def test_consumer_priority(open_wire: OpenWire, name: str) -> None:
    wire = open_wire()
    declare(wire, name)
    qos(wire, 1)
    for tag, priority in (("low", -1), ("usual", None), ("high", 10)):
        consume(wire, name, tag, priority=priority)
    send(wire, name, b"0", b"1", b"2", b"3")
    assert [delivery(wire)[0] for _ in range(3)] == ["high", "usual", "low"]
    wire.send(commands.Basic.Ack(delivery_tag=2))
    assert delivery(wire)[::3] == ("usual", b"3")


@check(
    ru="Один активный потребитель: остальные ждут, после него — следующий по порядку",
    en="A single active consumer: the others wait, after it the next one in order",
)
def test_single_active_consumer(open_wire: OpenWire, name: str) -> None:
    first, second, third = (open_wire() for _ in range(3))
    declare(first, name, x_single_active_consumer=True)
    for wire, tag in ((first, "1"), (second, "2"), (third, "3")):
        consume(wire, name, tag)
    send(first, name, b"0", b"1")
    assert [delivery(first)[3] for _ in range(2)] == [b"0", b"1"]
    second.silent()
    first.socket.close()
    assert [delivery(second)[2:] for _ in range(2)] == [(True, b"0"), (True, b"1")]
    second.call(commands.Basic.Cancel("2"), commands.Basic.CancelOk)
    send(third, name, b"2")
    assert delivery(third)[2:] == (False, b"2")
    second.silent()


@check(
    ru="Один активный потребитель: exclusive-потребитель там запрещён — 403",
    en="A single active consumer: an exclusive consumer is not allowed there, 403",
)
def test_single_active_and_exclusive(open_wire: OpenWire, name: str, vhost: str) -> None:
    wire = open_wire()
    declare(wire, name, x_single_active_consumer=True)
    code, text = wire.refusal(consuming(name, "one", exclusive=True))
    assert (code, text) == (
        _REFUSED,
        f"ACCESS_REFUSED - queue '{name}' in vhost '{vhost}' in exclusive use",
    )


@check(
    ru="nack с requeue отдаёт сообщение другому потребителю с redelivered",
    en="nack with requeue gives the message to another consumer, redelivered",
)
def test_requeue_to_another(open_wire: OpenWire, name: str) -> None:
    first, second = open_wire(), open_wire()
    declare(first, name)
    consume(first, name, "first")
    send(first, name, b"0")
    assert delivery(first)[1:] == (1, False, b"0")
    consume(second, name, "second")
    first.call(commands.Basic.Cancel("first"), commands.Basic.CancelOk)
    first.send(commands.Basic.Nack(delivery_tag=1, requeue=True))
    assert delivery(second)[2:] == (True, b"0")


@check(
    ru="Потерянное соединение возвращает неподтверждённое по порядку с redelivered",
    en="A lost connection returns what is not acknowledged, in order and redelivered",
)
def test_lost_connection(open_wire: OpenWire, name: str) -> None:
    lost, other = open_wire(), open_wire()
    declare(lost, name)
    send(lost, name, b"0", b"1", b"2")
    qos(lost, 2)
    consume(lost, name, "lost")
    assert [delivery(lost)[3] for _ in range(2)] == [b"0", b"1"]
    lost.socket.close()
    consume(other, name, "other")
    got = sorted((delivery(other)[2:] for _ in range(3)), key=lambda one: one[1])
    assert got == [(True, b"0"), (True, b"1"), (False, b"2")]


@check(
    ru="Кворумная очередь: потребитель видит x-delivery-count с первого возврата, global — 540",
    en="A quorum queue: a consumer sees x-delivery-count after a return; a global qos gets 540",
)
def test_quorum(open_wire: OpenWire, name: str) -> None:
    wire = open_wire()
    declare(wire, name, x_queue_type="quorum")
    qos(wire, 5)
    consume(wire, name, "one")
    send(wire, name, b"0")
    counts = []
    for tag in (1, 2, 3):
        _, properties, _ = wire.message(commands.Basic.Deliver)
        headers = properties.get("headers") or {}
        assert isinstance(headers, dict)
        counts.append(headers.get("x-delivery-count"))
        wire.send(commands.Basic.Reject(delivery_tag=tag, requeue=tag < 3))
    assert counts == [None, 1, 2]
    qos(wire, 5, everywhere=True)
    wire.send(consuming(name, "two"))
    code, text = wire.connection_end()
    assert (code, text.startswith("NOT_IMPLEMENTED - ")) == (540, True)


@check(
    ru="Прямой ответ: имя в reply-to подменяется, ответ приходит потребителю псевдоочереди",
    en="Direct reply-to: reply-to is replaced, the answer comes to the pseudo queue's consumer",
)
def test_direct_reply(open_wire: OpenWire, name: str) -> None:
    asking, answering = open_wire(), open_wire()
    reply_to = "amq.rabbitmq.reply-to"
    declare(answering, name)
    consume(answering, name, "server", no_ack=True)
    consume(asking, reply_to, "client", no_ack=True)
    asking.publish("", name, b"2 + 2", reply_to=reply_to, correlation_id="c-1")
    _, properties, _ = answering.message(commands.Basic.Deliver)
    where = str(properties["reply_to"])
    assert where.startswith(f"{reply_to}.")
    answering.publish("", where, b"4", correlation_id="c-1")
    told, properties, body = asking.message(commands.Basic.Deliver)
    assert isinstance(told, commands.Basic.Deliver)
    assert (told.consumer_tag, told.exchange, told.routing_key) == ("client", "", where)
    assert (properties["correlation_id"], body) == ("c-1", b"4")
    assert answering.call(AnyName.passively(where), commands.Queue.DeclareOk).consumer_count == 1


@check(
    ru="Прямой ответ с mandatory доходит и всё равно возвращается: очереди у него нет",
    en="A direct reply with mandatory arrives and comes back all the same: it has no queue",
)
def test_direct_reply_mandatory(open_wire: OpenWire, name: str) -> None:
    asking, answering = open_wire(), open_wire()
    reply_to = "amq.rabbitmq.reply-to"
    declare(answering, name)
    consume(answering, name, "server", no_ack=True)
    consume(asking, reply_to, "client", no_ack=True)
    asking.publish("", name, b"2 + 2", reply_to=reply_to)
    where = str(answering.message(commands.Basic.Deliver)[1]["reply_to"])
    answering.publish("", where, b"4", mandatory=True)
    assert asking.message(commands.Basic.Deliver)[2] == b"4"
    returned, _, body = answering.message(commands.Basic.Return)
    assert isinstance(returned, commands.Basic.Return)
    assert (returned.reply_code, body) == (312, b"4")


@check(
    ru="Прямой ответ: без no-ack, второй потребитель и публикация без потребителя — 406",
    en="Direct reply-to: without no-ack, a second consumer and no consumer at all get 406",
)
def test_direct_reply_errors(open_wire: OpenWire, name: str) -> None:
    wire = open_wire()
    reply_to = "amq.rabbitmq.reply-to"
    head = "PRECONDITION_FAILED - "
    assert wire.refusal(consuming(reply_to, "one")) == (
        406,
        f"{head}reply consumer cannot acknowledge",
    )
    wire.reopen()
    consume(wire, reply_to, "one", no_ack=True)
    second = consuming(reply_to, "two", no_ack=True)
    assert wire.refusal(second) == (406, f"{head}reply consumer already set")
    wire.reopen()
    wire.publish("", name, b"", reply_to=reply_to)
    assert wire.channel_end() == (406, f"{head}fast reply consumer does not exist")


@check(
    ru="Прямой ответ: адрес ушедшего — passive 404, публикация с mandatory возвращается",
    en="Direct reply-to: the address of one who is gone: passive gets 404, mandatory comes back",
)
def test_direct_reply_gone(open_wire: OpenWire, name: str, vhost: str) -> None:
    wire, server = open_wire(), open_wire()
    reply_to = "amq.rabbitmq.reply-to"
    declare(server, name)
    consume(server, name, "server", no_ack=True)
    consume(wire, reply_to, "one", no_ack=True)
    wire.publish("", name, b"", reply_to=reply_to)
    where = str(server.message(commands.Basic.Deliver)[1]["reply_to"])
    wire.call(commands.Basic.Cancel("one"), commands.Basic.CancelOk)
    server.publish("", where, b"too late", mandatory=True)
    returned, _, body = server.message(commands.Basic.Return)
    assert isinstance(returned, commands.Basic.Return)
    assert (returned.reply_code, body) == (312, b"too late")
    code, text = server.refusal(AnyName.passively(where))
    assert (code, text) == (_NOT_FOUND, f"NOT_FOUND - no queue '{where}' in vhost '{vhost}'")
