"""Whatever is sent to the MySQL server, it stays up, keeps its memory and serves the next client.

Some hundred inputs; with LONG_TESTS=1 more than a hundred thousand.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from stend.engines.mysql.launcher import MysqlConfig
from stend.engines.postgresql.launcher import PostgresLauncher
from tests.edges.fuzzing import Attack, Patient
from tests.edges.mysql_inputs import TABLES, input_of
from tests.engines.mysql.running import config_in, connected, running, storage_in
from tests.engines.servers import process_of
from tests.folders import open_folder
from tests.long_runs import is_long_run

pytestmark = pytest.mark.slow
_BATCHES = 110 if is_long_run() else 3
_ATTACK = Attack(
    input_of,
    batches=_BATCHES,
    inputs_in_batch=1000 if is_long_run() else 100,
    warm_after=10 if is_long_run() else 1,
    may_grow_bytes=20 * 1024 * 1024 * (1 + _BATCHES // 50),
    # A statement may wait for a lock, and there are some in an input.
    ends_within_s=30.0,
)


class Server(Patient):
    def __init__(self, config: MysqlConfig) -> None:
        super().__init__(process_of(config.home / "server.pid"), config.log_path, config.port)
        self._config = config

    def serve(self) -> None:
        self._run("DROP TABLE IF EXISTS served", "CREATE TABLE served (b TEXT)")
        self._run("INSERT INTO served VALUES ('a')")
        assert self._run("SELECT b FROM served") == (("a",),)

    def forget(self) -> None:
        self._run("DROP TABLE IF EXISTS h, g", "DROP TABLE IF EXISTS f", *TABLES)
        assert self._run("SELECT b FROM f WHERE id = 1") == (("a",),)

    def _run(self, *statements: str) -> tuple[tuple[Any, ...], ...]:
        """Rows of the last one."""
        with connected(self._config, autocommit=True) as connection, connection.cursor() as cursor:
            for sql in statements:
                cursor.execute(sql)
            return tuple(cursor.fetchall())


@pytest.fixture
def server() -> Iterator[Server]:
    with open_folder() as place:
        storage = storage_in(place)
        config = config_in(place, storage)
        with running(config, PostgresLauncher(storage)) as launcher:
            made = Server(config)
            made.forget()
            yield made
            assert launcher.failure() is None


async def test_no_input_ends_or_bloats_the_server(server: Server) -> None:
    await server.withstand(_ATTACK)
