"""The x-arguments of queues: what they may be, and the words of the refusal."""

from collections.abc import Callable

import pytest
from pika.exceptions import ConnectionClosedByBroker

from stend.kit.languages import Text
from tests.engines.suite.checks import check, refused_on_embedded
from tests.engines.suite.rabbitmq.blocking import Channel, Connection, refused

Arguments = dict[str, object]
Declare = Callable[..., None]


@pytest.fixture
def declare(channel: Channel, name: str) -> Declare:
    def declared(arguments: Arguments, **how: bool) -> None:
        channel.queue_declare(name, arguments=arguments, **how)

    return declared


def quorum(**arguments: object) -> Arguments:
    told = {f"x-{name.replace('_', '-')}": value for name, value in arguments.items()}
    return {"x-queue-type": "quorum", **told}


@pytest.mark.parametrize(
    ("argument", "value", "text"),
    [
        ("x-message-ttl", -1, "{value_negative,-1}"),
        ("x-message-ttl", "5", '"expected integer, got longstr"'),
        ("x-message-ttl", None, '"expected integer, got void"'),
        ("x-message-ttl", True, '"expected integer, got bool"'),
        ("x-message-ttl", [1], '"expected integer, got array"'),
        ("x-message-ttl", {"a": 1}, '"expected integer, got table"'),
        ("x-message-ttl", 2**40, "{value_too_large,1099511627776}"),
        ("x-expires", 0, "{value_zero,0}"),
        ("x-expires", -5, "{value_negative,-5}"),
        ("x-expires", 2**40, "{value_too_large,1099511627776}"),
        ("x-max-length", -1, "{value_negative,-1}"),
        ("x-max-length", "a", '"expected integer, got longstr"'),
        ("x-max-length-bytes", -1, "{value_negative,-1}"),
        ("x-max-priority", -1, "{value_negative,-1}"),
        ("x-max-priority", 256, "{max_value_exceeded,256}"),
        ("x-max-priority", "a", '"expected integer, got longstr"'),
        ("x-overflow", "somehow", "invalid_overflow"),
        ("x-single-active-consumer", "a", "{unacceptable_type,longstr}"),
        ("x-dead-letter-routing-key", "a", "routing_key_but_no_dlx_defined"),
        ("x-queue-mode", "eager", "\"unsupported queue mode 'eager'\""),
        ("x-queue-type", "heap", "\"unsupported queue type 'heap'\""),
        ("x-queue-version", 3, "\"unsupported queue version '3'\""),
    ],
)
@check(
    ru="Неверное значение аргумента очереди — 406, в тексте аргумент и причина",
    en="A wrong value of a queue's argument: 406 with the argument and the reason",
)
def test_wrong_values(
    declare: Declare, name: str, vhost: str, argument: str, value: object, text: str
) -> None:
    told = f"invalid arg '{argument}' for queue '{name}' in vhost '{vhost}': {text}"
    with refused(406, f"PRECONDITION_FAILED - {told}"):
        declare({argument: value})


@check(
    ru="Обменник мёртвых писем называют строкой, иначе 406",
    en="The dead letter exchange is named by a string, anything else is 406",
)
def test_dead_letter_exchange_type(declare: Declare, name: str, vhost: str) -> None:
    told = f"invalid type 'bool' for arg 'x-dead-letter-exchange' in queue '{name}'"
    with refused(406, told):
        declare({"x-dead-letter-exchange": True})


@pytest.mark.parametrize(
    "arguments",
    [
        {"x-message-ttl": 0},
        {"x-max-length": 0},
        {"x-max-length-bytes": 0},
        {"x-max-priority": 0},
        {"x-dead-letter-exchange": ""},
        {"x-overflow": "reject-publish-dlx"},
        {"x-queue-mode": "lazy"},
        {"x-queue-type": "classic", "x-queue-version": 2},
        {"x-queue-master-locator": "min-masters"},
        {"x-single-active-consumer": False},
        {"x-colour": "red", "my-own": [1, {"a": None}]},
    ],
)
@check(
    ru="Допустимые аргументы, в том числе нули и те, которых сервер не знает",
    en="What arguments may be: zeros and those that the server does not know included",
)
def test_accepted_values(declare: Declare, arguments: Arguments) -> None:
    declare(arguments)
    declare(arguments)


@pytest.mark.parametrize(
    "arguments",
    [
        {"x-delivery-limit": 3},
        {"x-quorum-initial-group-size": 1},
        {"x-max-in-memory-length": 1},
        {"x-dead-letter-strategy": "at-most-once"},
        {"x-queue-leader-locator": "balanced"},
        {"x-max-age": "1D"},
    ],
)
@check(
    ru="Аргументы кворумных очередей и потоков классическая очередь не принимает (406)",
    en="A classic queue refuses the arguments of quorum queues and streams (406)",
)
def test_not_for_classic(declare: Declare, name: str, vhost: str, arguments: Arguments) -> None:
    (argument,) = arguments
    told = f"invalid arg '{argument}' for queue '{name}' in vhost '{vhost}' of queue type "
    with refused(406, f"{told}rabbit_classic_queue"):
        declare(arguments)


@pytest.mark.parametrize(
    "arguments",
    [
        {"x-max-priority": 5},
        {"x-queue-mode": "lazy"},
        {"x-queue-version": 2},
        {"x-queue-master-locator": "min-masters"},
    ],
)
@check(
    ru="Аргументы классической очереди кворумная не принимает (406)",
    en="A quorum queue refuses the arguments of a classic one (406)",
)
def test_not_for_quorum(declare: Declare, name: str, vhost: str, arguments: Arguments) -> None:
    (argument,) = arguments
    told = f"invalid arg '{argument}' for queue '{name}' in vhost '{vhost}' of queue type "
    with refused(406, f"{told}rabbit_quorum_queue"):
        declare({**quorum(), **arguments}, durable=True)


@pytest.mark.parametrize(
    ("how", "wrong"),
    [
        ({}, "non-durable"),
        ({"durable": True, "auto_delete": True}, "auto-delete"),
        ({"durable": True, "exclusive": True}, "exclusive-owner"),
    ],
)
@check(
    ru="Кворумная очередь долговечна, общая и сама не удаляется, иначе 406",
    en="A quorum queue is durable, shared and not auto-deleted; otherwise 406",
)
def test_quorum_shape(
    declare: Declare, name: str, vhost: str, how: dict[str, bool], wrong: str
) -> None:
    with refused(406, f"invalid property '{wrong}' for queue '{name}' in vhost '{vhost}'"):
        declare(quorum(), **how)


@check(
    ru="Повторное объявление с другими аргументами — 406: что дали и что есть",
    en="Declared again with other arguments: 406 with what was given and what there is",
)
def test_inequivalent(connection: Connection, name: str, vhost: str) -> None:
    def declare(**arguments: object) -> None:
        told = {f"x-{one.replace('_', '-')}": value for one, value in arguments.items()}
        connection.channel().queue_declare(name, arguments=told)

    subject = f"for queue '{name}' in vhost '{vhost}': received"
    declare(max_length=3, dead_letter_exchange="one", colour="red")
    # What means nothing to the server is not compared.
    declare(max_length=3, dead_letter_exchange="one", colour="blue")
    with refused(406, f"inequivalent arg 'x-max-length' {subject} '4' but current is '3'"):
        declare(max_length=4, dead_letter_exchange="one")
    with refused(406, f"'x-dead-letter-exchange' {subject} 'two' but current is 'one'"):
        declare(max_length=3, dead_letter_exchange="two")
    with refused(
        406,
        f"'x-dead-letter-exchange' {subject} none but current is the value 'one' of type 'longstr'",
    ):
        declare(max_length=3)
    with refused(
        406, f"'x-overflow' {subject} the value 'drop-head' of type 'longstr' but current is none"
    ):
        declare(max_length=3, dead_letter_exchange="one", overflow="drop-head")


@check(
    ru="x-queue-type=classic — то же, что без него; тип очереди потом не сменить (406)",
    en="x-queue-type=classic is the same as none; the type of a queue never changes (406)",
)
def test_queue_type_is_for_ever(connection: Connection, name: str) -> None:
    connection.channel().queue_declare(name, durable=True, arguments={"x-queue-type": "classic"})
    connection.channel().queue_declare(name, durable=True)
    with refused(406, "'x-queue-type'", "received 'quorum' but current is 'classic'"):
        connection.channel().queue_declare(name, durable=True, arguments=quorum())


_STREAMS = Text(
    ru="потоков нет: очередь не создаётся, ответ 540 NOT_IMPLEMENTED",
    en="there are no streams: the queue is refused with 540 NOT_IMPLEMENTED",
)


@refused_on_embedded(_STREAMS, raises=ConnectionClosedByBroker)
@check(ru="Поток объявляется как очередь", en="A stream is declared like a queue")
def test_stream(declare: Declare) -> None:
    declare({"x-queue-type": "stream"}, durable=True)
