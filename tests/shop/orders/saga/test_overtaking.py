"""The answer to AssignCourier and the news of the courier: the events are the same either way."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from random import Random
from typing import Any

import psycopg
import pytest

from stend.kit.money import Money
from stend.shop.orders.domain import Order, OrderStatus, Price, place
from stend.shop.orders.ports import Assignment, Progress
from stend.shop.orders.saga import Saga, Step
from stend.shop.orders.workers.progressing import progressed
from tests.fakes.desks import STORE, Couriers, Trouble, World
from tests.shop.orders.examples import UNKNOWN_ORDER, a_request
from tests.shop.orders.saga.conftest import Shop, shop_of
from tests.waiting import until_answered

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


class SlowToAnswer(Couriers):
    """Bring the order to the door before they answer that they will."""

    def __init__(self) -> None:
        super().__init__("couriers", Trouble(Random(1)))
        self.answering = asyncio.Event()

    async def assign(self, order: Order) -> Assignment:
        answer = await super().assign(order)
        await self.answering.wait()
        return answer


class QuickToAnswer(Couriers):
    """Answer before they go."""

    def __init__(self) -> None:
        super().__init__("couriers", Trouble(Random(1)))
        self.waits = True


def paid() -> Order:
    wanted = a_request()
    order, _ = place(
        order_id=UNKNOWN_ORDER,
        customer_id=wanted.customer_id,
        cart=wanted.lines,
        prices={line.sku: Price(line.sku, "", "", Money(100)) for line in wanted.lines},
        address=wanted.address,
        slot=None,
        now=NOW,
    )
    return replace(order, status=OrderStatus.PAID, version=3)


def told(url: str, order_id: str) -> list[tuple[str, dict[str, Any]]]:
    """What brokers get of an order: types, and payloads without what differs each time."""
    query = "SELECT type, payload FROM orders.outbox WHERE order_id = %s ORDER BY version"
    with psycopg.connect(url) as connection:
        rows = connection.execute(query, (order_id,)).fetchall()
    differs = {"order_id", "customer_id", "occurred_at", "placed_at", "slot"}
    return [
        (kind, {name: value for name, value in payload.items() if name not in differs})
        for kind, payload in rows
    ]


async def delivered_by(url: str, couriers: Couriers) -> list[tuple[str, dict[str, Any]]]:
    world = World(1)
    world.couriers = couriers
    async with shop_of(url, world) as shop:
        placed = await shop.place(a_request())
        if isinstance(couriers, SlowToAnswer):
            await reaches_status(shop, placed.order_id, OrderStatus.DELIVERED)
            couriers.answering.set()
        else:
            await shop.reaches(placed.order_id, Step.AWAIT_DELIVERY)
            couriers.deliver(placed.order_id)
        await shop.ends(placed.order_id)
        return told(url, placed.order_id)


async def reaches_status(shop: Shop, order_id: str, status: OrderStatus) -> None:
    async def is_there() -> bool:
        return (await shop.order(order_id)).status is status

    await until_answered(is_there, 20)


async def test_news_that_overtake_the_answer_make_the_same_events(database_url: str) -> None:
    overtaken = await delivered_by(database_url, SlowToAnswer())
    in_turn = await delivered_by(database_url, QuickToAnswer())
    assert overtaken == in_turn
    assert [payload.get("store") for kind, payload in overtaken if kind == "PickingStarted"] == [
        STORE
    ]


@pytest.mark.parametrize("progress", [Progress.PICKED_UP, Progress.DELIVERED])
def test_news_that_do_not_know_the_store_leave_the_picking_to_the_answer(
    progress: Progress,
) -> None:
    order = paid()
    saga = Saga(order.order_id, Step.ASSIGN_COURIER, 0, NOW, NOW)
    assert progressed(saga, order, progress, None, NOW) is None
    # Picking has begun, and whoever reads of it knows the store.
    picking = replace(order, status=OrderStatus.PICKING)
    move = progressed(saga, picking, progress, None, NOW)
    assert move is not None
    assert [change.more for change in move.changes] == [{}] * len(move.changes)


def test_an_order_that_no_courier_brings_fails_without_a_store() -> None:
    order = paid()
    saga = Saga(order.order_id, Step.ASSIGN_COURIER, 0, NOW, NOW)
    move = progressed(saga, order, Progress.FAILED, None, NOW)
    assert move is not None
    assert [change.order.status for change in move.changes] == [OrderStatus.FAILED]
