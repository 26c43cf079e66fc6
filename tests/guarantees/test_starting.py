"""What a start may meet: taken ports, another stand, remains of a former one."""

import json
import os
import socket

import pytest

from stend.shop.orders.usecases import ListOrders
from tests.conftest import LiveStand
from tests.guarantees.processes import processes_of
from tests.guarantees.traffic import both_clients
from tests.shop.orders.examples import a_request

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("offset", [0, 1, 10, 100])
def test_a_taken_port_ends_up_with_code_2_and_names_port_process_and_way_out(
    new_stand: LiveStand, offset: int
) -> None:
    port = new_stand.port_base + offset
    with socket.create_server(("127.0.0.1", port)):
        done = new_stand.command("up", "--no-browser")
    assert done.returncode == 2
    said = done.stdout + done.stderr
    assert f"port {port}" in said
    assert f"(process {os.getpid()})" in said
    assert "--port-base" in said
    assert "Traceback" not in said
    assert processes_of(new_stand) == []


async def test_two_stands_live_side_by_side_and_know_nothing_of_each_other(
    live_stand: LiveStand, new_stand: LiveStand
) -> None:
    _leave_remains(new_stand)
    new_stand.up()
    request = a_request()
    async with both_clients(new_stand) as (new, _), both_clients(live_stand) as (live, _):
        placed = (await new.place_order(request)).value.order
        page = (await live.list_orders(ListOrders(request.customer_id))).value
        assert page.orders == ()
        assert new_stand.command("up", "--detach", "--no-browser").returncode == 0
        page = (await new.list_orders(ListOrders())).value
        assert page.orders == (placed,)
    assert new_stand.pid() != os.getpid()
    assert list((new_stand.state / "postgresql").glob("data.unfinished.*")) == []

    new_stand.down()
    assert live_stand.status()["ready"]
    new_stand.up("--fresh")
    async with both_clients(new_stand) as (new, _):
        assert (await new.list_orders(ListOrders())).value.orders == ()
        assert not (await new.place_order(request)).value.replayed


@pytest.mark.parametrize(
    "words", [("--fresh",), ("--no-tap",), ("--only", "orders"), ("--engines", "embedded")]
)
def test_a_running_stand_refuses_what_counts_only_at_a_start(
    live_stand: LiveStand, words: tuple[str, ...]
) -> None:
    pid = live_stand.pid()
    done = live_stand.command("up", "--detach", "--no-browser", *words)
    assert done.returncode == 2
    assert words[0] in done.stderr
    assert "stend down" in done.stderr
    assert live_stand.pid() == pid
    assert live_stand.status()["ready"]


def _leave_remains(stand: LiveStand) -> None:
    """A process file whose pid now belongs to somebody else, and an initdb killed half-way."""
    unfinished = stand.state / "postgresql" / "data.unfinished.abc" / "base"
    unfinished.mkdir(parents=True)
    facts = {"pid": os.getpid(), "created": 1.0, "host": "127.0.0.1", "http_port": stand.port_base}
    (stand.state / "stand.json").write_text(json.dumps(facts), encoding="utf-8")


@pytest.mark.parametrize(
    "content",
    ["", '{"pid": 1, "crea', "[]", "null", '{"pid": "x", "created": 0}', "\x00\x00"],
    ids=["empty", "truncated", "list", "null", "wrong", "nul"],
)
def test_a_broken_process_file_is_no_stand(new_stand: LiveStand, content: str) -> None:
    new_stand.state.mkdir(parents=True)
    (new_stand.state / "stand.json").write_text(content, encoding="utf-8")
    done = new_stand.command("status", "--json")
    assert done.returncode == 2
    assert json.loads(done.stdout)["ready"] is False
