"""What the reconciliation reads: the lists of every service, page by page in the order of ids."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from stend.shop.orders.reconciliation.balances import Account, Quantity
from stend.shop.orders.reconciliation.runs import Report, Run, RunCause, RunState
from stend.shop.orders.reconciliation.sides import (
    DeliverySide,
    OrderSide,
    PaymentSide,
    ReservationSide,
)

ItemT_co = TypeVar("ItemT_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Page(Generic[ItemT_co]):
    """`next_after` is None on the last page."""

    items: tuple[ItemT_co, ...]
    next_after: str | None


@dataclass(frozen=True, slots=True)
class PointsEntry:
    """One line of a customer's ledger of points; `version` numbers them from 1."""

    version: int
    order_id: str
    is_accrual: bool
    points: int
    occurred_at: datetime


class OrderBook(Protocol):
    """The orders themselves. Raises StendError UNAVAILABLE."""

    async def page(self, after: str | None, limit: int) -> Page[OrderSide]: ...

    async def some(self, order_ids: Sequence[str]) -> Mapping[str, OrderSide]:
        """Unknown ones are absent."""
        ...

    async def skus(self) -> Sequence[str]:
        """Of the price list."""
        ...


class StockBook(Protocol):
    """The service `stock`. Every method of this and the next three raises what a desk raises."""

    async def reservations(self, after: str | None, limit: int) -> Page[ReservationSide]: ...

    async def quantities(self, skus: Sequence[str]) -> Sequence[Quantity]: ...


class BankBook(Protocol):
    """The service `payments`."""

    async def payments(self, after: str | None, limit: int) -> Page[PaymentSide]: ...

    async def accounts(self) -> Sequence[Account]: ...


class CourierBook(Protocol):
    """The service `delivery`."""

    async def deliveries(self, after: str | None, limit: int) -> Page[DeliverySide]: ...

    async def delivery(self, order_id: str) -> DeliverySide | None:
        """None also under a name that no order can have."""
        ...

    async def forgotten_until(self) -> datetime | None:
        """Deliveries that ended until then may be missing from the list; None: none is."""
        ...


class PointsBook(Protocol):
    """The service `loyalty`."""

    async def entries(self, customer_id: str) -> int:
        """How many there are in the ledger of a customer."""
        ...

    async def history(self, customer_id: str, after: int, limit: int) -> Sequence[PointsEntry]: ...


class RunStore(Protocol):
    """The runs. Every method raises StendError UNAVAILABLE."""

    async def request(self, run_id: str, cause: RunCause, now: datetime) -> Run:
        """A run that waits to be begun: the one that waits already, if one does."""
        ...

    async def latest(self, limit: int) -> Sequence[Run]:
        """Newest first. Their reports tell numbers, and list nothing."""
        ...

    async def find(self, run_id: str) -> Run | None: ...

    async def begin(self, now: datetime) -> Run | None:
        """The run that waits, running from now on; None where none waits."""
        ...

    async def end(self, run: Run, state: RunState, now: datetime, outcome: Report | str) -> None:
        """`outcome`: the report, or why there is none. The oldest runs are forgotten."""
        ...

    async def abandon(self, now: datetime) -> None:
        """What still seems to run was left by a process that ended: it is incomplete."""
        ...

    async def last_begun(self) -> Run | None: ...

    async def last_complete(self) -> Run | None:
        """With its whole report."""
        ...
