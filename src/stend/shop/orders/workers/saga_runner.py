"""Runs the sagas: takes up what is due, asks the other services, writes down what came of it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from stend.chassis.metrics import ORDER_TO_DOOR_SECONDS, ORDER_VALUE, SAGA_SECONDS, SAGA_STEPS
from stend.chassis.tracing.recording import begin, current, entered, fail, resumed
from stend.chassis.tracing.spans import Span
from stend.kit.chance import Chance
from stend.kit.clock import Clock
from stend.kit.errors import StendError
from stend.shop.orders.domain import Order, OrderStatus
from stend.shop.orders.ports import (
    GOODS_HANDED_OVER,
    Assignment,
    Bank,
    CourierDesk,
    OrderStore,
    PeerRefusal,
    PointsDesk,
    StockDesk,
)
from stend.shop.orders.saga import (
    COMPENSATIONS,
    FORWARD,
    SETTLEMENT,
    Saga,
    Step,
    backoff,
    turned_back,
    undone,
)
from stend.shop.orders.stores.sagas import Change, SagaStore
from stend.shop.orders.workers.config import RunnerLimits
from stend.shop.orders.workers.progressing import picking_in, progressed
from stend.shop.orders.workers.waking import Wake

_log = logging.getLogger("stend.orders.saga")
_LOOK_EVERY_S = 1.0
_RETRY_S = 0.5
# Time that nobody tried in, such as a night when the stand was off, is no reason to give up.
_LEAST_ATTEMPTS = 5
# A reason is shown to the customer, and the contract bounds it.
_LONGEST_REASON = 280
# News of a courier come by themselves; this long after the last of them his service is asked again
# whether it knows of the order at all.
_NEWS_OVERDUE = timedelta(seconds=30)
_NO_COURIER = "no-courier-available"


@dataclass(frozen=True, slots=True)
class Desks:
    """The services that take part."""

    stock: StockDesk
    bank: Bank
    points: PointsDesk
    couriers: CourierDesk


class SagaRunner:
    def __init__(
        self,
        orders: OrderStore,
        sagas: SagaStore,
        desks: Desks,
        limits: RunnerLimits,
        clock: Clock,
        chance: Chance,
        wake: Wake,
    ) -> None:
        self._orders = orders
        self._sagas = sagas
        self._limits = limits
        self._clock = clock
        self._chance = chance
        self._wake = wake
        self._working: dict[str, asyncio.Task[None]] = {}
        self._acts = _acts(desks)

    async def run(self) -> None:
        """Until cancelled; what was begun is ended where it stands, and taken up later."""
        try:
            await self._take_over()
            while True:
                self._wake.clear()
                try:
                    due_in_s = await self._take_up()
                except StendError as error:
                    _log.warning("sagas wait: %s", error.detail)
                    due_in_s = _RETRY_S
                await self._wake.wait(due_in_s)
        finally:
            for task in self._working.values():
                task.cancel()
            await asyncio.gather(*self._working.values(), return_exceptions=True)

    async def _take_over(self) -> None:
        while True:
            try:
                await self._sagas.let_go(self._clock.now())
            except StendError as error:
                _log.warning("sagas wait: %s", error.detail)
                await asyncio.sleep(_RETRY_S)
            else:
                return

    async def _take_up(self) -> float:
        """Begins what is due; returns for how many seconds nothing will be."""
        free = self._limits.at_once - len(self._working)
        if free <= 0:
            # Whoever ends wakes the loop.
            return _LOOK_EVERY_S
        taken = await self._sagas.take(self._clock.now(), free, list(self._working))
        for saga in taken:
            self._working[saga.order_id] = asyncio.create_task(self._work(saga))
        if len(taken) == free:
            return _LOOK_EVERY_S
        due = await self._sagas.next_due()
        if due is None:
            return _LOOK_EVERY_S
        return min(max((due - self._clock.now()).total_seconds(), 0.0), _LOOK_EVERY_S)

    async def _work(self, saga: Saga) -> None:
        # Whatever is done for the order belongs to the trace that placed it, also after a crash.
        with resumed("orders", saga.trace_context):
            await self._work_on(saga)

    async def _work_on(self, saga: Saga) -> None:
        order_id = saga.order_id
        try:
            while await self._step(saga):
                found = await self._sagas.find(order_id)
                if found is None or found.step is Step.DONE:
                    break
                saga = found
        except StendError as error:
            # The database is away. The saga is held for a while and then taken up again.
            _log.warning("the saga of %s waits: %s", order_id, error.detail)
        except Exception:  # noqa: BLE001 - one bad saga must not end the others
            _log.exception("the saga of %s is interrupted", order_id)
        finally:
            del self._working[order_id]
            self._wake.set()

    async def _step(self, saga: Saga) -> bool:
        span = begin(f"saga {saga.step}")
        if span is not None:
            _describe(span, saga)
        with entered(span):
            return await self._advance(saga)

    async def _advance(self, saga: Saga) -> bool:
        """Does one step. Returns whether to go on at once."""
        order = await self._orders.get(saga.order_id)
        if order is None:
            raise LookupError(f"a saga without its order: {saga.order_id}")
        now = self._clock.now()
        over = order.status in {OrderStatus.CANCELLED, OrderStatus.FAILED}
        if over and saga.step not in COMPENSATIONS:
            await self._sagas.move(saga, turned_back(saga, now), now)
            return True
        try:
            outcome = await self._acts[saga.step](order)
        except PeerRefusal as refusal:
            SAGA_STEPS.labels(saga.step, "refused").inc()
            fail(current(), refusal)
            return await self._refused(saga, order, refusal)
        except StendError as error:
            SAGA_STEPS.labels(saga.step, "failed").inc()
            fail(current(), error)
            return await self._failed(saga, order, error.code, error.detail)
        SAGA_STEPS.labels(saga.step, "done").inc()
        return await self._succeeded(saga, order, outcome)

    async def _succeeded(self, saga: Saga, order: Order, assigned: Assignment | None) -> bool:
        now = self._clock.now()
        changes: list[Change] = []
        if saga.step is Step.AWAIT_DELIVERY:
            return await self._asked_after(saga, order, assigned, now)
        if saga.step in COMPENSATIONS:
            after = undone(saga, now)
        elif saga.step in SETTLEMENT:
            after = saga.at(SETTLEMENT[saga.step], now)
        else:
            advance = FORWARD[saga.step]
            after = saga.at(advance.step, now)
            if advance.status:
                more = picking_in(assigned.store_id) if assigned else {}
                changes = [Change(*order.advance(advance.status, now), more)]
        due_at = {Step.AWAIT_DELIVERY: now + _NEWS_OVERDUE, Step.DONE: now}.get(after.step)
        if not await self._sagas.move(saga, after, now, *changes, due_at=due_at):
            # Whoever changed the order meanwhile is seen when it is read again.
            return True
        if after.step is Step.DONE:
            _count(order, now - saga.started_at)
        return due_at is None

    async def _asked_after(
        self, saga: Saga, order: Order, assigned: Assignment | None, now: datetime
    ) -> bool:
        """The news of a courier are overdue; his service has told how far he is."""
        move = None
        if assigned and assigned.progress:
            move = progressed(saga, order, assigned.progress, assigned.store_id, now)
        if move is None or move.after.step is Step.AWAIT_DELIVERY:
            return not await self._sagas.put_off(saga, now, now + _NEWS_OVERDUE)
        await self._sagas.move(saga, move.after, now, *move.changes)
        return True

    async def _refused(self, saga: Saga, order: Order, refusal: PeerRefusal) -> bool:
        if refusal.code == _NO_COURIER:
            return await self._failed(saga, order, refusal.code, refusal.detail)
        now = self._clock.now()
        if saga.step is Step.CANCEL_DELIVERY and refusal.code == GOODS_HANDED_OVER:
            gone = replace(saga, handed_over=True)
            await self._sagas.move(saga, undone(gone, now), now)
            return True
        if saga.step in COMPENSATIONS or saga.step in SETTLEMENT:
            # Nobody may refuse these; a person has to look, and the reconciliation shows it.
            _log.error("%s of %s is refused: %s", saga.step, saga.order_id, refusal.detail)
            return await self._later(saga)
        return await self._give_up(saga, order, refusal.code, refusal.detail)

    async def _failed(self, saga: Saga, order: Order, code: str, detail: str) -> bool:
        waited = self._clock.now() - saga.step_since
        must_end = saga.step in COMPENSATIONS or saga.step in SETTLEMENT
        is_early = waited < self._limits.patience or saga.attempts < _LEAST_ATTEMPTS
        if must_end or saga.step is Step.AWAIT_DELIVERY or is_early:
            _log.info("%s of %s is tried again: %s", saga.step, saga.order_id, detail)
            return await self._later(saga)
        return await self._give_up(saga, order, code, detail)

    async def _later(self, saga: Saga) -> bool:
        tried = replace(saga, attempts=saga.attempts + 1)
        now = self._clock.now()
        wait = backoff(tried.attempts, self._chance.random())
        return not await self._sagas.put_off(tried, now, now + wait)

    async def _give_up(self, saga: Saga, order: Order, code: str, detail: str) -> bool:
        now = self._clock.now()
        # Some who read a reason want it on one line.
        reason = " ".join(f"{code}: {detail}".split())[:_LONGEST_REASON]
        failed = Change(*order.advance(OrderStatus.FAILED, now, reason))
        await self._sagas.move(saga, turned_back(saga, now), now, failed)
        return True


def _count(order: Order, lasted: timedelta) -> None:
    """The figures of a saga that has ended."""
    SAGA_SECONDS.labels(order.status).observe(lasted.total_seconds())
    total = order.total
    ORDER_VALUE.labels(order.status, total.currency).inc(total.amount_minor)
    if order.status is OrderStatus.DELIVERED:
        # Nothing follows a delivery: the last change of the order is the courier at the door.
        ORDER_TO_DOOR_SECONDS.observe((order.updated_at - order.placed_at).total_seconds())


def _describe(span: Span, saga: Saga) -> None:
    attributes = span.attributes
    attributes["saga.step"] = saga.step.value
    attributes["order.id"] = saga.order_id
    if saga.attempts:
        attributes["retry.attempt"] = saga.attempts
    if saga.step in COMPENSATIONS:
        attributes["saga.compensation"] = True


def _acts(desks: Desks) -> Mapping[Step, Callable[[Order], Awaitable[Assignment | None]]]:
    return {
        Step.RESERVE_STOCK: desks.stock.reserve,
        Step.AUTHORISE_PAYMENT: desks.bank.authorise,
        Step.ACCRUE_POINTS: desks.points.accrue,
        Step.ASSIGN_COURIER: desks.couriers.assign,
        # A service that has lost the assignment gets it again; for any other it is a repetition.
        Step.AWAIT_DELIVERY: desks.couriers.assign,
        Step.COMMIT_STOCK: desks.stock.commit,
        Step.CAPTURE_PAYMENT: desks.bank.capture,
        Step.CANCEL_DELIVERY: desks.couriers.cancel,
        Step.REVERSE_POINTS: desks.points.reverse,
        Step.VOID_PAYMENT: desks.bank.void,
        Step.RELEASE_STOCK: desks.stock.release,
        Step.WRITE_OFF_STOCK: desks.stock.commit,
    }
