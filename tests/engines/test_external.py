"""The stand on a server that was there before it: nothing but the address changes."""

import json
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from stend.engines.postgresql.launcher import PostgresConfig, PostgresLauncher, Role
from tests.conftest import LiveStand, free_port_base
from tests.waiting import until

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
    launcher.launch()
    try:
        until(lambda: _answers(launcher))
        yield f"postgresql://lavka:lavka@127.0.0.1:{port}/lavka"
    finally:
        launcher.stop()


def _answers(launcher: PostgresLauncher) -> bool:
    try:
        return bool(launcher.probe())
    except psycopg.OperationalError:
        return False


def test_an_order_is_placed_on_a_server_of_somebody_else_and_stays_there(
    new_stand: LiveStand, server_url: str
) -> None:
    new_stand.up("--engines", "external", STEND_POSTGRESQL_URL=server_url)
    placed = json.loads(new_stand.command("call", "PlaceOrder", "--over", "grpc", "--json").stdout)
    engine = new_stand.status()["engines"][0]
    new_stand.down()
    with psycopg.connect(server_url) as connection:
        rows = connection.execute("SELECT order_id FROM orders.orders").fetchall()
    assert rows == [(placed["result"]["order_id"],)]
    assert engine["url"] == server_url
    assert not (new_stand.state / "postgresql").exists()


def test_the_tap_leads_to_the_external_server(new_stand: LiveStand, server_url: str) -> None:
    new_stand.up("--engines", "external", STEND_POSTGRESQL_URL=server_url)
    with psycopg.connect(new_stand.status()["engines"][0]["tapped_url"]) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_without_an_address_the_error_names_the_setting(new_stand: LiveStand) -> None:
    done = new_stand.command("up", "--detach", "--engines", "external")
    assert done.returncode == 2
    assert "postgresql.url is missing" in done.stderr
