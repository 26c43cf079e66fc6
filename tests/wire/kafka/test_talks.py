"""What real clients and the stand's broker say is decoded to the last byte."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import aiokafka
import pytest
from confluent_kafka import Consumer, Producer, TopicPartition

from stend.engines.kafka.launcher import KafkaConfig, Listener
from stend.kit.fields import Accounting, account
from stend.wire.decoding import Direction, Role
from stend.wire.exchanges import Grouping
from stend.wire.kafka.decoder import KafkaDecoder
from tests.engines.kafka.running import running
from tests.engines.servers import HOST, free_port
from tests.wire.checking import Heard, check, find
from tests.wire.recording import Recording, recorded

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
_TOPIC = "orders.events"


def _config(folder: Path, port: int, recording: Recording) -> KafkaConfig:
    """The broker tells clients the address of the recording."""
    return KafkaConfig(
        home=folder / "kafka",
        log_path=folder / "kafka.log",
        host=HOST,
        advertised_host=HOST,
        brokers=((Listener(port, recording.port),),),
        rebalance_delay_ms=100,
        default_partitions=1,
        auto_create_topics=True,
    )


def _confluent(address: str, compression: str) -> None:
    producer = Producer(
        {
            "bootstrap.servers": address,
            "compression.type": compression,
            "enable.idempotence": True,
            "linger.ms": 50,
        }
    )
    for number in range(3):
        value = f'{{"order": {number}, "note": "{"x" * 200}"}}'
        producer.produce(_TOPIC, value, b"key", headers=[("traceparent", TRACE.encode())])
    assert producer.flush(20) == 0
    consumer = Consumer(
        {
            "bootstrap.servers": address,
            "group.id": f"group-{compression}",
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
        }
    )
    consumer.subscribe([_TOPIC])
    assert len(consumer.consume(3, 20)) == 3
    consumer.commit(asynchronous=False)
    consumer.committed([TopicPartition(_TOPIC, 0)], 10)
    consumer.close()


async def _aiokafka(address: str) -> None:
    producer = aiokafka.AIOKafkaProducer(bootstrap_servers=address, acks="all")
    await producer.start()
    await producer.send_and_wait(_TOPIC, b"[1, 2]", headers=[("traceparent", TRACE.encode())])
    await producer.stop()
    consumer = aiokafka.AIOKafkaConsumer(
        _TOPIC, bootstrap_servers=address, group_id="aio", auto_offset_reset="earliest"
    )
    await consumer.start()
    await consumer.getone()
    await consumer.commit()
    await consumer.stop()


@pytest.fixture(scope="module")
def talks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Heard]]:
    port = free_port()
    with recorded(port) as recording:
        with running(_config(tmp_path_factory.mktemp("talks"), port, recording)):
            address = f"{HOST}:{recording.port}"
            for compression in ("none", "lz4", "snappy"):
                _confluent(address, compression)
            asyncio.run(_aiokafka(address))
        recording.stop()
        yield [check(KafkaDecoder, talk) for talk in recording.talks]


def test_every_byte_has_a_name(talks: list[Heard]) -> None:
    total = Accounting(0, 0)
    for heard in talks:
        for unit in heard.units:
            found = account(heard.tree(unit), 0, unit.end - unit.start)
            total = Accounting(total.named + found.named, total.undecoded + found.undecoded)
    assert total.named > 10_000
    assert total.undecoded == 0


def test_every_request_is_answered(talks: list[Heard]) -> None:
    for heard in talks:
        exchanges = {one.number: one for one in Grouping().add(heard.units)}.values()
        for one in exchanges:
            requests = [unit for unit in one.units if unit.direction is Direction.TO_SERVER]
            assert len(requests) == 1
            assert one.first.role is Role.REQUEST
        # What the client asks as it leaves may not be answered any more.
        assert sum(not one.is_complete for one in exchanges) <= 2


def test_the_calls_of_producers_and_groups_are_there(talks: list[Heard]) -> None:
    units = [unit for heard in talks for unit in heard.units]
    apis = {one.facts["api"] for one in units}
    assert apis >= {
        "ApiVersions",
        "Metadata",
        "InitProducerId",
        "Produce",
        "FindCoordinator",
        "JoinGroup",
        "SyncGroup",
        "Fetch",
        "OffsetCommit",
        "OffsetFetch",
    }
    produced = [one for one in units if one.facts["api"] == "Produce" and one.role is Role.REQUEST]
    assert {one.context for one in produced} == {TRACE}
    assert all(one.summary.startswith(f"{_TOPIC}[0] ×") for one in produced)


def test_what_consumers_tell_each_other_is_read(talks: list[Heard]) -> None:
    for heard in talks:
        for unit in heard.units:
            if unit.facts.get("api") == "JoinGroup" and unit.role is Role.REQUEST:
                content = find(heard.tree(unit), "protocols", "metadata", "content")
                assert find(content.children, "topics", "[0]").value == _TOPIC
                return
    raise AssertionError("nobody joined a group")
