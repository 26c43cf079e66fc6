"""Whatever is sent to the Kafka broker, it stays up, keeps its memory and serves the next client.

Six thousand inputs of some requests each; with LONG_TESTS=1 a hundred and ten thousand.
"""

import asyncio
import random
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from stend.engines.kafka.asking import ask
from stend.engines.kafka.launcher import KafkaConfig
from stend.wire.kafka.apis import ApiKey
from stend.wire.kafka.codec import Fields
from stend.wire.kafka.errors import ErrorCode
from stend.wire.kafka.records import Record, batches, build_batch, records
from tests.edges.kafka_inputs import GROUPS, input_of
from tests.engines.kafka.running import broker_of, config_in, running
from tests.engines.servers import HOST
from tests.long_runs import is_long_run

pytestmark = pytest.mark.slow
_BATCHES = 110 if is_long_run() else 6
_INPUTS_IN_BATCH = 1000
_AT_ONCE = 16
_ENDS_WITHIN_S = 8.0
# The first batches fill caches and pools of the interpreter, and compile codecs.
_WARM_AFTER = 3
_MAY_GROW_BYTES = 10 * 1024 * 1024
_TOPIC = "fresh"
_VALUE = b"hello"


class Patient:
    """The broker under attack, and how it is."""

    def __init__(self, config: KafkaConfig) -> None:
        self.config = config
        self.port = config.brokers[0][0].port
        self.process: psutil.Process = broker_of(config)
        self._log_read = 0

    def check(self, after: str) -> None:
        assert self.process.is_running(), after
        self._check_log(after)
        self._check_client()

    def forget(self) -> None:
        """What the last inputs have made goes."""
        topics = self._ask(ApiKey.METADATA, 1, {"topics": None})["topics"]
        if names := [one["name"] for one in topics]:
            asked: Fields = {"topic_names": names, "timeout_ms": 1000}
            self._ask(ApiKey.DELETE_TOPICS, 1, asked)
        self._ask(ApiKey.DELETE_GROUPS, 0, {"groups_names": list(GROUPS)})

    def _ask(self, key: int, version: int, fields: Fields) -> Fields:
        return ask(HOST, self.port, key, version, fields)

    def _check_log(self, after: str) -> None:
        with self.config.log_path.open("rb") as log:
            log.seek(self._log_read)
            new = log.read().decode(errors="replace")
            self._log_read = log.tell()
        for told in ("Traceback", "a bug in", "Exception"):
            assert told not in new, f"{after}: {new[max(0, new.index(told) - 300) :][:3000]}"

    def _check_client(self) -> None:
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
def patient(tmp_path: Path) -> Iterator[Patient]:
    config = config_in(tmp_path)
    with running(config) as launcher:
        yield Patient(config)
        assert launcher.failure() is None


async def test_no_input_ends_or_bloats_the_broker(patient: Patient) -> None:
    warm = 0
    for batch in range(_BATCHES):
        seeds = range(batch * _INPUTS_IN_BATCH, (batch + 1) * _INPUTS_IN_BATCH)
        await _send_all(patient.port, seeds)
        patient.check(f"inputs {seeds}")
        patient.forget()
        if batch == _WARM_AFTER:
            warm = patient.process.memory_info().rss
    grown = patient.process.memory_info().rss - warm
    assert grown < _MAY_GROW_BYTES * (1 + _BATCHES // 50), grown


async def _send_all(port: int, seeds: range) -> None:
    left = iter(seeds)

    async def send_next() -> None:
        for seed in left:
            try:
                await asyncio.wait_for(_send(port, seed), _ENDS_WITHIN_S)
            except TimeoutError:
                pytest.fail(f"input {seed}: the connection does not end")

    async with asyncio.TaskGroup() as group:
        for _ in range(_AT_ONCE):
            group.create_task(send_next())


async def _send(port: int, seed: int) -> None:
    data = input_of(seed)
    reader, writer = await asyncio.open_connection(HOST, port)
    try:
        # In one piece or in two: what is cut must be put together again.
        cut = random.Random(seed).choice((0, len(data) // 2, max(0, len(data) - 1)))
        writer.write(data[:cut])
        await writer.drain()
        writer.write(data[cut:])
        writer.write_eof()
        while await reader.read(65_536):
            pass
    except OSError:
        # It has closed before everything was sent: reset, or no longer connected.
        pass
    finally:
        writer.close()
