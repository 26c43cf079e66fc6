"""A saga ends, whatever its services do, and leaves nothing half done."""

import asyncio
import contextlib
from datetime import timedelta
from random import Random

import pytest

from stend.chassis.metrics import REGISTRY
from stend.kit.errors import StendError
from stend.shop.orders.domain import Order, OrderStatus
from stend.shop.orders.saga import Step
from stend.shop.orders.usecases import CancelOrder
from stend.shop.orders.workers.saga_census import SagaCensus
from tests.fakes.desks import World
from tests.fakes.orders import HandClock
from tests.shop.orders.examples import a_request
from tests.shop.orders.saga.conftest import Shop, shop_of
from tests.waiting import until_answered

DELIVERED = [
    OrderStatus.PLACED,
    OrderStatus.RESERVED,
    OrderStatus.PAID,
    OrderStatus.PICKING,
    OrderStatus.ON_THE_WAY,
    OrderStatus.DELIVERED,
]


async def statuses(shop: Shop, order_id: str) -> list[OrderStatus]:
    return [event.status for event in await shop.store.history(order_id, 0)]


def balance(shop: Shop, orders: list[Order]) -> None:
    """Goods, money, points and couriers agree with what became of each order."""
    world = shop.world
    for order in orders:
        order_id = order.order_id
        delivered = order.status is OrderStatus.DELIVERED
        handed_over = order_id in world.couriers.finished
        assert (order_id in world.stock.finished) == handed_over, order
        assert (order_id in world.bank.finished) == delivered, order
        assert (order_id in world.points.held) == delivered, order
        if not delivered:
            assert order_id not in world.bank.held, order
            assert handed_over or order_id not in world.stock.held, order
    for ledger in world.ledgers:
        assert all(count == 1 for count in ledger.effects.values())


async def test_an_order_is_delivered_step_by_step(database_url: str) -> None:
    async with shop_of(database_url, World(1)) as shop:
        placed = await shop.place(a_request())
        order = await shop.ends(placed.order_id)
        assert order.status is OrderStatus.DELIVERED
        assert await statuses(shop, order.order_id) == DELIVERED
        balance(shop, [order])


async def test_a_saga_that_ends_is_counted_with_its_money_and_its_way_to_the_door(
    database_url: str,
) -> None:
    async with shop_of(database_url, World(1)) as shop:
        before = figures()
        placed = await shop.place(a_request())
        order = await shop.ends(placed.order_id)
        seconds = (order.updated_at - order.placed_at).total_seconds()

        async def is_counted() -> bool:
            return figures()[2] > before[2]

        await until_answered(is_counted)
        steps, roubles, doors, to_door_s = (
            now - then for now, then in zip(figures(), before, strict=True)
        )
        assert (steps, roubles, doors) == (1, order.total.amount_minor, 1)
        assert to_door_s == pytest.approx(seconds)


async def test_an_order_that_failed_counts_its_money_apart_and_reaches_no_door(
    database_url: str,
) -> None:
    world = World(1)
    async with shop_of(database_url, world) as shop:
        world.stock.trouble.always_refused = "do reserve"
        before = figures()
        lost = value_of("shop_order_value_minor_units_total", outcome="failed", currency="RUB")
        placed = await shop.place(a_request())
        order = await shop.ends(placed.order_id)

        async def is_counted() -> bool:
            now = value_of("shop_order_value_minor_units_total", outcome="failed", currency="RUB")
            return now == lost + order.total.amount_minor

        await until_answered(is_counted)
        assert figures() == before


def figures() -> tuple[float, float, float, float]:
    """Of deliveries: goods reserved, money, how many came to the door, in how many seconds."""
    return (
        value_of("shop_saga_steps_total", step=Step.RESERVE_STOCK, outcome="done"),
        value_of("shop_order_value_minor_units_total", outcome="delivered", currency="RUB"),
        value_of("shop_order_to_door_seconds_count"),
        value_of("shop_order_to_door_seconds_sum"),
    )


def value_of(sample: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(sample, labels) or 0.0


async def test_the_census_tells_what_sagas_wait_for_and_for_how_long(database_url: str) -> None:
    world = World(1)
    world.couriers.waits = True
    async with shop_of(database_url, world) as shop:
        placed = await shop.place(a_request())
        await shop.reaches(placed.order_id, Step.AWAIT_DELIVERY)
        since = (await shop.saga(placed.order_id)).step_since
        clock = HandClock(since + timedelta(seconds=90))
        await SagaCensus(shop.sagas, clock).count()
        assert value_of("shop_sagas_open", step=Step.AWAIT_DELIVERY) == 1
        assert value_of("shop_saga_step_age_seconds", step=Step.AWAIT_DELIVERY) == 90
        assert value_of("shop_saga_step_age_seconds", step=Step.RESERVE_STOCK) == 0
        world.couriers.deliver(placed.order_id)
        await shop.ends(placed.order_id)
        await SagaCensus(shop.sagas, clock).count()
        assert value_of("shop_sagas_open", step=Step.AWAIT_DELIVERY) == 0


@pytest.mark.parametrize(
    ("operation", "before"),
    [("do reserve", 1), ("do authorise", 2), ("do accrue", 3), ("do assign", 3)],
)
async def test_an_order_that_is_refused_fails_and_everything_is_undone(
    database_url: str, operation: str, before: int
) -> None:
    world = World(1)
    async with shop_of(database_url, world) as shop:
        world.stock.trouble.always_refused = operation
        placed = await shop.place(a_request())
        order = await shop.ends(placed.order_id)
        assert order.status is OrderStatus.FAILED
        assert order.reason is not None
        assert "says no" in order.reason
        assert len(await statuses(shop, order.order_id)) == before + 1
        balance(shop, [order])


async def test_a_courier_who_cannot_deliver_fails_the_order(database_url: str) -> None:
    world = World(1)
    world.couriers.waits = True
    async with shop_of(database_url, world) as shop:
        placed = await shop.place(a_request())
        await shop.reaches(placed.order_id, Step.AWAIT_DELIVERY)
        world.couriers.fails.add(placed.order_id)
        world.couriers.deliver(placed.order_id)
        order = await shop.ends(placed.order_id)
        assert order.status is OrderStatus.FAILED
        balance(shop, [order])


async def test_an_order_fails_when_a_service_stays_away(database_url: str) -> None:
    world = World(1, lost=1.0)
    async with shop_of(database_url, world, patience=timedelta(milliseconds=300)) as shop:
        placed = await shop.place(a_request())

        async def has_failed() -> bool:
            return (await shop.order(placed.order_id)).status is OrderStatus.FAILED

        await until_answered(has_failed)
        world.stock.trouble.lost = 0.0
        order = await shop.ends(placed.order_id)
        assert order.reason is not None
        assert order.reason.startswith(("unavailable", "deadline-exceeded"))
        balance(shop, [order])


async def test_a_cancellation_wakes_a_saga_that_waits(database_url: str) -> None:
    world = World(1)
    world.couriers.waits = True
    async with shop_of(database_url, world) as shop:
        placed = await shop.place(a_request())
        await shop.reaches(placed.order_id, Step.AWAIT_DELIVERY)
        await shop.orders.cancel_order(CancelOrder(placed.order_id))
        order = await shop.ends(placed.order_id, timeout_s=5)
        assert order.status is OrderStatus.CANCELLED
        balance(shop, [order])


async def test_goods_that_left_before_the_cancellation_was_known_are_written_off(
    database_url: str,
) -> None:
    world = World(1)
    world.couriers.waits = True
    async with shop_of(database_url, world) as shop:
        placed = await shop.place(a_request())
        await shop.reaches(placed.order_id, Step.AWAIT_DELIVERY)
        world.couriers.finished.add(placed.order_id)
        await shop.orders.cancel_order(CancelOrder(placed.order_id))
        order = await shop.ends(placed.order_id)
        assert order.status is OrderStatus.CANCELLED
        assert (await shop.saga(order.order_id)).handed_over
        balance(shop, [order])


@pytest.mark.parametrize("seed", range(2))
async def test_thirty_orders_end_in_balance_whatever_is_lost_refused_and_cancelled(
    database_url: str, seed: int
) -> None:
    world, chance = World(seed, lost=0.3, refused=0.1), Random(seed)
    async with shop_of(database_url, world) as shop:
        placed = [await shop.place(a_request()) for _ in range(30)]

        async def perhaps_cancel(order: Order) -> None:
            await asyncio.sleep(chance.random())
            # It may be on its way already, or change in that very moment.
            with contextlib.suppress(StendError):
                await shop.orders.cancel_order(CancelOrder(order.order_id))

        await asyncio.gather(*(perhaps_cancel(one) for one in placed if chance.random() < 0.3))
        orders = [await shop.ends(one.order_id, timeout_s=60) for one in placed]
        assert {order.status for order in orders} <= {
            OrderStatus.DELIVERED,
            OrderStatus.CANCELLED,
            OrderStatus.FAILED,
        }
        balance(shop, orders)
