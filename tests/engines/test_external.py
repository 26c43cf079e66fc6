"""The stand on a server that was there before it: nothing but the address changes."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from stend.engines.postgresql.launcher import PostgresConfig, PostgresLauncher, Role
from tests.conftest import PROJECT, LiveStand, free_port_base
from tests.engines.servers import launched
from tests.engines.suite.shop import SHOP

pytestmark = pytest.mark.slow


@pytest.fixture
def server_url(tmp_path: Path) -> Iterator[str]:
    """A real PostgreSQL that no stand has started."""
    port = free_port_base() + 10
    roles = (Role("lavka", "lavka", owner_of_all=True),)
    launcher = PostgresLauncher(
        PostgresConfig(
            tmp_path / "server", tmp_path / "server.log", "127.0.0.1", port, "lavka", roles
        )
    )
    with launched(launcher, psycopg.OperationalError):
        yield f"postgresql://lavka:lavka@127.0.0.1:{port}/lavka"


def engine(stand: LiveStand, name: str) -> dict[str, Any]:
    return next(one for one in stand.status()["engines"] if one["name"] == name)


def test_an_order_is_placed_on_a_server_of_somebody_else_and_stays_there(
    new_stand: LiveStand, server_url: str
) -> None:
    new_stand.up(STEND_POSTGRESQL_URL=server_url)
    placed = json.loads(new_stand.command("call", "PlaceOrder", "--over", "grpc", "--json").stdout)
    external, embedded = engine(new_stand, "postgresql"), engine(new_stand, "redis")
    new_stand.down()
    with psycopg.connect(server_url) as connection:
        rows = connection.execute("SELECT order_id FROM orders.orders").fetchall()
    assert rows == [(placed["result"]["order_id"],)]
    assert external["url"] == server_url
    assert not (new_stand.state / "postgresql").exists()
    assert str(new_stand.port_base + 13) in embedded["url"]


def test_the_tap_leads_to_the_external_server(new_stand: LiveStand, server_url: str) -> None:
    new_stand.up(STEND_POSTGRESQL_URL=server_url)
    with psycopg.connect(engine(new_stand, "postgresql")["tapped_url"]) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_without_addresses_the_error_names_every_setting(new_stand: LiveStand) -> None:
    done = new_stand.command("up", "--detach", "--engines", "external")
    assert done.returncode == 2
    for setting in ("postgresql.url", "redis.url", "amqp.url"):
        assert f"{setting} is missing" in done.stderr


@pytest.mark.parametrize(
    ("words", "collected"),
    [
        ((), {"tests/engines/suite", *(f"tests/{path}" for path in SHOP)}),
        (("-x", "tests/engines/suite/redis"), {"tests/engines/suite/redis"}),
    ],
    ids=["without paths", "with a path"],
)
def test_what_runs_on_external_servers(words: tuple[str, ...], collected: set[str]) -> None:
    own = {"STEND_ROOT": str(PROJECT), "PYTHONPATH": str(PROJECT / "src")}
    command = [sys.executable, "-m", "stend", "test", "--engines", "external"]
    done = subprocess.run(
        [*command, "--collect-only", "-q", *words],
        env={**os.environ, **own},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    tests = [line for line in done.stdout.splitlines() if "::" in line]
    assert tests, done.stdout + done.stderr
    assert {place for place in collected for test in tests if test.startswith(place)} == collected
    assert all(test.startswith(tuple(collected)) for test in tests)
