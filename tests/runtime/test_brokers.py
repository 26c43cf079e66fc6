"""A cluster of Kafka as `stend kafka` sees it, and what may go wrong on the way."""

from typing import Any

import pytest

from stend.runtime.brokers import BrokerView, NoBrokerError, RefusedError, look, set_stopped
from stend.wire.kafka.apis import ApiKey
from stend.wire.kafka.frames import frame
from tests.fakes.kafka import fake_broker

NOBODY = "127.0.0.1:1"
KNOWN = {1: "127.0.0.1:8015", 2: "127.0.0.1:8016", 3: "127.0.0.1:8017"}


def partition(index: int, leader: int, replicas: list[int], isr: list[int]) -> dict[str, Any]:
    return {
        "partition_index": index,
        "leader_id": leader,
        "replica_nodes": replicas,
        "isr_nodes": isr,
    }


METADATA = {
    "brokers": [
        {"node_id": 1, "host": "127.0.0.1", "port": 8015},
        {"node_id": 3, "host": "127.0.0.1", "port": 8017},
    ],
    "topics": [
        {"name": "orders", "partitions": [partition(0, 1, [1, 2, 3], [1, 3])]},
        {
            "name": "single",
            "partitions": [partition(0, -1, [2], [2]), partition(1, 3, [3], [3])],
        },
    ],
}


def altered(error_code: int = 0, error_message: str | None = None) -> dict[str, Any]:
    answer = {"error_code": error_code, "error_message": error_message, "resource_type": 4}
    return {"responses": [{**answer, "resource_name": "2"}]}


def test_brokers_are_counted_from_what_one_of_them_tells() -> None:
    with fake_broker({ApiKey.METADATA: METADATA}) as broker:
        view = look([NOBODY, broker.address], KNOWN)
    assert view.brokers == (
        BrokerView(1, "127.0.0.1:8015", running=True, leads=1, replicas=1, out_of_sync=0),
        BrokerView(2, "127.0.0.1:8016", running=False, leads=0, replicas=2, out_of_sync=1),
        BrokerView(3, "127.0.0.1:8017", running=True, leads=1, replicas=2, out_of_sync=0),
    )
    assert (view.partitions, view.under_replicated, view.without_leader) == (3, 1, 1)


def test_a_broker_of_somebody_else_that_does_not_run_has_no_address() -> None:
    with fake_broker({ApiKey.METADATA: METADATA}) as broker:
        second = look([broker.address], {}).brokers[1]
    assert (second.id, second.address, second.running) == (2, None, False)


def test_a_broker_is_stopped_by_a_config_of_it() -> None:
    with fake_broker({ApiKey.INCREMENTAL_ALTER_CONFIGS: altered()}) as broker:
        set_stopped([NOBODY, broker.address], 2, stopped=True)
        set_stopped([broker.address], 2, stopped=False)
        values = []
        for asked in broker.asked:
            (resource,) = asked["resources"]
            (config,) = resource["configs"]
            assert (resource["resource_type"], resource["resource_name"]) == (4, "2")
            assert (config["name"], config["config_operation"]) == ("stend.broker.stopped", 0)
            values.append(config["value"])
    assert values == ["true", "false"]


@pytest.mark.parametrize(
    ("code", "message", "told"),
    [
        (42, "Broker 2 is the last one.", "INVALID_REQUEST: Broker 2 is the last one."),
        (29, None, "TOPIC_AUTHORIZATION_FAILED: "),
        (9999, "New.", "error 9999: New."),
    ],
)
def test_a_refusal_is_told_with_kafkas_name_of_it(
    code: int, message: str | None, told: str
) -> None:
    answers = {ApiKey.INCREMENTAL_ALTER_CONFIGS: altered(code, message)}
    with fake_broker(answers) as broker, pytest.raises(RefusedError) as caught:
        set_stopped([broker.address], 2, stopped=True)
    assert str(caught.value) == told


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (None, "closed the connection without an answer"),
        (frame(b"\0\0\0\1\0", b"\xff" * 20), "is no Kafka server: brokers"),
        (b"\x7f\xff\xff\xff", "a frame of"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "a frame of"),
    ],
    ids=["closed", "broken", "huge", "http"],
)
def test_who_does_not_answer_as_kafka_does_is_told(answer: bytes | None, told: str) -> None:
    with fake_broker({ApiKey.METADATA: answer}) as broker:
        with pytest.raises(NoBrokerError, match=told) as caught:
            look([NOBODY, broker.address], KNOWN)
        assert str(caught.value).startswith(f"{NOBODY}: ")
        assert str(caught.value).count(broker.address) == 1
