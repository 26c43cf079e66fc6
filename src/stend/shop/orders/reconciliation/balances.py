"""Accounts and products as a whole: whether sums are what they should be. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from stend.kit.money import Money
from stend.shop.orders.reconciliation.sides import Finding, FindingKind


@dataclass(frozen=True, slots=True)
class Quantity:
    """One product in the stock."""

    sku: str
    on_hand: int
    reserved: int


@dataclass(frozen=True, slots=True)
class Account:
    """One account of the bank."""

    name: str
    balance: Money


# Whose balances follow from the statement.
HOLDS, MERCHANT = "holds", "merchant"


def compare_books(accounts: Sequence[Account]) -> tuple[Finding, ...]:
    """Double entry: whatever leaves an account arrives on another, so together they are nothing."""
    total = sum(account.balance.amount_minor for account in accounts)
    if total == 0:
        return ()
    return (_unbalanced("total", Money(0), Money(total)),)


def compare_statement(
    before: Sequence[Account], after: Sequence[Account], listed: Mapping[str, Money]
) -> tuple[Finding, ...]:
    """Whether balances are what the payments add up to.

    Args:
        before, after: read before and after the statement; an account that moved meanwhile can be
            compared with nothing.
        listed: the sums of the statement, by account.
    """
    unmoved = {one.name: one.balance for one in before if one in after}
    return tuple(
        _unbalanced(name, expected, unmoved[name])
        for name, expected in listed.items()
        if name in unmoved and unmoved[name] != expected
    )


def compare_quantities(
    before: Sequence[Quantity], after: Sequence[Quantity], listed: Mapping[str, int]
) -> tuple[Finding, ...]:
    """Whether as much is kept back of each product as reservations keep; see compare_statement."""
    return tuple(
        Finding(
            FindingKind.GOODS_OUT_OF_BALANCE,
            None,
            str(listed.get(one.sku, 0)),
            str(one.reserved),
            subject=one.sku,
        )
        for one in before
        if one in after and one.reserved != listed.get(one.sku, 0)
    )


def _unbalanced(name: str, expected: Money, actual: Money) -> Finding:
    return Finding(
        FindingKind.BOOKS_OUT_OF_BALANCE,
        None,
        str(expected.amount_minor),
        str(actual.amount_minor),
        subject=name,
        amount=expected,
        actual_amount=actual,
    )
