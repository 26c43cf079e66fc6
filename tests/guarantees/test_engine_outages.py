"""An engine goes away under customers of every protocol and comes back: nobody waits too long, and
nothing is lost.

`LONG_TESTS=1` keeps each engine away for 30 seconds, each from a shop of its own; else it is a
moment, and one shop goes through all of it.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass, field

import pytest

from stend.kit.errors import EdgeErrorCode
from stend.runtime.addresses import addresses_of
from stend.runtime.calling import OrdersClients
from stend.runtime.settings import parse
from stend.runtime.system import RandomIds
from stend.shop.orders.api.reply import OrdersClient
from tests.guarantees.shop.balance import Books
from tests.guarantees.shop.engines import Engines, engines_alone
from tests.guarantees.shop.schedules import Forker, all_together
from tests.long_runs import is_long_run
from tests.shop.orders.examples import UNARY_PROTOCOLS, a_request
from tests.waiting import until_async

pytestmark = pytest.mark.slow
_OUTAGE_S = 30.0 if is_long_run() else 2.0
# The deadline of an operation in the service, and the one of a client whose own carrier is away and
# whom nobody can answer; then time for the answer to be made and read on a busy machine.
_DEADLINE_S, _DEADLINE_OF_A_CLIENT_S, _MADE_AND_READ_S = 5.0, 10.0, 2.0
# Nine customers order about as much as one small shop delivers meanwhile.
_THINKS_S = 1.0
_AWAY = frozenset(
    {EdgeErrorCode.UNAVAILABLE, EdgeErrorCode.DEADLINE_EXCEEDED, EdgeErrorCode.OVERLOADED}
)
_ENGINES = ("postgresql", "mysql", "redis", "rabbitmq", "kafka")
_SHOPS = [(engine,) for engine in _ENGINES] if is_long_run() else [_ENGINES]
# An engine that this protocol itself runs on.
_CARRIERS = {"rabbitmq": "amqp", "kafka": "kafka"}


@dataclass(slots=True)
class Customer:
    """Places one order after the other over one protocol, and remembers what he was told."""

    protocol: str
    client: OrdersClient
    accepted: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    longest_s: float = 0.0

    def forget(self) -> None:
        """What happened while the shop was opening."""
        self.failures.clear()
        self.longest_s = 0.0

    async def shop(self, is_over: asyncio.Event) -> None:
        while not is_over.is_set():
            started = time.monotonic()
            placed = await self.client.place_order(a_request())
            self.longest_s = max(self.longest_s, time.monotonic() - started)
            if placed.error is None:
                self.accepted.append(placed.value.order.order_id)
            else:
                self.failures.append(f"{placed.error.code}: {placed.error.detail}")
            # He thinks for a moment, or until the shop closes.
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(is_over.wait(), _THINKS_S)


@pytest.fixture(scope="module")
def engines(servers: Mapping[str, str]) -> Iterator[Engines]:
    with engines_alone(servers) as running:
        yield running


@pytest.fixture(scope="module")
def forker(engines: Engines) -> Iterator[Forker]:
    with contextlib.closing(Forker(engines)) as made:
        yield made


@contextlib.asynccontextmanager
async def customers_of(engines: Engines) -> AsyncIterator[list[Customer]]:
    settings = {**engines.settings, "stand.port_base": engines.port_base}
    clients = OrdersClients(addresses_of(parse(settings, {}, {})), RandomIds())
    customers = [Customer(protocol, clients[protocol]) for protocol in UNARY_PROTOCOLS]
    is_over = asyncio.Event()
    tasks = [asyncio.create_task(one.shop(is_over)) for one in customers]
    try:
        yield customers
    finally:
        is_over.set()
        await asyncio.gather(*tasks)
        await clients.close()


@pytest.mark.parametrize("away", _SHOPS, ids="-".join)
async def test_an_engine_that_goes_away_and_comes_back(
    engines: Engines,
    forker: Forker,
    away: tuple[str, ...],
    record_property: Callable[[str, object], None],
) -> None:
    pid = await forker.start(all_together(engines).settings)
    try:
        async with customers_of(engines) as customers:
            await until_async(lambda: all(one.accepted for one in customers), 30)
            for engine in away:
                for one in customers:
                    one.forget()
                await _go_away(engines, engine)
                before = {one.protocol: len(one.accepted) for one in customers}
                for one in customers:
                    await _is_served_again(one, before[one.protocol])
                _check_answers(customers, engine)
        with contextlib.closing(Books(engines)) as books:
            await asyncio.to_thread(books.come_to_rest)
            accepted = [one for each in customers for one in each.accepted]
            await asyncio.to_thread(books.check, accepted)
        record_property("outages", len(away))
        record_property("orders", len(accepted))
    except BaseException:
        print("\n".join(forker.complaints()))
        raise
    finally:
        await forker.kill(pid)


async def _is_served_again(customer: Customer, before: int) -> None:
    try:
        await until_async(lambda: len(customer.accepted) > before, 30)
    except AssertionError:
        told = customer.failures[-3:]
        raise AssertionError(f"{customer.protocol} is not served again: {told}") from None


async def _go_away(engines: Engines, name: str) -> None:
    await asyncio.to_thread(engines.servers.go_away, name)
    await asyncio.sleep(_OUTAGE_S)
    await asyncio.to_thread(engines.servers.come_back, name)


def _check_answers(customers: list[Customer], engine: str) -> None:
    for one in customers:
        is_carrier = _CARRIERS.get(engine) == one.protocol
        deadline_s = _DEADLINE_OF_A_CLIENT_S if is_carrier else _DEADLINE_S
        assert one.longest_s <= deadline_s + _MADE_AND_READ_S, (one.protocol, one.longest_s)
        codes = {failure.partition(":")[0] for failure in one.failures}
        assert codes <= _AWAY, (one.protocol, one.failures)
        # Orders need PostgreSQL, and a broker where it carries them. Everything else is waited for
        # behind the answer.
        if engine != "postgresql" and not is_carrier:
            assert one.failures == [], (one.protocol, one.failures)
