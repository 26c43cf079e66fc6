"""Members of groups: static ones, killed ones, and how they are seen from outside."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from confluent_kafka import ConsumerGroupState
from confluent_kafka.admin import AdminClient
from kafka import KafkaAdminClient
from kafka.admin import MemberToRemove
from kafka.errors import FencedInstanceIdError

from tests.engines.suite.checks import check
from tests.engines.suite.kafka.clients.client import (
    SESSION_TIMEOUT_MS,
    Client,
    Committed,
    Partition,
    work_until,
)
from tests.engines.suite.kafka.clients.librdkafka import Librdkafka
from tests.engines.suite.kafka.conftest import MakeTopic
from tests.engines.suite.kafka.refusals import done, refused
from tests.engines.suite.kafka.test_groups import mixed, settled
from tests.waiting import until

_MEMBER = f"""
import sys
import confluent_kafka
consumer = confluent_kafka.Consumer({{
    "bootstrap.servers": sys.argv[1],
    "group.id": sys.argv[2],
    "session.timeout.ms": {SESSION_TIMEOUT_MS},
    "heartbeat.interval.ms": 200,
    "partition.assignment.strategy": "range",
}})
consumer.subscribe(
    [sys.argv[3]], on_assign=lambda _, places: print(len(places), flush=True)
)
while True:
    consumer.poll(0.1)
"""


@contextmanager
def member_process(bootstrap: str, group: str, topic: str) -> Iterator[subprocess.Popen[str]]:
    """A member in a process of its own, which may be killed."""
    words = [sys.executable, "-c", _MEMBER, bootstrap, group, topic]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def described(admin: AdminClient, group: str) -> Any:
    return done(admin.describe_consumer_groups([group]))


@check(
    ru="Убитый член: через session.timeout его партиции достаются другим",
    en="A killed member: after session.timeout its partitions go to the others",
)
def test_killed_member(
    clients: dict[str, Client], bootstrap: str, make_topic: MakeTopic, group: str
) -> None:
    topic = make_topic(partitions=2)
    survivor = clients["kafka-python"].consumer(topic, group=group)
    settled([survivor], [2])
    with member_process(bootstrap, group, topic) as process:
        settled([survivor], [1])
        assert process.stdout is not None
        assert process.stdout.readline() == "1\n"
        process.kill()
        survivor.work(1)
        # Not at once: nobody has said goodbye.
        assert len(survivor.assignment()) == 1
        settled([survivor], [2])


@check(
    ru="Статический член перезапущен: партиции те же, ребалансировки нет",
    en="A static member restarts: the same partitions, and no rebalance",
)
def test_static_member(
    client: Client, librdkafka: Librdkafka, make_topic: MakeTopic, group: str
) -> None:
    topic = make_topic(partitions=2)
    revoked: list[Any] = []
    witness = librdkafka.consumer_with(settings={}, group=group)
    witness.raw.subscribe([topic], on_revoke=lambda _, places: revoked.append(places))
    settled([witness], [2])
    member = client.consumer(topic, group=group, instance="one")
    settled([witness, member], [1, 1])
    before, had = len(revoked), member.assignment()
    member.close()
    again = client.consumer(topic, group=group, instance="one")
    work_until([witness, again], lambda: again.assignment() == had)
    witness.silent()
    assert len(revoked) == before
    assert len(witness.assignment()) == 1


@check(
    ru="Два члена с одним group.instance.id: прежний получает FENCED_INSTANCE_ID",
    en="Two members with one group.instance.id: the former gets FENCED_INSTANCE_ID",
)
def test_fenced_instance(clients: dict[str, Client], topic: str, group: str) -> None:
    client = clients["kafka-python"]
    former = client.consumer(topic, group=group, instance="one")
    settled([former], [1])
    latter = client.consumer(topic, group=group, instance="one")
    settled([latter], [1])
    with refused(FencedInstanceIdError):
        former.commit({Partition(topic): Committed(1)})


@check(
    ru="Статического члена удаляет админ-клиент: партиции сразу свободны",
    en="A static member is removed by the admin client: its partitions are free at once",
)
def test_remove_static_member(
    pure_admin: KafkaAdminClient, clients: dict[str, Client], make_topic: MakeTopic, group: str
) -> None:
    topic = make_topic(partitions=2)
    client = clients["librdkafka"]
    gone = client.consumer(topic, group=group, instance="gone")
    stays = client.consumer(topic, group=group, instance="stays")
    settled([gone, stays], [1, 1])
    gone.close()
    pure_admin.remove_group_members(group, [MemberToRemove(group_instance_id="gone")])
    settled([stays], [2])


@check(
    ru="Описание группы: состояние, способ деления, члены с адресом и партициями",
    en="A group described: state, assignor, members with address and partitions",
)
def test_describe(admin: AdminClient, client: Client, topic: str, group: str) -> None:
    member = client.consumer(topic, group=group)
    settled([member], [1])
    told = described(admin, group)
    assert told.group_id == group
    assert told.state == ConsumerGroupState.STABLE
    assert told.partition_assignor == "range"
    assert not told.is_simple_consumer_group
    (one,) = told.members
    assert one.host == "/127.0.0.1"
    assert one.member_id.startswith(one.client_id + "-")
    places = [(place.topic, place.partition) for place in one.assignment.topic_partitions]
    assert places == [(topic, 0)]


@check(
    ru="Без членов группа пуста (Empty), после удаления её нет (Dead)",
    en="Without members a group is Empty; after its deletion it is not there (Dead)",
)
def test_states(
    pure_admin: KafkaAdminClient, admin: AdminClient, client: Client, topic: str, group: str
) -> None:
    member = client.consumer(topic, group=group)
    settled([member], [1])
    member.commit({Partition(topic): Committed(0)})
    member.close()
    until(lambda: described(admin, group).state == ConsumerGroupState.EMPTY)
    assert described(admin, group).members == []
    done(admin.delete_consumer_groups([group]))
    assert group not in {one["group_id"] for one in pure_admin.list_groups()}


@check(
    ru="Список групп отбирается по состоянию",
    en="The list of groups is filtered by state",
)
def test_list_by_state(
    pure_admin: KafkaAdminClient, librdkafka: Client, topic: str, group: str
) -> None:
    member = librdkafka.consumer(topic, group=group)
    settled([member], [1])
    member.commit({Partition(topic): Committed(0)})

    def listed(state: str) -> bool:
        return group in {one["group_id"] for one in pure_admin.list_groups(states_filter=[state])}

    assert (listed("Stable"), listed("Empty")) == (True, False)
    member.close()
    until(lambda: listed("Empty"))
    assert not listed("Stable")


@check(
    ru="Группа только со смещениями: «простая», без протокола",
    en="A group of offsets only: a simple one, without a protocol",
)
def test_simple_group(
    pure_admin: KafkaAdminClient, admin: AdminClient, librdkafka: Client, topic: str, group: str
) -> None:
    librdkafka.consumer(group=group).commit({Partition(topic): Committed(3)})
    assert described(admin, group).state == ConsumerGroupState.EMPTY
    (listed,) = [one for one in pure_admin.list_groups() if one["group_id"] == group]
    assert listed["protocol_type"] == ""


@check(
    ru="Метаданные члена: топики его подписки видны в описании",
    en="A member's metadata: the topics that it is subscribed to are in the description",
)
def test_subscription_is_described(
    pure_admin: KafkaAdminClient, clients: dict[str, Client], topic: str, group: str
) -> None:
    members = mixed(clients, topic, 1, group=group)

    def told() -> dict[str, Any]:
        described: dict[str, Any] = pure_admin.describe_groups([group])[group]
        return described

    # Who has no partition looks settled before he has joined.
    work_until(members, lambda: told()["group_state"] == "Stable" and len(told()["members"]) == 3)
    settled(members, [1, 0, 0])
    for one in told()["members"]:
        assert one["member_metadata"]["topics"] == [topic]
