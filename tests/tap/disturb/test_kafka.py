"""Errors of Kafka in the place of what a broker would have answered."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import kafka
import pytest
from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition

from stend.engines.kafka.launcher import Listener
from stend.wire.kafka import codec
from stend.wire.kafka.apis import ApiKey
from stend.wire.kafka.errors import ErrorCode
from stend.wire.kafka.frames import frame
from stend.wire.kafka.headers import request_header, response_header
from tests.engines.kafka.running import config_in, running
from tests.engines.servers import HOST, free_port
from tests.folders import open_folder
from tests.tap.disturb.talking import Talk
from tests.tap.disturb.tapped import tapped


def request(key: ApiKey, version: int, number: int, **fields: Any) -> bytes:
    head = request_header(key, version, number, "me")
    return frame(head, codec.request(key, version).encode(fields))


def response(key: ApiKey, version: int, number: int, **fields: Any) -> bytes:
    head = response_header(key, version, number)
    return frame(head, codec.response(key, version).encode(fields))


def read(key: ApiKey, version: int, data: bytes) -> dict[str, Any]:
    begin = 4 + len(response_header(key, version, 0))
    fields, end = codec.response(key, version).decode(data, begin)
    assert end == len(data) == 4 + int.from_bytes(data[:4], "big")
    return fields


def produce(number: int, version: int = 9, acks: int = -1) -> bytes:
    places = [{"index": index, "records": b"some"} for index in (0, 3)]
    topics = [{"name": "orders", "partition_data": places}]
    return request(ApiKey.PRODUCE, version, number, acks=acks, topic_data=topics)


HEARTBEAT = request(ApiKey.HEARTBEAT, 4, 7, group_id="g", member_id="m")


@pytest.fixture(params=[1_000_000, 1], ids=["whole", "byte by byte"])
def talk(request: pytest.FixtureRequest) -> Iterator[Talk]:
    made = Talk("kafka", piece_bytes=request.param)
    yield made
    made.close()


@pytest.mark.parametrize("version", codec.versions(ApiKey.PRODUCE))
def test_each_partition_of_a_produce_fails(talk: Talk, version: int) -> None:
    talk.set("kafka_not_leader")
    talk.up(produce(5, version))
    assert talk.to_server == b""
    assert talk.to_client[4:8] == bytes((0, 0, 0, 5))
    (topic,) = read(ApiKey.PRODUCE, version, talk.to_client)["responses"]
    assert topic.get("name", "orders") == "orders"
    found = [(one["index"], one["error_code"]) for one in topic["partition_responses"]]
    assert found == [(0, 6), (3, 6)]


FETCH_TOPICS = [{"topic": "orders", "partitions": [{"partition": 2, "fetch_offset": 5}]}]
OFFSET_TOPICS = [{"name": "orders", "partitions": [{"partition_index": 2}]}]
CASES: dict[ApiKey, dict[str, Any]] = {
    ApiKey.FETCH: {"topics": FETCH_TOPICS, "session_epoch": -1},
    ApiKey.LIST_OFFSETS: {"topics": OFFSET_TOPICS},
    ApiKey.OFFSET_COMMIT: {"group_id": "g", "topics": OFFSET_TOPICS},
    ApiKey.OFFSET_FETCH: {"group_id": "g", "groups": [{"group_id": "g"}]},
    ApiKey.HEARTBEAT: {"group_id": "g"},
    ApiKey.JOIN_GROUP: {"group_id": "g"},
    ApiKey.SYNC_GROUP: {"group_id": "g"},
}


@pytest.mark.parametrize("key", CASES)
def test_every_version_of_a_request_has_its_answer(key: ApiKey) -> None:
    code = 6 if key in (ApiKey.FETCH, ApiKey.LIST_OFFSETS) else 16
    for version in codec.versions(key):
        if (key, version) == (ApiKey.OFFSET_FETCH, 1):
            continue
        talk = Talk("kafka")
        talk.set("kafka_not_leader" if code == 6 else "kafka_not_coordinator")
        talk.up(request(key, version, 1, **CASES[key]))
        assert f"'error_code': {code}" in str(read(key, version, talk.to_client)), version
        talk.close()


def test_answers_stay_in_the_order_of_the_requests(talk: Talk) -> None:
    talk.set("kafka_timed_out")
    talk.up(HEARTBEAT + produce(8) + HEARTBEAT.replace(b"\0\0\0\7", b"\0\0\0\x09"))
    first, last = (response(ApiKey.HEARTBEAT, 4, one) for one in (7, 9))
    assert talk.to_client == b""
    talk.down(first + last)
    assert talk.to_client.startswith(first)
    assert talk.to_client.endswith(last)
    (topic,) = read(ApiKey.PRODUCE, 9, talk.to_client[len(first) : -len(last)])["responses"]
    assert topic["partition_responses"][0]["error_code"] == 7


@pytest.mark.parametrize(
    "asked",
    [
        produce(1, acks=0),
        HEARTBEAT,
        request(ApiKey.FETCH, 11, 1, session_id=4, session_epoch=2, topics=[]),
        request(ApiKey.METADATA, 5, 1),
    ],
    ids=["acks=0", "Heartbeat", "session", "Metadata"],
)
def test_what_cannot_be_answered_passes(talk: Talk, asked: bytes) -> None:
    talk.set("kafka_not_leader")
    talk.up(asked)
    assert talk.to_server == asked
    assert talk.struck == 0


@pytest.fixture(scope="module")
def ports() -> Iterator[tuple[int, int]]:
    """Of the broker, and of the tap that it sends its clients to."""
    with open_folder() as folder:
        port, tap_port = free_port(), free_port()
        config = replace(config_in(folder), brokers=((Listener(port, tap_port),),))
        with running(config):
            yield port, tap_port


def _sent(producer: Producer, topic: str) -> KafkaError | None:
    """What became of one record."""
    outcome: list[KafkaError | None] = []
    producer.produce(topic, b"x", on_delivery=lambda error, _: outcome.append(error))
    producer.flush(20)
    return outcome[0]


async def test_librdkafka_reports_a_timeout_and_goes_on(ports: tuple[int, int]) -> None:
    async with tapped(ports[0], "kafka", ports[1]) as tap:
        producer = Producer({"bootstrap.servers": f"{HOST}:{tap.port}", "retries": 0})
        assert await asyncio.to_thread(_sent, producer, "late") is None
        fault = tap.set("kafka_timed_out")
        error = await asyncio.to_thread(_sent, producer, "late")
        assert error is not None
        assert error.code() == KafkaError.REQUEST_TIMED_OUT
        tap.faults.clear(fault.id)
        assert await asyncio.to_thread(_sent, producer, "late") is None


async def test_kafka_python_reports_that_the_leader_is_another(ports: tuple[int, int]) -> None:
    """librdkafka tries again until the record is too old, whatever `retries` says."""

    def send(producer: kafka.KafkaProducer) -> None:
        producer.send("led", b"x").get(10)

    async with tapped(ports[0], "kafka", ports[1]) as tap:
        address = f"{HOST}:{tap.port}"
        settings = {"retries": 0, "acks": 1, "enable_idempotence": False}
        producer = await asyncio.to_thread(
            lambda: kafka.KafkaProducer(bootstrap_servers=address, **settings)
        )
        await asyncio.to_thread(send, producer)
        fault = tap.set("kafka_not_leader")
        with pytest.raises(kafka.errors.NotLeaderForPartitionError):
            await asyncio.to_thread(send, producer)
        tap.faults.clear(fault.id)
        await asyncio.to_thread(send, producer)
        await asyncio.to_thread(producer.close)


async def test_an_idempotent_producer_hides_it(ports: tuple[int, int]) -> None:
    def consumed() -> int:
        consumer = Consumer({"bootstrap.servers": f"{HOST}:{ports[1]}", "group.id": "count"})
        _, high = consumer.get_watermark_offsets(TopicPartition("hidden", 0), timeout=10)
        consumer.close()
        return int(high)

    async with tapped(ports[0], "kafka", ports[1]) as tap:
        settings = {"bootstrap.servers": f"{HOST}:{tap.port}", "enable.idempotence": True}
        producer = Producer({**settings, "retry.backoff.ms": 10})
        assert await asyncio.to_thread(_sent, producer, "hidden") is None
        fault = tap.set("kafka_not_leader", first=2)
        assert await asyncio.to_thread(_sent, producer, "hidden") is None
        assert fault.struck == 2
        tap.faults.clear(fault.id)
        assert await asyncio.to_thread(consumed) == 2


async def test_a_commit_fails_where_the_coordinator_has_moved(ports: tuple[int, int]) -> None:
    def commit(consumer: Consumer) -> None:
        consumer.commit(offsets=[TopicPartition("moved", 0, 1)], asynchronous=False)

    async with tapped(ports[0], "kafka", ports[1]) as tap:
        producer = Producer({"bootstrap.servers": f"{HOST}:{tap.port}"})
        assert await asyncio.to_thread(_sent, producer, "moved") is None
        consumer = Consumer({"bootstrap.servers": f"{HOST}:{tap.port}", "group.id": "moving"})
        await asyncio.to_thread(commit, consumer)
        fault = tap.set("kafka_not_coordinator", first=100)
        with pytest.raises(KafkaException) as raised:
            await asyncio.to_thread(commit, consumer)
        assert raised.value.args[0].code() == ErrorCode.NOT_COORDINATOR
        assert fault.struck > 0
        tap.faults.clear(fault.id)
        await asyncio.to_thread(commit, consumer)
        await asyncio.to_thread(consumer.close)
