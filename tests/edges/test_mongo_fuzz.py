"""Whatever is sent to the MongoDB server, it stays up, keeps its memory and serves the next client.

Sixteen hundred inputs of some commands each; with LONG_TESTS=1 a hundred and ten thousand.
"""

import asyncio
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from stend.engines.mongo.asking import ask
from stend.engines.mongo.launcher import MongoConfig
from tests.edges.mongo_inputs import DATABASES, input_of
from tests.engines.mongo.running import config_in, running, server_of
from tests.engines.servers import HOST
from tests.long_runs import is_long_run

pytestmark = pytest.mark.slow
_BATCHES = 275 if is_long_run() else 4
_INPUTS_IN_BATCH = 400
_AT_ONCE = 16
_ENDS_WITHIN_S = 8.0
# The first batches fill caches and pools of the interpreter.
_WARM_AFTER = 2
_MAY_GROW_BYTES = 12 * 1024 * 1024


class Patient:
    """The server under attack, and how it is."""

    def __init__(self, config: MongoConfig) -> None:
        self.config = config
        self.port = config.port
        self.process: psutil.Process = server_of(config)
        self._log_read = 0

    def check(self, after: str) -> None:
        assert self.process.is_running(), after
        self._check_log(after)
        self._check_client()

    def forget(self) -> None:
        """What the last inputs have made goes."""
        self._ask({"killAllSessions": [], "$db": "admin"})
        for name in DATABASES:
            self._ask({"dropDatabase": 1, "$db": name})

    def _ask(self, command: dict[str, Any]) -> dict[str, Any]:
        answer = ask(HOST, self.port, command, _ENDS_WITHIN_S)
        assert answer["ok"] == 1, answer
        return answer

    def _check_log(self, after: str) -> None:
        with self.config.log_path.open("rb") as log:
            log.seek(self._log_read)
            new = log.read().decode(errors="replace")
            self._log_read = log.tell()
        for told in ("Traceback", "a bug in", "Exception"):
            assert told not in new, f"{after}: {new[max(0, new.index(told) - 300) :][:5000]}"

    def _check_client(self) -> None:
        insert: dict[str, Any] = {
            "insert": "fresh",
            "documents": [{"_id": 1, "v": "hello"}],
            "$db": "patient",
        }
        assert self._ask(insert)["n"] == 1
        delete = {"delete": "fresh", "deletes": [{"q": {"v": "hello"}, "limit": 1}]}
        assert self._ask({**delete, "$db": "patient"})["n"] == 1


@pytest.fixture
def patient(tmp_path: Path) -> Iterator[Patient]:
    config = config_in(tmp_path)
    with running(config) as launcher:
        yield Patient(config)
        assert launcher.failure() is None


async def test_no_input_ends_or_bloats_the_server(patient: Patient) -> None:
    warm = 0
    for batch in range(_BATCHES):
        seeds = range(batch * _INPUTS_IN_BATCH, (batch + 1) * _INPUTS_IN_BATCH)
        await _send_all(patient.port, seeds)
        patient.check(f"inputs {seeds}")
        patient.forget()
        if batch == _WARM_AFTER:
            warm = patient.process.memory_info().rss
    grown = patient.process.memory_info().rss - warm
    assert grown < _MAY_GROW_BYTES * (1 + _BATCHES // 100), grown


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
