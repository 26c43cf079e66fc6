"""Groups of consumers: who reads what, and what happens when one comes or goes."""

from collections import Counter
from collections.abc import Sequence
from itertools import chain
from typing import Any

import pytest
from confluent_kafka.admin import AdminClient, NewPartitions
from kafka.errors import InconsistentGroupProtocolError, InvalidSessionTimeoutError

from tests.engines.suite.checks import check
from tests.engines.suite.kafka.clients.client import Client, Consumer, Partition, work_until
from tests.engines.suite.kafka.clients.librdkafka import Librdkafka
from tests.engines.suite.kafka.conftest import MakeTopic
from tests.engines.suite.kafka.refusals import done, refused


def shares(members: Sequence[Consumer]) -> list[int]:
    """How many partitions each has."""
    return [len(member.assignment()) for member in members]


def settled(members: Sequence[Consumer], expected: Sequence[int]) -> None:
    """Lets them work until they have so many partitions, and none has two readers."""

    def look() -> bool:
        all_of_them = list(chain.from_iterable(member.assignment() for member in members))
        is_divided = len(all_of_them) == len(set(all_of_them)) == sum(expected)
        return is_divided and sorted(shares(members)) == sorted(expected)

    work_until(members, look)


def read_by_all(members: Sequence[Consumer], count: int) -> Counter[Any]:
    """The values of so many messages that the members read together."""
    got: Counter[Any] = Counter()

    def look() -> bool:
        for member in members:
            got.update(message.value for message in member.forget())
        return got.total() >= count

    work_until(members, look)
    return got


def write(client: Client, topic: str, partitions: int, each: int = 20) -> Counter[Any]:
    """The same number of messages in every partition; their values."""
    producer = client.producer()
    sent: Counter[Any] = Counter()
    for number in range(partitions):
        values = [b"%d-%d" % (number, n) for n in range(each)]
        producer.send_all(topic, values, partition=number)
        sent.update(values)
    return sent


@check(
    ru="Второй член группы получает половину партиций; ушёл — они вернулись первому",
    en="A second member gets half of the partitions; when it leaves, they return to the first",
)
def test_two_members(client: Client, make_topic: MakeTopic, group: str) -> None:
    topic = make_topic(partitions=4)
    first = client.consumer(topic, group=group)
    settled([first], [4])
    second = client.consumer(topic, group=group)
    both = [first, second]
    settled(both, [2, 2])
    second.close()
    settled([first], [4])


@check(
    ru="Группа делит сообщения: каждое прочитано один раз",
    en="A group divides the messages: each is read once",
)
def test_messages_are_divided(client: Client, make_topic: MakeTopic, group: str) -> None:
    topic = make_topic(partitions=3)
    members = [client.consumer(topic, group=group) for _ in range(3)]
    settled(members, [1, 1, 1])
    sent = write(client, topic, 3)
    assert read_by_all(members, 60) == sent
    for member in members:
        member.silent()


def mixed(clients: dict[str, Client], topic: str, partitions: int, **how: Any) -> list[Consumer]:
    """A member of each library, which will share the partitions."""
    # As the leader it joins a second time as soon as it knows the topic, and librdkafka may miss
    # that while it joins itself.
    leader = clients["kafka-python"].consumer(topic, **how)
    settled([leader], [partitions])
    others = [clients[name].consumer(topic, **how) for name in ("librdkafka", "aiokafka")]
    return [leader, *others]


@check(
    ru="Смешанная группа: librdkafka, aiokafka и kafka-python делят партиции поровну",
    en="A mixed group: librdkafka, aiokafka and kafka-python share the partitions evenly",
)
@pytest.mark.parametrize("assignor", ["range", "roundrobin"])
def test_mixed_group(
    clients: dict[str, Client], make_topic: MakeTopic, group: str, assignor: str
) -> None:
    topic = make_topic(partitions=6)
    members = mixed(clients, topic, 6, group=group, assignor=assignor)
    settled(members, [2, 2, 2])
    sent = write(clients["librdkafka"], topic, 6)
    assert read_by_all(members, 120) == sent


@check(
    ru="range делит каждый топик отдельно, roundrobin — все партиции вместе",
    en="range divides each topic on its own, roundrobin all partitions together",
)
@pytest.mark.parametrize(("assignor", "expected"), [("range", [4, 2]), ("roundrobin", [3, 3])])
def test_assignors(
    client: Client, make_topic: MakeTopic, group: str, assignor: str, expected: list[int]
) -> None:
    topics = [make_topic(f"-{end}", partitions=3) for end in "ab"]
    members = [client.consumer(*topics, group=group, assignor=assignor) for _ in range(2)]
    settled(members, expected)


@check(
    ru="sticky: третий член забирает лишнее, остальное остаётся у прежних",
    en="sticky: a third member takes the surplus, the rest stays where it was",
)
def test_sticky(clients: dict[str, Client], make_topic: MakeTopic, group: str) -> None:
    topic = make_topic(partitions=6)
    client = clients["kafka-python"]
    members = [client.consumer(topic, group=group, assignor="sticky") for _ in range(2)]
    settled(members, [3, 3])
    before = [member.assignment() for member in members]
    third = client.consumer(topic, group=group, assignor="sticky")
    settled([*members, third], [2, 2, 2])
    for member, had in zip(members, before, strict=True):
        assert member.assignment() < had


@check(
    ru="cooperative-sticky: при новом члене отзываются только переданные партиции",
    en="cooperative-sticky: a new member costs the others only the partitions that it gets",
)
def test_cooperative(clients: dict[str, Client], make_topic: MakeTopic, group: str) -> None:
    topic = make_topic(partitions=4)
    rd = clients["librdkafka"]
    assert isinstance(rd, Librdkafka)
    revoked: list[Partition] = []
    first = rd.consumer_with(settings={}, group=group, assignor="cooperative-sticky")
    first.raw.subscribe(
        [topic],
        on_revoke=lambda _, places: revoked.extend(Partition(p.topic, p.partition) for p in places),
    )
    settled([first], [4])
    had = first.assignment()
    second = clients["kafka-python"].consumer(topic, group=group, assignor="cooperative-sticky")
    settled([first, second], [2, 2])
    assert set(revoked) == had - first.assignment()


@check(
    ru="Членов больше, чем партиций: лишний ждёт и заменяет ушедшего",
    en="More members than partitions: the one too many waits and replaces one that leaves",
)
def test_spare_member(client: Client, topic: str, group: str) -> None:
    members = [client.consumer(topic, group=group) for _ in range(2)]
    settled(members, [1, 0])
    busy, spare = sorted(members, key=lambda member: not member.assignment())
    busy.close()
    settled([spare], [1])


@check(
    ru="Новые партиции топика достаются группе",
    en="New partitions of a topic come to the group",
)
def test_new_partitions(admin: AdminClient, librdkafka: Librdkafka, topic: str, group: str) -> None:
    settings = {"topic.metadata.refresh.interval.ms": 200}
    member = librdkafka.consumer_with(topic, settings=settings, group=group)
    settled([member], [1])
    done(admin.create_partitions([NewPartitions(topic, 3)]))
    settled([member], [3])


@check(
    ru="Нет общего способа деления: INCONSISTENT_GROUP_PROTOCOL",
    en="No assignor in common: INCONSISTENT_GROUP_PROTOCOL",
)
def test_no_common_assignor(clients: dict[str, Client], topic: str, group: str) -> None:
    first = clients["librdkafka"].consumer(topic, group=group, assignor="range")
    settled([first], [1])
    with refused(InconsistentGroupProtocolError):
        clients["kafka-python"].consumer(topic, group=group, assignor="roundrobin").take(1)


@check(
    ru="session.timeout вне пределов брокера: INVALID_SESSION_TIMEOUT",
    en="A session.timeout outside of the broker's limits: INVALID_SESSION_TIMEOUT",
)
@pytest.mark.parametrize("timeout_ms", [5_999, 1_800_001])
def test_session_timeout(
    clients: dict[str, Client], topic: str, group: str, timeout_ms: int
) -> None:
    consumer = clients["kafka-python"].consumer(topic, group=group, session_timeout_ms=timeout_ms)
    with refused(InvalidSessionTimeoutError):
        consumer.take(1)
