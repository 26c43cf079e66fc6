"""Points, levels and the ledger that both follow from. No protocol, no database, no clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from stend.kit.errors import StendError
from stend.kit.money import Money

CUSTOMER_ID_PATTERN = "^cus_[0-9A-Za-z]{1,32}$"
OPERATION_ID_PATTERN = "^[A-Za-z0-9_-]{1,64}$"
# A thousand carts of the shop at their largest; more is a mistake of the caller.
MAX_AMOUNT = Money(100_000_000_00)
# One point for every whole 100 roubles.
POINT_COSTS = Money(100_00)


class Level(StrEnum):
    BRONZE = "bronze"
    SILVER = "silver"
    GOLD = "gold"


@dataclass(frozen=True, slots=True)
class LevelRule:
    """
    Attributes:
        earned_from: points earned so far that the level begins with.
        percent: what a point of bronze becomes, in hundredths: no rounding hides in a float.
    """

    level: Level
    earned_from: int
    percent: int


# From the highest to the lowest.
LEVELS = (
    LevelRule(Level.GOLD, 2000, 200),
    LevelRule(Level.SILVER, 500, 150),
    LevelRule(Level.BRONZE, 0, 100),
)


class EntryKind(StrEnum):
    ACCRUAL = "accrual"
    REVERSAL = "reversal"


class LoyaltyErrorCode(StrEnum):
    OPERATION_REVERSED = "operation-reversed"
    OPERATION_REUSED = "operation-reused"


@dataclass(frozen=True, slots=True)
class Account:
    """
    Attributes:
        points: the balance, the sum of all entries.
        version: number of entries of the ledger so far.
    """

    customer_id: str
    points: int = 0
    version: int = 0

    @property
    def level(self) -> Level:
        return _rule_of(self.points).level


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the ledger, never changed and never removed.

    Attributes:
        version: numbers the entries of one customer from 1.
        operation_id: what the points are for; an order has the order's id.
        points: what the balance grew by: negative for a reversal, 0 for one of something that
            never happened.
        balance: after this entry.
        level: of the customer when the entry was written, which its points were counted by.
        amount: what was paid; None for a reversal.
    """

    customer_id: str
    version: int
    operation_id: str
    kind: EntryKind
    points: int
    balance: int
    level: Level
    occurred_at: datetime
    amount: Money | None = None


def points_for(amount: Money, level: Level) -> int:
    """Whole points for whole hundreds of roubles, times the level, rounded down."""
    hundreds = amount.amount_minor // POINT_COSTS.amount_minor
    percent = next(rule.percent for rule in LEVELS if rule.level is level)
    return hundreds * percent // 100


def accrue(
    account: Account, former: Sequence[Entry], operation_id: str, amount: Money, now: datetime
) -> Entry | None:
    """The entry that an accrual adds to the ledger.

    Args:
        former: the entries that this operation has already made.

    Returns:
        None when the accrual stands in the ledger already.

    Raises:
        StendError: OPERATION_REUSED, OPERATION_REVERSED.
    """
    _check_customer(account, former, operation_id)
    accrual = _of_kind(former, EntryKind.ACCRUAL)
    if accrual:
        if accrual.amount != amount:
            raise _reused(operation_id, f"an accrual for {accrual.amount}")
        return None
    if former:
        raise _reversed(operation_id)
    points = points_for(amount, account.level)
    return _entry(account, operation_id, EntryKind.ACCRUAL, points, now, amount)


def reverse(
    account: Account, former: Sequence[Entry], operation_id: str, now: datetime
) -> Entry | None:
    """The entry that takes an accrual back. Without an accrual it is worth 0 and bars a later one.

    Args:
        former: the entries that this operation has already made.

    Returns:
        None when the reversal stands in the ledger already.

    Raises:
        StendError: OPERATION_REUSED.
    """
    _check_customer(account, former, operation_id)
    if _of_kind(former, EntryKind.REVERSAL):
        return None
    accrual = _of_kind(former, EntryKind.ACCRUAL)
    points = -accrual.points if accrual else 0
    return _entry(account, operation_id, EntryKind.REVERSAL, points, now, None)


def after(account: Account, entry: Entry) -> Account:
    """The account with one more entry."""
    return Account(account.customer_id, entry.balance, entry.version)


def _rule_of(earned: int) -> LevelRule:
    return next((rule for rule in LEVELS if earned >= rule.earned_from), LEVELS[-1])


def _of_kind(entries: Sequence[Entry], kind: EntryKind) -> Entry | None:
    return next((entry for entry in entries if entry.kind is kind), None)


def _entry(
    account: Account,
    operation_id: str,
    kind: EntryKind,
    points: int,
    now: datetime,
    amount: Money | None,
) -> Entry:
    return Entry(
        customer_id=account.customer_id,
        version=account.version + 1,
        operation_id=operation_id,
        kind=kind,
        points=points,
        balance=account.points + points,
        level=account.level,
        occurred_at=now,
        amount=amount,
    )


def _check_customer(account: Account, former: Sequence[Entry], operation_id: str) -> None:
    for entry in former:
        if entry.customer_id != account.customer_id:
            raise _reused(operation_id, f"the points of {entry.customer_id}")


def _reused(operation_id: str, first: str) -> StendError:
    return StendError(
        LoyaltyErrorCode.OPERATION_REUSED,
        "This operation id came before with another request.",
        value=operation_id,
        expected=f"the same request as the first time, {first}",
        next_step="Use one id per operation; repeat it only to repeat the same request.",
    )


def _reversed(operation_id: str) -> StendError:
    return StendError(
        LoyaltyErrorCode.OPERATION_REVERSED,
        "This operation was reversed before it accrued anything.",
        value=operation_id,
        expected="an operation that nobody has reversed",
        next_step="Nothing is to be done: the reversal came first and stands.",
    )
