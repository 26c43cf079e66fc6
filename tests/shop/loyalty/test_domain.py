"""Points, levels, and what a ledger takes and refuses."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stend.kit.errors import StendError
from stend.kit.money import Money
from stend.shop.loyalty.domain import (
    LEVELS,
    MAX_AMOUNT,
    Account,
    Entry,
    EntryKind,
    Level,
    LoyaltyErrorCode,
    accrue,
    after,
    points_for,
    reverse,
)
from tests.fakes.orders import MORNING

ANNA = Account("cus_anna")
PAID = Money(1_000_00)


def accrued(account: Account = ANNA) -> Entry:
    entry = accrue(account, [], "ord_1", PAID, MORNING)
    assert entry is not None
    return entry


@pytest.mark.parametrize(
    ("amount_minor", "level", "points"),
    [
        (1, Level.BRONZE, 0),
        (99_99, Level.BRONZE, 0),
        (100_00, Level.BRONZE, 1),
        (199_99, Level.GOLD, 2),
        (239_70, Level.BRONZE, 2),
        (300_00, Level.SILVER, 4),
        (400_00, Level.SILVER, 6),
        (1_000_00, Level.GOLD, 20),
        (MAX_AMOUNT.amount_minor, Level.GOLD, 2_000_000),
    ],
)
def test_a_point_is_worth_100_roubles_times_the_level(
    amount_minor: int, level: Level, points: int
) -> None:
    assert points_for(Money(amount_minor), level) == points


@pytest.mark.parametrize(
    ("points", "level"),
    [
        (0, Level.BRONZE),
        (499, Level.BRONZE),
        (500, Level.SILVER),
        (1999, Level.SILVER),
        (2000, Level.GOLD),
        (10**9, Level.GOLD),
    ],
)
def test_levels_begin_with_their_number_of_points(points: int, level: Level) -> None:
    assert Account("cus_anna", points).level is level


def test_levels_stand_from_the_highest_to_the_lowest_and_each_once() -> None:
    assert [rule.level for rule in LEVELS] == list(Level)[::-1]
    bounds = [rule.earned_from for rule in LEVELS]
    assert bounds == sorted(bounds, reverse=True)
    assert bounds[-1] == 0


def test_an_accrual_is_the_next_entry_counted_by_the_level_before_it() -> None:
    account = Account("cus_anna", 499, 7)
    entry = accrued(account)
    assert entry == Entry(
        customer_id="cus_anna",
        version=8,
        operation_id="ord_1",
        kind=EntryKind.ACCRUAL,
        points=10,
        balance=509,
        level=Level.BRONZE,
        occurred_at=MORNING,
        amount=Money(1_000_00),
    )
    assert after(account, entry) == Account("cus_anna", 509, 8)
    assert after(account, entry).level is Level.SILVER


def test_an_accrual_that_is_booked_is_not_booked_again() -> None:
    entry = accrued()
    assert accrue(after(ANNA, entry), [entry], "ord_1", Money(1_000_00), MORNING) is None


def test_an_accrual_that_was_taken_back_is_still_booked() -> None:
    entry = accrued()
    back = reverse(after(ANNA, entry), [entry], "ord_1", MORNING)
    assert back is not None
    present = after(after(ANNA, entry), back)
    assert accrue(present, [entry, back], "ord_1", Money(1_000_00), MORNING) is None
    assert reverse(present, [entry, back], "ord_1", MORNING) is None


def test_a_reversal_takes_back_what_was_given_whatever_the_level_is_by_now() -> None:
    entry = accrued()
    rich = Account("cus_anna", 5000, 9)
    back = reverse(rich, [entry], "ord_1", MORNING + timedelta(days=1))
    assert back is not None
    assert (back.points, back.balance, back.kind) == (-10, 4990, EntryKind.REVERSAL)
    assert back.amount is None


def test_a_reversal_of_nothing_is_worth_nothing_and_bars_the_accrual() -> None:
    back = reverse(ANNA, [], "ord_1", MORNING)
    assert back is not None
    assert (back.points, back.balance, back.version) == (0, 0, 1)
    with pytest.raises(StendError) as refused:
        accrue(after(ANNA, back), [back], "ord_1", Money(1_000_00), MORNING)
    assert refused.value.code is LoyaltyErrorCode.OPERATION_REVERSED


def test_one_operation_is_not_two_amounts() -> None:
    entry = accrued()
    with pytest.raises(StendError, match="another request") as refused:
        accrue(after(ANNA, entry), [entry], "ord_1", Money(1_000_01), MORNING)
    assert refused.value.code is LoyaltyErrorCode.OPERATION_REUSED
    assert "an accrual for 1000.00 RUB" in refused.value.detail


def test_one_operation_is_not_two_customers() -> None:
    entry, boris = accrued(), Account("cus_boris")
    with pytest.raises(StendError) as accruing:
        accrue(boris, [entry], "ord_1", Money(1_000_00), MORNING)
    with pytest.raises(StendError) as reversing:
        reverse(boris, [entry], "ord_1", MORNING)
    codes = {accruing.value.code, reversing.value.code}
    assert codes == {LoyaltyErrorCode.OPERATION_REUSED}
    assert "cus_anna" in reversing.value.detail


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["a", "b", "c"]), st.booleans(), st.integers(1, MAX_AMOUNT.amount_minor)
        ),
        max_size=20,
    )
)
def test_the_balance_is_the_sum_of_the_ledger_and_never_negative(
    commands: list[tuple[str, bool, int]],
) -> None:
    account, ledger = ANNA, list[Entry]()
    for operation_id, accruing, amount_minor in commands:
        former = [entry for entry in ledger if entry.operation_id == operation_id]
        try:
            if accruing:
                entry = accrue(account, former, operation_id, Money(amount_minor), MORNING)
            else:
                entry = reverse(account, former, operation_id, MORNING)
        except StendError:
            continue
        if entry:
            ledger.append(entry)
            account = after(account, entry)
        assert account.points == sum(one.points for one in ledger) >= 0
        assert account.version == len(ledger)
