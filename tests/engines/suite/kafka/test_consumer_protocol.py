"""The consumer protocol of KIP-848: the broker divides, members only say what they have."""

from typing import Any

import pytest
from confluent_kafka import ConsumerGroupState, ConsumerGroupType, KafkaException
from confluent_kafka.admin import AdminClient
from kafka import KafkaAdminClient

from stend.kit.languages import Text
from tests.engines.suite.checks import check, refused_on_embedded
from tests.engines.suite.kafka.clients.client import Client, Committed, Partition
from tests.engines.suite.kafka.clients.librdkafka import Librdkafka, RdConsumer
from tests.engines.suite.kafka.conftest import MakeTopic
from tests.engines.suite.kafka.refusals import done
from tests.engines.suite.kafka.test_groups import read_by_all, settled, write
from tests.engines.suite.kafka.test_offsets import fill, numbers
from tests.waiting import until


class Members:
    """librdkafka, the only one of the three that speaks it."""

    def __init__(self, client: Librdkafka, group: str) -> None:
        self._client = client
        self._group = group

    def join(self, *topics: str, assignor: str = "uniform", **how: Any) -> RdConsumer:
        settings = {
            "group.protocol": "consumer",
            "group.remote.assignor": assignor,
            # These are the broker's to say.
            "session.timeout.ms": None,
            "heartbeat.interval.ms": None,
            "partition.assignment.strategy": None,
        }
        return self._client.consumer_with(*topics, settings=settings, group=self._group, **how)


@pytest.fixture
def members(librdkafka: Librdkafka, group: str) -> Members:
    return Members(librdkafka, group)


def described(admin: AdminClient, group: str) -> Any:
    return done(admin.describe_consumer_groups([group]))


@check(
    ru="KIP-848: второй член получает половину партиций; ушёл — они вернулись первому",
    en="KIP-848: a second member gets half of the partitions; it leaves, and they return",
)
def test_two_members(members: Members, make_topic: MakeTopic) -> None:
    topic = make_topic(partitions=4)
    first = members.join(topic)
    settled([first], [4])
    second = members.join(topic)
    settled([first, second], [2, 2])
    second.close()
    settled([first], [4])


@check(
    ru="KIP-848: три члена делят сообщения, каждое прочитано один раз",
    en="KIP-848: three members divide the messages, each is read once",
)
def test_messages_are_divided(members: Members, librdkafka: Client, make_topic: MakeTopic) -> None:
    topic = make_topic(partitions=6)
    all_of_them = [members.join(topic) for _ in range(3)]
    settled(all_of_them, [2, 2, 2])
    sent = write(librdkafka, topic, 6)
    assert read_by_all(all_of_them, 120) == sent


@check(
    ru="KIP-848: range и uniform делят два топика по-разному",
    en="KIP-848: range and uniform divide two topics differently",
)
@pytest.mark.parametrize(("assignor", "expected"), [("range", [4, 2]), ("uniform", [3, 3])])
def test_assignors(
    members: Members, make_topic: MakeTopic, assignor: str, expected: list[int]
) -> None:
    topics = [make_topic(f"-{end}", partitions=3) for end in "ab"]
    both = [members.join(*topics, assignor=assignor) for _ in range(2)]
    settled(both, expected)


@check(
    ru="KIP-848: неизвестный способ деления: UNSUPPORTED_ASSIGNOR",
    en="KIP-848: an unknown assignor: UNSUPPORTED_ASSIGNOR",
)
def test_unknown_assignor(members: Members, topic: str) -> None:
    member = members.join(topic, assignor="by-the-moon")
    # librdkafka calls it fatal, with a code of its own.
    with pytest.raises(KafkaException, match="assignor or its version range is not supported"):
        member.take(1)


@check(
    ru="KIP-848: сохранённое смещение, следующий потребитель продолжает с него",
    en="KIP-848: a committed offset, and the next consumer goes on from it",
)
def test_resume(members: Members, librdkafka: Client, topic: str) -> None:
    fill(librdkafka, topic)
    first = members.join(topic)
    first.take(10)
    first.commit({Partition(topic): Committed(4)})
    first.close()
    assert members.join(topic).values(6) == numbers(4, 10)


@check(
    ru="KIP-848: группа описана: вид Consumer, состояние, партиции члена",
    en="KIP-848: the group described: type Consumer, state, the partitions of a member",
)
def test_described(admin: AdminClient, members: Members, topic: str, group: str) -> None:
    member = members.join(topic)
    settled([member], [1])
    until(lambda: described(admin, group).state == ConsumerGroupState.STABLE)
    told = described(admin, group)
    assert told.type == ConsumerGroupType.CONSUMER
    assert told.partition_assignor == "uniform"
    (one,) = told.members
    places = [(place.topic, place.partition) for place in one.assignment.topic_partitions]
    assert places == [(topic, 0)]


@check(
    ru="KIP-848: в списке групп отбираются по виду",
    en="KIP-848: the list of groups is filtered by type",
)
def test_listed(pure_admin: KafkaAdminClient, members: Members, topic: str, group: str) -> None:
    member = members.join(topic)
    settled([member], [1])

    def listed(kind: str) -> bool:
        return group in {one["group_id"] for one in pure_admin.list_groups(types_filter=[kind])}

    assert (listed("consumer"), listed("classic")) == (True, False)


@check(
    ru="KIP-848: статический член возвращается к своим партициям",
    en="KIP-848: a static member returns to its partitions",
)
def test_static_member(librdkafka: Librdkafka, make_topic: MakeTopic, group: str) -> None:
    topic = make_topic(partitions=2)
    # It goes when the static member is missed; nobody can say goodbye for it.
    members = Members(librdkafka, f"{group}-static")
    stays, member = members.join(topic), members.join(topic, instance="one")
    settled([stays, member], [1, 1])
    had = member.assignment()
    member.close()
    stays.work(1)
    assert len(stays.assignment()) == 1
    again = members.join(topic, instance="one")
    settled([stays, again], [1, 1])
    assert again.assignment() == had


@refused_on_embedded(
    Text(
        ru="Группа с участниками не переходит между протоколами на ходу",
        en="A group with members is not converted between the protocols",
    ),
    raises=KafkaException,
)
@check(
    ru="KIP-848: члены обоих протоколов уживаются в одной группе",
    en="KIP-848: members of both protocols live in one group",
)
def test_both_protocols(
    members: Members, librdkafka: Client, make_topic: MakeTopic, group: str
) -> None:
    topic = make_topic(partitions=2)
    classic = librdkafka.consumer(topic, group=group)
    settled([classic], [2])
    settled([classic, members.join(topic, assignor="range")], [1, 1])
