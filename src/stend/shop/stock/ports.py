"""What the use cases need from outside: a store whose transactions keep command and effect."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from stend.kit.json import JsonObject
from stend.shop.stock.domain import Movement, Quantity, Reservation, Restock


@dataclass(frozen=True, slots=True)
class Envelope:
    """By what a command is known when it comes again.

    Attributes:
        fingerprint: SHA-256 of its type and body.
    """

    message_id: str
    fingerprint: bytes


@dataclass(frozen=True, slots=True)
class KeptReply:
    fingerprint: bytes
    reply: JsonObject


class StockTransaction(Protocol):
    """Everything here is committed together, or not at all."""

    async def claim(self, envelope: Envelope) -> KeptReply | None:
        """Takes the message id; waits for whoever has it in work.

        Returns:
            None when it is new; what stands under it when it was handled before.
        """
        ...

    async def keep_reply(self, message_id: str, reply: JsonObject) -> None: ...

    async def lock_reservation(self, reservation_id: str) -> Reservation | None:
        """Nobody else works on this id until the end of the transaction, even if it is new."""
        ...

    async def lock_quantities(self, skus: Sequence[str]) -> Mapping[str, Quantity]:
        """In the order of skus, so that two transactions never wait for each other."""
        ...

    async def add_reservation(self, reservation: Reservation) -> None: ...

    async def save_reservation(self, reservation: Reservation) -> None: ...

    async def move(self, movements: Sequence[Movement]) -> None:
        """Writes the ledger and changes the quantities by it."""
        ...

    async def add_restock(self, restock: Restock, now: datetime) -> Restock | None:
        """Returns None when written; what stands under the id when there is something."""
        ...


class StockStore(Protocol):
    """Every method raises StendError UNAVAILABLE when the database cannot be reached."""

    def transaction(self) -> AbstractAsyncContextManager[StockTransaction]: ...

    async def quantities(self, skus: Sequence[str]) -> Mapping[str, Quantity]:
        """Unknown ones are absent."""
        ...

    async def reservations(self, after: str | None, limit: int) -> Sequence[Reservation]:
        """In the order of ids, strictly after `after`."""
        ...
