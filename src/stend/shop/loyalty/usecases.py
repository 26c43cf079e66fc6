"""The four operations of the service."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from stend.chassis.access import Caller, check_own
from stend.kit.clock import Clock
from stend.kit.money import Money
from stend.shop.loyalty.domain import Account, Entry, EntryKind, accrue, reverse
from stend.shop.loyalty.ports import Booked, PointsStore

PAGE_LIMIT_DEFAULT = 20
PAGE_LIMIT_MAX = 100


class Operation(StrEnum):
    ACCRUE = "Accrue"
    REVERSE = "Reverse"
    GET_BALANCE = "GetBalance"
    LIST_HISTORY = "ListHistory"


@dataclass(frozen=True, slots=True)
class Accrue:
    customer_id: str
    operation_id: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Reverse:
    customer_id: str
    operation_id: str


@dataclass(frozen=True, slots=True)
class GetBalance:
    customer_id: str


@dataclass(frozen=True, slots=True)
class ListHistory:
    """`after_version`: the last entry the caller has already seen; 0 asks from the first."""

    customer_id: str
    after_version: int = 0
    limit: int = PAGE_LIMIT_DEFAULT


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """`next_after` is None on the last page."""

    entries: tuple[Entry, ...]
    next_after: int | None


class Loyalty:
    """The application: every method is one operation, atomic and safe to repeat.

    Args:
        owner: the customer whose points alone may be asked for; None for everybody's.
    """

    def __init__(self, store: PointsStore, clock: Clock, owner: str | None = None) -> None:
        self._store = store
        self._clock = clock
        self._owner = owner

    def on_behalf_of(self, caller: Caller) -> "Loyalty":
        """The same operations; each raises FORBIDDEN where a customer names another."""
        owner = caller.customer_id
        return self if owner is None else Loyalty(self._store, self._clock, owner)

    async def accrue(self, request: Accrue) -> Booked:
        """Accrues points once per operation id.

        Raises:
            StendError: OPERATION_REUSED, OPERATION_REVERSED.
        """
        check_own(self._owner, request.customer_id)
        now = self._clock.now()
        return await self._store.book(
            request.customer_id,
            request.operation_id,
            EntryKind.ACCRUAL,
            lambda account, former: accrue(
                account, former, request.operation_id, request.amount, now
            ),
        )

    async def reverse(self, request: Reverse) -> Booked:
        """Takes the points of one operation back, and bars it when it has not come yet.

        Raises:
            StendError: OPERATION_REUSED.
        """
        check_own(self._owner, request.customer_id)
        now = self._clock.now()
        return await self._store.book(
            request.customer_id,
            request.operation_id,
            EntryKind.REVERSAL,
            lambda account, former: reverse(account, former, request.operation_id, now),
        )

    async def get_balance(self, request: GetBalance) -> Account:
        """Who has no entries yet has no points: customers are not this service's to know."""
        check_own(self._owner, request.customer_id)
        return await self._store.account(request.customer_id) or Account(request.customer_id)

    async def list_history(self, request: ListHistory) -> HistoryPage:
        """Oldest first."""
        check_own(self._owner, request.customer_id)
        # One row more than asked for tells whether there is a next page.
        rows = await self._store.ledger(
            request.customer_id, request.after_version, request.limit + 1
        )
        page = tuple(rows[: request.limit])
        more = len(rows) > request.limit
        return HistoryPage(page, page[-1].version if more else None)


# As a protocol gets it: there is no way to the operations without saying who calls.
LoyaltyOf: TypeAlias = Callable[[Caller], Loyalty]
