"""No accepted order is lost, whoever dies, and a second `up` mends everything."""

import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.conftest import LiveStand, stand_of_its_own
from tests.engines.servers import is_gone
from tests.guarantees.processes import kill, kill_stand, postgres_of, processes_of
from tests.guarantees.traffic import Traffic, both_clients, missing
from tests.shop.orders.examples import a_request
from tests.waiting import until

pytestmark = pytest.mark.slow
_ENOUGH_ORDERS = 40


@pytest.fixture(scope="module")
def stand() -> Iterator[LiveStand]:
    """Every test of this module leaves it running."""
    with stand_of_its_own() as made:
        made.up()
        yield made


async def test_orders_survive_kill_9_of_the_stand_while_postgresql_goes_on(
    stand: LiveStand,
) -> None:
    async with Traffic(stand) as traffic:
        await traffic.has_accepted(_ENOUGH_ORDERS)
        kill_stand(stand)
    left_over = postgres_of(stand)[0]
    assert left_over.is_running()
    stand.up()
    assert is_gone(left_over)
    assert await missing(stand, traffic.accepted) == []


async def test_orders_survive_kill_9_of_the_stand_and_of_postgresql(stand: LiveStand) -> None:
    async with Traffic(stand) as traffic:
        await traffic.has_accepted(_ENOUGH_ORDERS)
        kill(processes_of(stand))
    stand.up()
    assert await missing(stand, traffic.accepted) == []


async def test_an_idempotency_key_survives_a_restart(stand: LiveStand) -> None:
    request = a_request()
    async with both_clients(stand) as (rest, _):
        placed = (await rest.place_order(request)).value.order
    stand.down()
    stand.up()
    async with both_clients(stand) as clients:
        for client in clients:
            again = (await client.place_order(request)).value
            assert (again.order, again.replayed) == (placed, True)
            other = await client.place_order(a_request(idempotency_key=request.idempotency_key))
            assert other.error is not None
            assert other.error.code == "idempotency-key-reused"


def test_up_works_after_kill_9_in_the_middle_of_the_very_first_one(new_stand: LiveStand) -> None:
    first = subprocess.Popen(
        [sys.executable, "-m", "stend", "up", "--no-browser"],
        env=new_stand.environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    home = new_stand.state / "postgresql"
    until(lambda: list(home.glob("data.unfinished.*/base")))
    first.kill()
    first.wait()
    assert not (home / "data").exists()
    new_stand.up()
    assert list(home.glob("data.unfinished.*")) == []
    assert new_stand.status()["ready"]
