"""What rarely happens to a saga: refusals without a meaning, races, clocks that step."""

import contextlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from stend.kit.errors import StendError
from stend.shop.orders.clients.answers import raise_for
from stend.shop.orders.domain import Order, OrderStatus
from stend.shop.orders.ports import Assignment, DeliveryNews, PeerRefusal, Progress
from stend.shop.orders.saga import Saga, Step
from stend.shop.orders.stores.sagas import SagaStore
from stend.shop.orders.usecases import CancelOrder
from stend.shop.orders.workers.courier_news import CourierNews
from stend.shop.orders.workers.waking import Wake
from tests.fakes.desks import Couriers, World
from tests.fakes.orders import HandClock
from tests.shop.orders.examples import a_request
from tests.shop.orders.saga.conftest import Shop, shop_of
from tests.shop.orders.saga.test_saga_runner import balance


class RefusingOnce(Couriers):
    """Refuse the first cancellation with a code that tells nothing about the goods."""

    code = "invalid-argument"

    async def cancel(self, order: Order) -> None:
        code, self.code = self.code, ""
        if code:
            raise PeerRefusal(code, "The request is not understood.")
        await super().cancel(order)


async def test_only_goods_that_left_are_written_off(database_url: str) -> None:
    world = World(1)
    world.couriers = RefusingOnce("couriers", world.stock.trouble)
    world.couriers.waits = True
    async with shop_of(database_url, world) as shop:
        placed = await shop.place(a_request())
        await shop.reaches(placed.order_id, Step.AWAIT_DELIVERY)
        await shop.orders.cancel_order(CancelOrder(placed.order_id))
        await shop.ends(placed.order_id)
        assert not (await shop.saga(placed.order_id)).handed_over
        assert placed.order_id in world.couriers.undone
        assert placed.order_id in world.stock.undone


class CancelledBetweenReads(SagaStore):
    """While somebody reads, the order is cancelled and its saga turns back."""

    def __init__(self, shop: Shop, order_id: str) -> None:
        super().__init__(shop.store.engine, "a test")
        self._shop = shop
        self._order_id = order_id
        self._reads = 0

    async def find(self, order_id: str) -> Saga | None:
        self._reads += 1
        if self._reads == 1:
            await self._shop.orders.cancel_order(CancelOrder(self._order_id))
            await self._shop.reaches(self._order_id, Step.DONE)
        return await super().find(order_id)


async def test_news_of_a_delivery_that_is_cancelled_on_both_sides_are_taken_in(
    database_url: str,
) -> None:
    world = World(1)
    world.couriers.waits = True
    async with shop_of(database_url, world) as shop:
        placed = await shop.place(a_request())
        await shop.reaches(placed.order_id, Step.AWAIT_DELIVERY)
        sagas = CancelledBetweenReads(shop, placed.order_id)
        news = CourierNews(shop.store, sagas, world.couriers, HandClock(), Wake())
        told = DeliveryNews("1", placed.order_id, Progress.FAILED, None, datetime.now(UTC))
        await news._take_in(told)
        assert (await shop.order(placed.order_id)).status is OrderStatus.CANCELLED


class Asked(Couriers):
    """Tell that an order is delivered only when they are asked."""

    async def assign(self, order: Order) -> Assignment:
        assigned = await super().assign(order)
        delivered = order.order_id in self.finished
        return replace(assigned, progress=Progress.DELIVERED if delivered else None)


async def test_a_clock_that_is_put_back_holds_no_saga_up(database_url: str) -> None:
    world = World(1)
    world.couriers = Asked("couriers", world.stock.trouble)
    world.couriers.waits = True
    async with shop_of(database_url, world) as shop:
        placed = await shop.place(a_request())
        await shop.reaches(placed.order_id, Step.AWAIT_DELIVERY)
        world.couriers.finished.add(placed.order_id)
        saga, now = await shop.saga(placed.order_id), datetime.now(UTC)
        # As a clock has written it that was an hour fast.
        assert await shop.sagas.put_off(saga, now, now + timedelta(hours=1))
        assert (await shop.ends(placed.order_id, 10)).status is OrderStatus.DELIVERED


async def test_an_order_is_cancelled_by_a_clock_that_was_put_back(database_url: str) -> None:
    world = World(1)
    world.couriers.waits = True
    async with shop_of(database_url, world) as shop:
        placed = await shop.place(a_request())
        order = await shop.reaches(placed.order_id, Step.AWAIT_DELIVERY)
        early, event = order.advance(
            OrderStatus.CANCELLED, order.placed_at - timedelta(hours=1), None
        )
        assert await shop.store.save(early, event)
        assert early.updated_at == order.updated_at


class Mistrusting(Couriers):
    """Do not know the first credential any more."""

    mistrusts = True

    async def assign(self, order: Order) -> Assignment:
        if self.mistrusts:
            self.mistrusts = False
            raise_for("delivery", {"code": "unauthenticated", "detail": "Who are you?"}, 1.0)
        return await super().assign(order)


async def test_an_order_does_not_fail_for_a_credential_that_is_not_accepted(
    database_url: str,
) -> None:
    world = World(1)
    world.couriers = Mistrusting("couriers", world.stock.trouble)
    async with shop_of(database_url, world) as shop:
        placed = await shop.place(a_request())
        assert (await shop.ends(placed.order_id)).status is OrderStatus.DELIVERED


async def test_two_processes_even_of_one_name_change_nothing_twice(database_url: str) -> None:
    world = World(5, lost=0.3, refused=0.1)
    async with shop_of(database_url, world) as shop, shop_of(database_url, world):
        placed = [await shop.place(a_request()) for _ in range(16)]
        for one in placed[::4]:
            # It may be on its way already.
            with contextlib.suppress(StendError):
                await shop.orders.cancel_order(CancelOrder(one.order_id))
        balance(shop, [await shop.ends(one.order_id, 60) for one in placed])
