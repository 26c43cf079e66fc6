"""Clients of the broker, and names for what they make there."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from typing import Any

import pytest
from confluent_kafka import TopicCollection
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic
from kafka import KafkaAdminClient
from kafka.admin import MemberToRemove
from kafka.errors import (
    GroupIdNotFoundError,
    UnknownMemberIdError,
    UnknownTopicOrPartitionError,
)
from kafka.protocol.metadata import FindCoordinatorRequest

from tests.engines.suite.kafka.asking import GroupWire, TransactionWire, init, is_led
from tests.engines.suite.kafka.clients.aio import Aiokafka
from tests.engines.suite.kafka.clients.client import Client
from tests.engines.suite.kafka.clients.kafka_python import KafkaPython
from tests.engines.suite.kafka.clients.librdkafka import SILENT, Librdkafka
from tests.engines.suite.kafka.clients.loop import Loop
from tests.engines.suite.kafka.refusals import code_of, done
from tests.engines.suite.kafka.wire import Wire
from tests.waiting import until

CLIENTS = ("librdkafka", "aiokafka", "kafka-python")

MakeTopic = Callable[..., str]
Remove = Callable[[str], str]
_TIMEOUT_S = 20


@pytest.fixture(scope="session")
def bootstrap(kafka_url: str) -> str:
    """host:port"""
    return kafka_url.removeprefix("kafka://")


@pytest.fixture(scope="session")
def loop() -> Iterator[Loop]:
    loop = Loop()
    yield loop
    loop.close()


@pytest.fixture(scope="session")
def admin(bootstrap: str) -> AdminClient:
    return AdminClient({"bootstrap.servers": bootstrap}, logger=SILENT)


@pytest.fixture(scope="session")
def pure_admin(bootstrap: str) -> Iterator[Any]:
    """kafka-python's, which asks what the other has no calls for."""
    client = KafkaAdminClient(bootstrap_servers=bootstrap)
    yield client
    client.close()


@pytest.fixture(scope="session")
def probe(bootstrap: str) -> Iterator[Wire]:
    """A connection to look whether the broker is ready."""
    with Wire(bootstrap) as wire:
        yield wire


@pytest.fixture
def remove(admin: AdminClient) -> Iterator[Remove]:
    """Topics that this check makes in its own way: named here, they are removed afterwards."""
    made: set[str] = set()

    def note(topic: str) -> str:
        made.add(topic)
        return topic

    yield note
    if made:
        for one in admin.delete_topics(list(made)).values():
            error = one.exception(_TIMEOUT_S)
            # The check may have done so itself.
            if error and code_of(error) != UnknownTopicOrPartitionError.errno:
                raise error


@pytest.fixture
def make_topic(admin: AdminClient, probe: Wire, name: str, remove: Remove) -> MakeTopic:
    """Topics of this check: their end of the name, partitions, settings."""

    def make(end: str = "", partitions: int = 1, **config: object) -> str:
        settings = {key.replace("_", "."): str(value) for key, value in config.items()}
        topic = remove(name + end)
        done(admin.create_topics([NewTopic(topic, partitions, 1, config=settings)]))
        # The controller answers before the broker knows, and leads (KRaft).
        until(lambda: is_led(probe, topic, partitions))
        return topic

    return make


def is_known(admin: AdminClient, topic: str) -> bool:
    told = admin.describe_topics(TopicCollection([topic]))[topic]
    return told.exception(_TIMEOUT_S) is None


@pytest.fixture
def topic(make_topic: MakeTopic) -> str:
    """With one partition and Kafka's settings."""
    return make_topic()


@pytest.fixture
def group(admin: AdminClient, pure_admin: Any, name: str, coordinators: None) -> Iterator[str]:
    """A name of a group, which goes when all its members have gone."""
    yield name
    # Static ones do not say goodbye when they close.
    members = [
        MemberToRemove(member_id=one["member_id"], group_instance_id=one["group_instance_id"])
        for one in pure_admin.describe_groups([name])[name]["members"]
    ]
    if members:
        pure_admin.remove_group_members(name, members)
    error = admin.delete_consumer_groups([name])[name].exception(_TIMEOUT_S)
    if error and code_of(error) != GroupIdNotFoundError.errno:
        raise error


@pytest.fixture
def clients(
    bootstrap: str, loop: Loop, make_topic: MakeTopic, group: str
) -> Iterator[dict[str, Client]]:
    """They end before the topics and the group do, whichever a check names first."""
    made = (Librdkafka(bootstrap), Aiokafka(bootstrap, loop), KafkaPython(bootstrap))
    try:
        yield {client.name: client for client in made}
    finally:
        # Together: when one has left their group, aiokafka may join it anew before it ends, and
        # then waits for the others, which nobody lets work any more.
        with ThreadPoolExecutor(len(made)) as threads:
            list(threads.map(lambda client: client.close(), made))


@pytest.fixture(params=CLIENTS)
def client(request: pytest.FixtureRequest, clients: dict[str, Client]) -> Client:
    """Each of the libraries in turn."""
    return clients[request.param]


@pytest.fixture
def librdkafka(clients: dict[str, Client]) -> Librdkafka:
    """The one that is asked where the client makes no difference."""
    client = clients["librdkafka"]
    assert isinstance(client, Librdkafka)
    return client


@pytest.fixture(scope="session")
def coordinators(probe: Wire) -> None:
    """A broker that has just started is not ready to tell them; clients ask again, we do here."""
    ask = partial(probe.ask, FindCoordinatorRequest, 2, key="")
    until(lambda: all(ask(key_type=kind).error_code == 0 for kind in (0, 1)))
    until(lambda: init(probe, None).error_code == 0)
    until(lambda: GroupWire(probe, "suite").heartbeat(1, "") == UnknownMemberIdError.errno)
    until(lambda: TransactionWire(probe, "suite").init().error_code == 0)


@pytest.fixture
def open_wire(bootstrap: str, group: str) -> Iterator[Callable[[], Wire]]:
    """Connections that end with the check."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(Wire(bootstrap))


@pytest.fixture
def wire(open_wire: Callable[[], Wire]) -> Wire:
    return open_wire()
