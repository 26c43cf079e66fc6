"""Money is an integer of minor units."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stend.kit.money import Currency, Money

amounts = st.integers(-(2**63), 2**63 - 1)


@given(first=amounts, second=amounts)
def test_sums_are_exact(first: int, second: int) -> None:
    assert (Money(first) + Money(second)).amount_minor == first + second


@given(amount=amounts, times=st.integers(0, 99))
def test_a_product_is_a_repeated_sum(amount: int, times: int) -> None:
    total = Money(0)
    for _ in range(times):
        total += Money(amount)
    assert Money(amount) * times == total


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (0, "0.00 RUB"),
        (5, "0.05 RUB"),
        (8990, "89.90 RUB"),
        (-5, "-0.05 RUB"),
        (-100_005, "-1000.05 RUB"),
    ],
)
def test_money_reads_as_a_person_writes_it(amount: int, text: str) -> None:
    assert str(Money(amount, Currency.RUB)) == text


def test_money_of_another_currency_is_not_added() -> None:
    # Only one currency exists yet, so the other one has to be made up.
    strange = Money(1, "XTS")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="convert first"):
        _ = Money(1) + strange
