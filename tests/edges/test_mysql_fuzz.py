"""Whatever is sent to the MySQL server, it stays up, keeps its memory and serves the next client.

Some hundred inputs; with LONG_TESTS=1 more than a hundred thousand.
"""

import asyncio
import random
from collections.abc import Iterator

import psutil
import pytest

from stend.engines.mysql.launcher import MysqlConfig
from stend.engines.postgresql.launcher import PostgresLauncher
from tests.edges.mysql_inputs import TABLES, input_of
from tests.engines.mysql.running import config_in, connected, folder, running, storage_in
from tests.engines.servers import HOST, process_of
from tests.long_runs import is_long_run

pytestmark = pytest.mark.slow
_BATCHES = 110 if is_long_run() else 3
_INPUTS_IN_BATCH = 1000 if is_long_run() else 100
_AT_ONCE = 16
# A statement may wait for a lock, and there are some in an input.
_ENDS_WITHIN_S = 30.0
# The first batches fill caches and pools of the interpreter.
_WARM_AFTER = 10
_MAY_GROW_BYTES = 20 * 1024 * 1024


class Patient:
    """The server under attack, and how it is."""

    def __init__(self, config: MysqlConfig) -> None:
        self.config = config
        self.port = config.port
        self.process: psutil.Process = process_of(config.home / "server.pid")
        self._log_read = 0

    def check(self, after: str) -> None:
        assert self.process.is_running(), after
        with self.config.log_path.open("rb") as log:
            log.seek(self._log_read)
            new = log.read().decode(errors="replace")
            self._log_read = log.tell()
        for told in ("Traceback", "a bug in", "Exception"):
            assert told not in new, f"{after}: {new[max(0, new.index(told) - 300) :][:4000]}"
        self.restore()

    def restore(self) -> None:
        """The next client is served; the tables are there again."""
        with connected(self.config, autocommit=True) as connection, connection.cursor() as cursor:
            for sql in ("DROP TABLE IF EXISTS h, g", "DROP TABLE IF EXISTS f", *TABLES):
                cursor.execute(sql)
            cursor.execute("SELECT b FROM f WHERE id = 1")
            assert cursor.fetchall() == (("a",),)


@pytest.fixture
def patient() -> Iterator[Patient]:
    with folder() as place:
        storage = storage_in(place)
        config = config_in(place, storage)
        with running(config, PostgresLauncher(storage)) as launcher:
            made = Patient(config)
            made.restore()
            yield made
            assert launcher.failure() is None


async def test_no_input_ends_or_bloats_the_server(patient: Patient) -> None:
    warm = 0
    for batch in range(_BATCHES):
        seeds = range(batch * _INPUTS_IN_BATCH, (batch + 1) * _INPUTS_IN_BATCH)
        await _send_all(patient.port, seeds)
        patient.check(f"inputs {seeds}")
        if batch == _WARM_AFTER:
            warm = patient.process.memory_info().rss
    if warm:
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
