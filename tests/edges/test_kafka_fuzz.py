"""Whatever is sent to the Kafka broker, it stays up, keeps its memory and serves the next client.

Six thousand inputs of some requests each; with LONG_TESTS=1 a hundred and ten thousand.
"""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from stend.engines.kafka.asking import ask
from stend.engines.kafka.launcher import KafkaConfig
from stend.wire.kafka.apis import ApiKey
from stend.wire.kafka.codec import Fields
from stend.wire.kafka.errors import ErrorCode
from stend.wire.kafka.records import Record, batches, build_batch, records
from tests.edges.fuzzing import Attack, Patient
from tests.edges.kafka_inputs import GROUPS, input_of
from tests.engines.kafka.running import broker_of, config_in, running
from tests.engines.servers import HOST
from tests.long_runs import is_long_run

pytestmark = pytest.mark.slow
_BATCHES = 110 if is_long_run() else 6
_ATTACK = Attack(
    input_of,
    batches=_BATCHES,
    inputs_in_batch=1000,
    # Codecs are compiled when they are first needed.
    warm_after=3,
    may_grow_bytes=10 * 1024 * 1024 * (1 + _BATCHES // 50),
)
_TOPIC = "fresh"
_VALUE = b"hello"


class Broker(Patient):
    def __init__(self, config: KafkaConfig) -> None:
        super().__init__(broker_of(config), config.log_path, config.brokers[0][0].port)

    def forget(self) -> None:
        topics = self._ask(ApiKey.METADATA, 1, {"topics": None})["topics"]
        if names := [one["name"] for one in topics]:
            asked: Fields = {"topic_names": names, "timeout_ms": 1000}
            self._ask(ApiKey.DELETE_TOPICS, 1, asked)
        self._ask(ApiKey.DELETE_GROUPS, 0, {"groups_names": list(GROUPS)})

    def _ask(self, key: int, version: int, fields: Fields) -> Fields:
        return ask(HOST, self.port, key, version, fields)

    def serve(self) -> None:
        self._ask(ApiKey.METADATA, 1, {"topics": [{"name": _TOPIC}]})
        # Of now: what is older than the retention would be gone by the time it is fetched.
        now_ms = int(time.time() * 1000)
        record = Record(0, 0, None, _VALUE, [])
        made = build_batch([record], base_timestamp=now_ms, max_timestamp=now_ms)
        data: Fields = {"name": _TOPIC, "partition_data": [{"index": 0, "records": made}]}
        asked = {"acks": -1, "timeout_ms": 1000, "topic_data": [data]}
        (topic,) = self._ask(ApiKey.PRODUCE, 3, asked)["responses"]
        (answer,) = topic["partition_responses"]
        assert answer["error_code"] == ErrorCode.NONE
        place = {
            "partition": 0,
            "fetch_offset": answer["base_offset"],
            "partition_max_bytes": 1000,
        }
        wanted: Fields = {
            "replica_id": -1,
            "max_wait_ms": 0,
            "min_bytes": 0,
            "max_bytes": 1000,
            "isolation_level": 0,
            "topics": [{"topic": _TOPIC, "partitions": [place]}],
        }
        (topic,) = self._ask(ApiKey.FETCH, 4, wanted)["responses"]
        found = topic["partitions"][0]["records"]
        ((header, at),) = batches(found)
        assert [one.value for one in records(found, at, header)] == [_VALUE]


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    config = config_in(tmp_path)
    with running(config) as launcher:
        yield Broker(config)
        assert launcher.failure() is None


async def test_no_input_ends_or_bloats_the_broker(broker: Broker) -> None:
    await broker.withstand(_ATTACK)
