"""One run of the reconciliation: reads every list once, and looks twice at whatever differs."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from stend.kit.money import Money
from stend.shop.orders.reconciliation.balances import (
    HOLDS,
    MERCHANT,
    Account,
    Quantity,
    compare_books,
    compare_quantities,
    compare_statement,
)
from stend.shop.orders.reconciliation.comparing import compare, compare_points
from stend.shop.orders.reconciliation.ports import (
    BankBook,
    CourierBook,
    OrderBook,
    PointsBook,
    StockBook,
)
from stend.shop.orders.reconciliation.runs import MOST_LISTED, Report, Run
from stend.shop.orders.reconciliation.sides import (
    Finding,
    FindingKind,
    Horizon,
    OrderSide,
    ReservationState,
    Sides,
)
from stend.shop.orders.workers.points import points_of
from stend.shop.orders.workers.side_by_side import listed, listed_under, side_by_side

_POINTS_AT_ONCE = 200
# The end of a saga is written down a moment after the time that it tells.
_WRITTEN_WITHIN = timedelta(minutes=1)
_OF_POINTS = frozenset({FindingKind.POINTS_MISSING, FindingKind.POINTS_NOT_REVERSED})


@dataclass(frozen=True, slots=True)
class Books:
    """Everything that is compared."""

    orders: OrderBook
    stock: StockBook
    bank: BankBook
    couriers: CourierBook
    points: PointsBook


@dataclass(slots=True)
class _Sums:
    """What the lists add up to."""

    accounts: dict[str, Money] = field(
        default_factory=lambda: {HOLDS: Money(0), MERCHANT: Money(0)}
    )
    goods: dict[str, int] = field(default_factory=dict)

    def add(self, sides: Sides) -> None:
        if sides.payment:
            self.accounts[HOLDS] += sides.payment.held
            self.accounts[MERCHANT] += sides.payment.kept
        if sides.reservation and sides.reservation.state is ReservationState.RESERVED:
            for sku, pieces in sides.reservation.goods.items():
                self.goods[sku] = self.goods.get(sku, 0) + pieces


@dataclass(frozen=True, slots=True)
class _Levels:
    """Accounts and products at one moment."""

    accounts: Sequence[Account]
    goods: Sequence[Quantity]


@dataclass(slots=True)
class _Tally:
    """Counts, and the first findings. A loss that is known must not crowd out a problem."""

    orders: int = 0
    compared: int = 0
    payments: int = 0
    reservations: int = 0
    deliveries: int = 0
    points_compared: int = 0
    kinds: dict[FindingKind, int] = field(default_factory=dict)
    problems: list[Finding] = field(default_factory=list)
    losses: list[Finding] = field(default_factory=list)

    def find(self, finding: Finding) -> None:
        self.kinds[finding.kind] = self.kinds.get(finding.kind, 0) + 1
        kept = self.losses if finding.is_known_loss else self.problems
        if len(kept) < MOST_LISTED:
            kept.append(finding)

    def report(self, levels: _Levels) -> Report:
        return Report(
            orders=self.orders,
            compared=self.compared,
            in_progress=self.orders - self.compared,
            payments=self.payments,
            reservations=self.reservations,
            deliveries=self.deliveries,
            points_compared=self.points_compared,
            kinds=self.kinds,
            findings=tuple((*self.problems, *self.losses)[:MOST_LISTED]),
            accounts=tuple(levels.accounts),
            goods=tuple(levels.goods),
        )


class Reconciliation:
    """
    Args:
        last: the last complete run; points are compared from where it began, and again where it
            found something.
    """

    def __init__(self, books: Books, began_at: datetime, last: Run | None) -> None:
        self._books = books
        self._horizon = Horizon(began_at)
        report = last.report if last else None
        self._points_since = last.started_at - _WRITTEN_WITHIN if last and last.started_at else None
        self._points_again = {
            finding.order_id
            for finding in (report.findings if report else ())
            if finding.kind in _OF_POINTS
        }
        self._tally = _Tally()
        self._ended: list[OrderSide] = []

    async def report(self) -> Report:
        """
        Raises:
            StendError, PeerRefusal: a list could not be read to its end.
        """
        self._horizon = await self._horizon_now()
        before, sums, after = await self._read(in_full=True)
        await self._compare_points()
        doubts = _imbalances(before, sums, after)
        if doubts:
            # Money and goods move all the time; what is wrong stays wrong by as much.
            again = _imbalances(*await self._read(in_full=False))
            doubts = [finding for finding in doubts if finding in again]
        for finding in doubts:
            self._tally.find(finding)
        return self._tally.report(after)

    async def _read(self, *, in_full: bool) -> tuple[_Levels, _Sums, _Levels]:
        """All lists, and the levels before and after them; the second time for the sums only."""
        before, sums = await self._levels(), _Sums()
        orders = listed("orders", self._books.orders.page)
        payments = listed("payments", self._books.bank.payments)
        reservations = listed("stock", self._books.stock.reservations)
        deliveries = listed("delivery", self._books.couriers.deliveries)
        async for sides in side_by_side(orders, payments, reservations, deliveries):
            sums.add(sides)
            if in_full:
                await self._take(sides)
        return before, sums, await self._levels()

    async def _levels(self) -> _Levels:
        accounts = await self._books.bank.accounts()
        goods = await self._books.stock.quantities(await self._books.orders.skus())
        return _Levels(accounts, goods)

    async def _take(self, sides: Sides) -> None:
        tally = self._tally
        tally.payments += sides.payment is not None
        tally.reservations += sides.reservation is not None
        tally.deliveries += sides.delivery is not None
        if sides.order:
            tally.orders += 1
            if sides.order.had_ended(self._horizon.began_at):
                tally.compared += 1
                await self._note_points(sides.order)
        if compare(sides, self._horizon):
            second = await self._read_again(sides.order_id)
            # After the list was read again: what has been forgotten since then is missing in it.
            self._horizon = await self._horizon_now()
            for finding in compare(second, self._horizon):
                tally.find(finding)

    async def _read_again(self, order_id: str) -> Sides:
        books = self._books
        return Sides(
            order_id,
            (await books.orders.some([order_id])).get(order_id),
            await listed_under(order_id, books.bank.payments, "payments"),
            await listed_under(order_id, books.stock.reservations, "stock"),
            await books.couriers.delivery(order_id),
        )

    async def _horizon_now(self) -> Horizon:
        return Horizon(self._horizon.began_at, await self._books.couriers.forgotten_until())

    # ---- points --------------------------------------------------------------------------------

    async def _note_points(self, order: OrderSide) -> None:
        is_new = self._points_since is None or order.saga.step_since >= self._points_since
        if is_new or order.order_id in self._points_again:
            self._ended.append(order)
        if len(self._ended) >= _POINTS_AT_ONCE:
            await self._compare_points()

    async def _compare_points(self) -> None:
        ended, self._ended = self._ended, []
        suspects = []
        async for order, points in points_of(self._books.points, ended):
            self._tally.points_compared += 1
            if compare_points(order, points):
                suspects.append(order)
        async for order, points in points_of(self._books.points, suspects):
            for finding in compare_points(order, points):
                self._tally.find(finding)


def _imbalances(before: _Levels, sums: _Sums, after: _Levels) -> list[Finding]:
    return [
        *compare_books(after.accounts),
        *compare_statement(before.accounts, after.accounts, sums.accounts),
        *compare_quantities(before.goods, after.goods, sums.goods),
    ]
