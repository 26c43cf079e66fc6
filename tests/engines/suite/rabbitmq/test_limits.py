"""What leaves a queue by itself: by age, by length, by priority; and what it refuses to take."""

import pika
import pika.exceptions
import pytest

from tests.engines.suite.checks import check
from tests.engines.suite.rabbitmq.asking import taken
from tests.engines.suite.rabbitmq.blocking import Channel, Connection, arrived, bodies
from tests.waiting import until


@pytest.fixture
def channel(connection: Connection) -> Channel:
    """Waits for confirms: a count may overtake what was published before it."""
    confirming = connection.channel()
    confirming.confirm_delivery()
    return confirming


def sent(channel: Channel, queue: str, *told: bytes, **properties: object) -> None:
    for body in told:
        channel.basic_publish("", queue, body, pika.BasicProperties(**properties))


def ready(channel: Channel, queue: str) -> int:
    count: int = channel.queue_declare(queue, passive=True).method.message_count
    return count


@check(
    ru="Срок сообщений очереди: по его истечении они исчезают сами",
    en="The message TTL of a queue: after it messages go by themselves",
)
def test_queue_message_ttl(channel: Channel, name: str) -> None:
    channel.queue_declare(name, arguments={"x-message-ttl": 100})
    sent(channel, name, b"a", b"b")
    until(lambda: ready(channel, name) == 0)
    assert taken(channel, name) == []


@check(
    ru="Действует меньший срок: свой у сообщения или очереди",
    en="The smaller TTL counts: the message's own or the queue's",
)
def test_smaller_ttl(channel: Channel, name: str) -> None:
    for queue, ttl in ((f"{name}:long", 60_000), (f"{name}:short", 80)):
        channel.queue_declare(queue, arguments={"x-message-ttl": ttl})
        sent(channel, queue, b"", expiration="60000" if ttl == 80 else "80")
    until(lambda: ready(channel, f"{name}:long") == 0)
    until(lambda: ready(channel, f"{name}:short") == 0)


@check(
    ru="Срок сообщения проверяется в голове: просроченное за живым ждёт его",
    en="The TTL of a message is looked at in the head: an overdue one behind a live one waits",
)
def test_ttl_at_the_head_only(channel: Channel, name: str) -> None:
    for queue in (name, f"{name}:twin"):
        channel.queue_declare(queue)
    sent(channel, name, b"live")
    sent(channel, name, b"overdue", expiration="50")
    sent(channel, f"{name}:twin", b"overdue", expiration="50")
    until(lambda: ready(channel, f"{name}:twin") == 0)
    assert ready(channel, name) == 2
    assert bodies(channel, name) == [b"live"]


@check(
    ru="get: просроченное за снятым сообщением уходит сразу и в счёт не идёт",
    en="get: an overdue message behind the one that is taken goes at once, uncounted",
)
def test_ttl_behind_a_taken_message(channel: Channel, name: str) -> None:
    dead, twin = f"{name}:dead", f"{name}:twin"
    to_dead = {"x-dead-letter-exchange": "", "x-dead-letter-routing-key": dead}
    channel.queue_declare(dead)
    channel.queue_declare(twin)
    channel.queue_declare(name, arguments=to_dead)
    sent(channel, name, b"live")
    for queue in (name, twin):
        sent(channel, queue, b"overdue", expiration="50")
    until(lambda: ready(channel, twin) == 0)
    method, _, body = channel.basic_get(name, auto_ack=True)
    assert (body, method.message_count) == (b"live", 0)
    assert arrived(channel, dead).body == b"overdue"
    sent(channel, name, b"live")
    sent(channel, name, b"young", expiration="300")
    method, _, body = channel.basic_get(name, auto_ack=True)
    assert (body, method.message_count) == (b"live", 1)
    assert arrived(channel, dead).body == b"young"


@check(
    ru="Срок 0: только сразу ждущему потребителю, иначе сообщение исчезает",
    en="A TTL of 0: to a waiting consumer at once, else the message goes",
)
def test_ttl_zero(channel: Channel, name: str) -> None:
    queue = f"{name}:queue"
    channel.queue_declare(name)
    channel.queue_declare(queue, arguments={"x-message-ttl": 0})
    sent(channel, name, b"lost", expiration="0")
    sent(channel, queue, b"lost")
    assert taken(channel, name) == taken(channel, queue) == []
    seen: list[bytes] = []
    for one in (name, queue):
        channel.basic_consume(one, lambda *got: seen.append(got[3]), auto_ack=True)
    sent(channel, name, b"message", expiration="0")
    sent(channel, queue, b"of the queue")

    def both() -> bool:
        channel.connection.process_data_events(0.02)
        return sorted(seen) == [b"message", b"of the queue"]

    until(both)


@check(
    ru="x-max-length: по умолчанию уходят самые старые",
    en="x-max-length: the oldest go, unless told otherwise",
)
def test_drop_head(channel: Channel, name: str) -> None:
    channel.queue_declare(name, arguments={"x-max-length": 2})
    sent(channel, name, b"a", b"b", b"c", b"d")
    assert bodies(channel, name) == [b"c", b"d"]


@check(
    ru="x-max-length-bytes считает тела: уходят самые старые, слишком большое — само",
    en="x-max-length-bytes counts bodies: the oldest go, one that is too large goes itself",
)
def test_drop_head_by_bytes(channel: Channel, name: str) -> None:
    channel.queue_declare(name, arguments={"x-max-length-bytes": 10})
    sent(channel, name, b"aaaa", b"bbbb", b"cc", b"dddd")
    assert bodies(channel, name) == [b"bbbb", b"cc", b"dddd"]
    sent(channel, name, b"small", b"x" * 11)
    assert bodies(channel, name) == []


@check(
    ru="x-max-length считает только готовые: отданные без подтверждения не в счёт",
    en="x-max-length counts ready messages only, not those that are out",
)
def test_length_counts_ready(channel: Channel, name: str) -> None:
    channel.queue_declare(name, arguments={"x-max-length": 1})
    sent(channel, name, b"out")
    (out,) = taken(channel, name, auto_ack=False)
    sent(channel, name, b"in")
    assert ready(channel, name) == 1
    channel.basic_nack(out.method.delivery_tag, requeue=True)
    assert bodies(channel, name) == [b"in"]


@check(
    ru="reject-publish: лишнее не принимается, издатель получает nack; без режима — тишина",
    en="reject-publish: what is too much is not taken, the publisher gets a nack, if it confirms",
)
@pytest.mark.parametrize("arguments", [{"x-max-length": 2}, {"x-max-length-bytes": 4}])
def test_reject_publish(connection: Connection, name: str, arguments: dict[str, int]) -> None:
    channel = connection.channel()
    channel.queue_declare(name, arguments={"x-overflow": "reject-publish", **arguments})
    sent(channel, name, b"aa", b"bb", b"cc")
    channel.confirm_delivery()
    with pytest.raises(pika.exceptions.NackError):
        sent(channel, name, b"dd")
    assert bodies(channel, name) == [b"aa", b"bb"]
    sent(channel, name, b"ee")
    assert bodies(channel, name) == [b"ee"]


@check(
    ru="Длина 0: очередь не держит ничего, но отдаёт ждущему потребителю",
    en="A length of 0: a queue holds nothing, but hands over to a waiting consumer",
)
def test_length_zero(channel: Channel, name: str) -> None:
    channel.queue_declare(name, arguments={"x-max-length": 0})
    sent(channel, name, b"lost")
    assert bodies(channel, name) == []
    seen: list[bytes] = []
    channel.basic_consume(name, lambda *got: seen.append(got[3]), auto_ack=True)
    sent(channel, name, b"handed over")

    def arrived() -> bool:
        channel.connection.process_data_events(0.02)
        return seen == [b"handed over"]

    until(arrived)


@check(
    ru="Одно сообщение в две очереди, одна отказывает: издатель получает nack, вторая хранит",
    en="One message to two queues of which one refuses: a nack, and the other one keeps it",
)
def test_partly_rejected(channel: Channel, name: str) -> None:
    full, free = f"{name}:full", f"{name}:free"
    channel.exchange_declare(name, "fanout")
    channel.queue_declare(full, arguments={"x-max-length": 0, "x-overflow": "reject-publish"})
    channel.queue_declare(free)
    for queue in (full, free):
        channel.queue_bind(queue, name)
    with pytest.raises(pika.exceptions.NackError):
        channel.basic_publish(name, "", b"half")
    assert (bodies(channel, full), bodies(channel, free)) == ([], [b"half"])


@check(
    ru="Приоритеты: сначала больший, внутри одного — по порядку; выше предела — как предел",
    en="Priorities: the higher first, in order inside of one; above the maximum is the maximum",
)
def test_priorities(channel: Channel, name: str) -> None:
    channel.queue_declare(name, arguments={"x-max-priority": 5})
    for body, priority in (
        (b"a0", None),
        (b"b1", 1),
        (b"c5", 5),
        (b"d9", 9),
        (b"e1", 1),
        (b"f5", 5),
    ):
        sent(channel, name, body, priority=priority)
    got = taken(channel, name)
    assert [one.body for one in got] == [b"c5", b"d9", b"f5", b"b1", b"e1", b"a0"]
    assert [one.properties.priority for one in got] == [5, 9, 5, 1, 1, None]


@check(
    ru="Приоритеты и срок: просроченное ждёт за живым сообщением старшего приоритета",
    en="Priorities and TTL: an overdue message waits behind a live one of a higher priority",
)
def test_priority_and_ttl(channel: Channel, name: str) -> None:
    twin = f"{name}:twin"
    channel.queue_declare(name, arguments={"x-max-priority": 2})
    channel.queue_declare(twin)
    sent(channel, name, b"live", priority=2)
    for queue in (name, twin):
        sent(channel, queue, b"overdue", priority=0, expiration="50")
    until(lambda: ready(channel, twin) == 0)
    assert ready(channel, name) == 2
    assert bodies(channel, name) == [b"live"]


@check(
    ru="Приоритетное, вернувшись в очередь, стоит впереди прежних того же приоритета",
    en="A message with a priority comes back before the others of its priority",
)
def test_priority_requeue(channel: Channel, name: str) -> None:
    channel.queue_declare(name, arguments={"x-max-priority": 2})
    for body, priority in ((b"low", 0), (b"high 1", 2), (b"high 2", 2)):
        sent(channel, name, body, priority=priority)
    tag = channel.basic_get(name)[0].delivery_tag
    channel.basic_nack(tag, requeue=True)
    assert bodies(channel, name) == [b"high 1", b"high 2", b"low"]


@check(
    ru="Без x-max-priority приоритет сообщений не меняет порядка",
    en="Without x-max-priority the priority of messages changes nothing",
)
def test_no_priorities(channel: Channel, name: str) -> None:
    channel.queue_declare(name)
    for priority in (1, 9, 5):
        sent(channel, name, str(priority).encode(), priority=priority)
    assert bodies(channel, name) == [b"1", b"9", b"5"]
