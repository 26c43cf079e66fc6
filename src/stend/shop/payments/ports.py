"""What the use cases need from outside: the books."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from stend.kit.money import Money
from stend.shop.payments.domain import Account, Payment, Step

Decide = Callable[[Payment | None], Step]


class Books(Protocol):
    """Payments and the ledger. Each method raises UNAVAILABLE when they cannot be reached."""

    async def change(self, payment_ref: str, decide: Decide) -> Payment:
        """Writes payment and batches in one transaction that excludes others of this reference.

        Args:
            decide: from the payment as it is (None: there is none) to what becomes of it. It may
                be called twice. What it raises is raised, and nothing is written.
        """
        ...

    async def get(self, payment_ref: str) -> Payment | None: ...

    async def list_page(self, after_ref: str | None, limit: int) -> Sequence[Payment]:
        """By reference, strictly after `after_ref`."""
        ...

    async def balances(self) -> Mapping[Account, Money]:
        """The sum of the entries of every account, all of one moment."""
        ...
