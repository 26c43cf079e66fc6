"""The shop is killed between any two effects of its sagas, and nothing is lost, doubled or stuck.

A process dies at the n-th commit, publish or call of its life: right before it, or right after it,
before anybody has heard of it. `LONG_TESTS=1` runs 200 such lives.
"""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from random import Random

import pytest

from tests.guarantees.shop.balance import Books
from tests.guarantees.shop.engines import Engines, engines_alone
from tests.guarantees.shop.schedules import Forker, all_together, alone, killed
from tests.long_runs import is_long_run

pytestmark = pytest.mark.slow
_TOGETHER = 100 if is_long_run() else 5
_ALONE = 20 if is_long_run() else 1
# The others lived so long that they were killed between two effects, wherever they were.
_LEAST_AT_EFFECTS = 0.7
_SEED = 20_261_127


@pytest.fixture(scope="module")
def engines(servers: Mapping[str, str]) -> Iterator[Engines]:
    with engines_alone(servers) as running:
        yield running


@pytest.fixture(scope="module")
def forker(engines: Engines) -> Iterator[Forker]:
    with contextlib.closing(Forker(engines)) as made:
        yield made


@pytest.mark.parametrize(
    "victim", ["everybody", "orders", "stock", "payments", "loyalty", "delivery"]
)
async def test_everything_balances_after_a_death_at_any_effect(
    engines: Engines,
    forker: Forker,
    victim: str,
    record_property: Callable[[str, object], None],
) -> None:
    together = victim == "everybody"
    cast = all_together(engines) if together else alone(victim, engines)
    random = Random(f"{_SEED}{victim}")
    lives = _TOGETHER if together else _ALONE
    with contextlib.closing(Books(engines)) as books:
        async with killed(forker, cast, lives, random) as customers:
            books.come_to_rest()
            books.check(customers.accepted)
        record_property("lives", lives)
        record_property("at_effects", customers.deaths_at_effects)
        record_property("orders", len(customers.accepted))
        assert customers.accepted
        assert customers.deaths_at_effects >= lives * _LEAST_AT_EFFECTS
