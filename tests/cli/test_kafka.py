"""`stend kafka` against running stands: one broker, three of them, a Kafka of somebody else."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from confluent_kafka import KafkaError, KafkaException, Message, Producer
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from tests.conftest import LiveStand, stand_of_its_own

_TIMEOUT_S = 20


@pytest.fixture(scope="module")
def three() -> Iterator[LiveStand]:
    """A stand with three brokers and a topic that each of them has a replica of."""
    with stand_of_its_own() as stand:
        stand.up(STEND_KAFKA_BROKERS="3")
        topic = NewTopic("trio", num_partitions=3, replication_factor=3)
        admin = AdminClient({"bootstrap.servers": server(stand)})
        admin.create_topics([topic])["trio"].result(_TIMEOUT_S)
        yield stand


def server(stand: LiveStand, number: int = 1, tap: int = 0) -> str:
    return f"127.0.0.1:{stand.port_base + 14 + number + tap}"


def told(stand: LiveStand, *words: str) -> dict[str, Any]:
    done = stand.command("kafka", *words, "--json")
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def running(cluster: dict[str, Any]) -> dict[int, bool]:
    return {one["id"]: one["running"] for one in cluster["brokers"]}


# ---- one broker --------------------------------------------------------------------------------


def test_brokers_as_json_have_a_fixed_shape(live_stand: LiveStand) -> None:
    cluster = told(live_stand, "brokers")
    assert list(cluster) == ["brokers", "partitions", "under_replicated", "without_leader"]
    (broker,) = cluster["brokers"]
    assert list(broker) == ["id", "address", "running", "leads", "replicas", "out_of_sync"]
    assert (broker["id"], broker["address"], broker["running"]) == (1, server(live_stand), True)
    assert broker["leads"] == broker["replicas"] == cluster["partitions"]


def test_the_last_broker_that_runs_is_not_stopped(live_stand: LiveStand) -> None:
    done = live_stand.command("kafka", "stop", "1")
    assert done.returncode == 1
    assert "INVALID_REQUEST" in done.stderr
    assert running(told(live_stand, "brokers")) == {1: True}


def test_a_broker_that_does_not_exist_is_exit_code_2_and_those_that_do_are_told(
    live_stand: LiveStand,
) -> None:
    done = live_stand.command("kafka", "stop", "2")
    assert (done.returncode, "There are: 1." in done.stderr) == (2, True)
    assert "kafka.brokers" in done.stderr


@pytest.mark.parametrize("words", [("brokers",), ("stop", "1"), ("start", "1")])
def test_without_a_stand_it_is_exit_code_2(new_stand: LiveStand, words: tuple[str, ...]) -> None:
    done = new_stand.command("kafka", *words)
    assert (done.returncode, "./stend up" in done.stderr) == (2, True)


# ---- three brokers -----------------------------------------------------------------------------


@pytest.mark.slow
def test_a_broker_is_stopped_and_started_and_clients_go_on(three: LiveStand) -> None:
    stopped = told(three, "stop", "2")
    assert running(stopped) == {1: True, 2: False, 3: True}
    second, partitions = stopped["brokers"][1], stopped["partitions"]
    assert (second["address"], second["leads"]) == (server(three, 2), 0)
    # The topics of the shop have as many replicas as this one.
    assert second["out_of_sync"] == stopped["under_replicated"] == partitions > 3
    assert stopped["without_leader"] == 0
    with pytest.raises(KafkaException):
        Producer({"bootstrap.servers": server(three, 2)}).list_topics(timeout=1)
    assert produced(server(three, 1)) == set(range(3))
    assert three.status()["ready"]

    started = told(three, "start", "2")
    assert running(started) == {1: True, 2: True, 3: True}
    assert started["under_replicated"] == 0
    assert produced(server(three, 2)) == set(range(3))


@pytest.mark.slow
def test_what_is_so_already_is_no_error(three: LiveStand) -> None:
    assert running(told(three, "start", "3")) == {1: True, 2: True, 3: True}
    for _ in range(2):
        assert running(told(three, "stop", "3"))[3] is False
    # Asked through the others: the first of them does not run.
    told(three, "stop", "1")
    assert running(told(three, "start", "1")) == {1: True, 2: True, 3: False}
    told(three, "start", "3")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("runs", "stopped", "Partitions: {0}; under-replicated: {0}; without a leader: 0.")),
        (
            "ru",
            ("работает", "остановлен", "Партиций: {0}; недореплицированных: {0}; без лидера: 0."),
        ),
    ],
)
def test_the_table_fits_eighty_columns_and_tells_every_broker(
    three: LiveStand, language: str, words: tuple[str, ...]
) -> None:
    shown = three.command("kafka", "stop", "3", STEND_LANG=language).stdout
    count = told(three, "start", "3")["partitions"]
    for word in words:
        assert word.format(count) in shown
    for number in (1, 2, 3):
        assert server(three, number) in shown
    assert max(len(line.rstrip()) for line in shown.splitlines()) <= 80


@pytest.mark.slow
@pytest.mark.parametrize("tap", [0, 100])
def test_a_client_stays_where_it_came_in(three: LiveStand, tap: int) -> None:
    client = Producer({"bootstrap.servers": server(three, 2, tap)})
    brokers = client.list_topics("trio", _TIMEOUT_S).brokers.values()
    addresses = {f"{one.host}:{one.port}" for one in brokers}
    assert addresses == {server(three, number, tap) for number in (1, 2, 3)}
    assert produced(server(three, 2, tap)) == set(range(3))


@pytest.mark.slow
def test_a_restart_starts_every_broker(three: LiveStand) -> None:
    before = told(three, "stop", "2")["partitions"]
    three.down()
    three.up(STEND_KAFKA_BROKERS="3")
    cluster = told(three, "brokers")
    assert running(cluster) == {1: True, 2: True, 3: True}
    assert (cluster["partitions"], cluster["under_replicated"]) == (before, 0)


def produced(bootstrap: str) -> set[int | None]:
    """The partitions that took a message each, acknowledged by every replica in sync."""
    partitions: set[int | None] = set()

    def tell(error: KafkaError | None, message: Message) -> None:
        if error is None:
            partitions.add(message.partition())

    producer = Producer({"bootstrap.servers": bootstrap, "acks": "all"})
    for partition in range(3):
        producer.produce("trio", b"value", partition=partition, on_delivery=tell)
    assert producer.flush(_TIMEOUT_S) == 0
    return partitions


# ---- a Kafka of somebody else ------------------------------------------------------------------


@pytest.mark.slow
def test_a_kafka_of_somebody_else_is_looked_at_and_left_alone(
    live_stand: LiveStand, new_stand: LiveStand
) -> None:
    theirs = server(live_stand)
    new_stand.up(STEND_KAFKA_URL=theirs)
    (kafka,) = [one for one in new_stand.status()["engines"] if one["name"] == "kafka"]
    assert (kafka["label"], kafka["url"], kafka["tapped_url"]) == ("real", theirs, None)
    assert [one["address"] for one in told(new_stand, "brokers")["brokers"]] == [theirs]
    for word in ("stop", "start"):
        done = new_stand.command("kafka", word, "1")
        assert (done.returncode, f"{theirs} is yours" in done.stderr) == (2, True)
    assert not (new_stand.state / "kafka").exists()
    assert running(told(live_stand, "brokers")) == {1: True}
