"""What the use cases need from the outside, as protocols."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from stend.shop.loyalty.domain import Account, Entry, EntryKind


@dataclass(frozen=True, slots=True)
class Booked:
    """`replayed` tells that the entry had been written before."""

    entry: Entry
    replayed: bool


# From the account and the operation's former entries to the entry to write; None when it stands
# already.
Decide = Callable[[Account, Sequence[Entry]], Entry | None]


class PointsStore(Protocol):
    """Accounts and their ledger.

    Every method raises StendError UNAVAILABLE when the database cannot be reached.
    """

    async def book(
        self, customer_id: str, operation_id: str, kind: EntryKind, decide: Decide
    ) -> Booked:
        """Decides and writes in one transaction, one at a time for each customer.

        Raises:
            StendError: whatever `decide` raises, with nothing written.
        """
        ...

    async def account(self, customer_id: str) -> Account | None: ...

    async def ledger(self, customer_id: str, after_version: int, limit: int) -> Sequence[Entry]:
        """Entries of one customer in order of version."""
        ...
