"""The generator itself, in virtual time: an open loop that measures what a customer feels."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from stend.kit.errors import StendError
from stend.kit.money import Money
from stend.runtime.traffic import Moment, Traffic
from stend.runtime.traffic_figures import Latencies
from stend.runtime.traffic_mix import Arrival
from stend.shop.orders.api.reply import Reply, ReplyError
from stend.shop.orders.domain import (
    Address,
    CartLine,
    Order,
    OrderEvent,
    OrderLine,
    OrderStatus,
    Slot,
)
from stend.shop.orders.usecases import (
    CancelOrder,
    GetOrder,
    ListOrders,
    Operation,
    OrderPage,
    PlacedOrder,
    PlaceOrder,
    TrackOrder,
)
from tests.virtual_time import run

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
HOME = Address("Москва", "Лесная улица", "7")
CART = (CartLine("MILK-001", 1),)
NAME = "0123456789"


def order_of(order_id: str) -> Order:
    lines = (OrderLine("MILK-001", 1, Money(8990)),)
    slot = Slot(NOON, NOON)
    return Order(
        order_id, "cus_1", lines, HOME, slot, OrderStatus.PLACED, 1, placed_at=NOON, updated_at=NOON
    )


@dataclass
class Shop:
    """A client whose shop answers after a while, as a test says.

    Attributes:
        asked: moment and request of every call.
        act: called with each request, for what else happens then.
    """

    takes_s: float = 0.01
    error: str | None = None
    act: Callable[[object], None] = lambda _: None
    asked: list[tuple[float, Any]] = field(default_factory=list)
    placed: int = 0
    closed: bool = False

    async def _answer(self, request: object, result: Any) -> Reply[Any]:
        self.asked.append((asyncio.get_running_loop().time(), request))
        self.act(request)
        await asyncio.sleep(self.takes_s)
        error = ReplyError(self.error, "No.", domain=True) if self.error else None
        return Reply("200", (), "", 0.0, None if error else result, error)

    async def place_order(self, request: PlaceOrder) -> Reply[PlacedOrder]:
        self.placed += 1
        placed = PlacedOrder(order_of(f"ord_{self.placed}"), replayed=False)
        return await self._answer(request, placed)

    async def get_order(self, request: GetOrder) -> Reply[Order]:
        return await self._answer(request, order_of(request.order_id))

    async def list_orders(self, request: ListOrders) -> Reply[OrderPage]:
        return await self._answer(request, OrderPage((), None))

    async def cancel_order(self, request: CancelOrder) -> Reply[Order]:
        return await self._answer(request, order_of(request.order_id))

    def track_order(self, request: TrackOrder) -> AsyncGenerator[Reply[OrderEvent], None]:
        raise AssertionError("nobody follows an order here")

    async def close(self) -> None:
        self.closed = True


def lists(every_s: float, count: int) -> Iterator[Arrival]:
    """Somebody comes regularly and looks at his orders."""
    for number in range(count):
        yield an(Operation.LIST_ORDERS, number, number * every_s)


def an(operation: Operation, number: int, at_s: float, protocol: str = "rest") -> Arrival:
    places = operation is Operation.PLACE_ORDER
    return Arrival(
        *(at_s, number, operation, protocol, 0.5, "cus_1"),
        cart=CART if places else (),
        address=HOME if places else None,
    )


def traffic_of(shop: Shop, arrivals: Iterator[Arrival], **more: Any) -> Traffic:
    return Traffic({"rest": shop}, ("rest",), arrivals, NAME, **more)


def let_in(traffic: Traffic, duration_s: float | None = None) -> list[Moment]:
    moments: list[Moment] = []
    run(traffic.run(duration_s, moments.append))
    return moments


# ---- an open loop ------------------------------------------------------------------------------


@pytest.mark.parametrize("takes_s", [0.001, 3.0])
def test_a_slow_answer_keeps_nobody_away(takes_s: float) -> None:
    shop = Shop(takes_s=takes_s)
    traffic = traffic_of(shop, lists(0.1, 50))
    let_in(traffic)
    assert [moment for moment, _ in shop.asked] == pytest.approx([n * 0.1 for n in range(50)])
    (row,) = traffic.figures.rows()
    assert (row.sent, row.ok, traffic.figures.unfinished) == (50, 50, 0)
    assert row.latencies.quantile_ms(0.5) == pytest.approx(takes_s * 1000, rel=0.02)


def test_latencies_count_from_the_coming_also_when_the_generator_stalls() -> None:
    """Ten come in a second in which nothing moves: each of them has waited for it."""

    def stall(_: object) -> None:
        if len(shop.asked) == 1:
            loop: Any = asyncio.get_running_loop()
            loop._virtual_s += 1.0

    shop = Shop(takes_s=0.001, act=stall)
    traffic = traffic_of(shop, lists(0.1, 10))
    let_in(traffic)
    (row,) = traffic.figures.rows()
    assert traffic.figures.late_ms == pytest.approx(900)
    assert row.latencies.quantile_ms(0.5) == pytest.approx(500, rel=0.25)
    assert row.latencies.quantile_ms(0.99) == pytest.approx(1001, rel=0.02)


def test_who_finds_too_many_waiting_is_dropped_and_counted() -> None:
    shop = Shop(takes_s=1.0)
    traffic = traffic_of(shop, lists(0.1, 20), most_in_flight=4)
    moments = let_in(traffic)
    figures = traffic.figures
    assert (figures.arrived, figures.dropped) == (20, 12)
    assert len(shop.asked) == 8
    assert (moments[0].second.sent, moments[0].second.dropped, moments[0].in_flight) == (4, 6, 4)


def test_it_ends_when_its_time_is_over() -> None:
    shop = Shop()
    traffic = traffic_of(shop, lists(0.3, 1000))
    moments = let_in(traffic, 2.9)
    assert len(shop.asked) == 10
    assert [round(moment.at_s) for moment in moments] == [1, 2]
    assert sum(moment.second.ok for moment in moments) == 7


def test_who_cancels_it_gets_its_figures() -> None:
    shop = Shop(takes_s=0.5)
    traffic = traffic_of(shop, lists(0.1, 1000))

    async def work() -> None:
        task = asyncio.create_task(traffic.run(None, lambda _: None))
        await asyncio.sleep(2.05)
        task.cancel()
        await task
        assert not task.cancelled()

    run(work())
    (row,) = traffic.figures.rows()
    assert (row.sent, row.ok, traffic.figures.unfinished) == (21, 21, 0)


def test_what_never_answers_is_left_behind_and_told() -> None:
    shop = Shop(takes_s=1000)
    traffic = traffic_of(shop, lists(0.1, 3))
    let_in(traffic)
    (row,) = traffic.figures.rows()
    assert (row.sent, row.ok, traffic.figures.unfinished) == (3, 0, 3)
    assert row.latencies.quantile_ms(0.5) is None


def test_a_request_without_an_answer_is_given_up() -> None:
    shop = Shop(takes_s=1000)
    traffic = traffic_of(
        shop, iter([an(Operation.LIST_ORDERS, 0, 0), an(Operation.LIST_ORDERS, 1, 60)])
    )
    let_in(traffic)
    (row,) = traffic.figures.rows()
    assert row.errors == {"no-answer": 1}
    assert row.latencies.quantile_ms(1) == pytest.approx(20_000, rel=0.02)


# ---- what is asked for -------------------------------------------------------------------------


def test_orders_are_placed_once_each_looked_at_and_cancelled() -> None:
    wanted = (
        *(Operation.PLACE_ORDER, Operation.GET_ORDER, Operation.PLACE_ORDER),
        *(Operation.CANCEL_ORDER, Operation.GET_ORDER),
    )
    shop = Shop()
    arrivals = (an(operation, n, float(n)) for n, operation in enumerate(wanted))
    let_in(traffic_of(shop, arrivals))
    first, looked, second, cancelled, _ = (request for _, request in shop.asked)
    assert first == PlaceOrder("cus_1", CART, HOME, f"{NAME}-0")
    assert second.idempotency_key == f"{NAME}-2"
    assert looked == GetOrder("ord_1")
    # The last one that was placed.
    assert cancelled.order_id == "ord_2"


@pytest.mark.parametrize("operation", [Operation.GET_ORDER, Operation.CANCEL_ORDER])
def test_before_there_is_an_order_everybody_looks_for_his_own(operation: Operation) -> None:
    shop = Shop()
    traffic = traffic_of(shop, iter([an(operation, 0, 0)]))
    let_in(traffic)
    assert [request for _, request in shop.asked] == [ListOrders("cus_1")]
    # Counted as what was asked, and not as what was meant.
    assert [row.operation for row in traffic.figures.rows()] == ["ListOrders"]


def test_errors_are_counted_by_their_codes() -> None:
    def crash(_: object) -> None:
        if len(shop.asked) == 3:
            raise ValueError("a bug of the client")

    shop = Shop(error="order-not-found", act=crash)
    traffic = traffic_of(shop, lists(0.3, 5))
    moments = let_in(traffic)
    (row,) = traffic.figures.rows()
    assert (row.sent, row.ok) == (5, 0)
    assert row.errors == {"order-not-found": 4, "client-failed (ValueError)": 1}
    assert moments[0].second.errors == 4


# ---- before it begins --------------------------------------------------------------------------


def test_one_protocol_that_answers_is_enough() -> None:
    good, bad = Shop(), Shop(error="unavailable")
    traffic = Traffic({"rest": bad, "grpc": good}, ("rest", "grpc"), iter(()), NAME)
    run(traffic.prepare())
    assert (len(good.asked), len(bad.asked)) == (1, 1)
    assert not list(traffic.figures.rows())


def test_a_shop_that_answers_over_no_protocol_is_told() -> None:
    traffic = traffic_of(Shop(error="unavailable"), iter(()))
    with pytest.raises(StendError) as refused:
        run(traffic.prepare())
    assert refused.value.value == "rest: unavailable"


# ---- quantiles ---------------------------------------------------------------------------------


def test_quantiles_are_right_within_two_percent() -> None:
    latencies = Latencies()
    assert latencies.quantile_ms(0.5) is None
    values = [1.01**n for n in range(1000)]
    for value in reversed(values):
        latencies.add(value)
    for share in (0.01, 0.5, 0.95, 0.99, 1):
        exact = values[max(0, round(share * 1000) - 1)]
        assert latencies.quantile_ms(share) == pytest.approx(exact, rel=0.02)
    latencies.add(0)
    assert (latencies.quantile_ms(0.0001) or 0) < 0.02
