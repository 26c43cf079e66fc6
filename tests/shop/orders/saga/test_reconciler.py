"""The scheduled job on a real PostgreSQL: what it finds, what it forgives, what it tells."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import pytest

from stend.kit.errors import unavailable
from stend.runtime.system import RandomIds, SystemClock
from stend.shop.orders.domain import OrderStatus
from stend.shop.orders.reconciliation.ports import Page
from stend.shop.orders.reconciliation.requesting import Reconciliations
from stend.shop.orders.reconciliation.runs import ENDED, Report, Run, RunCause, RunState
from stend.shop.orders.reconciliation.sides import DeliverySide, PaymentSide
from stend.shop.orders.saga import Step
from stend.shop.orders.stores.reconciliations import Lead, PostgresRunStore
from stend.shop.orders.stores.sides import PostgresOrderBook
from stend.shop.orders.workers.reconciler import Reconciler
from stend.shop.orders.workers.reconciling import Books
from stend.shop.orders.workers.waking import Wake
from tests.fakes.desks import World
from tests.fakes.reconciliation import PaperBooks
from tests.shop.orders.examples import a_request
from tests.shop.orders.saga.conftest import Shop, shop_of
from tests.waiting import until_answered

_HOUR = timedelta(hours=1)


@dataclass(slots=True)
class Office:
    """The job, and who asks for its runs."""

    shop: Shop
    books: Books
    runs: PostgresRunStore
    requests: Reconciliations
    tasks: list["asyncio.Task[None]"]

    async def ended(self, run_id: str) -> Run:
        async def has_ended() -> bool:
            return (await self.requests.get_run(run_id)).state in ENDED

        await until_answered(has_ended, 20)
        return await self.requests.get_run(run_id)

    async def run(self) -> Run:
        return await self.ended((await self.requests.request_run()).run_id)


@asynccontextmanager
async def office(
    shop: Shop, paper: PaperBooks, url: str, processes: int = 1, every: timedelta = _HOUR
) -> AsyncIterator[Office]:
    books = Books(PostgresOrderBook(shop.store.engine), paper, paper, paper, paper)
    runs = PostgresRunStore(shop.store.engine)
    wakes = [Wake() for _ in range(processes)]
    tasks = [
        asyncio.create_task(
            Reconciler(books, runs, Lead(url), every, SystemClock(), RandomIds(), wake).run()
        )
        for wake in wakes
    ]

    def wake_all() -> None:
        for wake in wakes:
            wake.set()

    requests = Reconciliations(runs, SystemClock(), RandomIds(), wake_all)
    try:
        yield Office(shop, books, runs, requests, tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def what_agrees(shop: Shop, paper: PaperBooks | None = None) -> PaperBooks:
    """Books in which every service has what the orders say."""
    paper = paper or PaperBooks()
    for side in (await PostgresOrderBook(shop.store.engine).page(None, 10_000)).items:
        order_id, total = side.order_id, side.total.amount_minor
        if side.status is OrderStatus.DELIVERED:
            paper.pay(order_id, "captured", total)
            paper.keep(order_id, "committed", **side.goods)
            paper.bring(order_id, "delivered")
            paper.book(side.customer_id, order_id, total // 10_000, side.placed_at)
        else:
            paper.pay(
                order_id, "authorised" if side.saga.step is not Step.DONE else "voided", total
            )
            kept = "reserved" if side.saga.step is not Step.DONE else "released"
            paper.keep(order_id, kept, **side.goods)
            if side.saga.step is not Step.DONE:
                paper.bring(order_id, "assigned")
    return paper


async def delivered(shop: Shop) -> str:
    order = await shop.place(a_request())
    assert (await shop.ends(order.order_id)).status is OrderStatus.DELIVERED
    return order.order_id


def found(run: Run) -> list[tuple[str, str | None]]:
    assert run.report is not None
    return [(one.kind.value, one.order_id or one.subject) for one in run.report.findings]


async def test_what_agrees_is_clean_and_what_is_on_its_way_is_counted(database_url: str) -> None:
    async with shop_of(database_url, World(1)) as shop:
        await delivered(shop)
        shop.world.couriers.waits = True
        waiting = await shop.place(a_request())
        await shop.reaches(waiting.order_id, Step.AWAIT_DELIVERY)
        async with office(shop, await what_agrees(shop), database_url) as work:
            run = await work.run()
            assert (run.state, run.cause) == (RunState.CLEAN, RunCause.REQUEST)
            report = run.report
            assert report
            assert (report.compared, report.in_progress) == (report.orders - 1, 1)
            assert report.payments == report.reservations == report.deliveries == report.orders
            assert report.points_compared == report.compared
            assert {account.name for account in report.accounts} == {"cards", "holds", "merchant"}
            assert len(report.goods) > 1
            # Points are compared once; a minute is allowed for the end to be written down.
            listed = (await work.requests.list_runs(5))[0]
            assert listed.report
            assert (listed.run_id, listed.report.orders) == (run.run_id, report.orders)
            assert not listed.report.goods
        shop.world.couriers.deliver(waiting.order_id)
        await shop.ends(waiting.order_id)


async def test_whatever_differs_is_found_until_it_is_put_right(database_url: str) -> None:
    async with shop_of(database_url, World(2)) as shop:
        order_id, other = await delivered(shop), await delivered(shop)
        customer = (await shop.order(other)).customer_id
        paper = await what_agrees(shop)
        payment = paper.paid.pop(order_id)
        delivery = paper.brought.pop(other)
        paper.bring("another-strangers", "picked_up")
        paper.keep("a-strangers", "reserved", MILK_001=3)
        ledger = paper.ledger[customer]
        paper.ledger[customer] = [one for one in ledger if one.order_id != other]
        async with office(shop, paper, database_url) as work:
            expected = [
                ("delivery-missing", other),
                ("delivery-without-order", "another-strangers"),
                ("payment-missing", order_id),
                ("points-missing", other),
                ("reservation-without-order", "a-strangers"),
            ]
            for _ in range(2):
                run = await work.run()
                assert run.state is RunState.FINDINGS
                assert sorted(found(run)) == expected
            paper.paid[order_id] = payment
            del paper.kept["a-strangers"]
            paper.brought[other] = delivery
            del paper.brought["another-strangers"]
            paper.ledger[customer] = ledger
            assert (await work.run()).state is RunState.CLEAN


class ForgettingBooks(PaperBooks):
    """The couriers forget a delivery between the beginning of a run and its second look."""

    async def delivery(self, order_id: str) -> DeliverySide | None:
        self.forgotten = SystemClock().now()
        return await super().delivery(order_id)


async def test_a_delivery_that_was_forgotten_meanwhile_is_not_missed(database_url: str) -> None:
    async with shop_of(database_url, World(11)) as shop:
        order_id = await delivered(shop)
        paper = ForgettingBooks()
        await what_agrees(shop, paper)
        del paper.brought[order_id]
        async with office(shop, paper, database_url) as work:
            assert found(await work.run()) == []


class LateBooks(PaperBooks):
    """The bank's list comes from a replica that lags: the first look does not show a payment."""

    async def payments(self, after: str | None, limit: int) -> Page[PaymentSide]:
        page = await super().payments(after, limit)
        if self.questions > 1:
            return page
        return Page(page.items[:-1], page.next_after)


async def test_what_the_second_look_shows_is_no_finding(database_url: str) -> None:
    async with shop_of(database_url, World(3)) as shop:
        await delivered(shop)
        paper = LateBooks()
        await what_agrees(shop, paper)
        async with office(shop, paper, database_url) as work:
            assert found(await work.run()) == []
            assert paper.questions > 1


async def test_sums_that_differ_are_found_and_sums_that_move_are_not(database_url: str) -> None:
    async with shop_of(database_url, World(4)) as shop:
        paper = await what_agrees(shop)
        async with office(shop, paper, database_url) as work:
            paper.extra_reserved = {"MILK-001": 1}
            assert found(await work.run()) == [("goods-out-of-balance", "MILK-001")]
            paper.moves = 1
            assert found(await work.run()) == []
            paper.extra_money = 1
            assert found(await work.run()) == [
                ("books-out-of-balance", "total"),
                ("books-out-of-balance", "merchant"),
            ]


async def test_a_peer_that_is_away_makes_a_run_incomplete_and_never_clean(
    database_url: str,
) -> None:
    async with shop_of(database_url, World(5)) as shop:
        paper = await what_agrees(shop)
        paper.away = unavailable("payments", "a test cut the line")
        async with office(shop, paper, database_url) as work:
            run = await work.run()
            assert (run.state, run.report) == (RunState.INCOMPLETE, None)
            assert run.reason is not None
            assert "a test cut the line" in run.reason
            paper.away = None
            assert (await work.run()).state is RunState.CLEAN


async def test_one_process_runs_it_and_another_takes_over(database_url: str) -> None:
    async with shop_of(database_url, World(6)) as shop:
        runs = PostgresRunStore(shop.store.engine)
        clock = SystemClock()
        left = await runs.request("rec_" + RandomIds().ulid(), RunCause.REQUEST, clock.now())
        assert await runs.begin(clock.now())
        async with office(shop, await what_agrees(shop), database_url, processes=2) as work:
            # What a process left behind is not taken for a result.
            abandoned = await work.ended(left.run_id)
            assert (abandoned.state, abandoned.report) == (RunState.INCOMPLETE, None)
            assert (await work.run()).state is RunState.CLEAN
            leader = work.tasks[0]
            leader.cancel()
            await asyncio.wait({leader})
            assert (await work.run()).state is RunState.CLEAN


async def test_many_who_ask_at_once_get_one_run(database_url: str) -> None:
    async with shop_of(database_url, World(7)) as shop:
        runs = PostgresRunStore(shop.store.engine)
        requests = Reconciliations(runs, SystemClock(), RandomIds(), lambda: None)
        asked = await asyncio.gather(*(requests.request_run() for _ in range(20)))
        assert len({run.run_id for run in asked}) == 1
        run = await runs.begin(SystemClock().now())
        assert run is not None
        assert run.run_id == asked[0].run_id
        assert await runs.begin(SystemClock().now()) is None
        # Whoever asks while one runs wants to see what is changed by now.
        assert (await requests.request_run()).run_id != run.run_id
        await runs.end(run, RunState.CLEAN, SystemClock().now(), Report())


async def test_it_runs_by_the_clock(database_url: str) -> None:
    async with shop_of(database_url, World(8)) as shop:
        paper = await what_agrees(shop)
        async with office(shop, paper, database_url, every=timedelta(seconds=0.2)) as work:

            async def has_run_by_itself() -> bool:
                latest = await work.requests.list_runs(100)
                return any(
                    run.cause is RunCause.SCHEDULE and run.state is RunState.CLEAN for run in latest
                )

            await until_answered(has_run_by_itself, 20)


async def test_the_oldest_runs_are_forgotten(database_url: str) -> None:
    async with shop_of(database_url, World(9)) as shop:
        runs = PostgresRunStore(shop.store.engine, kept=3)
        ids, clock = RandomIds(), SystemClock()
        for _ in range(5):
            await runs.request("rec_" + ids.ulid(), RunCause.SCHEDULE, clock.now())
            run = await runs.begin(clock.now())
            assert run is not None
            await runs.end(run, RunState.CLEAN, clock.now(), Report())
        assert len(await runs.latest(1000)) == 3


@pytest.mark.parametrize("url", ["postgresql://nobody@127.0.0.1:1/lavka"])
async def test_a_database_that_is_away_is_waited_for(url: str, database_url: str) -> None:
    async with (
        shop_of(database_url, World(10)) as shop,
        office(shop, PaperBooks(), url) as work,
    ):
        done, _ = await asyncio.wait(work.tasks, timeout=0.7)
        assert not done
