"""The reconciliation without its surroundings: runs in memory, and the books of all services."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar

from stend.kit.errors import StendError
from stend.kit.money import Money
from stend.shop.orders.reconciliation.balances import Account, Quantity
from stend.shop.orders.reconciliation.ports import Page, PointsEntry
from stend.shop.orders.reconciliation.requesting import Reconciliations
from stend.shop.orders.reconciliation.runs import ENDED, Report, Run, RunCause, RunState
from stend.shop.orders.reconciliation.sides import (
    DeliverySide,
    DeliveryState,
    PaymentSide,
    PaymentState,
    ReservationSide,
    ReservationState,
)
from tests.fakes.orders import CountingIds, HandClock


class MemoryRuns:
    def __init__(self) -> None:
        self.runs: dict[str, Run] = {}

    async def request(self, run_id: str, cause: RunCause, now: datetime) -> Run:
        waiting = [run for run in self.runs.values() if run.state is RunState.WAITING]
        return waiting[0] if waiting else self._keep(Run(run_id, cause, RunState.WAITING, now))

    async def latest(self, limit: int) -> Sequence[Run]:
        return sorted(self.runs.values(), key=lambda run: run.run_id, reverse=True)[:limit]

    async def find(self, run_id: str) -> Run | None:
        return self.runs.get(run_id)

    async def begin(self, now: datetime) -> Run | None:
        for run in self.runs.values():
            if run.state is RunState.WAITING:
                return self._keep(replace(run, state=RunState.RUNNING, started_at=now))
        return None

    async def end(self, run: Run, state: RunState, now: datetime, outcome: Report | str) -> None:
        report = outcome if isinstance(outcome, Report) else None
        reason = outcome if isinstance(outcome, str) else None
        self._keep(replace(run, state=state, ended_at=now, report=report, reason=reason))

    async def abandon(self, now: datetime) -> None:
        for run in list(self.runs.values()):
            if run.state is RunState.RUNNING:
                await self.end(run, RunState.INCOMPLETE, now, "left")

    async def last_begun(self) -> Run | None:
        begun = [run for run in self.runs.values() if run.started_at]
        return begun[-1] if begun else None

    async def last_complete(self) -> Run | None:
        complete = ENDED - {RunState.INCOMPLETE}
        return next((run for run in self.runs.values() if run.state in complete), None)

    def _keep(self, run: Run) -> Run:
        self.runs[run.run_id] = run
        return run


def memory_reconciliations() -> Reconciliations:
    return Reconciliations(MemoryRuns(), HandClock(), CountingIds(), lambda: None)


@dataclass(slots=True)
class PaperBooks:
    """What stock, bank, couriers and points have written down, for a test to forge.

    Attributes:
        forgotten: when the newest delivery ended that the couriers do not keep any more.
        moves: added to what is on hand with every look, as if somebody bought meanwhile.
        away: raised by the bank's next answers.
        questions: how many the bank was asked.
    """

    paid: dict[str, PaymentSide] = field(default_factory=dict)
    kept: dict[str, ReservationSide] = field(default_factory=dict)
    brought: dict[str, DeliverySide] = field(default_factory=dict)
    forgotten: datetime | None = None
    ledger: dict[str, list[PointsEntry]] = field(default_factory=dict)
    on_hand: dict[str, int] = field(default_factory=dict)
    extra_money: int = 0
    extra_reserved: Mapping[str, int] = field(default_factory=dict)
    moves: int = 0
    away: StendError | None = None
    questions: int = 0

    def pay(self, order_id: str, state: str, amount_minor: int, refunded_minor: int = 0) -> None:
        self.paid[order_id] = PaymentSide(
            order_id, PaymentState(state), Money(amount_minor), Money(refunded_minor)
        )

    def keep(self, order_id: str, state: str, **goods: int) -> None:
        named = {sku.replace("_", "-"): pieces for sku, pieces in goods.items()}
        self.kept[order_id] = ReservationSide(order_id, ReservationState(state), named)

    def bring(self, order_id: str, state: str) -> None:
        self.brought[order_id] = DeliverySide(order_id, DeliveryState(state))

    def book(self, customer_id: str, order_id: str, points: int, at: datetime) -> None:
        entries = self.ledger.setdefault(customer_id, [])
        entries.append(PointsEntry(len(entries) + 1, order_id, points >= 0, points, at))

    async def payments(self, after: str | None, limit: int) -> Page[PaymentSide]:
        self.questions += 1
        if self.away:
            raise self.away
        return _page(self.paid, after, limit)

    async def accounts(self) -> Sequence[Account]:
        held = sum(one.held.amount_minor for one in self.paid.values())
        kept = sum(one.kept.amount_minor for one in self.paid.values())
        return [
            Account("cards", Money(-held - kept)),
            Account("holds", Money(held)),
            Account("merchant", Money(kept + self.extra_money)),
        ]

    async def reservations(self, after: str | None, limit: int) -> Page[ReservationSide]:
        return _page(self.kept, after, limit)

    async def quantities(self, skus: Sequence[str]) -> Sequence[Quantity]:
        reserved = dict(self.extra_reserved)
        for one in self.kept.values():
            if one.state is ReservationState.RESERVED:
                for sku, pieces in one.goods.items():
                    reserved[sku] = reserved.get(sku, 0) + pieces
        for sku in skus:
            self.on_hand[sku] = self.on_hand.get(sku, 100) + self.moves
        return [Quantity(sku, self.on_hand[sku], reserved.get(sku, 0)) for sku in skus]

    async def deliveries(self, after: str | None, limit: int) -> Page[DeliverySide]:
        return _page(self.brought, after, limit)

    async def delivery(self, order_id: str) -> DeliverySide | None:
        return self.brought.get(order_id)

    async def forgotten_until(self) -> datetime | None:
        return self.forgotten

    async def entries(self, customer_id: str) -> int:
        return len(self.ledger.get(customer_id, []))

    async def history(self, customer_id: str, after: int, limit: int) -> Sequence[PointsEntry]:
        return self.ledger.get(customer_id, [])[after : after + limit]


_SideT = TypeVar("_SideT")


def _page(sides: Mapping[str, _SideT], after: str | None, limit: int) -> Page[_SideT]:
    ids = sorted(one for one in sides if after is None or one > after)
    shown = ids[:limit]
    return Page(tuple(sides[one] for one in shown), shown[-1] if len(ids) > limit else None)
