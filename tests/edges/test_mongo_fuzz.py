"""Whatever is sent to the MongoDB server, it stays up, keeps its memory and serves the next client.

Sixteen hundred inputs of some commands each; with LONG_TESTS=1 a hundred and ten thousand.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from stend.engines.mongo.asking import ask
from stend.engines.mongo.launcher import MongoConfig
from tests.edges.fuzzing import Attack, Patient
from tests.edges.mongo_inputs import DATABASES, input_of
from tests.engines.mongo.running import config_in, running, server_of
from tests.engines.servers import HOST
from tests.long_runs import is_long_run

pytestmark = pytest.mark.slow
_BATCHES = 275 if is_long_run() else 4
_ATTACK = Attack(
    input_of,
    batches=_BATCHES,
    inputs_in_batch=400,
    warm_after=2,
    may_grow_bytes=12 * 1024 * 1024 * (1 + _BATCHES // 100),
)


class Server(Patient):
    def __init__(self, config: MongoConfig) -> None:
        super().__init__(server_of(config), config.log_path, config.port)

    def forget(self) -> None:
        self._ask({"killAllSessions": [], "$db": "admin"})
        for name in DATABASES:
            self._ask({"dropDatabase": 1, "$db": name})

    def _ask(self, command: dict[str, Any]) -> dict[str, Any]:
        answer = ask(HOST, self.port, command, _ATTACK.ends_within_s)
        assert answer["ok"] == 1, answer
        return answer

    def serve(self) -> None:
        insert: dict[str, Any] = {
            "insert": "fresh",
            "documents": [{"_id": 1, "v": "hello"}],
            "$db": "patient",
        }
        assert self._ask(insert)["n"] == 1
        delete = {"delete": "fresh", "deletes": [{"q": {"v": "hello"}, "limit": 1}]}
        assert self._ask({**delete, "$db": "patient"})["n"] == 1


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    config = config_in(tmp_path)
    with running(config) as launcher:
        yield Server(config)
        assert launcher.failure() is None


async def test_no_input_ends_or_bloats_the_server(server: Server) -> None:
    await server.withstand(_ATTACK)
